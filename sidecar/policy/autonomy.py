"""A pack's autonomy.yaml: what each level may do alone, and how a level is earned and lost.

Of several packs the strictest counts: what one of them asks approval for needs it, the lowest start, the longest way
up, every way down.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from sidecar.model.autonomy import EVERYTHING, LEVELS, Demotion, Ladder, Lapse, Promotion
from sidecar.model.scope import HIGHEST_AUTONOMY
from sidecar.policy.catalogue import Effect
from sidecar.policy.document import Document
from sidecar.policy.files import Duration, seconds

MAX_CALLS: Final = 10_000  # each is remembered, so that it counts once

_Level = Annotated[int, Field(ge=0, le=HIGHEST_AUTONOMY)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Name = Literal["0", "1", "2", "3", "4"]


class LevelPart(Document):
    """One level: the effects that need approval; `*` is every call."""

    approve: Annotated[tuple[Effect | Literal["*"], ...], Field(max_length=len(Effect) + 1)]


class PromotePart(Document):
    """How the next level is earned."""

    after_clean_calls: Annotated[int, Field(ge=1, le=MAX_CALLS)]
    within: Duration
    max_error_rate: _Share = 1.0
    max_denied_rate: _Share = 1.0
    up_to: _Level
    effects: Annotated[tuple[Effect, ...], Field(min_length=1, max_length=len(Effect))] | None = None  # else any counts


class DemotePart(Document):
    """What a level is lost by, and to which."""

    on: Annotated[tuple[Lapse, ...], Field(min_length=1, max_length=len(Lapse))]
    to: _Level


class AutonomyFile(Document):
    """autonomy.yaml. All levels must be told, each no stricter than the one below it."""

    levels: Annotated[Mapping[_Name, LevelPart], Field(min_length=LEVELS, max_length=LEVELS)]
    start: _Level
    promote: PromotePart | None = None
    demote: DemotePart | None = None

    @model_validator(mode="after")
    def _rises(self) -> Self:
        rungs = self.rungs
        for level, (below, above) in enumerate(pairwise(rungs), start=1):
            if EVERYTHING not in below and not above <= below:
                raise ValueError(f"expected level {level} to ask for no more approvals than the one below it")
        return self

    @property
    def rungs(self) -> list[frozenset[str]]:
        """Of each level the effects that need approval."""
        parts = [part for _, part in sorted(self.levels.items())]
        return [frozenset(str(effect) for effect in part.approve) for part in parts]


def combine(files: Sequence[AutonomyFile]) -> Ladder | None:
    """Return the strictest of what all packs say; None where none says anything."""
    if not files:
        return None
    rungs = [frozenset[str]().union(*(file.rungs[level] for file in files)) for level in range(LEVELS)]
    return Ladder(
        approve=tuple(rungs),
        start=min(file.start for file in files),
        promotion=_promotion([file.promote for file in files]),
        demotions=tuple(Demotion(on=frozenset(f.demote.on), to=f.demote.to) for f in files if f.demote),
    )


def _promotion(parts: Sequence[PromotePart | None]) -> Promotion | None:
    """Return the longest way up; none where one of the packs knows none."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return Promotion(
        clean_calls=max(part.after_clean_calls for part in known),
        within_s=min(seconds(part.within) for part in known),
        max_error_rate=min(part.max_error_rate for part in known),
        max_denied_rate=min(part.max_denied_rate for part in known),
        up_to=min(part.up_to for part in known),
        work=tuple(frozenset(map(str, part.effects)) for part in known if part.effects),
    )
