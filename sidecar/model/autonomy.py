"""How much an agent may do alone, level by level; how that is earned by clean work, and lost at once.

What an agent has earned counts for sessions that are opened afterwards: within a session a level only ever falls
(law 4). So a standing remembers when it left each level, and a session gets the lowest that was held since it began.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import Final

from sidecar.model.scope import HIGHEST_AUTONOMY
from sidecar.model.session import Session

LEVELS: Final = HIGHEST_AUTONOMY + 1
EVERYTHING: Final = "*"
_NEVER: Final = (-inf,) * LEVELS


class Lapse(StrEnum):
    """What can cost an agent its level."""

    RULE_DENIED_CRITICAL = "rule_denied_critical"
    LOOP_DETECTED = "loop_detected"
    APPROVAL_REJECTED = "approval_rejected"


class Conduct(StrEnum):
    """How one call was: denied, or let through and then reported as having gone well or not."""

    CLEAN = "clean"
    DENIED = "denied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Agent:
    """Whose standing it is: an agent, as its chain's issuer names it, for one type of task.

    `above` is empty where the issuer gives the name, or a key has it. A name that only the agents above give stands
    below theirs, the first delegate first: whoever delegates could else call a sub-agent what another agent is called,
    and act on what that has earned, or lose it for that. The empty name stands for all below one first delegate.
    """

    issuer: str
    name: str
    task_type: str
    above: tuple[str, ...] = ()

    @classmethod
    def of(cls, session: Session) -> "Agent":
        """Return the agent that acts in `session`, for its type of task."""
        who = session.principal
        return cls(issuer=who.issuer, name=who.agent, task_type=session.task_type, above=session.chain.above)

    @property
    def kin(self) -> "Agent | None":
        """What stands for all that one first delegate has below it; None for one that is not below any."""
        return replace(self, name="", above=self.above[:1]) if self.above else None


@dataclass(frozen=True, slots=True)
class Deed:
    """What one verdict says of an agent. `work` names a clean call: what is named alike earns nothing again."""

    conduct: Conduct | None = None
    lapses: frozenset[Lapse] = frozenset()
    work: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """How the next level is earned: so many clean calls within so many seconds, and not more than these shares.

    The shares are of all calls that were denied or reported. Work is what has an effect of each of `work`, so that
    nobody rises by calls that could do no harm; where there is none, every call is.
    """

    clean_calls: int
    within_s: float
    max_error_rate: float = 1.0
    max_denied_rate: float = 1.0
    up_to: int = HIGHEST_AUTONOMY
    work: tuple[frozenset[str], ...] = ()

    def is_work(self, effects: Collection[str] | None) -> bool:
        """Return whether a call with `effects` counts; None where nobody knows them."""
        return all(effects is not None and not wanted.isdisjoint(effects) for wanted in self.work)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demotion:
    """What a level is lost by, and to which."""

    on: frozenset[Lapse]
    to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The levels: of each, the effects that need a person's approval. `demotions` are all that packs ask for."""

    approve: tuple[frozenset[str], ...]
    start: int
    promotion: Promotion | None = None
    demotions: tuple[Demotion, ...] = ()

    def needs_approval(self, level: int, effects: Collection[str] | None) -> bool:
        """Return whether a person must agree to a call with `effects`; None where nobody knows them."""
        asked = self.approve[level]
        if effects is None or EVERYTHING in asked:
            return bool(asked)
        return not asked.isdisjoint(effects)

    def rises_above(self, level: int) -> bool:
        """Return whether work can earn more than `level`."""
        return self.promotion is not None and level < min(self.promotion.up_to, HIGHEST_AUTONOMY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one agent has earned for one type of task. Times are seconds since the epoch.

    The counts are of the time since `since`; `left` is when each level was left last.
    """

    level: int
    since: float
    clean: int = 0
    denied: int = 0
    failed: int = 0
    left: tuple[float, ...] = field(default=_NEVER)

    def lowest_since(self, at: float) -> int:
        """Return the lowest level that was held at `at` or later."""
        if self.left is _NEVER:
            return self.level
        return min([self.level, *(level for level, left in enumerate(self.left) if left >= at)])

    def moved(self, level: int, at: float) -> "Standing":
        """Return the standing at `level` from `at` on; what was counted is over."""
        left = tuple(at if each == self.level else when for each, when in enumerate(self.left))
        return Standing(level=level, since=at, left=left if level != self.level else self.left)


def judged(standing: Standing, ladder: Ladder, conduct: Conduct | None, at: float) -> Standing:
    """Return `standing` after a call that went so; a level higher where that is earned."""
    rule = ladder.promotion
    if rule is None or conduct is None:
        return standing
    if at - standing.since > rule.within_s:
        standing = replace(standing, since=at, clean=0, denied=0, failed=0)
    new = replace(
        standing,
        clean=standing.clean + (conduct is Conduct.CLEAN),
        denied=standing.denied + (conduct is Conduct.DENIED),
        failed=standing.failed + (conduct is Conduct.FAILED),
    )
    has_earned = ladder.rises_above(new.level) and _has_earned(new, rule)
    return new.moved(new.level + 1, at) if has_earned else new


def lapsed(standing: Standing, ladder: Ladder, lapses: Collection[Lapse], at: float) -> Standing:
    """Return `standing` after `lapses`: never higher."""
    lost = [demotion.to for demotion in ladder.demotions if not demotion.on.isdisjoint(lapses)]
    return standing.moved(min([standing.level, *lost]), at) if lost else standing


def fresh(known: Collection[Standing], level: int, at: float) -> Standing:
    """Return where an agent begins with a type of task of which nothing is known: at `level`, or lower.

    No higher than in any other type of task, of which `known` are all: a new name for the task gives nobody back what
    was lost.
    """
    if not known:
        return Standing(level=level, since=at)
    left = tuple(map(max, zip(*(one.left for one in known), strict=True)))
    return Standing(level=min([level, *(one.level for one in known)]), since=at, left=left)


def _has_earned(standing: Standing, rule: Promotion) -> bool:
    calls = standing.clean + standing.denied + standing.failed
    return (
        standing.clean >= rule.clean_calls
        and standing.denied <= rule.max_denied_rate * calls
        and standing.failed <= rule.max_error_rate * calls
    )
