"""Do tokens stand in the message that mean something to the wrong one?

Another agent gets tokens of its own: the same value has another number there, so that two agents cannot tell that they
speak of the same person, and none can name a value that it was never told of. What comes back from it is turned into
the session's tokens; what looks like a token and is none of those that it was given is no token here either, since
otherwise a stranger could choose whose value a tool is given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sidecar.checks.base import Ports
from sidecar.checks.drawers import of_peer, own
from sidecar.content.operators import redact
from sidecar.content.places import places
from sidecar.content.rewriting import Path, renamed, rewrite
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
        free = [at.piece for at in places(crossing) if not (at.is_fixed or at.piece.is_number)]
        asked = {piece: {form.token for form in self.forms.find(piece.text)} for piece in free}
        tokens = list(dict.fromkeys(token for found in asked.values() for token in sorted(found)))
        instead = await self._instead(crossing, tokens) if tokens else {}
        changed = [piece for piece in free if not asked[piece].isdisjoint(instead)]
        if not changed:
            return allow(self.name)
        texts: dict[Path, str] = {}
        names: dict[Path, str] = {}
        for piece in changed:
            (names if piece.is_name else texts)[piece.path] = self.forms.replaced(piece.text, instead)
        body = rewrite(crossing.body, texts, renamed(crossing.body, names))
        return Answer((self._finding(),), replace(crossing, body=body))

    async def _instead(self, crossing: Crossing, tokens: list[str]) -> Mapping[str, str]:
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
