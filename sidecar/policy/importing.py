"""A rule pack from a list of tool definitions: catalogues are generated, then read by a person.

A definition says what a tool takes, not what it does to the world, and its description is the word of whoever wrote
it. So an imported tool is taken for the worst: every effect, irreversible, untrusted. What its name suggests stands
beside it in a comment, for the person who narrows it. Schemas are kept as given.

Read are the forms of OpenAI (`parameters`, alone or within `function`), MCP (`inputSchema`, `outputSchema`: the
result of tools/list, or the response that carries it) and Anthropic (`input_schema`), alone or mixed.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from sidecar.errors import ConfigError, JsonError
from sidecar.model.strict_json import Json, parse, pointer
from sidecar.policy.catalogue import Effect
from sidecar.policy.files import MAX_TOOLS
from sidecar.policy.guessing import guess as guessed
from sidecar.policy.guessing import suggested
from sidecar.policy.schemas import compile_schema
from sidecar.policy.takes import GIVEN, of_schema

MAX_BYTES: Final = 32 * 1024 * 1024  # of a list of definitions
MAX_DESCRIPTION: Final = 1_000  # characters kept of a tool's own words
_WORST: Final = "Every tool is taken for the worst until somebody narrows `effects`, `trust` and `reversible`."
_GUESSED: Final = (
    "Guessed from names and arguments: a draft, which somebody who knows the tools must review entry by entry."
)

_TOOL_NAME: Final = re.compile(r"[^\s\x00-\x1f\x7f*]{1,256}")
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Definition:
    """One tool as somebody defined it."""

    name: str
    description: str
    arguments: Json
    result: Json


def imported(file: Path, directory: Path, *, name: str = "", guess: bool = False) -> Path:
    """Write a rule pack of the tools in `file` to `directory`, which must be empty or absent, and return that.

    The pack is called `name`, else as the file up to its first dot. With `guess`, effects, sinks and trust are guessed
    (guessing.py) in the place of the worst. Raises `ConfigError` with every problem.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
        value = parse(raw.decode("utf-8")) if len(raw) <= MAX_BYTES else None
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read: {error.strerror}"]) from None
    except (UnicodeDecodeError, JsonError):
        raise ConfigError([f"{file}: expected one JSON value in UTF-8"]) from None
    pack = name or _UNFIT.sub("-", file.name.partition(".")[0]).strip("-_").lower().replace("_", "-")
    files = pack_files(pack, definitions(value, str(file)), guess=guess)
    _write(directory, files)
    return directory


def definitions(value: Json, where: str) -> tuple[Definition, ...]:
    """Return the tools that `value` defines. Raises `ConfigError` with every problem, each beginning with `where`."""
    problems: list[str] = []
    found: dict[str, Definition] = {}
    for index, item in enumerate(_items(value)):
        definition = _definition(item)
        if definition is None:
            problems.append(f"{where}: [{index}]: expected a tool: an object with a name and an object as its schema")
        elif not _TOOL_NAME.fullmatch(definition.name):
            problems.append(f"{where}: [{index}]: expected a name without white space and `*`, at most 256 characters")
        elif definition.name in found:
            problems.append(f"{where}: [{index}]: `{definition.name}` is defined twice")
        else:
            found[definition.name] = definition
            problems.extend(f"{where}: {problem}" for problem in _unusable(definition))
    if not problems and not 1 <= len(found) <= MAX_TOOLS:
        problems.append(f'{where}: expected a list of 1 to {MAX_TOOLS} tools, or an object with one under "tools"')
    if problems:
        raise ConfigError(problems)
    return tuple(found.values())


def pack_files(pack: str, tools: Sequence[Definition], *, guess: bool = False) -> dict[str, str]:
    """Return the files of a rule pack of `tools`, by relative path. Raises `ConfigError` for an unfit name."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", pack):
        raise ConfigError([f"`{pack}` cannot be the name of a pack: use a to z, 0 to 9 and `-`"])
    about = "Imported; nobody has reviewed the effects of its tools yet."
    files = {"pack.yaml": f"name: {pack}\nversion: 0.1.0\ndescription: {about}\n"}
    lines = [f"# Imported. {_GUESSED if guess else _WORST}", "tools:"]
    taken: set[str] = set()
    for tool in tools:
        stem = _stem(tool.name, taken)
        lines += _entry(tool, stem, _guessed(tool) if guess else _worst(tool))
        files[f"schemas/{stem}.arguments.json"] = _json(tool.arguments)
        if tool.result is not None:
            files[f"schemas/{stem}.result.json"] = _json(tool.result)
    files["tools.yaml"] = "\n".join(lines) + "\n"
    return files


def _items(value: Json) -> Sequence[Json]:
    for _ in range(2):  # {"result": {"tools": […]}} of a JSON-RPC response
        if isinstance(value, Mapping):
            value = value.get("tools", value.get("result"))
    return value if isinstance(value, list) else ()


def _definition(item: Json) -> Definition | None:
    if isinstance(item, Mapping) and isinstance(item.get("function"), Mapping):
        item = item["function"]
    if not isinstance(item, Mapping):
        return None
    name, description = item.get("name"), item.get("description")
    schemas = [item[key] for key in ("parameters", "inputSchema", "input_schema") if isinstance(item.get(key), Mapping)]
    if not isinstance(name, str) or len(schemas) != 1:
        return None
    return Definition(name, description if isinstance(description, str) else "", schemas[0], item.get("outputSchema"))


def _unusable(tool: Definition) -> Iterator[str]:
    for schema, which in ((tool.arguments, "arguments"), (tool.result, "result")):
        if schema is not None:
            try:
                compile_schema(schema, name=f"{tool.name}.{which}")
            except ConfigError as error:
                yield from error.problems


def _stem(name: str, taken: set[str]) -> str:
    """Return a file's name for the schemas of the tool `name` that differs from those `taken`, case apart."""
    plain = _UNFIT.sub("_", name).strip("._-")[:100] or "tool"
    stem, number = plain, 1
    while stem.lower() in taken:
        number += 1
        stem = f"{plain}_{number}"
    taken.add(stem.lower())
    return stem


def _entry(tool: Definition, stem: str, what: Sequence[str]) -> list[str]:
    lines = [f"  {_quoted(tool.name)}:"]
    if tool.description:
        lines.append(f"    description: {_quoted(tool.description[:MAX_DESCRIPTION])}")
    lines += [*what, *_takes(tool), f"    arguments: {stem}.arguments"]
    return lines if tool.result is None else [*lines, f"    result: {stem}.result"]


def _takes(tool: Definition) -> list[str]:
    """Say which arguments take a secret: a person may strike it out, or add to it."""
    taken = {
        pointer(at): sorted(secret) for at, kinds in of_schema(tool.arguments).items() if (secret := kinds & GIVEN)
    }
    told = ", ".join(f"{_quoted(at)}: [{', '.join(kinds)}]" for at, kinds in sorted(taken.items()))
    return [f"    takes: {{{told}}}  # not reviewed: values are put back there for tokens of these kinds"]


def _worst(tool: Definition) -> list[str]:
    hint = ", ".join(suggested(tool.name))
    comment = f"  # not reviewed; the name suggests: [{hint}]" if hint else "  # not reviewed"
    return [f"    effects: [{', '.join(Effect)}]{comment}", "    reversible: false", "    trust: untrusted"]


def _guessed(tool: Definition) -> list[str]:
    found = guessed(tool.name, tool.arguments)
    reads = set(found.effects) <= {Effect.READ, Effect.EGRESS}
    lines = [
        f"    effects: [{', '.join(found.effects)}]  # not reviewed: guessed, as all of this entry",
        f"    reversible: {str(reads).lower()}",
        f"    trust: {'trusted' if found.is_trusted else 'untrusted'}",
    ]
    if found.sinks:
        sinks = ", ".join(f"{_quoted(name)}: {kind}" for name, kind in found.sinks.items())
        lines.append(f"    sinks: {{{sinks}}}")
    if found.vouches:
        lines += ["    format: yaml", f"    vouches: [{', '.join(map(_quoted, found.vouches))}]"]
    return lines


def _quoted(text: str) -> str:
    dumped: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=2 * len(text) + MAX_DESCRIPTION)
    return dumped.rstrip("\n")


def _json(schema: Json) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _write(directory: Path, files: Mapping[str, str]) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ConfigError([f"{directory}: exists and is not empty: name another directory"])
    try:
        for name, text in files.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{directory}: cannot be written: {error.strerror}"]) from None
