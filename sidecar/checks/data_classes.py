"""Does this read or write only data that the delegation lets it?

What a tool reads is what the catalogue says of it, and is asked before it is called; what it writes is what was found
in the arguments that cross. A tool that the catalogue does not know may read and write anything.
"""

from dataclasses import dataclass

from sidecar.checks.base import Ports
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.verdict import Answer, allow, deny
from sidecar.policy.catalogue import Catalogue, Effect

REASON = "call_data_class_denied"


def build(ports: Ports) -> "DataCheck":
    """Return the check over the catalogue."""
    return DataCheck(ports.policy.catalogue)


@dataclass(frozen=True, slots=True)
class DataCheck:
    """Denies what reads or writes a class of data that the scope, where it limits classes, does not name."""

    catalogue: Catalogue
    name: str = "data"

    async def __call__(self, crossing: Crossing) -> Answer:
        scope = crossing.proven.scope
        if scope.reads is None and scope.writes is None:
            return allow(self.name)
        if crossing.boundary is Boundary.A2A_MESSAGE:
            outward = crossing.direction is Direction.OUTBOUND
            return self._within(crossing.labels, scope.writes if outward else scope.reads)
        tool = self.catalogue.find(crossing.tool)
        if tool is None:
            return deny(self.name, REASON, "what this tool reads and writes is not known: use one of the catalogue")
        if crossing.boundary is Boundary.TOOL_RESPONSE:
            return self._within(frozenset(tool.reads) | crossing.labels, scope.reads)
        if any(effect != Effect.READ for effect in tool.effects) and scope.writes is not None:
            answer = self._within(crossing.labels, scope.writes)
            if answer.findings[0].reason:
                return answer
        return self._within(frozenset(tool.reads), scope.reads)

    def _within(self, found: frozenset[str], allowed: frozenset[str] | None) -> Answer:
        if allowed is None or found <= allowed:
            return allow(self.name)
        return deny(self.name, REASON, "the session's scope does not hold this class of data: leave it out")
