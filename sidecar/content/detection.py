"""Where in a text does personal data stand?

The port, and the arithmetic on what it answers. A detector answers with every finding, also with those that
overlap: an e-mail address is a URL, too, and half of it a name. What becomes of them depends on the policy,
so it is decided by whoever knows the operators: findings that share a character become one region, and the
strictest operator among them rules all of it. To cut regions apart instead would save a few characters and
let through the rest of a datum wherever two recognizers disagree about its ends.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, Protocol, runtime_checkable

from sidecar.errors import UnavailableError

MAX_HIDDEN: Final = 256  # characters of what stands in a datum's place: a kind's name has 64, a mask fewer


@dataclass(frozen=True, slots=True)
class Span:
    """One finding: `text[start:end]` is an `entity`, with certainty `score` from 0 to 1."""

    start: int
    end: int
    entity: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a detector shall look for.

    `thresholds` names every kind, with the least score that counts; `recognizers` are those of the rule
    packs, each as JSON in Presidio's own format; `installed` are classes of the user's packages, as `package:Class`.
    """

    thresholds: Mapping[str, float] = field(default_factory=dict)
    recognizers: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()


class Detector(Protocol):
    """Finds the kinds of personal data that the policy asks for."""

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        """Return, for each of `texts`, every finding at or above its kind's threshold, by offsets in that text.

        `entities` are the kinds to look for; none are all that are wanted. Findings may overlap. Raises
        `UnavailableError` when it cannot answer in time.
        """


class Finder(Protocol):
    """Finds something in a part of a text, as a compiled pattern does."""

    def finditer(self, text: str, start: int, end: int, /) -> Iterator[re.Match[str]]:
        """Return the matches in `text[start:end]`, in order."""


class NoDetector:
    """For policies that name no kind of personal data: nothing is asked, so nothing is found."""

    async def start(self) -> None:
        """Nothing to warm."""

    async def stop(self) -> None:
        """Nothing to end."""

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        del entities
        return [()] * len(texts)


@runtime_checkable
class Lasting(Detector, Protocol):
    """A detector that outlives its policy for those who began with it: each holds it once, and lets go once."""

    def hold(self) -> None:
        """Let it last."""

    def let_go(self) -> None:
        """Need it no more."""


@runtime_checkable
class Extended(Detector, Protocol):
    """A detector that tells what it was made for."""

    @property
    def wanted(self) -> Wanted:
        """What it looks for, and with whose classes."""


@runtime_checkable
class Excused(Detector, Protocol):
    """A detector that tells whether it found nothing in a text because nobody could look."""

    @property
    def skipped(self) -> bool:
        """Whether it was so with any text until now."""


class Lenient:
    """Finds nothing where `detector` does not answer, and says so: `skipped` is set from then on."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.skipped = False

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        try:
            return await self._detector.find(texts, entities)
        except UnavailableError:
            self.skipped = True
            return [()] * len(texts)


def regions(spans: Iterable[Span], strictness: Callable[[str], int]) -> tuple[Span, ...]:
    """Return disjoint spans in order of place that cover exactly what `spans` cover.

    A region takes its entity from the member with the greatest `strictness` of entity, then score, then
    length; what is still equal is decided by name, so that the order of `spans` never matters.
    """

    def weight(span: Span) -> tuple[int, float, int, str]:
        return strictness(span.entity), span.score, span.end - span.start, span.entity

    groups: list[list[Span]] = []
    reach = 0  # of the last group
    for span in sorted(spans, key=lambda s: s.start):
        if groups and span.start < reach:
            groups[-1].append(span)
        else:
            groups.append([span])
            reach = 0
        reach = max(reach, span.end)
    return tuple(_region(group, max(group, key=weight)) for group in groups)


def apart(spans: Iterable[Span], size: int) -> Iterator[list[Span]]:
    """Yield `spans` in order of place, about `size` at a time, so that none shares a character with another part's."""
    some: list[Span] = []
    reach = 0
    for span in sorted(spans, key=attrgetter("start")):
        if len(some) >= size and span.start >= reach:
            yield some
            some = []
        some.append(span)
        reach = max(reach, span.end)
    if some:
        yield some


def _region(group: Sequence[Span], first: Span) -> Span:
    return Span(group[0].start, max(span.end for span in group), first.entity, first.score)


def shifted(spans: Iterable[Span], by: int) -> tuple[Span, ...]:
    """Return `spans` as offsets in the text without its first `by` characters; what stands only there is dropped."""
    if not by:
        return tuple(spans)
    return tuple(Span(max(s.start - by, 0), s.end - by, s.entity, s.score) for s in spans if s.end > by)


def outside(text: str, spans: Sequence[Span], hidden: Finder) -> tuple[Span, ...]:
    """Return what is left of `spans` without the matches of `hidden` in `text`: none, one or several pieces of each.

    A match has at most `MAX_HIDDEN` characters, so that only what is near a span is looked at. A piece without a letter
    or digit is dropped.
    """
    holes = [match.span() for low, high in _near(spans) for match in hidden.finditer(text, low, high)]
    if not holes:
        return tuple(spans)
    ends = [end for _, end in holes]  # sorted: a span looks only at the holes that reach into it
    return tuple(
        Span(start, end, span.entity, span.score)
        for span in spans
        for start, end in _without(span, holes, bisect_right(ends, span.start))
        if any(c.isalnum() for c in text[start:end])
    )


def _near(spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Yield where something could be hidden that reaches into one of `spans`: disjoint places, in order."""
    low, high = 0, 0
    for span in sorted(spans, key=lambda span: span.start):
        if high and span.start - MAX_HIDDEN > high:
            yield low, high
            high = 0
        low = low if high else max(span.start - MAX_HIDDEN, 0)
        high = max(high, span.end + MAX_HIDDEN)
    if high:
        yield low, high


def _without(span: Span, holes: Sequence[tuple[int, int]], at: int) -> Iterable[tuple[int, int]]:
    start = span.start
    while at < len(holes) and holes[at][0] < span.end:
        hole_start, hole_end = holes[at]
        if start < hole_start:
            yield start, hole_start
        start = hole_end
        at += 1
    if start < span.end:
        yield start, span.end
