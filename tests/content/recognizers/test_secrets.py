"""Keys and passwords, made when the tests run; and what only looks like them."""

import base64
import json
import random
import string
import time
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sidecar.content.recognizers import secrets

DRAW = random.Random(4)  # noqa: S311 - what is drawn opens nothing
LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def drawn(length: int, alphabet: str = LETTERS) -> str:
    return "".join(DRAW.choice(alphabet) for _ in range(length - 3)) + "a7Q"[: 3 if alphabet == LETTERS else 0]


def found(text: str) -> list[tuple[str, str]]:
    spans = {(s.start, s.end, s.entity) for s in secrets.find(text)}
    return [(entity, text[start:end]) for start, end, entity in sorted(spans)]


def hidden(text: str) -> set[int]:
    return {at for span in secrets.find(text) for at in range(span.start, span.end)}


def jwt() -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": "1"})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*coded, drawn(43)])


def private_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()


MARKED = {
    "AWS": "AKIA" + drawn(19, string.ascii_uppercase),
    "Google": "AIza" + drawn(35),
    "GitHub": "ghp_" + drawn(36),
    "GitHub, of today": "github_pat_" + drawn(22) + "_" + drawn(59),
    "GitLab": "glpat-" + drawn(20),
    "Slack": "xoxb-" + drawn(14, string.digits) + "-" + drawn(24),
    "Stripe": "sk_live_" + drawn(24),
    "OpenAI": "sk-proj-" + drawn(48),
    "Anthropic": "sk-ant-api03-" + drawn(80),
    "Hugging Face": "hf_" + drawn(34),
    "SendGrid": "SG." + drawn(22) + "." + drawn(43),
    "Mailchimp": drawn(35, HEX) + "-us7",
    "Twilio": "SK" + drawn(35, HEX),
    "Telegram": "123456789:AA" + drawn(33),
    "Telegram, of a URL": "bot123456789:AA" + drawn(33),
    "npm": "npm_" + drawn(36),
    "DigitalOcean": "dop_v1_" + drawn(67, HEX),
    "Shopify": "shpat_" + drawn(35, HEX),
    "Vault": "hvs." + drawn(24),
}


@pytest.mark.parametrize("issuer", MARKED)
@pytest.mark.parametrize("around", ["{}", "use {} now.", 'key = "{}"', "https://example.org/?k={}&x=1", "a\n{}\nb"])
def test_a_marked_key_is_found_wherever_it_stands(issuer: str, around: str) -> None:
    key = MARKED[issuer]
    text = around.format(key)
    start = text.index(key)

    assert set(range(start, start + len(key))) <= hidden(text)
    assert ("API_KEY", key) in found(text)


def test_tokens_and_private_keys_are_found_whole() -> None:
    token, key = jwt(), private_key()

    assert found(f"Authorization: Bearer {token}")[0][1] == token
    assert ("JWT", token) in found(f"it is {token}, keep it")
    assert found(f"here:\n{key}\nend") == [("PRIVATE_KEY", key)]
    assert found(key[: len(key) // 2]) == [("PRIVATE_KEY", key[: len(key) // 2])]


@pytest.mark.parametrize(
    "around",
    [
        pytest.param('password = "{}"', id="Python"),
        pytest.param("DB_PASSWORD={}", id="env"),
        pytest.param("export PGPASSWORD='{}'", id="shell"),
        pytest.param("  password: {}\n  port: 1", id="YAML"),
        pytest.param('{{"user": "a", "password": "{}"}}', id="JSON"),
        pytest.param('{{\\"passwd\\": \\"{}\\"}}', id="JSON in JSON"),
        pytest.param("<password>{}</password>", id="XML"),
        pytest.param("my password is {}.", id="prose"),
        pytest.param("Password: {}", id="a form"),
        pytest.param("const dbPassword = `{}`;", id="JavaScript"),
        pytest.param("user.setPassword := '{}'", id="another language"),
        pytest.param("mysql --password={} db", id="an option"),
        pytest.param("jdbc:x://h/db?user=a&password={}&ssl=true", id="JDBC"),
        pytest.param("Server=a;User Id=b;Password={};", id="ADO"),
    ],
)
@pytest.mark.parametrize("password", ["hunter2", "S3cr3t!pass", "Tr0ub4dor&3", "p@ssw0rd#x", "$Abc7!x9q"])
def test_a_password_is_found_by_its_name(around: str, password: str) -> None:
    text = around.format(password)
    start = text.rindex(password)

    assert set(range(start, start + len(password))) <= hidden(text)
    assert len(hidden(text)) <= len(password) + 3


@pytest.mark.parametrize(
    "around",
    [
        'api_key = "{}"',
        "SECRET_KEY={}",
        "token: {}",
        "x-api-key: {}",
        "Authorization: Bearer {}",
        "client_secret={}&a=b",
    ],
)
@pytest.mark.parametrize("length", [16, 32, 64])
def test_a_key_without_a_mark_is_found_by_its_name(around: str, length: int) -> None:
    key = drawn(length)
    text = around.format(key)
    start = text.index(key)

    assert set(range(start, start + len(key))) <= hidden(text)


@pytest.mark.parametrize(
    "around",
    [
        "| API_TOKEN | {} |",
        "ENV API_TOKEN {}",
        "- name: API_TOKEN\n  value: {}",
        '<add key="api-token" value="{}"/>',
        "the API token for staging: {}",
        'client.setApiToken("{}")',
        "const c = {{ SEARCH_ADMIN_KEY: '{}' }}",
        "API_TOKEN: |\n  {}",
        'val API_TOKEN: String = "{}"',
    ],
)
@pytest.mark.parametrize("key", [drawn(35, HEX), drawn(40), str(uuid.UUID(int=3**77, version=4))])
def test_a_key_is_found_where_something_stands_between_its_name_and_it(around: str, key: str) -> None:
    text = around.format(key)

    assert ("API_KEY", key) in found(text)
    assert hidden(text) == set(range(text.index(key), text.index(key) + len(key)))


@pytest.mark.parametrize(
    "around",
    [
        "login: ann / pw: {}",
        "my credentials are ann / {}",
        "log in as ann:{} please",
        "sshpass -p '{}' ssh host",
        "requirepass_main {}",
        "I changed my password to {} yesterday",
        "the password for the guest network is {}",
        "**Password:** {}",
        "The admin password was changed to {}.",
        "echo {} | sudo -S ls",
        'echo "root:{}" | chpasswd',
        "htpasswd -b users ann {}",
        "machine example.org login ann password {}",
        'smtp.login("ann@example.org", "{}")',
        "alter user ann identified by '{}';",
        "rootpw {}",
        "requirepass {}",
        "net use z: \\\\host\\share {} /user:ann",
    ],
)
@pytest.mark.parametrize("password", ["Tr0ub4dor&3", "correct-horse-battery-staple", "qX7vBn2kLp"])
def test_a_password_is_found_where_people_say_it(around: str, password: str) -> None:
    text = around.format(password)

    assert set(range(text.index(password), text.index(password) + len(password))) <= hidden(text)


@pytest.mark.parametrize("password", ["Tiger1983?", "Tiger1983*", "saffron-quartz-orchid"])
@pytest.mark.parametrize("around", ["password: {}", "DB_PASSWORD={}", "<password>{}</password>", "pass: {}, user: ann"])
def test_a_password_is_found_to_its_last_sign(around: str, password: str) -> None:
    text = around.format(password)

    assert set(range(text.index(password), text.index(password) + len(password))) <= hidden(text)


def test_a_signature_of_storage_is_found_with_what_it_allows() -> None:
    allowed = f"sv=2022-11-02&ss=b&sp=rl&sig={drawn(43)}%3D"

    assert ("API_KEY", allowed) in found(f"https://account.example.net/box/file?{allowed}")


def test_a_connection_string_is_found_whole() -> None:
    url = f"postgresql://app:{drawn(12)}@db.example.org:5432/main"

    assert ("CONNECTION_STRING", url) in found(f"DATABASE_URL={url}\n")
    assert found("postgresql://app:${PASSWORD}@db.example.org/main") == []
    assert found("see https://example.org:8080/a@b") == []
    assert found("postgresql://app:TOKEN@db.example.org/main") == []


@pytest.mark.parametrize("length", [257, 1_500])
def test_a_connection_string_may_have_a_long_password(length: int) -> None:
    url = f"amqps://app:{drawn(length)}@queue.example.org/main"

    assert ("CONNECTION_STRING", url) in found(f"URL {url} is it, and not https://example.org:8080/")


def test_two_connection_strings_beside_each_other_are_two() -> None:
    first, second = (f"redis://:{drawn(9)}@a.example.org" for _ in range(2))

    assert found(f"{first} {second}") == [("CONNECTION_STRING", first), ("CONNECTION_STRING", second)]


@pytest.mark.parametrize("behind", ["GitHub", "Stripe", "npm", "SendGrid", "AWS", "Google", "Slack", "Hugging Face"])
@pytest.mark.parametrize("before", ["AWS", "GitHub", "Google"])
@pytest.mark.parametrize("sign", ["", "_", ","])
def test_of_keys_that_are_glued_together_nothing_is_left(before: str, sign: str, behind: str) -> None:
    text = f"keys: {MARKED[before]}{sign}{MARKED[behind]}"

    gone = hidden(text)

    assert set(range(6, 6 + len(MARKED[before]))) <= gone
    assert set(range(len(text) - len(MARKED[behind]), len(text))) <= gone


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"id: {uuid.UUID(int=7**40)}", id="UUID"),
        pytest.param(f"commit {drawn(43, HEX)}", id="commit"),
        pytest.param(f'"sha256": "{drawn(67, HEX)}"', id="digest"),
        pytest.param(f'"integrity": "sha512-{drawn(86)}=="', id="integrity"),
        pytest.param("password = get_password(user)", id="a call"),
        pytest.param("auth = b64encode(user)", id="a call with digits"),
        pytest.param("password: str = Field(min_length=8)", id="a type"),
        pytest.param("token = self.token", id="an attribute"),
        pytest.param("api_key=os.environ['API_KEY']", id="the environment"),
        pytest.param('password = "<your password>"', id="a placeholder"),
        pytest.param("PASSWORD=${DB_PASSWORD}", id="a variable"),
        pytest.param("password=$DB_PASSWORD!", id="a variable before a sign"),
        pytest.param("password=$a$b", id="two variables"),
        pytest.param("'password' => $row['password']", id="an entry of a variable"),
        pytest.param("password = $this->secret", id="a member of a variable"),
        pytest.param("password: ********", id="hidden already"),
        pytest.param("The password is required.", id="prose"),
        pytest.param("your password is incorrect, try again", id="prose that says something"),
        pytest.param("max_tokens: 4096, token_count = 17", id="tokens of a model"),
        pytest.param("the key is to listen; keys: a, b", id="another key"),
        pytest.param('{"key": "PROJ-1234", "keys": ["a1b2"]}', id="a key of a ticket"),
        pytest.param('Key: "2024/05/report-1.pdf"', id="a key of an object"),
        pytest.param("primary key: user_id", id="a key of a table"),
        pytest.param("from sidecar.content.recognizers import secret_values2", id="an import"),
        pytest.param("class AbstractSingletonProxyFactoryBean2Impl:", id="a long name"),
        pytest.param("s3://bucket-1/data/2024/05/19/part-00001.parquet", id="a path"),
        pytest.param("secret: false, token: null", id="constants"),
        pytest.param("token_type=bearer&expires_in=3600", id="OAuth"),
        pytest.param(f'{{"id": "{drawn(24)}", "cursor": "{drawn(28)}"}}', id="an identifier in JSON"),
        pytest.param(f"-----BEGIN CERTIFICATE-----\nAPA{drawn(40)}+{drawn(20)}", id="a certificate"),
        pytest.param("--username and --password options are given", id="options that are named"),
        pytest.param("result = result[:-padding]", id="a minus and a name"),
        pytest.param('"minipass": "^7.0.3", "bypass": "v1.2.3"', id="a version"),
        pytest.param('"PWD": "/srv/ann/project"', id="a folder"),
        pytest.param("cache_key = lib.X509_V_FLAG_CHECK, KEY_2_LIST", id="names with digits"),
        pytest.param(f'cache_key = "{drawn(35, HEX)}"', id="a key of a cache"),
        pytest.param("pass it to `hook` and pass the result to `print2`", id="what is passed on"),
        pytest.param("password must be at least 12 characters", id="a rule"),
        pytest.param("the password for ann's account was reset on 2026-02-03", id="a date"),
        pytest.param("please log in with your e-mail / phone2", id="how to log in"),
        pytest.param("git+ssh://user@hostname:project.git#v1", id="a repository"),
        pytest.param("the token for v2.1.3-rc1 expired", id="a release"),
        f'ETag: W/"{drawn(27)}"',
        "echo done | sudo tee out; login ann password required",
        "create user ann identified by 'external'",
        "password?: string; passwd: str = None; token: string = props.token",
        "password: forgotten-it, see below",
        "https://example.org/sign?sig=short&page=2",
    ],
)
def test_what_only_looks_like_a_secret_is_left(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "piece",
    [
        "password",
        "password a ",
        "user a",
        "mysql -p ",
        "a_",
        "ab1-",
        "key=",
        "a" * 50 + ":",
        "eyJ",
        "://a:b",
        "-----BEGIN PRIVATE KEY-----",
        "A.",
        "'a",
        "sk-",
        "=a1B",
        "postgres://a:",
        "https://a:b@",
        "AKIA",
        "--password ",
        "the password is ",
        "user: a, pass: ",
    ],
)
def test_no_text_makes_it_slow(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()

    list(secrets.find(text))

    assert time.process_time() - start < 2.0


@pytest.mark.parametrize(
    "hook",
    [
        "https://hooks.slack.com/services/T0123456/B0123456/" + drawn(24),
        "https://discord.com/api/webhooks/123456789012345678/" + drawn(68),
    ],
)
def test_an_address_that_takes_messages_from_everybody_is_a_key(hook: str) -> None:
    assert ("API_KEY", hook) in found(f"post it to {hook} then")


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\\n"], ids=repr)
def test_keys_of_other_programs_are_found_to_their_end(gap: str) -> None:
    body = gap.join(drawn(64) for _ in range(20))
    putty = f"PuTTY-User-Key-File-3: ssh-rsa{gap}Private-Lines: 20{gap}{body}{gap}Private-MAC: 00ff"
    ssh2 = f"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----{gap}{body}{gap}---- END SSH2 ENCRYPTED PRIVATE KEY ----"

    assert set(range(putty.index(body), putty.index(body) + len(body))) <= hidden(putty)
    assert not hidden(putty) & set(range(putty.index("MAC"), len(putty)))
    assert hidden(ssh2) == set(range(len(ssh2)))


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::123456789012:role/eks-node-q7XDAzR2k",
        "arn:aws:lambda:eu-west-1:123456789012:function:Resize-9aQz7Lk2XwT4",
        "served-by: 1f0a9c3e7b52d846-LHR",
        "run_4kQ0z7LfmSGxPw0uZBacT9Hk msg_vR8aTsK2a8mXFJSAPcSMDyE9s",
    ],
)
def test_what_names_a_thing_is_no_secret(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize("name", ["db_pw", "rootpw2", "DbPw", "admin-pin"])
def test_a_short_name_within_another_names_a_password(name: str) -> None:
    assert ("PASSWORD", "x7!kQ9z") in found(f"{name} = x7!kQ9z")
