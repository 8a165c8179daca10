"""When the interpreter looks for garbage among what has been there for long: while nobody waits.

To look through all that lives takes some ten milliseconds, which whoever calls meanwhile pays, and the interpreter does
it whenever there is a quarter more than the last time: in the midst of a long text, several times. Nearly all that we
make goes without being looked for; what is left is looked for between calls, or after a while all the same. Then the
kernel gets back what lies free between what stays.
"""

import asyncio
import ctypes
import gc
from collections.abc import Callable
from typing import Final

from sidecar.tasks import ended

YOUNG: Final = (700, 4)  # new objects before the first look, and first looks before the second: half a millisecond each
NEVER: Final = 1_000_000  # second looks before the interpreter looks through all by itself
LOOKS: Final = 16  # second looks, before which it is not worth it
MANY_LOOKS: Final = 1_024  # that are too many to wait any longer: some two million objects
EVERY_S: Final = 0.5
PATIENCE: Final = 120  # times that somebody is being served before all is looked through all the same: a minute
_trim: Final = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; a sixth of a millisecond


class Garbage:
    """Looks for it from `start` to `stop`. `at_work` tells how many calls have begun, and whether one goes on."""

    def __init__(self, at_work: Callable[[], tuple[int, bool]]) -> None:
        self._at_work = at_work
        self._begun = 0
        self._before = gc.get_threshold()
        self._task: asyncio.Task[None] | None = None
        self._waited = 0

    def start(self) -> None:
        """Take over from the interpreter."""
        self._before = gc.get_threshold()
        gc.set_threshold(*YOUNG, NEVER)
        self._task = asyncio.create_task(self._run(), name="look for garbage")

    async def stop(self) -> None:
        """Leave it to the interpreter again."""
        if self._task:
            await ended(self._task)
            self._task = None
            gc.set_threshold(*self._before)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            self.look()

    def look(self) -> bool:
        """Look through all, where it is worth it and it is time; return whether it was."""
        before = self._begun
        self._begun, is_busy = self._at_work()
        looks = gc.get_count()[2]
        if looks < LOOKS:
            return False
        self._waited += 1
        if (is_busy or self._begun > before) and self._waited < PATIENCE and looks < MANY_LOOKS:
            return False
        self._waited = 0
        gc.collect()
        if _trim:
            _trim(0)
        return True
