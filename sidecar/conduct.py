"""What a verdict says of an agent's conduct: the work that earns it a level, and what costs it one at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sidecar.model.autonomy import Agent, Conduct, Ladder, Lapse
from sidecar.model.crossing import Boundary, Outcome
from sidecar.model.verdict import Decision, Finding, Severity, Verdict
from sidecar.stores.base import Standings

_LAPSES: Final = {"loop_detected": Lapse.LOOP_DETECTED, "approval_rejected": Lapse.APPROVAL_REJECTED}


def conduct(judged: Verdict) -> tuple[Conduct, ...]:
    """Return how a call was: let through or denied; of a response, whether the call had failed."""
    crossing = judged.crossing
    if crossing.boundary is Boundary.TOOL_CALL:
        if judged.released:
            return (Conduct.CLEAN,)
        return (Conduct.DENIED,) if judged.decision is Decision.DENY else ()
    failed = crossing.boundary is Boundary.TOOL_RESPONSE and crossing.outcome not in {None, Outcome.OK}
    return (Conduct.FAILED,) if failed else ()


def lapses(findings: Iterable[Finding]) -> frozenset[Lapse]:
    """Return what in `findings` can cost a level."""
    found = set()
    for finding in findings:
        if finding.reason in _LAPSES:
            found.add(_LAPSES[finding.reason])
        if finding.rule and finding.decision is Decision.DENY and finding.severity is Severity.CRITICAL:
            found.add(Lapse.RULE_DENIED_CRITICAL)
    return frozenset(found)


def unnoticed(_judged: Verdict) -> tuple[Finding, ...]:
    """Take in nothing: for policies that have no levels."""
    return ()


@dataclass(frozen=True, slots=True)
class Earning:
    """Takes in what each verdict says of an agent's conduct."""

    standings: Standings
    ladder: Ladder

    def __call__(self, judged: Verdict) -> tuple[Finding, ...]:
        """Return the finding on the agent's level, where that changes."""
        session = judged.crossing.session
        if session is None:
            return ()
        agent, at = Agent.of(session), judged.crossing.at
        before, after = self.standings.note(agent, self.ladder, conduct(judged), lapses(judged.findings), at)
        return moved(before, after) if before != after else ()


def moved(before: int, after: int) -> tuple[Finding, ...]:
    """Return the finding on a level that changed, for the record."""
    rises = after > before
    finding = Finding(
        check="autonomy",
        decision=Decision.ALLOW,
        reason="autonomy_raised" if rises else "autonomy_lowered",
        message=f"the level of this agent for this type of task went from {before} to {after}",
        severity=Severity.INFO if rises else Severity.HIGH,
    )
    return (finding,)
