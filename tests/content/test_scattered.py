"""A number whose groups are strings of their own is one, and a row of other short strings is none."""

import time

import pytest

from sidecar.content.places import Place
from sidecar.content.rewriting import pieces
from sidecar.content.scattered import scattered
from sidecar.model.steps import finished
from sidecar.model.strict_json import Json

KINDS = {"CREDIT_CARD", "IBAN_CODE", "US_SSN", "PHONE_NUMBER"}


def found(body: Json) -> list[tuple[str, str]]:
    looked = [Place(piece) for piece in pieces(body)]
    spans = finished(scattered(looked, KINDS))
    return [(span.entity, looked[at].piece.text[span.start : span.end]) for at, span in sorted(spans.items())]


@pytest.mark.parametrize(
    ("body", "entity", "groups"),
    [
        pytest.param(["4111", "1111", "1111", "1111"], "CREDIT_CARD", ["4111", "1111", "1111", "1111"], id="an array"),
        pytest.param(
            {"a": "4111", "b": "1111", "c": "1111", "d": "1111", "exp": "12/27"},
            "CREDIT_CARD",
            ["4111", "1111", "1111", "1111"],
            id="an object",
        ),
        pytest.param(
            [{"part": "4111"}, {"part": "1111"}, {"part": "1111"}, {"part": "1111"}],
            "CREDIT_CARD",
            ["4111", "1111", "1111", "1111"],
            id="an array of objects",
        ),
        pytest.param(["7", "4111", "1111", "1111", "1111"], "CREDIT_CARD", ["4111", "1111", "1111", "1111"], id="last"),
        pytest.param({"cardNumber": ["41111111", "11111111"]}, "CREDIT_CARD", ["41111111", "11111111"], id="in halves"),
        pytest.param(
            ["GB82", "WEST", "1234", "5698", "7654", "32"],
            "IBAN_CODE",
            ["GB82", "WEST", "1234", "5698", "7654", "32"],
            id="an account",
        ),
        pytest.param({"ssn": ["536", "90", "4399"]}, "US_SSN", ["536", "90", "4399"], id="an SSN"),
        pytest.param(
            {"home_phone": {"area": "415", "office": "555", "line": "0132"}},
            "PHONE_NUMBER",
            ["415", "555", "0132"],
            id="a telephone number",
        ),
    ],
)
def test_a_number_in_groups_is_found(body: Json, entity: str, groups: list[str]) -> None:
    assert found(body) == [(entity, group) for group in groups]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(["4111", "1111", "1111", "1112"], id="other check digits"),
        pytest.param(["41111111", "11111111"], id="halves of nothing that is said"),
        pytest.param(["4111", "1111", "and", "1111", "1111"], id="a word between"),
        pytest.param({"a": ["4111", "1111"], "b": ["1111", "1111"]}, id="two arrays"),
        pytest.param(["536", "90", "4399"], id="three numbers"),
        pytest.param({"phones": ["4155", "550132"]}, id="a list of numbers"),
        pytest.param({"session": ["536", "90", "4399"]}, id="a part of a word"),
        pytest.param(["1999", "2004", "2011", "2020"], id="years"),
        pytest.param({"4111": "x", "1111": "y"}, id="names of members"),
    ],
)
def test_a_row_of_others_is_none(body: Json) -> None:
    assert found(body) == []


def test_only_what_is_asked_for_is_found() -> None:
    looked = [Place(piece) for piece in pieces(["4111", "1111", "1111", "1111"])]

    assert finished(scattered(looked, {"IBAN_CODE"})) == {}


def test_many_are_looked_at_quickly() -> None:
    looked = [Place(piece) for piece in pieces({"phone": ["4111"] * 20_000})]
    start = time.process_time()

    finished(scattered(looked, KINDS))

    assert time.process_time() - start < 3.0
