"""Places that words tell: the names of countries, and what somebody lives in, comes from or travels to."""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import holds, listed, lowered
from sidecar.content.recognizers.gazetteer import COUNTRIES, MONTHS_AND_SMALL_WORDS

ENTITIES: Final = frozenset({"LOCATION"})
REPLACES: Final = frozenset[str]()

FORM: Final = 0.7
WEAK: Final = 0.6

_WORD = r"[^\W\d_a-z][^\W\d_]*(?:['\u2019.-][^\W\d_]+)*"
_SMALL = r"(?:de|del|da|do|la|le|les|of|the|upon|on|sur|am|an der|nad|pod|u)"
_PLACE = rf"(?P<place>{_WORD}(?:[ ](?:{_SMALL}[ ])?{_WORD}){{0,4}})"
_LIVED = re.compile(
    r"\b(?i:(?:based|born|lives?|lived|living|resid(?:e|es|ed|ing)|raised|grew up|located|stationed|headquartered"
    r"|stay(?:s|ed|ing)?) in"
    r"|(?:am|is|are|was|were|be|'m|'s) in|(?:originally|moved|moved here|returned|came|comes|coming|hails?) from"
    r"|(?:travel(?:l?ing|l?ed|s)?|mov(?:ed?|ing)|return(?:ed|ing)?|fl(?:ew|y|ying|ight)|trip|going|drove|driving"
    r"|arrived"
    r"|relocat(?:ed?|ing)) (?:to|at|in|from)"
    rf"|visit(?:ed|ing|s)?)[ ](?:the )?{_PLACE}"
)
_NAMES = re.compile(r"[^\W\d_a-z][^\W\d_]*")
_LEADS: Final = (" in", " from", " to", " at", "visit")
_LEADING: Final = tuple(  # what `_LIVED` has before a place
    f"{last} {article}" for last in (*_LEADS[:-1], "visit", "visited", "visiting", "visits") for article in ("", "the ")
)
_LEAD: Final = max(map(len, _LEADING))
_BEGINNINGS: Final = {name.split()[0] for name in COUNTRIES if len(name) > 3}  # noqa: PLR2004 - `us` is a pronoun
_LONGEST: Final = max(map(len, COUNTRIES))
_NO_PLACE: Final = MONTHS_AND_SMALL_WORDS | listed(
    "python java english spanish french german charge person case general summary"
)


def find(text: str) -> Iterator[Span]:
    """Yield the places in `text`."""
    done = 0
    is_led, may_be_led = False, holds(lowered(text), _LEADS)
    for name in _NAMES.finditer(text):
        start = name.start()
        if start >= done and name[0].lower() in _BEGINNINGS and (end := _country(text, start)):
            yield Span(start, end, "LOCATION", FORM)
            done = end
        if may_be_led and not is_led:
            is_led = lowered(text[max(0, start - _LEAD) : start]).endswith(_LEADING)
    for lived in _LIVED.finditer(text) if is_led else ():
        if lived["place"].lower().split()[0] not in _NO_PLACE:
            yield Span(*lived.span("place"), "LOCATION", WEAK)


def _country(text: str, at: int) -> int:
    """Return where the country ends that begins at `at`; 0 where there is none."""
    words = text[at : at + _LONGEST].casefold()
    lengths = [len(words[: space.start()]) for space in re.finditer(r"\b", words) if space.start()]
    return next((at + n for n in reversed(lengths) if words[:n] in COUNTRIES and len(words[:n]) > 3), 0)  # noqa: PLR2004 - as above
