"""Names of companies by their legal form: `Lovelace & Sons Ltd`. The model finds others."""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import holds, lowered

ENTITIES: Final = frozenset({"ORGANIZATION"})
REPLACES: Final = frozenset[str]()

FORM: Final = 0.8
WEAK: Final = 0.5

_WORD = r"(?:[^\W_a-z][\w&'\u2019.-]{0,30}|&)"
_COMPANY = re.compile(
    rf"(?<![\w.])[^\W_a-z][\w&'\u2019.-]{{0,30}}(?:,?[ ]{_WORD}){{0,5}}?,?[ ]"
    r"(?:Inc|LLC|L\.L\.C|Ltd|Limited|LLP|PLC|plc|GmbH|AG|KG|SE|Corp|Corporation|Co|Company|S\.A|SA|SARL|SAS|S\.p\.A"
    r"|SpA|S\.r\.l|B\.V|BV|N\.V|NV"
    r"|AB|A/S|ApS|Oy|Oyj|AS|Pty|Pte|Bhd|KK|Group|Holdings|Partners|Associates|Industries|Enterprises|Foundation"
    r"|University|Bank)(?![^\W_])\.?"
)


_WORKED = re.compile(
    r"\b(?i:work(?:s|ed|ing)? (?:for|at)|employed (?:at|by|with)"
    r"|(?:employee|ceo|cfo|cto|founder|director|president|owner|on behalf) of"
    r"|(?:company|employer|organi[sz]ation) ?:|joined)[ ]"
    r"(?P<name>[^\W_a-z][\w&'\u2019.-]{0,30}(?:[ ](?:[^\W_a-z][\w&'\u2019-]{0,30}|&)){0,4})(?<![.'-])"
)


# Without one of them nobody works anywhere.
_WORKING: Final = (
    *("work", "employ", "ceo", "cfo", "cto", "founder", "director", "president", "owner", "behalf", "company"),
    *("organi", "joined"),
)


def find(text: str) -> Iterator[Span]:
    """Yield the companies in `text`."""
    yield from (Span(*match.span(), "ORGANIZATION", FORM) for match in _COMPANY.finditer(text))
    if holds(lowered(text), _WORKING):
        yield from (Span(*match.span("name"), "ORGANIZATION", WEAK) for match in _WORKED.finditer(text))
