"""Names between whose words stands more than one space, or the end of a line that was wrapped.

The model that names people reads both as the end of a name. Only a few words around such a place are read once more.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.normal.view import Edit

AROUND: Final = 60  # characters before and behind, which tell the model what the name does there
WRAPPED: Final = 45  # characters of a line at least: a shorter one ends where somebody wanted it to
MAX_PLACES: Final = 24  # in one text

_WORD: Final = r"[^\W\d_a-z]['\u2019]?[^\W\d_]{1,24}(?:[-'\u2019][^\W\d_]{2,24})?"
_SPACED: Final = re.compile(rf"(?<![\w.-])(?:{_WORD}|[A-Z]\.)(?P<gap>[ \u00a0]{{2,3}}){_WORD}(?![ \u00a0]{{2}}|\t)")
_LINE: Final = re.compile(rf"(?<![\w.-])(?:{_WORD}|[A-Z]\.)(?P<gap>[ ]?\r?\n){_WORD}(?![\w:]|[ \u00a0]{{2}})")


def wrapped(text: str) -> Iterator[tuple[int, int, list[Edit]]]:
    """Yield where a name of several words may be pulled apart: from where to where to read, and how."""
    places = [match for match in _SPACED.finditer(text) if not _is_table(text, match)] if _is_wide(text) else []
    if "\n" in text:
        places += [match for match in _LINE.finditer(text) if _is_long(text, match)]
    for match in places[:MAX_PLACES]:
        start, end = match.span("gap")
        yield _begin(text, match.start()), _until(text, match.end()), [Edit(start, end, " ")]


def _is_long(text: str, match: re.Match[str]) -> bool:
    return match.start("gap") - text.rfind("\n", 0, match.start()) > WRAPPED


def _is_wide(text: str) -> bool:
    return "  " in text or "\u00a0" in text


def _is_table(text: str, match: re.Match[str]) -> bool:
    """Whether the line has another gap: columns are apart, too."""
    begin, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
    line = text[begin : match.start("gap")] + text[match.end("gap") : len(text) if end == -1 else end]
    return "  " in line.strip() or "\t" in line


def _begin(text: str, at: int) -> int:
    least = max(0, at - AROUND)
    paragraph = text.rfind("\n\n", least, at)
    if paragraph != -1:
        return paragraph + 2
    return (text.find(" ", least, at) + 1 or at) if least else 0


def _until(text: str, at: int) -> int:
    most = min(len(text), at + AROUND)
    paragraph = text.find("\n\n", at, most)
    return paragraph if paragraph != -1 else most
