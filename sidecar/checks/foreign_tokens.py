"""Did somebody else write a token into what a tool answers?

A token is a name for a value that this session knows. A stranger who guesses one (`<CREDIT_CARD_1>`) and writes it into
a mail or a page would choose whose value a tool is given next, and a note that another session left behind names
other values than this one. So only tokens that this session gave to its tools come back from them as tokens; of any
other the kind is left (`<CREDIT_CARD>`). Kinds that no tool has back are left alone: nothing is to be had by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sidecar.checks.base import Ports
from sidecar.checks.drawers import of_tools
from sidecar.checks.revealing import of_revealed, reveals_of
from sidecar.content.operators import redact
from sidecar.content.rewriting import pieces
from sidecar.content.tokens import exchanged, found
from sidecar.content.turns import by_turns, walked
from sidecar.model.crossing import Crossing
from sidecar.model.tokens import Forms, entity_of
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow
from sidecar.stores.base import Vault

TOKENS_AT_ONCE: Final = 128  # that the vault is asked about: less than half a millisecond


def build(ports: Ports) -> "ForeignTokensCheck":
    """Return the check, over the vault and the kinds that some tool has back."""
    return ForeignTokensCheck(ports.vault, of_revealed(reveals_of(ports.policy)))


@dataclass(frozen=True, slots=True)
class ForeignTokensCheck:
    """Hands on the response without tokens that no tool was given. `forms` is None where no value is ever revealed."""

    vault: Vault
    forms: Forms | None
    name: str = "foreign_tokens"

    async def __call__(self, crossing: Crossing) -> Answer:
        if self.forms is None:
            return allow(self.name)
        if crossing.takes_long:
            await walked(crossing.writing())
        if self.forms.are_absent(crossing.payload):
            return allow(self.name)
        held = await found(pieces(crossing.body), self.forms)
        given: dict[str, str] = {}
        async for some in by_turns(held.tokens, TOKENS_AT_ONCE):
            given |= await self.vault.values(of_tools(crossing), some, crossing.at)
        foreign = {token: redact(entity_of(token)) for token in held.tokens if token not in given}
        if not foreign:
            return allow(self.name)
        return Answer((self._finding(foreign),), replace(crossing, body=await exchanged(crossing.body, held, foreign)))

    def _finding(self, foreign: Mapping[str, str]) -> Finding:
        kinds = ", ".join(sorted({entity_of(token) for token in foreign}))
        return Finding(
            check=self.name,
            decision=Decision.REDACT,
            reason="token_foreign",
            message=f"tokens that no tool was given were taken out: {kinds}",
            severity=Severity.MEDIUM,
        )
