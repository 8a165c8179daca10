from collections.abc import Sequence
from dataclasses import replace

import pytest

from sidecar.checks.rules import RulesCheck
from sidecar.model.crossing import Boundary
from sidecar.model.verdict import Decision
from sidecar.policy import expressions
from sidecar.policy.catalogue import Catalogue, PackTools, Tool
from sidecar.policy.rules import Rule, RuleSet, Then
from tests.policy.packing import crossing

LOOK = Tool(name="look", effects=("read",), reads=("pii",))


def check(when: str) -> RulesCheck:
    rule = Rule(
        id="p/r",
        on=frozenset(Boundary),
        text=when,
        program=expressions.program(when),
        terms=expressions.parse(when).terms,
        then=Then.DENY,
    )
    return RulesCheck(RuleSet([rule]), Catalogue([PackTools([LOOK])]))


async def test_where_no_rule_matches_it_vouches() -> None:
    answer = await check("text == 'x'")(crossing(Boundary.USER_INPUT, "y"))

    assert [finding.decision for finding in answer.findings] == [Decision.ALLOW]
    assert answer.onward is None


async def test_where_one_matches_it_says_so_alone() -> None:
    answer = await check("'read' in tool.effects")(crossing(Boundary.TOOL_CALL, {}, tool="look"))

    assert [(finding.decision, finding.rule) for finding in answer.findings] == [(Decision.DENY, "p/r")]


@pytest.mark.parametrize(
    ("boundary", "tool", "detected", "labels"),
    [
        pytest.param(Boundary.TOOL_RESPONSE, "look", [], ["pii"], id="what the tool reads"),
        pytest.param(Boundary.TOOL_RESPONSE, "look", ["pci"], ["pci", "pii"], id="and what was found"),
        pytest.param(Boundary.TOOL_CALL, "look", [], [], id="a call has read nothing yet"),
        pytest.param(Boundary.USER_INPUT, "", ["pci"], ["pci"], id="only what was found"),
        pytest.param(Boundary.TOOL_RESPONSE, "other", [], [], id="a tool that nobody knows"),
    ],
)
async def test_labels_come_from_the_catalogue_and_from_detection(
    boundary: Boundary, tool: str, detected: Sequence[str], labels: Sequence[str]
) -> None:
    made = replace(crossing(boundary, {}, tool=tool), labels=frozenset(detected))

    answer = await check(f"labels == {list(labels)!r}")(made)

    assert answer.decision is Decision.DENY
