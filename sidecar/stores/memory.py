"""The ports in dictionaries: for tests and trials. Atomic because nothing is awaited between read and write."""

import hashlib
import hmac
from dataclasses import replace

from sidecar.errors import OverloadError, SessionError
from sidecar.model.scope import Scope, meet
from sidecar.model.session import Session, Usage

MAX_SESSIONS = 10_000  # about 4 kB each; a pod's agents hold far fewer at once


class MemorySessions:
    """Sessions in a dict, at most `capacity` of them; ended ones make room first."""

    def __init__(self, capacity: int = MAX_SESSIONS) -> None:
        self._capacity = capacity
        self._sessions: dict[str, tuple[bytes, Session, Usage]] = {}

    async def open(self, session: Session, secret: str) -> str:
        if len(self._sessions) >= self._capacity:
            self._drop_expired(session.opened_at)
        if len(self._sessions) >= self._capacity:
            raise OverloadError(f"{self._capacity} sessions are open")
        self._sessions[session.id] = (_digest(secret), session, Usage())
        return f"{session.id}.{secret}"

    async def get(self, handle: str, at: float) -> Session:
        return self._find(handle, at)[0]

    async def count(self, session_id: str, usage: Usage) -> None:
        if entry := self._sessions.get(session_id):
            digest, session, so_far = entry
            self._sessions[session_id] = (digest, session, _sum(so_far, usage))

    async def narrow(self, handle: str, scope: Scope, at: float) -> Session:
        session, _ = self._find(handle, at)
        narrowed = replace(session, scope=meet(session.scope, scope))
        digest, _, usage = self._sessions[session.id]
        self._sessions[session.id] = (digest, narrowed, usage)
        return narrowed

    async def close(self, handle: str, at: float) -> Usage:
        session, usage = self._find(handle, at)
        del self._sessions[session.id]
        return usage

    async def list(self, at: float) -> tuple[tuple[Session, Usage], ...]:
        return tuple((s, usage) for _, s, usage in self._sessions.values() if at < s.expires_at)

    def _find(self, handle: str, at: float) -> tuple[Session, Usage]:
        public, _, secret = handle.partition(".")
        entry = self._sessions.get(public)
        if entry is None or not hmac.compare_digest(entry[0], _digest(secret)):
            raise SessionError("no open session has this handle: open one with OpenSession")
        _, session, usage = entry
        if at >= session.expires_at:
            raise SessionError("the session has expired: open a new one", reason="session_expired")
        return session, usage

    def _drop_expired(self, at: float) -> None:
        for key in [key for key, (_, s, _) in self._sessions.items() if at >= s.expires_at]:
            del self._sessions[key]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _sum(a: Usage, b: Usage) -> Usage:
    return Usage(
        crossings=a.crossings + b.crossings,
        denied=a.denied + b.denied,
        input_tokens=a.input_tokens + b.input_tokens,
        output_tokens=a.output_tokens + b.output_tokens,
    )
