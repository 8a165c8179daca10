"""Does it pass on a token that was given to us?

A token that opened a session here, or came with another agent's message, was given to this agent and to no other. In a
prompt, in a tool's arguments or in a message to another agent it is on its way to somebody who could use it. A chain
that a message carries to an agent that verifies it may hold such tokens, as long as the last of them is a new one.
"""

from dataclasses import dataclass

from sidecar.checks.base import Ports
from sidecar.content.turns import walked
from sidecar.model.crossing import Crossing, Direction
from sidecar.model.long_json import writing
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.protocols.a2a.authz import taking_out
from sidecar.protocols.passthrough import marking, marks
from sidecar.stores.base import Sightings


def build(ports: Ports) -> "PassthroughCheck":
    """Return the check over the tokens that were seen."""
    return PassthroughCheck(ports.known.sightings)


@dataclass(frozen=True, slots=True)
class PassthroughCheck:
    """Remembers the tokens of an inbound message, and denies everything outbound that holds one that was seen."""

    sightings: Sightings
    name: str = "passthrough"

    async def __call__(self, crossing: Crossing) -> Answer:
        if crossing.direction is Direction.INBOUND:
            if crossing.sender is not None:
                until = max(hop.expires_at for hop in crossing.sender.hops)
                await self.sightings.keep(marks(crossing.tokens), float(until), crossing.at)
            return allow(self.name)
        found = await _marks(crossing)
        if found and await self.sightings.seen(found, crossing.at):
            message = "it holds a token that was given to this agent: delegate, or exchange the token for another"
            return deny(self.name, "call_token_passthrough", message, severity=Severity.CRITICAL)
        return allow(self.name)


async def _marks(crossing: Crossing) -> frozenset[str]:
    if crossing.direction is None:
        if crossing.takes_long:
            await walked(crossing.writing())
        return await walked(marking(crossing.payload))
    opened = await walked(taking_out(crossing.body))
    carried = opened.carried.tokens if opened.carried is not None else ()
    return await walked(marking(await walked(writing(opened.body)))) | marks(carried[-1:])
