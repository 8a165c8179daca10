"""An agent earns what it may do alone by clean work, for sessions to come, and loses it at once; both are recorded."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidecar.v1 import sidecar_pb2 as pb
from tests.policy.packing import written as pack
from tests.running import Running, running

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
demote: {on: [rule_denied_critical], to: 0}
""",
}


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, packs=[str(pack(tmp_path, FILES))]) as it:
        yield it


async def called(sidecar: Running, session: str, tool: str, **arguments: str) -> list[str]:
    """Return what is said of a call, and by which rule."""
    call = pb.ToolCall(session_id=session, tool=tool, arguments_json=json.dumps(arguments))
    verdict = await sidecar.guard.CheckToolCall(call)
    return [finding.rule or finding.reason for finding in verdict.findings if finding.reason]


async def test_a_level_is_earned_for_sessions_to_come_and_lost_at_once(sidecar: Running) -> None:
    tools = ["look", "note", "pay"]
    first = await sidecar.session(tools)
    assert await called(sidecar, first, "note") == ["autonomy_approval_required"]
    for _ in range(3):
        assert await called(sidecar, first, "look") == []
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
