"""JSON within a text: a tool's answer that nobody called JSON, a string that holds JSON of its own.

Nothing is parsed: such a text crosses as text. But who reads it behind us parses it, so what stands in the place of a
number there is written as a string, and an escape is not torn.

What a model writes may be JSON, too, and is judged before its end is known: there only what stands before a number
tells whether it is a value (`Reading`), no further back than a stream remembers.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from sidecar.content.detection import Span

_CLOSED_BY: Final = {"{": "}", "[": "]"}
_NUMBER = re.compile(r"-?\d[\d.eE+-]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SPACE: Final = " \t\r\n"
_BEFORE_VALUE: Final = frozenset(":,[")
BACK: Final = 32  # characters before a number that are looked at; a stream keeps more of them
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_MEMBER = re.compile(r'(?<!\\)"[ \t\r\n]*:[ \t\r\n]*\Z')


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a text stands that is being written: whether it began as JSON does, and whether within a string of it."""

    is_json: bool | None = None  # None: nothing was written yet
    is_within: bool = False
    is_escaped: bool = False  # the last character was the first half of an escape

    def after(self, text: str) -> Self:
        """Return where it stands behind `text`, which may be cut anywhere."""
        if self.is_json is None:
            begun = text.lstrip(_SPACE)
            return type(self)(begun[0] in _CLOSED_BY).after(begun) if begun else self
        if not self.is_json or not text:
            return self
        plain = _ESCAPE.sub("", text[self.is_escaped :])
        is_within = self.is_within is not bool(plain.count('"') % 2)
        return type(self)(is_json=True, is_within=is_within, is_escaped=plain.endswith("\\"))


BEGUN: Final = Reading()


def is_like_json(text: str) -> bool:
    """Whether `text` begins and ends as an object or an array does."""
    written = text.strip(_SPACE)
    return len(written) > 1 and _CLOSED_BY.get(written[0]) == written[-1]


def bare(text: str, spans: Sequence[Span]) -> frozenset[Span]:
    """Return those of `spans`, in a text that is like JSON, that are a number of it: a whole value outside strings."""
    found = [span for span in spans if _NUMBER.fullmatch(text, span.start, span.end) and _is_value(text, span)]
    if not found:
        return frozenset()
    strings = [match.span() for match in _STRING.finditer(text)]
    starts = [start for start, _ in strings]

    def is_outside(span: Span) -> bool:
        before = bisect_right(starts, span.start)
        return not before or strings[before - 1][1] <= span.start

    return frozenset(filter(is_outside, found))


def _is_value(text: str, span: Span) -> bool:
    before, after = span.start, span.end
    while before and text[before - 1] in _SPACE:
        before -= 1
    while after < len(text) and text[after] in _SPACE:
        after += 1
    return text[before - 1 : before] in _BEFORE_VALUE and text[after : after + 1] in {",", "]", "}"}


def written_bare(text: str, spans: Sequence[Span], start: int = 0, reading: Reading = BEGUN) -> frozenset[Span]:
    """Return those of `spans`, in order, that are a number of JSON in what a model writes.

    `reading` is where the text stands at `start`. In a text that is JSON, that is a whole value outside strings; in any
    other, only the value of a member (`"card": 4111`), since a list in prose may have brackets, too.
    """
    found: list[Span] = []
    for span in spans:
        reading, start = reading.after(text[start : span.start]), span.start
        if not _NUMBER.fullmatch(text, span.start, span.end):
            continue
        before = text[max(0, span.start - BACK) : span.start]
        if reading.is_json:
            is_bare = not reading.is_within and before.rstrip(_SPACE)[-1:] in _BEFORE_VALUE
        else:
            is_bare = _MEMBER.search(before) is not None
        if is_bare:
            found.append(span)
    return frozenset(found)
