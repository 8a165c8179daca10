"""May this session call this tool with these arguments?

The arguments judged are those that cross: the body, parsed once. A response is of a tool, too: what may not be called
cannot have answered.
"""

from dataclasses import dataclass

from sidecar.checks.base import Ports
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.scope import Scope, permits
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow, deny


def build(ports: Ports) -> "ScopeCheck":
    """Return the check; all it needs is in the session."""
    del ports
    return ScopeCheck()


@dataclass(frozen=True, slots=True)
class ScopeCheck:
    """Denies what the session's scope does not grant, and asks for a person where the scope obliges to."""

    name: str = "scope"

    async def __call__(self, crossing: Crossing) -> Answer:
        scope = crossing.proven.scope
        if crossing.boundary is Boundary.TOOL_RESPONSE:
            return self._response(scope, crossing.tool)
        refusal = permits(scope, crossing.tool, crossing.body)
        if refusal is not None:
            return deny(self.name, refusal.reason, refusal.message, path=refusal.path)
        if crossing.tool in scope.approval:
            return self._obliged()
        return allow(self.name)

    def _response(self, scope: Scope, tool: str) -> Answer:
        if tool in scope.tools:
            return allow(self.name)
        return deny(self.name, "tool_not_granted", "a tool answered that the session's scope does not hold")

    def _obliged(self) -> Answer:
        finding = Finding(
            check=self.name,
            decision=Decision.REQUIRE_APPROVAL,
            reason="call_approval_required",
            message="the delegation asks for a person's approval of this tool: have one approve the call",
            severity=Severity.MEDIUM,
        )
        return Answer((finding,))
