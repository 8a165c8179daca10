"""The ports. Every verb is atomic; none is a get that a set must follow."""

from typing import Protocol

from sidecar.model.scope import Scope
from sidecar.model.session import Session, Usage


class Sessions(Protocol):
    """The open sessions. A handle is `<public id>.<secret>`; only its digest is kept.

    Every verb raises `SessionError` where no open session has that handle (session_unknown) or where its
    time is over (session_expired), and `UnavailableError` when the store cannot answer.
    """

    async def open(self, session: Session, secret: str) -> str:
        """Keep a new session and return its handle. Raises `OverloadError` when no more are taken."""

    async def get(self, handle: str, at: float) -> Session:
        """Return the session of `handle` as it stands at `at` (seconds since the epoch)."""

    async def count(self, session_id: str, usage: Usage) -> None:
        """Add `usage` to what the session has done; silent where it has ended meanwhile."""

    async def narrow(self, handle: str, scope: Scope, at: float) -> Session:
        """Replace the scope by the meet of it and `scope`; there is no way back."""

    async def close(self, handle: str, at: float) -> Usage:
        """End the session and return what it has done."""

    async def list(self, at: float) -> tuple[tuple[Session, Usage], ...]:
        """Return all open sessions, oldest first."""
