import pytest

from sidecar.checks.base import Sizes
from sidecar.checks.size import SizeCheck
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision

CHECK = SizeCheck(Sizes(text=20, arguments=10, depth=5))
TEXTS = [boundary for boundary in Boundary if boundary is not Boundary.TOOL_CALL]


def crossing(boundary: Boundary, body: Json = None, raw: str | None = None) -> Crossing:
    return Crossing(boundary=boundary, session_id="s", at=0.0, body=body, raw=raw)


@pytest.mark.parametrize(
    ("of", "decision"),
    [
        pytest.param(crossing(Boundary.TOOL_CALL, raw='{"a":"bc"}'), Decision.ALLOW, id="arguments at the limit"),
        pytest.param(crossing(Boundary.TOOL_CALL, raw='{"a":"bcd"}'), Decision.DENY, id="arguments beyond it"),
        pytest.param(crossing(Boundary.TOOL_CALL, raw=" " * 11), Decision.DENY, id="white space counts"),
        pytest.param(crossing(Boundary.TOOL_CALL, raw=""), Decision.ALLOW, id="nothing"),
        pytest.param(
            crossing(Boundary.LLM_REQUEST, [{"role": "user", "content": "x" * 5}]), Decision.ALLOW, id="a prompt"
        ),
        pytest.param(
            crossing(Boundary.LLM_REQUEST, [{"role": "user", "content": "x" * 5}, {"role": "", "content": "y" * 9}]),
            Decision.DENY,
            id="a prompt of many messages",
        ),
        *(pytest.param(crossing(b, "é" * 20), Decision.ALLOW, id=f"{b}: text at the limit") for b in TEXTS),
        *(pytest.param(crossing(b, "é" * 21), Decision.DENY, id=f"{b}: text beyond it") for b in TEXTS),
        *(pytest.param(crossing(b, raw="[" * 21), Decision.DENY, id=f"{b}: JSON beyond it") for b in TEXTS),
    ],
)
async def test_what_is_longer_than_the_limit_of_its_kind_is_denied(of: Crossing, decision: Decision) -> None:
    answer = await CHECK(of)

    assert answer.decision is decision
    assert answer.onward is None
    assert [finding.reason for finding in answer.findings] == ["payload_too_large" if decision is Decision.DENY else ""]
