"""Does a stranger's text speak of what a call does, or name what it does it with?

Where none does, nobody has asked the agent for it but the user, though in words that nobody knows.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.places import numbers_borne
from sidecar.content.origin.speech import sayings, stems
from sidecar.content.origin.values import MAX_VALUES, first_values, phrases, references
from sidecar.model.origin import STRANGE, Origin
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json

LEAST_LETTERS: Final = 4  # of a text that names something
LEAST_DIGITS: Final = 3
MAX_PHRASES: Final = 256  # of one text that are looked up, evenly spread
MAX_REFERENCES: Final = 64  # addresses within one text
OWN: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS})

Origins = Callable[[str | float], AbstractSet[Origin]]  # of the passages that hold a value


@dataclass(slots=True)
class Heard:
    """What strangers spoke of in one session: the stems of their words, and the short numbers of things.

    Not a value: it grows.
    """

    said: set[str] = field(default_factory=set, repr=False)
    numbers: set[str] = field(default_factory=set, repr=False)
    is_any: bool = False

    def hearing(self, text: str) -> Steps[None]:
        """Take in a folded text of a stranger's."""
        self.is_any = True
        self.said |= stems(text)
        yield
        self.said |= sayings(text)
        self.numbers |= numbers_borne(text)
        yield

    def tells(self, value: str | float) -> bool:
        """Return whether a value tells by itself what it is: no number of many texts, unless it was that of a thing."""
        return isinstance(value, str) or len(str(value)) >= LEAST_DIGITS or str(value) in self.numbers


def urging(arguments: Json, done: Deed, said: AbstractSet[str], origins: Origins) -> Steps[bool]:
    """Come to whether strangers, whose words have the stems `said`, speak of the deed or name what it is done with."""
    if done.is_in(said) or not done.own.things.isdisjoint(said):
        return True
    given = first_values(arguments)
    if len(given) >= MAX_VALUES:
        return True
    for value in given:
        for each in _named(value):
            found = origins(each)
            if not found.isdisjoint(STRANGE) and found.isdisjoint(OWN):
                return True
            yield
    return False


def _named(value: str | float) -> list[str | float]:
    """Return what of a value is looked up: itself, and of a text its addresses and phrases, too."""
    if not isinstance(value, str):
        return [value] if len(str(value)) >= LEAST_DIGITS else []
    if len(value) < LEAST_LETTERS:
        return []
    return [value, *references(value)[:MAX_REFERENCES], *phrases(value, MAX_PHRASES)]
