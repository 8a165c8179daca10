"""What a verdict says of an agent's conduct: the work that earns it a level, what costs it one at once, what it spends.

What earns is a call that was let through, that is reported once and as having gone well, and whose answer may cross;
where the packs say which effects are work, one that has such an effect. The same call for the same person earns once,
whatever it is named and however many sessions make it. A call without an id is told apart by its session and its tool:
of several that are under way the last one counts.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from sidecar.checks.repeat import DIGITS, digest_of_call
from sidecar.model.autonomy import Agent, Conduct, Deed, Ladder, Lapse
from sidecar.model.circuit import holder
from sidecar.model.crossing import Boundary, Crossing, Outcome
from sidecar.model.session import Session
from sidecar.model.verdict import Decision, Finding, Severity, Verdict
from sidecar.policy.catalogue import Catalogue
from sidecar.stores.base import Standings
from sidecar.stores.ports_costs import Costs

_AGENT: Final = "this agent"
_KIN: Final = "all sub-agents of its first delegate together"
_LAPSES: Final = {"loop_detected": Lapse.LOOP_DETECTED, "approval_rejected": Lapse.APPROVAL_REJECTED}


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
    catalogue: Catalogue = field(default_factory=Catalogue)

    def __call__(self, judged: Verdict) -> tuple[Finding, ...]:
        """Return the finding on the agent's level, where that changes."""
        session = judged.crossing.session
        if session is None:
            return ()
        deed, at = self._deed(judged, session), judged.crossing.at
        if deed.conduct is None and not deed.lapses:
            return ()
        return noted(self.standings, self.ladder, Agent.of(session), deed, at)

    def _deed(self, judged: Verdict, session: Session) -> Deed:
        crossing, lost = judged.crossing, lapses(judged.findings)
        if crossing.boundary is Boundary.TOOL_CALL:
            if judged.released and self._is_work(crossing):
                self.standings.begin(_call(crossing, session), _work(crossing, session))
            return Deed(Conduct.DENIED if judged.decision is Decision.DENY else None, lost)
        if crossing.boundary is not Boundary.TOOL_RESPONSE:
            return Deed(lapses=lost)
        work = self.standings.end(_call(crossing, session))
        if crossing.outcome not in {None, Outcome.OK}:
            return Deed(Conduct.FAILED, lost)
        return Deed(Conduct.CLEAN, lost, work) if work and judged.released else Deed(lapses=lost)

    def _is_work(self, crossing: Crossing) -> bool:
        rule = self.ladder.promotion
        if rule is None or not rule.work:
            return rule is not None
        tool = self.catalogue.find(crossing.tool)
        return rule.is_work(tool.effects if tool else None)


def _call(crossing: Crossing, session: Session) -> str:
    """Return what names a call until it is reported."""
    return holder(session.id, f"i{crossing.call_id}" if crossing.call_id else f"t{crossing.tool}")


def _work(crossing: Crossing, session: Session) -> str:
    """Return what a call is as work: for whom, which tool, and what was asked of it."""
    who = session.principal
    digest = crossing.digest or digest_of_call(crossing.tool, crossing.asked)
    name = f"{who.issuer}\n{who.subject}\n{digest}"
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Spending:
    """Tells of sessions that cost far more than others of their type of task. It refuses nothing."""

    costs: Costs
    deviations: float

    def __call__(self, judged: Verdict) -> tuple[Finding, ...]:
        """Return the finding on a session that does, once."""
        crossing, session = judged.crossing, judged.crossing.session
        if session is None or not crossing.micro_usd or not (judged.released or crossing.closed):
            return ()
        whole = session.whole_id or session.id
        self.costs.spent(session.task_type, whole, crossing.micro_usd, session.expires_at, crossing.at)
        if crossing.boundary is Boundary.LLM_REQUEST:  # reserved at its most: what it comes to is reported
            return ()
        return (_SPIKE,) if self.costs.is_spike(whole, self.deviations) else ()


_SPIKE: Final = Finding(
    check="anomaly",
    decision=Decision.ALLOW,
    reason="cost_anomaly",
    message="this session costs far more than others of its type of task did: look at what it does",
    severity=Severity.HIGH,
)


@dataclass(frozen=True, slots=True)
class Watching:
    """All that takes a verdict in, one after the other."""

    watchers: tuple[Callable[[Verdict], tuple[Finding, ...]], ...]

    def __call__(self, judged: Verdict) -> tuple[Finding, ...]:
        """Return what any of them found."""
        return tuple(finding for watcher in self.watchers for finding in watcher(judged))


def noted(standings: Standings, ladder: Ladder, agent: Agent, deed: Deed, at: float) -> tuple[Finding, ...]:
    """Take in what `agent` did, and return the findings on the levels that this changed."""
    found = moved(*standings.note(agent, ladder, deed, at))
    if agent.kin:  # what one of them loses, all lose that were named by others: names cost nothing
        found += moved(*standings.note(agent.kin, ladder, deed, at), whose=_KIN)
    return found


def moved(before: int, after: int, whose: str = _AGENT) -> tuple[Finding, ...]:
    """Return the finding on a level that changed, for the record; none where it did not."""
    if before == after:
        return ()
    rises = after > before
    finding = Finding(
        check="autonomy",
        decision=Decision.ALLOW,
        reason="autonomy_raised" if rises else "autonomy_lowered",
        message=f"the level of {whose} for this type of task went from {before} to {after}",
        severity=Severity.INFO if rises else Severity.HIGH,
    )
    return (finding,)
