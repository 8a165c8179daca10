"""`sidecar approvals`: what agents ask people for, and the answers. Speaks to a running sidecar's control socket."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from sidecar.cli.control import TIMEOUT_SECONDS, control, identified
from sidecar.cli.options import Address, Config, Lines, Operator, Words
from sidecar.cli.screen import ids, moment, screen, times
from sidecar.v1 import sidecar_pb2 as pb

Id = Annotated[str, typer.Argument(help="The request's id, as `list` shows it.")]
Everything = Annotated[bool, typer.Option("--all", help="Also those that were decided, used, or have expired.")]

app = typer.Typer(help="See what agents ask people for, and answer.", no_args_is_help=True)


@app.command("list")
def list_(
    address: Address = "", config: Config = None, *, everything: Everything = False, as_lines: Lines = False
) -> None:
    """Show the requests that wait for a person."""
    state = pb.Approval.STATE_UNSPECIFIED if everything else pb.Approval.PENDING
    found = _asked(address, config, state)
    if as_lines:
        for one in found:
            typer.echo(json.dumps(_told(one)))
        return
    if not found:
        typer.echo("nobody is asked for anything" + ("" if everything else "; --all shows what is over, too"))
        return
    table = Table(ids("id"), "state", "for", "agent", "tool", "answers", times("until"))
    for one in found:
        table.add_row(
            one.approval_id,
            _state(one),
            escape(one.principal.subject),
            escape(one.principal.agent),
            escape(one.tool),
            f"{len(one.decided_by)} of {one.approvals_needed}",
            datetime.fromtimestamp(one.expires_at.seconds, UTC).strftime("%H:%M:%SZ"),
        )
    screen().print(table)


@app.command()
def show(approval: Id, address: Address = "", config: Config = None) -> None:
    """Show one request whole: what is asked for, for whom, and why a person is asked."""
    for one in _asked(address, config, pb.Approval.STATE_UNSPECIFIED):
        if one.approval_id == approval:
            typer.echo(json.dumps(_for_reading(one), indent=2, ensure_ascii=True))
            return
    typer.echo("error: no request of this id is known: see `sidecar approvals list --all`", err=True)
    raise typer.Exit(1)


@app.command()
def approve(
    approval: Id,
    reason: Words = "",
    address: Address = "",
    config: Config = None,
    token_file: Operator = None,
    *,
    as_lines: Lines = False,
) -> None:
    """Consent to exactly this call, once."""
    request = pb.DecideApprovalRequest(approval_id=approval, approve=True, reason=reason)
    _tell(_decided(request, address, config, token_file), as_lines=as_lines)


@app.command()
def reject(
    approval: Id,
    reason: Words = "",
    address: Address = "",
    config: Config = None,
    token_file: Operator = None,
    *,
    as_lines: Lines = False,
) -> None:
    """Refuse it; one refusal is enough."""
    request = pb.DecideApprovalRequest(approval_id=approval, reason=reason)
    _tell(_decided(request, address, config, token_file), as_lines=as_lines)


def _asked(address: str, config: Path | None, state: "pb.Approval.State.ValueType") -> list[pb.Approval]:
    with control(address, config) as stub:
        return list(stub.ListApprovals(pb.ListApprovalsRequest(state=state), timeout=TIMEOUT_SECONDS).approvals)


def _decided(
    request: pb.DecideApprovalRequest, address: str, config: Path | None, token_file: Path | None
) -> pb.Approval:
    who = identified(address, config, token_file)
    with control(address, config) as stub:
        return stub.DecideApproval(request, timeout=TIMEOUT_SECONDS, metadata=who)


def _tell(done: pb.Approval, *, as_lines: bool) -> None:
    if as_lines:
        typer.echo(json.dumps(_told(done)))
        return
    count = "" if done.state == pb.Approval.REJECTED else f" ({len(done.decided_by)} of {done.approvals_needed})"
    typer.echo(f"{done.approval_id}: {_state(done)}{count}")


def _state(one: pb.Approval) -> str:
    return pb.Approval.State.Name(one.state).lower()


def _for_reading(one: pb.Approval) -> dict[str, object]:
    """Return what `list --json` tells, with the arguments laid open and times that a person can read."""
    told = _told(one)
    with suppress(ValueError):
        told["arguments"] = json.loads(one.arguments_json)
    return told | {name: moment(at) for name, at in told.items() if name.endswith("_at") and isinstance(at, int)}


def _told(one: pb.Approval) -> dict[str, object]:
    return {
        "id": one.approval_id,
        "state": _state(one),
        "session": one.session_id,
        "subject": one.principal.subject,
        "actors": list(one.principal.actors),
        "tool": one.tool,
        "arguments": one.arguments_json,
        "why": [{"check": f.check, "reason": f.reason, "rule": f.rule, "message": f.message} for f in one.findings],
        "requested_at": one.requested_at.seconds,
        "expires_at": one.expires_at.seconds,
        "decided_by": list(one.decided_by),
        "needed": one.approvals_needed,
        "digest": one.digest,
    }
