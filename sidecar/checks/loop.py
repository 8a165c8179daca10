"""Is this agent going round in circles?

The same call again and again, or a few calls in turn: counted over all sessions of one root token, so that a new
session gains nothing. What is called is told apart by tool and arguments; a call that was refused counts, too, so that
who goes on stays refused.
"""

from dataclasses import dataclass

from sidecar.checks.base import Ports
from sidecar.checks.repeat import digest_of
from sidecar.model.crossing import Crossing
from sidecar.model.limits import Per, named, whose
from sidecar.model.loop import LoopLimit
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.stores.ports_limits import Loops

_AGAIN = "the same call was made too often: use what it answered, do something else, or ask the user"
_ROUND = "the same calls are made in turn again and again: do something else, or ask the user"


def build(ports: Ports) -> "LoopCheck":
    """Return the check, with what the policy calls a loop."""
    return LoopCheck(ports.stores.loops, ports.policy.limits.loops)


@dataclass(frozen=True, slots=True)
class LoopCheck:
    """Denies the call that begins another round."""

    loops: Loops
    limit: LoopLimit | None
    name: str = "loop"

    async def __call__(self, crossing: Crossing) -> Answer:
        if self.limit is None or crossing.is_repeat:
            return allow(self.name)
        who = named((Per.TREE, Per.AGENT), whose(crossing.proven, crossing.tool))
        found = await self.loops.step(who, crossing.digest or digest_of(crossing), self.limit, crossing.at)
        if not found.wait_s and not found.length:
            return allow(self.name)
        message = _AGAIN if found.wait_s else _ROUND
        refused = deny(self.name, "loop_detected", message, severity=Severity.MEDIUM)
        return Answer(refused.findings, retry_after=found.wait_s)
