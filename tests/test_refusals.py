"""What a person refuses costs the agent its level at once, whether or not it ever asks again."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from sidecar.deciding import Answer, Deciding
from sidecar.identity.trial import Order
from sidecar.model.autonomy import Agent, Demotion, Ladder, Lapse
from sidecar.model.strict_json import Json
from sidecar.operators import Answerer, OperatorName, Operators
from tests.housing import AT, HERE, ISSUER, VERIFIER, House, house, linked, named

ASKS: Mapping[str, Json] = {"approval": ["pay", "note"]}
FALLING = Ladder(
    approve=(frozenset({"*"}), *[frozenset[str]()] * 4),
    start=2,
    demotions=(Demotion(on=frozenset({Lapse.APPROVAL_REJECTED}), to=1),),
)
EVE = Answerer(token=ISSUER.minted(Order(user="eve", agents=[], scope={"tools": {}}, at=AT, audience=HERE))[0])


def deciding(it: House, ladder: Ladder | None = FALLING) -> Deciding:
    operators = Operators(lambda: VERIFIER, (OperatorName(issuer=ISSUER.url, subject="eve"),))
    return Deciding(it.path.stores, it.log, lambda: it.path.recorder, operators, lambda: ladder)


def level(it: House, name: str, above: tuple[str, ...] = ()) -> int:
    who = Agent(issuer=ISSUER.url, name=name, task_type="", above=above)
    return it.path.stores.standings.level(who, FALLING, AT)


@pytest.mark.parametrize(
    ("approve", "ladder", "found"),
    [
        pytest.param(False, FALLING, 1, id="a refusal"),
        pytest.param(True, FALLING, 2, id="a consent"),
        pytest.param(False, replace(FALLING, demotions=()), 2, id="where refusals cost nothing"),
        pytest.param(False, None, 2, id="where no pack has levels"),
    ],
)
async def test_what_a_person_refuses_costs_the_agent_its_level_at_once(
    approve: bool,  # noqa: FBT001 - a column
    ladder: Ladder | None,
    found: int,
) -> None:
    it = house()
    asked = await it.call(await it.open(dict(ASKS)), "pay")
    await deciding(it, ladder).decide(Answer(asked.approval_id, approve), EVE, AT)

    assert level(it, "worker") == found
    told = [entry for entry in it.log.entries if entry.boundary == "autonomy"]
    assert [entry.findings[0].reason for entry in told] == (["autonomy_lowered"] if found == 1 else [])


async def test_what_a_sub_agent_is_refused_costs_all_below_the_same_first_delegate() -> None:
    it = house()
    asked = await it.call(await named(it, "sub", linked(dict(ASKS))), "note")
    await deciding(it).decide(Answer(asked.approval_id, approve=False), EVE, AT)

    assert [level(it, "sub", ("planner",)), level(it, "", ("planner",)), level(it, "planner")] == [1, 1, 2]
