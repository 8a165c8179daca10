"""People whose family name stands before a comma: `Lindqvist, Katharina`, one person and not two.

In prose a comma parts whom it lists, so such a pair counts only where it is all that a field, a cell or an item holds,
or where the text has the same name in the other order.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.given_names import ALONE, BEFORE
from sidecar.content.recognizers.cues import listed
from sidecar.content.recognizers.gazetteer import MONTHS_AND_SMALL_WORDS

ENTITIES: Final = frozenset({"PERSON"})
REPLACES: Final = frozenset[str]()

FOUND: Final = 0.6
MAX_SOUGHT: Final = 256  # names that are looked for in the other order: more than a piece of a text has
_LONGEST: Final = 48  # characters of a family name
_PART = r"[^\W\d_a-z][^\W\d_]*(?:['\u2019-][^\W\d_]+)*"
_COMMA = re.compile(rf",[ ](?P<given>(?P<first>{_PART})(?:[ ](?:[^\W\d_a-z]\.|{_PART})){{0,2}})(?!['\u2019-]?\w)")
_FAMILY = re.compile(
    rf"(?:^|(?<=[\s:;|\"'(>]))(?:(?:van|von|de|del|della|di|da|al|el|la|le|ten|ter|der|den|bin)[ ]){{0,2}}{_PART}\Z"
)
_FIELD_BEGINS = re.compile(r"(?:[:|\"'(>\t;][ ]?|^[ ]{0,4}(?:[-*\u2022]|\d{1,3}[.)])[ ])\Z", re.MULTILINE)
_FIELD_ENDS = re.compile(r"[ ]?(?:$|[\n;|\"')(<\t])")
_NO_FAMILY: Final = MONTHS_AND_SMALL_WORDS | listed(
    """
    best cheers love regards thanks thank sincerely yours warmly ciao greetings hello hi hey dear sorry please yes ok
    okay note also first second finally today tomorrow yesterday however well street road avenue team inc ltd llc gmbh
    """
)


def find(text: str) -> Iterator[Span]:
    """Yield who is written with the family name first."""
    known: dict[str, bool] = {}  # whether the text has a name in the other order, too
    for turned in _COMMA.finditer(text) if ", " in text else ():
        if turned["first"].lower() not in ALONE and turned["first"].lower() not in BEFORE:
            continue
        comma = turned.start()
        family = _FAMILY.search(text, max(0, comma - _LONGEST), comma)
        if not family or family[0].lower() in _NO_FAMILY or family[0].lower() in ALONE:
            continue
        straight = f"{turned['given']} {family[0]}"
        if straight not in known and len(known) < MAX_SOUGHT:
            known[straight] = straight in text
        if known.get(straight) or _is_field(text, family.start(), turned.end()):
            yield Span(family.start(), turned.end(), "PERSON", FOUND)


def _is_field(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is all that a field, a cell or an item of a list holds."""
    return bool(_FIELD_ENDS.match(text, end)) and bool(_FIELD_BEGINS.search(text, max(0, start - 8), start))
