"""The drafts that are known, and where a reference may lead: nowhere that is not given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeGuard

import jsonschema
import jsonschema_rs
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # it comes without stubs
from referencing.jsonschema import SchemaRegistry, specification_with

from sidecar.model.measure import nodes
from sidecar.model.strict_json import Json

BASE_URI: Final = "https://schemas.invalid/"  # RFC 2606: never resolves, so that no mistake can reach a network
DEFAULT_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

Document = dict[str, Json] | bool

DRAFTS: Final = {
    "http://json-schema.org/draft-04/schema": jsonschema.Draft4Validator,
    "http://json-schema.org/draft-06/schema": jsonschema.Draft6Validator,
    "http://json-schema.org/draft-07/schema": jsonschema.Draft7Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema.Draft201909Validator,
    DEFAULT_DRAFT: jsonschema.Draft202012Validator,
}
META_SCHEMAS: Final[Mapping[str, Document]] = {uri: draft.META_SCHEMA for uri, draft in DRAFTS.items()}

_ENGINES: Final[Mapping[str, type[jsonschema_rs.Validator]]] = {
    "http://json-schema.org/draft-04/schema": jsonschema_rs.Draft4Validator,
    "http://json-schema.org/draft-06/schema": jsonschema_rs.Draft6Validator,
    "http://json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
    DEFAULT_DRAFT: jsonschema_rs.Draft202012Validator,
}
_SPECIFICATIONS: SchemaRegistry = REGISTRY
_KNOWN: Final[Mapping[str, Document]] = {uri: REGISTRY.contents(uri) for uri in REGISTRY}

Options = jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions


@dataclass(frozen=True, slots=True)
class Given:
    """The documents that a schema may refer to: absolute URI to document."""

    documents: Mapping[str, Json]

    def __call__(self, uri: str) -> Document:
        """Return what `uri` names, for `jsonschema-rs`. Raises `LookupError`: nothing is fetched."""
        found = self.documents.get(uri, _KNOWN.get(uri.rstrip("#")))
        if not is_schema(found):
            raise LookupError("it was not given with the schema, and nothing is fetched")
        return found


def is_schema(value: Json) -> TypeGuard[Document]:
    """Return whether `value` is of a type that a schema may have."""
    return isinstance(value, dict | bool)


def dialect(document: Json, default: str = DEFAULT_DRAFT) -> str:
    """Return the URI that `document` names as its meta-schema, or `default`; empty where it is no string."""
    named = document.get("$schema", default) if isinstance(document, dict) else default
    return named.rstrip("#") if isinstance(named, str) else ""


def engine(document: Document, draft: str, given: Given, options: Options) -> jsonschema_rs.Validator:
    """Return `document` compiled by `jsonschema-rs`, of the draft `draft` where it names none.

    Raises `jsonschema_rs.ValidationError` or `ValueError` where it does not compile.
    """
    uri = dialect(document, draft)
    made = _ENGINES.get(uri, jsonschema_rs.validator_for)
    registered = {known: _KNOWN[known] for known in sorted(_foreign(document))}
    if uri not in _ENGINES:
        registered[uri] = given(uri)
    if not registered:
        return made(document, retriever=given, base_uri=BASE_URI, pattern_options=options, validate_formats=False)
    # A meta-schema of one's own, or of another draft, must be registered beforehand; and once anything is, nothing
    # more is asked for: so the document is registered, too, and with it all that it refers to.
    registry = jsonschema_rs.Registry([*registered.items(), (BASE_URI, document)], retriever=given)
    return made(
        document,
        registry=registry,
        retriever=given,
        base_uri=BASE_URI,
        pattern_options=options,
        validate_formats=False,
    )


def _foreign(document: Document) -> frozenset[str]:
    """Return the known meta-schemas that `document` refers to."""
    references = (item.get("$ref") for _, item in nodes(document) if isinstance(item, dict))
    return frozenset(ref.partition("#")[0] for ref in references if isinstance(ref, str)) & _KNOWN.keys()


def walker_registry(given: Given, draft: str) -> SchemaRegistry:
    """Return what `jsonschema` may refer to; documents without `$schema` are read as of `draft`."""
    default = specification_with(draft)
    resources = [
        (uri, specification_with(dialect(value, draft), default=default).create_resource(value))
        for uri, value in given.documents.items()
        if is_schema(value)
    ]
    # This library knows no base URI for a document that names none, so relative names stand for themselves.
    relative = [(uri.removeprefix(BASE_URI), resource) for uri, resource in resources if uri.startswith(BASE_URI)]
    return _SPECIFICATIONS.with_resources([*resources, *relative])
