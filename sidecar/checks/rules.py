"""What do the rules of the rule packs say?

Of a repeat they say what they said of the first: what that one made true itself (a fact, a label) does not refuse it.
"""

from dataclasses import dataclass, field, replace

from sidecar.checks.base import Ports
from sidecar.content.origin.trails import Trails
from sidecar.content.turns import walked
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.limits import Prices
from sidecar.model.past import FORGETFUL, Past
from sidecar.model.session import Session
from sidecar.model.verdict import Answer, Decision, Finding, allow
from sidecar.policy.catalogue import Catalogue, Tool
from sidecar.policy.growing import Growing, growing
from sidecar.policy.rules import CHECK, RuleSet
from sidecar.stores.base import Sessions


def build(ports: Ports) -> "RulesCheck":
    """Return the check, over the rules and the catalogue of the policy."""
    rules = ports.policy.rules
    policy, sessions = ports.policy, ports.stores.sessions
    rows = growing(rules.rules, Boundary.LLM_OUTPUT)
    return RulesCheck(rules, policy.catalogue, ports.trails, rows, sessions, policy.prices)


def labels(crossing: Crossing, tool: Tool | None) -> frozenset[str]:
    """Return the labels on a crossing: what was found in it, and of a response what its tool reads."""
    if tool is not None and tool.reads and crossing.boundary is Boundary.TOOL_RESPONSE:
        return crossing.labels.union(tool.reads)
    return crossing.labels


@dataclass(frozen=True, slots=True)
class RulesCheck:
    """Answers with a finding for each rule that matches, and allows where none does.

    `growing` says how a model's output is judged while it is being written.
    """

    rules: RuleSet
    catalogue: Catalogue
    trails: Trails = field(default_factory=Trails)
    growing: Growing = field(default_factory=Growing)
    sessions: Sessions | None = None
    prices: Prices = field(default_factory=Prices)
    name: str = CHECK

    async def __call__(self, crossing: Crossing) -> Answer:
        tool = self.catalogue.find(crossing.tool) if crossing.tool else None
        past = FORGETFUL
        if crossing.session is not None:
            await self.trails.recall(crossing.session)
            past = await self._past(crossing, crossing.session)
        if crossing.takes_long:
            await walked(crossing.writing())
        findings = self.rules.findings(crossing, tool, labels(crossing, tool), past)
        if crossing.stands:
            findings = tuple(one if one.decision <= Decision.REDACT else _eased(one) for one in findings)
        return Answer(findings) if findings else allow(self.name)

    async def _past(self, crossing: Crossing, session: Session) -> Past:
        """Return what the session remembers, with what rules at this boundary ask for besides."""
        past, asked = self.trails.past(session.id), self.rules.reads
        if self.sessions and (asked("session", crossing.boundary) or asked("usage", crossing.boundary)):
            past = past._replace(usage=await self.sessions.used(session.id))
        if self.prices.models and crossing.model and asked("model", crossing.boundary):
            known = self.prices.model(crossing.provider, crossing.model)
            past = past._replace(region=known.region if known else "")
        return past


def _eased(finding: Finding) -> Finding:
    return replace(finding, decision=Decision.ALLOW)
