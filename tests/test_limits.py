"""What rule packs limit, through the whole way of a crossing."""

from dataclasses import replace

import pytest

from sidecar.model.crossing import Boundary, Crossing, Outcome
from sidecar.model.limits import Per, whose
from sidecar.model.verdict import Verdict
from sidecar.policy.catalogue import Tool
from sidecar.policy.expressions import parse, program
from sidecar.policy.rules import Rule, RuleSet, Then
from sidecar.stores.breakers import MAX_UNKNOWN
from tests.housing import AT, TOOLS, House, house, token, why
from tests.limiting import ask, policy, told

RATE = "call_rate_exceeded"
SPENT = "call_budget_exhausted"
OPEN = "circuit_open"
LOOP = "loop_detected"


async def calls(it: House, handle: str, count: int, tool: str = "look") -> list[str]:
    return [why(await it.call(handle, tool, n=n)) for n in range(count)]


@pytest.mark.parametrize(
    ("per", "ann_again", "same_token", "bob"),
    [
        ("session", "allow", "allow", "allow"),
        ("tree", "allow", RATE, "allow"),
        ("subject", RATE, RATE, "allow"),
        ("agent", RATE, RATE, RATE),
        ("tool", RATE, RATE, RATE),
        ("[subject, tool]", RATE, RATE, "allow"),
    ],
)
async def test_a_rate_is_of_those_whom_it_names(per: str, ann_again: str, same_token: str, bob: str) -> None:
    it, tokens = house(policy=policy(f"rates: [{{per: {per}, limit: 1/minute}}]")), token({})
    handle = await it.open_by(tokens)

    assert await calls(it, handle, 2) == ["allow", RATE]
    assert await calls(it, await it.open({}), 1) == [ann_again]
    assert await calls(it, await it.open_by(tokens), 1) == [same_token]
    assert await calls(it, await it.open({}, user="bob"), 1) == [bob]
    assert await calls(it, handle, 1, "note") == ["allow" if "tool" in per else RATE]


async def test_a_subject_or_an_agent_of_one_issuer_is_none_of_anothers() -> None:
    it = house()
    session = await it.path.stores.sessions.get(await it.open({}), AT)
    who = replace(session.principal, issuer="https://other.example")
    other = replace(session, chain=replace(session.chain, principal=who))

    ours, theirs = whose(session, "look"), whose(other, "look")
    assert [per for per in Per if ours[per] != theirs[per]] == [Per.SUBJECT, Per.AGENT]


async def test_a_refusal_says_when_to_come_back() -> None:
    it = house(policy=policy("rates: [{per: subject, limit: 60/hour, burst: 1}]"))
    handle = await it.open({})
    await it.call(handle)

    refused = await it.call(handle, at=AT + 20)

    assert (why(refused), refused.retry_after) == (RATE, 40)
    assert why(await it.call(handle, at=AT + 60)) == "allow"


async def test_a_part_of_a_session_counts_as_the_session() -> None:
    it = house(policy=policy("rates: [{per: session, limit: 2/minute, burst: 2}]"))
    whole = await it.open({})
    part = await it.open({}, parent_session_id=whole)
    deeper = await it.open({}, parent_session_id=part)

    assert [why(await it.call(each)) for each in (part, deeper, whole)] == ["allow", "allow", RATE]


async def test_a_rate_of_some_tools_is_none_of_others_and_of_all_that_acts_one_of_prompts() -> None:
    written = "rates: [{per: session, tool: l*, limit: 1/minute}, {per: session, limit: 3/minute, burst: 3}]"
    it = house(policy=policy(written))
    handle = await it.open({})

    assert await calls(it, handle, 2) == ["allow", RATE]
    assert why(await it.call(handle, "note")) == "allow"
    assert [why(await ask(it, handle)) for _ in range(2)] == ["allow", RATE]


async def test_words_of_the_user_are_limited_where_a_pack_says_so() -> None:
    it = house(policy=policy("rates: [{per: subject, limit: 1/minute, on: [user_input]}]"))
    handle = await it.open({})
    words = Crossing(boundary=Boundary.USER_INPUT, session_id=handle, at=AT, body="hello")

    assert [why((await it.path.decide(words))[0]) for _ in range(2)] == ["allow", RATE]
    assert await calls(it, handle, 3) == ["allow"] * 3


async def test_a_name_that_no_scope_grants_takes_no_bucket_of_its_own() -> None:
    it = house(policy=policy("rates: [{per: [session, tool], limit: 1/minute}]"))
    handle = await it.open({})

    assert [why(await it.call(handle, f"made up {n}")) for n in range(3)] == ["tool_not_granted", RATE, RATE]


async def test_a_repeat_is_free_everywhere() -> None:
    written = """
rates: [{per: session, limit: 1/minute}]
loops: {same_call: 1}
budgets: [{per: session, tool_calls: 1}]
"""
    it = house(policy=policy(written))
    handle = await it.open({})

    assert [why(await it.call(handle, call_id="c", n=1)) for _ in range(17)] == ["allow"] * 17
    assert why(await it.call(handle, call_id="c", n=1)) == "call_repeated"
    assert why(await it.call(handle, call_id="c", n=2)) == "call_id_reused"
    assert why(await it.call(handle, call_id="d", n=2)) == RATE


async def test_members_in_another_order_are_the_same_call() -> None:
    it = house(policy=policy("loops: {same_call: 1, within: 1m}"))
    handle = await it.open({})

    assert why(await it.call(handle, call_id="c", a=1, b=2)) == "allow"
    assert why(await it.call(handle, call_id="c", b=2, a=1)) == "allow"
    assert why(await it.call(handle, b=2, a=1)) == LOOP


async def test_the_same_call_and_rounds_of_calls_are_loops_over_sessions_of_one_token() -> None:
    it, tokens = house(policy=policy("loops: {same_call: 3, within: 2m, cycle_length: 2, cycles: 3}")), token({})
    handle = await it.open_by(tokens)

    again = [await it.call(handle, at=AT + n) for n in range(4)]
    other = why(await it.call(await it.open_by(tokens), at=AT + 4))
    rounds = [why(await it.call(handle, tool, at=AT + 500 + n * 50)) for n, tool in enumerate(["look", "note"] * 4)]

    assert [why(one) for one in again] == ["allow"] * 3 + [LOOP]
    assert again[3].retry_after == 118
    assert other == LOOP
    assert rounds == ["allow"] * 6 + [LOOP] * 2


async def answered(it: House, handle: str, n: int, content: str = "[]", outcome: Outcome | None = None) -> str:
    """Return the verdict on the n-th call, each another one; where it may be made it answers `content`."""
    verdict = await it.call(handle, call_id=f"c{n}", at=AT + n, n=n)
    if verdict.released:
        await it.answer(handle, call_id=f"c{n}", at=AT + n, outcome=outcome, content=content)
    return why(verdict)


@pytest.mark.parametrize(
    ("content", "outcome", "found"),
    [
        pytest.param("nothing", None, ["allow"] * 4 + [LOOP] * 2, id="the same result"),
        pytest.param("{n}", Outcome.ERROR, ["allow"] * 3 + [LOOP] * 3, id="errors only"),
        pytest.param("{n}", None, ["allow"] * 6, id="something new each time"),
    ],
)
async def test_different_calls_that_come_to_nothing_new_are_a_loop(
    content: str, outcome: Outcome | None, found: list[str]
) -> None:
    it, tokens = house(policy=policy("loops: {no_progress: 3, within: 1m}")), token({})
    handle = await it.open_by(tokens)

    assert [await answered(it, handle, n, content.format(n=n), outcome) for n in range(6)] == found
    other, bob = await it.open_by(tokens), await it.open({}, user="bob")
    assert why(await it.call(other, at=AT + 9, n=9)) == found[-1]
    assert why(await it.call(bob, at=AT + 9, n=9)) == "allow"
    assert why(await it.call(handle, at=AT + 100, n=9)) == "allow"


async def test_who_changes_something_makes_progress_and_who_is_refused_learns_how_long() -> None:
    it = house(policy=policy("loops: {no_progress: 3, within: 1m}"))
    handle = await it.open({})
    for n in range(9):
        assert why(await it.call(handle, "note", call_id=f"c{n}", n=n)) == "allow"
        await it.answer(handle, "note", call_id=f"c{n}")
    for n in range(9, 13):
        await answered(it, handle, n)
        await it.answer(handle, call_id="none", content="something new")  # of no call

    refused = await it.call(handle, at=AT + 30, n=14)

    assert (why(refused), refused.retry_after) == (LOOP, 60 + 12 - 30)


FALLBACK = (
    *TOOLS[1:],
    Tool(name="look", effects=("read",), fallback=("not granted", "note", "records")),
)
BREAKER = "breakers: [{tool: '*', failures: 2, within: 60s, open_for: 30s}]"


async def failed(it: House, handle: str, tool: str, count: int, at: float = AT) -> None:
    for n in range(count):
        await it.call(handle, tool, call_id=f"{tool}{n}{at}", at=at)
        await it.answer(handle, tool, call_id=f"{tool}{n}{at}", outcome=Outcome.TIMEOUT, at=at)


async def test_a_tool_that_fails_is_left_alone_and_another_is_named() -> None:
    it = house(policy=policy(BREAKER, tools=FALLBACK))
    handle = await it.open({})
    await failed(it, handle, "look", 2)
    first = await it.call(handle)
    await failed(it, handle, "note", 2)
    second = await it.call(handle)

    assert (why(first), first.alternative) == (OPEN, "note")
    assert 30 <= first.retry_after <= 37.5
    assert second.alternative == "records"
    assert why(await it.call(await it.open({}, user="bob"))) == OPEN


async def test_a_probe_that_goes_well_closes_it_and_one_that_is_refused_elsewhere_is_none() -> None:
    it = house(policy=policy(f"{BREAKER}\nbudgets: [{{per: session, tool_calls: 3}}]"))
    handle, rich = await it.open({}), await it.open({})
    await failed(it, handle, "look", 2)
    later = AT + 60
    await it.call(handle, "note", at=later)

    refused = why(await it.call(handle, call_id="x", at=later))
    probe = why(await it.call(rich, call_id="p", at=later))
    meanwhile = why(await it.call(rich, call_id="q", at=later))
    await it.answer(rich, call_id="p", outcome=Outcome.OK, at=later)

    assert (refused, probe, meanwhile) == (SPENT, "allow", OPEN)
    assert why(await it.call(rich, call_id="q", at=later)) == "allow"


async def test_a_report_of_a_call_that_was_never_made_or_made_once_opens_nothing() -> None:
    it = house(policy=policy(BREAKER))
    handle = await it.open({})
    await it.call(handle, call_id="c")

    for _ in range(5):
        await it.answer(handle, call_id="c", outcome=Outcome.ERROR)
        await it.answer(handle, call_id="never", outcome=Outcome.ERROR)
        await it.answer(handle, "made up", outcome=Outcome.ERROR)

    assert why(await it.call(handle)) == "allow"


async def test_calls_without_an_id_are_counted_as_they_are_reported() -> None:
    it = house(policy=policy(BREAKER))
    handle = await it.open({})
    for _ in range(2):
        await it.answer(handle, outcome=Outcome.RATE_LIMITED)
    before = why(await it.call(handle))
    probe = why(await it.call(handle, at=AT + 60))
    await it.answer(handle, outcome=Outcome.OK, at=AT + 61)

    assert (before, probe, why(await it.call(handle, at=AT + 61))) == (OPEN, "allow", "allow")


async def test_providers_and_models_have_breakers_and_the_report_is_of_the_request() -> None:
    it = house(policy=policy("breakers: [{model: acme/large, failures: 1, within: 60s, open_for: 30s}]"))
    handle = await it.open({})
    await ask(it, handle, "c")
    await told(it, handle, "c", outcome=Outcome.ERROR)

    refused = await ask(it, handle)

    assert (why(refused), refused.alternative) == (OPEN, "other/small")
    assert why(await ask(it, handle, model="small")) == "allow"
    by_provider = house(policy=policy("breakers: [{provider: acme, failures: 1, within: 60s, open_for: 30s}]"))
    handle = await by_provider.open({})
    await ask(by_provider, handle, "c")
    await told(by_provider, handle, "c", outcome=Outcome.ERROR)
    assert why(await ask(by_provider, handle, model="small")) == OPEN
    assert (await ask(by_provider, handle)).alternative == "other/small"


async def test_models_that_a_caller_makes_up_do_not_keep_others_from_being_counted() -> None:
    it = house(policy=policy("breakers: [{model: '*', failures: 2, within: 60s, open_for: 30s}]"))
    handle = await it.open({})

    async def fails(model: str, n: int) -> None:
        await ask(it, handle, f"{model} {n}", model=model)
        await told(it, handle, f"{model} {n}", outcome=Outcome.ERROR)

    for number in range(MAX_UNKNOWN):
        await fails(f"made-up-{number}", 0)
    for number in range(2):
        await fails("large", number)
        await fails("one-more", number)

    found = [
        why(await ask(it, handle, model=model)) for model in ("large", "small", "one-more", "two-more", "made-up-0")
    ]
    assert found == [OPEN, "allow", OPEN, OPEN, "allow"]


async def spent(it: House, handle: str) -> int:
    sessions = await it.path.stores.sessions.list(AT)
    return next(usage.micro_usd for session, usage in sessions if handle.startswith(session.id))


async def test_money_for_a_model_is_reserved_by_its_price_and_settled_by_its_usage() -> None:
    it = house(policy=policy("budgets: [{per: session, cost_usd: 0.03}]"))
    handle = await it.open({})
    most = 15 * 1000 + 3 * (len('[{"role":"user","content":"hi"}]') + 16)  # millionths of a dollar

    first = why(await ask(it, handle, "a"))
    reserved = await spent(it, handle)
    refused = why(await ask(it, handle, "b"))
    await told(it, handle, "a", (100, 10))
    await told(it, handle, "a", (0, 0))
    settled = await spent(it, handle)

    assert (first, refused) == ("allow", SPENT)
    assert (reserved, settled) == (most, 450)
    assert why(await ask(it, handle, "b")) == "allow"
    assert await spent(it, handle) == 450 + most


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        pytest.param("budgets: [{per: session, cost_usd: 1}]", "call_cost_unknown", id="nobody knows the price"),
        pytest.param("budgets: [{per: session, tokens: 100}]", "allow", id="tokens are counted all the same"),
        pytest.param("budgets: [{per: session, tokens: 10}]", SPENT, id="too many"),
        pytest.param("budgets: [{per: session, tool_calls: 1}]", "allow", id="nothing that it costs is limited"),
    ],
)
async def test_a_model_without_a_price(written: str, verdict: str) -> None:
    it = house(policy=policy(written, priced="{}"))

    assert why(await ask(it, await it.open({}), most=10)) == verdict


async def test_a_prompt_that_does_not_say_how_long_its_output_is_cannot_be_paid() -> None:
    it = house(policy=policy("budgets: [{per: session, cost_usd: 1}]"))

    assert why(await ask(it, await it.open({}), most=0)) == "call_cost_unknown"


async def test_a_tool_costs_what_the_dearer_of_catalogue_and_prices_says() -> None:
    it = house(policy=policy("budgets: [{per: session, cost_usd: 0.11}]", priced="tools: {p*: 0.02, look: 0.06}"))
    handle = await it.open({})

    assert await calls(it, handle, 1, "pay") + await calls(it, handle, 2) == ["allow", "allow", SPENT]
    assert await calls(it, handle, 2, "note") == ["allow"] * 2
    assert await spent(it, handle) == 110_000


async def test_a_budget_of_a_window_is_there_again_in_the_next() -> None:
    it = house(policy=policy("budgets: [{per: subject, window: 1d, tool_calls: 1}]"))
    midnight = AT - AT % 86_400 + 86_400
    handle = await it.open({})
    await it.call(handle, at=AT)

    refused: Verdict = await it.call(await it.open({}), at=AT)

    assert (why(refused), refused.retry_after) == (SPENT, midnight - AT)


async def test_budgets_of_several_packs_for_the_same_are_one_account_with_the_least() -> None:
    two = "budgets: [{per: session, tool_calls: 2}]"
    it = house(policy=policy("budgets: [{per: session, tool_calls: 5}]", two))

    assert await calls(it, await it.open({}), 3) == ["allow", "allow", SPENT]


async def test_a_budget_of_a_tool_is_none_of_others() -> None:
    it = house(policy=policy("budgets: [{per: session, tool: look, tool_calls: 1}]"))
    handle = await it.open({})

    assert await calls(it, handle, 2) + await calls(it, handle, 2, "note") == ["allow", SPENT, "allow", "allow"]


@pytest.mark.parametrize(
    ("when", "found"),
    [
        pytest.param("session.crossings > 2", ["allow"] * 3 + ["rule_denied"] * 2, id="crossings"),
        pytest.param("session.denied > 0", ["allow"] * 5, id="none was denied"),
        pytest.param("session.cost_usd > 0.09 && session.denied < 2", ["allow"] * 2 + ["rule_denied"] * 2 + ["allow"]),
        pytest.param("usage.cost_usd >= 0.05", ["allow"] + ["rule_denied"] * 4, id="cost"),
    ],
)
async def test_rules_see_what_the_session_has_done(when: str, found: list[str]) -> None:
    it = house(policy=replace(policy("{}"), rules=RuleSet([rule(when)])))
    handle = await it.open({})

    assert await calls(it, handle, 5, "pay") == found


async def test_rules_see_where_the_model_is() -> None:
    it = house(policy=replace(policy("{}"), rules=RuleSet([rule("model.region != 'EU'")])))
    handle = await it.open({})

    assert [why(await ask(it, handle, model=model)) for model in ("large", "small")] == ["allow", "rule_denied"]


def rule(when: str) -> Rule:
    source = parse(when)
    on = frozenset({Boundary.TOOL_CALL, Boundary.LLM_REQUEST})
    return Rule(id="p/r", on=on, text=when, program=program(when), terms=source.terms, then=Then.DENY)
