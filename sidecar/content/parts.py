"""A text in parts that can be judged while it is being written.

What a model writes is judged part by part, the whole text no other than the stream, so that both come to the same.
Where a part ends is decided from left to right, by what stands there and a few characters behind it, never by how the
text arrived. A part ends with a sentence, a line, or, within a sentence, where only small words have followed for a
while: enough for the model that names persons to have seen what it looks at. It is never longer than `MAX_PART`.
Lines of an address and of a wrapped sentence are one part; those of a program, of records that begin alike, of fields
with labels are not (`content.lines`).

A part is looked at together with what stands before it (`window`). Its first plain words are its `lead`: no finding
begins there, so that they can be released before the part has ended.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.plain import LISTED, Small
from sidecar.content.reading import MAX_PART, NOWHERE, WORD, Reading, Within, pair

AHEAD: Final = 64  # characters behind a part that had to be cut, which are looked at with it
CONTEXT: Final = 48  # characters before a part: the five words whose context counts have thirty
HOLD_BACK: Final = MAX_PART + AHEAD  # characters of a stream that may have to wait, never more
RUN_OF_FORMS: Final = 3  # small words after which a part may end: behind a form, no context counts
RUN_OF_NAMES: Final = 6  # as many as the model's view to the right has words, and two

_GAP: Final = re.compile(r"\s")
_IDEOGRAPHIC_STOPS: Final = frozenset("\u3002\uff01\uff1f")


@dataclass(frozen=True, slots=True)
class Part:
    """`text[start:end]`, judged by what is found in `text[window_start:window_end]` from `lead` on."""

    start: int
    end: int
    window_start: int
    window_end: int
    lead: int

    @property
    def is_plain(self) -> bool:
        """Whether nothing can be found in it."""
        return self.lead >= self.end


def within(terms: Iterable[str], *, is_wide: bool = False) -> Within:
    """Return where no part ends of itself: between two words that stand so in one of `terms` (`Yahoo! Inc.`)."""
    return Within(frozenset(pair(*words) for term in terms for words in pairwise(WORD.findall(term))), is_wide)


def parts(text: str, run: int, small: Small = LISTED, unended: Within = NOWHERE) -> Iterator[Part]:
    """Yield the parts of a whole text. `run` is one of `RUN_OF_FORMS` and `RUN_OF_NAMES`.

    `small` tells which words are plain; `unended` is where no part ends of itself.
    """
    start = 0
    while part := next_part(text, reading(text, start, run, small, unended), is_whole=True):
        yield part
        start = part.end


def given_parts(text: str, ends: Sequence[int], start: int = 0, small: Small = LISTED) -> Iterator[Part]:
    """Yield the parts from `start` on that end at `ends`, whatever stands behind them."""
    for end in ends:
        yield _part(text, reading(text, start, RUN_OF_FORMS, small), end, end)
        start = end


def clipped(spans: Sequence[Span], part: Part) -> tuple[Span, ...]:
    """Return what of `spans`, offsets in the part's window, stands in the part behind its lead: offsets in the text."""
    by = part.window_start
    moved = (Span(max(s.start + by, part.lead), min(s.end + by, part.end), s.entity, s.score) for s in spans)
    return tuple(span for span in moved if span.start < span.end)


def reading(text: str, start: int, run: int, small: Small = LISTED, unended: Within = NOWHERE) -> Reading:
    """Return what reads the part that begins at `start`, as far as it is written and further on as more comes.

    Of `text` no more than the last `CONTEXT` characters before `start` are looked at.
    """
    return Reading(start, _window_start(text, start), run, small, unended)


def next_part(text: str, begun: Reading, *, is_whole: bool) -> Part | None:
    """Return the part that is `begun`; None where there is none, or more of the text must be seen first."""
    start = begun.start
    if end := begun.end(text, is_whole=is_whole):
        return _part(text, begun, end, end)
    if len(text) - start > MAX_PART and (is_whole or len(text) - start >= HOLD_BACK):
        end = _forced_end(text, start)
        return _part(text, begun, end, min(end + AHEAD, len(text)))
    return _part(text, begun, len(text), len(text)) if is_whole and start < len(text) else None


def _part(text: str, begun: Reading, end: int, window_end: int) -> Part:
    return Part(begun.start, end, begun.low, window_end, begun.lead(text, is_whole=True, stop=end))


def _window_start(text: str, start: int) -> int:
    """Return where the context begins: with a word, in the same paragraph."""
    least = max(0, start - CONTEXT)
    paragraph = text.rfind("\n\n", least, start)
    if paragraph >= 0:
        return paragraph + 2
    gap = _GAP.search(text, least, start) if least else None
    return gap.end() if gap else least


def _forced_end(text: str, start: int) -> int:
    """Return where a part ends that does not end of itself: between words, away from digits, or else anywhere."""
    least, most = start + MAX_PART // 2, start + MAX_PART
    gaps = [at for at in range(most, least, -1) if text[at - 1].isspace() or text[at - 1] in _IDEOGRAPHIC_STOPS]
    return next((at for at in gaps if not _has_digits_around(text, at)), gaps[0] if gaps else most)


def _has_digits_around(text: str, at: int) -> bool:
    return any(map(str.isdigit, text[max(0, at - 8) : at + 8]))
