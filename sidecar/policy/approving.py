"""Adds one approved text to a pack's instructions.yaml, and leaves all else that people wrote there as it is."""

import json
from pathlib import Path
from typing import Final

import yaml

from sidecar.errors import ConfigError
from sidecar.model.instructions import digest_of
from sidecar.policy.document import parse
from sidecar.policy.instructions import InstructionsFile

NAME: Final = "instructions.yaml"
MAX_TEXT_BYTES: Final = 4 * 1024 * 1024  # of a text: more is no prompt


def approved(pack: Path, text: Path, layer: str, note: str = "") -> str:
    """Approve what the file `text` holds in `layer` of the pack in the folder `pack`, and return its digest.

    One that is approved there already stays as it is. Raises `ConfigError` where a file cannot be read or written, or
    where the entry has to be made by hand.
    """
    digest = digest_of(_read(text, MAX_TEXT_BYTES))
    path = pack / NAME
    if not (pack / "pack.yaml").is_file():
        raise ConfigError([f"{pack}: is no rule pack: it has no pack.yaml"])
    before = _read(path, MAX_TEXT_BYTES) if path.exists() else ""
    if digest in _digests(before, layer, str(path)):
        return digest
    after = _added(before, layer, digest if not note else f"{{digest: {digest}, note: {json.dumps(note)}}}")
    expected = _digests(before, layer, str(path)) | {digest}
    if after is None or _digests(after, layer, str(path)) != expected:
        raise ConfigError([f"{path}: cannot be edited without a person: add {digest} to the layer `{layer}`"])
    try:
        path.write_text(after, encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None
    return digest


def _read(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    if len(raw) > most:
        raise ConfigError([f"{path}: expected at most {most} bytes"])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: expected UTF-8"]) from None


def _digests(text: str, layer: str, name: str) -> frozenset[str]:
    """Return what `layer` holds in the file of this text. Raises `ConfigError` where it is none."""
    if not text.strip():
        return frozenset()
    problems: list[str] = []
    found = parse(text.encode(), name, InstructionsFile, problems)
    if found is None:
        raise ConfigError(problems)
    part = found.layers.get(layer)
    return part.layer.approved if part else frozenset()


def _added(text: str, layer: str, entry: str) -> str | None:
    """Return `text` with `entry` in `layer`; None where there is no plain place for it."""
    if not text.strip():
        return f"layers:\n  {layer}:\n    - {entry}\n"
    layers = _member(yaml.compose(text, Loader=yaml.SafeLoader), "layers")
    if not isinstance(layers, yaml.MappingNode):
        return None
    place = _member(layers, layer)
    entries = _member(place, "approved") if isinstance(place, yaml.MappingNode) else place
    if entries is None and not layers.flow_style:
        indent = " " * layers.start_mark.column
        return _line_after(text, layers, f"{indent}{layer}:\n{indent}  - {entry}")
    if not isinstance(entries, yaml.SequenceNode):
        return None
    if entries.flow_style:
        end = entries.end_mark.index - 1
        return f"{text[:end].rstrip()}{', ' if entries.value else ''}{entry}{text[end:]}"
    return _line_after(text, entries.value[-1], f"{' ' * entries.start_mark.column}- {entry}")


def _member(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)


def _line_after(text: str, node: yaml.Node, line: str) -> str:
    """Return `text` with `line` behind the last line of `node` that says something."""
    lines = text.splitlines()
    at = node.end_mark.line + (node.end_mark.column > 0)
    while at and not lines[at - 1].partition("#")[0].strip():
        at -= 1
    return "\n".join([*lines[:at], line, *lines[at:]]) + "\n"
