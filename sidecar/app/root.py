"""The composition root: the only place that knows every concrete class. Start, reload, drain."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import structlog

from sidecar import __version__
from sidecar.app.clock import Clock
from sidecar.app.clock_alarm import ClockAlarm
from sidecar.app.detectors import Retired, classifier, started_detector, stopped
from sidecar.app.disk import AUDIT, REVOKED, STATE, VAULT, Disk
from sidecar.app.feeding import sources, state_path
from sidecar.app.feeds import Feeds
from sidecar.app.garbage import Garbage
from sidecar.app.issuers import kept_trust
from sidecar.app.parts import clock_path, enforcer, hash_key, opener, sizes, tls, vault
from sidecar.app.publishing import publish
from sidecar.app.state import State
from sidecar.app.timekeeper import Timekeeper
from sidecar.app.webhook import webhook
from sidecar.audit.key import key_path, load_key
from sidecar.audit.log import SqliteAudit
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.checks.base import Known, Ports
from sidecar.config import Settings
from sidecar.containment import Containment
from sidecar.content.detection import Detector, NoDetector
from sidecar.content.injection.inspecting import Inspector
from sidecar.content.origin.trails import Trails
from sidecar.content.worker.detector import WorkerDetector
from sidecar.deciding import Deciding
from sidecar.enforcer import Enforcer
from sidecar.errors import ConfigError
from sidecar.identity.pinning import load_pins
from sidecar.identity.trust import MissingKeyError, TrustStore
from sidecar.identity.verifier import Verifier
from sidecar.levels import Levels
from sidecar.model.throttle import throttle
from sidecar.operators import OperatorName, Operators
from sidecar.policy.bundled import resolved
from sidecar.policy.load import load
from sidecar.policy.policy import Policy
from sidecar.policy.watch import watching
from sidecar.server.control import AuditFiles, Condition, Control, Held, LoadedPack
from sidecar.server.guard import Gate, Guard
from sidecar.server.listen import Listen, Listeners
from sidecar.server.peer import SUPPORTED, Tickets
from sidecar.stores.proofs import LIFETIME, MemoryProofs
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.sqlite_revocations import SqliteRevocations
from sidecar.tasks import ended
from sidecar.telemetry.fault import fault

PEER_SOCKET: Final = "peer.sock"  # beside the data socket

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


class Sidecar:
    """One sidecar, from reading its files to its drain. `start` once, `stop` once.

    Making one reads settings' files and rule packs, and makes the keys that are not there yet; with `dry` it leaves
    nothing, and cannot be started. Raises `ConfigError` with every problem of the first kind of file that has any.
    """

    def __init__(self, settings: Settings, *, dry: bool = False) -> None:
        self._settings = settings
        missing: list[str] = []
        self._packs = resolved(settings.rules.packs, missing)
        if missing:
            raise ConfigError(missing)
        self._policy = load(self._packs)
        self._clock = Clock(clock_path(settings))
        self._trust = kept_trust(settings, fault, self._clock.now)
        self._trust.listen(self._trusted)
        self._opener = opener(settings, self._trust.store, since=self._clock.proofs_since(LIFETIME))
        cards = ((one.peer, one.keys, one.verifies_chains) for one in settings.identity.cards)
        self._known = Known(
            pins=load_pins(cards),
            sightings=MemorySightings(),
            since=self._opener.since,
            demand=self._opener.proofs,
            peers=self._opener.peers,
        )
        self._tls = tls(settings.server.tls)
        self._hash_key = hash_key(settings)
        self._audit_key = load_key(key_path(settings.audit.path, settings.audit.key), create=True, dry=dry)
        self._audit = SqliteAudit(
            settings.audit.path, self._audit_key, settings.audit.sync, backlog=settings.audit.backlog
        )
        self._throttle = throttle()  # of the whole run: a reload forgives nobody
        self._proofs = MemoryProofs(ahead=self._clock.taken_ahead)
        self._revocations = SqliteRevocations(state_path(settings))
        self._vault = vault(settings, dry=dry)
        self._state = State(settings, self._revocations, self._vault, lambda: self._revocations.kept_epoch, dry=dry)
        self._stores = self._state.stores
        self._trails = Trails(kept=self._state.diary)  # of the whole run: what was told stays told
        self._sessions = self._stores.sessions
        self._containment = Containment(
            self._stores,
            self._audit,
            lambda: self.enforcer.recorder,
            float(settings.identity.revocation_seconds),
        )
        fed = sources(settings, lambda: self._trust.store)
        self._feeds = Feeds(fed, self._containment, self._sessions, self._clock.now, fault)
        places = {AUDIT: settings.audit.path.parent, VAULT: state_path(settings).parent}
        self._disk = Disk(
            {STATE: self._state.file, AUDIT: self._audit, VAULT: self._vault, REVOKED: self._revocations}, places
        )
        self._clock_alarm = ClockAlarm(self._clock, self._audit, lambda: self.enforcer.recorder)
        self._timekeeper = Timekeeper(
            clock=self._clock,
            alarm=self._clock_alarm,
            disk=self._disk,
            state=self._state,
            containment=self._containment,
            trails=self._trails,
            vault=self._vault,
        )
        self._webhook = webhook(settings, self._state, self._clock.now)
        self._detector: Detector = NoDetector()
        self._retired = Retired(settings.limits.deadline_seconds)
        self._classifier = classifier(settings)
        self._gate = Gate(settings.server.max_in_flight, fault)
        self._garbage = Garbage(lambda: self._gate.at_work)
        self._enforcer: Enforcer | None = None
        self._listeners: Listeners | None = None
        self._reloading = asyncio.Lock()
        self._stop = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self._degraded: frozenset[str] = frozenset()

    @property
    def enforcer(self) -> Enforcer:
        """The enforcer of the moment. A call takes it once and finishes with it."""
        if self._enforcer is None:
            raise RuntimeError("start first")
        return self._enforcer

    @property
    def port(self) -> int:
        """The TCP port that is listened on, 0 where there is none."""
        return self._listeners.port if self._listeners else 0

    async def start(self) -> None:
        """Open the log, warm recognition up, bind, serve. Raises `ConfigError`; then nothing is left running."""
        packs = [f"{pack.name} {pack.version}" for pack in self._policy.packs]
        _log.info("starting: serves once all is loaded", version=__version__, packs=packs)
        try:
            await self._audit.start()
            await self._revocations.start(self._clock.now())
            await self._vault.start(self._clock.now())
            self._state.start(self._clock.now() - self._clock.ahead())  # what limits count ends by that time
            await self._trust.start()
            self._detector = await started_detector(self._policy, self._settings)
            if self._classifier:
                await self._classifier.start()
            self._enforcer = self._built(self._policy, self._detector)
            await self._feeds.start()
            if self._webhook:
                self._webhook.start()
            self._listeners = self._bound()
            await self._listeners.start()
        except BaseException:
            await self.stop()
            raise
        self._garbage.start()
        publish(self._opener.holder, self._settings.server.control_socket)
        self._timekeeper.start()
        if self._settings.rules.watch:
            self._watcher = asyncio.create_task(self._watch(), name="watch packs")
        _log.info("serving", socket=str(self._settings.server.socket), policy=self._policy.version)
        if not self._settings.identity.issuers:
            _log.warning("no issuer is configured, so that no session can be opened: see [[identity.issuers]]")
        if self._settings.identity.proofs == "off":
            _log.warning("identity.proofs is off: a stolen token opens sessions, also one that is bound to a key")

    async def stop(self) -> None:
        """Drain: refuse new calls, finish those under way, close the log. Safe after a failed start."""
        self._stop.set()
        await self._garbage.stop()
        if self._listeners:
            await self._listeners.drain(self._settings.server.drain_seconds)
        await ended(self._watcher)  # a reload may be under way, and warming recognition up takes long
        await self._feeds.stop()
        if self._webhook:
            await self._webhook.stop()
        await self._trust.stop()
        await self._timekeeper.stop()
        await self._retired.stop()
        await stopped(self._detector)
        if self._classifier:
            await self._classifier.stop()
        await self._audit.stop()
        await self._revocations.stop()
        await self._vault.stop()
        await self._state.stop()
        _log.info("stopped")

    async def reload(self) -> bool:
        """Load the packs anew and swap the policy whole, or keep the one that runs and say what is wrong."""
        async with self._reloading:
            try:
                policy = await asyncio.to_thread(load, self._packs)
                if policy.version == self._policy.version:
                    self._degraded = frozenset()
                    return True
                detector = await started_detector(policy, self._settings, self._detector)
            except Exception as error:  # noqa: BLE001 - a pack that breaks the loader must not end the watcher
                problems = error.problems if isinstance(error, ConfigError) else ()
                if not problems:
                    fault("rule packs cannot be read", error)
                _log.error("rule packs not reloaded, the old ones stay", problems=problems)
                self._degraded = frozenset({"rules"})
                return False
            before = self._detector
            self._enforcer, self._detector, self._policy = self._built(policy, detector), detector, policy
            self._degraded = frozenset()
            _log.info("rule packs reloaded", policy=policy.version)
            if before is not detector:
                await self._retired.add(before)
            return True

    def _built(self, policy: Policy, detector: Detector) -> Enforcer:
        parts = Ports(
            stores=self._stores,
            proofs=self._proofs,
            rolled_back=self._clock.rolled_back,
            known=self._known,
            policy=policy,
            verifier=self._opener.verifier,
            detector=detector,
            sizes=sizes(self._settings, policy),
            hash_key=self._hash_key,
            vault=self._vault,
            trails=self._trails,
            renewed=self._renewed,
            inspector=Inspector(self._classifier, detector if isinstance(detector, WorkerDetector) else None),
        )
        pseudonyms = Pseudonyms(self._audit_key, clear=self._settings.audit.principals == "clear")
        path = enforcer(self._settings, parts, self._opener, self._audit, pseudonyms)
        clock = self._clock
        return replace(
            path, status=self._feeds.status, throttle=self._throttle, ahead=clock.ahead, attested=clock.attested
        )

    def _trusted(self, store: TrustStore) -> None:
        """Judge by other keys from here on; calls under way finish with the old ones."""
        self._opener = replace(self._opener, verifier=replace(self._opener.verifier, trust=store))
        if self._enforcer is not None:
            self._enforcer = self._built(self._policy, self._detector)

    async def _renewed(self, missing: MissingKeyError) -> Verifier | None:
        return self._opener.verifier if await self._trust.renewed(missing) else None

    def _bound(self) -> Listeners:
        server = self._settings.server
        tickets, operators = Tickets(), self._operators()
        guard = Guard(lambda: self.enforcer, self._gate, self._clock.now, tickets)
        control = Control(
            self._condition,
            Held(self._sessions, self._trails.labels, lambda: self.enforcer.autonomy),
            self._containment,
            AuditFiles(self._settings.audit.path, self._audit_key),
            Gate(server.max_in_flight, fault),
            self._clock.now,
            deciding=Deciding(
                self._stores, self._audit, lambda: self.enforcer.recorder, operators, lambda: self._policy.autonomy
            ),
            levels=Levels(
                stores=self._stores,
                audit=self._audit,
                recorder=lambda: self.enforcer.recorder,
                ladder=lambda: self._policy.autonomy,
                trust=lambda: self._trust.store,
                operators=operators,
            ),
            tickets=tickets,
        )
        listen = Listen(
            socket=server.socket,
            socket_mode=int(server.socket_mode, 8),
            control_socket=server.control_socket,
            peer_socket=(server.peer_socket or server.socket.with_name(PEER_SOCKET)) if SUPPORTED else None,
            tcp=server.tcp,
            tls=self._tls,
            reflection=server.reflection,
            max_message_bytes=server.max_message_bytes,
            max_in_flight=server.max_in_flight,
        )
        return Listeners(listen, guard, control, tickets)

    def _operators(self) -> Operators:
        known = [
            OperatorName(issuer=one.issuer, subject=one.subject, uid=one.uid, person=one.person)
            for one in self._settings.approvals.operators
        ]
        return Operators(lambda: self._opener.verifier, tuple(known))

    def _condition(self) -> Condition:
        told = (
            self._disk.degraded
            | self._clock_alarm.degraded
            | (self._webhook.degraded if self._webhook else frozenset())
        )
        return Condition(
            policy_version=self._policy.version,
            packs=tuple(LoadedPack(name=p.name, version=p.version, digest=p.digest) for p in self._policy.packs),
            degraded=tuple(sorted(self._degraded | self._trust.degraded() | self._feeds.degraded | told)),
            started_at=self._clock.started_at,
        )

    async def _watch(self) -> None:
        try:
            await watching(self._packs, self._stop, self.reload)
        except Exception as error:  # noqa: BLE001 - whatever ends it, the operators are told, and calls go on
            fault("rule packs are watched no more", error)
            self._degraded |= {"rules"}


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Sidecar]:
    """Serve for the length of the block."""
    sidecar = Sidecar(settings)
    await sidecar.start()
    try:
        yield sidecar
    finally:
        await sidecar.stop()
