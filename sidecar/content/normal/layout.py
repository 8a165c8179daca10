"""Words and numbers that are pulled apart: by markup, by spaces or dots between all signs, by a line's end.

`4111<b>1111</b>`, `4 1 1 1`, `a d a @ example . org`, `ada (at) example (dot) org`.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.normal.view import Edit

_TAG = r"</?[A-Za-z][^<>]{0,64}>|<!--.{0,64}?-->"
_MARKUP = re.compile(
    rf"(?<=[\w@.):/-])(?:{_TAG})+(?=[\w@.:(+/-]|[ ][\d(])|(?<=\d)(?:[*`~_]{{1,3}}|{_TAG}){{1,8}}(?=\d)"
    rf"|(?<=[\d)][ ])(?:{_TAG})+(?=\d)"
)
_INSIDE = re.compile(r"(?<=[A-Za-z0-9])[*`~]{1,3}(?=[A-Za-z0-9])")
_EMPHASIZED = re.compile(
    r"[\d+][\d .()-]{0,16}[*`~_]{1,3}[ .(-]{0,3}[*`~_]{0,3}\d[\d .()*`~_-]{0,40}"
)  # groups of a number
_MARKS = re.compile(r"[*`~_]{1,16}")
_MARKED_AT = re.compile(r"(?<=\w)[*`~]{1,3}(?=@)|(?<=@)[*`~]{1,3}(?=\w)")
_LINE = re.compile(r"(?<=[\d)-])(?P<gap>[ \t]{0,2})\r?\n(?P<more>[ \t]{0,4})(?=[\d(]|-\d)")
_BETWEEN = r"(?:[ ]{1,3}(?:[@.:+()_-][ ]{0,3}){0,2}|[.,_/\u00b7@:+()-][ ]{0,3}(?:[(][ ]{0,3})?)"
_SPACED = re.compile(rf"(?<![^\W_])(?:[+(][ ]{{1,3}}){{0,2}}(?:[^\W_]{_BETWEEN}){{4,120}}[^\W_](?![^\W_])")
_GAP = re.compile(r"[ .,_/\u00b7]")
_AT = r"(?:[ ]?[\[({<][ ]?(?:at|\u0040)[ ]?[\])}>][ ]?|[ ]at[ ])"
_DOT = r"(?:[ ]?[\[({<][ ]?(?:dot|\.|punkt|punto)[ ]?[\])}>][ ]?|[ ]dot[ ])"
_SPELLED = re.compile(
    rf"[\w.+-]{{1,64}}(?:{_DOT}[\w+-]{{1,64}}){{0,4}}(?P<at>{_AT}|@)[\w-]{{1,63}}(?:(?:{_DOT}|\.)[\w-]{{1,63}}){{1,5}}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rf"(?<![\w.])\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}(?![\w.])", re.IGNORECASE)
_SIGNS = re.compile(rf"(?P<at>{_AT})|(?P<dot>{_DOT})", re.IGNORECASE)
_SPELLS: Final = (
    "dot",
    "(at)",
    "[at]",
    "{at}",
    "<at>",
    "( at )",
    "[ at ]",
    "[.]",
    "(.)",
    "[@]",
    "(@)",
    "punkt",
    "punto",
)


def joined(text: str) -> Iterator[Edit]:
    """Yield the markup and line's ends within words and numbers."""
    found = []
    if "<" in text or "*" in text or "`" in text or "~" in text or "_" in text:
        numbers = (match.span() for match in _EMPHASIZED.finditer(text))
        found += [Edit(*marks.span(), "") for number in numbers for marks in _MARKS.finditer(text, *number)]
        found += [Edit(*match.span(), "") for match in _MARKED_AT.finditer(text)] if "@" in text else []
        found += [Edit(*match.span(), "") for pattern in (_MARKUP, _INSIDE) for match in pattern.finditer(text)]
    if "\n" in text:
        found += [Edit(*match.span(), (match["gap"] + match["more"])[:1]) for match in _LINE.finditer(text)]
    return _disjoint(found)


def closed(text: str) -> Iterator[Edit]:
    """Yield the gaps in what is written sign by sign."""
    for match in _SPACED.finditer(text):
        written = match[0]
        gap = max(" .,_/\u00b7", key=written.count)
        for place in _GAP.finditer(text, match.start(), match.end()):
            if place[0] == gap:
                yield Edit(*place.span(), "")


def spelled(text: str) -> Iterator[Edit]:
    """Yield the signs of addresses that are written as words."""
    low = text.lower()
    if any(sign in low for sign in _SPELLS):
        yield from _disjoint([*_mail(text), *_machines(text)])


def _machines(text: str) -> Iterator[Edit]:
    for match in _ADDRESS.finditer(text):
        for sign in _SIGNS.finditer(text, *match.span()):
            yield Edit(*sign.span(), ".")


def _mail(text: str) -> Iterator[Edit]:
    for match in _SPELLED.finditer(text):
        for sign in _SIGNS.finditer(text, match.start(), match.end()):
            if sign["dot"] or sign.start() == match.start("at"):
                yield Edit(*sign.span(), "@" if sign["at"] else ".")


def _disjoint(edits: list[Edit]) -> Iterator[Edit]:
    end = 0
    for edit in sorted(edits):
        if edit.start >= end:
            yield edit
            end = edit.end
