"""What has the session itself put into the world, before anybody vouched for it?

Who pays into an account reads of it in the answer (`sent to …`) and in the list of payments from then on: the tool says
back what it was told, and that is no word for it. What a call that acts is made with keeps the origin that it had when
it went in, whatever tools say later; only the user, or instructions, may speak for it then.

Told apart are values by which something is found again: addresses, accounts, and short texts; a number or a day is in
too many places. What a call has made bears an id that nobody could have named before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.content.origin.index import Index
from sidecar.content.origin.normal import folded, naming_by_kind
from sidecar.content.origin.passages import exact_keys, pieces
from sidecar.content.origin.said import Said
from sidecar.content.origin.values import is_id
from sidecar.model.origin import Origin
from sidecar.model.steps import Steps

MAX_SOWN: Final = 20_000  # keys of one session; where there were more, tools vouch for nothing any longer
MAX_MADE: Final = 16  # things that one call makes
SHORTEST: Final = 4  # characters of a text that names something
LONGEST: Final = 200
_VOUCHED: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS, Origin.TRUSTED})


@dataclass(slots=True)
class Sown:
    """The keys of what one session put into the world. Not a value: it grows."""

    keys: set[str] = field(default_factory=set, repr=False)
    is_full: bool = False

    def sow(self, keys: frozenset[str]) -> None:
        """Take in the keys of what calls were made with."""
        self.is_full |= len(self.keys) + len(keys) > MAX_SOWN
        if not self.is_full:
            self.keys |= keys

    def has_made(self, value: str | float) -> bool:
        """Return whether a call of the session made what has this folded id."""
        return f"+{value}" in self.keys

    def holds(self, value: str | float) -> bool:
        """Return whether the session itself put a folded text there."""
        if not isinstance(value, str) or not (self.keys or self.is_full):
            return False
        return self.is_full or f"={value}" in self.keys or any(key in self.keys for key in exact_keys(value))


def made_by(texts: Iterable[Said], index: Index) -> frozenset[str]:
    """Return the keys of what a call has made, by the ids that its tool answers for and that nobody named before."""
    told = (folded(each.text) for each in texts if each.origin is Origin.TRUSTED and len(each.text) <= LONGEST)
    ids = (value for value in told if is_id(value) and not index.find(value))
    return frozenset(f"+{value}" for value, _ in zip(ids, range(MAX_MADE), strict=False))


def sown_by(given: Sequence[str | float], index: Index, sown: Sown) -> Steps[frozenset[str]]:
    """Come to the keys of what a call is `given`, nobody has vouched for yet, and was not `sown` before."""
    found: set[str] = set()
    for value in dict.fromkeys(each for each in given if isinstance(each, str)):
        if f"={value}" in sown.keys:
            continue
        if SHORTEST <= len(value) <= LONGEST and not value.isdigit() and index.origins(value).isdisjoint(_VOUCHED):
            found.add(f"={value}")
        yield
        for keys in (keys for piece in pieces(value) for keys in naming_by_kind(piece)):
            found.update(key for key in keys if index.origins_by(key).isdisjoint(_VOUCHED))
            yield
    return frozenset(found)
