import pytest

from sidecar.checks.catalogue import CatalogueCheck
from sidecar.model.crossing import Boundary
from sidecar.model.verdict import Decision
from sidecar.policy.catalogue import Catalogue, PackTools, Tool
from tests.policy.packing import crossing


@pytest.mark.parametrize(
    ("tool", "unknown", "decision", "reason"),
    [
        pytest.param("pay", Decision.DENY, Decision.ALLOW, "", id="a tool that is known"),
        pytest.param("mcp:x", Decision.DENY, Decision.ALLOW, "", id="a tool that a pattern knows"),
        pytest.param("steal", Decision.DENY, Decision.DENY, "unknown_tool", id="one that is not"),
        pytest.param("", Decision.DENY, Decision.DENY, "unknown_tool", id="no tool"),
        pytest.param(
            "steal", Decision.REQUIRE_APPROVAL, Decision.REQUIRE_APPROVAL, "unknown_tool", id="a person is asked"
        ),
    ],
)
@pytest.mark.parametrize("boundary", [Boundary.TOOL_CALL, Boundary.TOOL_RESPONSE])
async def test_only_what_a_pack_knows_passes(
    boundary: Boundary, tool: str, unknown: Decision, decision: Decision, reason: str
) -> None:
    catalogue = Catalogue([PackTools([Tool(name="pay"), Tool(name="mcp:*")], unknown)])

    (finding,) = (await CatalogueCheck(catalogue)(crossing(boundary, {}, tool=tool))).findings

    assert (finding.check, finding.decision, finding.reason) == ("catalogue", decision, reason)
    assert "steal" not in finding.message
