"""Each dimension that is compared: one step beyond the parent is refused, by its reason."""

from collections.abc import Mapping

import pytest

from sidecar.errors import ScopeError
from sidecar.model.narrowing import narrower
from sidecar.model.scope import parse
from sidecar.model.strict_json import Json

TOOLS: Mapping[str, Json] = {"t": {}, "u": {}}


def refused(child: Mapping[str, Json], parent: Mapping[str, Json]) -> str:
    """Return why a scope is wider than its parent, empty where it is not."""
    try:
        narrower(parse({"tools": dict(TOOLS), **child}), parse({"tools": dict(TOOLS), **parent}))
    except ScopeError as error:
        return error.reason
    return ""


@pytest.mark.parametrize(
    ("child", "parent", "reason"),
    [
        pytest.param({"autonomy": 2}, {"autonomy": 2}, "", id="as high"),
        pytest.param({"autonomy": 3}, {"autonomy": 2}, "scope_autonomy_raised", id="one level higher"),
        pytest.param({}, {"autonomy": 2}, "scope_autonomy_raised", id="as high as can be"),
        pytest.param({"approval": ["t", "u"]}, {"approval": ["t"]}, "", id="more that people are asked for"),
        pytest.param({"approval": ["u"]}, {"approval": ["t"]}, "scope_obligation_dropped", id="another than before"),
        pytest.param({}, {"approval": ["t"]}, "scope_obligation_dropped", id="nobody is asked any more"),
        pytest.param({"tools": {"u": {}}}, {"approval": ["t"]}, "", id="of a tool that is gone nobody is asked"),
        pytest.param({"budgets": {"calls": 3}}, {"budgets": {"calls": 2}}, "scope_budget_widened", id="a call more"),
        pytest.param({}, {"budgets": {"calls": 2}}, "scope_budget_widened", id="without a budget"),
        pytest.param({"budgets": {"calls": 2}}, {}, "", id="a budget more"),
        pytest.param({"egress": ["x.y"]}, {"egress": ["*.y"]}, "", id="a host within"),
        pytest.param({"egress": ["x.z"]}, {"egress": ["*.y"]}, "scope_egress_widened", id="a host more"),
        pytest.param({"mission": "m"}, {"mission": "m"}, "", id="the same mission"),
        pytest.param({"mission": "n"}, {"mission": "m"}, "chain_context_changed", id="another mission"),
        pytest.param({}, {"mission": "m"}, "chain_context_changed", id="no mission any more"),
        pytest.param(
            {"tools": {"t": {"max_calls": 2}}},
            {"tools": {"t": {"max_calls": 1}}},
            "scope_budget_widened",
            id="a call of a tool more",
        ),
        pytest.param({"tools": {"v": {}}}, {}, "scope_tool_added", id="another tool"),
    ],
)
def test_one_step_beyond_the_parent_is_wider(
    child: Mapping[str, Json], parent: Mapping[str, Json], reason: str
) -> None:
    assert refused(child, parent) == reason
