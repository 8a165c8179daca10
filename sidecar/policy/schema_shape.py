"""What can be said of a schema without compiling it."""

from collections.abc import Iterable, Mapping
from typing import Final

from sidecar.model.measure import nodes
from sidecar.model.strict_json import Json

_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_NAMING: Final = ("properties", "dependentRequired", "dependentSchemas", "dependencies")


def member_names(documents: Iterable[Json]) -> frozenset[str]:
    """Return the names of members that the schemas `documents` themselves name."""
    names: set[str] = set()
    for document in documents:
        for _, item in nodes(document):
            if isinstance(item, dict):
                for keyword in _NAMING:
                    named = item.get(keyword)
                    names.update(named if isinstance(named, dict) else ())
                required = item.get("required")
                names.update(name for name in (required if isinstance(required, list) else ()) if isinstance(name, str))
    return frozenset(names)


def may_recur(document: Json) -> bool:
    """Return whether the schema `document` might refer to itself; True wherever that is not plain to see."""
    if any(depth and _identified(item) for depth, item in nodes(document)):
        return True  # a document within the document: its pointers start elsewhere
    found: dict[str, frozenset[str]] = {}
    waiting = list(_references(document))
    while waiting:
        reference = waiting.pop()
        if reference in found:
            continue
        if not reference.startswith("#/") or "%" in reference:
            return True  # by name, to another document, to all of this one, or in disguise
        found[reference] = _references(_target(document, reference))
        waiting.extend(found[reference])
    return _cyclic(found)


def _identified(schema: Json) -> bool:
    return isinstance(schema, dict) and any(isinstance(schema.get(keyword), str) for keyword in ("$id", "id"))


def _cyclic(edges: Mapping[str, frozenset[str]]) -> bool:
    # Takes away what refers to nothing that is left (Kahn's order); what remains refers in a circle.
    left = dict(edges)
    while ends := [node for node, targets in left.items() if not targets & left.keys()]:
        for node in ends:
            del left[node]
    return bool(left)


def _references(schema: Json) -> frozenset[str]:
    return frozenset(
        reference if isinstance(reference, str) else ""
        for _, item in nodes(schema)
        if isinstance(item, dict)
        for keyword, reference in item.items()
        if keyword in _REFERENCES
    )


def _target(document: Json, reference: str) -> Json:
    # Unescaped only as far as references go; one that leads nowhere does not compile.
    target = document
    for segment in reference.removeprefix("#/").split("/"):
        name = segment.replace("~1", "/").replace("~0", "~")
        if isinstance(target, dict):
            target = target.get(name)
        elif isinstance(target, list) and name.isdecimal() and int(name) < len(target):
            target = target[int(name)]
        else:
            return None
    return target
