"""What members a value may have, as far as its schema tells: enough to find a misspelt name in a rule.

A shape is a guess on the safe side: where a schema says more than is understood here (`anyOf`, `patternProperties`,
a `$ref` into an `$anchor`), the shape is open and every name passes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.model.strict_json import Json

MAX_DEPTH: Final = 12  # of members within members, and of references that refer on
MAX_SHAPES: Final = 5_000  # of one schema: references may unfold without end
# Keywords by which a schema may allow members beyond its own `properties`.
_OPENING: Final = frozenset(
    {
        *("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "patternProperties", "additionalProperties"),
        *("unevaluatedProperties", "dependentSchemas", "dependencies", "$dynamicRef", "$recursiveRef", "extends"),
    }
)
# What may stand beside a `$ref` without saying more of the value.
_BESIDE_REF: Final = frozenset({"$ref", "$schema", "$id", "$defs", "definitions", "$comment", "description", "title"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is known of a value.

    `types` are JSON Schema's names of types, empty when any is possible. A `closed` one has no members but `members`.
    `items` are an array's, or the members of a map of things of one kind.
    `values`, where they are known, are the only strings that it can be.
    """

    types: frozenset[str] = frozenset()
    members: "Mapping[str, Shape]" = field(default_factory=dict)
    closed: bool = False
    items: "Shape | None" = None
    values: frozenset[str] | None = None


ANY: Final = Shape()


def of_schema(schema: Json, documents: Mapping[str, Json]) -> Shape:
    """Return the shape of values that satisfy `schema`; `documents` has what a `$ref` may name, by file name."""
    return _Reader(documents).shape(schema, schema, MAX_DEPTH)


def either(shapes: Sequence[Shape]) -> Shape:
    """Return the shape of a value that has one of `shapes`; of none, nothing is known."""
    if len(shapes) <= 1:
        return shapes[0] if shapes else ANY
    names = {name for shape in shapes for name in shape.members}
    items = [shape.items for shape in shapes]
    values = [shape.values for shape in shapes]
    known_values = [each for each in values if each is not None]
    return Shape(
        types=frozenset().union(*(s.types for s in shapes)) if all(s.types for s in shapes) else frozenset(),
        members={name: either([s.members[name] for s in shapes if name in s.members]) for name in sorted(names)},
        closed=all(shape.closed for shape in shapes),
        items=either([each for each in items if each is not None]) if all(items) else None,
        values=frozenset().union(*known_values) if len(known_values) == len(values) else None,
    )


def names(schema: Json) -> frozenset[str]:
    """Return every name of a property that `schema` declares, at any depth."""
    found: set[str] = set()
    stack: list[Json] = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            properties = node.get("properties")
            if isinstance(properties, Mapping):
                found.update(properties)
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return frozenset(found)


def references(schema: Json) -> frozenset[str]:
    """Return what every `$ref` and `$dynamicRef` in `schema` names, at any depth."""
    found: set[str] = set()
    stack: list[Json] = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            named = (node.get("$ref"), node.get("$dynamicRef"))
            found.update(name for name in named if isinstance(name, str))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return frozenset(found)


class _Reader:
    """Reads one schema; what lies beyond the limits has an open shape."""

    def __init__(self, documents: Mapping[str, Json]) -> None:
        self._documents = documents
        self._left = MAX_SHAPES

    def shape(self, schema: Json, root: Json, depth: int) -> Shape:
        self._left -= 1
        if not isinstance(schema, Mapping) or depth <= 0 or self._left < 0:
            return ANY
        if "$ref" in schema:
            target, home = _target(schema["$ref"], root, self._documents)
            return self.shape(target, home, depth - 1) if schema.keys() <= _BESIDE_REF else ANY
        properties = schema.get("properties")
        members = properties if isinstance(properties, Mapping) else {}
        opening = _OPENING & schema.keys()
        shut = opening <= {"additionalProperties"} and schema.get("additionalProperties", False) is False
        return Shape(
            types=_types(schema.get("type")),
            members={name: self.shape(member, root, depth - 1) for name, member in members.items()},
            closed=shut and "properties" in schema,
            items=self.shape(schema["items"], root, depth - 1) if "items" in schema else None,
            values=_values(schema),
        )


def _types(declared: Json) -> frozenset[str]:
    if isinstance(declared, str):
        return frozenset({declared})
    if isinstance(declared, list):
        return frozenset(each for each in declared if isinstance(each, str))
    return frozenset()


def _values(schema: Mapping[str, Json]) -> frozenset[str] | None:
    listed = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else None
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        return None
    return frozenset(each for each in listed if isinstance(each, str))


def _target(reference: Json, root: Json, documents: Mapping[str, Json]) -> tuple[Json, Json]:
    """Return what a `$ref` names, and the document it stands in; None where it cannot be told."""
    if not isinstance(reference, str):
        return None, None
    file, _, fragment = reference.partition("#")
    home = documents.get(file) if file else root
    if fragment and not fragment.startswith("/"):
        return None, None
    node: Json = home
    for step in fragment.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, Mapping) or name not in node:
            return None, None
        node = node[name]
    return node, home
