"""What must a text hold, for a regular expression to find anything in it?

Read off the expression: a digit, an `@`, a colon. One look at the characters of a text then tells which
recognizers need not run at all. Only what is certain is told; of an expression that Python's own parser may
read otherwise than the `regex` module does, nothing is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from re import _parser as parser  # type: ignore[attr-defined]  # private, so typeshed has it not; there since 3.11
from typing import Any, Final, Self

MAX_SET: Final = 64  # characters of a set; a larger one is met by every text
_FOREIGN: Final = re.compile(  # nested and named sets, fuzzy matches, escapes and groups of the `regex` module alone
    r"\[\[|\[:|&&|\|\||--|~~|\{(?!\d+(?:,\d*)?\})|\\[pPNXRLKGmMhH]|\(\?(?![:=!>]|<[=!]|P[<=]|[aimsux-]+[):])"
)
_ALIKE: Final = {"k": "\u212a", "s": "\u017f", "i": "\u0130\u0131"}  # what else is one of these, letter case aside
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_Value = Any  # what an operation of the parser's holds is as it likes
_Item = tuple[object, _Value]


@dataclass(frozen=True, slots=True)
class Need:
    """One of `characters`, or, where `or_digit`, any decimal digit."""

    characters: frozenset[str]
    or_digit: bool = False

    def __or__(self, other: Self) -> "Need":
        return Need(self.characters | other.characters, self.or_digit or other.or_digit)


@dataclass(frozen=True, slots=True)
class Held:
    """What characters a text holds."""

    characters: frozenset[str]
    has_digit: bool

    @classmethod
    def by(cls, text: str) -> Self:
        """Return what `text` holds."""
        characters = frozenset(text)
        return cls(characters, any(map(str.isdecimal, characters)))

    def meets(self, needs: Iterable[Need]) -> bool:
        """Whether all of `needs` are met."""
        for need in needs:
            if not (need.or_digit and self.has_digit) and need.characters.isdisjoint(self.characters):
                return False
        return True


def needs(pattern: str) -> tuple[Need, ...]:
    """Return what any match of `pattern` holds, whatever its case, first what fewest texts hold.

    Nothing where that is not certain.
    """
    if _FOREIGN.search(pattern):
        return ()
    try:
        return tuple(sorted(set(_of_all(parser.parse(pattern))), key=_weight))
    except (re.error, OverflowError, RecursionError):
        return ()


def _of_all(items: Iterable[_Item]) -> list[Need]:
    return [need for item in items for need in _of(*item)]


def _of(code: object, value: _Value) -> list[Need]:
    match str(code), value:
        case "LITERAL", int():
            return _one_of(chr(value))
        case "IN", list():
            return _of_set(value)
        case ("SUBPATTERN", (_, _, _, items)) | ("ATOMIC_GROUP", items):
            return _of_all(items)
        case "BRANCH", (_, list() as branches):
            return _of_any([_of_all(items) for items in branches])
        case repeat, (least, _, items) if repeat in _REPEATS and least:
            return _of_all(items)
        case _:
            return []


def _of_any(branches: list[list[Need]]) -> list[Need]:
    """Return the needs that are met whichever of `branches` matches: each of one of them, or of what is like it."""
    found = branches[0] if all(branches) else []
    for branch in branches[1:] if found else ():
        found = list({min((one | other for other in branch), key=_weight) for one in found})
    return found


def _of_set(parts: list[_Item]) -> list[Need]:
    need = Need(frozenset())
    for code, value in parts:
        match str(code), value:
            case "LITERAL", int():
                found = _one_of(chr(value))
            case "RANGE", (int() as low, int() as high) if high - low < MAX_SET:
                found = _of_any([_one_of(chr(number)) for number in range(low, high + 1)])
            case "CATEGORY", category if str(category) == "CATEGORY_DIGIT":
                found = [Need(frozenset(), or_digit=True)]
            case _:
                return []
        if not found:
            return []
        need |= found[0]
    return [need]


def _weight(need: Need) -> tuple[bool, int, list[str]]:
    """Return what is the less, the fewer texts meet `need`: digits are in most."""
    return need.or_digit, len(need.characters), sorted(need.characters)


def _one_of(character: str) -> list[Need]:
    """Return `character` in either case; nothing for letters whose other cases are many."""
    if not character.isascii():
        return []
    return [Need(frozenset({character.lower(), character.upper(), *_ALIKE.get(character.lower(), "")}))]
