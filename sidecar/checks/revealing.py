"""Which values a tool gets for tokens: for the check that hands them on, and for the one on the tool's schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sidecar.checks.base import Ports
from sidecar.checks.drawers import of_tools, own
from sidecar.content.rewriting import Path, pieces
from sidecar.content.tokens import exchanged, found
from sidecar.model.crossing import Crossing
from sidecar.model.strict_json import Json
from sidecar.model.tokens import Forms
from sidecar.policy.privacy import Privacy
from sidecar.stores.base import NO_VAULT, Vault


def of_revealed(privacy: Privacy) -> Forms | None:
    """Return what finds the tokens of the kinds that any tool may have; None where no tool has values back."""
    kinds = [entity for entity, tools in privacy.reveal_to.items() if tools]
    return Forms(kinds) if kinds else None


@dataclass(frozen=True, slots=True)
class Revealed:
    """The arguments with values in the place of tokens, and where those stand."""

    body: Json = field(repr=False)
    places: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Revealing:
    """`forms` finds, for each tool, the tokens of the kinds that it may have; `any_tools` those of any tool's kinds."""

    vault: Vault = NO_VAULT
    forms: Mapping[str, Forms] = field(default_factory=dict)
    any_tools: Forms | None = None

    @classmethod
    def by(cls, ports: Ports) -> "Revealing":
        """Return it over the vault and what the policy reveals to whom."""
        by_tool: dict[str, set[str]] = {}
        for entity, tools in ports.policy.privacy.reveal_to.items():
            for tool in tools:
                by_tool.setdefault(tool, set()).add(entity)
        forms = {tool: Forms(entities) for tool, entities in by_tool.items()}
        return cls(ports.vault, forms, of_revealed(ports.policy.privacy))

    async def lend(self, crossing: Crossing, leaving: Json) -> None:
        """Let the tools know the tokens that stand in what is `leaving` for one of them. Raises as the vault."""
        if self.any_tools is None:
            return
        held = await found(pieces(leaving), self.any_tools)
        if held.tokens:
            await self.vault.lend(of_tools(crossing), held.tokens, crossing.at)

    async def revealed(self, crossing: Crossing) -> Revealed | None:
        """Return what the tool gets, None where that is the crossing's body. Raises as the vault."""
        forms = self.forms.get(crossing.tool)
        if forms is None:
            return None
        free = (piece for piece in pieces(crossing.body) if not (piece.is_name or piece.is_number))
        held = await found(free, forms)
        values = await self.vault.values(own(crossing), held.tokens, crossing.at)
        places = held.places(values)
        return Revealed(await exchanged(crossing.body, held, values), places) if places else None
