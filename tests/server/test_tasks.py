"""A session that is opened for a type of task gets what the task needs, and gives more of it away as it goes on."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidecar.v1 import sidecar_pb2 as pb
from tests.policy.packing import written as pack
from tests.running import Running, running

FILES: dict[str, str | bytes] = {
    "tools.yaml": "tools:\n  look: {effects: [read]}\n  pay: {effects: [money]}\n  send: {effects: [message]}\n",
    "tasks.yaml": """
tasks:
  enquiry:
    tools: {look: {}, pay: {args: {amount: {constraint_type: range, max: 50}}, max_calls: 2}}
    calls: 4
    max_lifetime: 1m
  unlike: {tools: {drop: {}}}
""",
}
TOOLS = ["look", "pay", "send"]


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    files = {**FILES, "tools.yaml": f"{FILES['tools.yaml']!s}  drop: {{effects: [delete]}}\n"}
    async with running(tmp_path, packs=[str(pack(tmp_path, files))]) as it:
        yield it


async def opened(sidecar: Running, task_type: str, *tools: str) -> pb.Session:
    tokens = sidecar.tokens(TOOLS)
    return await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens, task_type=task_type, tools=tools))


async def called(sidecar: Running, session: str, tool: str, **arguments: int | str) -> list[str]:
    """Return why a call was refused; empty where it was not."""
    call = pb.ToolCall(session_id=session, tool=tool, arguments_json=json.dumps(arguments))
    verdict = await sidecar.guard.CheckToolCall(call)
    return [finding.reason for finding in verdict.findings if finding.decision == pb.DENY]


async def test_a_task_gets_its_tools_arguments_calls_and_time(sidecar: Running) -> None:
    free = await opened(sidecar, "whatever")
    session = await opened(sidecar, "enquiry")
    id_ = session.session_id

    assert list(free.tools) == TOOLS
    assert list(session.tools) == ["look", "pay"]
    assert free.expires_at.seconds - session.expires_at.seconds > 60
    assert await called(sidecar, id_, "send") == ["tool_not_granted"]
    assert await called(sidecar, id_, "pay", amount=51) == ["argument_denied"]
    assert await called(sidecar, id_, "pay", amount=50) == []
    assert await called(sidecar, id_, "pay", amount=50) == []
    assert await called(sidecar, id_, "pay", amount=1) == ["call_budget_exhausted"]
    assert await called(sidecar, id_, "look") == []
    assert await called(sidecar, id_, "look") == []
    assert await called(sidecar, id_, "look") == ["call_budget_exhausted"]


async def test_more_than_the_task_needs_is_refused(sidecar: Running) -> None:
    wider, nothing = await opened(sidecar, "enquiry", "send"), await opened(sidecar, "unlike")

    assert [finding.reason for finding in wider.findings] == ["scope_tool_added"]
    assert [finding.reason for finding in nothing.findings] == ["scope_empty"]


async def test_tools_and_arguments_are_given_away_for_good(sidecar: Running) -> None:
    id_ = (await opened(sidecar, "enquiry")).session_id
    assert await called(sidecar, id_, "pay", amount=40, note="x") == ["argument_denied"]

    most = {"constraint_type": "range", "max": 10}
    less = {"tools": {"pay": {"args": {"amount": most}}, "look": {"args": {"n": most}}}}
    narrowed = await sidecar.guard.NarrowSession(pb.NarrowSessionRequest(session_id=id_, scope_json=json.dumps(less)))
    assert not narrowed.findings
    assert await called(sidecar, id_, "pay", amount=11) == ["argument_denied"]
    assert await called(sidecar, id_, "look", n=11) == ["argument_denied"]
    assert await called(sidecar, id_, "pay", amount=10) == []

    back = {"tools": {"pay": {"args": {"amount": {"constraint_type": "range", "max": 50}}}}}
    wider = await sidecar.guard.NarrowSession(pb.NarrowSessionRequest(session_id=id_, scope_json=json.dumps(back)))
    assert [finding.reason for finding in wider.findings] == ["session_widen_refused"]
    assert await called(sidecar, id_, "pay", amount=11) == ["argument_denied"]

    await sidecar.guard.NarrowSession(pb.NarrowSessionRequest(session_id=id_, tools=["look"]))
    assert await called(sidecar, id_, "pay", amount=10) == ["tool_not_granted"]
