"""Names between whose words stands more than one space, a tab, or the end of a line that was wrapped.

The model that names people reads all of them as the end of a name. A tab parts columns, so it counts only in
prose. Only a few words around such a place are read once more.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.given_names import ALONE, BEFORE
from sidecar.content.normal.view import Edit

GIVEN: Final = ALONE | BEFORE
AROUND: Final = 60  # characters before and behind, which tell the model what the name does there
WRAPPED: Final = 45  # characters of a line at least: a shorter one ends where somebody wanted it to
MAX_PLACES: Final = 24  # in one text

_WORD: Final = r"[^\W\d_a-z]['\u2019]?[^\W\d_]{1,24}(?:[-'\u2019][^\W\d_]{2,24})?"
_SPACED: Final = re.compile(rf"(?<![\w.-])(?:{_WORD}|[A-Z]\.)(?P<gap>[ \u00a0]{{2,3}}){_WORD}(?![ \u00a0]{{2}}|\t)")
_TABBED: Final = re.compile(rf"(?<![\w.-])(?:{_WORD}|[A-Z]\.)(?P<gap>[ ]?\t[ ]?){_WORD}(?![\w\t])")
_SMALL: Final = re.compile(r"(?<![^\s(\"'])[a-z]{2,}(?![^\s.,;:!?)\"'])")  # a word that tables have few of
PROSE: Final = 2  # such words of a line at least
LONGEST: Final = 256  # characters of a line before and behind a tab that are looked at
_COLUMNS: Final = tuple(re.compile(rf"[{sign}](?!\s)") for sign in ",;|")  # what parts the cells of a row
FEWEST: Final = 2  # of them in a row: one comma is in many lines
_LINE: Final = re.compile(rf"(?<![\w.-])(?:{_WORD}|[A-Z]\.)(?P<gap>[ ]?\r?\n){_WORD}(?![\w:]|[ \u00a0]{{2}})")


def wrapped(text: str) -> Iterator[tuple[int, int, list[Edit]]]:
    """Yield where a name of several words may be pulled apart: from where to where to read, and how."""
    places = [match for match in _SPACED.finditer(text) if not _is_table(text, match)] if _is_wide(text) else []
    if "\t" in text:
        places += [match for match in _TABBED.finditer(text) if _is_prose(text, match) or _is_alone(text, match)]
    if "\n" in text:
        places += [match for match in _LINE.finditer(text) if _is_long(text, match) and not _are_rows(text, match)]
    for match in places[:MAX_PLACES]:
        start, end = match.span("gap")
        yield _begin(text, match.start()), _until(text, match.end()), [Edit(start, end, " ")]


def _is_prose(text: str, match: re.Match[str]) -> bool:
    """Whether the line has no other tab, and words of a sentence."""
    least = max(0, match.start() - LONGEST)
    begin = text.rfind("\n", least, match.start()) + 1 or least
    line = text[begin : min(_line_end(text, match.end()), match.end() + LONGEST)]
    return line.count("\t") == 1 and len(_SMALL.findall(line)) >= PROSE


def _is_alone(text: str, match: re.Match[str]) -> bool:
    """Whether the text, or a paragraph of it, is two words, of which the first is a given name: no row of a table."""
    words = match[0].split()
    begin, end = max(0, match.start() - LONGEST), match.end() + LONGEST
    before, behind = text[begin : match.start()].rpartition("\n\n")[2], text[match.end() : end].partition("\n\n")[0]
    return words[0].lower() in GIVEN and not before.strip() and not behind.strip(" .,;\r\n")


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end == -1 else end


def _is_long(text: str, match: re.Match[str]) -> bool:
    return match.start("gap") - text.rfind("\n", 0, match.start()) > WRAPPED


def _are_rows(text: str, match: re.Match[str]) -> bool:
    """Whether the lines that meet are rows of a table: no space stands behind what parts their cells."""
    least = max(0, match.start() - LONGEST)
    begin = text.rfind("\n", least, match.start()) + 1 or least
    above, below = text[begin : match.start("gap")], text[match.end("gap") : _line_end(text, match.end())]
    cells = [sorted((len(sign.findall(above)), len(sign.findall(below)))) for sign in _COLUMNS]
    return any(fewer and more >= FEWEST for fewer, more in cells)


def _is_wide(text: str) -> bool:
    return "  " in text or "\u00a0" in text


def _is_table(text: str, match: re.Match[str]) -> bool:
    """Whether the line has another gap: columns are apart, too."""
    begin = text.rfind("\n", 0, match.start()) + 1
    line = text[begin : match.start("gap")] + text[match.end("gap") : _line_end(text, match.end())]
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
