"""The tokens in the texts of a body, and the body with something else in their places.

Both are worked out in short steps, between which others have their turn: a long text takes a tenth of a second.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.content.rewriting import Path, Piece, renaming, rewriting
from sidecar.content.turns import walked
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json
from sidecar.model.tokens import Form, Forms, written

SCANNED: Final = 2_048  # characters in one step: less than a third of a millisecond
WRITTEN: Final = 256  # pieces of a text in one step: as long


@dataclass(frozen=True, slots=True)
class Found:
    """The tokens of a body as they stand in each piece that holds some, and each of them once; both in order."""

    forms: Mapping[Piece, Sequence[Form]]
    tokens: tuple[str, ...]

    def places(self, tokens: Collection[str]) -> tuple[Path, ...]:
        """Return where one of `tokens` stands."""
        return tuple(p.path for p, forms in self.forms.items() if any(form.token in tokens for form in forms))


async def found(texts: Iterable[Piece], forms: Forms) -> Found:
    """Return what tokens stand in `texts`."""
    return await walked(_finding(texts, forms))


async def exchanged(body: Json, held: Found, instead: Mapping[str, str]) -> Json:
    """Return `body`, of which `held` tells the tokens, with those replaced that `instead` knows."""
    return await walked(_exchanging(body, held, instead))


def _finding(texts: Iterable[Piece], forms: Forms) -> Steps[Found]:
    held: dict[Piece, list[Form]] = {}
    tokens: dict[str, None] = {}
    for piece in texts:
        here: list[Form] = []
        at = 0
        for stop in range(SCANNED, len(piece.text) + SCANNED, SCANNED):
            for form in forms.find(piece.text, at, stop):
                here.append(form)
                tokens[form.token] = None
                at = form.end
            at = max(at, stop)
            yield
        if here:
            held[piece] = here
    return Found(held, tuple(tokens))


def _exchanging(body: Json, held: Found, instead: Mapping[str, str]) -> Steps[Json]:
    texts: dict[Path, str] = {}
    names: dict[Path, str] = {}
    for piece, forms in held.forms.items():
        if any(form.token in instead for form in forms):
            parts: list[str] = []
            for part in written(piece.text, forms, instead):
                parts.append(part)
                if len(parts) % WRITTEN == 0:
                    yield
            (names if piece.is_name else texts)[piece.path] = "".join(parts)
            yield
    unique = yield from renaming(body, names)
    return (yield from rewriting(body, texts, unique))
