"""Is this session, subject, agent, tool or tree calling too often?

Whatever is judged counts, also what is refused afterwards: a flood of calls that no scope grants is a flood.
"""

from dataclasses import dataclass

from sidecar.checks.base import Ports
from sidecar.model.crossing import Crossing
from sidecar.model.limits import RateLimit, counts, named, whose
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.stores.ports_limits import Draw, Rates


def build(ports: Ports) -> "RateCheck":
    """Return the check, with the rates of the policy."""
    return RateCheck(ports.stores.rates, ports.policy.limits.rates)


@dataclass(frozen=True, slots=True)
class RateCheck:
    """Denies what comes too soon, and says when it may come."""

    rates: Rates
    limits: tuple[RateLimit, ...]
    name: str = "rate"

    async def __call__(self, crossing: Crossing) -> Answer:
        if not self.limits or crossing.is_repeat:
            return allow(self.name)
        who = whose(crossing.proven, crossing.tool)
        draws = [
            Draw(limit.kind, named(limit.per, who), limit.rate)
            for limit in self.limits
            if crossing.boundary in limit.on and counts(limit.tool, crossing)
        ]
        wait_s = await self.rates.draw(draws, crossing.steady) if draws else 0.0
        if not wait_s:
            return allow(self.name)
        message = "too many calls: wait as long as retry_after says"
        refused = deny(self.name, "call_rate_exceeded", message, severity=Severity.MEDIUM)
        return Answer(refused.findings, retry_after=wait_s)
