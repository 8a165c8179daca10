"""Whose calls are counted together, until when, and what counts at all."""

from dataclasses import replace

import pytest

from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.limits import FOREVER, BudgetLimit, Per, counts, whose
from sidecar.model.pattern import Pattern
from sidecar.model.session import Session
from tests.chains import NOW, chain

HELD = chain(["look"])
SESSION = Session(id="ses_1", chain=HELD, scope=HELD.scope, opened_at=NOW, expires_at=NOW + 60)


def crossing(boundary: Boundary = Boundary.TOOL_CALL, tool: str = "", direction: Direction | None = None) -> Crossing:
    return Crossing(boundary=boundary, session_id="s", at=NOW, tool=tool, direction=direction)


@pytest.mark.parametrize(
    ("tool", "crossed", "is_counted"),
    [
        pytest.param(None, crossing(tool="look"), True, id="whatever leaves"),
        pytest.param(None, crossing(Boundary.LLM_REQUEST), True, id="a prompt, too"),
        pytest.param(None, crossing(Boundary.A2A_MESSAGE, direction=Direction.OUTBOUND), True, id="a message out"),
        pytest.param(None, crossing(Boundary.A2A_MESSAGE, direction=Direction.INBOUND), False, id="a message in"),
        pytest.param("lo*", crossing(tool="look"), True, id="a tool that is meant"),
        pytest.param("lo*", crossing(tool="note"), False, id="another tool"),
        pytest.param("*", crossing(Boundary.LLM_REQUEST), False, id="a prompt is no tool"),
        pytest.param("*", crossing(Boundary.TOOL_RESPONSE, tool="look"), False, id="nor is an answer a call"),
    ],
)
def test_what_counts(tool: str | None, crossed: Crossing, is_counted: bool) -> None:  # noqa: FBT001 - a column
    assert counts(Pattern(tool) if tool else None, crossed) is is_counted


@pytest.mark.parametrize(
    ("per", "window_s", "until"),
    [
        pytest.param((Per.SESSION,), 0, NOW + 60, id="as long as the session"),
        pytest.param((Per.SESSION, Per.TREE), 0, NOW + 60, id="which is the shorter"),
        pytest.param((Per.TREE,), 0, float(HELD.hops[0].expires_at), id="as long as the root token"),
        pytest.param((Per.SUBJECT,), 3600, NOW - NOW % 3600 + 3600, id="to the end of the window"),
    ],
)
def test_until_when_a_budget_counts(per: tuple[Per, ...], window_s: int, until: float) -> None:
    limit = BudgetLimit(per=per, ceilings={"calls": 1}, window_s=window_s)

    assert limit.purse(whose(SESSION, "look"), SESSION, NOW).until == until


def test_a_token_without_an_end_is_counted_for_ever() -> None:
    hops = (replace(HELD.hops[0], expires_at=0), *HELD.hops[1:])
    session = replace(SESSION, chain=replace(HELD, hops=hops))

    purse = BudgetLimit(per=(Per.TREE,), ceilings={"calls": 1}).purse(whose(session, ""), session, NOW)

    assert purse.until == FOREVER


def test_a_part_counts_as_its_whole_and_a_tool_that_nobody_grants_as_none() -> None:
    part = replace(SESSION, id="ses_2", parent_id="ses_1", whole_id="ses_1", tree="the tree of the whole")

    assert whose(part, "look") == {**whose(SESSION, "look"), Per.TREE: "the tree of the whole"}
    assert whose(SESSION, "made up")[Per.TOOL] == ""
    assert whose(SESSION, "look")[Per.TREE] == HELD.hops[0].digest
