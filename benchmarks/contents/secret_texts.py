"""Texts with secrets in them, and texts with what only looks like one, made when they are asked for.

    python benchmarks/contents/secret_texts.py 2000 > secrets.jsonl

Keys are drawn by the forms that their issuers document, passwords as people and generators make them; each stands
where secrets are met: in code, settings, logs, commands, tickets, chats. One JSON object a line: `text`, and `spans`
with `start`, `end` and `label` (`key`, `password`); a text that holds none has no spans.
"""

import base64
import json
import random
import string
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Final

SEED: Final = 20
ALNUM: Final = string.ascii_letters + string.digits
UPPER: Final = string.ascii_uppercase + string.digits
LOWER: Final = string.ascii_lowercase + string.digits
HEX: Final = "0123456789abcdef"
URLSAFE: Final = ALNUM + "-_"
BASE64: Final = ALNUM + "+/"
BENIGN_SHARE: Final = 0.4

Draw = Callable[[random.Random], str]


def run(alphabet: str, length: int, prefix: str = "", suffix: str = "") -> Draw:
    """Return who draws `length` characters of an alphabet behind `prefix`."""
    return lambda chance: prefix + "".join(chance.choices(alphabet or "-", k=length)) + suffix


def chained(*parts: Draw, by: str = "") -> Draw:
    """Return who draws one after the other."""
    return lambda chance: by.join(part(chance) for part in parts)


def number(digits: int) -> Draw:
    """Return who draws a number."""
    return run(string.digits, digits - 1, "1")


def encoded(value: dict[str, str]) -> str:
    """Return a part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def jwt(chance: random.Random) -> str:
    """Draw a JSON web token."""
    claims = {"sub": str(chance.randrange(10**9)), "iss": "https://id.example.org", "exp": "1790000000"}
    return f"{encoded({'alg': 'RS256', 'typ': 'JWT'})}.{encoded(claims)}.{run(URLSAFE, 86)(chance)}"


def pem(kind: str) -> Draw:
    """Return who draws the armour of a private key."""

    def draw(chance: random.Random) -> str:
        lines = "\n".join(run(BASE64, 64)(chance) for _ in range(chance.randint(3, 12)))
        return f"-----BEGIN {kind}-----\n{lines}\n{run(BASE64, 22)(chance)}==\n-----END {kind}-----"

    return draw


def credentials(chance: random.Random) -> str:
    """Draw what stands behind `Basic`."""
    return base64.b64encode(f"svc-{chance.randrange(99)}:{password(chance)}".encode()).decode()


# Told by their form alone.
MARKED: Final[dict[str, Draw]] = {
    "AWS key id": run(UPPER, 16, "AKIA"),
    "AWS session key id": run(UPPER, 16, "ASIA"),
    "Google API key": run(URLSAFE, 35, "AIza"),
    "Google OAuth secret": run(URLSAFE, 28, "GOCSPX-"),
    "Google OAuth token": run(URLSAFE, 120, "ya29."),
    "Azure client secret": chained(run(ALNUM, 3), run(ALNUM + "_~.-", 34, "8Q~")),
    "GitHub": run(ALNUM, 36, "ghp_"),
    "GitHub server": run(ALNUM, 36, "ghs_"),
    "GitHub fine-grained": chained(run(ALNUM, 22, "github_pat_"), run(ALNUM, 59, "_")),
    "GitLab": run(URLSAFE, 20, "glpat-"),
    "Bitbucket": run(ALNUM, 32, "ATBB"),
    "Atlassian": run(URLSAFE, 180, "ATATT3xFf", "=A1B2C3D4"),
    "Slack bot": chained(run("", 0, "xoxb"), number(12), number(12), run(ALNUM, 24), by="-"),
    "Slack hook": chained(
        run(UPPER, 8, "https://hooks.slack.com/services/T"), run(UPPER, 9, "B"), run(ALNUM, 24), by="/"
    ),
    "Discord bot": chained(run(URLSAFE, 25, "M"), run(URLSAFE, 6), run(URLSAFE, 38), by="."),
    "Discord hook": chained(run("", 0, "https://discord.com/api/webhooks"), number(18), run(URLSAFE, 68), by="/"),
    "Telegram": chained(number(10), run(URLSAFE, 33, "AA"), by=":"),
    "Stripe": run(ALNUM, 24, "sk_live_"),
    "Stripe restricted": run(ALNUM, 99, "rk_live_"),
    "Stripe hook": run(ALNUM, 32, "whsec_"),
    "Square": run(URLSAFE, 60, "EAAA"),
    "Shopify": run(HEX, 32, "shpat_"),
    "Razorpay": run(ALNUM, 14, "rzp_live_"),
    "Flutterwave": run(HEX, 32, "FLWSECK-", "-X"),
    "Plaid": lambda chance: f"access-production-{uuid.UUID(int=chance.getrandbits(128), version=4)}",
    "Twilio": run(HEX, 32, "SK"),
    "SendGrid": chained(run(URLSAFE, 22, "SG."), run(URLSAFE, 43), by="."),
    "Mailgun": run(HEX, 32, "key-"),
    "Mailchimp": chained(run(HEX, 32), run("123456789", 1, "-us")),
    "Brevo": chained(run(HEX, 64, "xkeysib-"), run(ALNUM, 16), by="-"),
    "Resend": chained(run(ALNUM, 8, "re_"), run(ALNUM, 24), by="_"),
    "OpenAI": run(URLSAFE, 120, "sk-proj-"),
    "OpenAI of before": run(ALNUM, 48, "sk-"),
    "Anthropic": run(URLSAFE, 93, "sk-ant-api03-", "AA"),
    "Hugging Face": run(string.ascii_letters, 34, "hf_"),
    "Groq": run(ALNUM, 52, "gsk_"),
    "Replicate": run(ALNUM, 37, "r8_"),
    "Perplexity": run(ALNUM, 48, "pplx-"),
    "npm": run(ALNUM, 36, "npm_"),
    "PyPI": run(URLSAFE, 150, "pypi-AgEIcHlwaS5vcmc"),
    "RubyGems": run(HEX, 48, "rubygems_"),
    "NuGet": run(LOWER, 43, "oy2"),
    "Docker": run(URLSAFE, 27, "dckr_pat_"),
    "Terraform": chained(run(ALNUM, 14), run(URLSAFE, 67, "atlasv1."), by="."),
    "Vault": run(URLSAFE, 95, "hvs.CAESI"),
    "Pulumi": run(HEX, 40, "pul-"),
    "DigitalOcean": run(HEX, 64, "dop_v1_"),
    "Databricks": run(HEX, 32, "dapi"),
    "Heroku": run(URLSAFE, 60, "HRKU-AA"),
    "PlanetScale": run(URLSAFE + ".", 43, "pscale_tkn_"),
    "Supabase": run(HEX, 40, "sbp_"),
    "Doppler": run(ALNUM, 43, "dp.pt."),
    "Postman": chained(run(HEX, 24, "PMAK-"), run(HEX, 34), by="-"),
    "Linear": run(ALNUM, 40, "lin_api_"),
    "Notion": run(ALNUM, 46, "ntn_"),
    "Figma": run(URLSAFE, 40, "figd_"),
    "Airtable": chained(run(ALNUM, 14, "pat"), run(HEX, 64), by="."),
    "Asana": chained(number(16), run(HEX, 32), by=":"),
    "Dropbox": run(URLSAFE, 135, "sl."),
    "Facebook": run(ALNUM, 150, "EAAB"),
    "Grafana": chained(run(ALNUM, 32, "glsa_"), run(HEX, 8), by="_"),
    "New Relic": run(UPPER, 27, "NRAK-"),
    "Sentry": run(HEX, 64, "sntryu_"),
    "Dynatrace": chained(run(UPPER, 24, "dt0c01."), run(UPPER, 64), by="."),
    "Tailscale": chained(run(ALNUM, 16, "tskey-auth-"), run(ALNUM, 32), by="-"),
    "Alibaba": run(ALNUM, 20, "LTAI5t"),
    "Contentful": run(URLSAFE, 43, "CFPAT-"),
    "Typeform": chained(run(URLSAFE, 44, "tfp_"), run(URLSAFE, 14), by="_"),
    "Shippo": run(HEX, 40, "shippo_live_"),
    "EasyPost": run(ALNUM, 54, "EZAK"),
    "Mapbox": chained(run(URLSAFE, 60, "sk.eyJ"), run(URLSAFE, 22), by="."),
    "Artifactory": run(ALNUM, 69, "AKCp8"),
    "JWT": jwt,
    "RSA": pem("RSA PRIVATE KEY"),
    "PKCS 8": pem("PRIVATE KEY"),
    "OpenSSH": pem("OPENSSH PRIVATE KEY"),
    "age": run("023456789ACDEFGHJKLMNPQRSTUVWXYZ", 58, "AGE-SECRET-KEY-1"),
    "Sentry DSN": chained(run(HEX, 32, "https://"), run(string.digits, 6, "o1", ".ingest.sentry.io/42"), by="@"),
}
# Told by what stands beside them.
NAMED: Final[dict[str, Draw]] = {
    "AWS_SECRET_ACCESS_KEY": run(BASE64, 40),
    "DD_API_KEY": run(HEX, 32),
    "CLOUDFLARE_API_TOKEN": run(URLSAFE, 40),
    "ALGOLIA_ADMIN_KEY": run(HEX, 32),
    "HEROKU_API_KEY": lambda chance: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
    "OKTA_API_TOKEN": run(URLSAFE, 40, "00"),
    "AZURE_STORAGE_KEY": run(BASE64, 86, "", "=="),
    "IBM_CLOUD_API_KEY": run(URLSAFE, 44),
    "TWILIO_AUTH_TOKEN": run(HEX, 32),
    "client_secret": run(ALNUM, 32),
    "apiKey": run(ALNUM, 24),
    "secretKey": run(BASE64, 32),
    "access_token": run(URLSAFE, 64),
    "refresh_token": run(URLSAFE, 96),
    "SESSION_SECRET": run(HEX, 64),
    "ENCRYPTION_KEY": run(BASE64, 43, "", "="),
    "webhook_secret": run(ALNUM, 20),
    "signing_key": run(HEX, 40),
}
AROUND_KEYS: Final = (
    '{name} = "{value}"',
    "{name}={value}",
    "export {name}='{value}'",
    "  {name}: {value}\n  region: eu-west-1",
    '{{"{name}": "{value}", "timeout": 30}}',
    "curl -H 'Authorization: Bearer {value}' https://api.example.com/v1/items",
    "Can you check why this fails? {name} is {value}, it worked yesterday.",
    "2026-03-01T10:22:31Z ERROR auth failed {name}={value} status=401",
    "const client = new Client({{ {name}: '{value}' }});",
    "here you go: {value}",
    "| {name} | {value} |",
    "ENV {name} {value}",
    "- name: {name}\n  value: {value}\n",
    '<add key="{name}" value="{value}" />',
    "Hi team,\n\nthe {name} for staging: {value}\n\nBest,\nAnn",
    "--set {name}={value}",
    "https://api.example.com/v1/items?{name}={value}&page=2",
    '{name} := "{value}"',
    'config["{name}"] = "{value}"',
    "x-api-key: {value}\nAccept: application/json",
)
PLAIN: Final = ("here you go: {value}", "curl -H", "x-api-key")  # that say less than a name
AROUND_PASSWORDS: Final = (
    'password = "{value}"',
    "DB_PASSWORD={value}",
    "password: {value}",
    '{{"username": "svc-app", "password": "{value}"}}',
    "My password is {value}, can you reset it?",
    "login: ann.smith / pw: {value}",
    "mysql -u root -p{value} shop",
    "Your temporary password: {value}\nPlease change it after your first login.",
    "pwd={value};Database=shop;",
    "user=app password={value} host=db",
    "the wifi password is {value}",
    "postgres://app:{value}@db.example.org:5432/shop",
    "redis://:{value}@cache.example.org:6379/0",
    "PASSWORD='{value}' ./run.sh",
    "passphrase: {value}",
    "sshpass -p '{value}' ssh root@10.0.0.4",
    "<Password>{value}</Password>",
    "auth_pass {value}",
    "curl -u admin:{value} https://example.org/",
    "Username: admin\nPassword: {value}\n",
    "credentials are admin / {value}",
    "spring.datasource.password={value}",
    'setPassword("{value}")',
    "User Id=sa;Password={value};Encrypt=true",
    "I changed my password to {value} yesterday",
    "pass: {value}",
    "root_password = '{value}'",
    '$env:ADMIN_PASSWORD = "{value}"',
    "net use z: \\\\srv\\share {value} /user:ann",
    "new password: {value}",
)
# fmt: off
WORDS: Final = [
    "summer",
    "river",
    "dragon",
    "winter",
    "coffee",
    "monkey",
    "banana",
    "rocket",
    "shadow",
    "silver",
    "tiger",
    "castle",
    "planet",
    "ocean",
    "welcome",
]
# fmt: on


def password(chance: random.Random) -> str:
    """Draw a password as people and generators make them."""
    word = chance.choice(WORDS)
    year = str(chance.randint(1970, 2026))
    return chance.choice(
        (
            word.capitalize() + year + chance.choice("!#?*"),
            word + str(chance.randrange(10, 999)),
            word.replace("a", "@").replace("o", "0").replace("e", "3").capitalize() + chance.choice("!1$"),
            run(ALNUM, chance.randint(8, 20))(chance),
            run(ALNUM + "!#%^*_+-?.", chance.randint(10, 24))(chance),
            "-".join(chance.sample(WORDS, 4)),
            "".join(w.capitalize() for w in chance.sample(WORDS, 2)) + chance.choice("!_.") + year[2:],
            run(string.ascii_lowercase, 6)(chance) + "-" + run(LOWER, 6)(chance) + "-" + run(UPPER, 6)(chance),
        )
    )


def benign(chance: random.Random) -> str:
    """Draw a text without a secret, with much that looks like one."""
    some = uuid.UUID(int=chance.getrandbits(128), version=4)
    return chance.choice(
        (
            f"The order {some} was shipped on 2026-02-0{chance.randint(1, 9)}.",
            f"commit {run(HEX, 40)(chance)}\nAuthor: Ann <ann@example.org>\n\n    Fix the login form",
            f"Merge {run(HEX, 7)(chance)} into main (v{chance.randrange(9)}.{chance.randrange(20)}.0-rc1)",
            f'<img src="data:image/png;base64,{run(BASE64, 300, "iVBORw0KGgoAAAANSUhEUgAA", "=")(chance)}" alt="logo">',
            f"sha256:{run(HEX, 64)(chance)}  app-{chance.randrange(9)}.tar.gz",
            f'"integrity": "sha512-{run(BASE64, 86)(chance)}=="',
            f"docker pull registry.example.org/app@sha256:{run(HEX, 64)(chance)}",
            "def check_password(user, password):\n    return verify(user.password_hash, password)",
            "password = getpass.getpass('Password: ')\ntoken = request.headers.get('X-Token')",
            'api_key = os.environ["API_KEY"]  # set it in .env',
            "Please reset your password under Settings > Security. A password has at least 12 characters.",
            "The API key is missing: add YOUR_API_KEY to config.yaml",
            "max_tokens=4096, temperature=0.2, stop_token=None, token_count=1834",
            f'Traceback:\n  File "/srv/app/auth/token_store.py", line {chance.randrange(900)}, in load',
            f'{{"id": "{run(ALNUM, 24)(chance)}", "object": "event", "cursor": "{run(ALNUM, 28)(chance)}"}}',
            f"https://www.example.com/watch?v={run(URLSAFE, 11)(chance)}&list={run(URLSAFE, 34)(chance)}",
            f"https://docs.example.com/d/{run(URLSAFE, 44)(chance)}/edit#heading=h.{run(LOWER, 12)(chance)}",
            f"trace_id={run(HEX, 32)(chance)} span_id={run(HEX, 16)(chance)} duration_ms=12",
            f'ETag: "{run(HEX, 32)(chance)}"\nLast-Modified: Tue, 03 Feb 2026 10:00:00 GMT',
            f"ssh-ed25519 {run(BASE64, 68, 'AAAAC3NzaC1lZDI1NTE5AAAA')(chance)} ann@laptop",
            f"-----BEGIN CERTIFICATE-----\n{run(BASE64, 64)(chance)}\n-----END CERTIFICATE-----",
            f"kubectl logs payments-{run(HEX, 10)(chance)}-{run(LOWER, 5)(chance)} -n shop",
            f"arn:aws:iam::{number(12)(chance)}:role/app-deploy in eu-central-1",
            f"The model gpt-4.1-mini-2025-04-14 answered in {chance.randrange(9)} s, build {run(HEX, 12)(chance)}.",
            "SELECT id, token_hash FROM sessions WHERE user_id = 7 AND key = 'theme'",
            "interface Props { password: string; apiKey?: string; onSubmit: (token: string) => void }",
            "CSS: .btn-primary { background: url(/assets/img/bg-3f2a91bc.png); color: #ff00aa; }",
            f"Tracking number 1Z{run(UPPER, 16)(chance)}, reference INV-2026-00{chance.randrange(99)}",
            "primary_key: user_id\nforeign_key: orders.user_id\nsort_key: created_at",
            f"MAC 3c:22:fb:{run(HEX, 2)(chance)}:{run(HEX, 2)(chance)}:0a joined, lease {some}",
            f"Bitcoin block {run(HEX, 64)(chance)} has {chance.randrange(3000)} transactions",
            "Our passphrase policy: four random words are better than P@ss-like tricks.",
            f"npm WARN deprecated core-js@3.1.{chance.randrange(9)}: resolved {run(BASE64, 27)(chance)}=",
            f"X-Request-Id: {run(ALNUM, 32)(chance)}\nContent-Length: {chance.randrange(9999)}",
            'token: ${{ secrets.DEPLOY_TOKEN }}\npassword: "{{ vault_db_password }}"',
            "The secret to good bread is time; the key is patience, and a pass over the dough.",
        )
    )


def placed(template: str, label: str, value: str, name: str = "") -> tuple[str, list[dict[str, str | int]]]:
    """Return a text with `value` in it, and its span."""
    before, _, after = template.partition("{value}")
    head = before.format(name=name)
    text = head + value + after.format(name=name)
    return text, [{"start": len(head), "end": len(head) + len(value), "label": label}]


def rows(count: int, seed: int = SEED) -> Iterator[tuple[str, str, list[dict[str, str | int]]]]:
    """Yield (what was drawn, text, spans)."""
    chance = random.Random(seed)  # noqa: S311 - what is drawn opens nothing
    for _ in range(count):
        if chance.random() < BENIGN_SHARE:
            yield "benign", benign(chance), []
            continue
        what = chance.random()
        if what < 0.4:  # noqa: PLR2004 - shares of what is met
            issuer = chance.choice(list(MARKED))
            name = chance.choice(("API_KEY", "token", "secret", "key", issuer.upper().replace(" ", "_")))
            yield issuer, *placed(chance.choice(AROUND_KEYS), "key", MARKED[issuer](chance), name)
        elif what < 0.6:  # noqa: PLR2004 - as above
            name = chance.choice(list(NAMED))
            around = [one for one in AROUND_KEYS if not one.startswith(PLAIN)]
            yield name, *placed(chance.choice(around), "key", NAMED[name](chance), name)
        else:
            template = chance.choice(AROUND_PASSWORDS)
            yield template, *placed(template, "password", password(chance))


def main() -> None:
    """Print so many texts."""
    for _, text, spans in rows(int(sys.argv[1])):
        print(json.dumps({"text": text, "spans": spans}))


if __name__ == "__main__":
    main()
