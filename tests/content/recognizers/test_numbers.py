"""Cards, social security and telephone numbers, accounts, machines: what is one, and what only looks so."""

import time

import pytest

from sidecar.content.recognizers import OWN

SLOW_S = 1.0  # for 100 kB: a hundred times what it takes


def found(text: str, entity: str, least: float = 0.4) -> list[str]:
    told = (span for recognizer in OWN for span in recognizer.find(text) if span.entity == entity)
    return [text[start:end] for start, end in sorted({(s.start, s.end) for s in told if s.score >= least})]


@pytest.mark.parametrize(
    ("text", "entity", "values"),
    [
        pytest.param("pay 4111 1111 1111 1111 now", "CREDIT_CARD", ["4111 1111 1111 1111"], id="a card in groups"),
        pytest.param("4111111111111111", "CREDIT_CARD", ["4111111111111111"], id="a card bare"),
        pytest.param("4111.1111.1111.1111", "CREDIT_CARD", ["4111.1111.1111.1111"], id="a card with dots"),
        pytest.param("4111 1111 1111 1111 12/27 123", "CREDIT_CARD", ["4111 1111 1111 1111"], id="its expiry"),
        pytest.param(
            "4111111111111111 5500-0000-0000-0004", "CREDIT_CARD", ["4111111111111111", "5500-0000-0000-0004"], id="two"
        ),
        pytest.param("378282246310005", "CREDIT_CARD", ["378282246310005"], id="fifteen digits"),
        pytest.param(" ".join("4111111111111111"), "CREDIT_CARD", [" ".join("4111111111111111")], id="spaced"),
        pytest.param("2,4111111111111111,9", "CREDIT_CARD", ["4111111111111111"], id="a cell of a table"),
        pytest.param("0,4111111111111111", "CREDIT_CARD", [], id="a fraction"),
        pytest.param("DE38 4111 1111 1111 1111 13", "CREDIT_CARD", [], id="a part of an account"),
        pytest.param("+4111 1111 1111 1111", "CREDIT_CARD", [], id="a part of a telephone number"),
        pytest.param("4111 1111 1111 1112", "CREDIT_CARD", [], id="a wrong check digit"),
        pytest.param("at 1735689600000 ms", "CREDIT_CARD", [], id="a time in milliseconds"),
        pytest.param("a4111111111111111", "CREDIT_CARD", [], id="within an identifier"),
        pytest.param("SSN 123-45-6789", "US_SSN", ["123-45-6789"], id="a social security number"),
        pytest.param("his ssn: 123456789", "US_SSN", ["123456789"], id="bare, and said"),
        pytest.param("order 123456789", "US_SSN", [], id="nine digits"),
        pytest.param("123-00-6789", "US_SSN", [], id="a group of zeros"),
        pytest.param("000-12-3456", "US_SSN", [], id="an area that is not given out"),
        pytest.param("ITIN 912-70-1234", "US_ITIN", ["912-70-1234"], id="a taxpayer's number"),
        pytest.param("SSN/ITIN: 912-70-1234", "US_ITIN", ["912-70-1234"], id="a taxpayer's number, or another"),
        pytest.param("912-20-1234", "US_ITIN", [], id="a group that the revenue service does not give out"),
        pytest.param("GB82 WEST 1234 5698 7654 32", "IBAN_CODE", ["GB82 WEST 1234 5698 7654 32"], id="an account"),
        pytest.param("gb82west12345698765432.", "IBAN_CODE", ["gb82west12345698765432"], id="small letters"),
        pytest.param("GB82 WEST 1234 5698 7654 33", "IBAN_CODE", [], id="an account with a wrong check digit"),
        pytest.param("from 192.0.2.17:8080", "IP_ADDRESS", ["192.0.2.17"], id="a machine"),
        pytest.param("2001:db8::17 and ::1", "IP_ADDRESS", ["2001:db8::17", "::1"], id="machines of version six"),
        pytest.param("<td>192.0.2.17</td>", "IP_ADDRESS", ["192.0.2.17"], id="a machine in a table of HTML"),
        pytest.param("pkg>1.2.3.4", "IP_ADDRESS", [], id="the least of a dependency"),
        pytest.param("release 1.2.3.4", "IP_ADDRESS", [], id="a release"),
        pytest.param("chrome/120.0.6099.109", "IP_ADDRESS", [], id="a browser"),
        pytest.param("pkg==1.2.3.4", "IP_ADDRESS", [], id="a dependency"),
        pytest.param("user=a ip=192.0.2.17 b", "IP_ADDRESS", ["192.0.2.17"], id="a machine in a log"),
        pytest.param("FileVersion=1.2.3.4", "IP_ADDRESS", [], id="a release in a setting"),
        pytest.param("256.1.1.1", "IP_ADDRESS", [], id="no octet"),
        pytest.param("192.0.2.17->192.0.2.18", "IP_ADDRESS", ["192.0.2.17", "192.0.2.18"], id="from one to another"),
        pytest.param("192.0.2.17 -> 192.0.2.18", "IP_ADDRESS", ["192.0.2.17", "192.0.2.18"], id="an arrow with room"),
        pytest.param(
            "GB82 WEST 1234 5698 7654 32 DE89370400440532013000",
            "IBAN_CODE",
            ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"],
            id="an account behind another",
        ),
        pytest.param(
            "ref XY12 3456 DE89370400440532013000", "IBAN_CODE", ["DE89370400440532013000"], id="behind what is none"
        ),
        pytest.param("2024-01-02 4111111111111111", "CREDIT_CARD", ["4111111111111111"], id="a card behind a date"),
        pytest.param(
            "2024-01-02 4111-1111-1111-1111", "CREDIT_CARD", ["4111-1111-1111-1111"], id="in groups, behind a date"
        ),
        pytest.param("1,536-22-8726,2", "US_SSN", ["536-22-8726"], id="a social security number in a table"),
        pytest.param("536-22-8726/219-09-9998", "US_SSN", ["536-22-8726", "219-09-9998"], id="one or the other"),
        pytest.param("1-536-22-8726", "US_SSN", [], id="groups of a longer number"),
        pytest.param("acct 945456787654", "US_BANK_NUMBER", ["945456787654"], id="an account of a bank"),
        pytest.param("account 2024-01 was closed", "US_BANK_NUMBER", [], id="a month's account"),
        pytest.param("std::vector a::b", "IP_ADDRESS", [], id="a name of C++"),
    ],
)  # fmt: skip
def test_a_number_is_found_by_its_form_and_its_check_digits(text: str, entity: str, values: list[str]) -> None:
    assert found(text, entity) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("+1 212 555 0100", ["+1 212 555 0100"], id="with its country"),
        pytest.param("name,phone,card\nx@y.io,303-377-6467,4111111111111111", ["303-377-6467"], id="cells of a table"),
        pytest.param("pay 4111 1111 1111 1111 now", [], id="a card"),
        pytest.param("a=1,234 5678 sum", [], id="thousands"),
        pytest.param("?id=0303776467", [], id="a parameter"),
        pytest.param("1,212-555-0100,2", ["212-555-0100"], id="a cell between numbers"),
        pytest.param("7,+442079460018,2", ["+442079460018"], id="a cell with a country"),
        pytest.param("2024-01-02 212-555-0100", ["212-555-0100"], id="behind a date"),
        pytest.param("10:30 (212) 555-0100", ["(212) 555-0100"], id="behind a time"),
        pytest.param("212-555-0100 212-555-0101", ["212-555-0100", "212-555-0101"], id="two beside each other"),
        pytest.param("+442079460018/+442079460019", ["+442079460018", "+442079460019"], id="one or the other"),
        pytest.param("(212) 555-0100 (212) 555-0101", ["(212) 555-0100", "(212) 555-0101"], id="two with areas"),
        pytest.param("order 212-555-0100", [], id="an order of that form"),
        pytest.param("build 4.212-555-0100", [], id="part of a longer number"),
        pytest.param("sha a212-555-0100", [], id="part of a word"),
        pytest.param("tel=0303776467&a=b", ["0303776467"], id="a parameter that says so"),
        pytest.param("+41 (0)44 668 18 00", ["+41 (0)44 668 18 00"], id="a trunk prefix in brackets"),
        pytest.param("(212) 555-0100", ["(212) 555-0100"], id="an area in brackets"),
        pytest.param("212-555-0100 x12", ["212-555-0100 x12"], id="with an extension"),
        pytest.param("212-555-0100, ext. 12", ["212-555-0100, ext. 12"], id="with one behind a comma"),
        pytest.param("+12125550100;ext=12", ["+12125550100;ext=12"], id="with one as URIs have it"),
        pytest.param("tel 0171 4433918,,12", ["0171 4433918,,12"], id="with one behind two pauses"),
        pytest.param("020 7946 0018", ["020 7946 0018"], id="a trunk prefix"),
        pytest.param("call 5550100", ["5550100"], id="bare, and said"),
        pytest.param("reach me on 73 448 266", ["73 448 266"], id="short, and said"),
        pytest.param("ask Eva, 02079460018, first", ["02079460018"], id="bare, behind a trunk prefix"),
        pytest.param("part 02079460018", [], id="the number of a part"),
        pytest.param("see 0306406152", [], id="a book"),
        pytest.param("Sao Paulo, SP, 01310-200", [], id="a postal code behind its state"),
        pytest.param("00079460018", [], id="a counter"),
        pytest.param("5550100", [], id="seven digits"),
        pytest.param("order 2125550100", [], id="an order"),
        pytest.param("2024-05-19", [], id="a day"),
        pytest.param("call on 2024-05-19", [], id="a day behind a word"),
        pytest.param("call on 01/02/1999 01/03/1999 or 1999-02-03 1999-02-04", [], id="days in a row"),
        pytest.param("1999-02-03 0171 4433918", ["0171 4433918"], id="behind a day"),
        pytest.param("10.05.1971", [], id="a day with dots"),
        pytest.param("1990-2005", [], id="years"),
        pytest.param("123-45-6789", [], id="a social security number"),
        pytest.param("call 192.168.100.200", [], id="a machine"),
        pytest.param("$1 234 567 890", [], id="money"),
        pytest.param("550e8400-e29b-41d4-a716-446655440000", [], id="an identifier"),
        pytest.param("v1.234.5678", [], id="a release"),
        pytest.param("commit 1234567890123456789", [], id="a long number"),
    ],
)
def test_a_telephone_number_has_a_form_or_a_word_that_says_so(text: str, values: list[str]) -> None:
    assert found(text, "PHONE_NUMBER") == values


@pytest.mark.parametrize(
    ("text", "entity", "values"),
    [
        pytest.param("ada.b+c@mail.example.org.", "EMAIL_ADDRESS", ["ada.b+c@mail.example.org"], id="an address"),
        pytest.param("josé@bücher.example", "EMAIL_ADDRESS", ["josé@bücher.example"], id="letters of all countries"),
        pytest.param(
            "ada@xn--p1ai.xn--p1ai", "EMAIL_ADDRESS", ["ada@xn--p1ai.xn--p1ai"], id="letters as IDNA has them"
        ),
        pytest.param("<mailto:ada@example.org>", "EMAIL_ADDRESS", ["ada@example.org"], id="in a link"),
        pytest.param("?to=ada@example.org&x", "EMAIL_ADDRESS", ["ada@example.org"], id="a parameter"),
        pytest.param("git@example.org:a/b.git", "EMAIL_ADDRESS", [], id="a repository"),
        pytest.param("left-pad@1.3.0", "EMAIL_ADDRESS", [], id="a release"),
        pytest.param("@app.route", "EMAIL_ADDRESS", [], id="a decorator"),
        pytest.param("see https://example.org/a?b=c.", "URL", ["https://example.org/a?b=c"], id="a page"),
        pytest.param("example.org is down", "URL", ["example.org"], id="a site"),
        pytest.param("main.py and README.md and os.path.join()", "URL", [], id="files"),
        pytest.param("thanks @ada_b!", "USERNAME", ["@ada_b"], id="a handle"),
        pytest.param("@contextmanager\ndef a(): ...", "USERNAME", [], id="a decorator of its own line"),
        pytest.param("username: ada77", "USERNAME", ["ada77"], id="a user"),
    ],
)
def test_addresses_of_mail_and_web_are_told_from_code(text: str, entity: str, values: list[str]) -> None:
    assert found(text, entity) == values


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "4111 ",
            "key=",
            "::pin",
            "125",
            "1 ",
            "12 ",
            "123-",
            "1.",
            "a@",
            "@",
            "a.",
            "::",
            "1:",
            "GB82",
            "http://",
            "+1 ",
            "(1) ",
            "A 1 ",
        ),
        *(
            "Ada Bell's address ",
            "@abc ",
            "Mr. A ",
            "A & ",
            "A-",
            "\n\n",
            "(Manager) ",
            "Name: ",
            "corner of a ",
            "a.com",
        ),
        *("Street ", "P.O. Box ", "\n1, ", "ul. ", "rue a ", "Apt 1 ", "Spain 1 "),
    ],
)
def test_no_text_makes_a_recognizer_slow(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()

    for recognizer in OWN:
        list(recognizer.find(text))

    assert time.process_time() - start < SLOW_S * len(OWN)
