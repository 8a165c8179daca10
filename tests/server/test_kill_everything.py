"""`kill -9` after all that a sidecar remembers was set: each of it still counts, in the same session and anew."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner

from sidecar.cli.root import app
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.policy.packing import written as pack
from tests.running import APPROVALS, AUDIENCE, Served, eve, written

ISSUER = TrialIssuer.generate(issuer="https://trial.sidecar.local")
TOOLS = ("read", "rated", "paid", "shared", "flaky", "again", "other", "ask", "charge")
FILES: dict[str, str | bytes] = {
    "tools.yaml": "tools:\n"
    + "".join(f"  {tool}: {{effects: [read], trust: trusted}}\n" for tool in TOOLS if tool != "read")
    + "  read: {effects: [read], trust: untrusted, reads: [confidential]}\n",
    "rules.yaml": """
facts: {was_read: "boundary == 'tool_response' && tool.name == 'read'"}
rules:
  - {id: ask, on: [tool_call], then: require_approval, when: "tool.name == 'ask'"}
  - {id: label, on: [tool_call], then: deny, when: "tool.name == 'other' && 'confidential' in session.labels"}
  - {id: fact, on: [tool_call], then: deny, when: "tool.name == 'other' && facts.was_read.within_1h > 0"}
  - {id: count, on: [tool_call], then: deny, when: "tool.name == 'other' && session.denied > 0"}
""",
    "limits.yaml": """
rates: [{per: subject, tool: rated, limit: 2/day, burst: 2}]
budgets:
  - {per: session, tool: paid, tool_calls: 2}
  - {per: tree, tool: shared, tool_calls: 2}
breakers: [{tool: flaky, failures: 2, within: 1h, open_for: 1h}]
loops: {same_call: 4, within: 1h}
""",
    "autonomy.yaml": """
levels: {0: {approve: ["*"]}, 1: {approve: []}, 2: {approve: []}, 3: {approve: []}, 4: {approve: []}}
start: 1
""",
    "privacy.yaml": """
recognizers:
  - {name: badge, supported_entity: BADGE, patterns: [{name: badge, regex: 'BDG-[0-9]{6}', score: 0.9}]}
entities:
  BADGE: {label: pii, at: {"*": token}, reveal_to: [charge]}
""",
}


class Face:
    """What an agent and an operator ask of a sidecar, on connections of the moment."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self._numbers = iter(range(10_000))

    def ask(self, what: Callable[["pb_grpc.GuardStub"], pb.Verdict]) -> pb.Verdict:
        with grpc.insecure_channel(f"unix:{self.served.settings.server.socket}") as channel:
            return what(pb_grpc.GuardStub(channel))

    def open(self, tokens: list[str]) -> pb.Session:
        with grpc.insecure_channel(f"unix:{self.served.settings.server.socket}") as channel:
            return pb_grpc.GuardStub(channel).OpenSession(pb.OpenSessionRequest(tokens=tokens), timeout=20)

    def narrow(self, handle: str, tools: list[str]) -> None:
        with grpc.insecure_channel(f"unix:{self.served.settings.server.socket}") as channel:
            request = pb.NarrowSessionRequest(session_id=handle, tools=tools)
            assert pb_grpc.GuardStub(channel).NarrowSession(request, timeout=20).session_id

    def call(self, handle: str, tool: str, approval_id: str = "", call_id: str = "", **given: Json) -> pb.Verdict:
        """Return the verdict on a call, another one each time unless it says what is `given`."""
        arguments = json.dumps(given or {"n": next(self._numbers)})
        request = pb.ToolCall(
            session_id=handle, tool=tool, arguments_json=arguments, approval_id=approval_id, call_id=call_id
        )
        return self.ask(lambda guard: guard.CheckToolCall(request, timeout=20))

    def said(self, handle: str, tool: str, result: pb.Outcome.Result.ValueType, call_id: str = "") -> None:
        outcome = pb.Outcome(result=result)
        told = pb.ToolResponse(session_id=handle, tool=tool, content="a word", call_id=call_id, outcome=outcome)
        assert self.ask(lambda guard: guard.CheckToolResponse(told, timeout=20)).decision == pb.ALLOW

    def operator(self, *words: str) -> str:
        done = CliRunner().invoke(app, [*words, "--config", str(self.served.config)])
        assert done.exit_code == 0, done.output
        return done.stdout

    def over_a_kill(self) -> None:
        self.served.kill()
        self.served.restart()


def minted(user: str, agent: str = "agent") -> list[str]:
    scope: dict[str, Json] = {"tools": {tool: {} for tool in TOOLS}}
    return ISSUER.mint(user=user, agents=[agent], scope=scope, audience=AUDIENCE, at=time.time(), lifetime_s=900)


def why(verdict: pb.Verdict) -> list[str]:
    """Return by which rule, else for which reason, a verdict is no ALLOW."""
    return [one.rule or one.reason for one in verdict.findings if one.decision > pb.REDACT]


@pytest.fixture
def face(tmp_path: Path) -> Iterator[Face]:
    packs = [str(pack(tmp_path, FILES))]
    with Served(written(tmp_path, ISSUER, packs, rules="watch = false", approvals=APPROVALS)) as served:
        served.config.with_name("eve").write_text(eve(ISSUER), encoding="ascii")
        yield Face(served)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_all_that_was_spent_lost_counted_said_and_decided_is_so_after_a_kill(face: Face) -> None:
    ann = minted("ann")
    handle, fresh = face.open(ann).session_id, face.open(ann).session_id
    for tool in ("rated", "paid", "shared"):
        assert [why(face.call(handle, tool, call_id=f"{tool} {n}")) for n in range(2)] == [[], []]
    for _ in range(2):
        assert why(face.call(handle, "flaky")) == []
        face.said(handle, "flaky", pb.Outcome.TIMEOUT)
    assert [why(face.call(handle, "again", n="same")) for _ in range(3)] == [[]] * 3
    badge = face.ask(lambda guard: guard.CheckUserInput(pb.UserInput(session_id=handle, text="I am BDG-123456")))
    token = badge.payload.removeprefix("I am ")
    face.narrow(fresh, ["read", "again", "rated"])
    asked = [face.call(handle, "ask", n=f"ask {n}") for n in range(3)]
    by_eve = ["--token-file", str(face.served.config.with_name("eve"))]
    for one in asked[:2]:
        face.operator("approvals", "approve", one.approval_id, *by_eve)
    face.operator("approvals", "reject", asked[2].approval_id, *by_eve)
    assert why(face.call(handle, "ask", asked[0].approval_id, n="ask 0")) == []
    lowered, revoked = face.open(minted("bob", "lowered")), face.open(minted("eve"))
    face.operator("autonomy", "set", "lowered", "0")
    face.operator("tokens", "revoke", "--subject", "eve")
    before = face.operator("sessions", "list", "--json")
    assert why(face.call(handle, "nothing")) == ["tool_not_granted"]
    reading = face.open(minted("dan")).session_id
    face.said(reading, "read", pb.Outcome.OK)

    face.over_a_kill()

    assert len(face.operator("sessions", "list", "--json").splitlines()) == len(before.splitlines()) + 1
    assert token != "BDG-123456"
    assert "BDG-123456" in face.call(handle, "charge", badge=token).payload
    assert "BDG-123456" not in face.call(fresh, "again", badge=token).payload
    assert why(face.call(handle, "rated", call_id="rated 1", n="another")) == ["call_id_reused"]
    again = face.open(ann).session_id
    assert [why(face.call(one, "rated")) for one in (handle, fresh, again)] == [["call_rate_exceeded"]] * 3
    assert [why(face.call(one, "paid")) for one in (handle, again)] == [["call_budget_exhausted"], []]
    assert [why(face.call(one, "shared")) for one in (handle, again)] == [["call_budget_exhausted"]] * 2
    assert [why(face.call(one, "flaky")) for one in (handle, again)] == [["circuit_open"]] * 2
    assert [why(face.call(again, "again", n="same")) for _ in range(2)] == [[], ["loop_detected"]]
    assert why(face.call(fresh, "paid")) == ["tool_not_granted"]
    used, good = asked[0].approval_id, asked[1].approval_id
    assert why(face.call(handle, "ask", used, n="ask 0"))[-1] == "call_approval_required"
    assert [why(face.call(handle, "ask", good, n="ask 1"))[-1:] for _ in range(2)] == [[], ["call_approval_required"]]
    assert why(face.call(handle, "ask", asked[2].approval_id, n="ask 2"))[-1] == "approval_rejected"
    assert why(face.call(lowered.session_id, "again")) == ["autonomy_approval_required"]
    assert why(face.call(face.open(minted("bob", "lowered")).session_id, "again")) == ["autonomy_approval_required"]
    assert why(face.call(revoked.session_id, "again")) == ["session_unknown"]
    assert [one.reason for one in face.open(minted("eve")).findings] == ["subject_revoked"]
    assert why(face.call(handle, "other")) == ["try/count"]
    assert why(face.call(reading, "other")) == ["try/label", "try/fact"]
