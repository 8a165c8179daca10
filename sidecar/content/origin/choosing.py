"""Do only strangers name what a call is about?

Who orders something in words that nobody knows may mean a tool that does something with what he spoke of, or that
tells somebody something; not one that goes where only a stranger says, or is done to what only he names.
"""

from collections.abc import Callable, Iterable
from typing import Final

from sidecar.content.origin.deciding import is_row_of_his, leads
from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.index import Index
from sidecar.content.origin.named import affine
from sidecar.content.origin.normal import is_url
from sidecar.content.origin.passages import Passage, orders_in
from sidecar.content.origin.places import ordered
from sidecar.content.origin.values import first_values, is_id, references
from sidecar.content.origin.wanted import Wanted
from sidecar.model.origin import STRANGE, Origin, best
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json

NONE_LED: Final = frozenset[str]()
OWN: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS})
LEAST_TELLING: Final = 4  # characters of a text that tells by itself what it is
MAX_REFERENCES: Final = 64  # addresses within one text


def is_chosen_by_strangers(
    arguments: Json, index: Index, terms: Iterable[str], wanted: Wanted, done: Deed
) -> Steps[bool]:
    """Come to whether an address, an account or an id in a call is one that only strangers named.

    It is none where it bears a name that the user gave, one of `terms`; but a site can be called anything. Nor is an
    id in a row of a table that the user pointed at for this deed.
    """
    for value in first_values(arguments):
        for each in [value, *references(value)[:MAX_REFERENCES]] if isinstance(value, str) else ():
            is_strange = leads(each) and best(index.origins(each)) in STRANGE
            if is_strange and is_id(each) and any(is_row_of_his(wanted, each, p, done) for p in index.find(each)):
                continue
            if is_strange and (is_url(each) or not (yield from affine(each, terms))):
                return True
            yield
    return False


def led_by(
    given: Iterable[str | float], wanted: Wanted, index: Index, terms: Iterable[str], done: Deed
) -> Steps[frozenset[str]]:
    """Come to those of the values of a look-up that a stranger's text tells to look for, and no user.

    What is told where the user left it to somebody, or said to follow, is looked for in his name. A page is public,
    whoever leads there.
    """
    found = set()
    for value in given:
        if not isinstance(value, str) or len(value) < LEAST_TELLING or is_url(value):
            continue
        held = index.find(value)
        strange = [each for each in held if each.origin in STRANGE and not _is_followed(each, wanted)]
        yield
        if not strange or not OWN.isdisjoint(each.origin for each in held) or (yield from affine(value, terms)):
            continue
        for each in strange:
            if ordered(value, each.text, orders_in(each, done)[0], each.lines):
                found.add(value)
            yield
    return frozenset(found)


def looked_up_through(
    given: Iterable[str | float], index: Index, is_named: Callable[[str | float], bool]
) -> frozenset[str]:
    """Return the values of a look-up, where nobody but a text that the user said to follow names any of them.

    Strangers write where that leads, too, and he said to follow nothing there. `is_named`: the user calls it so.
    """
    found = set()
    for value in given:
        held = index.find(value)
        if is_named(value) or any(each.origin not in STRANGE for each in held):
            return NONE_LED
        found |= {str(value)} if any(each.is_followed for each in held) else set()
    return frozenset(found)


def _is_followed(passage: Passage, wanted: Wanted) -> bool:
    return (wanted.follows and passage.is_followed) or (wanted.leaves and passage.is_by)


def names_account(argument: Json, index: Index) -> bool:
    """Return whether a text of an argument has an account in it that only strangers named."""
    texts = (each for each in first_values(argument) if isinstance(each, str))
    keys = (key for text in texts for key in index.accounts(text))
    return any(STRANGE.issuperset(index.origins_by(key)) for key in keys)
