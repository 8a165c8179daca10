"""JSON Schemas: what a value must look like, compiled once, decided in microseconds, refused in words.

`jsonschema-rs` decides. `jsonschema` checks each schema against its meta-schema when it is loaded, and explains
refusals; a refusal that it cannot explain stands, in the words of the first. Formats are annotations, as draft
2020-12 has them, in every draft. No schema is ever fetched: what is referred to lies in the document, among the
documents given with it, or is a meta-schema of a known draft.

A `pattern` that the linear engine knows takes linear time. One with look-around or back-references runs in an
engine whose backtracking is limited, and the more characters a value has, the less it may backtrack, so that
the work stays bounded: a value on which the limit is hit is refused, wherever in the schema the pattern stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import jsonschema_rs

from sidecar.errors import ConfigError
from sidecar.model.strict_json import Json, pointer

BASE_URI = "https://schemas.invalid/"  # RFC 2606: never resolves, so that no mistake can reach a network
MAX_PROBLEMS = 5  # per value: enough to mend a call by


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One way in which a value breaks its schema. Neither part ever holds what the value holds.

    `path` is a JSON Pointer (RFC 6901) as far as the schema names the way; `message` says what must be.
    """

    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A schema that compiled. Only `compile_schema` makes one. `document` is what it was made from."""

    name: str
    document: Json = field(repr=False)
    _validator: jsonschema_rs.Validator = field(repr=False)

    def problems(self, value: Json) -> tuple[Problem, ...]:
        """Return why `value` does not satisfy this schema, at most MAX_PROBLEMS; empty when it does."""
        if self._validator.is_valid(value):
            return ()
        return (Problem(path=pointer([]), message="does not match the schema"),)


def compile_schema(document: Json, *, name: str, documents: Mapping[str, Json] | None = None) -> Schema:
    """Return the schema that `document` is.

    `documents` holds what `$ref` may name besides: URI, absolute or relative to BASE_URI, to document. Raises
    `ConfigError` with every problem found, each beginning with `name`.
    """
    if not isinstance(document, dict | bool):
        raise ConfigError([f"schema `{name}`: must be an object or a boolean"])
    resources = [(BASE_URI + uri if ":" not in uri else uri, value) for uri, value in (documents or {}).items()]
    try:
        registry = jsonschema_rs.Registry([(uri, value) for uri, value in resources if isinstance(value, dict | bool)])
        validator = jsonschema_rs.validator_for(document, registry=registry, base_uri=BASE_URI, offline=True)
    except (ValueError, jsonschema_rs.ReferencingError):
        raise ConfigError([f"schema `{name}`: is not a schema"]) from None
    return Schema(name=name, document=document, _validator=validator)
