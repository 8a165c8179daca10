"""What becomes of each place where personal data was found, and what is written in its stead."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.content.detection import Span, apart, regions
from sidecar.content.nested import BEGUN, Reading, bare, is_like_json, written_bare
from sidecar.content.operators import apply, mask, masked_whole
from sidecar.content.places import Place
from sidecar.content.turns import rest
from sidecar.model.operator import Operator
from sidecar.policy.entities import NAMED
from sidecar.stores.base import Datum

JUDGED_AT_ONCE: Final = 128  # that are judged, or replaced: less than a millisecond


@dataclass(frozen=True, slots=True)
class Hit:
    """One region of one text, and what happens to it. A hit in a fixed place is denied."""

    place: Place
    span: Span
    operator: Operator
    is_bare: bool = False  # a number of a text that is JSON: what stands in its place is a string

    @property
    def datum(self) -> Datum:
        """What was found."""
        return Datum(self.span.entity, self.place.piece.text[self.span.start : self.span.end])


def _instead(hit: Hit, written: "Written") -> str:
    """Return what stands in the place of `hit`: of a number that goes on in the next place a mask leaves nothing."""
    if hit.operator is Operator.MASK and hit.place.goes_on:
        return masked_whole(hit.datum.value)
    return apply(hit.operator, hit.span.entity, hit.datum.value, written.key, written.tokens.get(hit.datum, ""))


def judge(spans: Sequence[Span], at: Place, operators: Mapping[str, Operator]) -> tuple[Hit, ...]:
    """Return the hits among `spans`, which are offsets in the text of `at`."""
    counted = [span for span in _counted(spans, at) if span.entity in operators]
    joined = regions(counted, lambda entity: operators[entity])
    hits = (Hit(at, span, Operator.DENY if at.is_fixed else operators[span.entity]) for span in joined)
    return tuple(hit for hit in hits if not _masked_before(hit))


def _counted(spans: Sequence[Span], at: Place) -> list[Span]:
    return [span for span in spans if span.score >= at.floor and (at.is_prose or span.entity not in NAMED)]


def left(spans: Sequence[Span], at: Place, hits: Sequence[Hit]) -> frozenset[str]:
    """Return the kinds among `spans` that cross as they are: those that none of `hits`, in order, covers."""
    gone = [hit.span for hit in hits]
    starts = [span.start for span in gone]

    def covered(span: Span) -> bool:
        before = bisect_right(starts, span.start)
        return bool(before) and span.end <= gone[before - 1].end

    return frozenset(span.entity for span in _counted(spans, at) if not covered(span))


def _masked_before(hit: Hit) -> bool:
    """Whether masking would change nothing: so a history that is sent again crosses as it is."""
    return hit.operator is Operator.MASK and mask(hit.datum.value) == hit.datum.value


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of one place: its hits, disjoint and in order, and what happens there to which kinds."""

    at: Place
    hits: tuple[Hit, ...]
    done: Mapping[tuple[Operator, str], None]

    def does(self, operator: Operator) -> bool:
        """Whether `operator` is among what happens there."""
        return any(done is operator for done, _ in self.done)


async def judged(spans: Sequence[Span], at: Place, operators: Mapping[str, Operator]) -> Judged:
    """Return what becomes of `at`, where `spans` were found; where they are many, others go first now and then."""
    hits: list[Hit] = []
    done: dict[tuple[Operator, str], None] = {}
    for number, some in enumerate(apart(spans, JUDGED_AT_ONCE)):
        if number:
            await rest(number)
        more = judge(some, at, operators)
        hits += more
        done |= dict.fromkeys((hit.operator, hit.span.entity) for hit in more)
    return Judged(at, tuple(hits), done)


@dataclass(frozen=True, slots=True)
class Written:
    """What is written in the place of data: hashes under `key`, and the token of each datum that gets one."""

    key: bytes = field(repr=False)
    tokens: Mapping[Datum, str] = field(default_factory=dict, repr=False)


def replaced(text: str, hits: Sequence[Hit], written: Written, start: int = 0, end: int | None = None) -> str:
    """Return `text[start:end]` with its `hits`, which are disjoint and in order, in the form that may cross."""
    parts, at = [], start
    for hit in hits:
        span = hit.span
        instead = _instead(hit, written)
        parts += [text[at : span.start], f'"{instead}"' if hit.is_bare else instead]
        at = span.end
    return "".join([*parts, text[at:end]])


def fitting(text: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Return `hits` so that a `text` that is JSON stays JSON: numbers become strings, and no escape is masked."""
    if not is_like_json(text):
        return hits
    return _fitted(hits, bare(text, [hit.span for hit in hits]))


def spoken(text: str, hits: tuple[Hit, ...], start: int = 0, reading: Reading = BEGUN) -> tuple[Hit, ...]:
    """Return `hits` likewise in a `text` that a model writes, of which `reading` tells where `start` stands."""
    numbers = written_bare(text, [hit.span for hit in hits], start, reading) if hits else frozenset[Span]()
    return _fitted(hits, numbers)


def _fitted(hits: tuple[Hit, ...], numbers: Collection[Span]) -> tuple[Hit, ...]:
    return tuple(
        replace(
            hit,
            is_bare=hit.span in numbers,
            operator=Operator.REDACT if hit.operator is Operator.MASK and "\\" in hit.datum.value else hit.operator,
        )
        for hit in hits
    )


async def written_anew(text: str, hits: tuple[Hit, ...], written: Written) -> str:
    """Return `text` with all of its `hits` in the form that may cross; of many, others go first meanwhile."""
    done = 0
    parts: list[str] = []
    for number, start in enumerate(range(0, len(hits), JUDGED_AT_ONCE)):
        if number:
            await rest(number)
        some = hits[start : start + JUDGED_AT_ONCE]
        parts.append(replaced(text, some, written, done, some[-1].span.end))
        done = some[-1].span.end
    return "".join([*parts, text[done:]])
