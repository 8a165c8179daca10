"""Asking a person over the sockets: AwaitApproval, ListApprovals, DecideApproval, and the command line."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner

from sidecar.cli.root import app
from sidecar.client.peer import NAME, aio_ticket
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import APPROVALS, AUDIENCE, ECHO, Running, Served, eve, running, written

SCOPE: dict[str, Json] = {
    "tools": {"echo": {}, "lookup": {}},
    "approval": ["echo"],
    "budgets": {"calls": 3},
}


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, approvals=APPROVALS) as it:
        yield it


def tokens(issuer: TrialIssuer) -> list[str]:
    return issuer.mint(user="ann", agents=["agent"], scope=SCOPE, audience=AUDIENCE, at=time.time(), lifetime_s=600)


def call(session: str, approval_id: str = "", tool: str = "echo", call_id: str = "") -> pb.ToolCall:
    return pb.ToolCall(session_id=session, tool=tool, arguments_json=ECHO, approval_id=approval_id, call_id=call_id)


async def opened(it: Running) -> str:
    session = await it.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens(it.issuer)))
    assert session.session_id, session.findings
    return session.session_id


async def decided(
    it: Running, approval_id: str, *, approve: bool = True, who: tuple[tuple[str, str], ...] = ()
) -> pb.Approval:
    who = who or (("authorization", f"Bearer {eve(it.issuer)}"),)
    request = pb.DecideApprovalRequest(approval_id=approval_id, approve=approve, reason="fine")
    return await it.control.DecideApproval(request, metadata=who)


async def this_user(it: Running) -> tuple[tuple[str, str], ...]:
    """Return what shows which user of the machine asks."""
    return tuple(await aio_ticket(str(it.settings.server.socket.with_name(NAME))))


async def test_a_call_waits_for_a_person_and_passes_once(sidecar: Running) -> None:
    session = await opened(sidecar)
    asked = await sidecar.guard.CheckToolCall(call(session))
    waiting = asyncio.ensure_future(
        sidecar.guard.AwaitApproval(pb.AwaitApprovalRequest(session_id=session, approval_id=asked.approval_id))
    )
    listed = (await sidecar.control.ListApprovals(pb.ListApprovalsRequest(state=pb.Approval.PENDING))).approvals
    status = await sidecar.control.GetStatus(pb.GetStatusRequest())
    done = await decided(sidecar, asked.approval_id)
    told = await waiting
    passed = await sidecar.guard.CheckToolCall(call(session, asked.approval_id))
    again = await sidecar.guard.CheckToolCall(call(session, asked.approval_id))

    assert (asked.decision, asked.payload) == (pb.REQUIRE_APPROVAL, "")
    assert [(one.approval_id, one.principal.subject, json.loads(one.arguments_json)) for one in listed] == [
        (asked.approval_id, "ann", json.loads(ECHO))
    ]
    assert status.pending_approvals == 1
    assert (done.state, len(done.decided_by)) == (pb.Approval.APPROVED, 1)
    assert (told.decision, told.approval_id, bool(told.record_id)) == (pb.ALLOW, asked.approval_id, True)
    assert (passed.decision, passed.approval_id) == (pb.ALLOW, "")
    assert again.decision == pb.REQUIRE_APPROVAL
    assert again.approval_id not in {"", asked.approval_id}


async def test_who_waits_is_told_before_the_deadline_that_nobody_decided(sidecar: Running) -> None:
    session = await opened(sidecar)
    asked = await sidecar.guard.CheckToolCall(call(session))

    told = await sidecar.guard.AwaitApproval(
        pb.AwaitApprovalRequest(session_id=session, approval_id=asked.approval_id), timeout=1.5
    )
    unknown = await sidecar.guard.AwaitApproval(pb.AwaitApprovalRequest(session_id=session, approval_id="apr_none"))

    assert (told.decision, unknown.decision) == (pb.REQUIRE_APPROVAL, pb.DENY)
    assert [one.reason for one in unknown.findings] == ["approval_unknown"]


async def test_who_answers_what_nobody_asked_is_told_where_to_look(sidecar: Running) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await decided(sidecar, "apr_none")

    assert str(refused.value.details()).startswith(
        "approval_unknown: no request of this id is known: see ListApprovals"
    )


@pytest.mark.parametrize("metadata", [(), (("authorization", "Bearer x.y.z"),), (("sidecar-peer-ticket", "x"),)])
async def test_nobody_cannot_decide(sidecar: Running, metadata: tuple[tuple[str, str], ...]) -> None:
    asked = await sidecar.guard.CheckToolCall(call(await opened(sidecar)))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await sidecar.control.DecideApproval(
            pb.DecideApprovalRequest(approval_id=asked.approval_id, approve=True), metadata=metadata
        )

    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert str(refused.value.details()).startswith("approver_unknown")


@pytest.mark.parametrize("shows_itself", [True, False])
async def test_who_opened_the_session_cannot_decide_nor_who_may_have(sidecar: Running, *, shows_itself: bool) -> None:
    request = pb.OpenSessionRequest(tokens=tokens(sidecar.issuer))
    who = await this_user(sidecar) if shows_itself else ()
    session = (await sidecar.guard.OpenSession(request, metadata=who)).session_id
    asked = await sidecar.guard.CheckToolCall(call(session))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await decided(sidecar, asked.approval_id, who=await this_user(sidecar))

    assert str(refused.value.details()).startswith("approver_excluded")
    assert (await decided(sidecar, asked.approval_id)).state == pb.Approval.APPROVED


async def test_an_operator_lists_shows_and_answers_on_the_command_line(sidecar: Running) -> None:
    session = await opened(sidecar)
    asked = await sidecar.guard.CheckToolCall(call(session))
    config = ["--config", str(sidecar.settings.audit.path.with_name("sidecar.toml"))]
    token = sidecar.settings.audit.path.with_name("eve")
    token.write_text(eve(sidecar.issuer), encoding="ascii")
    answer = ["--token-file", str(token)]

    async def said(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, app, ["approvals", *words, *config], env=narrow)
        return result.exit_code, result.stdout

    narrow = {"COLUMNS": "72"}
    (_, table), (_, line) = await said("list"), await said("list", "--json")
    shown, missing = await said("show", asked.approval_id), await said("show", "apr_none")
    approved = await said("approve", asked.approval_id, "--reason", "fine", *answer)
    rejected = await said("reject", asked.approval_id, *answer)
    over = await said("list", "--all", "--json")

    assert re.search(r"\d\d:\d\d:\d\dZ", table)  # whole, on a narrow terminal too
    assert "echo" in table
    assert asked.approval_id in table  # whole, on a narrow terminal, too
    assert json.loads(line)["arguments"] == ECHO.replace(" ", "")
    assert (json.loads(shown[1])["id"], missing[0]) == (asked.approval_id, 1)
    assert json.loads(shown[1])["arguments"] == json.loads(ECHO)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d [\d:]{8}Z", json.loads(shown[1])["expires_at"])
    assert approved == (0, f"{asked.approval_id}: approved (1 of 1)\n")
    assert rejected == (0, f"{asked.approval_id}: rejected\n")
    assert json.loads(over[1])["state"] == "rejected"


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_sessions_budgets_and_consents_hold_over_a_kill(tmp_path: Path) -> None:
    issuer = TrialIssuer.generate()
    served = Served(written(tmp_path, issuer, rules="watch = false", approvals=APPROVALS))
    served.ready()
    token = tmp_path / "eve"
    token.write_text(eve(issuer), encoding="ascii")

    def asked(request: pb.ToolCall) -> pb.Verdict:
        with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
            return pb_grpc.GuardStub(channel).CheckToolCall(request, timeout=10)

    with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
        guard = pb_grpc.GuardStub(channel)
        session = guard.OpenSession(pb.OpenSessionRequest(tokens=tokens(issuer)), timeout=10).session_id
        other = guard.OpenSession(pb.OpenSessionRequest(tokens=tokens(issuer)), timeout=10).session_id
        guard.CloseSession(pb.CloseSessionRequest(session_id=other), timeout=10)
    found = [asked(call(session, tool="echo"))]
    decide = ["approvals", "approve", found[0].approval_id, "--config", str(served.config), "--token-file", str(token)]
    for step in (
        call(session, tool="lookup", call_id="c1"),
        call(session, tool="lookup", call_id="c1"),  # a repeat
        call(session, found[0].approval_id),
        call(session, found[0].approval_id),  # used
        call(other, tool="lookup"),
        call(session, tool="lookup", call_id="c2"),
        call(session, tool="lookup", call_id="c3"),
    ):
        if step.approval_id and len(found) == 3:
            decided = CliRunner().invoke(app, [*decide, "--json"])
            assert (decided.exit_code, json.loads(decided.stdout)["state"]) == (0, "approved")
        served.kill()
        served.restart()
        found.append(asked(step))
    served.stop()

    told = [max(one.findings, key=lambda f: f.decision).reason if one.decision > pb.REDACT else "" for one in found]
    assert told == [
        "call_approval_required",
        "",
        "",
        "",
        "call_approval_required",
        "session_unknown",
        "",
        "call_budget_exhausted",
    ]
