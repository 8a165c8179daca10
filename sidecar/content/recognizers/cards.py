"""Payment cards: ISO/IEC 7812-1. The check digit decides; the issuer's range does, where nobody says "card".

A run of digits may hold more than the card (its expiry, its code behind it), so runs of whole groups are tried.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sidecar.content.checksums import luhn
from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import Cues, words

ENTITIES: Final = frozenset({"CREDIT_CARD"})
REPLACES: Final = ENTITIES

LEAST: Final = 12  # Maestro's shortest
MOST: Final = 19
SHORTEST: Final = 3  # digits of a group
SURE: Final = 1.0
GROUPED: Final = ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4])  # digits of groups, as cards have them printed

_GAP = r"[ \t\xa0\u2009\u202f.\u2010-\u2015\u2212\xb7-]"
_RUN = re.compile(rf"\d(?<![^\W_]\d)(?<!\d[.-]\d)(?<!\b0,\d)(?:{_GAP}?\d){{{LEAST - 1},{MOST + 5}}}(?![^\W_])")
_GROUP = re.compile(r"\d+")
_BEGUN = re.compile(r"(?:(?<![^\W_])[A-Za-z]{2}\d\d[ ]?|\+)\Z")  # an account, a telephone number
LONGEST_BEGINNING: Final = 6
_CUE = words(
    r"(?:credit|debit|bank|payment|gift)? ?cards?|cc|cc ?num(?:ber)?|credit|debit|visa|master ?card|amex|"
    r"american express|diners|discover|jcb|maestro|union ?pay|card[ _-]?n(?:o|r|um|umber)"
)
# Issuers' ranges with their lengths, as the networks publish them; `35` is JCB's and wider than what it uses.
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|5[0-8]\d{14}|6(?:0|2|4|5|[13679])\d{14,17}"
    r"|2(?:2[0-9]|[3-6]\d|7[0-2])\d{13}"
    r"|3[47]\d{13}|3(?:0[0-59]|[689]\d)\d{11}|35\d{14}|(?:2131|1800)\d{11}|2(?:014|149)\d{11}"
    r"|8[12]\d{14}|9792\d{12}|1\d{14}"
)


def find(text: str) -> Iterator[Span]:
    """Yield the card numbers in `text`."""
    run = _RUN.search(text)
    if run is None:
        return
    cues = Cues(text, _CUE)
    while run is not None:
        is_part = _BEGUN.search(text, max(0, run.start() - LONGEST_BEGINNING), run.start()) is not None
        found = None if is_part else _card(run[0], is_said=cues.before(run.start()))
        if found:
            yield Span(run.start() + found[0], run.start() + found[1], "CREDIT_CARD", SURE)
        run = _RUN.search(text, run.start() + found[1] if found else run.end())


def _card(run: str, *, is_said: bool) -> tuple[int, int] | None:
    """Return where in `run` the card is: the longest row of groups that can be one.

    Where there are groups of one or two digits it is all or nothing: chance would make a card of some of them.
    """
    groups = [match.span() for match in _GROUP.finditer(run)]
    rows = [(0, len(run)), *_whole(groups)]
    if all(end - start >= SHORTEST for start, end in groups[1:-1]):
        rows = [(start, end) for i, (start, _) in enumerate(groups) for _, end in groups[i:]]
        rows.sort(key=lambda row: row[0] - row[1])
    return next((row for row in rows if _is_card(run[row[0] : row[1]], is_said=is_said)), None)


def _whole(groups: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the rows of `groups` that are written as cards are: whatever stands beside them, they are no chance."""
    sizes = [end - start for start, end in groups]
    for i, (start, end) in enumerate(groups):
        if sizes[i] >= LEAST:
            yield start, end
        for form in GROUPED:
            if sizes[i : i + len(form)] == form:
                yield start, groups[i + len(form) - 1][1]


def _is_card(written: str, *, is_said: bool) -> bool:
    digits = "".join(filter(str.isdigit, written))
    if not LEAST <= len(digits) <= MOST or len(set(digits)) == 1 or not luhn(digits):
        return False
    return is_said or _ISSUED.fullmatch(digits) is not None
