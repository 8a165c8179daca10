"""`sidecar sessions`: who has a session open, and the end of it. Speaks to the control socket of a running sidecar."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from sidecar.cli.control import TIMEOUT_SECONDS, control, cut_off
from sidecar.cli.options import Address, Config, Lines, Words
from sidecar.cli.screen import ids, screen, times
from sidecar.v1 import sidecar_pb2 as pb

app = typer.Typer(help="See open sessions, and cut them off.", no_args_is_help=True)


@app.command("list")
def list_(address: Address = "", config: Config = None, *, as_lines: Lines = False) -> None:
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
    table = Table(ids("session"), "for", "agent", "tools", "labels", "crossings", "denied", times("until"))
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


def _told(one: pb.SessionState) -> dict[str, object]:
    return {
        "session": one.session_id,
        "subject": one.principal.subject,
        "agent": one.principal.agent,
        "actors": list(one.principal.actors),
        "task": one.task,
        "autonomy": one.autonomy,
        "cost_usd": one.cost_usd,
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
