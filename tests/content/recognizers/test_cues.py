"""Words before a value, and where they are looked for."""

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from re import _parser as parser  # type: ignore[attr-defined]  # private, so typeshed has it not; there since 3.11
from string import ascii_letters
from typing import Any

import pytest

from sidecar.content.recognizers.cues import FAR, Cues, words

MODULES = (
    "normal.pulled",
    *(f"recognizers.{name}" for name in ("ages", "cards", "contacts", "phones", "socials")),
)
LEAD = words("x").pattern.partition("(?:x)")[0]


def cues() -> Iterator[object]:
    """Yield what stands behind the lead of each pattern of words."""
    for name in MODULES:
        for constant, value in vars(import_module(f"sidecar.content.{name}")).items():
            if isinstance(value, re.Pattern) and value.pattern.startswith(LEAD):
                yield pytest.param(value.pattern.removeprefix(LEAD), id=f"{name}{constant}")


def beginnings(items: Iterable[tuple[object, Any]]) -> set[str]:
    """Return the characters that what `items` match may begin with; `?` stands for what is not known."""
    found: set[str] = set()
    for code, value in items:
        match str(code), value:
            case "LITERAL", int():
                return found | {chr(value)}
            case "IN", list():
                return found | {chr(part) if str(kind) == "LITERAL" else "?" for kind, part in value}
            case "BRANCH", (_, list() as branches):
                return found.union(*map(beginnings, branches))
            case "SUBPATTERN", (_, _, _, inner):
                return found | beginnings(inner)
            case "MAX_REPEAT", (least, _, inner):
                found |= beginnings(inner)
                if least:
                    return found
            case _:
                break
    return found | {"?"}


@pytest.mark.parametrize("alternatives", list(cues()))
def test_a_cue_begins_where_it_is_looked_for(alternatives: str) -> None:
    assert beginnings(parser.parse(alternatives)) <= {*ascii_letters, " "}


@pytest.mark.parametrize(
    ("text", "distance"),
    [
        pytest.param("card 1", 1, id="at the beginning"),
        pytest.param("12 34: Cards 1", 1, id="behind numbers and signs, in any case"),
        pytest.param("12,  cards: 1", 2, id="behind a space that is a part of it"),
        pytest.param("a \u212aard 1", FAR, id="another word"),
        pytest.param("a \u017fsn 1", 1, id="a letter that is another's small form"),
        pytest.param("4card 1", FAR, id="not within a word"),
        pytest.param("card_4 1", 3, id="before a sign"),
    ],
)
def test_the_last_cue_before_a_value_counts(text: str, distance: int) -> None:
    assert Cues(text, words(r"(?:credit)? ?cards?|ssn")).distance(len(text) - 1) == distance
