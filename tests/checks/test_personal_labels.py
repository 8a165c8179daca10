"""What is found labels the crossing: for rules, and for what the session is known to have touched."""

from dataclasses import replace

import pytest

from sidecar.checks.personal_data import PersonalData
from sidecar.content.operators import leftovers
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.operator import Operator
from sidecar.model.verdict import Decision
from sidecar.policy.privacy import Privacy
from tests.content.finding import PATTERNS, Needles

KEY = bytes(range(32))


def crossing(body: str, boundary: Boundary = Boundary.TOOL_RESPONSE) -> Crossing:
    return Crossing(boundary=boundary, session_id="s", at=0.0, body=body)


LABELLED = Privacy(
    operators={Boundary.A2A_MESSAGE: {"PERSON": Operator.DENY}},
    thresholds={"PERSON": 0.4, "EMAIL_ADDRESS": 0.4},
    labels={"PERSON": frozenset({"pii"}), "EMAIL_ADDRESS": frozenset({"pii", "contact"})},
)


@pytest.mark.parametrize(
    ("body", "labels"),
    [
        pytest.param("nothing", set(), id="nothing"),
        pytest.param("Ada", {"pii"}, id="one"),
        pytest.param("Ada, ada@example.org", {"pii", "contact"}, id="two"),
    ],
)
async def test_what_is_found_labels_the_crossing_where_a_rule_reads_labels(body: str, labels: set[str]) -> None:
    labelled = frozenset({Boundary.TOOL_CALL})
    it = PersonalData(Needles(), LABELLED, leftovers(PATTERNS), KEY, labelled)

    answer = await it(crossing(body, Boundary.TOOL_CALL))

    assert answer.decision is Decision.ALLOW
    assert (answer.onward.labels if answer.onward else set()) == labels


async def test_what_is_redacted_labels_the_crossing_too() -> None:
    redacting = replace(LABELLED, operators={Boundary.TOOL_RESPONSE: {"PERSON": Operator.REDACT}})

    answer = await PersonalData(Needles(), redacting, leftovers(PATTERNS), KEY)(crossing("Ada"))

    assert answer.onward is not None
    assert (answer.onward.body, answer.onward.labels) == ("<PERSON>", frozenset({"pii"}))


async def test_what_is_denied_is_handed_on_for_its_labels_alone() -> None:
    denying = replace(LABELLED, operators={Boundary.TOOL_RESPONSE: {"PERSON": Operator.DENY}})
    asked = crossing("Ada")

    answer = await PersonalData(Needles(), denying, leftovers(PATTERNS), KEY)(asked)

    assert answer.decision is Decision.DENY
    assert answer.onward == replace(asked, labels=frozenset({"pii"}))
