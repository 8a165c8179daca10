"""A number whose groups are strings of their own in a body: `["4111", "1111", "1111", "1111"]`.

Who looks at each string sees four digits, which are nothing. So short strings that follow each other in one array, or
as members of one object, are read together, too. Much is such a row (years, rooms, sizes), so it counts only where its
check digits say that it is one number, or where it has the form of one that a member's name speaks of.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from sidecar.content.checksums import iban, luhn
from sidecar.content.detection import Span
from sidecar.content.places import Place
from sidecar.content.rewriting import Path
from sidecar.model.steps import BATCH, Steps

LONGEST: Final = 8  # signs of a group
MOST: Final = 9  # groups: of an IBAN in fours
SURE: Final = 1.0
SAID: Final = 0.6
FEWEST_OF_CARD: Final = 13  # digits
MOST_OF_CARD: Final = 16
FEWEST_OF_IBAN: Final = 15
MOST_OF_IBAN: Final = 34
NUMBER: Final = range(9, 16)  # digits of a telephone number with its area

_GROUP: Final = re.compile(r"[A-Z0-9]{1,8}")
_CARD_SHAPES: Final = frozenset({(4, 4, 4, 4), (4, 6, 5)})
_SSN_SHAPE: Final = (3, 2, 4)
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CARDS: Final = frozenset({"card", "cards", "pan", "visa", "mastercard", "amex", "cardnumber", "creditcard"})
_SSNS: Final = frozenset({"ssn", "ssns", "social"})
_PHONES: Final = frozenset({"phone", "telephone", "tel", "mobile", "cell", "fax"})


def scattered(looked: Sequence[Place], entities: Collection[str]) -> Steps[Mapping[int, Span]]:
    """Come to what is found in those of `looked` that are, each as a whole, a group of a number of `entities`.

    By their numbers in `looked`.
    """
    found: dict[int, Span] = {}
    row: list[int] = []
    for number, place in enumerate(looked):
        if not number % BATCH:
            yield
        if not _is_group(place):
            row = []
            continue
        row = [*row[1 - MOST :], number] if row and _is_beside(looked[row[-1]], place) else [number]
        for entity, first, score in _numbers([looked[at] for at in row]):
            if entity in entities:
                found |= {at: Span(0, len(looked[at].piece.text), entity, score) for at in row[first:]}
    return found


def _is_group(place: Place) -> bool:
    text = place.piece.text
    return len(text) <= LONGEST and not place.piece.is_name and _GROUP.fullmatch(text) is not None


def _is_beside(one: Place, other: Place) -> bool:
    """Whether both stand in one array or object, or at the same place of two elements of one array."""
    return one.piece.path[:-1] == other.piece.path[:-1] or _named(one.piece.path) == _named(other.piece.path)


def _named(path: Path) -> Path:
    return tuple(segment for segment in path if isinstance(segment, str))


def _numbers(row: Sequence[Place]) -> Iterator[tuple[str, int, float]]:
    """Yield the numbers that end with the last of `row`: kind, with which of them it begins, and how sure that is."""
    groups = [place.piece.text for place in row]
    for first in range(len(groups) - 2, -1, -1):
        written, shape = "".join(groups[first:]), tuple(map(len, groups[first:]))
        if len(written) > MOST_OF_IBAN:
            return
        if not written.isdigit():
            if len(written) >= FEWEST_OF_IBAN and written[:2].isalpha() and iban(written):
                yield "IBAN_CODE", first, SURE
            continue
        is_card = FEWEST_OF_CARD <= len(written) <= MOST_OF_CARD and written[0] in "3456" and luhn(written)
        if is_card and (shape in _CARD_SHAPES or _speaks(row[first], _CARDS)):
            yield "CREDIT_CARD", first, SURE
        if shape == _SSN_SHAPE and _speaks(row[first], _SSNS):
            yield "US_SSN", first, SAID
        if len(written) in NUMBER and all(_speaks(place, _PHONES) for place in row[first:]):
            yield "PHONE_NUMBER", first, SAID


def _speaks(place: Place, of: Collection[str]) -> bool:
    """Whether a name above `place`, or its own, has a word that is one of `of`."""
    names = (segment for segment in place.piece.path if isinstance(segment, str))
    return any(word.lower() in of for name in names for word in _WORD.findall(name))
