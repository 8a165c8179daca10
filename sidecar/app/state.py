"""What outlives the process besides what is revoked: sessions, what they spent, what people consented to."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from sidecar.app.feeding import state_path
from sidecar.app.witness import Counts, Witness
from sidecar.audit.key import load_key
from sidecar.config import Settings
from sidecar.errors import ConfigError, UnavailableError
from sidecar.stores.base import Revocations, Stores, Vault
from sidecar.stores.breakers import MemoryBreakers
from sidecar.stores.costs import MemoryCosts
from sidecar.stores.diary import KeptDiary
from sidecar.stores.keep import Row
from sidecar.stores.ledger import MemoryLedger
from sidecar.stores.loops import MemoryLoops
from sidecar.stores.memory import MemorySessions
from sidecar.stores.outbox import AnnouncedTickets, MemoryOutbox
from sidecar.stores.rates import MemoryRates
from sidecar.stores.seal import Sealed
from sidecar.stores.standings import MemoryStandings
from sidecar.stores.state_file import StateFile
from sidecar.stores.tickets import MemoryTickets

KEPT: Final = "kept"  # the room of how often the state was kept, and the key of its row
FOREVER: Final = 253_402_300_799.0  # the end of the year 9999
_BROKEN: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError)

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


class State:
    """The stores over one file, which lies beside the one of what is revoked. Making one reads or makes the key."""

    def __init__(
        self,
        settings: Settings,
        revocations: Revocations,
        vault: Vault,
        revoked: Callable[[], int] = lambda: 0,
        *,
        dry: bool = False,
    ) -> None:
        path = self._path = state_path(settings)
        self._revoked = revoked  # how often what is revoked was kept
        self._witness = Witness(settings.audit.path.with_name(f"{settings.audit.path.stem}.state"))
        self._count = 0  # steps in which the file was kept
        self._marked = 0  # transactions of this process up to the last step
        self._is_newest = False  # before that is known, nothing is said of it
        key = path.with_name(f"{path.name}.key")
        seal = Sealed(load_key(key, create=True, dry=dry, setting="state.path"))
        self.file = StateFile(live_path(path))
        self._sessions = MemorySessions(settings.limits.sessions, self.file, seal)
        self._ledger = MemoryLedger(self.file)
        self._tickets = MemoryTickets(self.file, seal)
        self.diary = KeptDiary(self.file, seal)  # what sessions were told
        self._rates = MemoryRates(self.file)
        self._breakers = MemoryBreakers(self.file)
        self._loops = MemoryLoops(self.file)
        self._standings = MemoryStandings(self.file, seal)
        self._costs = MemoryCosts(self.file)
        self.outbox = MemoryOutbox(self.file, seal) if settings.approvals.webhook.url else None
        self.stores = Stores(
            sessions=self._sessions,
            revocations=revocations,
            ledger=self._ledger,
            tickets=AnnouncedTickets(self._tickets, self.outbox) if self.outbox is not None else self._tickets,
            rates=self._rates,
            breakers=self._breakers,
            loops=self._loops,
            standings=self._standings,
            costs=self._costs,
            keep=self.file,
            vault=vault,
        )

    def start(self, at: float) -> None:
        """Open the file and take back what it holds. Raises `ConfigError`, also where it is not the newest."""
        self.file.start(at)
        live = live_path(self._path)
        try:
            self._restore()
            self._count = sum(int(row.value) for row in self.file.rows(KEPT))
        except _BROKEN:
            message = f"state.path: `{live}` holds what no sidecar wrote: put back the newest copy of it"
            raise ConfigError([message]) from None
        self._witness.check(self._counts, live, self._path)
        self._marked, self._is_newest = self.file.writes, True
        if self._standings.unreadable:  # the rest refuses what it does not know, but an unknown agent begins anew
            key = self._path.with_name(f"{self._path.name}.key")
            message = f"state.path: what agents have lost cannot be read: put back `{key}` as it was"
            raise ConfigError([message])
        lost = self._sessions.unreadable + self._tickets.unreadable
        if self.outbox is not None:
            lost += self.outbox.unreadable
        if lost:
            _log.warning("state is not what this sidecar's key sealed, and counts for nothing", rows=lost)

    def _restore(self) -> None:
        self._sessions.restore()
        self._ledger.restore()
        self._tickets.restore()
        self._rates.restore()
        self._breakers.restore()
        self._loops.restore()
        self._standings.restore()
        self._costs.restore()
        if self.outbox is not None:
            self.outbox.restore()

    async def mark(self) -> None:
        """Count one step where anything was kept since the last. Raises `UnavailableError`, `OSError`."""
        if not self._is_newest:
            return
        await self.file.kept()  # what a full disk did not take
        if self.file.writes != self._marked:
            self._count += 1
            self.file.put(KEPT, Row(KEPT, str(self._count), FOREVER))
            await self.file.kept()
            self._marked = self.file.writes
        self._witness.keep(self._counts)

    @property
    def _counts(self) -> Counts:
        return Counts(self._count, self._revoked())

    async def stop(self) -> None:
        """Keep what is not kept yet, and close the file."""
        with suppress(UnavailableError, OSError):
            await self.mark()
        await self.file.stop()


def live_path(state: Path) -> Path:
    """Return where the state lies that changes with every call, beside `state`, which changes seldom."""
    return state.with_name(f"{state.name}.live")
