"""What a breaker knows of calls that nobody reports, through the whole way of a crossing."""

from sidecar.policy.catalogue import Tool
from tests.housing import AT, TOOLS, house, why
from tests.limiting import ask, policy, told

FALLBACK = (*TOOLS[1:], Tool(name="look", effects=("read",), fallback=("note",)))


def limited(more: str, target: str = "tool: '*'") -> str:
    """Return a limits.yaml with one breaker."""
    return f"breakers: [{{{target}, failures: 2, within: 60s, open_for: 30s, {more}}}]"


async def test_where_calls_are_counted_that_are_out_the_next_one_waits_for_a_report() -> None:
    limits = limited("in_flight: 2, probe_timeout: 60s")
    it = house(policy=policy(limits, tools=FALLBACK))
    handle, other = await it.open({}), await it.open({}, user="bob")
    await it.call(handle, call_id="a")
    await it.call(other, call_id="b")

    full = await it.call(handle, call_id="c")
    await it.answer(handle, call_id="a")
    after = [why(await it.call(handle, call_id="d")), why(await it.call(handle, call_id="d"))]
    silent = await it.call(handle, call_id="e", at=AT + 60)

    assert (why(full), full.retry_after, full.alternative) == ("calls_in_flight", 30.0, "note")
    assert after == ["allow", "allow"]  # a repeat is free
    assert why(silent) == "circuit_open"  # two were silent


async def test_a_call_that_is_refused_elsewhere_is_not_out() -> None:
    limits = limited("in_flight: 1")
    it = house(policy=policy(f"{limits}\nbudgets: [{{per: session, tool: look, tool_calls: 1}}]"))
    poor, rich = await it.open({}), await it.open({})
    await it.call(poor, call_id="a")
    await it.answer(poor, call_id="a")

    refused = [why(await it.call(poor, call_id=f"b{n}")) for n in range(3)]

    assert (refused, why(await it.call(rich))) == (["call_budget_exhausted"] * 3, "allow")


async def test_prompts_are_out_until_their_output_is_reported() -> None:
    it = house(policy=policy(limited("in_flight: 1", "model: acme/*")))
    handle = await it.open({})

    found = [why(await ask(it, handle, "a")), why(await ask(it, handle, "b"))]
    await told(it, handle, "a", (1, 1))

    assert (found, why(await ask(it, handle, "b"))) == (["allow", "calls_in_flight"], "allow")


async def test_who_makes_a_report_up_frees_nothing() -> None:
    it = house(policy=policy(limited("in_flight: 1")))
    handle, other = await it.open({}), await it.open({}, user="bob")
    await it.call(handle, call_id="a")

    for call_id in ("b", ""):
        await it.answer(handle, call_id=call_id)
        await it.answer(other, call_id=call_id or "a")

    assert why(await it.call(handle, call_id="c")) == "calls_in_flight"
