"""Do tokens stand in the message that mean something to the wrong one?

Another agent gets tokens of its own: the same value has another number there, so that two agents cannot tell that they
speak of the same person, and none can name a value that it was never told of. What comes back from it is turned into
the session's tokens; what looks like a token and is none of those that it was given is no token here either, since
otherwise a stranger could choose whose value a tool is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sidecar.checks.base import Ports
from sidecar.checks.drawers import of_peer, own
from sidecar.content.operators import redact
from sidecar.content.places import places
from sidecar.content.tokens import exchanged, found
from sidecar.model.crossing import Crossing, Direction
from sidecar.model.tokens import Forms, entity_of
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow
from sidecar.stores.base import Datum, Vault


def build(ports: Ports) -> "PeerTokensCheck":
    """Return the check, over the vault and the kinds that become tokens somewhere."""
    kinds = ports.policy.privacy.reveal_to
    return PeerTokensCheck(ports.vault, Forms(kinds) if kinds else None)


@dataclass(frozen=True, slots=True)
class PeerTokensCheck:
    """Hands on the message with the tokens of its receiver. `forms` is None where nothing becomes a token."""

    vault: Vault
    forms: Forms | None
    name: str = "peer_tokens"

    async def __call__(self, crossing: Crossing) -> Answer:
        if self.forms is None:
            return allow(self.name)
        free = (at.piece for at in places(crossing) if not (at.is_fixed or at.piece.is_number))
        held = await found(free, self.forms)
        instead = await self._instead(crossing, held.tokens) if held.tokens else {}
        if not instead:
            return allow(self.name)
        return Answer((self._finding(),), replace(crossing, body=await exchanged(crossing.body, held, instead)))

    async def _instead(self, crossing: Crossing, tokens: Sequence[str]) -> Mapping[str, str]:
        """Return what is written instead of `tokens`; what is not among it stays as it is."""
        is_outbound = crossing.direction is Direction.OUTBOUND
        given, wanted = (own, of_peer) if is_outbound else (of_peer, own)
        values = await self.vault.values(given(crossing), tokens, crossing.at)
        data = [Datum(entity_of(token), value) for token, value in values.items()]
        theirs = await self.vault.tokens(wanted(crossing), data, crossing.at) if data else ()
        known = dict(zip(values, theirs, strict=True))
        if is_outbound:
            return known
        return {token: known.get(token, redact(entity_of(token))) for token in tokens}

    def _finding(self) -> Finding:
        return Finding(
            check=self.name,
            decision=Decision.REDACT,
            reason="tokens_exchanged",
            message="tokens in the message were replaced by those of its receiver",
            severity=Severity.INFO,
        )
