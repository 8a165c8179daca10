"""What a keyword of JSON Schema asks for, in words.

Words are built from the schema alone. The messages of both libraries quote the value that was refused, and a
value may be a secret: none of it may reach a finding, a log or a model.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sidecar.model.strict_json import Json, compact

MAX_QUOTE: Final = 80  # characters of a schema's own value in a message: enough to know it by
MAX_NAMES: Final = 8  # names listed in a message: more are no help

_TYPES: Final = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}


def words(keyword: str, value: Json) -> str:
    """Return what `keyword` with `value`, both the schema's own, asks of what it stands at."""
    phrase = _PHRASES.get(keyword)
    return phrase(value) if phrase else "must satisfy the schema"


def names(known: Iterable[str]) -> str:
    """Return a schema's own member names for a message, each in backticks, at most MAX_NAMES."""
    listed = [_quote(name) for name in known]
    return ", ".join(listed[:MAX_NAMES]) + (", …" if len(listed) > MAX_NAMES else "")


def missing(name: str) -> str:
    """Return the words for a required member that is not there."""
    return f"is required: {_quote(name)}"


def beside(name: str, trigger: str) -> str:
    """Return the words for a member that another one asks for."""
    return f"is required beside {_quote(trigger)}: {_quote(name)}"


def unknown_member(known: Iterable[str]) -> str:
    """Return the words for a member that is not among `known`, without naming it."""
    listed = names(known)
    return f"has a member that the schema does not know; it knows {listed}" if listed else "must have no members"


def _quote(value: Json) -> str:
    # Written as JSON where it is not a plain word, so that no line break gets into a message.
    text = value if isinstance(value, str) and value.isprintable() else compact(value)
    return f"`{text[:MAX_QUOTE]}…`" if len(text) > MAX_QUOTE else f"`{text}`"


def _types(value: Json) -> str:
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return "must be " + " or ".join(_TYPES.get(str(name), "of another type") for name in listed)


def _one_of(value: Json) -> str:
    options = value if isinstance(value, list) else list(value) if isinstance(value, Mapping) else []
    listed = ", ".join(_literal(option) for option in options[:MAX_NAMES])
    return f"must be one of {listed}" + (", …" if len(options) > MAX_NAMES else "")


def _plain(before: str, after: str = "") -> Callable[[Json], str]:
    return lambda value: before + _literal(value) + after


def _said(text: str) -> Callable[[Json], str]:
    return lambda _value: text


def _literal(value: Json) -> str:
    text = compact(value)
    return f"{text[:MAX_QUOTE]}…" if len(text) > MAX_QUOTE else text


_PHRASES: Final[Mapping[str, Callable[[Json], str]]] = {
    "type": _types,
    "enum": _one_of,
    "const": lambda value: f"must be {_literal(value)}",
    "minimum": _plain("must be at least "),
    "maximum": _plain("must be at most "),
    "exclusiveMinimum": lambda v: (
        "must be above the minimum" if isinstance(v, bool) else f"must be above {_literal(v)}"
    ),
    "exclusiveMaximum": lambda v: (
        "must be below the maximum" if isinstance(v, bool) else f"must be below {_literal(v)}"
    ),
    "multipleOf": _plain("must be a multiple of "),
    "minLength": _plain("must have at least ", " characters"),
    "maxLength": _plain("must have at most ", " characters"),
    "pattern": lambda value: f"must match the pattern {_quote(value)}",
    "format": lambda value: f"must have the format {_quote(value)}",
    "contentEncoding": lambda value: f"must be encoded as {_quote(value)}",
    "contentMediaType": lambda value: f"must hold {_quote(value)}",
    "minItems": _plain("must have at least ", " items"),
    "maxItems": _plain("must have at most ", " items"),
    "uniqueItems": _said("must have no two equal items"),
    "additionalItems": _said("has more items than the schema knows"),
    "unevaluatedItems": _said("has more items than the schema knows"),
    "items": _said("has more items than the schema knows"),
    "contains": _said("must contain items of the kind that the schema asks for, as many as it asks for"),
    "minContains": _said("contains too few items of the kind that the schema asks for"),
    "maxContains": _said("contains too many items of the kind that the schema asks for"),
    "minProperties": _plain("must have at least ", " members"),
    "maxProperties": _plain("must have at most ", " members"),
    "required": lambda value: missing(value) if isinstance(value, str) else "lacks a required member",
    "dependentRequired": _said("lacks a member that another one requires"),
    "dependencies": _said("lacks a member that another one requires"),
    "additionalProperties": _said("has a member that the schema does not know"),
    "unevaluatedProperties": _said("has a member that the schema does not know"),
    "propertyNames": _said("has a member whose name the schema does not allow"),
    "anyOf": _said("must have one of the forms that the schema names"),
    "oneOf": _said("must have exactly one of the forms that the schema names"),
    "not": _said("must not have the form that the schema excludes"),
    "falseSchema": _said("is not allowed here"),
    "backtrackLimitExceeded": _said("takes too long to compare with a pattern of the schema"),
}
