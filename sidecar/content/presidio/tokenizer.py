"""Where do the words of a text end? spaCy's tokenizer, looking only where something can be.

For a word that is new to it, it tries all signs and units that may end a word at each of the word's characters, and
all signs that may part one at each, too. But its patterns themselves tell that they begin with no letter of ASCII and
no digit, but for units, which stand behind a digit. So one look at a character passes over most of them. What is found
is the same; a pattern of another make is left as it is.
"""

import re
from collections.abc import Iterable
from itertools import islice
from re import _parser as parser  # type: ignore[attr-defined]  # private, so typeshed has it not; there since 3.11
from string import ascii_letters, digits
from typing import Any, Final

from spacy.tokenizer import Tokenizer

_DIGITS: Final = frozenset(digits)
_PLAIN: Final = frozenset(ascii_letters + digits)
_SIGN: Final = "(?=[^a-zA-Z0-9])"
_UNIT: Final = "(?<=[0-9])(?=[^0-9])"
_BEHIND_DIGIT: Final = f"(ASSERT, (-1, [(IN, [(RANGE, ({ord('0')}, {ord('9')}))])]))"
_AROUND: Final = frozenset({"ASSERT", "ASSERT_NOT", "AT"})  # what takes no character
_Items = Iterable[tuple[object, Any]]  # what an operation of the parser's holds is as it likes


def quicken(tokenizer: Tokenizer) -> None:
    """Let `tokenizer` find what it finds in less time."""
    rules, tokenizer.rules = tokenizer.rules, {}  # it reads them again at every change, a tenth of a second
    if suffix := _quickened(tokenizer.suffix_search):
        tokenizer.suffix_search = suffix.search
    if infix := _quickened(tokenizer.infix_finditer):
        tokenizer.infix_finditer = infix.finditer
    tokenizer.rules = rules


def quickened(pattern: re.Pattern[str]) -> re.Pattern[str] | None:
    """Return a pattern that matches what `pattern` matches, in less time; none where that is not certain."""
    if pattern.flags != re.UNICODE:
        return None
    units = [branch for branch in _branches(pattern.pattern) if not _begins_without(branch, _PLAIN)]
    if not all(_is_behind_digit(unit) and _begins_without(unit, _DIGITS) for unit in units):
        return None
    return re.compile(f"(?:{_SIGN}|{_UNIT})(?:{pattern.pattern})" if units else f"{_SIGN}(?:{pattern.pattern})")


def _quickened(method: object) -> re.Pattern[str] | None:
    found = getattr(method, "__self__", None)  # of `re.compile(...).search`
    return quickened(found) if isinstance(found, re.Pattern) else None


def _branches(pattern: str) -> list[_Items]:
    """Return the alternatives of `pattern`, as Python's parser has them."""
    items = parser.parse(pattern)
    match list(items):
        case [(code, (_, branches))] if str(code) == "BRANCH":
            return list(branches)
        case _:
            return [items]


def _is_behind_digit(items: _Items) -> bool:
    return any(f"({code}, {value})" == _BEHIND_DIGIT for code, value in islice(items, 1))


def _begins_without(items: _Items, characters: frozenset[str]) -> bool:
    """Whether what `items` match begins with a character, and with none of `characters`."""
    for code, value in items:
        match str(code), value:
            case around, _ if around in _AROUND:
                continue
            case "LITERAL", int():
                return chr(value) not in characters
            case "IN", list():
                return not any(_may_be(part, characters) for part in value)
            case "BRANCH", (_, list() as branches):
                return all(_begins_without(branch, characters) for branch in branches)
            case (("MAX_REPEAT" | "MIN_REPEAT"), (int() as least, _, inner)) if least:
                return _begins_without(inner, characters)
            case _:
                return False
    return False


def _may_be(part: tuple[object, object], characters: frozenset[str]) -> bool:
    """Whether a part of a set may be one of `characters`."""
    match str(part[0]), part[1]:
        case "LITERAL", int() as value:
            return chr(value) in characters
        case "RANGE", (int() as low, int() as high):
            return any(low <= ord(character) <= high for character in characters)
        case _:
            return True
