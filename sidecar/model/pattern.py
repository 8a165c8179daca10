"""Names of tools and models with `*` for any characters: what matches, and what is more specific."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

_MANY: Final = 4096  # patterns that are kept taken apart; packs have fewer


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name, or a pattern of names."""

    text: str
    pieces: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take it apart once."""
        object.__setattr__(self, "pieces", _pieces(self.text))

    def matches(self, name: str) -> bool:
        """Return whether `name` is one of those that are meant."""
        return name == self.text or (len(self.pieces) > 1 and matches(self.pieces, name))

    @property
    def specificity(self) -> tuple[int, int]:
        """The more of it stands there, the greater: a name before a pattern, more characters before fewer stars."""
        stars = len(self.pieces) - 1
        return (0 if stars else 1, len(self.text) - 2 * stars)


def matches(pieces: Sequence[str], name: str) -> bool:
    """Return whether `name` has the pieces between the stars in order; takes linear time."""
    first, *middle, last = pieces
    if len(name) < len(first) + len(last) or not (name.startswith(first) and name.endswith(last)):
        return False
    at, end = len(first), len(name) - len(last)
    for piece in middle:
        at = name.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


@lru_cache(_MANY)
def _pieces(text: str) -> tuple[str, ...]:
    return tuple(text.split("*"))
