"""Is this agent going round in circles? The same call again, a few calls in turn, or calls that come to nothing new.

Of a session only the last few calls are remembered, by digest, and for each length of a cycle how many calls in a row
were the same as the one that long before: so a call costs the same after ten thousand others. A call that is refused
counts, too: who goes on stays refused, and who does something else, or pauses for `within_ns`, goes free.

No progress is what failed, and what was read and said the same as lately; both in a row, whatever was called. What
changes something and went well is progress, also where it always answers `done`.

Times are nanoseconds since the epoch; a clock that goes back makes nothing older.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

SHORTEST: Final = 2  # calls of a cycle; one call again and again is `same_call`
MAX_ANSWERS: Final = 32  # different ones that are remembered, the newest
_SECOND_NS: Final = 1_000_000_000
FAILED: Final = ""  # the answer of a call that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopLimit:
    """`same_call` times the same call within `within_ns`; `cycles` times a cycle of up to `cycle_length` calls.

    `no_progress` calls in a row that come to nothing new. Where one of them is 0, that is not looked for.
    """

    same_call: int
    within_ns: int
    cycle_length: int
    cycles: int
    no_progress: int = 0

    @property
    def within_s(self) -> float:
        """Return after how many seconds of a pause all begins anew."""
        return self.within_ns / _SECOND_NS


class Trail(NamedTuple):
    """The last calls, the newest last, and for each length of a cycle for how many calls it goes on.

    A tuple: every call makes some, and a dataclass takes five times as long to make.
    """

    recent: tuple[str, ...] = ()
    runs: tuple[int, ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class Stall:
    """How many calls in a row came to nothing new, when the last one was told of, and what was answered lately."""

    count: int = 0
    at: int = 0
    answers: tuple[str, ...] = ()

    def wait(self, limit: LoopLimit, now: int) -> int:
        """Return how many nanoseconds to wait, 0 where there is progress."""
        over = self.at + limit.within_ns
        return max(1, over - now) if 0 < limit.no_progress <= self.count and now <= over else 0

    def told(self, answer: str | None, limit: LoopLimit, now: int) -> "Stall":
        """Return it after a call: `answer` is a digest of what it said, `FAILED`, or None where it changed something.

        A pause of `within_ns` begins anew.
        """
        held = Stall() if now > self.at + limit.within_ns else self
        moment = max(now, held.at)
        if answer is None:
            return Stall(0, moment, held.answers)
        if answer == FAILED or answer in held.answers:
            return Stall(min(held.count + 1, limit.no_progress), moment, held.answers)
        return Stall(0, moment, (*held.answers, answer)[-MAX_ANSWERS:])


def again(times: tuple[int, ...], limit: LoopLimit, now: int) -> tuple[tuple[int, ...], int]:
    """Return when a call was made, this time included, and how many nanoseconds to wait; 0 where it may be made.

    `times` are when it was made before, the oldest first.
    """
    recent = [moment for moment in times if moment > now - limit.within_ns]
    kept = (*recent, max(now, *recent) if recent else now)[-limit.same_call :]
    if len(recent) < limit.same_call:
        return kept, 0
    return kept, max(1, kept[0] + limit.within_ns - now)


def stepped(trail: Trail, digest: str, limit: LoopLimit, now: int) -> tuple[Trail, int]:
    """Return the trail after the call `digest`, and the length of the cycle that it goes round once more than it may.

    0 where it does not. One call again and again is no cycle where `same_call` says how often it may be made: else who
    asks a job's state now and then, as often as that allows, would be stopped for good.
    """
    if now > trail.at + limit.within_ns:
        trail = Trail()
    recent, runs, found = trail.recent, [], 0
    for length in range(SHORTEST, limit.cycle_length + 1):
        place = length - SHORTEST
        before = trail.runs[place] if place < len(trail.runs) else 0
        run = before + 1 if len(recent) >= length and recent[-length] == digest else 0
        if run and limit.same_call and recent[-length:].count(digest) == length:
            run = 0
        runs.append(min(run, length * limit.cycles))
        if not found and run > length * (limit.cycles - 1):
            found = length
    kept = (*recent, digest)[-limit.cycle_length :] if limit.cycle_length else ()
    return Trail(kept, tuple(runs), max(now, trail.at)), found
