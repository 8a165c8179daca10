"""The two sockets: data for the agent, control for operators. Nothing listens beyond loopback."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from sidecar.errors import ConfigError
from sidecar.server.control import Control
from sidecar.server.guard import Guard
from sidecar.server.peer import PeerSocket, Tickets
from sidecar.server.readable import Readable
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

GUARD: Final = pb.DESCRIPTOR.services_by_name["Guard"].full_name
CONTROL: Final = pb.DESCRIPTOR.services_by_name["Control"].full_name
MAX_SOCKET_PATH: Final = 107  # bytes in sun_path (unix(7)), less the final zero
# Calls that gRPC itself lets in above the gate's own limit, so that the gate can answer them and health
# checks still get through; beyond these gRPC answers RESOURCE_EXHAUSTED without reading the message.
SPARE_CALLS: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where and how to listen. Sizes in bytes; `socket_mode` are permission bits."""

    socket: Path
    socket_mode: int
    control_socket: Path
    tcp: str
    reflection: bool
    max_message_bytes: int
    max_in_flight: int
    peer_socket: Path | None = None
    tls: grpc.ServerCredentials | None = None  # of `tcp`; None: plain text


class Listeners:
    """Both servers and their health, from bind to drain."""

    def __init__(self, listen: Listen, guard: Guard, control: Control, tickets: Tickets) -> None:
        self._listen = listen
        self._guard = guard
        self._peers = PeerSocket(tickets)
        self._health = health.aio.HealthServicer()
        self._data = self._server()
        self._control = self._server()
        data, operators = Readable(self._data), Readable(self._control)
        pb_grpc.add_GuardServicer_to_server(guard, data)  # type: ignore[arg-type]  # it has the methods that are called
        pb_grpc.add_ControlServicer_to_server(control, operators)  # type: ignore[arg-type]  # as above
        for server, name in ((data, GUARD), (operators, CONTROL)):
            health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
            if listen.reflection:
                names = (name, health.SERVICE_NAME, reflection.SERVICE_NAME)
                told = reflection.aio.ReflectionServicer(names)
                reflection_pb2_grpc.add_ServerReflectionServicer_to_server(told, server)
        self._own: dict[Path, int] = {}  # sockets that were bound here, with their inodes
        self.port = 0

    async def start(self) -> None:
        """Bind and serve. Raises `ConfigError` where a socket cannot be bound or another sidecar holds it."""
        # The other sockets come first: an agent that sees its own may rely on all being there.
        await self._start(self._control, self._listen.control_socket, 0o600)
        if self._listen.peer_socket:
            await self._peers.start(self._listener(self._listen.peer_socket))
        if self._listen.tcp:
            self.port = self._bind(self._data, self._listen.tcp, self._listen.tls)
        await self._start(self._data, self._listen.socket, self._listen.socket_mode)
        await self.tell(serving=True)

    async def tell(self, *, serving: bool) -> None:
        """Set what health checks are told."""
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in ("", GUARD, CONTROL):
            await self._health.set(name, status)

    async def drain(self, grace: float) -> None:
        """Refuse new calls, leave those under way `grace` seconds, and end when what became of them is on record."""
        await self.tell(serving=False)
        await self._data.stop(grace)
        await self._guard.settle()
        await self._control.stop(grace)
        await self._peers.stop()
        for path, inode in self._own.items():
            # What stands there now may be another sidecar's, and this one may end because of that.
            if path.is_socket() and path.stat().st_ino == inode:
                path.unlink(missing_ok=True)

    def _server(self) -> grpc.aio.Server:
        size = self._listen.max_message_bytes
        options: Sequence[tuple[str, int]] = (
            ("grpc.max_receive_message_length", size),
            ("grpc.max_send_message_length", 2 * size),  # a redacted payload may be longer than what came in
            ("grpc.so_reuseport", 0),
        )
        most = self._listen.max_in_flight + SPARE_CALLS
        return grpc.aio.server(options=options, maximum_concurrent_rpcs=most)

    async def _start(self, server: grpc.aio.Server, path: Path, mode: int) -> None:
        _make_way(path)
        self._bind_socket(server, path, mode)
        await server.start()

    def _listener(self, path: Path) -> socket.socket:
        _make_way(path)
        listener = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        except OSError as error:
            listener.close()
            raise ConfigError([f"cannot listen on {path}: {error.strerror}"]) from None
        finally:
            os.umask(before)
        self._own[path] = path.stat().st_ino
        path.chmod(self._listen.socket_mode)
        return listener

    def _bind_socket(self, server: grpc.aio.Server, path: Path, mode: int) -> None:
        # Bound with the narrowest rights, and opened to `mode` only then: at no moment wider than meant.
        before = os.umask(0o177)
        try:
            self._bind(server, f"unix:{path}")
        finally:
            os.umask(before)
        self._own[path] = path.stat().st_ino
        path.chmod(mode)

    def _bind(self, server: grpc.aio.Server, address: str, tls: grpc.ServerCredentials | None = None) -> int:
        try:
            return server.add_secure_port(address, tls) if tls else server.add_insecure_port(address)
        except RuntimeError:
            raise ConfigError([f"cannot listen on {address}: is it in use, or its folder not writable?"]) from None


def _make_way(path: Path) -> None:
    """Make the folder of a socket, and remove a socket that a dead sidecar left behind."""
    if len(os.fsencode(path)) > MAX_SOCKET_PATH:
        raise ConfigError([f"{path}: longer than the {MAX_SOCKET_PATH} bytes that a socket's path may have"])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _answers(path):
            raise ConfigError([f"{path}: another process serves on it: stop it, or set another socket"])
        if path.is_socket():
            path.unlink()
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None
    if path.exists():
        raise ConfigError([f"{path}: exists and is not a socket"])


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
