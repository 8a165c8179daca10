"""Which values a tool gets for tokens: for the check that hands them on, and for the one on the tool's schema."""

from dataclasses import dataclass, field
from typing import Final

from sidecar.checks.base import Ports
from sidecar.checks.drawers import of_tools, own
from sidecar.content.rewriting import Path, Piece, pieces
from sidecar.content.tokens import Found, exchanged, found
from sidecar.model.crossing import Crossing
from sidecar.model.strict_json import Json
from sidecar.model.tokens import Form, Forms, entity_of
from sidecar.policy.policy import Policy
from sidecar.policy.reveals import Reveal, Reveals
from sidecar.stores.base import NO_VAULT, Vault

NOTHING_DUE: Final = Found({}, ())


def of_revealed(reveals: Reveals) -> Forms | None:
    """Return what finds the tokens of the kinds that any tool may have; None where no tool has values back."""
    return Forms(reveals.kinds) if reveals.kinds else None


def reveals_of(policy: Policy) -> Reveals:
    """Return what each tool of `policy` gets back for tokens."""
    return Reveals(policy.privacy, policy.catalogue)


@dataclass(frozen=True, slots=True)
class Revealed:
    """The arguments with values in the place of tokens, and where those stand."""

    body: Json = field(repr=False)
    places: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Revealing:
    """`reveals` tells what each tool may have, and where; `forms` finds the tokens of the kinds of any tool."""

    vault: Vault = NO_VAULT
    reveals: Reveals = field(default_factory=Reveals)
    forms: Forms | None = None

    @classmethod
    def by(cls, ports: Ports) -> "Revealing":
        """Return it over the vault and what the policy reveals to whom."""
        reveals = reveals_of(ports.policy)
        return cls(ports.vault, reveals, of_revealed(reveals))

    async def lend(self, crossing: Crossing, leaving: Json) -> None:
        """Let the tools know the tokens that stand in what is `leaving` for one of them. Raises as the vault."""
        if self.forms is None or (leaving is crossing.body and self.forms.are_absent(crossing.payload)):
            return
        held = await found(pieces(leaving), self.forms)
        if held.tokens:
            await self.vault.lend(of_tools(crossing), held.tokens, crossing.at)

    async def due(self, crossing: Crossing) -> Found:
        """Return the tokens in the arguments of which the tool may have the values, where they stand."""
        if self.forms is None or self.forms.are_absent(crossing.payload):
            return NOTHING_DUE
        reveal = self.reveals.to(crossing.tool)
        if not reveal:
            return NOTHING_DUE
        free = (piece for piece in pieces(crossing.body) if not (piece.is_name or piece.is_number))
        return _granted(await found(free, self.forms), reveal)

    async def revealed(self, crossing: Crossing) -> Revealed | None:
        """Return what the tool gets, None where that is the crossing's body. Raises as the vault."""
        held = await self.due(crossing)
        if not held.tokens:
            return None
        values = await self.vault.values(own(crossing), held.tokens, crossing.at)
        places = held.places(values)
        return Revealed(await exchanged(crossing.body, held, values), places) if places else None


def _granted(held: Found, reveal: Reveal) -> Found:
    """Return those of `held` that stand where the tool may have values of their kind."""
    kept: dict[Piece, list[Form]] = {}
    for piece, some in held.forms.items():
        kinds = reveal.at(piece.path)
        if due := [form for form in some if entity_of(form.token) in kinds]:
            kept[piece] = due
    tokens = dict.fromkeys(form.token for some in kept.values() for form in some)
    return Found(kept, tuple(tokens))
