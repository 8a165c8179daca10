"""Files of labelled texts: one JSON object a line, plain or gzip. What is wrong with one is told, with its line."""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path


def read(path: Path, members: Sequence[str]) -> list[dict[str, object]]:
    """Return the rows of `path`, each with `members`. Raises `SystemExit` that says what is expected."""
    rows = [_row(path, number, line, members) for number, line in enumerate(_lines(path), 1)]
    if not rows:
        raise SystemExit(f"{path}: no lines: expected one JSON object a line, with {_listed(members)}")
    return rows


def first(path: Path) -> dict[str, object]:
    """Return the first row of `path`. Raises `SystemExit`."""
    line = next(_lines(path), "")
    return _row(path, 1, line, ())


def spans_of(path: Path, rows: Sequence[dict[str, object]]) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Yield the text of each row with its spans: start, end, label. Raises `SystemExit` for one outside its text."""
    for number, row in enumerate(rows, 1):
        text, spans = row["text"], row["spans"]
        if not isinstance(text, str) or not isinstance(spans, list):
            raise SystemExit(f"{path}, line {number}: expected `text` to be a string and `spans` a list")
        yield text, [_span(f"{path}, line {number}", len(text), span) for span in spans]


def _span(where: str, size: int, span: object) -> tuple[int, int, str]:
    start, end, label = (span.get(n) if isinstance(span, dict) else None for n in ("start", "end", "label"))
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(label, str)):
        raise SystemExit(f"{where}: expected a span to have `start` and `end` (numbers) and `label`")
    if not 0 <= start < end <= size:
        raise SystemExit(f"{where}: a span from {start} to {end} is not in its text of {size}")
    return start, end, label


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            yield from lines
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise SystemExit(f"{path}: cannot be read as lines of UTF-8, gzip where it ends in .gz: {why}") from None


def _row(path: Path, number: int, line: str, members: Sequence[str]) -> dict[str, object]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict) or (missing := [name for name in members if name not in row]):
        lacks = f" and lacks {_listed(missing)}" if isinstance(row, dict) else ""
        raise SystemExit(
            f"{path}, line {number}: expected one JSON object a line, with `text` and `spans`, or with `source`, "
            f"`surface`, `label` and `text`; this is {'one' if lacks else 'none'}{lacks}"
        )
    return row


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
