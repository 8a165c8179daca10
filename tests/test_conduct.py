"""What counts as clean work, over the real way of a crossing."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.conduct import Earning, Spending, Watching, lapses
from sidecar.model.autonomy import Agent, Demotion, Ladder, Lapse, Promotion
from sidecar.model.crossing import Outcome
from sidecar.model.verdict import Decision, Finding, Severity
from sidecar.policy.catalogue import Catalogue, PackTools
from sidecar.policy.policy import Policy
from tests.housing import AT, ISSUER, TOOLS, House, house, linked, named, token
from tests.limiting import ask, policy, told

RULE = Promotion(clean_calls=3, within_s=86_400, up_to=3)
LADDER = Ladder(approve=(frozenset({"*"}), *[frozenset[str]()] * 4), start=1, promotion=RULE)
FALLING = replace(LADDER, demotions=(Demotion(on=frozenset({Lapse.RULE_DENIED_CRITICAL}), to=0),))
LOST = Finding(check="rules", decision=Decision.DENY, rule="p/r", severity=Severity.CRITICAL)
TOKENS = [token({}), token({}), token({}, at=AT - 1)]  # two of one second, and an older one, all of one person

# One step: which token, which of two calls, under which id, how often asked for, how often and how reported.
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 1),
        st.sampled_from(["", "c1", "c2"]),
        st.integers(1, 3),
        st.integers(0, 3),
        st.sampled_from([None, Outcome.OK]),
    ),
    max_size=25,
)


def earning() -> House:
    it = house(policy=Policy(catalogue=Catalogue([PackTools(TOOLS)]), version="v1", autonomy=LADDER))
    return House(replace(it.path, conduct=Earning(it.path.stores.standings, LADDER)), it.log)


def levels(it: House) -> list[int]:
    return [standing.level for _, standing in it.path.stores.standings.all()]


async def work(
    it: House, handle: str, number: int, call_id: str = "", *, outcome: Outcome | None = None, reports: int = 1
) -> None:
    await it.call(handle, call_id=call_id, n=number)
    for _ in range(reports):
        await it.answer(handle, call_id=call_id, outcome=outcome)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_repeats_never_promote(steps: list[tuple[int, int, str, int, int, Outcome | None]]) -> None:
    async def run() -> list[int]:
        it = earning()
        handles = [await it.open_by(tokens) for tokens in TOKENS]
        for which, number, call_id, asked, reports, outcome in steps:
            for _ in range(asked - 1):
                await it.call(handles[which], call_id=call_id, n=number)
            await work(it, handles[which], number, call_id, outcome=outcome, reports=reports)
        return levels(it)

    assert all(level == LADDER.start for level in asyncio.run(run()))


@pytest.mark.parametrize(
    ("numbers", "call_id", "outcome", "reports", "level"),
    [
        pytest.param([1, 2, 3], "", None, 1, 2, id="three calls without an id"),
        pytest.param([1, 2, 3], "c", Outcome.OK, 1, 2, id="three calls under one id, one after the other"),
        pytest.param([1, 2, 3] * 3, "c", Outcome.OK, 1, 2, id="each of them three times"),
        pytest.param([*range(6)], "c", Outcome.OK, 1, 3, id="six calls"),
        pytest.param([1, 2, 3], "c", Outcome.ERROR, 1, 1, id="that failed"),
        pytest.param([1, 2, 3], "", None, 0, 1, id="that nobody reported"),
        pytest.param([1, 1, 2], "c", None, 3, 1, id="reported more often than made"),
    ],
)
async def test_work_is_what_was_let_through_and_reported_as_done(
    numbers: list[int], call_id: str, outcome: Outcome | None, reports: int, level: int
) -> None:
    it = earning()
    handle = await it.open({})
    for number in numbers:
        await work(it, handle, number, call_id, outcome=outcome, reports=reports)

    assert [held or LADDER.start for held in levels(it) or [LADDER.start]] == [level]


@pytest.mark.parametrize(
    ("wanted", "tool", "found"),
    [
        pytest.param([], "look", 2, id="any call"),
        pytest.param(["money", "delete"], "pay", 2, id="what has the effect"),
        pytest.param(["money"], "look", 1, id="what has not"),
        pytest.param(["money"], "note", 1, id="what nobody knows"),
    ],
)
async def test_where_packs_say_which_effects_are_work_no_other_call_earns(
    wanted: list[str], tool: str, found: int
) -> None:
    it = earning()
    ladder = replace(LADDER, promotion=replace(RULE, work=(frozenset(wanted),) if wanted else ()))
    known = Catalogue([PackTools([one for one in TOOLS if one.name != "note"])])
    it = House(replace(it.path, conduct=Earning(it.path.stores.standings, ladder, known)), it.log)
    handle = await it.open({})
    for number in range(3):
        await it.call(handle, tool, n=number)
        await it.answer(handle, tool)

    assert [*levels(it), 1][0] == found


def test_what_two_packs_call_work_is_what_both_do() -> None:
    both = replace(RULE, work=(frozenset({"write", "money"}), frozenset({"money"})))

    assert [both.is_work(one) for one in (("money",), ("write",), ("write", "money"), None)] == [
        True,
        False,
        True,
        False,
    ]
    assert RULE.is_work(None)


async def test_the_same_call_for_another_person_is_other_work() -> None:
    it = earning()
    for user in ("ann", "bob", "eve"):
        await work(it, await it.open({}, user=user), 1)

    assert levels(it) == [2]


async def test_a_call_that_was_denied_and_an_answer_that_may_not_cross_earn_nothing() -> None:
    it = earning()
    handle = await it.open({"tools": {"look": {}}})
    for number in range(3):
        await it.call(handle, "note", call_id=f"d{number}", n=number)
        await it.answer(handle, "note", call_id=f"d{number}")
        await it.call(handle, call_id=f"c{number}", n=number)
        await it.answer(handle, "note", call_id=f"c{number}")

    ((_, standing),) = it.path.stores.standings.all()
    assert (standing.level, standing.clean, standing.denied) == (1, 0, 3)


@pytest.mark.parametrize(
    ("agent", "level", "found"),
    [
        pytest.param("worker", 3, 3, id="the agent itself, raised"),
        pytest.param("planner", 3, 1, id="one above it, raised"),
        pytest.param("planner", 1, 1, id="one above it, as all begin"),
        pytest.param("planner", 0, 0, id="one above it, fallen"),
        pytest.param("someone", 0, 1, id="somebody else, fallen"),
    ],
)
async def test_who_has_fallen_does_not_go_on_through_a_sub_agent(agent: str, level: int, found: int) -> None:
    it = earning()
    standings = it.path.stores.standings
    standings.set(Agent(issuer=ISSUER.url, name=agent, task_type=""), level, AT - 1, start=LADDER.start)

    verdict = await it.call(await it.open({}))

    assert verdict.crossing.autonomy == found


@pytest.mark.parametrize(
    ("agent", "above", "level", "found"),
    [
        pytest.param("trusted", (), 4, 1, id="another agent of that name is raised"),
        pytest.param("trusted", (), 0, 0, id="another agent of that name has fallen"),
        pytest.param("trusted", ("planner",), 3, 3, id="the sub-agent itself is raised"),
        pytest.param("trusted", ("other",), 3, 1, id="the sub-agent of another is raised"),
        pytest.param("planner", (), 0, 0, id="one above it has fallen"),
        pytest.param("", ("planner",), 0, 0, id="another below the same has fallen"),
        pytest.param("", ("planner",), 4, 1, id="all below the same are raised"),
        pytest.param("", ("other",), 0, 1, id="another below another has fallen"),
    ],
)
async def test_a_name_that_an_agent_gives_is_worth_no_more_than_what_is_below_that_agent(
    agent: str, above: tuple[str, ...], level: int, found: int
) -> None:
    it = earning()
    who = Agent(issuer=ISSUER.url, name=agent, task_type="", above=above)
    it.path.stores.standings.set(who, level, AT - 1, start=LADDER.start)

    assert (await it.call(await named(it, "trusted"))).crossing.autonomy == found


async def test_what_one_sub_agent_loses_no_other_name_has() -> None:
    it = earning()
    earning_ = Earning(it.path.stores.standings, FALLING)
    first, planner = await named(it, "first"), await it.open_by(linked({}))
    found = earning_(replace(await it.call(first), findings=(LOST,)))

    assert [one.reason for one in found] == ["autonomy_lowered"] * 2
    for handle, level in ((first, 0), (await named(it, "second"), 0), (planner, 1)):
        assert (await it.call(handle)).crossing.autonomy == level


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        pytest.param({}, {Lapse.RULE_DENIED_CRITICAL}, id="a critical rule denies"),
        pytest.param({"decision": Decision.REQUIRE_APPROVAL}, set(), id="it asks for a person"),
        pytest.param({"severity": Severity.HIGH}, set(), id="it is not critical"),
        pytest.param({"rule": ""}, set(), id="no rule denies"),
        pytest.param({"rule": "", "reason": "loop_detected"}, {Lapse.LOOP_DETECTED}, id="a loop"),
        pytest.param({"rule": "", "reason": "approval_rejected"}, {Lapse.APPROVAL_REJECTED}, id="a person refused it"),
    ],
)
def test_what_costs_a_level(changed: dict[str, str | Decision | Severity], lost: set[Lapse]) -> None:
    assert lapses([replace(LOST, **changed)]) == lost  # type: ignore[arg-type]  # a table of fields


async def test_a_session_that_costs_far_more_than_others_of_its_task_is_on_record_once() -> None:
    it = house()
    watching = Watching((Earning(it.path.stores.standings, LADDER), Spending(it.path.stores.costs, 4.0)))
    it = House(replace(it.path, conduct=watching), it.log)
    for n in range(10):
        await it.call(await it.open_by(token({}, lifetime_s=60), task_type="refunds"), "pay", at=AT + n)
    usual, dear, other = [await it.open({}, task_type=kind) for kind in ("refunds", "refunds", "else")]
    for handle, times in ((usual, 1), (dear, 4), (other, 4)):
        for n in range(times):
            await it.call(handle, "pay", at=AT + 100, n=n)

    found = [entry for entry in it.log.entries if entry.boundary == "anomaly"]
    assert [(one.session_id, [f.reason for f in one.findings]) for one in found] == [
        (dear.partition(".")[0], ["cost_anomaly"])
    ]


async def test_what_is_reserved_for_a_prompt_is_no_cost_until_it_is_reported() -> None:
    it = house(policy=policy())
    it = House(replace(it.path, conduct=Spending(it.path.stores.costs, 4.0)), it.log)
    for n in range(10):
        handle = await it.open_by(token({}, lifetime_s=60))
        await ask(it, handle, "c", at=AT + n, most=1000)
        await told(it, handle, "c", (10, 1000), at=AT + n)
    handle = await it.open({})
    await ask(it, handle, "c", at=AT + 100, most=100_000)
    reserved = [entry.boundary for entry in it.log.entries]
    await told(it, handle, "c", (10, 1000), at=AT + 100)
    await ask(it, handle, "d", at=AT + 100, most=100_000)
    await told(it, handle, "d", (10, 100_000), at=AT + 100)

    assert "anomaly" not in reserved
    assert [entry.boundary for entry in it.log.entries].count("anomaly") == 1
