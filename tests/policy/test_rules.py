from collections.abc import Mapping, Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import SessionError
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision, Severity
from sidecar.policy import expressions
from sidecar.policy.catalogue import Tool
from sidecar.policy.meeting import MAX_TOGETHER
from sidecar.policy.rules import Rule, RuleSet, Then, predicate
from tests.chains import NOW
from tests.policy.packing import crossing

MONEY = Tool(name="pay", effects=("egress", "money"))
EVERYWHERE = tuple(Boundary)


def rule(
    number: int, when: str, then: Then = Then.DENY, *, unless: str = "", on: Sequence[Boundary] = EVERYWHERE
) -> Rule:
    text = predicate(when, unless)
    return Rule(
        id=f"p/r{number}",
        on=frozenset(on),
        text=text,
        program=expressions.program(text),
        terms=expressions.parse(when).terms,
        then=then,
        severity=Severity.HIGH,
        controls=("LLM01",),
        message="ask a person",
    )


def matched(texts: Sequence[str], arguments: Mapping[str, Json], tool: Tool | None = MONEY) -> list[str]:
    rules = RuleSet([rule(number, text) for number, text in enumerate(texts)])
    made = crossing(Boundary.TOOL_CALL, arguments, tool=tool.name if tool else "unknown")
    return [finding.rule for finding in rules.findings(made, tool, frozenset())]


@pytest.mark.parametrize(
    ("then", "decision", "reason"),
    [
        pytest.param(Then.DENY, Decision.DENY, "rule_denied", id="deny"),
        pytest.param(Then.REQUIRE_APPROVAL, Decision.REQUIRE_APPROVAL, "rule_requires_approval", id="ask a person"),
        pytest.param(Then.ALERT, Decision.ALLOW, "rule_alerted", id="alert"),
        pytest.param(Then.ALLOW, Decision.ALLOW, "rule_allowed", id="allow"),
    ],
)
def test_a_rule_that_matches_says_so(then: Then, decision: Decision, reason: str) -> None:
    rules = RuleSet([rule(1, "text.contains('x')", then)])

    (finding,) = rules.findings(crossing(Boundary.USER_INPUT, "xyz"), None, frozenset())

    assert (finding.check, finding.decision, finding.reason, finding.rule) == ("rules", decision, reason, "p/r1")
    assert (finding.severity, finding.controls, finding.message) == (Severity.HIGH, ("LLM01",), "ask a person")
    assert rules.findings(crossing(Boundary.USER_INPUT, "abc"), None, frozenset()) == ()


@pytest.mark.parametrize(
    ("then", "decision"),
    [
        pytest.param(Then.DENY, Decision.DENY, id="deny counts as matched"),
        pytest.param(Then.REQUIRE_APPROVAL, Decision.REQUIRE_APPROVAL, id="approval counts as matched"),
        pytest.param(Then.ALERT, Decision.ALLOW, id="alert is reported"),
    ],
)
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="missing"),
        pytest.param({"amount": "much"}, id="of another type"),
        pytest.param({"amount": None}, id="null"),
        pytest.param({"amount": {"$gt": 0}}, id="an object"),
    ],
)
def test_a_rule_that_errs_is_reported_and_tells_nothing(then: Then, decision: Decision, arguments: Json) -> None:
    rules = RuleSet([rule(1, "args.amount > 5.0", then)])

    (finding,) = rules.findings(crossing(Boundary.TOOL_CALL, arguments, tool="pay"), MONEY, frozenset())

    assert (finding.decision, finding.reason) == (decision, "rule_failed")
    assert "amount" not in finding.message
    assert "much" not in finding.message


@pytest.mark.parametrize(
    ("unless", "arguments", "found"),
    [
        pytest.param("args.ok", {"x": 1, "ok": True}, [], id="the exception holds"),
        pytest.param("args.ok", {"x": 1, "ok": False}, ["rule_denied"], id="it does not"),
        pytest.param("args.ok", {"x": 1}, ["rule_failed"], id="it errs"),
        pytest.param("args.ok", {"x": 0}, [], id="it errs where the rule would not match"),
        pytest.param("args.ok // why", {"x": 1, "ok": True}, [], id="it ends in a comment"),
    ],
)
def test_an_exception_that_errs_is_none(unless: str, arguments: Json, found: list[str]) -> None:
    rules = RuleSet([rule(1, "args.x == 1 // when", unless=f"{unless}")])

    findings = rules.findings(crossing(Boundary.TOOL_CALL, arguments, tool="pay"), MONEY, frozenset())

    assert [finding.reason for finding in findings] == found


def test_a_rule_speaks_at_its_boundaries_only() -> None:
    rules = RuleSet([rule(1, "true", on=[Boundary.USER_INPUT, Boundary.LLM_OUTPUT])])

    spoke = {boundary for boundary in Boundary if rules.findings(crossing(boundary), None, frozenset())}

    assert spoke == {Boundary.USER_INPUT, Boundary.LLM_OUTPUT}


def test_findings_stand_in_the_order_of_the_rules_wherever_they_are_indexed() -> None:
    texts = ["tool.name == 'pay'", "true", "'money' in tool.effects", "false", "'egress' in tool.effects && true"]

    assert matched(texts, {}) == ["p/r0", "p/r1", "p/r2", "p/r4"]
    assert matched(texts, {}, Tool(name="look", effects=("read",))) == ["p/r1"]
    assert matched(texts, {}, None) == ["p/r1"]


def test_more_rules_than_fit_together_are_all_asked() -> None:
    count = 3 * MAX_TOGETHER + 1

    assert matched([f"args.n == {number}" for number in range(count)], {"n": count - 1}) == [f"p/r{count - 1}"]


def test_rules_that_are_too_long_together_are_asked_alone() -> None:
    long = f"args.n == 1 && text != '{'x' * 4000}'"
    rules = [
        rule(number, long, unless=long.replace("1", "3"), on=[Boundary.TOOL_CALL]) for number in range(MAX_TOGETHER)
    ]
    together = RuleSet(rules)

    with pytest.raises(expressions.ExpressionError):
        expressions.program(*(each.text for each in rules))
    assert len(together.findings(crossing(Boundary.TOOL_CALL, {"n": 1}, tool="pay"), MONEY, frozenset())) == len(rules)
    assert together.findings(crossing(Boundary.TOOL_CALL, {"n": 2}, tool="pay"), MONEY, frozenset()) == ()


def test_labels_and_time_are_those_of_the_crossing() -> None:
    rules = RuleSet([rule(1, "'pii' in labels && now == timestamp(0) + duration('1800000005s') && session.age_s == 5")])

    assert rules.findings(crossing(Boundary.USER_INPUT, at=NOW + 5), None, frozenset({"pii"}))
    assert not rules.findings(crossing(Boundary.USER_INPUT, at=NOW + 5), None, frozenset())
    assert not rules.findings(crossing(Boundary.USER_INPUT, at=NOW + 6), None, frozenset({"pii"}))


def test_without_a_session_nothing_is_evaluated() -> None:
    rules = RuleSet([rule(1, "principal.subject == 'ann'")])

    with pytest.raises(SessionError):
        rules.findings(Crossing(boundary=Boundary.USER_INPUT, session_id="", at=0.0, body=""), None, frozenset())


PREDICATES = [
    "args.n > 3",
    "tool.name == 'pay' && args.n == 1.0",
    "tool.name in ['pay', 'look'] && args.s.startsWith('a')",
    "'money' in tool.effects && args.n < 2",
    "'read' in tool.effects",
    "has(args.s) || args.n > 1",
    "'egress' in tool.effects && 'money' in tool.effects && args.s == 'a'",
    "tool.trust == 'untrusted' && false",
]
_ARGUMENTS = st.fixed_dictionaries(
    {}, optional={"n": st.sampled_from([0, 1, 1.0, 5, "1"]), "s": st.sampled_from(["a", 3])}
)
_TOOLS = st.sampled_from([MONEY, Tool(name="look", effects=("read",)), Tool(name="other"), None])


@cache
def predicate_rule(number: int) -> Rule:
    return rule(number, PREDICATES[number], on=[Boundary.TOOL_CALL])


@cache
def alone(number: int) -> RuleSet:
    return RuleSet([predicate_rule(number)])


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(range(len(PREDICATES))), max_size=18), _ARGUMENTS, _TOOLS)
def test_together_and_by_index_rules_match_as_each_does_alone(
    numbers: list[int], arguments: Json, tool: Tool | None
) -> None:
    made = crossing(Boundary.TOOL_CALL, arguments, tool=tool.name if tool else "unknown")

    together = RuleSet([predicate_rule(number) for number in numbers]).findings(made, tool, frozenset())

    assert list(together) == [found for number in numbers for found in alone(number).findings(made, tool, frozenset())]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("session.crossings > 100", True),
        ("session['denied'] > 3", True),
        ("usage.input_tokens > 9", True),
        ("session.cost_usd > 1.0", True),
        ("'pii' in session.labels", False),
        ("tool.name == 'work'", False),
    ],
)
def test_it_is_known_whether_rules_decide_by_what_a_session_has_done(text: str, *, reads: bool) -> None:
    assert RuleSet([rule(1, "true"), rule(2, text)]).reads_usage is reads
