"""What outlives the process besides what is revoked: sessions, what they spent, what people consented to."""

from pathlib import Path

import structlog

from sidecar.app.feeding import state_path
from sidecar.audit.key import load_key
from sidecar.config import Settings
from sidecar.stores.base import Revocations, Stores, Vault
from sidecar.stores.breakers import MemoryBreakers
from sidecar.stores.costs import MemoryCosts
from sidecar.stores.diary import KeptDiary
from sidecar.stores.ledger import MemoryLedger
from sidecar.stores.loops import MemoryLoops
from sidecar.stores.memory import MemorySessions
from sidecar.stores.outbox import AnnouncedTickets, MemoryOutbox
from sidecar.stores.rates import MemoryRates
from sidecar.stores.seal import Sealed
from sidecar.stores.standings import MemoryStandings
from sidecar.stores.state_file import StateFile
from sidecar.stores.tickets import MemoryTickets

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


class State:
    """The stores over one file, which lies beside the one of what is revoked. Making one reads or makes the key."""

    def __init__(self, settings: Settings, revocations: Revocations, vault: Vault) -> None:
        path = state_path(settings)
        seal = Sealed(load_key(path.with_name(f"{path.name}.key"), create=True, setting="state.path"))
        self._file = StateFile(live_path(path))
        self._sessions = MemorySessions(settings.limits.sessions, self._file, seal)
        self._ledger = MemoryLedger(self._file)
        self._tickets = MemoryTickets(self._file, seal)
        self.diary = KeptDiary(self._file, seal)  # what sessions were told
        self._rates = MemoryRates(self._file)
        self._breakers = MemoryBreakers(self._file)
        self._loops = MemoryLoops(self._file)
        self._standings = MemoryStandings(self._file, seal)
        self._costs = MemoryCosts(self._file)
        self.outbox = MemoryOutbox(self._file, seal) if settings.approvals.webhook.url else None
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
            keep=self._file,
            vault=vault,
        )

    def start(self, at: float) -> None:
        """Open the file and take back what it holds. Raises `ConfigError`."""
        self._file.start(at)
        self._sessions.restore()
        self._ledger.restore()
        self._tickets.restore()
        self._rates.restore()
        self._breakers.restore()
        self._loops.restore()
        self._standings.restore()
        self._costs.restore()
        lost = self._sessions.unreadable + self._tickets.unreadable + self._standings.unreadable
        if self.outbox is not None:
            self.outbox.restore()
            lost += self.outbox.unreadable
        if lost:
            _log.warning("state is not what this sidecar's key sealed, and counts for nothing", rows=lost)

    async def stop(self) -> None:
        """Keep what is not kept yet, and close the file."""
        await self._file.stop()


def live_path(state: Path) -> Path:
    """Return where the state lies that changes with every call, beside `state`, which changes seldom."""
    return state.with_name(f"{state.name}.live")
