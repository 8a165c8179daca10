"""The one clock of a running sidecar (identity-spec 2.11): it may stand still, and never goes back.

Whoever can set the clock back could revive what has expired. So the time that crossings are judged by is the highest
that was seen, kept over restarts in a file beside the audit log; and while the clock of the machine is more than a
little behind that, nothing that has effects is allowed. The monotonic clock says how far the machine's clock should
have come meanwhile, so that setting it back is seen even where nobody asked for a while.

Whoever can set it ahead could begin a new day of every budget. So what expires goes by the machine's clock at once,
which is the stricter, while limits count the time that has passed: `ahead` is what they leave out. Passed is what this
machine has run, asleep or not, also over restarts of this process: from when on limits count is kept, too, and how long
the machine had run then. And passed is what an issuer says: a token that it signed at a time shows that this time has
come, and who sets a machine's clock makes no tokens. So a machine that was off or that its host had stopped, whose own
counting knows nothing of it, is right again with the first token of afterwards, and a clock that was set ahead while it
was off is not. An issuer whose own clock is wrong, too, is believed no further than this machine's clock goes.
"""

import json
import math
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from sidecar import RELEASED
from sidecar.app.boot import boot_id
from sidecar.app.whole_file import put
from sidecar.errors import ConfigError, JsonError
from sidecar.identity.issuers.keeper import boot_time
from sidecar.model.strict_json import parse

TOLERANCE: Final = 5.0  # seconds that a clock may be set back: what time synchronisation does in one step
KEPT_EVERY: Final = 10.0  # seconds between writes of the mark
MAX_BYTES: Final = 512  # of the file
_TIMES: Final = ("steady_ms", "ran_ms", "reached_ms", "off_ms")


class _Kept(NamedTuple):
    """What the file holds: the highest time, and until when a proof of a clock ahead is good.

    And from when on limits count, and how long the machine had run then, since its start `boot`; up to where they had
    counted when it was written, and what of that nobody knows because the machine was off.
    """

    highest: float = 0.0
    proofs: float = 0.0
    steady: float = 0.0
    ran: float = 0.0
    reached: float = 0.0
    off: float = 0.0
    boot: str = ""


class ClockError(ConfigError):
    """The machine's clock cannot be right."""

    reason = "clock_untrusted"


class Clock:
    """Wall time that never goes back, in seconds since the epoch. `path` is where the highest is kept.

    `monotonic` counts since the start of the machine that `boot` names; empty: nobody knows which that is.
    Raises `ClockError` for a clock before this software was made, `ConfigError` for a file that cannot be read.
    """

    def __init__(
        self,
        path: Path,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = boot_time,
        boot: Callable[[], str] = boot_id,
    ) -> None:
        self._path = path
        self._wall = wall
        self._monotonic = monotonic
        self._boot = boot()
        kept = _kept(path)
        self._highest, self._ahead = kept.highest, kept.proofs
        self._seen = (wall(), monotonic())
        if self._seen[0] < RELEASED:
            raise ClockError(["clock_untrusted: the clock is before this software was made: set it, then start again"])
        self.is_back = False
        self.started_at = self.now()
        self._began = (self.started_at, self._seen[1])  # from where limits count
        self._off = 0.0  # seconds that the machine may have been off, as far as no token shows it
        if kept.boot == self._boot != "":
            self._began, self._off = (kept.steady, kept.ran), kept.off
        elif kept.reached:
            self._began = (min(kept.reached, self.started_at), self._seen[1])
            self._off = self.started_at - self._began[0]

    def now(self) -> float:
        """Return the time: the machine's, or the highest that was seen where that is later."""
        wall, monotonic = self._wall(), self._monotonic()
        due = self._seen[0] + (monotonic - self._seen[1])
        self._seen = (wall, monotonic)
        if due - wall > TOLERANCE:
            self._highest = max(self._highest, due)
        if wall >= self._highest:
            self._highest = wall
            self.is_back = False
        elif self._highest - wall > TOLERANCE:
            self.is_back = True
        return self._highest

    def rolled_back(self) -> bool:
        """Return whether the machine's clock is behind what was seen, so that it cannot be believed."""
        self.now()
        return self.is_back

    def ahead(self) -> float:
        """Return how many seconds the time is ahead of what has passed; 0 for what correction does."""
        ahead = self._ahead_of(self.now())
        return ahead if ahead > TOLERANCE else 0.0

    def jumped(self) -> float:
        """Return how many of those seconds the clock has jumped while the machine ran: it was set, or the machine held.

        What is left may have passed while the machine was off.
        """
        jumped = self._ahead_of(self.now()) - self._off
        return jumped if jumped > TOLERANCE else 0.0

    def attested(self, issued_at: float) -> None:
        """Take in that an issuer signed something at `issued_at`: it has come, as far as this clock goes, too."""
        now = self.now()
        shown = min(issued_at, now)
        further = shown - (now - self._ahead_of(now))
        if further > 0:
            self._began = (shown, self._seen[1])
            self._off = max(0.0, self._off - further)
        if further > TOLERANCE:  # else a kill now would take that time away again from what is limited
            with suppress(OSError):  # it is written every few seconds, and what is wrong is told then
                self.keep()

    def _ahead_of(self, now: float) -> float:
        return now - self._began[0] - (self._seen[1] - self._began[1])

    def proofs_since(self, lifetime: int) -> int:
        """Return when a proof must be made to be surely unused, by its own clock, where proofs live `lifetime` s.

        Proofs say whole seconds. Their makers' clocks may be ahead: what was taken by such a one before is known.
        """
        return max(int(self.started_at), int(self._ahead) - lifetime + 1)

    def taken_ahead(self, until: float) -> None:
        """Keep at once that a proof was taken which is good for longer than usual, until `until`. Raises `OSError`."""
        if until > self._ahead:
            self._ahead = until
            self.keep()

    def keep(self) -> None:
        """Write the highest time to the file. Raises `OSError`."""
        reached = self._highest - max(0.0, self._ahead_of(self._highest))
        times = zip(_TIMES, (*self._began, reached, self._off), strict=True)
        marks = {"highest": math.floor(self._highest), "proofs": math.ceil(self._ahead)}
        text = json.dumps({**marks, **{name: math.floor(one * 1000) for name, one in times}, "boot": self._boot})
        put(self._path, text.encode("ascii"))


def _kept(path: Path) -> _Kept:
    """Return what was kept; zero where nothing was. Raises `ConfigError`."""
    try:
        with path.open("rb") as file:
            value = parse(file.read(MAX_BYTES).decode("ascii"))
    except FileNotFoundError:
        return _Kept()
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None
    except (UnicodeDecodeError, JsonError):
        value = None
    body = value if isinstance(value, dict) else {}
    found = [body.get(name) for name in ("highest", "proofs", *_TIMES)]
    marks = [float(mark) for mark in found if isinstance(mark, int) and not isinstance(mark, bool)]
    match marks, body.get("boot"):
        case [highest, proofs, steady, ran, reached, off], str(boot):
            return _Kept(highest, proofs, steady / 1000, ran / 1000, reached / 1000, off / 1000, boot)
    raise ConfigError([f"{path}: not what the clock keeps: remove it where the machine's clock is right"])
