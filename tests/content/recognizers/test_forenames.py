"""A given name tells a person, with what is written behind it; a town, a street or a company of that name is none."""

import time

import pytest

from sidecar.content import given_names
from sidecar.content.recognizers import forenames


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in forenames.find(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Ask Priya about it.", ["Priya"], id="alone"),
        pytest.param("Lars: my card is lost", ["Lars"], id="who speaks"),
        pytest.param("Émilie van der Meer and Aiko O'Neil", ["Émilie van der Meer", "Aiko O'Neil"], id="last names"),
        pytest.param("Jane said so to Jane Doe", ["Jane Doe"], id="a name that needs another"),
        pytest.param("APPROVED BY AGNIESZKA NOWAK", ["AGNIESZKA NOWAK"], id="in capitals"),
        pytest.param("Priya P. Nair, Anna-Lena and Jean-Luc", ["Priya P. Nair", "Anna-Lena", "Jean-Luc"], id="joined"),
        pytest.param("hi, its priya nair, i moved", ["priya nair"], id="who says it in small letters"),
        pytest.param("Priya Monday at nine", ["Priya"], id="a day behind it"),
        pytest.param("Priya AWS keys", ["Priya"], id="what is short for something behind it"),
        pytest.param("Lars Ek Aa Bb Cc", ["Lars Ek Aa Bb"], id="no more names than a person has"),
    ],
)
def test_people_are_found(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("from San Diego to Santa Clara and St. Thomas", id="towns"),
        pytest.param("at Maria Street, by Diego Ltd, in Helena Hospital", id="a street, a company, a house"),
        pytest.param("ANH is short for it, and so is ANA", id="short for something"),
        pytest.param("priya and lars", id="small letters"),
        pytest.param("its value is, i am here, this is anna.", id="who says nothing of the kind"),
        pytest.param("lars@x.io, @Lars, Lars.txt, Lars_1, Lars(4), /Lars, Lars=4, xLars", id="parts of something else"),
        pytest.param("Grant access, Mark it, Will it? In May, June and August.", id="words"),
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert found(text) == []


def test_no_name_is_in_both_lists() -> None:
    assert given_names.ALONE.isdisjoint(given_names.BEFORE)


@pytest.mark.parametrize("piece", ["Lars ", "Lars-", "Jane ", "Aa Bb ", "A" * 40])
def test_no_text_makes_it_slow(piece: str) -> None:
    start = time.process_time()

    people = list(forenames.find(piece * (100_000 // len(piece)) + ". Priya"))

    assert time.process_time() - start < 1.0
    assert people
