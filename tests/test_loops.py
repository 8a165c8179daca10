"""Loops that are no calls of one agent's tools: prompts, messages, and sub-agents that somebody makes up."""

import json
from dataclasses import replace

from sidecar.checks.loop import MOST_BELOW, LoopCheck
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.loop import LoopLimit
from sidecar.model.strict_json import Json
from sidecar.stores.ports_limits import Looping
from tests.housing import AT, House, house, linked, named, token, why
from tests.limiting import ask, policy

LOOP = "loop_detected"
RATE = "call_rate_exceeded"


async def test_the_same_prompt_is_a_loop_of_its_own_and_a_repeat_of_one_is_free() -> None:
    it, tokens = house(policy=policy("loops: {same_call: 3, within: 2m, cycle_length: 2, cycles: 2}")), token({})
    handle = await it.open_by(tokens)
    for _ in range(5):
        assert why(await ask(it, handle, "c1")) == "allow"

    again = [why(await ask(it, handle)) for _ in range(3)]
    turns = [why(await ask(it, handle, text=text, at=AT + 500)) for text in "ababa"]
    found = [why(await it.call(handle, at=AT + 500, n=n)) for n in range(3)]

    assert again == ["allow"] * 2 + [LOOP]
    assert turns == ["allow"] * 4 + [LOOP]
    assert found == ["allow"] * 3
    assert why(await ask(it, await it.open_by(tokens))) == LOOP
    assert why(await ask(it, handle, text="b", model="small", at=AT + 500)) == "allow"


async def test_who_asks_a_jobs_state_as_often_as_it_may_goes_on_and_a_round_is_none_after_the_pause_that_is_told() -> (
    None
):
    it = house(policy=policy("loops: {same_call: 3, within: 2m, cycle_length: 5, cycles: 3}"))
    poll, turns = await it.open({}), await it.open({})

    states = [why(await it.call(poll, at=AT + 45 * n)) for n in range(20)]
    rounds = [await it.call(turns, at=AT + 50 * n, n=n % 2) for n in range(7)]
    wait = rounds[-1].retry_after

    assert states == ["allow"] * 20
    assert [why(one) for one in rounds] == ["allow"] * 6 + [LOOP]
    assert wait == 120
    assert why(await it.call(turns, at=AT + 50 * 6 + wait + 0.001, n=0)) == "allow"


async def said(it: House, handle: str, number: int, text: str, direction: Direction = Direction.OUTBOUND) -> str:
    """Return the verdict on a message with ids of its own."""
    part = {"data": {"id": text}}
    message: dict[str, Json] = {"messageId": f"m{number}", "contextId": f"c{number}", "role": "user", "parts": [part]}
    crossing = Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id=handle,
        at=AT,
        raw=json.dumps({"id": number, "params": {"message": message}}),
        is_json=True,
        direction=direction,
        peer="other",
    )
    found = [one.reason for one in (await it.path.decide(crossing))[0].findings]
    return LOOP if LOOP in found else "other"


async def test_the_same_message_to_another_agent_is_a_loop_whatever_its_ids_are() -> None:
    it = house(policy=policy("loops: {same_call: 3, within: 2m}"))
    handle = await it.open({})

    assert [await said(it, handle, n, "7", Direction.INBOUND) for n in range(5)] == ["other"] * 5
    assert [await said(it, handle, n, "7") for n in range(5)] == ["other"] * 3 + [LOOP] * 2
    assert await said(it, handle, 9, "8") == "other"


async def test_what_changes_something_is_a_loop_over_new_tokens_too_and_what_reads_is_none() -> None:
    it = house(policy=policy("loops: {same_call: 2, within: 2m, no_progress: 0}"))

    notes = [why(await it.call(await it.open({}), "note")) for _ in range(22)]
    looks = [why(await it.call(await it.open({}))) for _ in range(22)]
    messages = [await said(it, await it.open({}), n, "7") for n in range(22)]

    assert notes == ["allow"] * 20 + [LOOP] * 2
    assert looks == ["allow"] * 22
    assert messages == ["other"] * 20 + [LOOP] * 2
    assert why(await it.call(await it.open({}), "note", n=1)) == "allow"
    assert why(await it.call(await it.open({}, user="bob"), "note")) == "allow"
    assert why(await it.call(await it.open({}), "note", at=AT + 121)) == "allow"


async def test_names_that_an_agent_makes_up_are_no_way_round_loops_and_rates() -> None:
    loops = "loops: {same_call: 2, within: 2m, no_progress: 0}"
    it = house(policy=policy(f"{loops}\nrates: [{{per: agent, tool: note, limit: 3/hour, burst: 3}}]"))
    root = linked({})
    parent = await it.open_by(root)
    subs = [await named(it, f"s{number}", root) for number in range(11)]

    same = [[why(await it.call(sub)) for _ in range(3 if sub == subs[0] else 2)] for sub in subs]
    notes = [why(await it.call(handle, "note", n=n)) for n, handle in enumerate([*subs[:2], parent, subs[2]])]

    assert same[0] == ["allow", "allow", LOOP]
    assert same[1:10] == [["allow", "allow"]] * 8 + [["allow", LOOP]]
    assert same[10] == [LOOP, LOOP]
    assert notes == ["allow"] * 3 + [RATE]
    assert why(await it.call(parent)) == "allow"


async def test_what_sub_agents_that_one_makes_up_learn_nothing_from_is_no_progress_of_all_of_them() -> None:
    it, root = house(policy=policy("loops: {no_progress: 2, within: 2m}")), linked({})
    found = []
    for number in range(22):
        handle = await named(it, f"s{number}", root)
        verdict = await it.call(handle, call_id="c", n=number)
        found.append(why(verdict))
        if verdict.released:
            await it.answer(handle, call_id="c", content="nothing")

    assert found == ["allow"] * 21 + [LOOP]  # the first time it was new


class Names:
    """Loops that find none and know whom they were asked of."""

    def __init__(self) -> None:
        self.of: set[str] = set()

    async def step(self, name: str, _digest: str, _limit: LoopLimit, _at: float, /) -> Looping:
        self.of.add(name)
        return Looping()

    async def told(self, name: str, _answer: str | None, _limit: LoopLimit, _at: float, /) -> None:
        self.of.add(name)


async def test_names_that_one_agent_makes_up_fill_no_store() -> None:
    it, names = house(), Names()
    session = await it.path.stores.sessions.get(await named(it, "s"), AT)
    check = LoopCheck(names, LoopLimit(same_call=3, within_ns=1, cycle_length=0, cycles=0))
    for number in range(3 * MOST_BELOW):
        who = replace(session.principal, actors=("planner", f"s{number}"))
        one = replace(session, chain=replace(session.chain, principal=who))
        await check(Crossing(boundary=Boundary.TOOL_CALL, session_id="h", at=AT, body={}, tool="look", session=one))

    assert MOST_BELOW // 2 < len(names.of) <= MOST_BELOW + 2  # and those of all below, and of all tokens
