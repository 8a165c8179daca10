"""Does the message carry a chain, and is it the only one?

The extension that carries a chain is authority, no part of what is said: it is taken out of every message, and out of
one to another agent unless that agent is pinned as one that verifies chains. Inbound, it is the sender's chain where no
tokens came beside the message; two that differ are refused, because authority comes from one chain.
"""

from dataclasses import dataclass, replace

from sidecar.checks.base import Ports
from sidecar.content.turns import walked
from sidecar.errors import EvidenceError
from sidecar.identity.cards import Pins
from sidecar.model.crossing import Crossing, Direction
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow, deny
from sidecar.protocols.a2a.authz import taking_out


def build(ports: Ports) -> "CarriedCheck":
    """Return the check over the pinned peers."""
    return CarriedCheck(ports.known.pins)


@dataclass(frozen=True, slots=True)
class CarriedCheck:
    """Takes the chain out of a message, and hands it on as the sender's."""

    pins: Pins
    name: str = "carried"

    async def __call__(self, crossing: Crossing) -> Answer:
        try:
            opened = await walked(taking_out(crossing.body))
        except EvidenceError as error:
            return deny(self.name, error.reason, str(error))
        if opened.body is crossing.body:
            return allow(self.name)
        if crossing.direction is Direction.OUTBOUND and self.pins.is_verifier(crossing.peer):
            return allow(self.name)
        onward = replace(crossing, body=opened.body)
        if crossing.direction is Direction.INBOUND and opened.carried is not None:
            if crossing.tokens and crossing.tokens != opened.carried.tokens:
                return deny(
                    self.name, "token_ambiguous", "the message carries another chain than came beside it: send one"
                )
            onward = replace(onward, tokens=opened.carried.tokens, proof=opened.carried.proof or crossing.proof)
        finding = Finding(
            check=self.name,
            decision=Decision.REDACT,
            reason="chain_removed",
            message="the chain that the message carried does not cross with it",
            severity=Severity.INFO,
        )
        return Answer((finding,), onward)
