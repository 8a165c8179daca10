"""The files of a pack's directory, read once: what is hashed is what is parsed.

A file that no pack has is an error, because a misspelt `rule.yaml` would otherwise be silence; what begins with a dot
is not looked at (a mounted ConfigMap keeps its versions there), and text for people may stand beside the rest.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_FILES: Final = 5_000  # per pack: a schema for each of some thousand tools
MAX_FILE_BYTES: Final = 4 * 1024 * 1024
MAX_PACK_BYTES: Final = 64 * 1024 * 1024

_FILES: Final = re.compile(
    r"(pack|tools|rules|privacy|injections|limits|autonomy|instructions|prices|tasks)\.yaml|schemas/[^/]+\.json|tests/[^/]+\.yaml"
)
_FOR_PEOPLE: Final = re.compile(r"(README|CHANGELOG|LICENSE|NOTICE)(\.md|\.txt|\.rst)?")


@dataclass(frozen=True, slots=True)
class PackFiles:
    """What stands in a pack's directory: relative paths with `/`, and the bytes."""

    directory: Path
    files: Mapping[str, bytes]

    def path(self, name: str) -> str:
        """Return the path of the file `name` for people to read."""
        return str(self.directory / name)

    @property
    def digest(self) -> str:
        """The SHA-256 over all files: of each, in order of path, the lengths and bytes of path and content."""
        total = hashlib.sha256()
        for name in sorted(self.files):
            for part in (name.encode(), self.files[name]):
                total.update(len(part).to_bytes(8, "big") + part)
        return f"sha256:{total.hexdigest()}"


def read_files(directory: Path, problems: list[str]) -> PackFiles:
    """Return the files of the pack at `directory`; what is wrong with them is added to `problems`."""
    found: dict[str, bytes] = {}
    home, left = directory.resolve(), MAX_PACK_BYTES
    for name in _names(home, problems, str(directory)):
        shown = directory / name
        if _FOR_PEOPLE.fullmatch(name):
            continue
        if not _FILES.fullmatch(name):
            problems.append(f"{shown}: is no file of a rule pack: expected one of the names in rule packs")
            continue
        raw = _read(home, name, problems, str(shown))
        left -= len(raw)
        if left < 0:
            problems.append(f"{directory}: expected at most {MAX_PACK_BYTES} bytes in all")
            break
        found[name] = raw
    return PackFiles(directory, found)


def _names(home: Path, problems: list[str], shown: str) -> list[str]:
    names: list[str] = []
    for folder, folders, files in os.walk(home):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        names += [os.path.relpath(Path(folder) / each, home) for each in sorted(files) if not each.startswith(".")]
        if len(names) > MAX_FILES:
            problems.append(f"{shown}: expected at most {MAX_FILES} files")
            return names[:MAX_FILES]
    return [name.replace(os.sep, "/") for name in names]


def _read(home: Path, name: str, problems: list[str], shown: str) -> bytes:
    try:
        path = (home / name).resolve()
    except RuntimeError:  # links in a circle; until Python 3.13
        path = home
    if not path.is_relative_to(home) or not path.is_file():
        problems.append(f"{shown}: expected a file within the pack")
        return b""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        problems.append(f"{shown}: cannot be read: {error.strerror}")
        return b""
    if len(raw) > MAX_FILE_BYTES:
        problems.append(f"{shown}: expected at most {MAX_FILE_BYTES} bytes")
        return b""
    return raw
