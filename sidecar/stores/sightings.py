"""What this sidecar has seen of tokens and of tasks, in dictionaries; it is gone with the process.

Atomic because nothing is awaited between read and write. When there is no room the crossing is refused: forgetting the
oldest would let anybody have it forgotten.
"""

from collections.abc import Collection
from typing import Final

from sidecar.errors import OverloadError

MAX_TOKENS: Final = 65_536  # payloads of tokens: about 150 bytes each
MAX_TASKS: Final = 65_536  # ids of tasks and contexts
MAX_TASKS_OF_ONE: Final = 8_192  # of one principal, so that it cannot take the room of all


class MemorySightings:
    """Implements `Sightings`; what is over makes room first."""

    def __init__(self, tokens: int = MAX_TOKENS, tasks: int = MAX_TASKS, tasks_of_one: int = MAX_TASKS_OF_ONE) -> None:
        self._capacity, self._tasks_capacity, self._of_one = tokens, tasks, tasks_of_one
        self._tokens: dict[str, float] = {}  # mark → until when
        self._tasks: dict[str, tuple[str, float]] = {}  # name → whose, until when
        self._counts: dict[str, int] = {}  # whose → how many

    async def keep(self, marks: Collection[str], until: float, at: float) -> None:
        new = [mark for mark in marks if mark not in self._tokens]
        if len(self._tokens) + len(new) > self._capacity:
            self._tokens = {mark: end for mark, end in self._tokens.items() if at < end}
        if len(self._tokens) + len(new) > self._capacity:
            raise OverloadError(f"{self._capacity} tokens are remembered: retry when some have expired")
        self._tokens |= {mark: max(until, self._tokens.get(mark, 0.0)) for mark in marks}

    async def seen(self, marks: Collection[str], at: float) -> bool:
        return any(at < self._tokens.get(mark, 0.0) for mark in marks)

    async def pin(self, names: Collection[str], owner: str, until: float, at: float) -> bool:
        held = [self._tasks[name] for name in names if name in self._tasks]
        if any(whose != owner and at < end for whose, end in held):
            return False
        new = [name for name in names if name not in self._tasks]
        if len(self._tasks) + len(new) > self._tasks_capacity or self._counts.get(owner, 0) + len(new) > self._of_one:
            self._forget(at)
        if len(self._tasks) + len(new) > self._tasks_capacity or self._counts.get(owner, 0) + len(new) > self._of_one:
            raise OverloadError("too many tasks are under way: retry when some are over")
        for name in names:
            self._drop(name)
            self._tasks[name] = (owner, until)
            self._counts[owner] = self._counts.get(owner, 0) + 1
        return True

    def _forget(self, at: float) -> None:
        for name in [name for name, (_, end) in self._tasks.items() if at >= end]:
            self._drop(name)

    def _drop(self, name: str) -> None:
        """Take one task away, if it is there."""
        if entry := self._tasks.pop(name, None):
            self._counts[entry[0]] -= 1
            if not self._counts[entry[0]]:
                del self._counts[entry[0]]
