"""How long AwaitApproval waits: until shortly before the call's deadline, a minute at most, only so many at once."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

MAX_SECONDS: Final = 60.0  # of one call: who waits longer asks again
SPARE_SECONDS: Final = 0.5  # before the caller's deadline, so that the answer still arrives
POLL_SECONDS: Final = 0.2  # between looks: also at what another process decided
MAX_WAITING: Final = 64  # at once: each holds one of the calls in flight; others are told at once how it stands


class Waiting:
    """The patience of one call, for `seconds`. `now` is the clock, in seconds since the epoch."""

    def __init__(self, now: Callable[[], float], seconds: float) -> None:
        self._now = now
        self._until = asyncio.get_running_loop().time() + seconds

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""
        return self._now()

    async def more(self) -> bool:
        """Wait a moment and return True, or return False where there is no time left."""
        if asyncio.get_running_loop().time() + POLL_SECONDS > self._until:
            return False
        await asyncio.sleep(POLL_SECONDS)
        return True


class Waits:
    """Counts who waits. `now` is the clock, in seconds since the epoch."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waiting = 0

    @contextmanager
    def one(self, remaining: float | None) -> Iterator[Waiting]:
        """Yield the patience of a call that has `remaining` seconds left, None where it has no deadline."""
        left = MAX_SECONDS if remaining is None else min(MAX_SECONDS, remaining - SPARE_SECONDS)
        self._waiting += 1
        try:
            yield Waiting(self._now, left if self._waiting <= MAX_WAITING else 0.0)
        finally:
            self._waiting -= 1
