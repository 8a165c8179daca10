"""May this agent do this by itself?

The scope's levels (identity-spec 2.7.1): 0 observes, 1 proposes, 2 acts with a person's approval of each effect, 3 acts
alone where it can be undone, 4 acts alone. What a tool does, and whether it can be undone, is what the catalogue says.
Within that, the rule packs say which effects need a person's approval at the level that the agent has earned.
"""

from dataclasses import dataclass
from typing import Final

from sidecar.checks.base import Ports
from sidecar.model.autonomy import Ladder
from sidecar.model.crossing import Crossing
from sidecar.model.scope import HIGHEST_AUTONOMY
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow, deny
from sidecar.policy.catalogue import Catalogue, Effect

WITH_APPROVAL: Final = 2  # the level from which it may act
REASON: Final = "call_autonomy_exceeded"


def build(ports: Ports) -> "AutonomyCheck":
    """Return the check over the catalogue."""
    return AutonomyCheck(ports.policy.catalogue, ports.policy.autonomy)


@dataclass(frozen=True, slots=True)
class AutonomyCheck:
    """Denies what the scope's level does not let an agent do, and asks for a person where it does with one."""

    catalogue: Catalogue
    ladder: Ladder | None = None
    name: str = "autonomy"

    async def __call__(self, crossing: Crossing) -> Answer:
        answer = self._delegated(crossing)
        tool = self.catalogue.find(crossing.tool)
        effects = None if tool is None else tool.effects
        if answer.decision is Decision.ALLOW and self.ladder and self.ladder.needs_approval(crossing.autonomy, effects):
            return Answer((_UNEARNED,))
        return answer

    def _delegated(self, crossing: Crossing) -> Answer:
        """Return what the scope's own level says."""
        level = crossing.proven.scope.autonomy
        if level is None or level == HIGHEST_AUTONOMY:
            return allow(self.name)
        tool = self.catalogue.find(crossing.tool)
        if tool is not None and all(effect == Effect.READ for effect in tool.effects):
            return allow(self.name)
        if level < WITH_APPROVAL:
            return deny(self.name, REASON, "this delegation lets an agent look and propose, not act: propose it")
        if level == WITH_APPROVAL:
            return Answer((_OBLIGED,))
        if tool is not None and tool.reversible:
            return allow(self.name)
        return deny(self.name, REASON, "this cannot be undone, and the delegation asks for that: have a person do it")


_UNEARNED: Final = Finding(
    check="autonomy",
    decision=Decision.REQUIRE_APPROVAL,
    reason="autonomy_approval_required",
    message="this agent has not earned to do this alone: have a person approve the call",
    severity=Severity.MEDIUM,
)
_OBLIGED: Final = Finding(
    check="autonomy",
    decision=Decision.REQUIRE_APPROVAL,
    reason="call_approval_required",
    message="the delegation lets an agent act with a person's approval: have one approve the call",
    severity=Severity.MEDIUM,
)
