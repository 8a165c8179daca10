"""The control socket of a running sidecar, and who it is that asks there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import grpc
import typer

from sidecar.client.peer import NAME, Metadata, ticket
from sidecar.config import load_settings
from sidecar.errors import UnavailableError
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

TIMEOUT_SECONDS: Final = 10.0
MAX_REPLY_BYTES: Final = 64 << 20  # ten thousand sessions with all their tools


@contextmanager
def control(address: str, config: Path | None) -> Iterator["pb_grpc.ControlStub"]:
    """Yield the operator's side of a running sidecar. Raises `UnavailableError` with what it answered."""
    target = address or f"unix:{load_settings(config).server.control_socket}"
    options = [("grpc.max_receive_message_length", MAX_REPLY_BYTES)]
    with grpc.insecure_channel(target, options=options) as channel:
        try:
            yield pb_grpc.ControlStub(channel)
        except grpc.RpcError as error:
            code, details = error.code(), error.details() or ""
            if code is grpc.StatusCode.UNAVAILABLE and ":" not in details.partition(" ")[0]:
                wanted = "is the sidecar running, are these its settings (--config), and may you reach that socket?"
                details = f"nothing answers on {target}: {wanted}"
            details = details.removeprefix(f"{code.name.lower()}: ")  # said once is enough
            raise UnavailableError(details, reason=code.name.lower()) from None


def identified(address: str, config: Path | None, token_file: Path | None) -> Metadata:
    """Return what says who the operator is: the token in `token_file`, else a ticket of the peer socket.

    Raises `UnavailableError` where the file cannot be read.
    """
    if token_file is None:
        return ticket(_peer_socket(address, config))
    try:
        return (("authorization", f"Bearer {token_file.read_text(encoding='ascii').strip()}"),)
    except (OSError, UnicodeDecodeError):
        raise UnavailableError("the token file cannot be read: name a file with one token") from None


def _peer_socket(address: str, config: Path | None) -> str:
    if address:
        return str(Path(address.removeprefix("unix:")).with_name(NAME))
    server = load_settings(config).server
    return str(server.peer_socket or server.socket.with_name(NAME))


def cut_off(stub: "pb_grpc.ControlStub", request: pb.RevokeRequest, *, as_lines: bool) -> None:
    """Revoke, and tell what came of it."""
    done = stub.Revoke(request, timeout=TIMEOUT_SECONDS)
    if as_lines:
        typer.echo(json.dumps({"sessions_closed": done.sessions_closed, "record": done.record_id}))
        return
    typer.echo(f"revoked; sessions closed: {done.sessions_closed}; record: {done.record_id}")
