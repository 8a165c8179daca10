"""Does the user want to part with just what a call deletes, in words that nobody listed?

Who says `lose everything from the bank`, or `its notice can come down`, names what he means: names of it, of its
sender, of its place stand in his sentence and in what a tool tells of the record. So the record tells what the words do
not. Not where the user only asks or tells something, nor where his words are for another act.
"""

from collections.abc import Iterator
from typing import Final

from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.index import Index
from sidecar.content.origin.passages import Passage
from sidecar.content.origin.speech import NO_ORDER, stem, stems
from sidecar.content.origin.values import first_values
from sidecar.content.origin.vocabulary import GENERAL
from sidecar.content.origin.wanted import Wanted
from sidecar.model.origin import Origin
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json

LONGEST: Final = 60  # characters of what names something
MAX_GIVEN: Final = 16  # values of one call; what deletes with more is left to a person
MAX_TOLD: Final = 64  # passages of one record
LEAST_LETTERS: Final = 3

_OWN: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS})
_NOBODYS: Final = frozenset(map(stem, NO_ORDER)) | GENERAL


def is_parted_with(arguments: Json, index: Index, wanted: Wanted, done: Deed, *, is_urged: bool) -> Steps[bool]:
    """Come to whether the user wants to part with all that a call of this deed names.

    What only strangers name is nothing that he can have meant. `is_urged`: they speak of the deed, or of what it is
    done with; then his word for it must be one that is known.
    """
    given = [str(each) for each in first_values(arguments)]
    if not given or len(given) > MAX_GIVEN or not (meant := list(wanted.parting(done, is_urged=is_urged))):
        return False
    for value in given:
        named = _told_of(value, index) if len(value) <= LONGEST else frozenset[str]()
        yield
        named -= done.things
        meant = [each for each in meant if not each[0].isdisjoint(named) and not (each[1] and each[1] <= named)]
        if not meant:
            return False
    return True


def _told_of(value: str, index: Index) -> frozenset[str]:
    """Return the stems of the words by which a tool, or the user, tells of what has this id or name."""
    held = index.find(value)
    told = stems(value) if any(each.origin in _OWN for each in held) else frozenset[str]()
    for each in held:
        if each.origin is Origin.TRUSTED and each.text == value:
            told = told.union(*(stems(one.text) for one in _record(each, index)))
    return frozenset(word for word in told if len(word) >= LEAST_LETTERS) - _NOBODYS


def _record(passage: Passage, index: Index) -> Iterator[Passage]:
    """Yield what is short in the record of this passage, which a tool lists: whoever gave it its title."""
    return (each for each in index.beside(passage, MAX_TOLD) if len(each.text) <= LONGEST)
