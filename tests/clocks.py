"""A machine whose clock can be set, which can sleep, be held by its host, and be started anew: for tests of time."""

from dataclasses import dataclass
from pathlib import Path

from sidecar.app.clock import Clock

NOON = 1_800_000_000.0
HOUR = 3600.0


@dataclass
class Machine:
    """A machine whose clock can be set."""

    wall: float = NOON
    monotonic: float = 50.0
    boot: str = "this start"

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def clock(self, folder: Path) -> Clock:
        return Clock(folder / "audit.clock", lambda: self.wall, lambda: self.monotonic, lambda: self.boot)

    def held(self, seconds: float) -> None:
        """Be held by the host, which sets the clock right afterwards."""
        self.wall += seconds

    def restarted(self, off: float, boot: str) -> None:
        """Be started anew after so many seconds; `boot` names that start."""
        self.wall += off
        self.monotonic, self.boot = 1.0, boot
