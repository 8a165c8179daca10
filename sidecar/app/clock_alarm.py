"""Tells operators of a clock that was set ahead: once for each time, in the log and on record, and in the status.

What a machine was off is nothing to tell of, though limits count it only from the next token on.
"""

from collections.abc import Callable
from typing import Final

import structlog

from sidecar.app.clock import TOLERANCE, Clock
from sidecar.audit.clock_record import set_ahead
from sidecar.audit.record import AuditLog, Recorder
from sidecar.errors import SidecarError
from sidecar.telemetry.fault import fault

NAME: Final = "clock"  # in the status, while limits count otherwise than the machine's clock

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


class ClockAlarm:
    """`recorder` gives the one of the moment."""

    def __init__(self, clock: Clock, audit: AuditLog, recorder: Callable[[], Recorder]) -> None:
        self._clock = clock
        self._audit = audit
        self._recorder = recorder
        self._told = 0.0

    @property
    def degraded(self) -> frozenset[str]:
        """What the status tells."""
        return frozenset({NAME}) if self._clock.jumped() else frozenset()

    async def look(self) -> None:
        """Tell of a clock that is further ahead than it was when that was told last."""
        ahead = self._clock.jumped()
        further, self._told = ahead - self._told > TOLERANCE, ahead
        if not further:
            return
        _log.warning("the machine's clock was set ahead: limits count the time that has passed", seconds=round(ahead))
        try:
            await self._audit.append(set_ahead(self._recorder(), ahead, self._clock.now()))
        except SidecarError as error:
            fault("that the clock was set ahead is not on record", error)
