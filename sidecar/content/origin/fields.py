"""The fields of a tool's response, and who answers for each.

Trust is a matter of fields, not of whole responses: a tool that is untrusted may vouch for some of them by pointer
(`/*/id`: JSON Pointer, RFC 6901, with `*` for any one member), and what it finds for the user's own words counts as
the user's (`resolves`). Fields can be told apart only where the response parses in the format that the catalogue says.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import yaml

from sidecar.content.injection.neutral import unmarked
from sidecar.content.origin.said import Said
from sidecar.errors import JsonError
from sidecar.model.origin import Origin
from sidecar.model.strict_json import Json, parse

MAX_FIELDS: Final = 20_000  # of one response; what is beyond them is a stranger's, as one text
MAX_NODES: Final = 100_000  # of one response
MAX_DEPTH: Final = 64
LONGEST: Final = {"json": 1 << 18, "yaml": 1 << 15}  # characters, by format; both take some milliseconds
DEEPEST: Final = 4  # members within each other among which a list of records is looked for
ANY: Final = "*"
NAMES: Final = "*#"  # of the members, as relative pointers have it

Pointer = tuple[str, ...]


def parsed(text: str, form: str) -> Json:
    """Return the value that `text` is in the format `form` (json, yaml); the text itself where it is none.

    A text that would take long to parse is one text: then nobody vouches for a part of it.
    """
    if len(text) > LONGEST.get(form, 0):
        return text
    try:
        if form == "json":
            return parse(text)
        return _Plain().value(yaml.load(text, Loader=yaml.CSafeLoader), MAX_DEPTH)
    except (JsonError, yaml.YAMLError, ValueError, RecursionError):
        return text


def said(body: Json, *, base: Origin, vouches: Sequence[Pointer], resolved: Mapping[Pointer, Origin]) -> Iterator[Said]:
    """Yield the texts of a response, each with its origin: `base`, unless the tool vouches for it or resolved it.

    Each member of a list of values that have members is a record, also where the list is within others, and else each
    first member that has some; what is left of a response is one. Names that are not plain words are texts, too: for
    them a tool vouches with all that they are members of, or by a pointer of their own (`/*#`).
    """
    records: dict[Pointer, int] = {}
    for path, text, is_name in islice(_leaves(body, ()), MAX_FIELDS):
        record = records.setdefault(_record(body, path), len(records))
        origin = _named(path, base, vouches) if is_name else _origin(path, base, vouches, resolved)
        yield Said(text=text, origin=origin, record=record)


def _record(body: Json, path: Pointer) -> Pointer:
    """Return where the record begins that a field belongs to."""
    held, record = body, path[:1] if isinstance(body, list) else ()
    for at, step in enumerate(path[:DEEPEST]):
        is_list = isinstance(held, list)
        held = held[int(step)] if isinstance(held, list) else held[step] if isinstance(held, Mapping) else None
        if isinstance(held, Mapping) and (is_list or not at):
            record = path[: at + 1]
        if is_list:
            break
    return record


def _origin(path: Pointer, base: Origin, vouches: Sequence[Pointer], resolved: Mapping[Pointer, Origin]) -> Origin:
    given = next((origin for pattern, origin in resolved.items() if _matches(pattern, path)), None)
    if given is not None:
        return given
    return Origin.TRUSTED if any(_matches(pattern, path) for pattern in vouches) else base


def _named(path: Pointer, base: Origin, vouches: Sequence[Pointer]) -> Origin:
    """Return the origin of the name of the member at `path`: trusted where what has it is vouched for whole."""
    pointers = [each for each in vouches if each[-1:] == (NAMES,) and len(each) == len(path)]
    is_named = any(_matches((*each[:-1], ANY), path) for each in pointers)
    return Origin.TRUSTED if is_named or any(_matches(each, path[:-1]) for each in vouches) else base


def _matches(pattern: Pointer, path: Pointer) -> bool:
    """Return whether a field lies at the pointer or below it."""
    return len(pattern) <= len(path) and all(want in (ANY, have) for want, have in zip(pattern, path, strict=False))


def _leaves(value: Json, path: Pointer) -> Iterator[tuple[Pointer, str, bool]]:
    match value:
        case bool() | None:
            return
        case Mapping():
            for name, member in value.items():
                if not name.isidentifier():
                    yield (*path, name), name, True
                yield from _leaves(member, (*path, name))
        case list():
            for at, item in enumerate(value):
                yield from _leaves(item, (*path, str(at)))
        case _:
            yield path, unmarked(str(value)), False


class _Plain:
    """Makes values of JSON of what YAML made; an alias is written out, so that all of them together are bounded."""

    def __init__(self) -> None:
        self._left = MAX_NODES

    def value(self, value: object, depth: int) -> Json:
        """Return `value` with dates and the like as texts. Raises `ValueError` where it is too much."""
        self._left -= 1
        if depth < 0 or self._left < 0:
            raise ValueError("too much, or nested too deeply")
        match value:
            case None | bool() | int() | float() | str():
                return value
            case dict():
                return {str(name): self.value(member, depth - 1) for name, member in value.items()}
            case list() | tuple() | set():
                return [self.value(item, depth - 1) for item in value]
            case _:
                return str(value)
