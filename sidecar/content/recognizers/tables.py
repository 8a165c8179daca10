"""What stands in the columns of tables, where the column's name says what it is: CSV, Markdown, HTML.

The first row of a table names its columns (`headings`); in the rows behind it, as long as they have as many cells, a
value counts that can be what its column says.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import holds
from sidecar.content.recognizers.headings import HINTS, KINDS, fits, kinds

ENTITIES: Final = KINDS
REPLACES: Final = frozenset[str]()

FOUND: Final = 0.6
MAX_ROWS: Final = 200  # of one table; texts are looked at in pieces that hold fewer
MAX_CELLS: Final = 64  # of a row
LONGEST_CELL: Final = 64  # characters of a column's name

_SEPARATORS: Final = "|\t;,"
_QUOTED = re.compile(r'"[^"\n]*"|[^",\n]+|,')
_CELL = re.compile(r"<t[hd](?:[ ][^<>]{0,128})?>(?P<cell>[^<>]{0,160})</t[hd]>", re.IGNORECASE)
_ROW_END: Final = re.compile(r"</tr>", re.IGNORECASE)
_AROUND: Final = " \t\"'*`\r"

_Cells = list[tuple[int, int]]
_Header = tuple[str, dict[int, str], int]


def find(text: str) -> Iterator[Span]:
    """Yield what the columns of tables in `text` hold."""
    is_lines = "\n" in text and holds(text, _SEPARATORS)
    is_html = "<t" in text or "<T" in text
    if is_lines:
        yield from _lines(text)
    if is_html and holds(text.lower(), HINTS):
        yield from _html(text)


def _lines(text: str) -> Iterator[Span]:
    """Yield what stands in the columns of tables whose rows are lines."""
    header: _Header | None = None
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


def _header(line: str) -> _Header | None:
    """Return the sign between cells, the kinds of columns, and how many there are, where `line` is a header."""
    if len(line) > MAX_CELLS * LONGEST_CELL or (". " in line and "|" not in line):  # a sentence
        return None
    separator = next((sign for sign in _SEPARATORS if sign in line), "")
    low = line.lower() if separator else ""
    if not separator or not holds(low, HINTS):
        return None
    cells = _cells(line, 0, separator)
    columns = kinds([line[start:end] for start, end in cells])
    told = sum(start < end for start, end in cells)
    is_list = separator == "," and told < len(cells)  # of a program: a comma stands behind the last, too
    return (separator, columns, len(cells)) if columns and told > 1 and not is_list else None


def _cells(line: str, start: int, separator: str) -> _Cells:
    """Return where the cells of a line stand, without what is around them."""
    cells: _Cells = []
    for piece in _pieces(line, separator)[: MAX_CELLS + 1]:
        left = len(piece) - len(piece.lstrip(_AROUND))
        cells.append((start + left, start + max(left, len(piece.rstrip(_AROUND)))))
        start += len(piece) + 1
    return cells


def _pieces(line: str, separator: str) -> list[str]:
    """Return the cells of a line as they are written: a comma within quotes is a part of one."""
    if separator != "," or '"' not in line:
        return line.split(separator)
    pieces = [""]
    for part in _QUOTED.findall(line):
        if part == ",":
            pieces.append("")
        else:
            pieces[-1] += part
    return pieces if sum(map(len, pieces)) + len(pieces) - 1 == len(line) else line.split(separator)


def _held(text: str, cells: _Cells, columns: dict[int, str]) -> Iterator[Span]:
    for at, kind in columns.items():
        if at < len(cells):
            start, end = cells[at]
            if fits(kind, text[start:end]):
                yield Span(start, end, kind.lstrip("*"), FOUND)


def _html(text: str) -> Iterator[Span]:
    """Yield what stands in the columns of tables of HTML."""
    header: tuple[dict[int, str], int] | None = None
    start = 0
    for _, end in zip(range(MAX_ROWS), _ROW_END.finditer(text), strict=False):
        row = list(_CELL.finditer(text, start, end.start()))[:MAX_CELLS]
        start = end.end()
        if header is None or len(row) != header[1]:
            columns = kinds([cell["cell"] for cell in row])
            header = (columns, len(row)) if columns else None
            continue
        yield from _held(text, [_stripped(cell) for cell in row], header[0])


def _stripped(cell: re.Match[str]) -> tuple[int, int]:
    start, end = cell.span("cell")
    written = cell["cell"]
    return start + len(written) - len(written.lstrip()), end - len(written) + len(written.rstrip())
