"""What is looked at and written every few seconds, whatever is asked for meanwhile.

The highest time, so that a restart knows it; whether the machine's clock was set; whether there is room again on a disk
that was full; what the state counts, and what is owed to the log. What is over goes from memory and from the vault.
"""

import asyncio
from dataclasses import dataclass, field

import structlog

from sidecar.app.clock import KEPT_EVERY, Clock
from sidecar.app.clock_alarm import ClockAlarm
from sidecar.app.disk import Disk
from sidecar.app.state import State
from sidecar.containment import Containment
from sidecar.content.origin.trails import Trails
from sidecar.errors import UnavailableError
from sidecar.stores.sqlite_vault import SqliteVault
from sidecar.tasks import ended
from sidecar.telemetry.fault import fault

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


@dataclass(slots=True, kw_only=True)
class Timekeeper:
    """`start` once all is open; `stop` before anything of it is closed, safe where it was not started."""

    clock: Clock
    alarm: ClockAlarm
    disk: Disk
    state: State
    containment: Containment
    trails: Trails
    vault: SqliteVault
    _task: asyncio.Task[None] | None = field(default=None, init=False)

    def start(self) -> None:
        """Keep the time from now on."""
        self._keep_clock()  # who ends it before its first turn must not begin the time anew
        self._task = asyncio.create_task(self._keep(), name="keep the time")

    async def stop(self) -> None:
        """Keep it once more."""
        if self._task:
            await ended(self._task)
            self._keep_clock()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEPT_EVERY)
            if self.clock.rolled_back():
                _log.warning("the machine's clock was set back: nothing with effects is allowed until it is right")
            await self.alarm.look()
            self._keep_clock()
            await self.disk.look()
            await self._keep_state()
            self.trails.sweep(self.clock.now())
            try:
                await self.vault.sweep(self.clock.now())
            except UnavailableError as error:
                fault("what the vault held for sessions that are over is not removed from its file", error)

    def _keep_clock(self) -> None:
        try:
            self.clock.keep()
        except OSError as error:
            fault("the highest time is not kept, so that a restart will not know it", error)

    async def _keep_state(self) -> None:
        try:
            await self.state.mark()
            await self.containment.settle()
        except (OSError, UnavailableError) as error:
            fault("the state or the log cannot be written: no verdict is given until it can", error)
