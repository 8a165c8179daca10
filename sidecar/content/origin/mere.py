"""Does a stranger's text merely tell what leads nowhere: a text, a day, a sum, or where an appointment is?

Where people meet is told in a few words (`room 4`, `the school gate`) that reach nobody. Who has an appointment entered
and points at the text that tells of it, or calls the place himself, means that one. What leads somewhere is no such
place: a link, an address of the net, a number by which somebody is called.
"""

from typing import Final

from sidecar.content.origin.deciding import is_mere
from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.index import Index
from sidecar.content.origin.normal import identifiers, words
from sidecar.content.origin.places import payees
from sidecar.content.origin.speech import NO_ORDER, stem
from sidecar.content.origin.values import MAX_VALUES, parts, phrases, references
from sidecar.content.origin.wanted import Wanted
from sidecar.model.origin import STRANGE
from sidecar.model.steps import Steps

PLACE: Final = "place"  # the kind of where something is that has a time
LONGEST: Final = 60  # characters of a place that has a name
MOST_WORDS: Final = 8
SHORTEST: Final = 4  # letters of a word for one: `hall`, `room`
_MARKS: Final = frozenset("@#\\<>{}[]`=|")  # of handles, channels, markup


def is_merely_told(value: str | float, done: Deed, kind: str, most: int, index: Index, wanted: Wanted) -> Steps[bool]:
    """Come to whether a value of this kind that strangers tell leads nowhere, and is nothing that they decide.

    Of a long text `most` phrases are looked up.
    """
    if isinstance(value, str) and (references(value) or payees(value)):
        return False
    if kind == PLACE and not (isinstance(value, str) and _is_name(value)):
        return False
    given = [value, *(phrases(value, most) if isinstance(value, str) else ())]
    if kind == PLACE and isinstance(value, str):
        given = [value, *parts(value)[:MAX_VALUES]]
    is_called = kind == PLACE and _is_called(str(value), done, wanted)
    for run in given:
        found = [each for each in index.find(run) if each.origin in STRANGE]
        if kind == PLACE and found and not (is_called or any(each.is_referred for each in found)):
            return False
        for passage in found:
            if not is_mere(wanted, run, passage, done, kind):
                return False
            yield
    return True


def _is_name(value: str) -> bool:
    """Return whether a folded text may be what a place is called, and nothing by which somebody is reached."""
    if len(value) > LONGEST or not _MARKS.isdisjoint(value) or "://" in value or "www" in value:
        return False
    return len(words(value)) <= MOST_WORDS and next(identifiers(value), None) is None


def _is_called(value: str, done: Deed, wanted: Wanted) -> bool:
    """Return whether the user calls a place so where he asks for the deed: `at the station`, `in the same room`."""
    said = [each for each in words(value) if each not in NO_ORDER]
    ends = {stem(each) for each in (*said[:1], *said[-1:]) if each.isalpha() and len(each) >= SHORTEST}
    return any(wanted.calls_it(each, done) for each in sorted(ends))
