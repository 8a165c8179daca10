"""What the model names, without what is no name: it is small, and it was trained on news.

Taken away are words that programs, forms and courts have in common: identifiers, abbreviations in capitals,
durations ("3 years"), the labels of a form, public bodies. What runs over a line's end is cut there. What is part of
a postal address is no person and no company, nor is somebody whom the words beside tell a company. Added is every
other place of a person's name that was found once: a letter signed `Ada Lovelace` says "Ada" further up.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.things import NO_NAME, THINGS

REPEATED: Final = 0.6
ABBREVIATED: Final = 5  # letters in capitals, that are no place by themselves
MAX_NAMES: Final = 200  # of people in one text, whose other places are looked for
MOST_BEFORE: Final = 24  # characters before a word that tell what it belongs to
SHORTEST: Final = 3  # letters of a part of a name

# What the model calls so is nothing of its own within what was found by its form.
_PARTS_OF: Final[Mapping[str, frozenset[str]]] = {
    "PERSON": frozenset({"STREET_ADDRESS"}),
    "NRP": frozenset({"STREET_ADDRESS"}),
    "ORGANIZATION": frozenset({"STREET_ADDRESS", "PERSON"}),
}
_DATED = re.compile(
    r"(?<!\d)(?<![A-Za-z]-)(?:19|20)\d\d(?!\d)|\d{1,4}[-/]\d{1,2}[-/]\d{1,4}"
    r"|(?<![\d.])(?:\d{1,2}\.\d{1,2}\.(?:19|20)\d\d|\d\d\.\d\d\.\d\d)(?![\d.]*\d)|(?i:\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may"
    r"|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b)"
    r"|(?i:\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b)"
)
_DURATION = re.compile(r"(?i:\b(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|quarters?|decades?)\b)(?! of)")
_CODE = re.compile(r"[_\\/<>{}\[\]=|#$%^~`@:;()]|\d[^\W\d_]|[^\W\d_]\d|[a-z][A-Z]|\.\w|::|->")
_JOINED_NAME = re.compile(r"\b(?:Mc|Mac|De|Di|Du|Le|La|Van|Fitz|O)(?=[A-Z][a-z])")
_BODY = re.compile(
    r"\b(?:Court|District|State of|County|Circuit|Department|Ministry|Parliament|Senate|Congress|Government|Treaty"
    r"|Act|Article"
    r"|Constitution|Section|Rule|Code|Committee|Council|Commission)\b"
)
_YEAR = re.compile(r"\d{4}")
_WORD = re.compile(r"(?<![\w@./-])[^\W\d_]{3,}(?![\w@/-]|\.\w)")
_BEFORE_CODE: Final = "_\\/@#$=.<-"
_AFTER_CODE: Final = "_\\/=<(@["
_EDGE: Final = " \t\r\n,;:.!?\"'()[]*_-\u2013\u2014\u2019"
_GRADES: Final = frozenset({"max", "pro", "ultra", "plus", "mini", "air", "lite", "nano", "ti", "super"})  # of models
_MODEL: Final = re.compile(r"\b(?:[A-Z]{1,3}\d{1,4}|(?i:iphone|ipad|pixel|galaxy) [A-Z]?\d{1,3}) $")
_CODED: Final = re.compile(r"(?<![^\s])[A-Z]{1,5}-\d")  # of a model, of a ware: nobody's name goes on with it
_TICKET: Final = re.compile(r"[A-Z][A-Z0-9]{1,9}-\d{1,7}")
_HEADER: Final = re.compile(r"[A-Z][A-Za-z]{0,20}(?:-[A-Z][A-Za-z]{0,20}){1,4}")  # of a message of HTTP or mail


_OWNER_S: Final = "'s"
_OWNED: Final = re.compile(r"(?<=[^\W\d_]{2})(?:['\u2019]s|(?<=[A-Z])['\u2019]S)\Z")


def refined(text: str, spans: Sequence[Span], found: Sequence[Span] = ()) -> list[Span]:
    """Return `spans` of `text` without what is no name, and the other places of the people in them and in `found`.

    What is in `found` is not told again.
    """
    told = {(span.start, span.end, span.entity) for span in found}
    parts_of = {entity: _reaches(found, kinds) for entity, kinds in _PARTS_OF.items()}
    better = [
        named
        for span in spans
        if (named := _better(text, span)) and not _is_part_of(named, parts_of.get(named.entity, ()))
    ]
    kept = [span for span in better if (span.start, span.end, span.entity) not in told]
    people = [span for span in (*kept, *found) if span.entity == "PERSON"]
    return [*kept, *_repeated(text, people)]


def disowned(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return `spans` with people without the `'s` of what is theirs: the name is the same without it."""
    return [
        replace(span, end=span.end - len(_OWNER_S))
        if span.entity == "PERSON" and _OWNED.search(text, span.start, span.end)
        else span
        for span in spans
    ]


def _reaches(found: Sequence[Span], kinds: Collection[str]) -> list[tuple[int, int]]:
    """Return where `kinds` were found, in order and apart."""
    reaches: list[tuple[int, int]] = []
    for span in sorted((one for one in found if one.entity in kinds), key=lambda one: one.start):
        if reaches and span.start < reaches[-1][1]:
            reaches[-1] = (reaches[-1][0], max(span.end, reaches[-1][1]))
        else:
            reaches.append((span.start, span.end))
    return reaches


def _is_part_of(span: Span, reaches: Sequence[tuple[int, int]]) -> bool:
    before = bisect_right(reaches, (span.start, inf))
    return before > 0 and span.end <= reaches[before - 1][1]


def _better(text: str, span: Span) -> Span | None:
    """Return `span` without the line's end and the signs at its edges; none where it is no name."""
    start, end = span.start, span.end
    while start < end and text[start] in _EDGE:
        start += 1
    if (line := text.find("\n", start, end)) != -1:
        end = line
    if span.entity == "PERSON" and (coded := _CODED.search(text, start, end)):
        end = coded.start()
    while start < end and text[end - 1] in _EDGE:
        end -= 1
    return Span(start, end, span.entity, span.score) if start < end and _counts(text, start, end, span.entity) else None


def _counts(text: str, start: int, end: int, entity: str) -> bool:
    written = text[start:end]
    if entity == "DATE_TIME":
        is_duration = _DURATION.search(written) and not _YEAR.search(written)
        return _DATED.search(written) is not None and not is_duration
    words = written.split()
    is_thing = all(_is_thing(word.lower().strip(_EDGE)) for word in words)
    if is_thing or _is_form(text, start, end, entity) or _is_code(text, start, end):
        return False
    if entity in {"ORGANIZATION", "LOCATION"} and _BODY.search(written):
        return False
    if entity == "LOCATION" and written[-1].isdigit():
        return False  # a release, a row; a house has a street, which has a form
    if entity == "NRP" or text.isupper() or text.islower():
        return True
    is_short = len(words) == 1 and written.isupper() and (entity != "LOCATION" or len(written) <= ABBREVIATED)
    return not is_short and not (entity == "PERSON" and written.islower())


def _is_thing(word: str) -> bool:
    """Whether `word` is nobody's name, or the number of a release behind one."""
    return word in THINGS or word.isdigit()


def _is_form(text: str, start: int, end: int, entity: str) -> bool:
    """Whether `text[start:end]` is a ticket's key, the name of a header, or the grade of a model (`M3 Max`)."""
    written = text[start:end]
    is_header = entity == "ORGANIZATION" and text[end : end + 1] == ":" and _HEADER.fullmatch(written)
    if is_header or _TICKET.fullmatch(written):
        return True
    return written.lower() in _GRADES and _MODEL.search(text[max(0, start - MOST_BEFORE) : start]) is not None


def _is_code(text: str, start: int, end: int) -> bool:
    """Whether what stands in `text[start:end]`, or at its edges, is written by or for a program."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if (
        _CODE.search(_JOINED_NAME.sub("", text[start:end]))
        or (before and before in _BEFORE_CODE)
        or (after and after in _AFTER_CODE)
    ):
        return True
    is_joined = after != "" and after in ":." and text[end + 1 : end + 2].strip() != ""
    return is_joined or (before == ":" and text[start - 2 : start - 1].isalnum())


def _repeated(text: str, people: Sequence[Span]) -> Iterator[Span]:
    """Yield the places where a person of `people` is named by one of the names."""
    parts: set[str] = set()
    for span in people[:MAX_NAMES]:
        words = text[span.start : span.end].split()
        parts |= {word for word in words if len(words) > 1 and _is_part(word)}
    known = {at for span in people for at in range(span.start, span.end)} if parts else set[int]()
    for word in _WORD.finditer(text) if parts else ():
        if word[0] in parts and word.start() not in known:
            yield Span(*word.span(), "PERSON", REPEATED)


def _is_part(word: str) -> bool:
    return len(word) >= SHORTEST and word[0].isupper() and word[1:].islower() and word.lower() not in NO_NAME
