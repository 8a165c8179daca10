"""How a worker stands among the machine's processes: last of all, until that leaves it no processor.

Who decides waits for nothing else where the worker goes last (`SCHED_IDLE`, sched(7)): beside a megabyte and eight
streams on two processors a tool call's p99 is 1.5 ms later than alone, and 2.7 ms where it is only nicer than others.
Price: where processes of others fill every processor, what goes last stands still, and its texts would be refused. So
whoever waits for an answer looks how much the worker was let work, and has it go as before where that is hardly
anything. Without `CAP_SYS_NICE` the kernel does not let one process lift another: then one that does not go last takes
its place, once.
"""

import os
import sys
import time
from dataclasses import dataclass, field
from typing import Final, Protocol

LOOK_S: Final = 0.25  # between two looks at a worker whose answer is waited for; 0.02 s is usual
LEAST: Final = 0.25  # of the time between them that a worker works which is not starved
_PROCESS_CLOCK: Final = 2  # CPUCLOCK_SCHED of clock_getcpuclockid(3), in the lowest bits behind the process's number


class Kernel(Protocol):
    """What the kernel knows of processes, and does with them."""

    def used_s(self, pid: int) -> float:
        """Return for how long a process has worked. Raises `OSError` where it is gone."""

    def lift(self, pid: int) -> bool:
        """Have a process go last no more; return whether that may be."""


class Linux:
    """The kernel itself."""

    def used_s(self, pid: int) -> float:
        """Return for how long a process has worked."""
        return time.clock_gettime((~pid << 3) | _PROCESS_CLOCK)

    def lift(self, pid: int) -> bool:
        """Have a process go last no more; return whether that may be."""
        try:
            _set(pid, is_last=False)
        except PermissionError:
            return False
        return True


@dataclass(slots=True)
class Rank:
    """One worker's. `was_starved`: it could not be lifted, and another one is to take its place."""

    pid: int
    is_last: bool = False
    was_starved: bool = False
    kernel: Kernel = field(default_factory=Linux)
    _seen: tuple[float, float] | None = None  # when what was asked, and how long it had worked at the last look

    def is_let_work(self, asked_at: float) -> bool:
        """Look at it, while what was asked at a time is waited for; return False where there is no hope for it."""
        try:
            used_s = self.kernel.used_s(self.pid)
        except OSError:
            return True  # it is gone, and whoever waits will be told
        before, self._seen = self._seen, (asked_at, used_s)
        if before is None or before[0] != asked_at or used_s - before[1] >= LEAST * LOOK_S:
            return True
        self.is_last = False
        self.was_starved = not self.kernel.lift(self.pid)
        return not self.was_starved


def go_last() -> None:
    """Have this process go after all others, for good: only who may raise a process can take that back."""
    _set(0, is_last=True)


def _set(pid: int, *, is_last: bool) -> None:
    if sys.platform == "linux":
        os.sched_setscheduler(pid, os.SCHED_IDLE if is_last else os.SCHED_BATCH, os.sched_param(0))
