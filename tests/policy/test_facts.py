"""What a session remembers, and what rules say of it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.past import Past
from sidecar.model.tally import Tally
from sidecar.policy.facts import remembered
from sidecar.policy.load import load
from sidecar.policy.policy import Policy
from tests.chains import NOW
from tests.policy.packing import crossing, loaded, problems, written

TOOLS = """
tools:
  read: {effects: [read]}
  send: {effects: [egress], arguments: send}
"""
SEND = '{"type": "object", "properties": {"to": {"type": "string"}, "amount": {"type": "number"}}}'


def pack(facts: str, rules: str = "") -> dict[str, str | bytes]:
    """Return the files of a pack with `facts` and `rules`, each a flow of YAML."""
    return {"tools.yaml": TOOLS, "schemas/send.json": SEND, "rules.yaml": f"facts: {facts}\nrules: [{rules}]\n"}


def rule(when: str, name: str = "r") -> str:
    """Return a rule at tool calls."""
    return f'{{id: {name}, on: [tool_call], when: "{when}", then: deny}}'


def call(tool: str = "send", at: float = NOW, **arguments: str | float) -> Crossing:
    return crossing(Boundary.TOOL_CALL, arguments, tool=tool, at=at)


def told(policy: Policy, *crossings: Crossing, labels: frozenset[str] = frozenset()) -> Past:
    """Return what is remembered after `crossings` were released."""
    tallies: dict[str, Tally] = {}
    unknown: frozenset[str] = frozenset()
    for each in crossings:
        past = Past(labels=labels, tallies=tallies, unknown=unknown)
        new = policy.facts.happened(each, policy.catalogue.find(each.tool), each.labels, past)
        unknown |= frozenset(new.unknown)
        for name in new.held:
            tallies.setdefault(name, Tally()).add(each.at)
    return Past(labels=labels, tallies=tallies, unknown=unknown)


def denied(policy: Policy, past: Past, asked: Crossing) -> list[tuple[str, str]]:
    """Return which rules match `asked`, and whether they could tell."""
    found = policy.rules.findings(asked, policy.catalogue.find(asked.tool), frozenset(), past)
    return [(finding.rule, finding.reason) for finding in found]


@pytest.mark.parametrize(
    ("when", "times", "at", "expected"),
    [
        pytest.param("facts.seen.count > 1", [0, 1], 2, True, id="so often"),
        pytest.param("facts.seen.count > 1", [0], 2, False, id="not so often"),
        pytest.param("facts.seen.count == 0", [], 2, True, id="never"),
        pytest.param("facts.seen.last_s < 10.0", [0, 30], 35, True, id="a moment ago"),
        pytest.param("facts.seen.last_s < 10.0", [0, 30], 45, False, id="long ago"),
        pytest.param("facts.seen.last_s < 1000000.0", [], 0, False, id="what never happened is no moment ago"),
        pytest.param("facts.seen.within_1m >= 3", [0, 20, 40], 50, True, id="within a minute"),
        pytest.param("facts.seen.within_1m >= 3", [0, 20, 40], 70, False, id="no longer within a minute"),
        pytest.param("facts.seen.within_1h >= 3", [0, 20, 40], 70, True, id="within an hour"),
        pytest.param("facts.seen.within_1h >= 3", [0, 20, 40], 4_000, False, id="no longer within an hour"),
        pytest.param("facts.seen.within_1d >= 3", [0, 20, 40], 4_000, True, id="within a day"),
        pytest.param("facts['try/seen'].count == 2", [0, 1], 2, True, id="by its whole name"),
    ],
)
def test_a_rule_sees_how_often_and_when(
    tmp_path: Path, when: str, times: Sequence[float], at: float, *, expected: bool
) -> None:
    policy = loaded(tmp_path, pack("{seen: \"boundary == 'tool_response'\"}", rule(when)))
    past = told(policy, *(crossing(Boundary.TOOL_RESPONSE, "x", tool="read", at=NOW + t) for t in times))

    assert bool(denied(policy, past, call(at=NOW + at))) is expected


@pytest.mark.parametrize(
    ("fact", "counted"),
    [
        pytest.param("tool.name == 'send'", 2, id="by tool"),
        pytest.param("'egress' in tool.effects", 2, id="by effect"),
        pytest.param("'pii' in session.labels", 4, id="by the session's labels"),
        pytest.param("has(args.to) && args.to == 'ann'", 1, id="by argument"),
        pytest.param("text.contains('ann')", 2, id="by text"),
    ],
)
def test_what_is_released_is_counted_once(tmp_path: Path, fact: str, counted: int) -> None:
    policy = loaded(tmp_path, pack(f'{{f: "{fact}"}}'))
    heard = crossing(Boundary.USER_INPUT, "ann and ann")

    past = told(policy, heard, call(to="ann"), call(to="bob"), call("read"), labels=frozenset({"pii"}))

    assert remembered(past, "try", ["f"], NOW)["f"] == remembered(past, "x", ["try/f"], NOW)["try/f"]
    assert past.tallies["try/f"].count == counted


def test_a_fact_that_errs_is_unknown_and_so_are_the_rules_that_read_it(tmp_path: Path) -> None:
    facts = "{much: \"tool.name == 'send' && args.amount > 5.0\", other: \"tool.name == 'send'\"}"
    policy = loaded(tmp_path, pack(facts, f"{rule('facts.much.count > 0', 'a')}, {rule('facts.other.count > 1', 'b')}"))

    fine, erred = told(policy, call(amount=1.0)), told(policy, call(to="ann"))

    assert denied(policy, fine, call()) == []
    assert denied(policy, erred, call()) == [("try/a", "rule_failed")]


def test_packs_count_apart_and_read_each_other_by_the_whole_name(tmp_path: Path) -> None:
    one = written(tmp_path, pack("{f: \"tool.name == 'send'\"}", rule("facts.f.count == 1")), name="one")
    second = written(
        tmp_path,
        {
            "rules.yaml": "facts: {f: \"tool.name == 'read'\"}\n"
            "rules: ["
            + rule("facts.f.count == 2")
            + ", "
            + rule("facts['one/f'].count == 1 && facts.f.count == 2", "s")
            + "]"
        },
        name="second",
    )
    policy = load([one, second])

    past = told(policy, call("send"), call("read"), call("read"))

    assert [name for name, _ in denied(policy, past, call())] == ["one/r", "second/r", "second/s"]
    assert past.tallies.keys() == {"one/f", "second/f"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            pack("{seen: 'true'}", rule("facts.sen.count > 0")),
            "try/rules.yaml:2: rules[0].when: `facts` has no member `sen`: it has `seen`, `try/seen`",
            id="a misspelt fact",
        ),
        pytest.param(
            pack("{seen: 'true'}", rule("facts.seen.within_2m > 0")),
            "try/rules.yaml:2: rules[0].when: `facts.seen` has no member `within_2m`: it has `count`, `last_s`, "
            "`within_1d`, `within_1h`, `within_1m`",
            id="a misspelt member",
        ),
        pytest.param(
            pack("{seen: 'true'}", rule("facts['other/seen'].count > 0")),
            "try/rules.yaml:2: rules[0].when: `facts` has no member `other/seen`: it has `seen`, `try/seen`",
            id="another pack's that is not loaded",
        ),
        pytest.param(
            pack("{seen: 'true'}", rule("facts.exists(f, facts[f].count > 0)")),
            "try/rules.yaml:2: rules[0].when: expected `facts.<name>`, or `facts['<pack>/<name>']` for another pack's",
            id="whatever there is",
        ),
        pytest.param(
            pack("{a: 'true', b: 'facts.a.count > 0'}"),
            "try/rules.yaml:1: facts.b: expected no `facts`: a fact does not look at facts",
            id="a fact of facts",
        ),
        pytest.param(
            pack("{a: \"tool.name == 'sent'\"}"),
            "try/rules.yaml:1: facts.a: the tool `sent` is in no tools.yaml",
            id="a tool that nobody has",
        ),
        pytest.param(
            pack("{a: text}"),
            "try/rules.yaml:1: facts.a: expected a boolean, the expression is of type string",
            id="no predicate",
        ),
        pytest.param(
            pack("{a: 'false'}"),
            "try/rules.yaml:1: facts.a: can never hold: it is false for every crossing",
            id="never",
        ),
        pytest.param(
            pack("{a: \"boundary == 'user_input' && tool.name == 'send'\"}"),
            "try/rules.yaml:1: facts.a: can never hold: it is false for every crossing",
            id="never, by boundary",
        ),
        pytest.param(
            pack("{A: 'true'}"), "try/rules.yaml:1: facts.A.[key]: string should match", id="a name that is none"
        ),
    ],
)
def test_a_mistake_is_told_when_the_pack_is_loaded(
    tmp_path: Path, files: dict[str, str | bytes], expected: str
) -> None:
    found = problems(written(tmp_path, files))

    assert any(problem.startswith(expected) for problem in found), found


def test_who_finds_out_labels_is_told_where_a_fact_reads_them(tmp_path: Path) -> None:
    facts = """{saw: "boundary == 'tool_response' && 'pii' in labels", sent: tool.name == 'send'}"""
    policy = loaded(tmp_path, pack(facts))

    assert [boundary for boundary in Boundary if policy.facts.reads("labels", boundary)] == [Boundary.TOOL_RESPONSE]
    assert policy.facts.reads("tool", Boundary.TOOL_CALL)
