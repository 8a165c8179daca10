"""An enforcer and what cuts off, over stores in memory: for tests of revocation."""

from dataclasses import dataclass, field

from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry, Recorder
from sidecar.checks.session import SessionCheck
from sidecar.containment import Containment
from sidecar.enforcer import Enforcer
from sidecar.errors import UnavailableError
from sidecar.identity.ends.status import NoStatus, Status
from sidecar.identity.opening import Opener
from sidecar.model.crossing import Boundary
from sidecar.stores.memory import MemoryRevocations, MemorySessions
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.trial import memory_stores
from tests.identity.crafting import VERIFIER

LIFETIME = 90_000.0


@dataclass
class Kept:
    """An audit log in a list."""

    entries: list[Entry] = field(default_factory=list)
    is_full: bool = False

    async def append(self, entry: Entry) -> str:
        if self.is_full:
            raise UnavailableError("disk full")
        self.entries.append(entry)
        return f"r{len(self.entries)}"


class House:
    """One sidecar's way of a crossing, with the first check alone in each row."""

    def __init__(self, status: Status | None = None) -> None:
        self.audit = Kept()
        self.sessions = MemorySessions()
        self.revocations = MemoryRevocations()
        self.recorder = Recorder(vocabulary=frozenset(), pseudonyms=Pseudonyms(b"k" * 32), policy_version="v")
        check = SessionCheck(self.sessions, self.revocations, VERIFIER.trust)
        self.enforcer = Enforcer(
            rows={Boundary.USER_INPUT: (check,)},
            policy_version="v",
            stores=memory_stores(sessions=self.sessions, revocations=self.revocations),
            proofs=MemoryProofs(),
            sightings=MemorySightings(),
            opener=Opener(verifier=VERIFIER, proofs="off"),
            audit=self.audit,
            recorder=self.recorder,
            deadline=5.0,
            fault=lambda *_what, **_where: None,
            status=status or NoStatus(),
            explain=True,
        )
        stores = memory_stores(sessions=self.sessions, revocations=self.revocations)
        self.containment = Containment(stores, self.audit, lambda: self.recorder, LIFETIME)
