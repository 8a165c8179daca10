"""Who connects? gRPC for Python does not hand out what the kernel knows of a Unix socket's other end.

So a second socket lies beside the data socket. Whoever connects to it gets a ticket at once, and the sidecar notes the
process, user and group that the kernel names for that connection (SO_PEERCRED). The ticket goes with OpenSession, in
the metadata `sidecar-peer-ticket`; it is good for one call and a few seconds. Nothing is read from the connection, so
that there is nothing to parse, and no other call pays for it.

It proves that a process of this user fetched the ticket just now, and handed it to whoever opened the session: no more,
see SECURITY.md. The alternative was a proxy in front of gRPC that reads the credentials of each connection: it would
cost every call two copies, and bind a connection, not a process.
"""

import asyncio
import secrets
import socket
import struct
import time
from collections.abc import Callable
from typing import Final

from sidecar.model.session import Peer

METADATA: Final = "sidecar-peer-ticket"
TICKET_BYTES: Final = 24
LIFETIME: Final = 10.0  # seconds: it is fetched right before OpenSession
MAX_OF_ONE_USER: Final = 256  # tickets that wait; beyond it the user's oldest is void
MAX_TICKETS: Final = 16_384  # of all users; beyond it the oldest is void
BACKLOG: Final = 128
SUPPORTED: Final = hasattr(socket, "SO_PEERCRED")  # Linux

_CREDENTIALS: Final = struct.Struct("iII")  # struct ucred: pid, uid, gid


class Tickets:
    """Tickets that were given out and not used yet. `now` is a clock of seconds that never goes back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._waiting: dict[str, tuple[Peer, float]] = {}  # the oldest first
        self._of_user: dict[int, dict[str, None]] = {}

    def __len__(self) -> int:
        """Return how many wait, the expired ones that nobody asked for included."""
        return len(self._waiting)

    def issue(self, peer: Peer) -> str:
        """Return a new ticket for `peer`. A user with too many loses the oldest; others lose theirs last."""
        at = self._now()
        self._expire(at)
        own = self._of_user.get(peer.uid, {})
        if len(own) >= MAX_OF_ONE_USER:
            self._drop(next(iter(own)))
        elif len(self._waiting) >= MAX_TICKETS:
            self._drop(next(iter(self._waiting)))
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        self._waiting[ticket] = (peer, at + LIFETIME)
        self._of_user.setdefault(peer.uid, {})[ticket] = None
        return ticket

    def redeem(self, ticket: str) -> Peer | None:
        """Return whom `ticket` was given to, once; None where it was used, is too old, or never was."""
        held = self._waiting.get(ticket)
        if held is None:
            return None
        self._drop(ticket)
        peer, until = held
        return peer if self._now() < until else None

    def _expire(self, at: float) -> None:
        """Drop what is too old: as tickets live alike, the oldest stand first."""
        while self._waiting:
            ticket, (_, until) = next(iter(self._waiting.items()))
            if at < until:
                return
            self._drop(ticket)

    def _drop(self, ticket: str) -> None:
        peer, _ = self._waiting.pop(ticket)
        own = self._of_user[peer.uid]
        del own[ticket]
        if not own:
            del self._of_user[peer.uid]


class PeerSocket:
    """The socket that gives out tickets."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets
        self._server: asyncio.Server | None = None

    async def start(self, bound: socket.socket) -> None:
        """Answer on `bound`, a Unix socket that is bound and not listening yet."""
        self._server = await asyncio.start_unix_server(self._answer, sock=bound, backlog=BACKLOG)

    async def stop(self) -> None:
        """Answer no more. Safe before a start."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Nothing is awaited: a peer that does not read cannot hold anything here.
        peer = credentials(writer.get_extra_info("socket"))
        writer.write(self._tickets.issue(peer).encode("ascii") + b"\n")
        writer.close()


def credentials(connection: socket.socket) -> Peer:
    """Return the process at the other end, as it was when it connected (unix(7)). Raises `OSError`."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, gid = _CREDENTIALS.unpack(raw)
    return Peer(pid=pid, uid=uid, gid=gid)
