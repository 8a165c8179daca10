"""How much of secrets is left in labelled texts: our recognizers beside detect-secrets, where that is installed.

A file has one JSON object a line, as `benchmarks/contents/secret_texts.py` prints them: `text`, and `spans` with
`start`, `end` and `label`. The leak rate is of labelled characters that nothing covers. A text without spans in which
something is found is a false alarm. detect-secrets is run with its own defaults in both of its ways: on files, as its
command does it, and on lines of text, where it leaves its filters out.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from contents import labelled

from sidecar.content.recognizers import secrets

Finder = Callable[[str], set[int]]  # the places of characters that are found in a text


@dataclass(slots=True)
class Left:
    """What somebody left in a file."""

    characters: dict[str, int] = field(default_factory=dict)
    leaked: dict[str, int] = field(default_factory=dict)
    clean: int = 0
    alarms: int = 0

    def add(self, covered: set[int], spans: list[Mapping[str, object]]) -> None:
        """Count one text."""
        if not spans:
            self.clean += 1
            self.alarms += bool(covered)
        for span in spans:
            label = str(span["label"])
            places = range(int(str(span["start"])), int(str(span["end"])))
            self.characters[label] = self.characters.get(label, 0) + len(places)
            self.leaked[label] = self.leaked.get(label, 0) + sum(at not in covered for at in places)

    def row(self, labels: list[str]) -> str:
        """Return the figures in percent: the leak by label, then false alarms."""
        leaks = [100 * self.leaked.get(label, 0) / max(self.characters.get(label, 0), 1) for label in labels]
        return "".join(f"{figure:18.2f}" for figure in [*leaks, 100 * self.alarms / max(self.clean, 1)])


def ours(text: str) -> set[int]:
    """Find with the recognizers that the worker runs."""
    return {at for span in secrets.find(text) for at in range(span.start, span.end)}


def theirs() -> Iterator[tuple[str, Finder]]:
    """Yield detect-secrets in both of its ways, if it is there."""
    with suppress(ImportError):
        scan = import_module("detect_secrets.core.scan")
        default_settings = import_module("detect_secrets.settings").default_settings

        def marked(text: str, told: Iterator[tuple[int, str]]) -> set[int]:
            lines = text.split("\n")
            starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
            return {
                starts[number] + at + offset
                for number, value in told
                for at in _places(lines[number], value)
                for offset in range(len(value))
            }

        def by_file(text: str) -> set[int]:
            with tempfile.TemporaryDirectory() as folder, default_settings():
                path = Path(folder) / "text.txt"
                path.write_text(text, encoding="utf-8")
                told = [(one.line_number - 1, one.secret_value or "") for one in scan.scan_file(str(path))]
            return marked(text, iter(told))

        def by_line(text: str) -> set[int]:
            with default_settings():
                told = [
                    (n, one.secret_value or "")
                    for n, line in enumerate(text.split("\n"))
                    for one in scan.scan_line(line)
                ]
            return marked(text, iter(told))

        yield "detect-secrets, files", by_file
        yield "detect-secrets, lines", by_line


def _places(line: str, value: str) -> Iterator[int]:
    at = line.find(value) if value else -1
    while at != -1:
        yield at
        at = line.find(value, at + 1)


def compare(path: Path, most: int | None) -> None:
    """Print the table of one file."""
    list(labelled.spans_of(path, labelled.read(path, ("text", "spans"))))  # tells what is wrong with it
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][:most]
    labels = sorted({span["label"] for row in rows for span in row["spans"]})
    finders = [("ours", ours), *theirs()]
    print(f"\n{path.name}: {len(rows)} texts, in percent")
    print(f"{'':24}" + "".join(f"{head:>18}" for head in [*(f"leak of {label}" for label in labels), "false alarms"]))
    for name, find in finders:
        left = Left()
        for row in rows:
            left.add(find(row["text"]), row["spans"])
        print(f"{name:24}{left.row(labels)}")
    if len(finders) == 1:
        print("detect-secrets is not installed: `pip install detect-secrets` to see it beside ours")
