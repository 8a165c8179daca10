"""Postal addresses, whole: from the house number to the country, over several lines where they go on.

An address has a core: a street by its kind (`12 Elm Street`, `rue Monge 7`, `Lindenstraße 4`), a box, a unit. From
there it is read to the right as long as what follows is a part of an address: a unit, a town, a state, a postal
code, a country. A town is any name, so it counts only where its place says so: between commas or on a line of its
own. Each core is read once and never again, so the time is linear in the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from sidecar.content.detection import Span
from sidecar.content.recognizers import addresses_japan
from sidecar.content.recognizers.address_lead import by_code, lead
from sidecar.content.recognizers.address_tail import BOX, COUNTRY_CODE, MILITARY_POST, POSTAL_SAID, UNIT, tail
from sidecar.content.recognizers.cues import listed
from sidecar.content.recognizers.gazetteer import (
    BEHIND,
    BOX_WORDS,
    COMPOUNDS,
    COUNTRIES,
    DOTTED_PREFIXES,
    MONTHS_AND_SMALL_WORDS,
    PREFIXES,
    STRONG_SUFFIXES,
    SUFFIXES,
    UNITS,
    WEAK_COMPOUNDS,
)

ENTITIES: Final = frozenset({"STREET_ADDRESS"})
REPLACES: Final = ENTITIES

SURE: Final = 0.9
FORM: Final = 0.7
WEAK: Final = 0.5

MAX_NAME: Final = 5  # words of a street's name
MAX_NUMBERS: Final = 2  # before a street
MAX_SHORT: Final = 4  # letters of an abbreviation, whose full stop belongs to it: `Blvd.`
SHORTEST: Final = 6  # letters of a street's name that is one word

_TOKEN = re.compile(
    r"(?<![^\W_])(?P<number>\d{1,6}(?:(?:st|nd|rd|th"
    r"|[A-Za-z])(?![^\W_]))?(?:[-/\u2013]\d{1,5}[A-Za-z]?(?![^\W_]))?(?![^\W_]))"
    r"|(?P<word>[^\W\d_]+(?:['\u2019.-][^\W\d_]+)*(?![^\W_]))|(?P<other>[^\W_]+|\n|\S)"
)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)\Z", re.IGNORECASE)
_SAID = re.compile(
    r"(?:\baddress(?:es)?(?: is| are)?|\bliv(?:e|es|ed|ing)(?: at| in| on)?|\bresid(?:e|es|ed|ing) (?:at|in|on)"
    r"|\blocated (?:at|in|on)|\b(?:office|restaurant|shop|store|house|home|place) is (?:at|in|on)|\breturn to"
    r"|\bsen[dt] (?:it |them |one |a new one )?to|\btaxi to|\bdeliver(?:ed)?(?: it)? to|\bship(?:ped)?(?: it)? to"
    r"|\bmeet (?:me |us |you )?at|\boff at|\bmoved (?:to|from))[ :,\n]{0,3}\Z",
    re.IGNORECASE,
)
_HINTED = re.compile(r"\b(?:at|to|on|from|in)[ :,\n]{0,3}\Z", re.IGNORECASE)
_REACH: Final = 32  # characters before an address in which a word may say so
_CORNER = re.compile(
    r"corner of [^\n,.;:!?]{2,60}? and "
    r"(?:(?:\d[\w/-]*|(?-i:[^\W\d_a-z])[\w'\u2019-]*|d[aei]l?|la|las|du|des|van|der)[ ]?){1,6}",
    re.IGNORECASE,
)
# A direction, or a second kind: `Oak Hill Drive`.
_BEHIND_KIND = re.compile(
    r"[ ](?:[NSEW]{1,2}\.?|North|South|East|West|St\.?|Street|Ave(?:nue)?\.?"
    r"|Lane|Ln\.?|Drive|Dr\.?|Road|Rd\.?|Blvd\.?|Boulevard|Court|Ct\.?|Way|Place|Pl\.?|Close|Crescent|Terrace)(?!\w)"
)
_CONNECTORS: Final = listed(
    "de la los las du des le les l d della di del dei dos das da do von van der den und y e i im am of the zum zur"
)
_ABBREVIATED = re.compile(r"(?:[A-Z]\.)*[A-Z]|St|Ste|Dr|Mt|Ft|Mgr|Prof|Gen|Col|Capt|Pt|Sr|Jr|Sgt|Lt")
_OF_A_TIME = re.compile(r"\d[:.]\Z")  # `15:30, room 4`
_COMPOUNDS: Final = tuple(COMPOUNDS)
_ENDS_SO: Final = frozenset(compound[-2:] for compound in COMPOUNDS)  # few words do, and there are many compounds
_COUNTRY_BEGINNINGS: Final = frozenset(name.split()[0] for name in COUNTRIES)
_TRIGGERS: Final = (BOX_WORDS | UNITS | SUFFIXES | PREFIXES | BEHIND | _COUNTRY_BEGINNINGS | {"corner", "u"}) | {
    word.rstrip("./") for word in DOTTED_PREFIXES
}
_OPENING: Final = frozenset({"Am", "Im", "Zum", "Zur"})  # of a street's name: `Am Markt 4`
_TOWN_BEHIND = re.compile(r"(?:[ ](?:hs|huis|[A-Ha-h]))?,?(?:[ ]|\n)(?:[A-Z]{1,2}-)?\d{4,5} [^\W\d_a-z]")
# `225 Broadway, Springfield, IL 62701`, `335 Kingsway, Perth WA 6000`: the code tells what the street's name does not.
_CODED_TOWN = re.compile(
    r"(?:,[ ](?:Apt|Apartment|Suite|Ste|Unit|Floor|#)\.?[ ]?[\w-]{1,6})?"
    r",[ ][A-Z][\w'\u2019-]{1,20}(?:[ ][A-Z][\w'\u2019-]{1,20}){0,2}"
    r"(?:,?[ ][A-Z]{2}[ ]\d{5}|[ ](?:NSW|VIC|QLD|TAS|ACT|WA|SA|NT),?[ ]\d{4})(?!\w)"
)
_AMBIGUOUS: Final = listed("st dr court drive")  # words of other meanings, where no number stands before
_ALONE: Final = listed("apt suite ste apartment")  # units that are addresses by themselves


_SHORTENED: Final = frozenset("./")  # `Av. Mar 4`, `C/ Mar 4`
_NUMBER_SIGNS: Final = listed(
    "n\u00ba n\u00b0 n no nr num n\u00famero numero # . \u00b0 \u00ba"
)  # `Calle Mar, n\u00ba 4`
MAX_SIGNS: Final = 4
_AGAIN: Final = listed("bis ter quater")  # `4 bis, rue`
_BETWEEN: Final = frozenset({", ", ",", " ", "\n"})  # a flat and the house


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


_new = tuple.__new__  # a name's own constructor takes twice as long, and there are many tokens


class _Core(NamedTuple):
    start: int
    end: int
    score: float
    is_sure: bool = True  # otherwise something else must speak for it, too


def find(text: str) -> Iterator[Span]:
    """Yield the postal addresses in `text`."""
    yield from _addresses(text)


@lru_cache(maxsize=1)  # who stands above an address is asked for next
def _addresses(text: str) -> tuple[Span, ...]:
    found = list(_read(text))
    starts = {one.end: one.start for one in found}  # of a room, perhaps
    for begin, end in by_code(text):
        if not any(one.start <= begin and one.end >= end for one in found):
            found.append(Span(begin, end, "STREET_ADDRESS", FORM))
    for japanese in addresses_japan.find(text):
        begin = japanese.start
        end = next((end for end in (begin - 1, begin - 2) if end in starts), 0)
        is_room = end > 0 and text[end:begin] in _BETWEEN
        found.append(replace(japanese, start=starts[end]) if is_room else japanese)
    return tuple(found)


def _read(text: str) -> Iterator[Span]:
    for said in POSTAL_SAID.finditer(text):
        yield Span(*said.span("code"), "STREET_ADDRESS", FORM)
    tokens = [_new(_Token, (m.lastgroup or "", m[0], *m.span())) for m in _TOKEN.finditer(text)]
    reader = _Reader(text, tokens)
    done, before = 0, None
    for index, (kind, word, start, _) in enumerate(tokens):
        if start < done or kind == "other":
            continue
        if kind == "word" and not ((low := word.lower()) in _TRIGGERS or _ends_so(low)):
            continue
        if kind == "number" and not reader.is_beside_words(index):
            continue
        if not (found := reader.address(index, done)):
            continue
        if before is not None and text[before.end : found.start] in _BETWEEN:
            found = replace(found, start=before.start)
        elif before is not None:
            yield before
        before, done = found, found.end
    if before is not None:
        yield before


def _ends_so(word: str) -> bool:
    """Whether `word` ends with a kind of street: `lindenstraße`."""
    return word[-2:] in _ENDS_SO and word.endswith(_COMPOUNDS)


class _Reader:
    """Reads addresses from the tokens of one text. A text without a capital letter has names in small letters."""

    def __init__(self, text: str, tokens: Sequence[_Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._lower = text == text.lower()

    def is_beside_words(self, index: int) -> bool:
        """Whether the number at token `index` can have a name beside it: most numbers stand between signs."""
        for token in self._tokens[index - 1 : index + 2 : 2] if index else self._tokens[1:2]:
            if token.kind == "word" or token.text == "." or _ORDINAL.match(token.text):
                return True
        return False

    def address(self, index: int, floor: int) -> Span | None:
        """Return the address whose core stands at token `index`, from no character before `floor`."""
        token = self._tokens[index]
        core = None
        if token.kind == "number":
            core = self._numbered(index, floor)
        elif token.kind == "word":
            core = self._box(index, floor) or self._street(index, floor)
        if not core:
            return None
        end, evidence = tail(self._text, core.end, is_lower=self._lower)
        if not core.is_sure and not evidence and not self._is_said(core.start):
            return None
        return Span(lead(self._text, floor, core.start), end, "STREET_ADDRESS", min(SURE, core.score + 0.1 * evidence))

    def _box(self, index: int, floor: int) -> _Core | None:
        """Read a box, a military post office, a country with its code, or a unit."""
        token = self._tokens[index]
        low = token.text.lower()
        if low in BOX_WORDS:
            found = BOX.match(self._text, token.start) or MILITARY_POST.match(self._text, token.start)
            if found:
                return _Core(self._with_numbers(index, floor), found.end(), FORM)
        if low == "corner" and (found := _CORNER.match(self._text, token.start)):
            return _Core(token.start, token.start + len(found[0].rstrip(" .")), FORM)
        if low in _COUNTRY_BEGINNINGS and COUNTRY_CODE.match(self._text, token.start):
            return _Core(token.start, token.start, WEAK, is_sure=False)
        if low in UNITS and (found := UNIT.match(self._text, token.start)):
            return self._by_unit(index, found.end(), floor)
        return None

    def _street(self, index: int, floor: int) -> _Core | None:
        token = self._tokens[index]
        low = token.text.lower()
        dotted = f"{low}{self._text[token.end : token.end + 1]}"
        core = None
        if low in SUFFIXES:
            core = self._by_suffix(index, floor)
        if not core and (low in BEHIND or dotted == "u."):
            core = self._by_compound(index, floor, is_apart=True)
        if not core and (low in PREFIXES or dotted in DOTTED_PREFIXES):
            core = self._by_prefix(index, floor)
        if not core and _ends_so(low) and len(low) >= SHORTEST and self._is_name(index):
            core = self._by_compound(index, floor)
        return core

    def _by_suffix(self, index: int, floor: int) -> _Core | None:
        """Read `12 Elm Street`, and `Elm Street` where the kind is of no other meaning."""
        first = self._names_before(index, floor)
        if first == index or not self._is_name(index):
            return None
        low = self._tokens[index].text.lower()
        number = self._number_before(first, floor)
        if number is not None:
            return _Core(self._tokens[number].start, self._behind(index), FORM)
        if low in STRONG_SUFFIXES and not self._lower:
            return _Core(self._tokens[first].start, self._behind(index), WEAK, is_sure=low not in _AMBIGUOUS)
        return None

    def _by_prefix(self, index: int, floor: int) -> _Core | None:
        """Read `rue Monge 7` and `7, rue Monge`."""
        last = self._names_after(index)
        before = self._number_before(index, floor)
        number = self._number_after(last) if before is None else None
        if (number is None and before is None) or last == index:
            return None
        start = self._tokens[index if before is None else before].start
        return _Core(start, self._tokens[last if number is None else number].end, FORM)

    def _by_compound(self, index: int, floor: int, *, is_apart: bool = False) -> _Core | None:
        """Read `Lindenstraße 4`; `is_apart`: `Bem rakpart 4`."""
        first = self._names_before(index, floor)
        last = index + 1 if self._tokens[index + 1 : index + 2] and self._tokens[index + 1].text == "." else index
        number = self._number_after(last)
        before = self._number_before(first, floor)
        if (number is None and before is None) or (is_apart and first == index):
            return None
        start = self._tokens[first if before is None else before].start
        end = self._tokens[index].end if number is None else self._tokens[number].end
        is_weak = self._tokens[index].text.lower().endswith(WEAK_COMPOUNDS) and not is_apart
        return _Core(start, end, FORM, is_sure=not is_weak or (number is not None and before is not None))

    def _by_unit(self, index: int, end: int, floor: int) -> _Core | None:
        """Read a unit with the street before it, of whatever kind."""
        number = self._number_before(self._names_before(index, floor), floor)
        if number is not None:
            return _Core(self._tokens[number].start, end, FORM)
        is_alone = self._tokens[index].text.lower() in _ALONE
        return _Core(self._tokens[index].start, end, WEAK) if is_alone else None

    def _numbered(self, index: int, floor: int) -> _Core | None:
        """Read a number and a name, or the other way round: an address only where something else says so."""
        last = self._names_after(index)
        if last == index:
            first = self._names_before(index, floor)
            start = self._tokens[first].start
            is_written = _TOWN_BEHIND.match(self._text, self._tokens[index].end) is not None
            is_german = self._tokens[first].text in _OPENING and self._is_said(start)
            if first == index or not (is_written or is_german or self._is_said(start, strict=True)):
                return None
            return _Core(start, self._tokens[index].end, WEAK)
        if any(self._is_kind(i) for i in range(index + 1, last + 1)):
            return None  # the word that tells the kind of the street reads it
        after = self._number_after(last)
        is_said = self._is_said(self._tokens[index].start, strict=True)
        if after is None and not is_said:
            end = self._tokens[last].end
            is_coded = _CODED_TOWN.match(self._text, end) is not None
            return _Core(self._with_numbers(index, floor), end, WEAK) if is_coded else None
        end = self._tokens[last if after is None else after].end
        return _Core(self._with_numbers(index, floor), end, WEAK, is_sure=is_said)

    def _names_before(self, index: int, floor: int) -> int:
        """Return the first token of the name that ends before `index`; `index` where there is none."""
        first = index
        while first and index - first < MAX_NAME and self._tokens[first - 1].start >= floor:
            if not self._joins(first - 1) and not self._is_short(first - 1, floor):
                break
            first -= 1
        while first < index and (word := self._tokens[first].text).lower() in _CONNECTORS and word not in _OPENING:
            first += 1
        return first

    def _names_after(self, index: int) -> int:
        """Return the last token of the name that begins behind `index`; `index` where there is none."""
        is_short = self._tokens[index].kind == "word" and index + 1 < len(self._tokens)
        begin = last = index + 1 if is_short and self._tokens[index + 1].text in _SHORTENED else index
        while last + 1 < len(self._tokens) and last - begin < MAX_NAME and self._joins(last + 1):
            last += 1
        while last > begin and self._tokens[last].text.lower() in _CONNECTORS:
            last -= 1
        return index if last == begin else last

    def _number_before(self, index: int, floor: int) -> int | None:
        at = index - 1
        if at >= 1 and self._tokens[at].text == ",":
            at -= 1
        if at >= 1 and self._tokens[at].text.lower() in _AGAIN:
            at -= 1
        if at < 0 or self._tokens[at].kind != "number" or self._tokens[at].start < floor:
            return None
        if _OF_A_TIME.search(self._text, max(0, self._tokens[at].start - 2), self._tokens[at].start):
            return None
        while at and index - at <= MAX_NUMBERS and self._tokens[at - 1].kind == "number":
            if self._tokens[at - 1].start < floor:
                break
            at -= 1
        return at

    def _number_after(self, index: int) -> int | None:
        at = index + 1
        if at < len(self._tokens) and self._tokens[at].text == ",":
            at += 1
        while at < min(len(self._tokens), index + MAX_SIGNS) and self._tokens[at].text.lower() in _NUMBER_SIGNS:
            at += 1
        return at if at < len(self._tokens) and self._tokens[at].kind == "number" else None

    def _with_numbers(self, index: int, floor: int) -> int:
        number = self._number_before(index, floor)
        return self._tokens[index if number is None else number].start

    def _behind(self, index: int) -> int:
        """Return the end of a street's kind, with its full stop, a second kind, a direction."""
        end = self._tokens[index].end
        if self._text[end : end + 1] == "." and len(self._tokens[index].text) <= MAX_SHORT:
            end += 1
        behind = _BEHIND_KIND.match(self._text, end)
        return behind.end() if behind else end

    def _joins(self, index: int) -> bool:
        """Whether token `index` can be a word of a street's name."""
        token = self._tokens[index]
        if token.kind == "number":
            return _ORDINAL.match(token.text) is not None
        return token.kind == "word" and (self._is_name(index) or token.text.lower() in _CONNECTORS)

    def _is_short(self, index: int, floor: int) -> bool:
        """Whether token `index` is the full stop of an abbreviation: `M.G. Road`, `St. John's Road`."""
        before = self._tokens[index - 1] if index else None
        if before is None or self._tokens[index].text != "." or before.end != self._tokens[index].start:
            return False
        return before.start >= floor and _ABBREVIATED.fullmatch(before.text) is not None

    def _is_kind(self, index: int) -> bool:
        low = self._tokens[index].text.lower()
        return low in SUFFIXES or low in PREFIXES or low in BEHIND or _ends_so(low)

    def _is_name(self, index: int) -> bool:
        text = self._tokens[index].text
        return (self._lower or text[0].isupper() or not text.isascii()) and text.lower() not in MONTHS_AND_SMALL_WORDS

    def _is_said(self, at: int, *, strict: bool = False) -> bool:
        """Whether words before `at` say that an address follows; not `strict`: or that anything may."""
        begin = max(0, at - _REACH)
        if _SAID.search(self._text, begin, at):
            return True
        return not strict and _HINTED.search(self._text, begin, at) is not None
