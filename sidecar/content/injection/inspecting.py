"""All texts of one crossing, looked at as one document, in pieces that leave the loop free.

What is hidden is looked for in each text alone. Whether a passage addresses the model depends on what stands
around it, so the texts of a JSON value are one document, in order, as a model reads them. A document is judged in
pieces of about a page; between two pieces others get their turn. Long ones are judged in the same
pieces, by the same functions, in the process of another (`Elsewhere`), some of them at once: to ask takes this process
as long as to judge a few lines. Where a classifier is configured, it sees of each piece the few passages that
ours find worst, and both scores become one: its log odds are added to ours, within bounds, so that the sum grows with
each of them and neither outvotes the other where it is sure. Whole pages told nothing more.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from sidecar.content.injection.scoring import Passage, Reader, logistic, logit
from sidecar.content.injection.signals import Signal, concealed, instructions, suspicious
from sidecar.content.turns import walked
from sidecar.model.steps import BATCH, Steps

MAX_PIECE: Final = 2_000  # characters that are judged without a pause: about a millisecond
MOST_HERE: Final = 8_000  # characters of a document that is judged in this process
MOST_ELSEWHERE: Final = 4 * MAX_PIECE  # characters that another process is asked about at once
MAX_TEXTS: Final = 32  # pieces of short texts that are judged together
GAP: Final = "\n\n"

WORST: Final = 3  # passages of a piece that the classifier sees for themselves
CLASSIFIER_MOST: Final = 4.0  # log odds that it adds to a passage, either way, whatever it says
CLASSIFIER_UNSEEN: Final = -2.0  # the same, of a passage that it did not see
CLASSIFIER_BIAS: Final = -0.1  # keeps false alarms where they are without it


class Classifier(Protocol):
    """Says of texts how likely they are injections."""

    async def scores(self, texts: Sequence[str], reader: Reader) -> Sequence[float]:
        """Return the log odds that it adds to ours for each of `texts`, of about a page, as `reader` reads it.

        Raises `UnavailableError` when it cannot in time.
        """


class Elsewhere(Protocol):
    """Does what `concealed` and `suspicious` do, for some pieces at once, without keeping the loop from others."""

    async def signals(self, texts: Sequence[str], begins: Sequence[bool], reader: Reader) -> list[tuple[Signal, ...]]:
        """Return what is concealed in each of `texts`. Raises `UnavailableError`."""

    async def passages(
        self, texts: Sequence[str], edges: Sequence[tuple[bool, bool]], reader: Reader
    ) -> list[tuple[Passage, ...]]:
        """Return the passages of each of `texts`. Raises `UnavailableError`."""


class Here:
    """In this process, on this loop."""

    async def signals(self, texts: Sequence[str], begins: Sequence[bool], reader: Reader) -> list[tuple[Signal, ...]]:
        return [concealed(text, reader, begins=begin) for text, begin in zip(texts, begins, strict=True)]

    async def passages(
        self, texts: Sequence[str], edges: Sequence[tuple[bool, bool]], reader: Reader
    ) -> list[tuple[Passage, ...]]:
        return [suspicious(text, reader, each) for text, each in zip(texts, edges, strict=True)]


@dataclass(frozen=True, slots=True)
class Piece:
    """`document[start:end]`, and whether the document begins and ends there."""

    start: int
    end: int
    edges: tuple[bool, bool]


class Inspector:
    """Finds what is meant for the model. Without a classifier it needs nothing but time."""

    def __init__(self, classifier: Classifier | None = None, elsewhere: Elsewhere | None = None) -> None:
        self._classifier = classifier
        self._elsewhere = elsewhere

    @property
    def alone(self) -> "Inspector":
        """The same without the classifier."""
        return Inspector(None, self._elsewhere)

    def _where(self, size: int) -> Elsewhere:
        return _HERE if self._elsewhere is None or size <= MOST_HERE else self._elsewhere

    async def inspect(self, texts: Sequence[str], reader: Reader, least: float = 0.0) -> Mapping[int, Sequence[Signal]]:
        """Return what `texts` hold, by their number; instructions in the open with a score of `least` or more.

        Raises `UnavailableError` when the classifier does.
        """
        found: dict[int, list[Signal]] = {}
        document, starts = await walked(joined(texts))
        where = self._where(len(document))
        for some in _together(texts, where):
            await asyncio.sleep(0)
            cut = [texts[index][piece.start : piece.end] for index, piece in some]
            inside = await where.signals(cut, [piece.edges[0] for _, piece in some], reader)
            for (index, piece), signals in zip(some, inside, strict=True):
                if signals:
                    moved = (replace(s, start=s.start + piece.start, end=s.end + piece.start) for s in signals)
                    found.setdefault(index, []).extend(moved)
        async for piece, own in _judged(document, reader, where):
            judged = own
            if self._classifier is not None and own:
                judged = await _seconded(self._classifier, document[piece.start : piece.end], own, reader)
            for signal in instructions(document, _moved(judged, piece), least):
                for index, placed in _placed(signal, starts, texts):
                    found.setdefault(index, []).append(placed)
        return found

    async def passages(self, text: str, reader: Reader) -> list[Passage]:
        """Return the passages of `text`, each with how much it addresses the model. Raises as `inspect`."""
        found: list[Passage] = []
        async for piece, own in _judged(text, reader, self._where(len(text))):
            found += _moved(own, piece)
        return found


async def _judged(document: str, reader: Reader, where: Elsewhere) -> AsyncIterator[tuple[Piece, Sequence[Passage]]]:
    """Yield the pieces of a document, each with its passages as offsets in it."""
    for together in _together([document], where):
        await asyncio.sleep(0)
        some = [piece for _, piece in together]
        inside = await where.passages([document[p.start : p.end] for p in some], [p.edges for p in some], reader)
        for piece, own in zip(some, inside, strict=True):
            yield piece, own


def _moved(passages: Sequence[Passage], piece: Piece) -> Sequence[Passage]:
    if not piece.start:
        return passages
    return [Passage(p.start + piece.start, p.end + piece.start, p.score, p.signs) for p in passages]


async def _seconded(classifier: Classifier, text: str, own: Sequence[Passage], reader: Reader) -> tuple[Passage, ...]:
    """Return `own`, the passages of `text`, with what the classifier says of the worst of them."""
    worst = sorted(range(len(own)), key=lambda i: -own[i].score)[:WORST]
    said = await classifier.scores([text[own[i].start : own[i].end] for i in worst], reader)
    most = CLASSIFIER_MOST
    known = {i: max(-most, min(most, odds)) for i, odds in zip(worst, said, strict=True)}
    more = (known.get(i, CLASSIFIER_UNSEEN) + CLASSIFIER_BIAS for i in range(len(own)))
    return tuple(replace(p, score=combined(p.score, m)) for p, m in zip(own, more, strict=True))


_HERE: Final = Here()


def _together(texts: Sequence[str], where: Elsewhere) -> Iterator[list[tuple[int, Piece]]]:
    """Yield the pieces of all of `texts`, each with the number of its text, so many as are judged there at once."""
    most = MAX_PIECE if where is _HERE else MOST_ELSEWHERE
    some: list[tuple[int, Piece]] = []
    size = 0
    for index, text in enumerate(texts):
        for piece in pieces(text):
            if some and (size + piece.end - piece.start > most or len(some) == MAX_TEXTS):
                yield some
                some, size = [], 0
            some.append((index, piece))
            size += piece.end - piece.start
    if some:
        yield some


def combined(score: float, more: float) -> float:
    """Return the score of a passage with `score`, and `more` log odds of the piece that it stands in."""
    return logistic(logit(score) + more)


def joined(texts: Sequence[str]) -> Steps[tuple[str, list[int]]]:
    """Come to `texts` as one document, and where each begins in it."""
    starts, at = list[int](), 0
    for number, text in enumerate(texts, 1):
        starts.append(at)
        at += len(text) + len(GAP)
        if not number % BATCH:
            yield
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
