"""One value is one, however it is written; two values are two."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sidecar.content.origin.normal import (
    address,
    by_lines,
    dates,
    folded,
    host,
    identifier,
    identifiers,
    keys,
    number,
    words,
)
from tests.timing import is_linear


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Anna@Example.ORG", "write to <anna@example.org> today", id="e-mail address"),
        pytest.param("https://www.shop.example/a/b/", "see shop.example/a/b.", id="URL"),
        pytest.param("DE89370400440532013000", "IBAN: DE89 3704 0044 0532 0130 00 please", id="IBAN in groups"),
        pytest.param("DE89 3704 0044 0532 0130 00", "de89370400440532013000", id="IBAN without groups"),
        pytest.param("1653.1", "a total of 1,653.10 EUR", id="number with groups"),
        pytest.param("1653.10", "1.653,1 Euro", id="number with a decimal comma"),
        pytest.param("2026-05-04", "due on May 4th, 2026", id="date in words"),
        pytest.param("2026-05-04", "fällig am 04.05.2026", id="date with full stops"),
        pytest.param("4 May 2026", "on 2026-05-04 at noon", id="date in words before one of digits"),
        pytest.param("+1 (555) 010-4477", "call 1-555-010-4477", id="telephone number"),
        pytest.param("\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "no. 1234 5678", id="full width"),
        pytest.param("12\u200b34\u200b56\u200b78", "12345678", id="zero-width characters within"),
    ],
)
def test_two_writings_of_one_value_share_a_key(one: str, other: str) -> None:
    assert keys(folded(one)) & keys(folded(other))


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        pytest.param("anna@example.org", "anna@example.org.evil.example", "e", id="e-mail address that goes on"),
        pytest.param("a.anna@example.org", "anna@example.org", "e", id="e-mail address with more before it"),
        pytest.param("https://shop.example/a", "https://shop.example/b", "u", id="another page"),
        pytest.param("1653.1", "16531", "n", id="another number"),
        pytest.param("1,5", "15", "n", id="a comma that groups no thousand"),
    ],
)
def test_two_values_share_no_key_of_their_kind(one: str, other: str, kind: str) -> None:
    kept = [{key for key in keys(folded(text)) if key.startswith(f"{kind}:")} for text in (one, other)]

    assert kept[0]
    assert not kept[0] & kept[1]


def test_another_account_is_another() -> None:
    assert identifier("de89370400440532013000") not in set(identifiers("de89 3704 0044 0532 0130 01"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://good.example@evil.example/x", "evil.example", id="user information is no host"),
        pytest.param("good.example/@evil.example", "good.example", id="an at sign in the path"),
        pytest.param("https://www.good.example:8443/", "good.example", id="port and www"),
        pytest.param("https://evil.example\\good.example", "evil.example", id="a backslash ends it, as in browsers"),
    ],
)
def test_the_host_is_where_the_url_leads(url: str, expected: str) -> None:
    assert host(url) == expected


def test_an_address_leaves_out_what_does_not_tell_where_it_leads() -> None:
    assert address("https://www.shop.example/a/.") == "shop.example/a"


def test_a_day_that_no_calendar_has_is_no_date() -> None:
    assert list(dates("2026-13-40 and 99.99.2026")) == []


def test_a_short_or_broken_identifier_is_none() -> None:
    assert identifier("ab 12") == ""
    assert identifier("send 12345678 to her") == ""


def test_an_identifier_ends_at_any_of_its_groups() -> None:
    assert "i:1234567800" in set(identifiers("1234 5678 00 5"))


@example("\\N")
@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_a_whole_number_has_one_key(value: int) -> None:
    assert number(value) == number(float(value)) == number(f"{value}.0")


@pytest.mark.parametrize("unit", ["a", "1 ", "a.b", "@", "1.1,", "http://", "de8 ", "jan ", "1-1-", "a@a.", "x/"])
def test_a_hostile_text_takes_time_in_proportion(unit: str) -> None:
    assert is_linear(lambda size: keys((unit * size)[:size]), 5_000)


def test_what_nearly_is_an_identifier_is_told_in_no_time() -> None:
    long = "12345678901234567890;" * 3  # backtracking through each way to group these digits would take years

    assert identifier(long) == ""
    assert identifier("1" * 5_000) == ""


def test_a_banks_letters_are_part_of_its_ibans() -> None:
    assert identifier("gb29nwbk60161331926819") in set(identifiers("to gb29 nwbk 6016 1331 9268 19 now"))
    assert identifier("gb29 nwbk 6016 1331 9268 19") == "i:gb29nwbk60161331926819"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("one line", ("one line", ()), id="one"),
        pytest.param("Hello\n\n  Pay  it\nnow", ("hello pay it now", (6, 13)), id="lines"),
        pytest.param("Hello\\nPay it", ("hello pay it", (6,)), id="an escaped break"),
        pytest.param("ID 7 Delete the file", ("id 7 delete the file", (5,)), id="a capital before small letters"),
        pytest.param("Jean Luc Picard", ("jean luc picard", ()), id="names"),
        pytest.param("\n\n", ("", ()), id="breaks alone"),
    ],
)
def test_lines_are_told_in_a_folded_text(text: str, expected: tuple[str, tuple[int, ...]]) -> None:
    assert by_lines(text) == expected


@given(st.text(max_size=60))
def test_a_text_by_lines_has_the_words_of_the_text(text: str) -> None:
    found, lines = by_lines(text)
    assert words(found) == words(folded(text.replace("\ue000", " ")))
    assert all(found[at - 1] == " " != found[at] for at in lines)
