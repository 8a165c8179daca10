"""The scope decides on the arguments that cross, and on whose response it is."""

from dataclasses import replace

import pytest

from sidecar.checks.scope import ScopeCheck
from sidecar.errors import SessionError
from sidecar.identity.opening import Opener, Opening
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Answer, Decision
from tests.identity.crafting import RES, STS, VERIFIER, T

TOKENS = STS.mint(
    user="ann",
    agents=["a"],
    scope={
        "tools": {"pay": {"args": {"amount": {"constraint_type": "range", "max": 100}}}, "read": {}, "wire": {}},
        "approval": ["wire"],
    },
    at=T,
    audience=RES,
)
SESSION = Opener(verifier=VERIFIER).opened(Opening(tokens=tuple(TOKENS)), "ses_1", T)


async def judged(tool: str, body: Json, boundary: Boundary = Boundary.TOOL_CALL) -> Answer:
    crossing = Crossing(boundary=boundary, session_id="x", at=T, body=body, tool=tool, session=SESSION)
    return await ScopeCheck()(crossing)


CALLS: list[tuple[str, str, Json, Decision, str, str]] = [
    ("granted", "pay", {"amount": 100}, Decision.ALLOW, "", ""),
    ("any arguments", "read", {"x": [1]}, Decision.ALLOW, "", ""),
    ("another tool", "delete", {}, Decision.DENY, "tool_not_granted", ""),
    ("no tool", "", {}, Decision.DENY, "tool_not_granted", ""),
    ("too much", "pay", {"amount": 101}, Decision.DENY, "argument_denied", "/amount"),
    ("missing", "pay", {}, Decision.DENY, "argument_denied", "/amount"),
    ("one more", "pay", {"amount": 1, "canary": 1}, Decision.DENY, "argument_denied", ""),
    ("no object", "read", "canary", Decision.DENY, "argument_denied", ""),
    ("with a person's approval", "wire", {}, Decision.REQUIRE_APPROVAL, "call_approval_required", ""),
]


@pytest.mark.parametrize(
    ("tool", "body", "decision", "reason", "path"), [pytest.param(*row[1:], id=row[0]) for row in CALLS]
)
async def test_a_call_is_within_the_scope_or_refused(
    tool: str, body: Json, decision: Decision, reason: str, path: str
) -> None:
    answer = await judged(tool, body)
    finding = answer.findings[0]
    assert (answer.decision, finding.check, finding.reason, finding.path) == (decision, "scope", reason, path)
    assert "canary" not in finding.message + finding.path


@pytest.mark.parametrize(
    ("tool", "reason"), [pytest.param("read", "", id="granted"), pytest.param("delete", "tool_not_granted", id="not")]
)
async def test_a_response_is_of_a_tool_that_is_granted(tool: str, reason: str) -> None:
    answer = await judged(tool, "anything", Boundary.TOOL_RESPONSE)
    assert answer.findings[0].reason == reason
    assert (answer.decision is Decision.ALLOW) == (reason == "")


async def test_without_a_session_there_is_no_scope_to_judge_by() -> None:
    crossing = Crossing(boundary=Boundary.TOOL_CALL, session_id="x", at=T, body={}, tool="read", session=SESSION)
    with pytest.raises(SessionError):
        await ScopeCheck()(replace(crossing, session=None))
