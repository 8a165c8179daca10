"""Is this session, subject, agent, tool or tree calling too often?

Whatever is judged counts, also what is refused afterwards: a flood of calls that no scope grants is a flood. A call
that a person has consented to was counted when it was asked for: else one that may be made once an hour would wait for
that hour, and the consent would be over.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sidecar.checks.base import Ports
from sidecar.model.crossing import Crossing
from sidecar.model.limits import RateLimit, counts, named, whose
from sidecar.model.ticket import ApprovalError, State, binding, digest
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.stores.ports_limits import Draw, Rates
from sidecar.stores.ports_tickets import Tickets


def build(ports: Ports) -> "RateCheck":
    """Return the check, with the rates of the policy."""
    return RateCheck(ports.stores.rates, ports.policy.limits.rates, ports.stores.tickets, ports.policy.version)


@dataclass(frozen=True, slots=True)
class RateCheck:
    """Denies what comes too soon, and says when it may come. `version` is the policy's."""

    rates: Rates
    limits: tuple[RateLimit, ...]
    tickets: Tickets
    version: str
    name: str = "rate"

    async def __call__(self, crossing: Crossing) -> Answer:
        if not self.limits or crossing.is_repeat or (crossing.approval_id and await self._is_approved(crossing)):
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

    async def _is_approved(self, crossing: Crossing) -> bool:
        """Return whether a person has consented to just this call, which was not made yet."""
        if not isinstance(crossing.asked, Mapping):
            return False
        try:
            ticket = await self.tickets.get(crossing.approval_id)
        except ApprovalError:
            return False
        bound = binding(crossing.proven, digest(crossing.tool, crossing.asked), self.version)
        return ticket.bound == bound and ticket.state(crossing.at) is State.APPROVED
