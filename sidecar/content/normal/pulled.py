"""Numbers in groups that something unusual stands between: `4111|1111|1111|1111`, `536 9043 99`, `<td>4111</td>`.

Tables, versions, dates, and lists of numbers look the same, so such a run is read as one number only where a word
before it says what it is, or where it has the groups of a payment card and one sign between all of them. Of the
text only what is near such a run is read anew.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from sidecar.content.checksums import iban, luhn
from sidecar.content.normal.view import Edit
from sidecar.content.recognizers.cues import Cues, words

FEWEST: Final = 6  # letters and digits of a number, without the letters before its first digit
LONG_ENOUGH: Final = 8  # where no kind with check digits is named
MOST: Final = 34  # of an IBAN
MIN_DIGITS: Final = 6
MAX_RUNS: Final = 64  # of a text
BEFORE: Final = 64  # characters that are read with a run: the word that says what it is stands there
BEHIND: Final = 16
LONGEST_PREFIX: Final = 24  # characters

_MARK = (
    r"\"[A-Za-z_][\w .-]{0,24}\"[ ]?:"
    r"|</?[A-Za-z][^<>]{0,512}>|<!--.{0,64}?-->|\]\([^()\s]{0,256}\)|\[/?[A-Za-z]{1,10}(?:=[^\]\s]{0,40})?\]"
    r"|!\[[^\]\n]{0,40}\]|\\[A-Za-z]{2,12}\{|&[a-z]{2,8};|\r?\n|[^\w\s<]|[_<]|[ \t\xa0\u2000-\u200a\u202f]"
)
JUNK: Final = rf"(?:{_MARK}){{1,10}}+"
_GROUP = r"(?:[A-Za-z]{0,4}\d[A-Za-z0-9]{0,11}|[A-Z]{1,4})(?![^\W_])"
_RUN = re.compile(rf"\d(?<!\d\d)[A-Za-z0-9]{{0,11}}(?![^\W_]|\"[ ]?:)(?:{JUNK}{_GROUP}){{1,33}}")
_MARKS = re.compile(JUNK)
_PREFIX = re.compile(rf"(?<![^\W_])(?:[A-Z]{{1,6}}{JUNK}){{1,3}}[A-Z]{{0,6}}\Z")  # of what begins with letters: `GB|29`
_COUNTRY = re.compile(r"(?<![^\W_])[A-Z]{2}\Z")  # of an account, right before its first digit
_MEMBERS = re.compile(r"[\"'],[ ]?(?:[\"'][\w .-]{1,26}[\"'][ ]?:[ ]?)?[\"']")  # of an object or an array, strings
_CELL_ENDS = re.compile(r"\s{0,4}</t[dh]>\s{0,4}<t[dh](?:[ ][^<>]{0,128})?>\s{0,4}", re.IGNORECASE)  # and begins
_ORDINARY: Final = frozenset({" ", "-", ".", "\xa0", "\u2009", "\u202f"})  # recognizers take them as they are
_PROVEN_CUE = words(  # of what has a check digit, or a form of its own
    r"(?:credit|debit|bank|payment)? ?cards?|visa|master ?card|amex|iban|ssn|social security|nhs|nino?|ni"
    r"|national insurance|pesel|dni|nif|nie|cpf|curp|bsn|nric|fin|fiscal|fiscale|aadhaar|pan|abn|tfn|medicare"
)
_CUE = words(
    r"(?:tele)?phones?|tel|mobiles?|cell|fax|call|dial|text|whats ?app|reach|accounts?|transfer|tax|tin|passport"
    r"|licen[cs]e|charge|pay|id|number|no|nr"
)
_CALLED = words(r"(?:tele)?phones?|tel|mobiles?|cell|fax|call|dial|text|whats ?app|reach")
_MACHINE_CUE = words(r"ip|ips|ipv4|hosts?|servers?|machine|log(?:ged)? in|login|ping|ssh|ip address|connect")
_PLAIN = re.compile(  # what most runs are: telephone numbers, cards, dates, times, amounts, releases
    r"(?:\d{1,3}[ .-]?\()?\d{2,5}\)[ ]?\d{2,4}(?:[ .-]?\d{2,5}){1,3}"
    r"|(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}|\d{4}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?P=gap)\d{4}"
    r"|\d{4}-\d\d-\d\d(?:T\d\d:\d\d.*)?|\d{1,4}(?:[:./,]\d{1,3}){1,3}|\d{1,3}[ ,.-]{1,2}\d{1,4}"
)
_DATED = re.compile(r"(?:19|20)\d\d\D{1,3}\d{1,2}\D{1,3}\d{1,2}(?!\d)|\d{1,2}\D{1,3}\d{1,2}\D{1,3}(?:19|20)\d\d(?!\d)")
_AMOUNT = re.compile(r"\d{1,3}(?:[,.'\u2019 ]\d{3})+(?:[.,]\d{1,2})?")
_CARD_GROUPS: Final = frozenset({(4, 4, 4, 4), (4, 6, 5)})
_CARD_LENGTHS: Final = range(13, 17)
FEWEST_CELLS: Final = 4  # tags of a run that may have a number's cells among others
CARD_GROUP: Final = 4  # digits that a card begins with
_TOLD_GROUPS: Final = frozenset({(3, 2, 4), (3, 3, 4), (1, 3, 3, 4)})  # what a number is
_COLUMNS: Final = frozenset(",;|:=\t\n")  # between what are numbers of their own, as a rule
SHORT_IBAN: Final = 15  # characters
OCTETS: Final = 4
HIGHEST: Final = 255


class Pulled(NamedTuple):
    """A run: what is read anew is `text[begin:until]`, after `edits`."""

    begin: int
    until: int
    edits: tuple[Edit, ...]


def pulled(text: str) -> Iterator[Pulled]:
    """Yield the numbers in `text` that are pulled apart."""
    cues: _Said | None = None
    for count, run in enumerate(_RUN.finditer(text)):
        if count == MAX_RUNS:
            return
        gaps = None if _PLAIN.fullmatch(text, *run.span()) else _gaps(text, run)
        cues = cues or _Said(text)
        sign = _joined(text, run.start(), gaps, cues) if gaps else None
        if gaps is None or sign is None:
            if run[0].count("<") >= FEWEST_CELLS:
                yield from _cells(text, run)
            continue
        prefix = _PREFIX.search(text, max(0, run.start() - LONGEST_PREFIX), run.start())
        first = _MARKS.finditer(text, *prefix.span()) if prefix else ()
        edits = [Edit(*gap.span(), sign) for gap in first if gap[0] == gaps[1][0][0]]
        edits += [Edit(*gap.span(), sign) for gap in gaps[1]]
        yield Pulled(max(0, run.start() - BEFORE), min(len(text), gaps[0] + BEHIND), tuple(edits))


def _cells(text: str, run: re.Match[str]) -> Iterator[Pulled]:
    """Yield the cards whose groups are cells of a row that has others, too: the check digits say which they are."""
    gaps = list(_MARKS.finditer(text, *run.span()))
    edges = [run.start(), *(edge for gap in gaps for edge in gap.span()), run.end()]
    groups = list(zip(edges[::2], edges[1::2], strict=True))
    done = 0
    for first in range(len(groups)):
        for count in sorted({len(shape) for shape in _CARD_GROUPS}, reverse=True):
            row, between = groups[first : first + count], gaps[first : first + count - 1]
            if first < done or tuple(end - start for start, end in row) not in _CARD_GROUPS:
                continue
            signs = {gap[0] for gap in between}
            if all(map(_CELL_ENDS.fullmatch, signs)) and _is_card([text[start:end] for start, end in row]):
                edits = tuple(Edit(*gap.span(), "") for gap in between)
                yield Pulled(max(0, row[0][0] - BEFORE), min(len(text), row[-1][1] + BEHIND), edits)
                done = first + count


class _Said:
    """What the words before a number say."""

    def __init__(self, text: str) -> None:
        self.proven = Cues(text, _PROVEN_CUE)
        self.any = Cues(text, _CUE)
        self.machine = Cues(text, _MACHINE_CUE)
        self.called = Cues(text, _CALLED)


def _gaps(text: str, run: re.Match[str]) -> tuple[int, Sequence[re.Match[str]]] | None:
    """Return where the number ends, and what stands between its groups: to where that changes, if it is long enough."""
    gaps = list(_MARKS.finditer(text, *run.span()))
    alike = next((n for n, gap in enumerate(gaps) if gap[0] != gaps[0][0]), len(gaps))
    for count in (alike, len(gaps)) if alike > 1 else (len(gaps),):
        end = gaps[count].start() if count < len(gaps) else run.end()
        signs = end - run.start() - sum(gap.end() - gap.start() for gap in gaps[:count])
        if count and FEWEST <= signs <= MOST:
            digits = sum(map(str.isdigit, text[run.start() : end]))
            return (end, gaps[:count]) if digits >= MIN_DIGITS else None
    return None


def _joined(text: str, start: int, gaps: tuple[int, Sequence[re.Match[str]]], said: _Said) -> str | None:
    """Return what stands between the groups of one number; None where they are no number, or need no other reading."""
    end, between = gaps
    if _DATED.match(text, start, end) or _AMOUNT.fullmatch(text, start, end):
        return None
    edges = [start, *(edge for gap in between for edge in gap.span()), end]
    groups = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    shape = tuple(map(len, groups))
    signs = {gap[0] for gap in between}
    is_ordinary = signs <= _ORDINARY
    if len(groups) == OCTETS and all(g.isdigit() and int(g) <= HIGHEST for g in groups):
        return "." if signs != {"."} and said.machine.before(start) else None
    is_iban = set(shape[:-1]) == {4} and end - start > SHORT_IBAN
    if is_ordinary and (is_iban or shape in _TOLD_GROUPS or shape in _CARD_GROUPS):
        return None
    is_column = any(not _COLUMNS.isdisjoint(sign) for sign in signs)
    is_card = shape in _CARD_GROUPS and len(signs) == 1 and not is_column
    if is_card or (is_column and _is_proven(text, start, groups, signs)) or said.proven.before(start):
        return " " if shape in _TOLD_GROUPS else ""
    is_open = not is_ordinary and sum(shape) >= LONG_ENOUGH
    is_number = is_open and (not is_column or shape in _TOLD_GROUPS) and said.any.before(start)
    if is_number or (is_open and _are_members(signs) and said.called.before(start)):
        return " " if shape in _TOLD_GROUPS else ""
    return None


def _are_members(signs: Collection[str]) -> bool:
    """Whether what stands between groups is what stands between the strings of one object or array."""
    return all(_MEMBERS.fullmatch(sign) for sign in signs)


def _is_proven(text: str, start: int, groups: Sequence[str], signs: Collection[str]) -> bool:
    """Whether the check digits say that the groups are one number: an account, a card in strings of one object."""
    if _COUNTRY.search(text, max(0, start - LONGEST_PREFIX), start):
        return iban(text[start - 2 : start] + "".join(groups).upper())
    return (_are_members(signs) or all(map(_CELL_ENDS.fullmatch, signs))) and _is_card(groups)


def _is_card(groups: Sequence[str]) -> bool:
    written = "".join(groups)
    is_like_one = written.isdigit() and len(written) in _CARD_LENGTHS and written[0] in "3456"
    return is_like_one and len(groups[0]) == CARD_GROUP and luhn(written)
