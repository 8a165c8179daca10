"""What a replay found: sums over crossings, for one run, one suite, or all. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sidecar.model.crossing import Boundary
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision

# Beside the boundaries: a run whose session was refused, or could not be closed, shows here.
OPEN: Final = "open_session"
CLOSE: Final = "close_session"
_MS: Final = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """One replayed event.

    `reasons` are those of its findings, with the rule where one spoke. `error` says why no verdict came, or no
    session.
    """

    run_id: str
    suite: str
    boundary: str
    decision: Decision
    seconds: float
    index: int = -1  # of the event in its run
    tool: str = ""
    reasons: tuple[str, ...] = ()
    error: str = ""
    changed: bool = False  # of a tool call that crossed: whether its arguments are others than were sent
    lacking: int = (
        0  # of a tool call: values that the agent was not told, and that the tool did not get back for tokens
    )

    @property
    def blocked(self) -> bool:
        """Whether this is a tool call that did not cross."""
        return self.boundary == Boundary.TOOL_CALL and self.decision >= Decision.REQUIRE_APPROVAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over some crossings. `decisions` and `reasons` count by boundary; times are in milliseconds."""

    crossings: int
    errors: int
    calls: int
    calls_blocked: int
    calls_changed: int
    values_lacking: int
    decisions: Mapping[str, Mapping[str, int]]
    reasons: Mapping[str, Mapping[str, int]]
    p50_ms: float
    p99_ms: float

    def as_json(self) -> dict[str, Json]:
        """Return these sums as they stand in the report's JSON."""
        return {
            "crossings": self.crossings,
            "errors": self.errors,
            "calls": self.calls,
            "calls_blocked": self.calls_blocked,
            "calls_changed": self.calls_changed,
            "values_lacking": self.values_lacking,
            "decisions": self.decisions,
            "reasons": self.reasons,
            "p50_ms": round(self.p50_ms, 3),
            "p99_ms": round(self.p99_ms, 3),
        }


def totals(crossed: Sequence[Crossed]) -> Totals:
    """Return the sums over `crossed`. Opening and closing a session is no crossing: only its failure is told."""
    times = sorted(c.seconds for c in crossed if c.boundary not in {OPEN, CLOSE})
    return Totals(
        crossings=len(times),
        errors=sum(bool(c.error) for c in crossed),
        calls=sum(c.boundary == Boundary.TOOL_CALL for c in crossed),
        calls_blocked=sum(c.blocked for c in crossed),
        calls_changed=sum(c.changed for c in crossed),
        values_lacking=sum(c.lacking for c in crossed),
        decisions=_counted((c.boundary, c.decision.name.lower()) for c in crossed),
        reasons=_counted((c.boundary, reason) for c in crossed for reason in dict.fromkeys(c.reasons)),
        p50_ms=percentile(times, 0.50) * _MS,
        p99_ms=percentile(times, 0.99) * _MS,
    )


def by_run(crossed: Iterable[Crossed]) -> list[tuple[str, str, Totals]]:
    """Return suite, id and sums of each run, in order of suite and id."""
    ordered = sorted(crossed, key=_run)
    return [(suite, run_id, totals(list(group))) for (suite, run_id), group in groupby(ordered, key=_run)]


def as_json(crossed: Sequence[Crossed], *, seconds: float) -> dict[str, Json]:
    """Return the whole report: the sums over everything, then those of each run."""
    whole = totals(crossed)
    runs: list[Json] = [{"suite": suite, "id": run_id} | sums.as_json() for suite, run_id, sums in by_run(crossed)]
    return {
        "runs": len(runs),
        "seconds": round(seconds, 3),
        "crossings_per_second": round(rate(whole.crossings, seconds), 1),
        "total": whole.as_json(),
        "by_run": runs,
    }


def rate(crossings: int, seconds: float) -> float:
    """Return crossings per second; none in no time."""
    return crossings / seconds if seconds > 0 else 0.0


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed (nearest rank); 0 of none."""
    if not ordered:
        return 0.0
    rank = -(-share * len(ordered) // 1)  # rounded up
    return ordered[max(0, min(len(ordered), int(rank)) - 1)]


def _run(crossed: Crossed) -> tuple[str, str]:
    return crossed.suite, crossed.run_id


def _counted(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Return how often each pair occurs, the most frequent first within each boundary, boundaries by name."""
    table: dict[str, dict[str, int]] = {}
    for (boundary, name), count in sorted(Counter(pairs).items(), key=lambda item: (item[0][0], -item[1], item[0][1])):
        table.setdefault(boundary, {})[name] = count
    return table
