"""The ports of what is limited besides budgets: how often, how many failures, which loops.

As all ports: every verb is atomic, and its state outlives the process. `at` is in seconds since the epoch. Every verb
raises `UnavailableError` when the store cannot answer, `OverloadError` where no more can be counted.

What is asked and answered are tuples: every call makes several, and a dataclass takes five times as long to make.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sidecar.model.circuit import Gate
from sidecar.model.loop import LoopLimit
from sidecar.model.rate import Rate


class Draw(NamedTuple):
    """One call from the bucket `name` of the limit `kind`."""

    kind: str
    name: str
    rate: Rate


class Entered(NamedTuple):
    """What became of a call before some gates: how long to wait where it may not pass, else which gates count it.

    `is_full` is whether it waits for nothing but calls of which nothing was heard yet.
    """

    wait_s: float = 0.0
    probes: tuple[Gate, ...] = ()
    is_full: bool = False


class Looping(NamedTuple):
    """How a call goes round: seconds to wait where it is the same again, the length of the cycle; 0 where not.

    `stalled_s` is how long to wait where the calls before it came to nothing new.
    """

    wait_s: float = 0.0
    length: int = 0
    stalled_s: float = 0.0


class Rates(Protocol):
    """Buckets of calls."""

    async def draw(self, draws: Sequence[Draw], at: float) -> float:
        """Draw one call from each bucket and return 0, or none and return how many seconds to wait. rates_full."""

    async def forget(self, session: str, at: float) -> None:
        """Let buckets that count nothing but `session`, which ended at `at`, make room once no call is under way."""


class Breakers(Protocol):
    """Circuits, one for each gate."""

    async def enter(self, gates: Sequence[Gate], holder: str, at: float) -> Entered:
        """Let the call `holder` through all of `gates`, or through none."""

    async def closed(self, gates: Sequence[Gate], at: float) -> bool:
        """Return whether a call would pass all of `gates`; nothing is changed."""

    async def report(self, gates: Sequence[Gate], holder: str, at: float, *, went_well: bool) -> None:
        """Take in how the call `holder` went. Raises `OverloadError` breakers_full."""

    async def withdraw(self, gates: Sequence[Gate], holder: str) -> None:
        """Take back what counts as out of `holder`, who did not call after all."""


class Loops(Protocol):
    """What was called last, by name of who calls."""

    async def step(self, name: str, digest: str, limit: LoopLimit, at: float) -> Looping:
        """Count the call `digest` and return how it goes round. loops_full."""

    async def told(self, name: str, answer: str | None, limit: LoopLimit, at: float) -> None:
        """Take in what came of a call, as `Stall.told`. What cannot be kept is not: nobody is refused for it."""
