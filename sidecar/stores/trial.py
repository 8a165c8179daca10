"""All stores in memory: for trials, whose state nobody needs afterwards, and for tests."""

from sidecar.stores.base import Revocations, Sessions, Stores
from sidecar.stores.breakers import MemoryBreakers
from sidecar.stores.costs import MemoryCosts
from sidecar.stores.keep import NOWHERE, Keep
from sidecar.stores.ledger import MemoryLedger
from sidecar.stores.loops import MemoryLoops
from sidecar.stores.memory import MemoryRevocations, MemorySessions
from sidecar.stores.rates import MemoryRates
from sidecar.stores.standings import MemoryStandings
from sidecar.stores.tickets import MemoryTickets


def memory_stores(
    *, sessions: Sessions | None = None, revocations: Revocations | None = None, keep: Keep = NOWHERE
) -> Stores:
    """Return stores that a restart forgets; those that are given are used."""
    return Stores(
        sessions=sessions or MemorySessions(),
        revocations=revocations or MemoryRevocations(),
        ledger=MemoryLedger(),
        tickets=MemoryTickets(),
        rates=MemoryRates(),
        breakers=MemoryBreakers(),
        loops=MemoryLoops(),
        standings=MemoryStandings(),
        costs=MemoryCosts(),
        keep=keep,
    )
