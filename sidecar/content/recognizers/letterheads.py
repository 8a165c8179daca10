"""Who stands above an address: a person first, then what they are part of, each on a line of its own."""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers import addresses

ENTITIES: Final = frozenset({"ORGANIZATION", "PERSON"})
REPLACES: Final = frozenset[str]()

WEAK: Final = 0.5
MAX_LINES: Final = 3  # above an address
LONGEST: Final = 60  # characters of a line
MAX_WORDS: Final = 5  # of a name

_NAME = re.compile(r"[^\w\n]{0,6}(?P<name>[^\W\d_][^\n\d:!?;=<>{}()\[\]/\\_@#|]*[^\W\d_]\.?)[ \t,]*")


def find(text: str) -> Iterator[Span]:
    """Yield the names above the addresses of `text`."""
    if not any(map(_named, text.split("\n")[:-1])):
        return  # nobody is above anything
    is_lower = text == text.lower()
    for address in addresses.find(text):
        begin = text.rfind("\n", 0, address.start) + 1
        if any(map(str.isalnum, text[begin : address.start])):
            continue
        above = list(_above(text, begin, is_lower=is_lower))
        for line in above:
            yield Span(*line, "PERSON" if line is above[-1] else "ORGANIZATION", WEAK)


def _above(text: str, end: int, *, is_lower: bool) -> Iterator[tuple[int, int]]:
    """Yield the names on the lines that end before `end`, the nearest first."""
    for _ in range(MAX_LINES + 1):  # one of them may be empty
        start = text.rfind("\n", 0, max(end - 1, 0)) + 1
        line = text[start : end - 1] if end else ""
        named = _named(line)
        if not end or (line.strip() and not named):
            return
        if named:
            words = named["name"].split()
            if len(words) > MAX_WORDS or not (is_lower or (words[0][0].isupper() and words[-1][0].isupper())):
                return
            yield start + named.start("name"), start + named.end("name")
        end = start


def _named(line: str) -> re.Match[str] | None:
    return _NAME.fullmatch(line) if len(line) <= LONGEST else None
