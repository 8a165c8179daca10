"""What limits.yaml and prices.yaml may say, and what all packs say together."""

from pathlib import Path

import pytest

from sidecar.model.limits import Per, Target
from sidecar.model.rate import Rate
from sidecar.policy.load import load
from tests.policy.packing import loaded, problems, written

TOOLS = "tools: {look: {effects: [read]}, 'mcp:*': {effects: [egress]}}"
S = 1_000_000_000


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ("rate: []", "1: rate: is not a key that this file knows"),
        (
            "rates:\n- {per: subject, limit: 100/hour}\n- {per: who, limit: 1/s}",
            "3: rates[1].per: expected whose calls",
        ),
        ("rates: [{per: [], limit: 1/hour}]", "1: rates[0].per: "),
        ("rates:\n- per: subject\n  limit: 100 an hour", "3: rates[0].limit: expected a rate such as 100/hour"),
        ("rates: [{per: subject, limit: 0/hour}]", "1: rates[0].limit: expected a rate"),
        ("rates: [{per: subject, limit: 1/0s}]", "1: rates[0].limit: expected a duration"),
        ("rates: [{per: subject, limit: 1/999999d}]", "1: rates[0].limit: expected a duration"),
        ("rates: [{per: subject, limit: 5/hour, burst: 6}]", "1: rates[0]: `burst` is a part of `limit`"),
        ("rates: [{per: tool, limit: 5/hour, on: [llm_request]}]", "1: rates[0]: a rate of tools"),
        (
            "rates: [{per: subject, limit: 5/hour, on: [tool_response]}]",
            "1: rates[0].on: `tool_response` answers a call",
        ),
        ("rates: [{per: subject, limit: 5/hour, tool: lock}]", "1: rates[0].tool: the tool `lock` is in no tools.yaml"),
        ("budgets: [{per: session}]", "1: budgets[0]: says what may be spent"),
        ("budgets: [{per: subject, cost_usd: 2}]", "1: budgets[0]: needs a `window`"),
        ("budgets: [{per: subject, window: 10ms, cost_usd: 2}]", "1: budgets[0].window: expected a window"),
        ("budgets: [{per: session, tool: look, tokens: 2}]", "1: budgets[0]: tools cost no tokens"),
        ("budgets: [{per: session, cost_usd: -1}]", "1: budgets[0].cost_usd: "),
        ("breakers: [{failures: 1, within: 1s, open_for: 1s}]", "1: breakers[0]: names exactly one of"),
        (
            "breakers: [{tool: '*', model: x, failures: 1, within: 1s, open_for: 1s}]",
            "1: breakers[0]: names exactly one",
        ),
        ("breakers: [{tool: '*', failures: 1, within: soon, open_for: 1s}]", "1: breakers[0].within: expected a dur"),
        ("loops: {within: 1m}", "1: loops: says what a loop is"),
        ("loops: {cycles: 3}", "1: loops: `cycle_length` and `cycles` go together"),
        ("loops: {cycles: 3, cycle_length: 99}", "1: loops.cycle_length: "),
        ("sizes: {text: many}", "1: sizes.text: expected a size"),
        ("anomalies: {cost_per_session: 0}", "1: anomalies.cost_per_session: "),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(tmp_path: Path, limits: str, problem: str) -> None:
    found = problems(written(tmp_path, {"tools.yaml": TOOLS, "limits.yaml": limits}))

    assert len(found) == 1, found
    assert found[0].startswith(f"try/limits.yaml:{problem}")


@pytest.mark.parametrize(
    ("prices", "problem"),
    [
        ("models: {large: {input_usd: 1, output_usd: 1}}", "1: models.large"),
        ("models: {acme/large: {input_usd: 1}}", "1: models.acme/large.output_usd: is required"),
        ("models: {acme/large: {input_usd: -1, output_usd: 1}}", "1: models.acme/large.input_usd: "),
        ("models: {}\ntools: {lock: 1}", "2: tools.lock: the tool `lock` is in no tools.yaml"),
    ],
)
def test_prices_that_cannot_be_meant(tmp_path: Path, prices: str, problem: str) -> None:
    found = problems(written(tmp_path, {"tools.yaml": TOOLS, "prices.yaml": prices}))

    assert len(found) == 1, found
    assert found[0].startswith(f"try/prices.yaml:{problem}")


def test_the_example_of_the_design_is_read(tmp_path: Path) -> None:
    limits = """
rates:
  - {per: subject, limit: 100/hour}
  - {per: [tool, session], tool: 'mcp:*', limit: 30/minute}
budgets:
  - {per: session, cost_usd: 2.00, tokens: 200000, tool_calls: 200}
  - {per: subject, window: 1d, cost_usd: 20.00}
  - {per: tree, cost_usd: 5.00}
breakers:
  - {tool: "*", failures: 5, within: 60s, open_for: 30s, probes: 1}
loops: {same_call: 3, within: 2m, cycle_length: 4, cycles: 3}
sizes: {text: 1MiB, arguments: 64KiB, depth: 64}
anomalies: {cost_per_session: 4.0}
"""
    held = loaded(tmp_path, {"tools.yaml": TOOLS, "limits.yaml": limits}).limits

    assert [(one.per, one.rate) for one in held.rates] == [
        ((Per.SUBJECT,), Rate(100, 3600 * S, 25)),
        ((Per.SESSION, Per.TOOL), Rate(30, 60 * S, 10)),
    ]
    assert [(one.per, one.window_s, dict(one.ceilings)) for one in held.budgets] == [
        ((Per.SESSION,), 0, {"cost:USD:6": 2_000_000, "tokens": 200_000, "calls": 200}),
        ((Per.SUBJECT,), 86_400, {"cost:USD:6": 20_000_000}),
        ((Per.TREE,), 0, {"cost:USD:6": 5_000_000}),
    ]
    breaker = held.breaker(Target.TOOL, "look")
    assert breaker is not None
    assert (breaker.failures, breaker.within_ns, breaker.open_for_ns) == (5, 60 * S, 30 * S)
    assert held.breaker(Target.MODEL, "acme/large") is None
    assert (held.sizes.text, held.sizes.arguments, held.sizes.depth) == (1024 * 1024, 64 * 1024, 64)
    assert held.loops is not None
    assert (held.loops.same_call, held.loops.cycle_length, held.loops.cycles) == (3, 4, 3)
    assert (held.loops.no_progress, held.cost_deviations) == (20, 4.0)


@pytest.mark.parametrize(
    ("limit", "more", "burst"),
    [
        ("1/minute", "", 1),
        ("3/minute", "", 3),
        ("10/minute", "", 10),
        ("11/minute", "", 10),
        ("41/minute", "", 11),
        ("100/hour", "", 25),
        ("3/minute", ", burst: 1", 1),
        ("100/hour", ", burst: 100", 100),
    ],
)
def test_a_few_calls_may_come_at_once_and_of_many_a_quarter(tmp_path: Path, limit: str, more: str, burst: int) -> None:
    held = loaded(tmp_path, {"limits.yaml": f"rates: [{{per: subject, limit: {limit}{more}}}]"}).limits

    assert [one.rate.burst for one in held.rates] == [burst]


def test_of_several_packs_the_strictest_counts_and_within_one_the_most_specific(tmp_path: Path) -> None:
    one = """
breakers:
- {tool: "*", failures: 2, within: 10s, open_for: 10s}
- {tool: look, failures: 9, within: 20s, open_for: 30s, probes: 3, in_flight: 9}
loops: {same_call: 5, within: 1m}
sizes: {text: 100, depth: 9}
"""
    two = """
breakers: [{tool: l*, failures: 5, within: 60s, open_for: 5s, probes: 2, in_flight: 7}]
loops: {cycle_length: 3, cycles: 4, within: 2m}
sizes: {text: 2KiB, arguments: 70}
"""
    held = load(
        [
            written(tmp_path, {"limits.yaml": one, "tools.yaml": TOOLS}, name="one"),
            written(tmp_path, {"limits.yaml": two}, name="two"),
        ]
    ).limits

    breaker = held.breaker(Target.TOOL, "look")
    assert breaker is not None
    assert (breaker.failures, breaker.within_ns, breaker.open_for_ns, breaker.probes) == (5, 60 * S, 30 * S, 2)
    assert breaker.in_flight == 7
    assert held.loops is not None
    assert (held.loops.same_call, held.loops.within_ns, held.loops.cycle_length, held.loops.cycles) == (
        5,
        120 * S,
        3,
        4,
    )
    assert (held.sizes.text, held.sizes.arguments, held.sizes.depth) == (100, 70, 9)


def test_the_dearest_price_counts_and_a_model_that_nobody_knows_has_none(tmp_path: Path) -> None:
    one = "models: {acme/*: {input_usd: 9, output_usd: 9}, acme/large: {input_usd: 1, output_usd: 4, region: EU}}"
    two = "models: {'*/large': {input_usd: 2, output_usd: 3, fallback: [acme/small]}}\ntools: {l*: 0.5, look: 0.25}"
    held = load(
        [
            written(tmp_path, {"prices.yaml": one}, name="one"),
            written(tmp_path, {"prices.yaml": two, "tools.yaml": TOOLS}, name="two"),
        ]
    ).prices

    entry = held.model("acme", "large")
    assert entry is not None
    assert (entry.price.input_usd, entry.price.output_usd) == (2, 4)
    assert (entry.region, entry.fallback) == ("EU", ("acme/small",))
    assert held.model("other", "small") is None
    assert [held.tool_usd(name) for name in ("look", "lock", "pay")] == [0.25, 0.5, 0]


@pytest.mark.parametrize(
    ("one", "two", "believes"),
    [("reported", "reported", True), ("reported", "reserved", False), ("reserved", "reported", False)],
)
def test_where_one_pack_believes_no_report_none_is_believed(
    tmp_path: Path,
    one: str,
    two: str,
    believes: bool,  # noqa: FBT001 - a column
) -> None:
    files = {"one": f"usage: {one}", "two": f"usage: {two}"}
    packs = [written(tmp_path, {"limits.yaml": text}, name=name) for name, text in files.items()]

    assert load(packs).limits.believes_usage is believes
