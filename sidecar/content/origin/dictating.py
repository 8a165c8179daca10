"""Does a stranger's sentence spell a call out: what it is done with, and what is to become of that?

No order need be heard in it. Where an id and a value beside it stand in one sentence of a stranger's, and in two
arguments of one call, and the user said neither, then that sentence chose them, in whatever language and mood.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sidecar.content.origin.deciding import is_entrusted, is_row_of_his
from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.index import Index
from sidecar.content.origin.passages import Passage
from sidecar.content.origin.places import together
from sidecar.content.origin.values import MAX_VALUES, is_id, values
from sidecar.content.origin.wanted import Wanted
from sidecar.model.origin import STRANGE, Origin, best
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json

SHORTEST: Final = 2  # characters of what an id is ordered with

IsOwn = Callable[[str | float], Steps[bool]]  # whether the user said a value


def spells_out(arguments: Json, done: Deed, wanted: Wanted, index: Index, is_own: IsOwn) -> Steps[bool]:
    """Come to whether strangers spell the call out with something that the user did not name, nor leave to them."""
    if not isinstance(arguments, Mapping):
        return False
    given = [(name, each) for name, held in arguments.items() for each in values(held)]
    if len(given) >= MAX_VALUES:
        return False
    for name, value in given:
        found = index.find(value) if is_id(value) else []
        yield
        chosen = [
            each for each in found if each.origin in STRANGE and not _is_left_to(value, each, done, wanted, found)
        ]
        if not chosen or (yield from is_own(value)):
            continue
        others = [each for other, each in given if other != name and len(str(each)) >= SHORTEST]
        for each in others:
            if not any(together(value, [each], passage.text) for passage in chosen):
                continue
            if best(index.origins(each)) is not Origin.TRUSTED and not (yield from is_own(each)):
                return True  # what a tool answers for is told by it, whoever tells it, too
            yield
    return False


def _is_left_to(value: str | float, passage: Passage, done: Deed, wanted: Wanted, found: list[Passage]) -> bool:
    if passage.is_referred and wanted.leaves_to(done):
        return True
    if is_row_of_his(wanted, value, passage, done):
        return True
    is_known = any(each.origin is Origin.TRUSTED for each in found)
    return is_entrusted(wanted, value, passage, done, is_known=is_known)
