"""Long texts in pieces that are looked at one by one.

One long text must not keep short ones waiting, and a history that grows by a message must be looked at only where
it is new: pieces are counted from the start, so that those of a longer text are the same, but for the last. A
text is cut at a paragraph, a line or a word, where there is one, and every piece is shown with some of what
stands before and behind it: a datum that a cut goes through is found whole by one side or the other, and the words
around it say to both what they say to a reader. Each side keeps what touches its own piece; spans of the same place
are one. Rows of a table are shown behind the table's first line, which says what their cells are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from sidecar.content.detection import Span

MAX_PIECE: Final = 1_500  # characters; the smaller, the less is looked at again when a text has grown
MIN_PIECE: Final = 1_000
AROUND: Final = 128  # characters shown on each side: longer than any datum with spaces, and than the words about it
MAX_UNBROKEN: Final = 512  # of characters shown on each side where no word ends: an e-mail address has at most 254
MAX_WORD: Final = 4_000  # characters beyond a piece's, so that no word is cut: a token, a key in Base64
MAX_BLOCK: Final = 8_000  # of an armoured key, which is not cut either; one of 8192 bits has 6,400
LONGEST_ROW: Final = 1_000  # characters of the row behind a piece that are looked at
LONGEST_HEADER: Final = 256  # of a table's first line
_COLUMNS: Final = "|\t;,"  # what stands between the cells of a row
UNIT: Final = 4  # a longer run is cut between so many digits, as Base64 is read; the lengths here are multiples of it
MAX_CHARACTERS: Final = 4_000  # of a batch: 10 ms of work on one core
MAX_TEXTS: Final = 32  # of a batch
_PLACE: Final = attrgetter("start", "end", "entity", "score")
_SPACE = re.compile(r"\s")
_BEGIN = "-----BEGIN"  # RFC 7468
_END = "-----END"
_BEFORE_RUN = re.compile(r"(?s:.*)[^A-Za-z0-9+/_=-]")  # to the last that is no digit of Base64
_LINES = re.compile(r"[A-Za-z0-9+/=\s>|\"',\\#*]*+")  # of a block whose end is missing
_BLOCK_END = re.compile(rf"{_END}[^-]{{0,64}}-----")


@dataclass(frozen=True, slots=True)
class Segment:
    """`text` stands in text number `index` from character `start` on; of it, `text[low:high]` is the piece itself.

    Its first `led` characters stand further up: what is found there only is nobody's.
    """

    index: int
    start: int
    text: str
    low: int
    high: int
    led: int = 0

    def keeps(self, span: Span) -> bool:
        """Whether `span`, an offset in `text`, touches the piece."""
        return span.start < self.high and span.end > self.low


def batches(texts: Sequence[str]) -> Iterator[tuple[Segment, ...]]:
    """Yield all of `texts` in batches that are each a bounded amount of work."""
    batch: list[Segment] = []
    size = 0
    for index, text in enumerate(texts):
        for segment in _segments(index, text):
            if batch and (size + len(segment.text) > MAX_CHARACTERS or len(batch) == MAX_TEXTS):
                yield tuple(batch)
                batch, size = [], 0
            batch.append(segment)
            size += len(segment.text)
    if batch:
        yield tuple(batch)


def joined(count: int, found: Sequence[tuple[Segment, Sequence[Span]]]) -> tuple[tuple[Span, ...], ...]:
    """Return what was found in the segments as findings in their `count` texts, in order of place."""
    spans: list[set[Span]] = [set() for _ in range(count)]
    for segment, inside in found:
        by, led = segment.start, segment.led
        kept = [span for span in inside if segment.keeps(span)]
        spans[segment.index].update(
            [Span(max(span.start, led) + by, span.end + by, span.entity, span.score) for span in kept]
            if by or led
            else kept
        )
    return tuple([tuple(sorted(some, key=_PLACE)) for some in spans])


def _segments(index: int, text: str) -> Iterable[Segment]:
    if 0 < len(text) <= MAX_PIECE:
        return (Segment(index, 0, text, 0, len(text)),)
    return _pieces(index, text)


def _pieces(index: int, text: str) -> Iterator[Segment]:
    start, header = 0, ""
    while start < len(text):
        end = _cut(text, start) if len(text) - start > MAX_PIECE else len(text)
        low, high = _before(text, start), _behind(text, end)
        if header:
            low = text.find("\n", low, start) + 1
        by, led = low - len(header), len(header)
        yield Segment(index, by, header + text[low:high], start - by, end - by, led)
        header = _header(text, start, end, header)
        start = end


def _header(text: str, start: int, end: int, before: str) -> str:
    """Return the first line of the table whose rows go on behind `end`, with its end; none where there is no table.

    `start` is where the piece begins that ends there, and `before` the first line of the table that goes on into it.
    """
    lines = text[start:end].splitlines(keepends=True) if text[end - 1 : end] == "\n" else []
    following = text[end : end + LONGEST_ROW].partition("\n")[0]
    sign = next((sign for sign in _COLUMNS if lines and 0 < lines[-1].count(sign) == following.count(sign)), "")
    if not sign:
        return ""
    cells = lines[-1].count(sign)
    first = next((at for at in range(len(lines), 0, -1) if lines[at - 1].count(sign) != cells), 0)
    if not first and before.count(sign) == cells:
        return before
    header = lines[first]
    return header if len(header) <= LONGEST_HEADER and not any(map(str.isdigit, header)) else ""


def _cut(text: str, start: int) -> int:
    """Return where the piece that begins at `start` ends: behind a paragraph, a line or a word, where there is one."""
    for gap in ("\n\n", "\n", ". ", " "):
        if (at := text.rfind(gap, start + MIN_PIECE, start + MAX_PIECE)) != -1:
            return _behind_block(text, start, at + len(gap))
    space = _SPACE.search(text, start + MAX_PIECE, start + MAX_PIECE + MAX_WORD)
    if space or len(text) - start <= MAX_PIECE + MAX_WORD:
        return space.end() if space else len(text)
    return start + MAX_PIECE - (MAX_PIECE - _run(text, start)) % UNIT


def _run(text: str, start: int) -> int:
    """Return how far behind `start` the run of digits begins that a cut behind `MAX_PIECE` goes through."""
    other = _BEFORE_RUN.search(text, start, start + MAX_PIECE)
    return other.end() - start if other else 0


def _behind_block(text: str, start: int, end: int) -> int:
    """Return `end`, or the end of an armoured block that it would cut."""
    begin = text.rfind(_BEGIN, start, end)
    if begin == -1 or text.find(_END, begin, end) != -1:
        return end
    last = _BLOCK_END.search(text, end, begin + MAX_BLOCK) or _LINES.match(text, end, begin + MAX_BLOCK)
    return last.end() if last else end


def _before(text: str, start: int) -> int:
    """Return where what is shown before `start` begins: at a word, where there is one."""
    if start <= AROUND:
        return 0
    if (space := text.rfind(" ", max(start - MAX_UNBROKEN, 0), start - AROUND)) != -1:
        return space + 1
    return max(start - MAX_UNBROKEN, 0)


def _behind(text: str, end: int) -> int:
    """Return where what is shown behind `end` ends: at a word, where there is one."""
    if len(text) - end <= AROUND:
        return len(text)
    if (space := text.find(" ", end + AROUND, end + MAX_UNBROKEN)) != -1:
        return space
    return min(end + MAX_UNBROKEN, len(text))
