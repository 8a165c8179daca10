"""A datum that is longer than a part: what one part ends with may go on in the next.

A part has at most `MAX_PART` characters; a private key has some thousand, a token that tells who somebody is has one or
two. Where such a datum begins it shows what it is, and what follows has no mark of its own. So a finding that reaches
the end of what was shown is followed into the next part, as far as its signs go; one whose end was seen behind its part
(`AHEAD`) goes on to there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sidecar.content.detection import Span
from sidecar.content.nested import BEGUN, Reading
from sidecar.content.parts import Part, clipped

KEY: Final = "PRIVATE_KEY"
LOOKED_BACK: Final = 128  # characters before a part's end that tell whether a key goes on
_BODY: Final = "[A-Za-z0-9+/=]"
# Lines of a key, also as they are quoted, commented or written in a program.
_BETWEEN: Final = r"(?:\\[nrt]|[\s>|\"',\\#*])"
_LINES: Final = rf"(?:(?<={_BODY}){_BODY}*+|(?<=\\)[nrt])?(?:{_BETWEEN}*+{_BODY}{{16,}}+)*+"
_LAST: Final = rf"(?:{_BETWEEN}*+{_BODY}{{1,76}}+)?(?:{_BETWEEN}++={_BODY}{{4}})?{_BETWEEN}*+"
_END: Final = r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_KEY_ALONE: Final = re.compile(rf"{_LINES}{_LAST}\Z")
_REST_OF_KEY: Final = re.compile(rf"{_LINES}(?:{_LAST}{_END}|{_BETWEEN}++(?=[A-Za-z]*[0-9+/=]){_BODY}{{1,76}}+)?")
_REST_OF_RUN: Final = re.compile(r"(?<=\S)[\w+/=~%.:@?&-]*+")
# What stands before a line of a key: its mark, one of its headers, or another line; and what the part has of it.
_BEFORE_KEY: Final = re.compile(
    rf"(?:KEY(?: BLOCK)?-----|^{_BETWEEN}*[A-Za-z][A-Za-z-]{{1,20}}: .{{1,80}}|{_BODY}{{16,}}){_BETWEEN}*"
    rf"{_BODY}{{0,76}}\Z",
    re.MULTILINE,
)


class _Rest(NamedTuple):
    """What a part ended with: it goes on for `beyond` characters, and where it `is_open` as far as its signs do."""

    entity: str
    score: float
    beyond: int
    is_open: bool


@dataclass(slots=True)
class GoingOn:
    """What is found in the parts of one text, which are asked about one after the other.

    `reading` is where the text stands, should it be JSON, behind the parts that were rewritten.
    """

    reading: Reading = BEGUN
    _rests: Sequence[_Rest] = ()

    def found(self, text: str, part: Part, spans: Sequence[Span]) -> tuple[Span, ...]:
        """Return what stands in `part` behind its lead: of `spans`, offsets in its window, and what goes on."""
        more: list[Span] = []
        rests: list[_Rest] = []
        for rest in self._rests:
            end, is_open = _followed(text, part, rest)
            if end > max(part.start, part.lead):
                more.append(Span(max(part.start, part.lead), end, rest.entity, rest.score))
            beyond = part.start + rest.beyond - part.end
            if is_open or beyond > 0:
                rests.append(_Rest(rest.entity, rest.score, max(beyond, 0), is_open))
        self._rests = list(dict.fromkeys((*rests, *_begun(text, part, spans))))
        return (*more, *clipped(spans, part))


def _followed(text: str, part: Part, rest: _Rest) -> tuple[int, bool]:
    """Return where in `part` that ends which goes on there, and whether it may go on behind it."""
    start = part.start + rest.beyond
    if not rest.is_open or start >= part.end:
        return min(start, part.end), rest.is_open
    if rest.entity != KEY:
        run = _REST_OF_RUN.match(text, start, part.end)
        end = run.end() if run else start
        return end, end == part.end
    if _KEY_ALONE.match(text, start, part.end):
        return part.end, True
    key = _REST_OF_KEY.match(text, start, part.end)
    return (key.end() if key else start), False


def _begun(text: str, part: Part, spans: Sequence[Span]) -> Iterator[_Rest]:
    """Yield what of `spans`, offsets in the window of `part`, goes on behind it."""
    for span in spans:
        end = part.window_start + span.end
        if part.window_start + span.start >= part.end:
            continue  # it begins in the next part, which finds it there, and not what stands before it
        if part.end < end < part.window_end:
            yield _Rest(span.entity, span.score, end - part.end, is_open=False)
        elif end == part.window_end and span.entity == KEY:
            if _BEFORE_KEY.search(text, max(part.start, part.end - LOOKED_BACK), part.end):
                yield _Rest(span.entity, span.score, 0, is_open=True)
        elif end == part.window_end:
            yield _Rest(span.entity, span.score, end - part.end, is_open=not text[end - 1].isspace())
