"""JSON Schemas: what a value must look like, compiled once, decided in microseconds, refused in words.

`jsonschema-rs` decides. `jsonschema` checks each schema against its meta-schema when it is loaded, and explains
refusals; a refusal that it cannot explain stands, in the words of the first. Formats are annotations, as draft
2020-12 has them, in every draft. No schema is ever fetched: what is referred to lies in the document, among the
documents given with it, or is a meta-schema of a known draft.

What is compiled is only as deep as its document. A schema that refers to itself could follow a value down until
the stack ends, so values of such schemas are measured first; and where a refusal has many forms to it, the
first engine's words take exponential time, so large or deep values are refused in few words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import jsonschema_rs

from sidecar.errors import ConfigError
from sidecar.model.measure import characters, deeper, members
from sidecar.model.strict_json import Json, pointer
from sidecar.policy import schema_explain, schema_words
from sidecar.policy.schema_dialects import (
    BASE_URI,
    DEFAULT_DRAFT,
    META_SCHEMAS,
    Document,
    Given,
    dialect,
    engine,
    is_schema,
    walker_registry,
)
from sidecar.policy.schema_patterns import BACKTRACKING, LINEAR, Tier
from sidecar.policy.schema_shape import may_recur, member_names

MAX_PROBLEMS: Final = 5  # per value: enough to mend a call by
MAX_LOAD_PROBLEMS: Final = 20  # per schema
MAX_LOAD_STEPS: Final = 1_000_000  # of checking one schema against its meta-schema: a few seconds, at start and reload
MAX_DEPTH: Final = 200  # of a value under a schema that refers to itself; the engine's stack ends beyond 5,000
# What a value may be for its refusal to be put into the words of `jsonschema-rs`: 3^6 forms of 500 members.
MAX_WORDED_DEPTH: Final = 6
MAX_WORDED_MEMBERS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One way in which a value breaks its schema. Neither part ever holds what the value holds.

    `path` is a JSON Pointer (RFC 6901) as far as the schema itself names the way: a member whose name only
    the value knows ends it. `message` says what must be.
    """

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class _Engine:
    """A compiled schema for values of at most so many characters; None where the number does not matter."""

    characters: int | None
    validator: jsonschema_rs.Validator


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A schema that compiled. Only `compile_schema` makes one. `document` is what it was made from."""

    name: str
    document: Json = field(repr=False)
    _engines: tuple[_Engine, ...] = field(repr=False)
    _walker: schema_explain.Walker = field(repr=False)
    _names: frozenset[str] = field(repr=False)
    _recurs: bool = field(repr=False)

    def problems(self, value: Json) -> tuple[Problem, ...]:
        """Return why `value` does not satisfy this schema, at most MAX_PROBLEMS; empty when it does."""
        if self._recurs and deeper(value, MAX_DEPTH):
            return (Problem(path="", message=f"must not be nested deeper than {MAX_DEPTH}"),)
        validator = self._engine(value)
        if validator is None:
            return (Problem(path="", message="is too long for the patterns of its schema"),)
        try:
            if validator.is_valid(value):
                return ()
        except ValueError:  # a lone surrogate, or a value that is no JSON
            return (Problem(path="", message="must be JSON"),)
        return self._explained(validator, value)

    def _engine(self, value: Json) -> jsonschema_rs.Validator | None:
        for candidate in self._engines:
            limit = candidate.characters
            if limit is None or characters(value, stop=limit) <= limit:
                return candidate.validator
        return None

    def _explained(self, validator: jsonschema_rs.Validator, value: Json) -> tuple[Problem, ...]:
        reasons = schema_explain.reasons(self._walker, value, most=MAX_PROBLEMS) or _first_words(validator, value)
        found = (Problem(path=self._place(path), message=message) for path, message in reasons)
        return tuple(dict.fromkeys(found))

    def _place(self, path: Iterable[str | int]) -> str:
        known: list[str | int] = []
        for segment in path:
            if isinstance(segment, str) and segment not in self._names:
                break
            known.append(segment)
        return pointer(known)


def compile_schema(
    document: Json, *, name: str, documents: Mapping[str, Json] | None = None, draft: str = DEFAULT_DRAFT
) -> Schema:
    """Return the schema that `document` is.

    `documents` holds what `$ref` may name besides: URI, absolute or relative to BASE_URI, to document. `draft`
    is the URI of the draft where the document's own `$schema` names none. Raises `ConfigError` with every
    problem found, each beginning with `name`.
    """
    absolute = {uri if ":" in uri else BASE_URI + uri: value for uri, value in (documents or {}).items()}
    try:
        return _Compiler(name, Given(absolute), draft).compile(document)
    except RecursionError:
        raise ConfigError([f"schema `{name}`: is nested too deep"]) from None


@dataclass(frozen=True, slots=True)
class _Compiler:
    """What one schema may refer to, and the steps to a compiled one."""

    name: str
    given: Given
    draft: str

    def compile(self, document: Json) -> Schema:
        if not is_schema(document):
            raise self._failed("must be an object or a boolean")
        draft, meta_schema = self._draft(document)
        registry = walker_registry(self.given, draft)
        meta = schema_explain.walker(draft, meta_schema, registry)
        if wrong := schema_explain.reasons(meta, document, most=MAX_LOAD_PROBLEMS, steps=MAX_LOAD_STEPS):
            raise self._failed(*(_at(path) + message for path, message in wrong))
        return Schema(
            name=self.name,
            document=document,
            _engines=self._engines(document),
            _walker=schema_explain.walker(draft, document, registry),
            _names=member_names([document, *self.given.documents.values()]),
            _recurs=may_recur(document),
        )

    def _draft(self, document: Document) -> tuple[str, Json]:
        """Return the known draft that `document` is written in, and its meta-schema, which may be one of ours."""
        uri = dialect(document, self.draft)
        if uri in META_SCHEMAS:
            return uri, META_SCHEMAS[uri]
        meta_schema = self.given.documents.get(uri)
        draft = dialect(meta_schema)
        if not isinstance(meta_schema, dict) or draft not in META_SCHEMAS:
            raise self._failed(f"names a meta-schema that is not known: `{uri}`")
        return draft, meta_schema

    def _engines(self, document: Document) -> tuple[_Engine, ...]:
        try:
            try:
                return self._compiled(document, LINEAR)
            except jsonschema_rs.ValidationError:  # perhaps for a pattern that only the other engine knows
                return self._compiled(document, BACKTRACKING)
        except jsonschema_rs.ValidationError as error:
            raise self._failed(_at(error.instance_path) + _load_words(error)) from None
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise self._failed(_first_line(str(error))) from None

    def _compiled(self, document: Document, tiers: Iterable[Tier]) -> tuple[_Engine, ...]:
        return tuple(_Engine(t.characters, engine(document, self.draft, self.given, t.options)) for t in tiers)

    def _failed(self, *problems: str) -> ConfigError:
        return ConfigError([f"schema `{self.name}`: {problem}" for problem in problems])


def _first_words(validator: jsonschema_rs.Validator, value: Json) -> tuple[schema_explain.Reason, ...]:
    small = not deeper(value, MAX_WORDED_DEPTH) and members(value, stop=MAX_WORDED_MEMBERS) <= MAX_WORDED_MEMBERS
    if small:
        try:
            validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return ((tuple(error.instance_path), _words(error)),)
    return (((), "must satisfy the schema"),)


def _words(error: jsonschema_rs.ValidationError) -> str:
    # Some kinds carry the value's own names; the words for those keywords make no use of what they carry.
    return schema_words.words(error.kind.name, error.kind.value)


def _load_words(error: jsonschema_rs.ValidationError) -> str:
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Format(format="regex"):
            return "is no pattern whose steps can be bounded: not a regular expression, or too large a one"
        case jsonschema_rs.ValidationErrorKind.Referencing():
            return _first_line(error.message)
        case _:
            return _words(error)


def _at(path: Iterable[str | int]) -> str:
    place = pointer(list(path))
    return f"at `{place}`: " if place else ""


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
