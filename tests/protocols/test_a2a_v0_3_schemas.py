"""Our schemas of A2A 0.3 against the protocol's own: its JSON Schema where it is here, and the types of its Python SDK.

The schema is no part of this repository: it is looked for where A2A_SCHEMA says, or in a folder of shared data beside
the repository.
"""

import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import jsonschema_rs
import pytest
from a2a.compat.v0_3 import types
from pydantic import TypeAdapter, ValidationError

from sidecar.model.strict_json import Json
from sidecar.policy.schemas import Schema, compile_schema
from sidecar.protocols.a2a import v0_3
from tests.protocols.mutations import mutations

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "a2a" / "a2a_v0.3.0_official.json"
OFFICIAL = Path(os.environ.get("A2A_SCHEMA") or BESIDE)

MESSAGE: dict[str, Json] = {
    "kind": "message",
    "messageId": "m-1",
    "role": "user",
    "contextId": "c-1",
    "taskId": "t-1",
    "parts": [
        {"kind": "text", "text": "one", "metadata": {"a": 1}},
        {"kind": "file", "file": {"bytes": "AAAA", "name": "f", "mimeType": "image/png"}},
        {"kind": "file", "file": {"uri": "https://example.com/f"}, "metadata": {}},
        {"kind": "data", "data": {"x": [1, None]}},
    ],
    "referenceTaskIds": ["t-0"],
    "extensions": ["https://example.com/e"],
    "metadata": {"k": None},
}
SHORT: dict[str, Json] = {
    "kind": "message",
    "messageId": "m-2",
    "role": "agent",
    "parts": [{"kind": "text", "text": "two"}],
}
STATUS: Json = {"state": "input-required", "message": SHORT, "timestamp": "2025-10-28T10:30:00Z"}
ARTIFACT: Json = {
    "artifactId": "a-1",
    "name": "n",
    "description": "d",
    "extensions": ["e"],
    "metadata": {},
    "parts": [{"kind": "text", "text": "three"}],
}
CONFIGURATION: Json = {
    "acceptedOutputModes": ["text/plain"],
    "blocking": True,
    "historyLength": 3,
    "pushNotificationConfig": {
        "url": "https://example.com/",
        "id": "i",
        "token": "t",
        "authentication": {"schemes": ["Bearer"], "credentials": "c"},
    },
}
CALL: dict[str, Json] = {"message": SHORT, "configuration": CONFIGURATION, "metadata": {}}


def request(method: str, call: Json) -> dict[str, Json]:
    return {"jsonrpc": "2.0", "id": "r", "method": method, "params": call}


def response(result: Json) -> dict[str, Json]:
    return {"jsonrpc": "2.0", "id": 1, "result": result}


UPDATE: dict[str, Json] = {"taskId": "t-1", "contextId": "c-1", "metadata": {}}
SAMPLES: Mapping[str, tuple[str, Json]] = {
    "a message": ("message", MESSAGE),
    "a call": ("request", request("message/send", CALL)),
    "a streaming call": ("request", request("message/stream", {"message": SHORT})),
    "a message in answer": ("response", response(SHORT)),
    "a task": (
        "response",
        response(
            {
                "kind": "task",
                "id": "t-1",
                "contextId": "c-1",
                "status": STATUS,
                "metadata": {},
                "artifacts": [ARTIFACT],
                "history": [SHORT],
            }
        ),
    ),
    "an update of the status": (
        "response",
        response({**UPDATE, "kind": "status-update", "status": STATUS, "final": False}),
    ),
    "an update of an artifact": (
        "response",
        response({**UPDATE, "kind": "artifact-update", "artifact": ARTIFACT, "append": True, "lastChunk": False}),
    ),
    "an error": ("response", {"jsonrpc": "2.0", "id": None, "error": {"code": -32001, "message": "m", "data": [1]}}),
}
TABLE = [pytest.param(name, sample, id=title) for title, (name, sample) in SAMPLES.items()]
TYPES: Mapping[str, TypeAdapter[object]] = {
    "message": TypeAdapter(types.Message),
    "request": TypeAdapter(types.SendMessageRequest | types.SendStreamingMessageRequest),
    "response": TypeAdapter(types.SendStreamingMessageResponse),
}
NAMES: Mapping[str, tuple[str, ...]] = {
    "message": ("Message",),
    "request": ("SendMessageRequest", "SendStreamingMessageRequest"),
    "response": ("SendStreamingMessageResponse",),
}


@cache
def schema(name: str) -> Schema:
    return compile_schema(v0_3.SCHEMAS[name], name=name)


@cache
def official(name: str) -> Callable[[Json], bool]:
    definitions = json.loads(OFFICIAL.read_text())["definitions"]
    any_of = [{"$ref": f"#/definitions/{known}"} for known in NAMES[name]]
    return jsonschema_rs.Draft7Validator({"anyOf": any_of, "definitions": definitions}).is_valid


def is_valid(name: str, value: Json) -> bool:
    return not schema(name).problems(value)


def is_read(name: str, value: Json) -> bool:
    try:
        TYPES[name].validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.skipif(not OFFICIAL.is_file(), reason="the protocol's own JSON Schema is not here")
@pytest.mark.parametrize(("name", "sample"), TABLE)
def test_a_changed_sample_is_valid_exactly_where_the_official_schema_has_it_so(name: str, sample: Json) -> None:
    judged = {change: (is_valid(name, value), official(name)(value)) for change, value in mutations(sample)}

    assert [change for change, (ours, theirs) in judged.items() if ours != theirs] == []
    assert {True, False} == {ours for ours, _ in judged.values()}


@pytest.mark.parametrize(("name", "sample"), TABLE)
def test_what_is_valid_is_read_by_the_sdk(name: str, sample: Json) -> None:
    valid = [(change, value) for change, value in mutations(sample) if is_valid(name, value)]

    assert [change for change, value in valid if not is_read(name, value)] == []
    assert valid


@pytest.mark.parametrize(("name", "sample"), TABLE)
def test_a_sample_is_valid(name: str, sample: Json) -> None:
    assert is_valid(name, sample)


@pytest.mark.parametrize(
    ("name", "value", "path", "words"),
    [
        pytest.param("message", SHORT | {"kind": "note"}, "/kind", "message", id="another kind"),
        pytest.param(
            "message", SHORT | {"role": "ROLE_USER"}, "/role", "must be one of", id="a role of the newer version"
        ),
        pytest.param("message", SHORT | {"parts": [{"kind": "text"}]}, "/parts/0", "`text`", id="a text without text"),
        pytest.param("message", SHORT | {"parts": [{"text": "x"}]}, "/parts/0", "`kind`", id="a part without a kind"),
        pytest.param(
            "message", SHORT | {"parts": [{"kind": "video"}]}, "/parts/0/kind", "one of", id="an unknown part"
        ),
        pytest.param("request", request("message/send", {}), "/params", "`message`", id="a call without a message"),
        pytest.param("request", request("tasks/get", CALL), "/method", "one of", id="a call that sends none"),
        pytest.param("response", response({"kind": "x"}), "/result/kind", "one of", id="an unknown result"),
        pytest.param(
            "response",
            response(SHORT) | {"error": {"code": 1, "message": "m"}},
            "/result",
            "allowed",
            id="both outcomes",
        ),
    ],
)
def test_a_refusal_says_where_and_what_is_asked_for(name: str, value: Json, path: str, words: str) -> None:
    problems = schema(name).problems(value)

    assert any(problem.path == path and words in problem.message for problem in problems), problems
