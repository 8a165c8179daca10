import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.cli.replay_report import OPEN, Crossed, as_json, by_run, percentile, rate, totals
from sidecar.model.verdict import Decision


def crossed(
    boundary: str, decision: Decision, *reasons: str, run_id: str = "r", seconds: float = 0.001, error: str = ""
) -> Crossed:
    return Crossed(
        run_id=run_id, suite="s", boundary=boundary, decision=decision, seconds=seconds, reasons=reasons, error=error
    )


MANY = [
    crossed("tool_call", Decision.DENY, "argument_invalid", "argument_invalid"),
    crossed("tool_call", Decision.REQUIRE_APPROVAL, "rule_matched", run_id="a"),
    crossed("tool_call", Decision.ALLOW, seconds=0.003),
    crossed("tool_response", Decision.REDACT, "pii"),
    crossed("user_input", Decision.DENY, "unavailable", error="unavailable"),
    crossed(OPEN, Decision.DENY, "token_expired", run_id="b"),
]


def test_sums_are_by_boundary_decision_and_reason() -> None:
    whole = totals(MANY)

    assert (whole.crossings, whole.errors, whole.calls, whole.calls_blocked) == (5, 1, 3, 2)
    assert whole.decisions == {
        "open_session": {"deny": 1},
        "tool_call": {"allow": 1, "deny": 1, "require_approval": 1},
        "tool_response": {"redact": 1},
        "user_input": {"deny": 1},
    }
    assert whole.reasons == {
        "open_session": {"token_expired": 1},
        "tool_call": {"argument_invalid": 1, "rule_matched": 1},
        "tool_response": {"pii": 1},
        "user_input": {"unavailable": 1},
    }


def test_the_report_has_each_run_and_the_whole() -> None:
    report = json.loads(json.dumps(as_json(MANY, seconds=2.0)))

    assert (report["runs"], report["crossings_per_second"], report["total"]["p99_ms"]) == (3, 2.5, 3.0)
    assert [(entry["id"], entry["crossings"]) for entry in report["by_run"]] == [("a", 1), ("b", 0), ("r", 4)]


@given(st.lists(st.sampled_from(MANY)))
def test_the_runs_add_up_to_the_whole(some: list[Crossed]) -> None:
    parts = [sums for _suite, _id, sums in by_run(some)]
    whole = totals(some)

    assert sum(part.crossings for part in parts) == whole.crossings
    assert sum(part.calls_blocked for part in parts) == whole.calls_blocked


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        pytest.param([], 0.5, 0.0, id="of none"),
        pytest.param([7.0], 0.99, 7.0, id="of one"),
        pytest.param([1.0, 2.0], 0.5, 1.0, id="half of two is the first"),
        pytest.param([1.0, 2.0, 3.0], 0.5, 2.0, id="the middle of three"),
        pytest.param([float(n) for n in range(1, 101)], 0.99, 99.0, id="99 of a hundred"),
        pytest.param([float(n) for n in range(1, 201)], 0.99, 198.0, id="198 of two hundred"),
    ],
)
def test_a_percentile_is_by_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_a_rate_over_no_time_is_nothing() -> None:
    assert rate(5, 0.0) == 0.0
