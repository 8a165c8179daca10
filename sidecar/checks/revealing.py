"""Which values a tool gets for tokens: for the check that hands them on, and for the one on the tool's schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.checks.base import Ports
from sidecar.checks.doing import Doing
from sidecar.checks.drawers import of_tools, own
from sidecar.checks.giving import Giving, kinds_called
from sidecar.content.origin.trails import Trails
from sidecar.content.rewriting import Path, Piece, pieces
from sidecar.content.tokens import Found, exchanged, found
from sidecar.model.crossing import Crossing
from sidecar.model.strict_json import Json
from sidecar.model.tokens import Form, Forms, entity_of
from sidecar.policy.catalogue import Catalogue
from sidecar.policy.policy import Policy
from sidecar.policy.reveals import Reveal, Reveals
from sidecar.stores.base import NO_VAULT, Vault

Placed = Mapping[Piece, Sequence[Form]]
MAX_WISHED: Final = 64  # values of one call of which the user's words are asked: each takes a millisecond at most
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
class Wishes:
    """What sessions were told, and what the tools of the catalogue do."""

    trails: Trails
    catalogue: Catalogue
    doing: Doing

    async def granted(self, crossing: Crossing, left: Placed, values: Mapping[str, str]) -> Placed:
        """Return those of `left` whose values the user means the call to have; of a token without one, none."""
        tool = self.catalogue.find(crossing.tool)
        giving = None if tool is None else Giving.of(crossing, tool)
        if tool is None or giving is None or giving.is_strange:
            return {}
        session = crossing.proven
        await self.trails.recall(session)
        done = self.doing.deed(crossing.tool, tool)
        known = {
            token: await self.trails.meant(session.id, done, token, entity_of(token), value)
            for token, value in tuple(values.items())[:MAX_WISHED]
        }
        kept: dict[Piece, list[Form]] = {}
        for piece, some in left.items():
            called = kinds_called(crossing.body, piece.path)
            for form in some:
                whole = (form.start, form.end) == (0, len(piece.text)) and entity_of(form.token) in called
                if form.token in known and giving.gives(known[form.token], is_called=whole):
                    kept.setdefault(piece, []).append(form)
        return kept


@dataclass(frozen=True, slots=True)
class Revealing:
    """`reveals` tells what each tool may have, and where; `forms` finds the tokens of the kinds of any tool.

    `wishes` tells what the user means a call to have besides; without them that is nothing.
    """

    vault: Vault = NO_VAULT
    reveals: Reveals = field(default_factory=Reveals)
    forms: Forms | None = None
    wishes: Wishes | None = None

    @classmethod
    def by(cls, ports: Ports) -> "Revealing":
        """Return it over the vault and what the policy reveals to whom."""
        reveals = reveals_of(ports.policy)
        return cls(ports.vault, reveals, of_revealed(reveals))

    @classmethod
    def at_last(cls, ports: Ports) -> "Revealing":
        """Return it for calls of which it is known where their arguments come from: what the user means goes, too."""
        catalogue = ports.policy.catalogue
        return replace(cls.by(ports), wishes=Wishes(ports.trails, catalogue, Doing(catalogue)))

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
        held = await found(free, self.forms)
        kept = _granted(held, reveal)
        left = _left(held, kept, reveal.wished) if self.wishes is not None else {}
        if self.wishes is not None and left:
            tokens = dict.fromkeys(form.token for some in left.values() for form in some)
            values = await self.vault.values(own(crossing), tuple(tokens), crossing.at)
            more = await self.wishes.granted(crossing, left, values)
            kept = {
                piece: [form for form in some if form in kept.get(piece, ()) or form in more.get(piece, ())]
                for piece, some in held.forms.items()
                if piece in kept or piece in more
            }
        return Found(kept, tuple(dict.fromkeys(form.token for some in kept.values() for form in some)))

    async def revealed(self, crossing: Crossing) -> Revealed | None:
        """Return what the tool gets, None where that is the crossing's body. Raises as the vault."""
        held = await self.due(crossing)
        if not held.tokens:
            return None
        values = await self.vault.values(own(crossing), held.tokens, crossing.at)
        places = held.places(values)
        return Revealed(await exchanged(crossing.body, held, values), places) if places else None


def _granted(held: Found, reveal: Reveal) -> Placed:
    """Return those of `held` that stand where the tool may have values of their kind."""
    kept: dict[Piece, list[Form]] = {}
    for piece, some in held.forms.items():
        kinds = reveal.at(piece.path)
        if due := [form for form in some if entity_of(form.token) in kinds]:
            kept[piece] = due
    return kept


def _left(held: Found, kept: Placed, kinds: frozenset[str]) -> Placed:
    """Return those of `held` that are of `kinds` and not `kept`."""
    rest: dict[Piece, list[Form]] = {}
    for piece, some in held.forms.items():
        done = kept.get(piece, ())
        if left := [form for form in some if form not in done and entity_of(form.token) in kinds]:
            rest[piece] = left
    return rest
