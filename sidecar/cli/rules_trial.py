"""A sidecar in memory, to try rule packs on: the real rows, the real detector, nothing on disk, no socket.

Its sessions hold the scope that a case asks for. The chain behind them is minted and verified here, because nothing
but the verifier makes one; it grants nothing that the scope does not.
"""

import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from sidecar.app import enforcer, sizes, started_detector
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry
from sidecar.checks.base import Known, Ports
from sidecar.config import Settings
from sidecar.content.worker.detector import WorkerDetector
from sidecar.enforcer import Enforcer
from sidecar.identity.opening import Opener
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.verifier import Verifier
from sidecar.model.autonomy import Agent
from sidecar.model.chain import VerifiedChain
from sidecar.model.crossing import Crossing
from sidecar.model.scope import HIGHEST_AUTONOMY, Scope, meet
from sidecar.model.session import Session
from sidecar.model.spending import narrowed
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Verdict
from sidecar.policy.policy import Policy
from sidecar.stores.memory import MemorySessions
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sealing import Sealer
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.trial import memory_stores
from sidecar.stores.vault import MemoryVault

SECONDS: Final = 600  # that a session of a case may take
_KEY_BYTES: Final = 32


class Unkept:
    """An audit log that keeps nothing: a trial's verdicts bind nobody."""

    async def append(self, entry: Entry, /) -> str:
        return f"{entry.boundary}-unkept"


@dataclass(slots=True)
class RulesTrial:
    """What plays cases, one after the other: opens sessions and decides on crossings.

    Each session stands in a sidecar of its own, so that no case spends what another is limited by.
    """

    made: Callable[[], tuple[Enforcer, MemorySessions]]
    chain: VerifiedChain
    start: int  # the level of who has earned nothing
    enforcer: Enforcer | None = None

    async def open(self, *, scope: Scope, task_type: str, residency: str) -> str:
        """Open a session with exactly this scope, less what its type of task does not need; return its handle."""
        now = time.time()
        self.enforcer, sessions = self.made()
        task = self.enforcer.opener.tasks.known.get(task_type)
        scope = meet(scope, task.scope) if task else scope
        session = Session(
            id=f"ses_{secrets.token_hex(8)}",
            chain=self.chain,
            scope=scope,
            opened_at=now,
            expires_at=now + SECONDS,
            task_type=task_type,
            residency=residency,
        )
        level = self.start if scope.autonomy is None else scope.autonomy
        # A case says what was earned before it.
        self.enforcer.stores.standings.set(Agent.of(session), level, now - 1, start=self.start)
        return await sessions.open(narrowed(session, scope), secrets.token_urlsafe(_KEY_BYTES))

    async def decide(self, crossing: Crossing, /) -> tuple[Verdict, object]:
        """Return the verdict on `crossing`, and the name of no record."""
        if self.enforcer is None:
            raise RuntimeError("open a session first")
        return await self.enforcer.decide(crossing)


@asynccontextmanager
async def rules_trial(policy: Policy, settings: Settings) -> AsyncIterator[RulesTrial]:
    """Yield a trial under `policy`. Raises `ConfigError` where the detector cannot start."""
    now = time.time()
    issuer = TrialIssuer.generate()
    scope: dict[str, Json] = {"tools": {"none": {}}}
    opening = Opener(verifier=Verifier.of([issuer.issuer()]))  # its issuer is trusted here, so that its sessions last
    chain = opening.verifier.verify(issuer.mint(user="tester", agents=["case"], scope=scope, at=now), now)
    detector = await started_detector(policy, settings)

    def made() -> tuple[Enforcer, MemorySessions]:
        sessions = MemorySessions()
        parts = Ports(
            stores=memory_stores(sessions=sessions),
            proofs=MemoryProofs(),
            known=Known(sightings=MemorySightings()),
            policy=policy,
            verifier=opening.verifier,
            detector=detector,
            sizes=sizes(settings, policy),
            hash_key=secrets.token_bytes(_KEY_BYTES),
            vault=MemoryVault(Sealer(secrets.token_bytes(_KEY_BYTES))),
        )
        path = enforcer(settings, parts, opening, Unkept(), Pseudonyms(secrets.token_bytes(_KEY_BYTES)))
        return replace(path, explain=True), sessions

    start = policy.autonomy.start if policy.autonomy else HIGHEST_AUTONOMY
    try:
        yield RulesTrial(made, chain, start)
    finally:
        if isinstance(detector, WorkerDetector):
            await detector.stop()
