"""People whom a given name tells, whatever the model thinks: `Aiko`, and `Jane Doe` where the name is a word, too.

The model was trained on news in English: of names of other languages it misses every second, and in lists, forms and
chats more. What follows the given name is read with it as long as it is written as a name is. A saint's name is a
town's, and a name before `Street` or `Ltd` is no person's.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.given_names import ALONE, BEFORE
from sidecar.content.recognizers.cues import holds, listed
from sidecar.content.recognizers.gazetteer import MONTHS_AND_SMALL_WORDS, STRONG_SUFFIXES

ENTITIES: Final = frozenset({"PERSON"})
REPLACES: Final = frozenset[str]()

FOUND: Final = 0.6
_ALL: Final = ALONE | BEFORE
SHORTEST_IN_CAPITALS: Final = 4  # letters of a given name by itself: `ANH` may be short for anything

_GIVEN = re.compile(
    r"(?<![\w@./\\#$&-])[^\W\d_a-z][^\W\d_]{1,15}(?:-[^\W\d_a-z][^\W\d_]{1,15})?(?![\w@(/\\\[=]|[.:][\w:]|-\w|['\u2019][^\Ws])"
)
_PARTICLE = (
    r"(?:d[aeiou]s?|de la|de los|del|della|van de[nr]?|van|von der|von|zu|la|le|el|al|bin|ibn|ben|ter|ten|y|e|i)"
)
_PART = r"[^\W\d_a-z][^\W\d_]*(?:['\u2019-][^\W\d_]+)*"
_MORE = re.compile(rf"[ \xa0](?:{_PARTICLE}[ ])?(?P<part>{_PART})(?:(?<=[ \xa0][^\W\d_])\.)?(?![\w@(/\\=]|\.\w)")
MAX_MORE: Final = 3  # names behind the given one
_PLACE = re.compile(
    r"(?:San|Santa|Santo|S[ãa]o|Saint|Sankt|Sint|St\.?|Ste\.?|Mount|Port|Fort|Lake|Cape|El|Villa)[ -]\Z"
)
_PLACE_REACH: Final = 6  # characters of such a word
_ENDING: Final = MONTHS_AND_SMALL_WORDS | listed(
    """
    monday tuesday wednesday thursday friday saturday sunday please thanks thank regards hello hi hey dear sincerely
    phone email mail tel fax address date dob subject re cc bcc iban ssn from sent
    """
)
# Behind a name: what it makes of it is no person.
_NO_PERSON: Final = STRONG_SUFFIXES | listed(
    """
    inc ltd llc gmbh ag kg bv nv plc corp co sa spa srl oy ab as company group holding holdings bank hotel hospital
    university college school institute foundation airport station church museum library bridge river
    island islands bay beach county province state city prize award cup stadium theatre theater center centre clinic
    restaurant cafe bakery pharmacy motors airlines records studios press labs framework server library method
    theorem algorithm distribution equation law syndrome disease sans serif
    """
)


# Who says in small letters who it is: `its priya nair, i moved`.
_INTRODUCED = re.compile(
    r"\b(?:it['\u2019]?s|i['\u2019]?m|i am|this is)[ ]"
    r"(?P<name>(?P<given>[^\W\d_A-Z]{3,16})[ ][^\W\d_A-Z]{2,16}(?:-[^\W\d_A-Z]{2,16})?)"
    r"(?=[,.;!?\n]|\Z|[ ](?:here|from|again|speaking|and)\b)"
)
_INTRODUCING: Final = ("its ", "it's ", "it\u2019s ", "im ", "i'm ", "i\u2019m ", "i am ", "this is ")


def find(text: str) -> Iterator[Span]:
    """Yield who is called by a given name in `text`."""
    yield from _called(text)
    if holds(text, _INTRODUCING):
        for said in _INTRODUCED.finditer(text):
            if said["given"] in ALONE:
                yield Span(*said.span("name"), "PERSON", FOUND)


def _called(text: str) -> Iterator[Span]:
    done = 0
    for given in _GIVEN.finditer(text):
        start, end = given.span()
        if start < done:
            continue
        low = given[0].lower()
        is_sure = low in ALONE or ("-" in low and low.partition("-")[0] in _ALL)
        if not (is_sure or low in BEFORE) or not _is_written(given[0]):
            continue
        if _PLACE.search(text, max(0, start - _PLACE_REACH), start):
            continue
        count, done = _rest(text, end, is_loud=given[0].isupper())
        if count < 0 or (not count and not (is_sure and _counts_alone(given[0]))):
            continue
        yield Span(start, done, "PERSON", FOUND)


def _is_written(name: str) -> bool:
    return name.isupper() or all(part[1:].islower() for part in name.split("-"))


def _counts_alone(name: str) -> bool:
    return not name.isupper() or len(name) >= SHORTEST_IN_CAPITALS


def _rest(text: str, end: int, *, is_loud: bool) -> tuple[int, int]:
    """Return how many names follow a given one that ends at `end`, and where the last does; -1 if it is no person's."""
    count = 0
    while count < MAX_MORE and (more := _MORE.match(text, end)):
        word = more["part"].lower()
        if word in _NO_PERSON:
            return -1, end
        if word in _ENDING or (more["part"].isupper() and not is_loud and len(word) > 1):
            break
        count, end = count + 1, more.end()
    return count, end
