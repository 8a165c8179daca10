"""The ports in dictionaries. Atomic because nothing is awaited between read and write (`stores.keep`)."""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from sidecar.errors import OverloadError, SessionError
from sidecar.model.chain import VerifiedChain
from sidecar.model.revocation import MAX_REVOCATIONS, DenySet, Kind, Mark, Revocation, marks
from sidecar.model.scope import Scope, meet
from sidecar.model.scope_form import as_json
from sidecar.model.session import Session, Usage
from sidecar.model.spending import narrowed
from sidecar.model.strict_json import compact
from sidecar.stores.diary import room_of
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.seal import PLAIN, Seal
from sidecar.stores.session_form import restored, written

MAX_SESSIONS: Final = 10_000  # of about 4 kB each; a larger one counts for several
CHARACTERS_PER_UNIT: Final = 200  # of a scope as JSON: read into values it takes twenty times that
MAX_ENDED: Final = 10_000  # ended sessions whose reason is remembered; then session_unknown, which refuses as well
MAX_EVENTS: Final = 65_536  # ids of security events that are remembered
EVENT_SECONDS: Final = 86_400 + 60  # an event that is older is not taken in: see identity.events
SESSIONS: Final = "session"  # rooms
USAGE: Final = "usage"


class MemorySessions:
    """Sessions in a dict, at most `capacity` by weight; ended ones make room first. Through `keep` they outlive us."""

    def __init__(self, capacity: int = MAX_SESSIONS, keep: Keep = NOWHERE, seal: Seal = PLAIN) -> None:
        self._capacity = capacity
        self._keep = keep
        self._seal = seal
        self._sessions: dict[str, tuple[bytes, Session, Usage]] = {}
        self._weights: dict[str, int] = {}
        self._held = 0  # the sum of the weights
        self._index: dict[Mark, set[str]] = {}  # what a chain can be revoked by → the sessions that stand on it
        self._children: dict[str, set[str]] = {}  # session → those that are part of it
        self._ended: dict[str, tuple[bytes, str]] = {}  # the secret's digest and the reason, the oldest first
        self.unreadable = 0  # rows that are not what this sidecar sealed: whoever held those must open a new session

    async def open(self, session: Session, secret: str) -> str:
        if session.parent_id and session.parent_id not in self._sessions:
            raise SessionError("the session that this one is part of has ended: open one on its own")
        weight = weight_of(session)
        if self._held + weight > self._capacity:
            self._drop_expired(session.opened_at)
        if self._held + weight > self._capacity:
            raise OverloadError("no more sessions are taken: close some, or raise limits.sessions")
        self._take(session, _digest(secret), Usage())
        self._keep_it(session)
        return f"{session.id}.{secret}"

    async def get(self, handle: str, at: float) -> Session:
        return self._find(handle, at)[0]

    async def count(self, session_id: str, usage: Usage, *, at_once: bool = True) -> None:
        if entry := self._sessions.get(session_id):
            digest, session, so_far = entry
            so_far = _sum(so_far, usage)
            self._sessions[session_id] = (digest, session, so_far)
            put = self._keep.put if at_once else self._keep.put_later
            put(USAGE, Row(session_id, _counts(so_far), session.expires_at))

    async def used(self, session_id: str) -> Usage:
        entry = self._sessions.get(session_id)
        return entry[2] if entry else Usage()

    async def narrow(self, handle: str, scope: Scope, at: float) -> Session:
        session, _ = self._find(handle, at)
        less = {session.id: narrowed(session, meet(session.scope, scope))}
        for id_ in self._parts(session.id):  # a parent before its children
            part = self._sessions[id_][1]
            less[id_] = narrowed(part, meet(part.scope, less[part.parent_id].scope), less[part.parent_id])
        for id_, one in less.items():
            digest, _, usage = self._sessions[id_]
            self._weigh(id_, weight_of(one))
            self._sessions[id_] = (digest, one, usage)
            self._keep_it(one)
        return less[session.id]

    async def close(self, handle: str, at: float) -> Usage:
        session, usage = self._find(handle, at)
        for id_ in [*self._parts(session.id), session.id]:
            self._drop(id_)
        return usage

    async def parts(self, session_id: str) -> tuple[str, ...]:
        return tuple(self._parts(session_id))

    async def list(self, at: float) -> tuple[tuple[Session, Usage], ...]:
        return tuple((s, usage) for _, s, usage in self._sessions.values() if at < s.expires_at)

    async def matching(self, revocations: Collection[Revocation]) -> tuple[Session, ...]:
        if any(one.selector.kind is Kind.CHAIN for one in revocations):  # the beginning of a digest is in no index
            return tuple(session for _, session, _ in self._sessions.values())
        found = {id_: None for one in revocations for id_ in sorted(self._index.get(one.selector.mark, ()))}
        parts = {part: None for id_ in found for part in self._parts(id_)}  # they end with it, whatever they stand on
        return tuple(self._sessions[id_][1] for id_ in found | parts)

    async def end(self, reasons: Mapping[str, str]) -> tuple[str, ...]:
        due = {part: reason for id_, reason in reasons.items() for part in (*self._parts(id_), id_)} | dict(reasons)
        open_ = tuple(id_ for id_ in due if id_ in self._sessions)
        for id_ in open_:
            self._ended[id_] = (self._sessions[id_][0], due[id_])
            self._drop(id_)
        for id_ in list(self._ended)[: max(0, len(self._ended) - MAX_ENDED)]:
            del self._ended[id_]
        return open_

    def _find(self, handle: str, at: float) -> tuple[Session, Usage]:
        public, _, secret = handle.partition(".")
        entry = self._sessions.get(public)
        if entry is None and (ended := self._ended.get(public)) and hmac.compare_digest(ended[0], _digest(secret)):
            raise SessionError("the session was cut off: what it stood on was revoked", reason=ended[1])
        if entry is None or not hmac.compare_digest(entry[0], _digest(secret)):
            raise SessionError("no open session has this handle: open one with OpenSession")
        _, session, usage = entry
        if at >= session.expires_at:
            raise SessionError("the session has expired: open a new one", reason="session_expired")
        return session, usage

    def _parts(self, id_: str) -> Iterator[str]:
        """Yield the sessions that are part of one, however deep, each after what it is part of."""
        for part in sorted(self._children.get(id_, ())):
            yield part
            yield from self._parts(part)

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        usages = {row.key: row.value for row in self._keep.rows(USAGE)}
        for row in self._keep.rows(SESSIONS):
            try:
                session, digest = restored(self._seal.opened(SESSIONS, row.key, row.value))
            except ValueError:
                self.unreadable += 1
                self._keep.drop(SESSIONS, row.key)
                continue
            self._take(session, digest, Usage(**json.loads(usages.get(session.id, "{}"))))
        orphans = [s.id for _, s, _ in self._sessions.values() if s.parent_id and s.parent_id not in self._sessions]
        for id_ in [part for orphan in orphans for part in (*self._parts(orphan), orphan)]:
            self._drop(id_)

    def _take(self, session: Session, digest: bytes, usage: Usage) -> None:
        self._weigh(session.id, weight_of(session))
        self._sessions[session.id] = (digest, session, usage)
        if session.parent_id:
            self._children.setdefault(session.parent_id, set()).add(session.id)
        for mark in marks(session.chain):
            self._index.setdefault(mark, set()).add(session.id)

    def _keep_it(self, session: Session) -> None:
        text = written(session, self._sessions[session.id][0])
        self._keep.put(SESSIONS, Row(session.id, self._seal.sealed(SESSIONS, session.id, text), session.expires_at))

    def _weigh(self, key: str, weight: int) -> None:
        self._held += weight - self._weights.get(key, 0)
        self._weights[key] = weight

    def _drop_expired(self, at: float) -> None:
        for key in [key for key, (_, s, _) in self._sessions.items() if at >= s.expires_at]:
            self._drop(key)

    def _drop(self, key: str) -> None:
        _, session, _ = self._sessions.pop(key)
        self._held -= self._weights.pop(key)
        self._keep.drop(SESSIONS, key)
        self._keep.drop(USAGE, key)
        self._keep.clear(room_of(key))
        self._children.pop(key, None)
        if siblings := self._children.get(session.parent_id):
            siblings.discard(key)
        for mark in marks(session.chain):
            self._index[mark].discard(key)
            if not self._index[mark]:
                del self._index[mark]


def weight_of(session: Session) -> int:
    """Return how many plain sessions' worth of memory this one takes: its scopes and what it says of itself.

    Without it, one token and a large `scope_json` fill the memory long before the sessions are counted out.
    """
    scopes = sum(len(compact(as_json(scope))) for scope in (session.scope, session.chain.scope))
    words = len(session.task) + len(session.task_type) + len(session.residency)
    return 1 + (scopes + words) // CHARACTERS_PER_UNIT


class MemoryRevocations:
    """Revocations in dictionaries: what all stores look things up in. A restart forgets them."""

    def __init__(self, capacity: int = MAX_REVOCATIONS, events: int = MAX_EVENTS) -> None:
        self._set = DenySet(capacity)
        self._events: dict[str, float] = {}  # id → when it may be forgotten, the oldest first
        self._most_events = events

    @property
    def epoch(self) -> int:
        return self._set.epoch

    def reason(self, chain: VerifiedChain, at: float) -> str:
        return self._set.reason(chain, at)

    async def add(self, revocations: Collection[Revocation], at: float, *, event: str = "") -> bool:
        if event and self._is_known(event, at):
            return False
        self._set.add(revocations, at)
        if event:
            self._events[event] = at + EVENT_SECONDS
        return True

    async def knows(self, event: str) -> bool:
        return event in self._events

    async def replace_list(self, revocations: Collection[Revocation]) -> None:
        self._set.replace_list(revocations)

    def _is_known(self, event: str, at: float) -> bool:
        """Return whether `event` was taken in. Raises `OverloadError` when no more can be remembered."""
        if event in self._events:
            return True
        if len(self._events) >= self._most_events:
            self._events = {id_: until for id_, until in self._events.items() if at < until}
        if len(self._events) >= self._most_events:
            raise OverloadError(f"{self._most_events} security events within a day", reason="revocations_full")
        return False


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _counts(usage: Usage) -> str:
    """Return `usage` as JSON. Put together here: every crossing writes one, and an encoder takes four times as long."""
    return _USAGE % (usage.crossings, usage.denied, usage.input_tokens, usage.output_tokens, usage.micro_usd)


_USAGE: Final = '{"crossings":%d,"denied":%d,"input_tokens":%d,"output_tokens":%d,"micro_usd":%d}'


def _sum(a: Usage, b: Usage) -> Usage:
    return Usage(
        crossings=a.crossings + b.crossings,
        denied=a.denied + b.denied,
        input_tokens=a.input_tokens + b.input_tokens,
        output_tokens=a.output_tokens + b.output_tokens,
        micro_usd=a.micro_usd + b.micro_usd,
    )
