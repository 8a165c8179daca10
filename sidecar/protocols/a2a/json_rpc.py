"""The JSON-RPC 2.0 calls that both versions of A2A travel in."""

from collections.abc import Mapping, Sequence
from typing import Final

from sidecar.model.strict_json import Json

DRAFT: Final = "http://json-schema.org/draft-07/schema#"  # all that is needed, and the quickest to check

_ERROR: Json = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
}


def schemas(definitions: Mapping[str, Json], *, methods: Sequence[str]) -> Mapping[str, Mapping[str, Json]]:
    """Return the schemas of a message, of a request that carries one, and of its response, each a whole document.

    `definitions` are a version's own: `message`, `call` (a request's params), `result`, and what these refer to.
    """
    message: dict[str, Json] = {"allOf": [{"$ref": "#/definitions/message"}]}
    wholes = {"message": message, "request": _request(methods), "response": _response()}
    return {name: {"$schema": DRAFT, **schema, "definitions": definitions} for name, schema in wholes.items()}


def _request(methods: Sequence[str]) -> dict[str, Json]:
    return {
        "type": "object",
        "required": ["jsonrpc", "id", "method", "params"],
        "properties": {
            "jsonrpc": {"const": "2.0"},
            "id": {"type": ["string", "integer"]},
            "method": {"enum": list(methods)},
            "params": {"$ref": "#/definitions/call"},
        },
    }


def _response() -> dict[str, Json]:
    # An error or a result and never both (JSON-RPC 2.0, section 5): which of them counts is not for the reader to say.
    return {
        "type": "object",
        "required": ["jsonrpc", "id"],
        "properties": {"jsonrpc": {"const": "2.0"}, "id": {"type": ["string", "integer", "null"]}},
        "if": {"required": ["error"]},
        "then": {"properties": {"error": _ERROR, "result": False}},
        "else": {"required": ["result"], "properties": {"result": {"$ref": "#/definitions/result"}}},
    }
