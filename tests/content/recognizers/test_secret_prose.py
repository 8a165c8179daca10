"""Passwords, codes and pass phrases are found where a sentence tells them, and what is said of one is not."""

import time

import pytest

from sidecar.content.recognizers import secrets, tables


def found(text: str) -> list[str]:
    return [
        text[start:end]
        for start, end in sorted({(s.start, s.end) for own in (secrets, tables) for s in own.find(text)})
    ]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("use Sun#flower7 as the password", ["Sun#flower7"], id="used as"),
        pytest.param("enter sunflower as your new wifi password.", ["sunflower"], id="a word used as"),
        pytest.param("log in with user ann and password sunflower.", ["sunflower"], id="with a user"),
        pytest.param("mit dem Kennwort Tulpe#18 an", ["Tulpe#18"], id="in another language"),
        pytest.param("try password tulip99, then call", ["tulip99"], id="without a verb"),
        pytest.param("the PIN of the card is 4711.", ["4711"], id="a PIN"),
        pytest.param("safe combination: 123 456", ["123 456"], id="a code in groups"),
        pytest.param("door code for the flat: 8841", ["8841"], id="of a door"),
        pytest.param("the code for the safe is 8841", ["8841"], id="of a safe"),
        pytest.param("I changed it to tulip99, the old password was x", ["tulip99"], id="what it was changed to"),
        pytest.param("sudo password on the box: sunflower", ["sunflower"], id="where it is for"),
        pytest.param("run with -u elastic:Tulip7xY now", ["Tulip7xY"], id="a user's option"),
        pytest.param("net user bob Tulip#7x /add", ["Tulip#7x"], id="a new user"),
        pytest.param("my password's tulip99, is it?", ["tulip99"], id="short for is"),
        pytest.param(
            "the wifi password will be tulip-river-stone-cloud from Monday", ["tulip-river-stone-cloud"], id="to be"
        ),
        pytest.param("password changed from tulip99 to Rose#41", ["tulip99", "Rose#41"], id="the old one and the new"),
        pytest.param("I set the root password to sunflower for now", ["sunflower"], id="for some time"),
        pytest.param("clave: Tulip#99", ["Tulip#99"], id="in Spanish"),
        pytest.param("login,secret\nada,Tulip#99", ["Tulip#99"], id="a column of secrets"),
        pytest.param("seed phrase: apple river stone cloud", ["apple river stone cloud"], id="a phrase"),
        pytest.param("the vpn pw is sunflower, as always", ["sunflower"], id="short"),
        pytest.param("security answer: sunflower", ["sunflower"], id="an answer"),
        pytest.param("the password is butterfly", ["butterfly"], id="a word that ends as an adverb does"),
        pytest.param("card_pin: 4829, cvv: 123, CVC2 is 4821", ["4829", "123", "4821"], id="codes of a card"),
        pytest.param('"host=db password=sunflower dbname=app"', ["sunflower"], id="the next setting behind it"),
    ],
)
def test_what_is_told_is_found(text: str, values: list[str]) -> None:
    assert found(text) == values


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("use it as the password", id="nothing told"),
        pytest.param("log in with your user name and password twice.", id="how to"),
        pytest.param("the password SHA256 and the password OAuth2 flow, password base64", id="methods"),
        pytest.param("error code: 4711, status code 404, zip code 90210, code 1234", id="codes that open nothing"),
        pytest.param("your login code is 904512, OTP: 123456", id="codes that are used once"),
        pytest.param("pin 13 is high, pins 4711", id="of a chip"),
        pytest.param("the CVV has 3 digits, cvv_length: 4, verification of 123 cards", id="about codes of cards"),
        pytest.param("the code for the safe is below, password for the app: optional", id="what is said about them"),
        pytest.param("docker run -u 1000:1000 and -u root:root", id="a user and a group"),
        pytest.param("the pass phrase is required for all keys", id="what is said of a phrase"),
        pytest.param("the password is briefly visible", id="how it is"),
        pytest.param("see the password policy v2.1 and password reset", id="a release"),
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "piece", ["use a as ", "login a and password ", "pin of a b c ", "seed phrase is aaa bbb ", "pw "]
)
def test_no_text_makes_it_slow(piece: str) -> None:
    start = time.process_time()

    told = found(piece * (100_000 // len(piece)) + ". pin: 904512")

    assert time.process_time() - start < 2.0
    assert told
