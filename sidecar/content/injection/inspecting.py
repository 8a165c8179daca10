"""All texts of one crossing, looked at as one document, in pieces that leave the loop free.

What is hidden is looked for in each text alone. Whether a passage addresses the model depends on what stands
around it, so the texts of a JSON value are one document, in order, as a model reads them. A document is judged in
pieces of about a page; between two pieces others get their turn. Where a classifier is configured, it sees the
same pieces, and both scores become one.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from sidecar.content.injection.scoring import Passage, Reader, logistic, logit
from sidecar.content.injection.signals import Signal, concealed, instructions, suspicious

MAX_PIECE: Final = 2_000  # characters that are judged without a pause: about a millisecond
GAP: Final = "\n\n"

# Log odds of the whole are those of ours, and these for each of the classifier's: fitted on sources left out.
CLASSIFIER_WEIGHT: Final = 0.2
CLASSIFIER_BIAS: Final = -0.2


class Classifier(Protocol):
    """Says of texts how likely they are injections."""

    async def scores(self, texts: Sequence[str]) -> Sequence[float]:
        """Return log odds for each of `texts`, of about a page. Raises `UnavailableError` when it cannot in time."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`document[start:end]`, and whether the document begins and ends there."""

    start: int
    end: int
    edges: tuple[bool, bool]


class Inspector:
    """Finds what is meant for the model. Without a classifier it needs nothing but time."""

    def __init__(self, classifier: Classifier | None = None) -> None:
        self._classifier = classifier

    async def inspect(self, texts: Sequence[str], reader: Reader) -> list[tuple[Signal, ...]]:
        """Return what each of `texts` holds. Raises `UnavailableError` when the classifier does."""
        found: list[list[Signal]] = []
        since = 0
        for text in texts:
            found.append([])
            for piece in pieces(text):
                since += piece.end - piece.start
                if since > MAX_PIECE:
                    since = 0
                    await asyncio.sleep(0)
                inside = concealed(text[piece.start : piece.end], reader, begins=piece.edges[0])
                found[-1].extend(replace(s, start=s.start + piece.start, end=s.end + piece.start) for s in inside)
        document, starts = joined(texts)
        judged: list[Passage] = []
        for piece in pieces(document):
            await asyncio.sleep(0)
            judged += await self._judged(document[piece.start : piece.end], piece, reader)
        for signal in instructions(judged):
            for index, placed in _placed(signal, starts, texts):
                found[index].append(placed)
        return [tuple(signals) for signals in found]

    async def _judged(self, text: str, piece: Piece, reader: Reader) -> list[Passage]:
        own = suspicious(text, reader, piece.edges)
        more = 0.0
        if self._classifier is not None and own:
            more = CLASSIFIER_WEIGHT * (await self._classifier.scores([text]))[0] + CLASSIFIER_BIAS
        return [
            Passage(p.start + piece.start, p.end + piece.start, combined(p.score, more) if more else p.score, p.signs)
            for p in own
        ]


def combined(score: float, more: float) -> float:
    """Return the score of a passage with `score`, and `more` log odds of the piece that it stands in."""
    return logistic(logit(score) + more)


def joined(texts: Sequence[str]) -> tuple[str, list[int]]:
    """Return `texts` as one document, and where each begins in it."""
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text) + len(GAP)
    return GAP.join(texts), starts


def pieces(document: str) -> Iterator[Piece]:
    """Yield all of `document` in pieces, cut at a paragraph, a line or a word where there is one."""
    start, length = 0, len(document)
    while length - start > MAX_PIECE:
        end = _cut(document, start + MAX_PIECE // 2, start + MAX_PIECE)
        yield Piece(start, end, (start == 0, False))
        start = end
    yield Piece(start, length, (start == 0, True))


def _cut(document: str, least: int, most: int) -> int:
    for gap in (GAP, "\n", ". ", " "):
        if (at := document.rfind(gap, least, most)) != -1:
            return at + len(gap)
    return most


def _placed(signal: Signal, starts: Sequence[int], texts: Sequence[str]) -> Iterator[tuple[int, Signal]]:
    """Yield the texts that `signal` of the document lies in, each with its part of it."""
    index = bisect_right(starts, signal.start) - 1
    while index < len(texts) and starts[index] < signal.end:
        start = max(signal.start - starts[index], 0)
        end = min(signal.end - starts[index], len(texts[index]))
        if start < end:
            yield index, Signal(signal.kind, start, end, signal.score, signal.detail)
        index += 1
