"""The values of an argument: what must be looked up for its origin to be known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from sidecar.content.origin.normal import (
    emails,
    folded,
    identifier,
    is_day,
    is_email,
    is_url,
    urls,
)
from sidecar.content.origin.places import is_account
from sidecar.model.strict_json import Json

MAX_VALUES: Final = 256  # of one argument; one with more counts by its first ones and as if the rest were unknown
MAX_CHARACTERS: Final = 8_192  # of one text that is compared
PHRASE: Final = 4  # words that in the same order are no accident

LABELS: Final = frozenset({"type", "kind", "format", "mode", "encoding"})  # members that say what the others are

_ID: Final = re.compile(r"(?!\d+[a-z]{1,3}\Z)(?=[^\d]*\d)(?=[^a-z]*[a-z])[a-z0-9]+(?:[-_#][a-z0-9]+){0,8}")
_PATH: Final = re.compile(r"[.~]?(?:/(?!/)[\w .-]{1,80}){1,16}")
MAX_ID: Final = 40  # characters
_SEPARATORS: Final = re.compile(r"[,;|\n]|\s(?:and|or|&)\s")
_NAMED: Final = re.compile(r"<([^<>]{3,320})>\s*$")  # `Display Name <a@example.org>`


def values(argument: Json) -> Iterator[str | int | float]:
    """Yield what an argument holds: its numbers, and its texts folded. What is empty or a truth value is none."""
    stack: list[Json] = [argument]
    while stack:
        held = stack.pop()
        match held:
            case str():
                if text := folded(held[:MAX_CHARACTERS]):
                    yield text
            case bool() | None:
                continue
            case int() | float():
                yield held
            case Mapping():
                stack.extend(reversed([member for name, member in held.items() if name not in LABELS]))
            case list():
                stack.extend(reversed(held))


def first_values(argument: Json) -> list[str | int | float]:
    """Return the first MAX_VALUES of what an argument holds."""
    return list(islice(values(argument), MAX_VALUES))


@dataclass(slots=True)
class Given:
    """What the arguments hold that were looked at last: several look at those of one call. Of one session."""

    _arguments: Json = None
    _values: list[str | int | float] = field(default_factory=list)

    def of(self, arguments: Json) -> list[str | int | float]:
        """Return their first MAX_VALUES. The list is not yours."""
        if arguments is not self._arguments:
            self._arguments, self._values = arguments, first_values(arguments)
        return self._values


def parts(text: str) -> list[str]:
    """Return the parts of a folded text that is a list of several, or the text alone."""
    if named := _NAMED.search(text):
        return [named[1].strip()]
    found = [part.strip(" .") for part in _SEPARATORS.split(text)]
    return [part for part in found if part] or [text]


def references(text: str) -> list[str]:
    """Return the addresses in a folded text, wherever they stand in it: e-mail addresses and URLs.

    What is the path of a file has none, though files are called as hosts are: `/recipes/plum.txt`.
    """
    if "." not in text or _PATH.fullmatch(text):
        return []
    return emails(text) + urls(text)


def phrases(text: str, most: int) -> list[str]:
    """Return each run of PHRASE words of a folded text, as it is written there; of many `most`, evenly spread."""
    starts = [match.span() for match in re.finditer(r"\S+", text)]
    runs = range(len(starts) - PHRASE + 1)
    return [text[starts[i][0] : starts[i + PHRASE - 1][1]] for i in runs[:: -(-len(runs) // most) or 1]]


def is_place(value: str) -> bool:
    """Return whether a folded text is an e-mail address or the number of an account."""
    return is_email(value) or is_account(identifier(value))


def is_id(value: str | float) -> bool:
    """Return whether a folded text is what something is filed under: `v25`, `order-7`.

    A size or an hour is none, nor is the number of an account, into which something goes.
    """
    if not isinstance(value, str) or len(value) > MAX_ID or not _ID.fullmatch(value):
        return False
    return not (is_day(value) or is_account(identifier(value)))


def is_reached(value: str) -> bool:
    """Return whether a folded text is where a message goes or a page lies: an e-mail address or a whole URL."""
    return is_email(value) or (is_url(value) and "://" in value)
