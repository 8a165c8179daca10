"""Our schemas of A2A 1.0 against the protocol's own types, as its Python SDK reads them."""

import re
from collections.abc import Mapping
from functools import cache

import pytest
from a2a.types import a2a_pb2
from a2a.utils.errors import InvalidParamsError
from a2a.utils.proto_utils import validate_proto_required_fields
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from sidecar.model.strict_json import Json
from sidecar.policy.schemas import Schema, compile_schema
from sidecar.protocols.a2a import v1
from tests.protocols.mutations import mutations, renamed_everywhere

MESSAGE: dict[str, Json] = {
    "messageId": "m-1",
    "role": "ROLE_USER",
    "contextId": "c-1",
    "taskId": "t-1",
    "parts": [
        {"text": "one", "metadata": {"a": 1}},
        {"raw": "AAECAw==", "mediaType": "image/png", "filename": "f.png"},
        {"url": "https://example.com/f"},
        {"data": {"x": [1, None]}},
    ],
    "referenceTaskIds": ["t-0"],
    "extensions": ["https://example.com/e"],
    "metadata": {"k": None},
}
SHORT: dict[str, Json] = {"messageId": "m-2", "role": "ROLE_AGENT", "parts": [{"text": "two"}]}
STATUS: dict[str, Json] = {"state": "TASK_STATE_WORKING", "message": SHORT, "timestamp": "2025-10-28T10:30:00.000Z"}
ARTIFACT: dict[str, Json] = {
    "artifactId": "a-1",
    "name": "n",
    "description": "d",
    "parts": [{"text": "three"}],
    "extensions": ["e"],
}
RESULTS: Mapping[str, Json] = {
    "message": {"message": SHORT},
    "task": {"task": {"id": "t-1", "contextId": "c-1", "status": STATUS, "artifacts": [ARTIFACT], "history": [SHORT]}},
    "status": {"statusUpdate": {"taskId": "t-1", "contextId": "c-1", "status": STATUS, "metadata": {}}},
    "artifact": {
        "artifactUpdate": {
            "taskId": "t-1",
            "contextId": "c-1",
            "artifact": ARTIFACT,
            "append": True,
            "lastChunk": False,
        }
    },
}
CALL: dict[str, Json] = {
    "message": SHORT,
    "tenant": "t",
    "metadata": {},
    "configuration": {
        "acceptedOutputModes": ["text/plain"],
        "historyLength": 3,
        "returnImmediately": True,
        "taskPushNotificationConfig": {
            "url": "https://example.com/",
            "id": "i",
            "token": "t",
            "authentication": {"scheme": "Bearer", "credentials": "c"},
        },
    },
}
OBJECTS = {
    *("message", "configuration", "taskPushNotificationConfig", "authentication", "status"),
    *("task", "statusUpdate", "artifactUpdate", "artifact"),
}
NAMES = {
    name: v1.snake(name)
    for name in ("messageId", "contextId", "taskId", "referenceTaskIds", "mediaType", "artifactId", "lastChunk")
}


@cache
def schema(name: str) -> Schema:
    return compile_schema(v1.SCHEMAS[name], name=name)


def is_valid(name: str, value: Json) -> bool:
    return not schema(name).problems(value)


def is_read(kind: type[Message], value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    try:
        validate_proto_required_fields(ParseDict(value, kind(), ignore_unknown_fields=True))
    except (ParseError, InvalidParamsError, AttributeError, TypeError, ValueError):
        return False
    return True


def request(call: Json) -> dict[str, Json]:
    return {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": call}


def response(result: Json) -> dict[str, Json]:
    return {"jsonrpc": "2.0", "id": "r", "result": result}


def is_strict(value: Json) -> bool:
    """Whether `value` has none of what the parser lets pass and the specification does not.

    A list or a text for an object, any number for an enum, parts and results with no content or several (4.1.6).
    """
    if isinstance(value, list):
        return all(is_strict(item) for item in value)
    if not isinstance(value, dict):
        return True
    mine = {name: member for name, member in value.items() if name not in {"data", "metadata"}}
    objects = [member for name, member in mine.items() if name in OBJECTS]
    for name in ("parts", "history", "artifacts"):
        listed = mine.get(name)
        objects += listed if isinstance(listed, list) else []
    numbers = [mine[name] for name in ("role", "state") if name in mine and not isinstance(mine[name], str)]
    parts = mine.get("parts")
    return (
        all(isinstance(item, dict | None) for item in objects)
        and all(type(number) is int and number > 0 for number in numbers)
        and all(contents(part) == 1 for part in (parts if isinstance(parts, list) else ()))
        and is_strict(list(mine.values()))
    )


def contents(part: Json) -> int:
    held = part if isinstance(part, dict) else {}
    return sum(held.get(name) is not None for name in ("text", "raw", "url")) + ("data" in held)


def results(value: Json) -> int:
    held = value if isinstance(value, dict) else {}
    return sum(held.get(name) is not None for name in v1.RESULTS)


# Numbers of enums as text, which the parser reads and ProtoJSON does not know.
LAX = re.compile(r"'(role|state)',?\) = '1'$")


def assert_alike(judged: Mapping[str, tuple[bool, bool]]) -> None:
    assert [change for change, (ours, theirs) in judged.items() if ours and not theirs] == []
    assert [change for change, (ours, theirs) in judged.items() if theirs and not ours and not LAX.search(change)] == []
    assert {True, False} == {ours for ours, _ in judged.values()}


def test_a_changed_message_is_valid_exactly_where_the_protocol_reads_it() -> None:
    assert_alike(
        {
            change: (is_valid("message", value), is_read(a2a_pb2.Message, value) and is_strict(value))
            for change, value in mutations(MESSAGE)
        }
    )


def test_a_changed_call_is_valid_exactly_where_the_protocol_reads_it() -> None:
    assert_alike(
        {
            change: (
                is_valid("request", request(value)),
                is_read(a2a_pb2.SendMessageRequest, value) and is_strict(value),
            )
            for change, value in mutations(CALL)
        }
    )


@pytest.mark.parametrize("result", [pytest.param(result, id=name) for name, result in RESULTS.items()])
def test_a_changed_result_is_valid_exactly_where_the_protocol_reads_it(result: Json) -> None:
    assert_alike(
        {
            change: (
                is_valid("response", response(value)),
                is_read(a2a_pb2.StreamResponse, value) and is_strict(value) and results(value) == 1,
            )
            for change, value in mutations(result)
        }
    )


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        pytest.param("message", MESSAGE, id="a message"),
        pytest.param("request", request(CALL), id="a call"),
        *(pytest.param("response", response(result), id=f"a result: {name}") for name, result in RESULTS.items()),
        pytest.param(
            "response", {"jsonrpc": "2.0", "id": None, "error": {"code": -32602, "message": "m"}}, id="an error"
        ),
    ],
)
def test_a_message_is_valid_by_either_name_of_its_members(name: str, sample: Json) -> None:
    assert is_valid(name, sample)
    assert is_valid(name, renamed_everywhere(sample, NAMES))


@pytest.mark.parametrize(
    ("name", "value", "path", "words"),
    [
        pytest.param(
            "message", SHORT | {"message_id": "m-3"}, "/message_id", "is not allowed", id="a member by both names"
        ),
        pytest.param("message", SHORT | {"messageId": ""}, "/messageId", "at least 1", id="an empty id"),
        pytest.param("message", SHORT | {"parts": []}, "/parts", "at least 1 items", id="no parts"),
        pytest.param("message", SHORT | {"role": "user"}, "/role", "must be one of", id="a role of the older version"),
        pytest.param("message", SHORT | {"role": 0}, "/role", "must be one of", id="no role, as a number"),
        pytest.param("message", SHORT | {"role": 99}, "/role", "must be one of", id="a number that is no role"),
        pytest.param("message", SHORT | {"parts": [{}]}, "/parts/0", "exactly one", id="a part without content"),
        pytest.param(
            "message", SHORT | {"parts": [{"raw": "é"}]}, "/parts/0/raw", "pattern", id="bytes that are no base64"
        ),
        pytest.param(
            "message", SHORT | {"parts": [{"raw": "AAAAA"}]}, "/parts/0/raw", "pattern", id="base64 cut short"
        ),
        pytest.param(
            "request", {**request(CALL), "id": None}, "/id", "a string or an integer", id="a call without an id"
        ),
        pytest.param("request", {**request(CALL), "jsonrpc": "1.0"}, "/jsonrpc", '"2.0"', id="another JSON-RPC"),
        pytest.param(
            "response",
            {**response(RESULTS["message"]), "error": {"code": 1, "message": "m"}},
            "/result",
            "allowed",
            id="result and error",
        ),
        pytest.param("response", {"jsonrpc": "2.0", "id": 1}, "", "`result`", id="neither"),
    ],
)
def test_a_refusal_says_where_and_what_is_asked_for(name: str, value: Json, path: str, words: str) -> None:
    problems = schema(name).problems(value)

    assert any(problem.path == path and words in problem.message for problem in problems), problems


@pytest.mark.parametrize(
    ("moment", "valid"),
    [
        pytest.param("2025-10-28T10:30:00Z", True, id="seconds"),
        pytest.param("2025-10-28T10:30:00.123456789+05:30", True, id="nanoseconds and a zone"),
        pytest.param("2024-02-29T00:00:00Z", True, id="a leap day"),
        pytest.param("2000-02-29T00:00:00Z", True, id="a leap day of a fourth century"),
        pytest.param("1900-02-29T00:00:00Z", False, id="no leap day of a century"),
        pytest.param("2025-02-29T00:00:00Z", False, id="no leap day"),
        pytest.param("2025-04-31T00:00:00Z", False, id="the 31st of April"),
        pytest.param("2025-10-28T24:00:00Z", False, id="hour 24"),
        pytest.param("2025-10-28T10:30:00", False, id="no zone"),
        pytest.param("2025-10-28t10:30:00Z", False, id="a small t"),
        pytest.param("2025-10-28T10:30:00.1234567890Z", False, id="ten digits"),
    ],
)
def test_a_moment_is_one_of_the_calendar(moment: str, valid: bool) -> None:  # noqa: FBT001 - a column of the table
    status: Json = {"state": "TASK_STATE_WORKING", "timestamp": moment}
    value = response({"task": {"id": "t", "status": status}})

    assert is_valid("response", value) is valid
    assert is_read(a2a_pb2.TaskStatus, status) is valid
