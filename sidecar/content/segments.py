"""Long texts in pieces that are looked at one by one.

Recognizers take more time for each character the longer the text is, and one long text must not keep short
ones waiting. A text is cut at white space, where there is some, and neighbours share an overlap that is
longer than any datum with a form: what a cut goes through is found whole on the other side of it. Spans of
the same place are one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.content.detection import Span

MAX_CHARACTERS: Final = 8_000  # of a segment and of a batch: 0.2 s of work on one slow core
OVERLAP: Final = 512  # an e-mail address has at most 254, an IBAN 42 with its spaces
MAX_TEXTS: Final = 32  # of a batch: a short text costs 2 ms whatever its length


@dataclass(frozen=True, slots=True)
class Segment:
    """`text` stands in text number `index` from character `start` on."""

    index: int
    start: int
    text: str


def batches(texts: Sequence[str]) -> Iterator[tuple[Segment, ...]]:
    """Yield all of `texts` in batches that are each a bounded amount of work."""
    batch: list[Segment] = []
    size = 0
    for index, text in enumerate(texts):
        for start, end in _cuts(text):
            if batch and (size + end - start > MAX_CHARACTERS or len(batch) == MAX_TEXTS):
                yield tuple(batch)
                batch, size = [], 0
            batch.append(Segment(index, start, text[start:end]))
            size += end - start
    if batch:
        yield tuple(batch)


def joined(count: int, found: Sequence[tuple[Segment, Sequence[Span]]]) -> tuple[tuple[Span, ...], ...]:
    """Return what was found in the segments as findings in their `count` texts, in order of place."""
    spans: list[set[Span]] = [set() for _ in range(count)]
    for segment, inside in found:
        spans[segment.index].update(
            Span(span.start + segment.start, span.end + segment.start, span.entity, span.score) for span in inside
        )
    return tuple(tuple(sorted(s, key=lambda span: (span.start, span.end, span.entity, span.score))) for s in spans)


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while len(text) - start > MAX_CHARACTERS:
        end = _space(text, start + MAX_CHARACTERS - OVERLAP, start + MAX_CHARACTERS)
        yield start, end
        start = _space(text, end - 2 * OVERLAP, end - OVERLAP)
    yield start, len(text)


def _space(text: str, least: int, most: int) -> int:
    """Return the last place in (least, most] behind a paragraph, a line or a word; `most` where there is none."""
    for gap in ("\n\n", "\n", " "):
        if (at := text.rfind(gap, least, most)) != -1:
            return at + len(gap)
    return most
