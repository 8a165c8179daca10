"""JSON within a text: a tool's answer that nobody called JSON, a string that holds JSON of its own.

Nothing is parsed: such a text crosses as text. But who reads it behind us parses it, so what stands in the place of a
number there is written as a string, and an escape is not torn.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from sidecar.content.detection import Span

_CLOSED_BY: Final = {"{": "}", "[": "]"}
_NUMBER = re.compile(r"-?\d[\d.eE+-]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SPACE: Final = " \t\r\n"


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
    return text[before - 1 : before] in {":", ",", "["} and text[after : after + 1] in {",", "]", "}"}
