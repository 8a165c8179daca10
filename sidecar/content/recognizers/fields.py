"""Names and passwords that a form, a record or a table has a place for: `{"surname": …}`, `last_name: …`, a column.

A field is known by its name, whatever the way in which names are written (`lastName`, `LAST_NAME`, `Last Name`). Words
that are as often something else (`last`, `nom`) count only in a row that has a name that is none. A value counts that
is written as a name is, and is no type or state of a field (`String`, `Required`).
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import listed
from sidecar.content.recognizers.small_passwords import is_small_password

ENTITIES: Final = frozenset({"PASSWORD", "PERSON"})
REPLACES: Final = frozenset[str]()

FOUND: Final = 0.6
MAX_ROWS: Final = 200  # of one table; texts are looked at in pieces that hold fewer
MAX_CELLS: Final = 64  # of a row
LONGEST_CELL: Final = 64  # characters

# What a text holds, in small letters, that has such a field: else it is not looked at.
_HINTS: Final = ("name", "surname", "apellido", "cognome", "nachname", "sobrenome", "achternaam", "prénom", "prenom")
_SECRET_HINTS: Final = ("pass", "pwd", "kennwort", "contrase", "senha", "wachtwoord")
_COLUMNS: Final = (*_HINTS, *_SECRET_HINTS)
_NAMES: Final = listed(
    """
    firstname lastname givenname familyname forename forenames surname middlename maidenname birthname fname lname
    firstnames lastnames namefirst namelast namegiven namefamily legalname preferredname
    vorname nachname familienname geburtsname prenom nomdefamille cognome apellido apellidos sobrenome primeironome
    voornaam achternaam
    """
)
_BESIDE: Final = listed("first last middle given family nom nombre nombres nome sn")  # only beside one of `_NAMES`
_OWNERS: Final = (
    r"(?:customer|user|contact|employee|client|patient|guest|billing|shipping|owner|holder|author|emergency|student"
    r"|member|passenger|beneficiary|applicant|spouse|parent|child|your|his|her|my)"
)
_SECRETS: Final = listed("password passwd passphrase pwd kennwort passwort contraseña contrasena senha wachtwoord")
_KEY = (
    rf"(?:{_OWNERS}[ _.-]?)?(?:(?:first|last|given|family|middle|maiden|birth|legal|preferred)[ _-]?names?"
    r"|fore[ _-]?names?|surname|[fl]name|name[ _-](?:first|last|given|family)|vorname|nachname|familienname"
    r"|geburtsname|pr[ée]nom|nom de famille|cognome|apellidos?|sobrenome|voornaam|achternaam)"
)
_PART = r"[^\W\d_a-z][^\W\d_]*(?:['\u2019-][^\W\d_]+)*"
_PARTICLE = "(?:van|von|der|den|de|del|della|di|da|dos|al|el|bin|ibn|ter|ten|le|la|zu)"
_NAME = rf"(?:{_PARTICLE}[ ]){{0,2}}{_PART}(?:[ ]{_PART}){{0,2}}"
_FIELD = re.compile(
    rf"(?<![^\W_])(?i:{_KEY})\\?[\"'\]*]{{0,3}}[ ]?(?:[:=]|=>)[ \t]{{0,8}}\*{{0,2}}[ ]?"
    rf"(?P<quote>\\?[\"']|)(?P<name>{_NAME})(?P=quote)"
    r"(?=[ \t]{0,4}(?:[\n\r,;|}\"'&<]|\\[nr]|$|[ ](?:and|und|y|et)[ ]))"
)
_ELEMENT = re.compile(rf"<(?:\w{{1,16}}:)?(?i:{_KEY})(?:[ ][^<>]{{0,64}})?>[ \n]?(?P<name>{_NAME})[ \n]?</")
_PAIRED = re.compile(
    rf"[\"'](?i:nom|nombres?|nome|first|last|middle|given|family|sn)[\"'][ ]?:[ ]?[\"'](?P<name>{_NAME})[\"']"
)
_SEPARATORS: Final = "|\t;,"
_CELL = re.compile(r"<t[hd](?:[ ][^<>]{0,128})?>(?P<cell>[^<>]{0,64})</t[hd]>", re.IGNORECASE)
_ROW_END: Final = re.compile(r"</tr>", re.IGNORECASE)
_PLAIN = re.compile(r"[\W_]+")
_ACCENTS: Final = str.maketrans("éèêñçãõ", "eeencao")
_WHOLE = re.compile(_NAME)
# What stands in such a place, and is nobody's name: types, states, and the names of fields.
_NOBODY: Final = listed(
    """
    string text str varchar char charfield textfield integer int number optional required none null nil true false
    unknown undefined empty any object field column label input value first last middle name surname missing
    default redacted hidden yes no not n_a na tbd todo example test invalid valid unique index models meta type types
    you your enter please the is must should this
    """
)


def find(text: str) -> Iterator[Span]:
    """Yield the names and passwords in the fields of `text`."""
    low = text.lower()
    named = any(hint in low for hint in _HINTS)
    if named:
        for pattern in (_FIELD, _ELEMENT) if "<" in text else (_FIELD,):
            yield from _people(pattern, text)
        if _FIELD.search(text):
            yield from _people(_PAIRED, text)
    if named or any(hint in low for hint in _SECRET_HINTS):
        if any(separator in text for separator in _SEPARATORS) and "\n" in text:
            yield from _lines(text)
        if "<t" in low:
            yield from _html(text)


def _people(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for said in pattern.finditer(text):
        if _is_name(said["name"]):
            yield Span(*said.span("name"), "PERSON", FOUND)


def _is_name(value: str) -> bool:
    low = value.lower()
    return (
        len(value) > 1 and low not in _NAMES and _NOBODY.isdisjoint(low.split()) and _WHOLE.fullmatch(value) is not None
    )


_Cells = list[tuple[int, int]]


def _lines(text: str) -> Iterator[Span]:
    """Yield what stands in the columns of tables whose rows are lines."""
    header: tuple[str, dict[int, str], int] | None = None
    rows = 0
    at = 0
    for line in text.split("\n"):
        start, at = at, at + len(line) + 1
        if header is None:
            header = _header(line)
            continue
        cells = _cells(line, start, header[0])
        if len(cells) != header[2] or rows >= MAX_ROWS:
            header, rows = _header(line), 0
            continue
        rows += 1
        yield from _held(text, cells, header[1])


def _header(line: str) -> tuple[str, dict[int, str], int] | None:
    """Return the sign between cells, the kinds of columns, and how many there are, where `line` is a header."""
    low = line.lower()
    if len(line) > MAX_CELLS * LONGEST_CELL or not any(hint in low for hint in _COLUMNS):
        return None
    for separator in _SEPARATORS:
        if separator in line:
            cells = _cells(line, 0, separator)
            kinds = _kinds([line[start:end] for start, end in cells])
            told = sum(start < end for start, end in cells)
            is_list = separator == "," and told < len(cells)  # of a program: a comma stands behind the last, too
            return (separator, kinds, len(cells)) if kinds and told > 1 and not is_list else None
    return None


def _kinds(names: list[str]) -> dict[int, str]:
    """Return the kinds of the columns of these names, by number."""
    plain = [_PLAIN.sub("", name).lower().translate(_ACCENTS) for name in names]
    kinds = {at: "PERSON" for at, name in enumerate(plain) if name in _NAMES}
    if kinds:
        kinds |= {at: "PERSON" for at, name in enumerate(plain) if name in _BESIDE}
    return kinds | {at: "PASSWORD" for at, name in enumerate(plain) if name in _SECRETS}


def _cells(line: str, start: int, separator: str) -> _Cells:
    """Return where the cells of a line stand, without what is around them."""
    cells: _Cells = []
    for piece in line.split(separator)[: MAX_CELLS + 1]:
        left = len(piece) - len(piece.lstrip(" \t\"'*`\r"))
        cells.append((start + left, start + max(left, len(piece.rstrip(" \t\"'*`\r")))))
        start += len(piece) + 1
    return cells


def _held(text: str, cells: _Cells, kinds: dict[int, str]) -> Iterator[Span]:
    for at, kind in kinds.items():
        if at < len(cells):
            start, end = cells[at]
            value = text[start:end]
            if _is_name(value) if kind == "PERSON" else is_small_password(value):
                yield Span(start, end, kind, FOUND)


def _html(text: str) -> Iterator[Span]:
    """Yield what stands in the columns of tables of HTML."""
    header: tuple[dict[int, str], int] | None = None
    start = 0
    for _, end in zip(range(MAX_ROWS), _ROW_END.finditer(text), strict=False):
        row = list(_CELL.finditer(text, start, end.start()))[:MAX_CELLS]
        start = end.end()
        if header is None or len(row) != header[1]:
            kinds = _kinds([cell["cell"] for cell in row])
            header = (kinds, len(row)) if kinds else None
            continue
        spans = [
            (
                m.start("cell") + len(m["cell"]) - len(m["cell"].lstrip()),
                m.end("cell") - len(m["cell"]) + len(m["cell"].rstrip()),
            )
            for m in row
        ]
        yield from _held(text, spans, header[0])
