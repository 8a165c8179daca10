"""What was found labels a session over the socket, also where it may cross: for facts, for rules, and for operators."""

from pathlib import Path

import pytest

from sidecar.v1 import sidecar_pb2 as pb
from tests.policy.packing import written as pack
from tests.running import running

TOOLS = "tools: {look: {effects: [read], trust: trusted}, post: {effects: [egress]}}\n"
SAW = "facts: {saw: \"boundary == 'tool_response' && 'pii' in labels\"}\n"
RULE = "rules: [{id: r, on: [tool_call], when: \"tool.name == 'post' && WHEN\", then: deny}]\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "when", "labels", "decision"),
    [
        pytest.param("tool_response: allow", "'pii' in session.labels", ["pii"], pb.DENY, id="named, and may cross"),
        pytest.param("'*': allow", "'pii' in session.labels", ["pii"], pb.DENY, id="named everywhere"),
        pytest.param("a2a_message: redact", "facts.saw.count > 0", ["pii"], pb.DENY, id="a fact reads labels"),
        pytest.param("a2a_message: redact", "'pii' in session.labels", [], pb.ALLOW, id="nobody looks"),
    ],
)
async def test_what_a_tool_answers_labels_the_session(
    tmp_path: Path, at: str, when: str, labels: list[str], decision: int
) -> None:
    files: dict[str, str | bytes] = {
        "tools.yaml": TOOLS,
        "privacy.yaml": f"entities: {{EMAIL_ADDRESS: {{label: pii, at: {{{at}}}}}}}\n",
        "rules.yaml": (SAW if "facts" in when else "") + RULE.replace("WHEN", when),
    }
    async with running(tmp_path, packs=[str(pack(tmp_path, files))], rules="watch = false") as run:
        handle = await run.session(["look", "post"])
        answer = pb.ToolResponse(session_id=handle, tool="look", content="she is ann@acme-mail.com")
        said = await run.guard.CheckToolResponse(answer)
        (held,) = (await run.control.ListSessions(pb.ListSessionsRequest())).sessions
        posted = await run.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="post", arguments_json="{}"))

    assert (said.decision, said.payload) == (pb.ALLOW, answer.content)
    assert (list(held.labels), posted.decision) == (labels, decision)
