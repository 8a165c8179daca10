from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sidecar.cli.rules_play import Chosen, Played, as_json, as_junit, choose, differences, play
from sidecar.model.crossing import Crossing
from sidecar.model.scope import Scope
from sidecar.model.verdict import Decision, Finding, Verdict
from sidecar.policy.cases import Case, CaseFile
from sidecar.policy.document import parse
from sidecar.policy.files import PackFile
from sidecar.policy.packs import LoadedPack
from sidecar.policy.reading import PackFiles

ROOT = Path()


def case(steps: str, session: str = "{}") -> Case:
    text = f"cases: [{{note: what must hold, session: {session}, steps: [{steps}]}}]"
    file = parse(text.encode(), "f", CaseFile, [])
    assert file is not None
    return file.cases[0]


def chosen(steps: str, session: str = "{}") -> Chosen:
    return Chosen("p", "tests/a.yaml", case(steps, session))


@dataclass
class Judge:
    """A trial that gives every crossing the same findings, and remembers what it was asked."""

    findings: Sequence[Finding] = (Finding(check="c", decision=Decision.ALLOW),)
    scopes: list[tuple[Scope, str, str]] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)

    async def open(self, *, scope: Scope, task_type: str, residency: str) -> str:
        self.scopes.append((scope, task_type, residency))
        return "handle"

    async def decide(self, crossing: Crossing, /) -> tuple[Verdict, object]:
        self.crossings.append(crossing)
        return Verdict(crossing=crossing, findings=tuple(self.findings), policy_version="v"), None


def finding(decision: Decision, reason: str = "", rule: str = "") -> Finding:
    return Finding(check="c", decision=decision, reason=reason, rule=rule)


async def test_a_case_is_a_session_of_its_own_with_its_steps_in_order() -> None:
    judge = Judge()

    played = await play(
        chosen(
            "{user_input: a}, {tool_call: {tool: t}, want: allow}",
            "{tools: [t, u], autonomy: 2, task_type: x, residency: EU}",
        ),
        judge,
        iter([1.0, 2.0]).__next__,
    )

    (scope, task_type, residency), *others = judge.scopes
    assert played.held
    assert others == []
    assert (set(scope.tools), scope.autonomy, task_type, residency) == ({"t", "u"}, 2, "x", "EU")
    assert [(made.boundary, made.session_id, made.at) for made in judge.crossings] == [
        ("user_input", "handle", 1.0),
        ("tool_call", "handle", 2.0),
    ]


@pytest.mark.parametrize(
    ("want", "findings", "lines"),
    [
        pytest.param("", [finding(Decision.REDACT)], [], id="without a want it must cross"),
        pytest.param(
            "", [finding(Decision.DENY, "no")], ["  - released", "  + deny", "    because of no"], id="and it does not"
        ),
        pytest.param("deny", [finding(Decision.DENY, "no")], [], id="as wanted"),
        pytest.param("deny", [finding(Decision.ALLOW)], ["  - deny", "  + allow"], id="milder"),
        pytest.param("deny", [], [], id="no finding is a denial"),
        pytest.param(
            "{decision: deny, rules: [p/a], reasons: [x]}", [finding(Decision.DENY, "x", "p/a")], [], id="named"
        ),
        pytest.param(
            "{decision: deny, rules: [p/a, p/b], reasons: [y]}",
            [finding(Decision.DENY, "x", "p/a")],
            ["  - rules: p/b", "  - reasons: y", "    because of p/a, x"],
            id="named and not there",
        ),
        pytest.param("{decision: allow, rules: [], reasons: []}", [finding(Decision.ALLOW)], [], id="none, as wanted"),
        pytest.param(
            "{decision: allow, rules: [], reasons: []}",
            [finding(Decision.ALLOW, "rule_alerted", "p/a")],
            [
                "  - no rules",
                "  + rules: p/a",
                "  - no reasons",
                "  + reasons: rule_alerted",
                "    because of p/a, rule_alerted",
            ],
            id="none wanted, one there",
        ),
        pytest.param("{decision: allow, payload: hi}", [finding(Decision.ALLOW)], [], id="the payload"),
        pytest.param(
            "{decision: allow, payload: ho}",
            [finding(Decision.ALLOW)],
            ["  @@ -1 +1 @@", "  -ho", "  +hi"],
            id="another payload",
        ),
        pytest.param(
            "{decision: deny, payload: null}", [finding(Decision.DENY)], [], id="nothing crosses where it is denied"
        ),
        pytest.param(
            "{decision: allow, payload: {a: 1}}",
            [finding(Decision.ALLOW)],
            ["  @@ -1,3 +1 @@", "  -{", '  -  "a": 1', "  -}", "  +hi"],
            id="a payload of another kind",
        ),
    ],
)
def test_wanted_and_got_are_told_apart(want: str, findings: list[Finding], lines: list[str]) -> None:
    step = case(f"{{user_input: hi{f', want: {want}' if want else ''}}}").steps[0]
    crossing = Crossing(boundary=step.boundary, session_id="h", at=0.0, body="hi")

    assert differences(step, Verdict(crossing=crossing, findings=tuple(findings), policy_version="v")) == lines


async def test_a_step_that_differs_is_told_with_its_number() -> None:
    judge = Judge([finding(Decision.DENY, "no")])

    played = await play(chosen("{user_input: x, want: deny}, {tool_call: {tool: t}, want: allow}"), judge, lambda: 0.0)

    assert not played.held
    assert played.differences == ("step 2, tool_call t:", "  - allow", "  + deny", "    because of no")


def test_cases_are_chosen_by_a_word_of_pack_file_or_note() -> None:
    one, two = (CaseFile(cases=(case("{user_input: x}"),)) for _ in range(2))
    packs = [
        LoadedPack(PackFiles(directory, {}), PackFile(name=name, version="1.0.0"), cases={"tests/a.yaml": file})
        for directory, name, file in ((ROOT, "shop", one), (ROOT, "bank", two))
    ]

    assert [each.pack for each in choose(packs)] == ["shop", "bank"]
    assert [each.pack for each in choose(packs, "SHOP")] == ["shop"]
    assert len(choose(packs, "must hold")) == 2
    assert choose(packs, "nothing") == ()


def test_reports_tell_each_case_and_what_failed() -> None:
    held = Played(chosen("{user_input: x}"), (), 0.5)
    failed = Played(Chosen("p", "tests/b.yaml", case("{user_input: x}")), ("step 1", "  - <a> & b"), 0.25)

    root = ET.fromstring(as_junit([held, failed]))  # noqa: S314 - written two lines above

    assert root.attrib == {"tests": "2", "failures": "1", "errors": "0", "time": "0.750000"}
    assert [suite.get("name") for suite in root] == ["p/tests/a.yaml", "p/tests/b.yaml"]
    assert [failure.text for failure in root.iter("failure")] == ["step 1\n  - <a> & b"]
    assert [(one["held"], one["differences"]) for one in as_json([held, failed])] == [
        (True, []),
        (False, ["step 1", "  - <a> & b"]),
    ]
