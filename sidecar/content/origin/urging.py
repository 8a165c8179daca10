"""Does a stranger's text speak of what a call does, or name what it does it with?

Where none does, nobody has asked the agent for it but the user, though in words that nobody knows.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Final

from sidecar.content.origin.deeds import Deed
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
    runs = phrases(value)
    return [value, *references(value)[:MAX_REFERENCES], *runs[:: -(-len(runs) // MAX_PHRASES) or 1]]
