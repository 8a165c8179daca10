"""Is this agent going round in circles? The same call again, or a few calls in turn again and again.

Of a session only the last few calls are remembered, by digest, and for each length of a cycle how many calls in a row
were the same as the one that long before: so a call costs the same after ten thousand others. A call that is refused
counts, too: who goes on stays refused, and who does something else, or pauses for `within_ns`, goes free.

Times are nanoseconds since the epoch; a clock that goes back makes nothing older.
"""

from dataclasses import dataclass
from typing import Final

SHORTEST: Final = 2  # calls of a cycle; one call again and again is `same_call`


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopLimit:
    """`same_call` times the same call within `within_ns`; `cycles` times a cycle of up to `cycle_length` calls.

    Where one of them is 0, that is not looked for.
    """

    same_call: int
    within_ns: int
    cycle_length: int
    cycles: int


@dataclass(frozen=True, slots=True)
class Trail:
    """The last calls, the newest last, and for each length of a cycle for how many calls it goes on."""

    recent: tuple[str, ...] = ()
    runs: tuple[int, ...] = ()
    at: int = 0


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

    0 where it does not.
    """
    if now > trail.at + limit.within_ns:
        trail = Trail()
    recent, runs, found = trail.recent, [], 0
    for length in range(SHORTEST, limit.cycle_length + 1):
        place = length - SHORTEST
        before = trail.runs[place] if place < len(trail.runs) else 0
        run = before + 1 if len(recent) >= length and recent[-length] == digest else 0
        runs.append(min(run, length * limit.cycles))
        if not found and run > length * (limit.cycles - 1):
            found = length
    kept = (*recent, digest)[-limit.cycle_length :] if limit.cycle_length else ()
    return Trail(kept, tuple(runs), max(now, trail.at)), found
