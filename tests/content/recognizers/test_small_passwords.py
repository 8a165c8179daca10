"""A word in small letters is a password where one is set to it, and not where something is said of one."""

import pytest

from sidecar.content.recognizers import secrets

WORDS = ["sunflower", "letmein", "marigold", "blackbird"]


def found(text: str) -> list[str]:
    spans = {(span.start, span.end) for span in secrets.find(text)}
    return [text[start:end] for start, end in sorted(spans)]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "around",
    [
        pytest.param("The password is {}.", id="said"),
        pytest.param("my wifi password is {}, enjoy", id="said within"),
        pytest.param("The new password for the router is {}.", id="said of something"),
        pytest.param("I changed the password to {} yesterday", id="changed"),
        pytest.param("Das Passwort lautet {}.", id="said in German"),
        pytest.param("password={}", id="assigned"),
        pytest.param("DB_PASSWORD={}\nDB_HOST=localhost", id="an environment"),
        pytest.param("[db]\nuser = app\npassword = {}\n", id="a setting"),
        pytest.param("db:\n  password: {}\n  port: 1", id="YAML"),
        pytest.param("Login: ann, password: {}", id="a login"),
        pytest.param("user: ann, pass: {}", id="a login in short"),
        pytest.param("<password>{}</password>", id="XML"),
        pytest.param("tool --password {} --user ann", id="an option"),
        pytest.param("mysql -u root -p{} shop", id="an option without a space"),
    ],
)
def test_a_word_is_found_where_it_is_set(around: str, word: str) -> None:
    assert found(around.format(word)) == [word]


@pytest.mark.parametrize(
    "text",
    [
        "The password is required.",
        "The password is incorrect",
        "your password is too short",
        "The password is stored in the vault.",
        "The password is visible, sadly.",
        "The password is forgotten.",
        "The password is case sensitive",
        "The password is lovely.",
        "The password is household knowledge",
        "Password: required",
        "Password: hidden",
        "password: string",
        "password = encrypted",
        "password = userpassword",
        "connect(user=ann, password=sunflower)",
        "if password == sunflower:",
        "change the password to something",
        "send the password to marigold",
        "The pass is marigold.",
        "pass: sunflower",
        "pin: marigold",
        "forgot password? click",
        "--password stdin",
        "mysql -u root -p shop",
        "password: Sunflower Street",
        "The word is sunflower.",
    ],
)
def test_what_is_said_of_a_password_is_none(text: str) -> None:
    assert found(text) == []
