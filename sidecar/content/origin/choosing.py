"""Do only strangers name what a call is about?

Who orders something in words that nobody knows may mean a tool that does something with what he spoke of, or that
tells somebody something; not one that goes where only a stranger says, or is done to what only he names.
"""

from collections.abc import Iterable
from typing import Final

from sidecar.content.origin.deciding import is_row_of_his, leads
from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.index import Index
from sidecar.content.origin.named import affine
from sidecar.content.origin.normal import is_url
from sidecar.content.origin.values import first_values, is_id, references
from sidecar.content.origin.wanted import Wanted
from sidecar.model.origin import STRANGE, best
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json

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


def names_account(argument: Json, index: Index) -> bool:
    """Return whether a text of an argument has an account in it that only strangers named."""
    texts = (each for each in first_values(argument) if isinstance(each, str))
    keys = (key for text in texts for key in index.accounts(text))
    return any(STRANGE.issuperset(index.origins_by(key)) for key in keys)
