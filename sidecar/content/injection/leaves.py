"""The texts of a crossing that may hold something for the model, and how freely each may be rewritten.

Every string of the body, also one without a letter, and every member's name that is more than an identifier. A
name can lose characters that nobody sees; it cannot be marked or cut, and neither can a member of A2A's protocol.
Files that an A2A message carries as Base64 are not text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sidecar.content.places import BYTES, FREE_FORM, PROTOCOL
from sidecar.content.rewriting import Path, is_identifier
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text at `path`; `is_name` where it is the name of the member there, `is_fixed` where it stays as it is."""

    path: Path
    text: str
    is_name: bool = False
    is_fixed: bool = False


def leaves(crossing: Crossing) -> Iterator[Leaf]:
    """Yield the texts of `crossing`, outermost first, in order. Who parsed the body bounded its nesting."""
    if crossing.boundary is not Boundary.A2A_MESSAGE:
        yield from _walk(crossing.body, ())
        return
    for leaf in _walk(crossing.body, ()):
        names = [segment for segment in leaf.path if isinstance(segment, str)]
        member = names[-1] if names and FREE_FORM.isdisjoint(names[:-1]) else ""
        if leaf.is_name or member not in PROTOCOL | BYTES:
            yield leaf
        elif member in PROTOCOL:
            yield Leaf(leaf.path, leaf.text, is_fixed=True)


def _walk(value: Json, path: Path) -> Iterator[Leaf]:
    match value:
        case str():
            if value:
                yield Leaf(path, value)
        case bool() | None | int() | float():
            return
        case Mapping():
            for name, member in value.items():
                if not (name.isascii() and is_identifier(name)):
                    yield Leaf((*path, name), name, is_name=True)
                yield from _walk(member, (*path, name))
        case _:
            for index, item in enumerate(value):
                yield from _walk(item, (*path, index))
