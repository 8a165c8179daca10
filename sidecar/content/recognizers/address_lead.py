"""What stands before the street in an address: a flat and its building, a house's name or number, a level.

`Flat No. 302, Lotus Residency, `, `H.No. 8-2-293/A, `, `Rose Cottage, `. It is read from the street to the left, part
by part, and begins at the leftmost part that has the form of a house.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.recognizers.gazetteer import SUFFIXES, UNITS

MAX_PARTS: Final = 4

_UNITS = "|".join(sorted({re.escape(unit.rstrip(".")) for unit in UNITS}, key=lambda unit: (-len(unit), unit)))
_HOUSES = rf"(?:{_UNITS}|house|plot|door|shop|no|level|lvl|tower|wing|gate|h|d|s)"
_BUILDING = r"(?:(?-i:[A-Z])[\w'\u2019-]{1,20}(?:[ ](?-i:[A-Z])[\w'\u2019-]{0,20}){0,3},[ ])?"
# Right before a street, on the same line.
_NEAR = re.compile(
    rf"(?<![^\W_])(?:{_HOUSES}\.?[ ]?(?:no\.?[ ]?)?(?:[a-z]?-?\d{{1,5}}(?:[-/]\d{{1,5}}){{0,3}}(?:/?[a-z])?|[a-z])"
    rf"(?:,[ ]{_BUILDING}|[ /]))?(?:{_HOUSES}?[ ]?(?:no|nr)\.?[ ]?|#|(?:{_UNITS})[ ])?\Z",
    re.IGNORECASE,
)
_REACH: Final = 80  # characters before a street, of a flat and a building
_SEPARATOR = re.compile(r"(?:,[ ]?|[ ]?)\n[ ]{0,4}|,[ ]")
_CLAUSE = re.compile(r"[:;!?<>\"()=|]|\n[ ]{0,4}\n|[a-z]{3}\.[ \n]")
_CALLED: Final = (
    r"(?:cottage|house|lodge|farm(?:house)?|barn|hall|manor|villas?|apartments?|residency|residences?|towers?|heights"
    r"|mansions?|building|chambers|vicarage|rectory|grange|bungalow|flats|enclave|complex)"
)
# At the end of a part: words that lead to it may stand before.
_HOUSE = re.compile(
    rf"(?<![^\s])(?:(?i:{_HOUSES}\.?[ ]?(?:no\.?|nr\.?|number|\#)?[ ]?(?:[a-z]?-?\d[\w/-]{{0,11}}|[a-z](?![\w])))"
    r"|[A-Z]-?\d{1,4}(?:[-/]\w{1,5}){0,3}|\#[ ]?\d[\w/-]{0,7}"
    r"|\d{1,3}(?:st|nd|rd|th)[ ](?i:floor|main|cross|block|stage)"
    rf"|(?:[A-Z][\w'\u2019-]{{1,20}}[ ]){{1,3}}(?-i:(?i:{_CALLED})))\Z"
)
_NAME = re.compile(r"[A-Z\d][\w'\u2019.-]{0,24}(?:[ ](?:of|the|and|&|[A-Z\d][\w'\u2019.-]{0,24})){0,4}")
_ENDS = re.compile(r"\d(?:[A-Z]{2}|\d\d[ ]?\d{3})(?![^\W_])")  # a search goes from digit to digit
_POSTCODE = re.compile(
    r"(?<![^\W_])(?:[A-Z]{1,2}\d[A-Z\d]?[ ]\d[ABD-HJLNP-UW-Z]{2}"
    r"|(?P<town>[A-Z][a-z]{2,20}(?:[ ][A-Z][a-z]{2,20})?)[ ]?[-\u2013]?[ ]?[1-9]\d\d[ ]?\d{3})(?![^\W_])"
)
_TOWN = re.compile(r"(?<![^\s,])[A-Z][a-z'\u2019-]{2,20}(?:[ ](?:upon|on|of|[A-Z][a-z]{2,20})){0,3}[ ]\Z")
_LONGEST_TOWN: Final = 48  # characters
_STREET = re.compile(rf"(?:[A-Z][\w'\u2019-]{{1,20}}[ ]){{1,3}}(?:{'|'.join(sorted(SUFFIXES))})\Z", re.IGNORECASE)
_LED: Final = 160  # characters before a street that are looked through


def lead(text: str, floor: int, start: int) -> int:
    """Return where an address begins whose street begins at `start`, from no character before `floor`."""
    found = _NEAR.search(text, max(floor, start - _REACH), start)
    begin = found.start() if found else start
    for at, part in _parts(text, floor, begin):
        house = _HOUSE.search(part)
        if house:
            begin = at + house.start()
        if (house and house.start()) or not (house or _NAME.fullmatch(part)):
            break
    return begin


def by_code(text: str) -> Iterator[tuple[int, int]]:
    """Yield addresses that have no street with a number, by what stands before their postal code.

    In the United Kingdom it tells by its form; six digits, as of India, want a flat or a plot two parts before.
    """
    for code in _POSTCODE.finditer(text) if _ENDS.search(text) else ():
        begin, end = code.span()
        is_british = code["town"] is None
        town = _TOWN.search(text, max(0, begin - _LONGEST_TOWN), begin) if is_british else None
        parts = _parts(text, 0, town.start() if town else begin)
        for at, part in parts:
            house = _HOUSE.search(part) or (_STREET.search(part) if is_british else None)
            if house:
                begin = at + house.start()
            if (house and house.start()) or not (house or _NAME.fullmatch(part)):
                break
        if begin < code.start() and (is_british or begin < parts[0][0]):
            yield begin, end


def _parts(text: str, floor: int, start: int) -> list[tuple[int, str]]:
    """Return where each part begins that ends before `start` at a comma or a line's end, and what it says."""
    low = max(floor, start - _LED)
    for clause in _CLAUSE.finditer(text, low, start):
        low = clause.end()
    separators = list(_SEPARATOR.finditer(text, low, start))
    if not separators or separators[-1].end() != start:
        return []
    starts = [low, *(one.end() for one in separators[:-1])]
    parts = [(at, text[at : behind.start()].rstrip()) for at, behind in zip(starts, separators, strict=True)]
    return parts[: -MAX_PARTS - 1 : -1]
