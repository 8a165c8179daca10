"""Is the peer's Agent Card its own, and signed where we know its keys?

Each card is judged as it comes, so that a changed one is judged anew. Whether it was signed under pinned keys is
`peer.card_verified` to rules; a message without a card has none that is verified.
"""

from dataclasses import dataclass, replace

from sidecar.checks.base import Ports
from sidecar.errors import EvidenceError
from sidecar.identity.cards import Pins
from sidecar.model.crossing import Crossing
from sidecar.model.verdict import Answer, allow, deny
from sidecar.protocols.agent_card import read


def build(ports: Ports) -> "CardCheck":
    """Return the check over the pinned peers."""
    return CardCheck(ports.known.pins)


@dataclass(frozen=True, slots=True)
class CardCheck:
    """Denies a card of another agent, and one of a pinned peer whose signature does not hold."""

    pins: Pins
    name: str = "card"

    async def __call__(self, crossing: Crossing) -> Answer:
        if not crossing.card:
            return allow(self.name)
        try:
            verified = self.pins.is_signed(read(crossing.card), crossing.peer)
        except EvidenceError as error:
            return deny(self.name, error.reason, str(error))
        return allow(self.name, replace(crossing, card_verified=True) if verified else None)
