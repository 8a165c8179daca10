"""An agent earns what it may do alone by clean work, for sessions to come, and loses it at once; both are recorded."""

import asyncio
import json
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
from tests.policy.packing import written as pack
from tests.running import AUDIENCE, Running, Served, minted, running, written

FILES: dict[str, str | bytes] = {
    "tools.yaml": "tools:\n  look: {effects: [read]}\n  note: {effects: [write]}\n  pay: {effects: [money]}\n",
    "rules.yaml": """
rules:
  - {id: all, on: [tool_call], then: deny, severity: critical, when: "tool.name == 'look' && text.contains('all')"}
  - {id: high, on: [tool_call], then: alert, when: "session.autonomy == 2"}
""",
    "autonomy.yaml": """
levels:
  0: {approve: ["*"]}
  1: {approve: [write, money]}
  2: {approve: [money]}
  3: {approve: [money]}
  4: {approve: []}
start: 1
promote: {after_clean_calls: 3, within: 1h, up_to: 2}
demote: {on: [rule_denied_critical, approval_rejected], to: 0}
""",
}


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, packs=[str(pack(tmp_path, FILES))]) as it:
        yield it


async def called(sidecar: Running, session: str, tool: str, call_id: str = "", **arguments: str) -> list[str]:
    """Return what is said of a call, and by which rule."""
    call = pb.ToolCall(session_id=session, tool=tool, arguments_json=json.dumps(arguments), call_id=call_id)
    verdict = await sidecar.guard.CheckToolCall(call)
    return [finding.rule or finding.reason for finding in verdict.findings if finding.reason]


async def worked(sidecar: Running, session: str, *searches: str, call_id: str = "") -> None:
    """Make a call of `look` for each of `searches`, and report it."""
    for search in searches:
        assert await called(sidecar, session, "look", call_id, q=search) == []
        await sidecar.guard.CheckToolResponse(
            pb.ToolResponse(session_id=session, call_id=call_id, tool="look", content="nothing")
        )


async def test_a_level_is_earned_for_sessions_to_come_and_lost_at_once(sidecar: Running) -> None:
    tools = ["look", "note", "pay"]
    first = await sidecar.session(tools)
    assert await called(sidecar, first, "note") == ["autonomy_approval_required"]
    await worked(sidecar, first, "a", "b", "c")
    second = await sidecar.session(tools)

    assert await called(sidecar, first, "note") == ["autonomy_approval_required"]
    assert await called(sidecar, second, "note") == ["try/high"]
    assert await called(sidecar, second, "pay") == ["try/high", "autonomy_approval_required"]

    assert await called(sidecar, second, "look", q="all") == ["try/all", "try/high"]
    assert await called(sidecar, second, "look") == ["autonomy_approval_required"]
    assert await called(sidecar, await sidecar.session(tools), "look") == ["autonomy_approval_required"]
    records = [one async for one in sidecar.control.QueryAudit(pb.QueryAuditRequest())]
    reasons = [one.findings[0].reason for one in records if one.boundary == "autonomy"]
    assert reasons == ["autonomy_raised", "autonomy_lowered"]


@pytest.mark.parametrize("call_id", ["", "c1"], ids=["without an id", "under one id"])
async def test_the_same_call_again_and_again_earns_nothing(sidecar: Running, call_id: str) -> None:
    first, second = await sidecar.session(["look", "note"]), await sidecar.session(["look", "note"])
    for session in (first, second, first, second):
        await worked(sidecar, session, "a", "b", call_id=call_id)
    for _ in range(10):  # free repeats, and calls that nobody reports
        await called(sidecar, first, "look", "c2", q="c")
        await called(sidecar, first, "look", q="d")

    assert await called(sidecar, await sidecar.session(["note"]), "note") == ["autonomy_approval_required"]


async def moved(sidecar: Running, to: int, **asked: str | int | list[str]) -> pb.Autonomy:
    who = await aio_ticket(str(sidecar.settings.server.socket.with_name(NAME)))
    assert who
    request = pb.SetAutonomyRequest(**{"agent": "agent", "level": to, **asked})  # type: ignore[arg-type]  # a table of fields
    return await sidecar.control.SetAutonomy(request, metadata=who)


async def test_an_operator_moves_an_agent_and_the_record_tells_who(sidecar: Running) -> None:
    tools = ["look", "note", "pay"]
    before = await sidecar.session(tools)
    raised = await moved(sidecar, 4, reason="reviewed by eve")
    after = await sidecar.session(tools)
    assert await called(sidecar, before, "pay") == ["autonomy_approval_required"]
    assert await called(sidecar, after, "pay") == []

    lowered = await moved(sidecar, 0)

    assert await called(sidecar, after, "look") == ["autonomy_approval_required"]
    assert [(one.agent, one.issuer, one.level) for one in (raised, lowered)] == [
        ("agent", sidecar.issuer.url, 4),
        ("agent", sidecar.issuer.url, 0),
    ]
    records = [one async for one in sidecar.control.QueryAudit(pb.QueryAuditRequest())]
    told = [json.loads(one.details_json)["details"] for one in records if one.boundary == "set_autonomy"]
    assert [(one["before"], one["after"]) for one in told] == [(1, 4), (4, 0)]
    assert len({one["approver"] for one in told}) == 1
    assert "eve" not in str(told)
    assert told[0]["words"].startswith("hmac-sha256:")


async def told(sidecar: Running, handle: str) -> list[int]:
    """Return how much a session may do alone, as its agent and an operator are told."""
    narrowed = await sidecar.guard.NarrowSession(pb.NarrowSessionRequest(session_id=handle, tools=["look"]))
    held = (await sidecar.control.ListSessions(pb.ListSessionsRequest())).sessions
    return [narrowed.autonomy, *(one.autonomy for one in held if one.session_id == handle.partition(".")[0])]


async def test_a_session_tells_the_level_that_it_has_and_not_what_its_delegation_would_let_it(sidecar: Running) -> None:
    first = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=sidecar.tokens(["look"])))
    await worked(sidecar, first.session_id, "a", "b", "c")
    second = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=sidecar.tokens(["look"])))
    before = [await told(sidecar, one.session_id) for one in (first, second)]
    await called(sidecar, second.session_id, "look", q="all")

    assert (first.autonomy, second.autonomy) == (1, 2)
    assert before == [[1, 1], [2, 2]]
    assert [await told(sidecar, one.session_id) for one in (first, second)] == [[0, 0], [0, 0]]


async def test_a_refusal_costs_a_level_when_it_is_given_and_not_when_the_agent_asks_again(sidecar: Running) -> None:
    session = await sidecar.session(["look", "pay"])
    asked = await sidecar.guard.CheckToolCall(pb.ToolCall(session_id=session, tool="pay"))
    assert await called(sidecar, session, "look") == []
    who = await aio_ticket(str(sidecar.settings.server.socket.with_name(NAME)))
    assert who
    await sidecar.control.DecideApproval(pb.DecideApprovalRequest(approval_id=asked.approval_id), metadata=who)

    assert await called(sidecar, session, "look") == ["autonomy_approval_required"]
    records = [one async for one in sidecar.control.QueryAudit(pb.QueryAuditRequest())]
    told = [one for one in records if one.boundary == "autonomy"]
    assert [[finding.reason for finding in one.findings] for one in told] == [["autonomy_lowered"]]
    assert (told[0].session_id, told[0].principal.agent) == (session.partition(".")[0], "agent")


async def test_no_level_lifts_a_session_above_its_delegation(sidecar: Running) -> None:
    await moved(sidecar, 4)
    scope: dict[str, Json] = {"tools": {"note": {}}, "autonomy": 2}
    tokens = sidecar.issuer.mint(user="user", agents=["agent"], scope=scope, audience=AUDIENCE, at=time.time())
    opened = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))

    assert opened.autonomy == 2
    assert await called(sidecar, opened.session_id, "note") == ["try/high", "call_approval_required"]


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        pytest.param({"level": 5}, "INVALID_ARGUMENT", "a level is from 0 to 4", id="no level"),
        pytest.param({"agent": ""}, "INVALID_ARGUMENT", "say which agent", id="no agent"),
        pytest.param({"agent": "a" * 513}, "INVALID_ARGUMENT", "at most 512", id="a long name"),
        pytest.param({"above": ["a"] * 17}, "INVALID_ARGUMENT", "at most 16", id="a long line"),
        pytest.param({"above": ["a" * 513]}, "INVALID_ARGUMENT", "at most 512", id="a long name in a line"),
        pytest.param({"reason": "a" * 4097}, "INVALID_ARGUMENT", "at most 4096", id="too many words"),
        pytest.param({"issuer": "https://other.example"}, "INVALID_ARGUMENT", "not among those", id="a stranger"),
    ],
)
async def test_what_cannot_be_meant_moves_nobody(
    sidecar: Running, asked: dict[str, str | int | list[str]], code: str, told: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await moved(sidecar, 3, **asked)

    assert (refused.value.code().name, told in str(refused.value.details())) == (code, True)
    assert (await sidecar.control.ListAutonomy(pb.ListAutonomyRequest())).standings == []


@pytest.mark.parametrize("metadata", [(), (("authorization", "Bearer x.y.z"),), (("sidecar-peer-ticket", "x"),)])
async def test_nobody_cannot_move_an_agent(sidecar: Running, metadata: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await sidecar.control.SetAutonomy(pb.SetAutonomyRequest(agent="agent", level=4), metadata=metadata)

    assert str(refused.value.details()).startswith("approver_unknown")
    assert (await sidecar.control.ListAutonomy(pb.ListAutonomyRequest())).standings == []


async def test_without_levels_there_is_nothing_to_move(tmp_path: Path) -> None:
    async with running(tmp_path) as it:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await moved(it, 3)

    assert "autonomy.yaml" in str(refused.value.details())


async def test_levels_on_the_command_line(sidecar: Running) -> None:
    config = ["--config", str(sidecar.settings.audit.path.with_name("sidecar.toml"))]

    async def said(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, app, ["autonomy", *words, *config])
        return result.exit_code, result.stdout if "--json" in words else result.output

    nothing, unknown = await said("show"), await said("show", "agent")
    await worked(sidecar, await sidecar.session(["look"]), "a")
    placed = await said("set", "agent", "3", "--task-type", "refunds", "--reason", "fine", "--json")
    lines = await said("show", "agent", "--json")
    table, one = await said("show"), await said("show", "--task-type", "refunds", "--json")
    over = await said("set", "agent", "5")
    stranger, again = await said("set", "agnt", "1"), await said("set", "agent", "1")
    no_token = await said("set", "agent", "1", "--token-file", "none.token")
    below = await said("set", "*", "2", "--under", "agent", "--json")
    nobody = await said("set", "*", "2")
    named = await said("set", "sub", "2", "--under", "agent", "--under", "b")
    listed = await said("show", "agent", "--json")

    assert (json.loads(below[1])["agent"], json.loads(below[1])["above"]) == ("", ["agent"])
    assert "agent > b > sub: level 2" in named[1]
    assert ["agent", "b"] in [json.loads(line)["above"] for line in listed[1].splitlines()]
    assert (nothing[0], unknown[0], "`start`" in unknown[1]) == (0, 1, True)
    assert (json.loads(placed[1])["level"], json.loads(placed[1])["task_type"]) == (3, "refunds")
    told = [json.loads(line) for line in lines[1].splitlines()]
    assert [(each["task_type"], each["level"], each["clean"]) for each in told] == [("", 1, 1), ("refunds", 3, 0)]
    assert "refunds" in table[1]
    assert [json.loads(line)["task_type"] for line in one[1].splitlines()] == ["refunds"]
    assert (over[0], no_token[0], nobody[0]) == (2, 1, 1)
    assert ["nothing was known" in one[1] for one in (stranger, again)] == [True, False]


def test_the_shell_knows_the_levels() -> None:
    words = {"COMP_WORDS": "sidecar autonomy set agent ", "COMP_CWORD": "4", "_SIDECAR_COMPLETE": "complete_bash"}
    result = CliRunner().invoke(app, [], env=words, prog_name="sidecar")

    assert result.stdout.split() == ["0", "1", "2", "3", "4"]


@pytest.mark.slow
def test_a_level_holds_over_a_kill(tmp_path: Path) -> None:
    issuer = TrialIssuer.generate()
    served = Served(written(tmp_path, issuer, packs=[str(pack(tmp_path, FILES))], rules="watch = false"))
    config = ["--config", str(served.config)]

    def asked() -> list[str]:
        with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
            guard = pb_grpc.GuardStub(channel)
            opened = guard.OpenSession(pb.OpenSessionRequest(tokens=minted(issuer, ["look", "pay"])), timeout=10)
            call = pb.ToolCall(session_id=opened.session_id, tool="pay")
            return [one.reason for one in guard.CheckToolCall(call, timeout=10).findings if one.reason]

    try:
        served.ready()
        found = [asked()]
        for level in ("4", "0"):
            assert CliRunner().invoke(app, ["autonomy", "set", "agent", level, *config]).exit_code == 0
            served.kill()
            served.restart()
            found.append(asked())
    finally:
        served.stop()

    assert found == [["autonomy_approval_required"], [], ["autonomy_approval_required"]]
