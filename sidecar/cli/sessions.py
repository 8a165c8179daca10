"""`sidecar sessions`: who has a session open, and the end of it. Speaks to the control socket of a running sidecar."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import grpc
import typer
from rich.markup import escape
from rich.table import Column, Table

from sidecar.cli.screen import screen
from sidecar.config import load_settings
from sidecar.errors import UnavailableError
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

TIMEOUT_SECONDS = 10.0
TIME_WIDTH = 9  # characters
ID_WIDTH = 22  # characters: three of a kind, `_`, and eighteen digits
MAX_REPLY_BYTES = 64 << 20  # ten thousand sessions with all their tools

Address = Annotated[
    str, typer.Option("--address", help="As unix:/run/sidecar/control.sock; from the settings where not given.")
]
Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="A TOML file; $SIDECAR_CONFIG where not given.", dir_okay=False)
]
Lines = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Words = Annotated[str, typer.Option("--reason", help="Why. The record keeps a digest of it, by which it is found.")]

app = typer.Typer(help="See open sessions, and cut them off.", no_args_is_help=True)


@app.command("list")
def list_(
    address: Address = "",
    config: Config = None,
    *,
    as_lines: Lines = False,
) -> None:
    """Show the open sessions: who acts for whom, what they did, and until when."""
    with control(address, config) as stub:
        found = stub.ListSessions(pb.ListSessionsRequest(), timeout=TIMEOUT_SECONDS).sessions
    if as_lines:
        for one in found:
            typer.echo(json.dumps(_told(one)))
        return
    if not found:
        typer.echo("no session is open")
        return
    until = Column("until", no_wrap=True, min_width=TIME_WIDTH)
    table = Table(ids("session"), "for", "agent", "tools", "labels", "crossings", "denied", until)
    for one in found:
        table.add_row(
            one.session_id,
            escape(one.principal.subject),
            escape(one.principal.agent),
            str(len(one.tools)),
            escape(" ".join(one.labels)),
            str(one.crossings),
            str(one.denied),
            _until(one.expires_at.seconds, datetime.now(UTC)),
        )
    screen().print(table)


@app.command()
def revoke(
    session: Annotated[list[str], typer.Argument(help="Public ids, as `list` shows them.")],
    reason: Words = "",
    address: Address = "",
    config: Config = None,
    *,
    as_lines: Lines = False,
) -> None:
    """End sessions at once, with all others of the same token and all that was delegated from it."""
    with control(address, config) as stub:
        for one in session:
            cut_off(stub, pb.RevokeRequest(session_id=one, reason=reason), as_lines=as_lines)


def ids(title: str) -> Column:
    """Return a column of ids, which are copied from the table: they stand there whole."""
    return Column(title, no_wrap=True, min_width=ID_WIDTH)


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


def cut_off(stub: "pb_grpc.ControlStub", request: pb.RevokeRequest, *, as_lines: bool) -> None:
    """Revoke, and tell what came of it."""
    done = stub.Revoke(request, timeout=TIMEOUT_SECONDS)
    if as_lines:
        typer.echo(json.dumps({"sessions_closed": done.sessions_closed, "record": done.record_id}))
        return
    typer.echo(f"revoked; sessions closed: {done.sessions_closed}; record: {done.record_id}")


def _told(one: pb.SessionState) -> dict[str, object]:
    return {
        "session": one.session_id,
        "subject": one.principal.subject,
        "agent": one.principal.agent,
        "actors": list(one.principal.actors),
        "tools": list(one.tools),
        "labels": list(one.labels),
        "crossings": one.crossings,
        "denied": one.denied,
        "expires_at": one.expires_at.seconds,
    }


def _until(seconds: int, now: datetime) -> str:
    """Return the time of day, and the day where it is another one."""
    until = datetime.fromtimestamp(seconds, UTC)
    return until.strftime("%H:%M:%SZ" if until.date() == now.date() else "%m-%d %H:%MZ")
