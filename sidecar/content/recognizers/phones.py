"""Telephone numbers: E.123's forms, national ones where a word says so or their form does.

phonenumbers knows which numbers exist; a number with a plus sign is taken also where it does not exist yet. Bare
digits need a word ("call", "fax") or a trunk prefix before them: orders, invoices and timestamps look the same. What
is a date, a range of years, a price or a version is none.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import phonenumbers

from sidecar.content.checksums import isbn
from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import FAR, Cues, words
from sidecar.content.recognizers.dialling import PLAIN, region

ENTITIES: Final = frozenset({"PHONE_NUMBER"})
REPLACES: Final = ENTITIES

SURE: Final = 0.9
FORM: Final = 0.7
WEAK: Final = 0.5
REGIONS: Final = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")  # Presidio's, for numbers without a country
LEAST: Final = 6
MOST: Final = 15  # E.164
NATIONAL: Final = 9  # digits that need no word before them, where such a number exists
ABROAD: Final = 10  # digits behind two zeros

_GAP = r"[ \t\xa0\u2009\u202f.()/\u2010-\u2015\u2212\xb7-]"
# `x12`, `, ext. 12`; `;ext=12` (RFC 3966), and `,,12`: two pauses, as telephones dial them.
_EXTENSION = r"(?:,?[ \t]?(?:x|ext\.?|extension|#)[ \t]?|;ext=|,,)\d{1,6}"
_RUN = re.compile(
    rf"\d(?!\d{{21}})(?:{_GAP}{{0,3}}\d){{{LEAST - 1},20}}"
    rf"(?:{_EXTENSION})?(?![^\W_]|@|[-./:]\d|,\d{{1,3}}(?!\d)|[ ]?[%€$£])",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<=[A-Z]{2},[ ])\d{5}-\d{3}(?!\d)")  # of a town, behind its state: of Brazil
_LEAD = re.compile(r"(?<![^\W_])(?<!\d[.:/-])(?<!\D\d,)(?<!\D\d\d,)(?<![#&@.-])(?:[$€£¥#]\s?)?(?:\+[ ]?)?(?:\(\+?)?\Z")
_LEADING: Final = 6  # characters
# What has the whole form of a number is one, whatever number stands beside it: a date, a cell of a table, another.
# It begins with a sign that a search finds quickly; what may follow depends on that sign, and what may precede it, too.
_WHOLE = re.compile(
    r"[(+\d](?:(?<![^\W_].)|(?<=[A-Za-z]\..))(?<!\d[.-].)(?<![#&@$\u20ac\u00a3\u00a5+-].)(?:"
    r"(?:(?<=\+)(?:1[ .-]?)?|(?<=1)[ .-]?)(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[.-])[2-9]\d\d[.-]\d{4}"
    r"|(?<=\()[2-9]\d\d\)[ ]?[2-9]\d\d[.-]\d{4}"
    r"|(?<=[2-9])\d\d(?P<gap>[.-])[2-9]\d\d(?P=gap)\d{4}"
    r"|(?<=\+)[1-9]\d{7,14})"
    r"(?:(?:,?[ ]?(?:x|ext\.?|extension)[ ]?|;ext=|,,)\d{1,6})?(?![^\W_]|@|[.-]\d)",
    re.IGNORECASE,
)
_TAKEN: Final = "\x1f"  # stands for what was found: no digit, no gap, no letter
_GROUP = re.compile(r"\d+")
_DATES = re.compile(  # with signs that no number has between its groups so
    r"\d(?<!\d\d)(?<![-./]\d)(?:(?<=[12])\d{3}-\d\d-\d\d|\d?/\d{1,2}/(?:19|20)\d\d)(?![\d/-]|\.\d)"
)
_TAIL = re.compile(rf"{_EXTENSION}$", re.IGNORECASE)
_SHAPES = re.compile(
    r"(?:\+?1[ .-]?|001[ .-]?)?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[ .-])\d{3}[ .-]\d{4}"  # North America
    r"|\(0?\d{1,5}\)[ ]?\d{2,5}(?:[ -]?\d{2,5}){1,3}"  # an area in brackets
    r"|0\d{1,4}(?:[ /-]\d{2,8}|(?:[ .-]\d{2,5}){2,4})"  # a trunk prefix
)
_TRUNK = re.compile(r"0[1-9]\d{8,9}")  # no counter has one nought before it: it is padded with several
_NONE = re.compile(  # dates, ranges of years, social security numbers, addresses of machines, cards
    r"(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}(?![\d-]).*|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d"
    r"|(?:19|20)\d\d ?[-\u2013] ?(?:19|20)\d\d|\d{3}-\d\d-\d{4}"
    r"|\d{1,3}(?:\.\d{1,3}){3}|\d{4}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?P=gap)\d{4}|3[47]\d\d[ -]\d{6}[ -]\d{5}",
    re.DOTALL,
)
_HOUSE = re.compile(r"\d{1,5} \d{1,4}")  # two numbers before a word: a house in a street
_CELLS: Final = frozenset({",", ";", "\t", "|"})
MONEY: Final = frozenset("$€£¥#")
_STREET = re.compile(r" [^\W\d_]")
_CUE = words(
    r"(?:tele)?phones?|tel|mobiles?|mob|cell(?:ular|phone)?|fax|call(?:ed|ing|s|ers?)?|dial(?:ed|ing)?|"
    r"whats ?app|sms|text(?:ed|ing)?|desk|landline|pager|hotline|helpline|contact(?:ed)?|reach(?:ed|able)?|"
    r"answer(?:ing|s|ed)?|ring(?:ing)?|handy|telefon[eo]?|t[ée]l[ée]phone|registered|messages? (?:to|from|on)|"
    r"(?:my|his|her|their|your|our|work|home|office) (?:\w{2,13} )?number(?: is)?|ph|voice ?mail|signal|viber|"
    r"telegram"
)
_NOT = words(
    r"orders?|invoices?|isbn|issn|sku|version|tickets?|cases?|ref(?:erence)?|accounts?|tracking|serial|model|"
    r"part|zip|iban|price|total|cards?|cc|commit|hash|ssn|social security number|licen[cs]e(?: number)?|"
    r"passport(?: number)?|nhs|imei|build|routing|timestamp|id|"
    r"(?:licen[cs]e|security|account|passport|insurance|policy|member|bank|card|id) (?:number|no)(?: is)?"
)


def find(text: str) -> Iterator[Span]:
    """Yield the telephone numbers in `text`."""
    if _RUN.search(text) is None and _WHOLE.search(text) is None:
        return
    said = _Said(text)
    whole = [span for match in _WHOLE.finditer(text) if (span := said.number(*match.span(), is_whole=True))]
    yield from whole
    left = _without(_DATES.sub(_taken, text), whole)
    for run in _RUN.finditer(left):
        lead = _LEAD.search(left, max(0, run.start() - _LEADING), run.start())
        is_house = _STREET.match(left, run.end()) and _HOUSE.fullmatch(run[0])
        if not lead or is_house or lead[0][:1] in MONEY or _CODE.match(left, run.start()):
            continue
        if span := said.number(lead.start(), run.end(), is_whole=bool(lead[0])):
            yield span


class _Said:
    """Tells of the numbers in `text` what the words before them say they are."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._cues, self._others = Cues(text, _CUE), Cues(text, _NOT)

    def number(self, start: int, end: int, *, is_whole: bool) -> Span | None:
        """Return the telephone number in `text[start:end]`; a parameter is one where it `is_whole` or named so."""
        text = self._text
        cue, other = self._cues.distance(start), self._others.distance(start)
        if text[start - 1 : start] in _CELLS and "\n" in text[max(0, start - other) : start]:
            other = FAR  # the head of a table, whose last column is not this one
        if text[start - 1 : start] == "=" and not (cue < other or is_whole):
            return None  # a parameter of some name
        found = _phone(text[start:end], is_said=cue < other, is_other=other < cue)
        return Span(start + found[0], start + found[1], "PHONE_NUMBER", found[2]) if found else None


def _taken(match: re.Match[str]) -> str:
    return _TAKEN * len(match[0])


def _without(text: str, taken: Sequence[Span]) -> str:
    """Return `text` with nothing where something was `taken`, which is disjoint and in order."""
    parts, at = [], 0
    for span in taken:
        parts += [text[at : span.start], _TAKEN * (span.end - span.start)]
        at = span.end
    return "".join([*parts, text[at:]])


def _phone(run: str, *, is_said: bool, is_other: bool) -> tuple[int, int, float] | None:
    """Return where in `run` the number is, and how sure that is: the longest row of groups that can be one."""
    tail = _TAIL.search(run)
    groups = [match.span() for match in _GROUP.finditer(run, 0, tail.start() if tail else len(run))]
    groups[0] = (0, groups[0][1])
    rows = [(s, e) for s, e in ((0, groups[-1][1]), *((0, end) for _, end in groups[-2:-4:-1])) if e > s]
    rows += [(start, groups[-1][1]) for start, _ in groups[1:3]]
    if _NONE.fullmatch(run):
        return None
    for start, end in rows:
        if start and not (run[start - 1].isspace() and _SHAPES.fullmatch(run, start, end)):
            continue
        if score := _score(run[start:end], is_said=is_said, is_other=is_other):
            return start, len(run) if tail and end == groups[-1][1] else end, score
    return None


def _score(written: str, *, is_said: bool, is_other: bool) -> float:
    digits = "".join(filter(str.isdigit, written))
    if not LEAST <= len(digits) <= MOST or _NONE.fullmatch(written) or len(set(digits)) == 1:
        return 0.0
    if written.startswith(("+", "(+")) or (written.startswith("00") and len(digits) >= ABROAD):
        return _abroad("+" + digits.removeprefix("00"), written)
    if is_other:
        return 0.0
    if _SHAPES.fullmatch(written):
        return SURE if is_said else FORM
    if is_said:
        return FORM if len(digits) > LEAST else WEAK
    is_grouped = len(_GROUP.findall(written)) > 1 and len(digits) >= NATIONAL
    is_trunk = bool(_TRUNK.fullmatch(written)) and not isbn(written)
    return WEAK if (is_grouped or is_trunk) and _exists(written) else 0.0


def _abroad(e164: str, written: str) -> float:
    try:
        number = phonenumbers.parse(e164 if "(0)" not in written else written, None)
    except phonenumbers.NumberParseException:
        return 0.0
    if phonenumbers.is_valid_number(number):
        return SURE
    return FORM if phonenumbers.is_possible_number(number) else 0.0


def _exists(written: str) -> bool:
    digits = "".join(filter(str.isdigit, written)) if written.isascii() and PLAIN.fullmatch(written) else ""
    for name in REGIONS:
        where = region(name)
        if digits and not (where.rewrites or where.dials(digits)):
            continue
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(written, name)):
                return True
        except phonenumbers.NumberParseException:
            return False
    return False
