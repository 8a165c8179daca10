"""Is this agent going round in circles?

The same call again and again, a few calls in turn, or calls that come to nothing new: counted over all sessions of one
root token, so that a new session gains nothing. What is called is told apart by tool and arguments; a call that was
refused counts, too, so that who goes on stays refused. What came of a call is what its report says, once for each that
was let through.
"""

import hashlib
from dataclasses import dataclass, field

from sidecar.checks.base import Ports
from sidecar.checks.repeat import DIGITS, digest_of
from sidecar.model.crossing import Boundary, Crossing, Outcome
from sidecar.model.limits import Per, named, whose
from sidecar.model.loop import FAILED, LoopLimit
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.policy.catalogue import Catalogue, Effect
from sidecar.stores.ports_limits import Loops

_AGAIN = "the same call was made too often: use what it answered, do something else, or ask the user"
_STALLED = "nothing new came of the last calls: do something else, wait as long as retry_after says, or ask the user"
_ROUND = "the same calls are made in turn again and again: do something else, or ask the user"


def build(ports: Ports) -> "LoopCheck":
    """Return the check, with what the policy calls a loop."""
    return LoopCheck(ports.stores.loops, ports.policy.limits.loops, ports.policy.catalogue)


@dataclass(frozen=True, slots=True)
class LoopCheck:
    """Denies the call that begins another round."""

    loops: Loops
    limit: LoopLimit | None
    catalogue: Catalogue = field(default_factory=Catalogue)
    name: str = "loop"

    async def __call__(self, crossing: Crossing) -> Answer:
        if self.limit is None or crossing.is_repeat:
            return allow(self.name)
        who = named((Per.TREE, Per.AGENT), whose(crossing.proven, crossing.tool))
        if crossing.boundary is Boundary.TOOL_RESPONSE:
            if self.limit.no_progress and _is_of_a_call(crossing):
                await self.loops.told(who, self._answer(crossing), self.limit, crossing.steady)
            return allow(self.name)
        found = await self.loops.step(who, crossing.digest or digest_of(crossing), self.limit, crossing.steady)
        if not (found.wait_s or found.length or found.stalled_s):
            return allow(self.name)
        message = _AGAIN if found.wait_s else _ROUND if found.length else _STALLED
        refused = deny(self.name, "loop_detected", message, severity=Severity.MEDIUM)
        return Answer(refused.findings, retry_after=max(found.wait_s, found.stalled_s))

    def _answer(self, crossing: Crossing) -> str | None:
        """Return what came of a call: nothing, a digest of what it said, or None where it changed something."""
        if crossing.outcome not in {None, Outcome.OK}:
            return FAILED
        tool = self.catalogue.find(crossing.tool)
        if tool is None or any(effect != Effect.READ for effect in tool.effects):
            return None
        said = crossing.raw if crossing.raw is not None else crossing.payload
        return hashlib.sha256(f"{crossing.tool}\n{said}".encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def _is_of_a_call(crossing: Crossing) -> bool:
    """Return whether a report is of a call that was let through, as far as that can be told."""
    return crossing.closed is not None or (not crossing.call_id and crossing.tool in crossing.proven.scope.tools)
