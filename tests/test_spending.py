"""What a session may spend: ceilings of its scope, of every token of its chain, of the sessions it is part of."""

import asyncio
import json
from dataclasses import replace

import pytest

from sidecar.checks.budget import BudgetCheck
from sidecar.identity.delegation import Delegation
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.opening import Opening
from sidecar.model.account import Account
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.scope import Scope, open_tools
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.policy.catalogue import Catalogue
from tests.housing import AT, ELSEWHERE, HERE, ISSUER, OURS, TOOLS, House, house, linked, token, why
from tests.limiting import policy

CALLS_2: dict[str, Json] = {"budgets": {"calls": 2}}
EXHAUSTED = "call_budget_exhausted"


async def delegated(it: House, handle: str, scope: Json, audience: str) -> str:
    """Return the reason why nothing was handed on, or the token."""
    asked = Delegation(
        agent="sub",
        audience=audience,
        scope_json=json.dumps(scope),
        confirmation_jwk=json.dumps(SigningKey.generate().public_jwk()),
    )
    signed = await it.path.delegate(handle, asked, AT)
    return signed.made.token if signed.made else signed.findings[0].reason


async def spend(it: House, handle: str, times: int, tool: str = "look") -> list[str]:
    return [why(await it.call(handle, tool)) for _ in range(times)]


async def test_a_budget_of_calls_is_held() -> None:
    it = house()
    handle = await it.open(CALLS_2)

    assert await spend(it, handle, 4) == ["allow", "allow", EXHAUSTED, EXHAUSTED]


async def test_a_second_session_of_the_same_token_has_the_same_budget() -> None:
    it, tokens = house(), token(CALLS_2)
    first, second = await it.open_by(tokens), await it.open_by(tokens)

    assert await spend(it, first, 1) + await spend(it, second, 2) == ["allow", "allow", EXHAUSTED]


async def test_the_agents_own_policy_is_held_over_all_sessions_of_a_token() -> None:
    policy = Scope(tools=open_tools([tool.name for tool in TOOLS]), budgets={"calls": 1})
    it, tokens = house(agent_scope=policy), token({})

    assert [why(await it.call(await it.open_by(tokens))) for _ in range(2)] == ["allow", EXHAUSTED]


async def test_a_narrower_session_has_its_own_budget_besides() -> None:
    it, tokens = house(), token(CALLS_2)
    narrow = await it.open_by(tokens, scope_json='{"budgets":{"calls":1}}')

    assert await spend(it, narrow, 2) == ["allow", EXHAUSTED]
    assert await spend(it, await it.open_by(tokens), 2) == ["allow", EXHAUSTED]


async def test_a_tool_may_be_called_so_often_and_others_as_before() -> None:
    it = house()
    handle = await it.open({"tools": {"look": {"max_calls": 1}, "note": {}}})

    assert await spend(it, handle, 2, tool="look") == ["allow", EXHAUSTED]
    assert await spend(it, handle, 2, tool="note") == ["allow", "allow"]


async def test_a_repeat_is_free_until_it_was_answered_and_another_call_has_an_id_of_its_own() -> None:
    it = house()
    handle = await it.open({"budgets": {"calls": 2}})

    repeats = [why(await it.call(handle, call_id="c1", n=1)) for _ in range(5)]
    other = why(await it.call(handle, call_id="c1", n=2))
    await it.answer(handle, call_id="c1")
    again = [why(await it.call(handle, call_id="c1", n=2)) for _ in range(2)]
    await it.answer(handle, call_id="c1")
    late = why(await it.call(handle, call_id="c1", n=2))

    assert (repeats, other, again, late) == (["allow"] * 5, "call_id_reused", ["allow"] * 2, EXHAUSTED)


async def test_what_is_refused_or_asked_for_costs_nothing() -> None:
    it = house()
    handle = await it.open({**CALLS_2, "approval": ["note"], "autonomy": 3})

    refused = [why(await it.call(handle, "pay")) for _ in range(3)]
    asked = [why(await it.call(handle, "note", call_id="c")) for _ in range(3)]

    assert (refused, asked) == (["call_autonomy_exceeded"] * 3, ["ask: call_approval_required"] * 3)
    assert await spend(it, handle, 3) == ["allow", "allow", EXHAUSTED]


async def test_octets_that_go_out_are_counted_as_they_cross() -> None:
    it = house()
    handle = await it.open({"budgets": {"bytes_out": 20}})

    found = [why(await it.call(handle, n="é")) for _ in range(3)]  # {"n":"é"} is ten octets

    assert found == ["allow", "allow", EXHAUSTED]


def prompt(handle: str, *, most: int = 0, call_id: str = "", text: str = "hi") -> Crossing:
    return Crossing(
        boundary=Boundary.LLM_REQUEST,
        session_id=handle,
        at=AT,
        body=[{"role": "user", "content": text}],
        is_json=True,
        call_id=call_id,
        max_output_tokens=most,
    )


def output(handle: str, used: int, call_id: str = "c") -> Crossing:
    return Crossing(
        boundary=Boundary.LLM_OUTPUT, session_id=handle, at=AT, body="x", call_id=call_id, output_tokens=used
    )


async def test_tokens_are_reserved_at_their_most_and_settled_once_at_what_was_used() -> None:
    it = house()
    handle = await it.open({"budgets": {"tokens": 1000}})

    async def asks(most: int, call_id: str = "c") -> str:
        return why((await it.path.decide(prompt(handle, most=most, call_id=call_id)))[0])

    assert await asks(0) == "call_cost_unknown"
    assert await asks(1000) == EXHAUSTED  # the prompt costs, too
    assert await asks(900) == "allow"
    assert await asks(100, "d") == EXHAUSTED
    for used in (100, 1, 0):
        await it.path.decide(output(handle, used))
    assert await asks(810, "d") == "allow"
    assert await asks(100, "e") == EXHAUSTED


async def test_what_was_not_reported_stays_reserved() -> None:
    it = house()
    handle = await it.open({"budgets": {"tokens": 100}})
    await it.path.decide(prompt(handle, most=30, call_id="c"))
    await it.path.decide(output(handle, 0))

    assert why((await it.path.decide(prompt(handle, most=30, call_id="d")))[0]) == EXHAUSTED


@pytest.mark.parametrize(
    ("unit", "ceiling", "found"),
    [
        pytest.param("cost:USD:2", 10, ["allow", "allow", EXHAUSTED], id="cents"),
        pytest.param("cost:USD:0", 2, ["allow", "allow", EXHAUSTED], id="whole dollars are counted up"),
        pytest.param("cost:EUR:2", 1000, ["call_cost_unknown"] * 3, id="another currency"),
    ],
)
async def test_money_is_counted_in_its_own_unit(unit: str, ceiling: int, found: list[str]) -> None:
    it = house()
    handle = await it.open({"budgets": {unit: ceiling}})

    assert await spend(it, handle, 3, tool="pay") == found
    assert await spend(it, handle, 1, tool="look") == ["allow"]  # the catalogue says that it is free
    assert why((await it.path.decide(prompt(handle, most=5)))[0]) == "call_cost_unknown"


async def test_what_it_cost_stands_in_the_summary() -> None:
    it = house()
    handle = await it.open({})
    for _ in range(3):
        await it.call(handle, "pay", call_id="c")
    await it.call(handle, "pay", call_id="d")

    assert (await it.path.close(handle, AT)).micro_usd == 100_000


# ---- the tree ----------------------------------------------------------------------------------------------


async def test_n223_children_within_their_parents_budget_exceed_it_together_when_they_spend_here() -> None:
    it = house()
    parent = linked({"budgets": {"calls": 200}})
    handle = await it.open_by(parent)
    children = []
    for _ in range(100):
        child = await delegated(it, handle, {"tools": {"look": {}}, "budgets": {"calls": 5}}, HERE)
        children.append(await it.open_by([*parent, child]))

    found = [why(await it.call(child)) for child in children for _ in range(5)]

    assert found.count("allow") == 200
    assert set(found[200:]) == {EXHAUSTED}
    assert why(await it.call(handle)) == EXHAUSTED


async def test_n223_children_that_leave_take_their_whole_budget_with_them() -> None:
    it = house()
    handle = await it.open_by(linked({"budgets": {"calls": 21}}))
    scope: Json = {"tools": {"look": {}}, "budgets": {"calls": 5}}

    handed = [await delegated(it, handle, scope, ELSEWHERE) for _ in range(6)]

    assert [one for one in handed if "_" in one and "." not in one] == [EXHAUSTED] * 2
    assert await spend(it, handle, 2) == ["allow", EXHAUSTED]


async def test_n224_of_two_that_race_for_the_last_unit_one_gets_it() -> None:
    for _ in range(20):
        it = house()
        handle = await it.open({"budgets": {"calls": 1}})

        found = await asyncio.gather(*(it.call(handle, call_id=f"c{n}") for n in range(2)))

        assert sorted(why(verdict) for verdict in found) == ["allow", EXHAUSTED]


async def test_a_session_within_a_session_spends_from_it_and_ends_with_it() -> None:
    it = house()
    whole = await it.open({"budgets": {"calls": 3}})
    part = await it.open({"budgets": {"calls": 9}}, parent_session_id=whole)
    deeper = await it.open({}, parent_session_id=part)

    found = [await spend(it, handle, 1) for handle in (whole, part, deeper, deeper, part, whole)]
    await it.path.close(whole, AT)

    assert [one for (one,) in found] == ["allow"] * 3 + [EXHAUSTED] * 3
    assert [why(await it.call(handle)) for handle in (part, deeper)] == ["session_unknown"] * 2


async def test_a_session_within_a_session_is_no_wider_and_no_longer_and_for_the_same_person() -> None:
    it = house()
    whole = await it.open({"tools": {"look": {}}})
    part = await it.open({}, parent_session_id=whole)
    held = await it.path.stores.sessions.get(part, AT)

    tokens = ISSUER.mint(user="bob", agents=["worker"], scope={"tools": {"look": {}}}, at=AT)
    other = await it.open_by(tokens, parent_session_id=whole)

    assert set(held.scope.tools) == {"look"}
    assert other == "refused: session_principal_changed"
    assert await it.open({}, parent_session_id="ses_x.y") == "refused: session_unknown"
    assert await it.open({"tools": {"note": {}}}, parent_session_id=whole) == "refused: scope_empty"


async def test_narrowing_the_whole_narrows_its_parts_and_their_budget() -> None:
    it = house()
    whole = await it.open({"budgets": {"calls": 9}})
    part = await it.open({}, parent_session_id=whole)

    await it.path.narrow(whole, Opening(scope_json='{"budgets":{"calls":1},"tools":{"look":{}}}'), AT)

    assert await spend(it, part, 2) == ["allow", EXHAUSTED]
    assert await spend(it, part, 1, tool="note") == ["tool_not_granted"]


async def test_an_inbound_message_costs_nothing_and_an_outbound_one_what_goes_out() -> None:
    it = house()
    handle = await it.open({"budgets": {"bytes_out": 10}})
    session = await it.path.stores.sessions.get(handle, AT)
    message = Crossing(
        boundary=Boundary.A2A_MESSAGE, session_id=handle, at=AT, body={"role": "agent"}, is_json=True, session=session
    )
    check = BudgetCheck(it.path.stores.ledger, Catalogue())

    inbound = await check(replace(message, direction=Direction.INBOUND))
    outbound = await check(replace(message, direction=Direction.OUTBOUND))

    assert [each.decision for each in (inbound, outbound)] == [Decision.ALLOW, Decision.DENY]
    assert outbound.findings[0].reason == EXHAUSTED


async def test_accounts_are_named_by_the_token() -> None:
    it, tokens = house(), linked({"budgets": {"calls": 9}})
    handle = await it.open_by(tokens)
    await it.call(handle)
    held = await it.path.stores.sessions.get(handle, AT)

    assert held.chain.hops[-1].thumbprint == OURS.public.thumbprint
    assert await it.path.stores.ledger.spent(Account("node", held.chain.hops[0].digest), "calls") == 1


async def test_in_a_trial_it_is_told_whose_budget_of_which_window_it_is() -> None:
    it = house(policy=policy("budgets: [{per: [subject, tool], tool: lo*, window: 1h, tool_calls: 1}]"))
    handle = await it.open({})
    await it.call(handle)

    told = [one.message for one in (await it.call(handle)).findings if one.reason]

    assert [one[one.index("(") :] for one in told] == ["(per subject and tool, in 3600 s, of lo*)"]
