"""What a message of A2A 0.3 looks like, as JSON Schema: the message, and the JSON-RPC calls that carry one.

The facts are those of the protocol's own schema, told in our words; tests hold the two against each other. Members
that are not named here may be present, as the protocol has it.
"""

from typing import Final

from sidecar.model.strict_json import Json
from sidecar.protocols.a2a import json_rpc

STATES: Final = (
    *("submitted", "working", "input-required", "completed", "canceled"),
    *("failed", "rejected", "auth-required", "unknown"),
)
ROLES: Final = ("user", "agent")
METHODS: Final = ("message/send", "message/stream")

_TEXT: Final[Json] = {"type": "string"}
_TEXTS: Final[Json] = {"type": "array", "items": _TEXT}
_TRUTH: Final[Json] = {"type": "boolean"}
_ANYTHING: Final[Json] = {"type": "object"}


def _ref(name: str) -> Json:
    return {"$ref": f"#/definitions/{name}"}


def _list(name: str) -> Json:
    return {"type": "array", "items": _ref(name)}


def _object(required: str, **members: Json) -> Json:
    return {"type": "object", "required": required.split(), "properties": members}


def _by_kind(**kinds: Json) -> Json:
    """Return the schema of an object whose `kind` says which of `kinds` it is, so that its problems can be named."""
    known = {name.replace("_", "-"): schema for name, schema in kinds.items()}
    cases: list[Json] = [
        {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": schema}
        for kind, schema in known.items()
    ]
    return {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": list(known)}}, "allOf": cases}


_DEFINITIONS: Final[dict[str, Json]] = {
    "message": _object(
        "kind messageId role parts",
        kind={"const": "message"},
        messageId=_TEXT,
        role={"enum": list(ROLES)},
        parts=_list("part"),
        contextId=_TEXT,
        taskId=_TEXT,
        referenceTaskIds=_TEXTS,
        extensions=_TEXTS,
        metadata=_ANYTHING,
    ),
    "part": _by_kind(
        text=_object("text", text=_TEXT, metadata=_ANYTHING),
        file=_object("file", file=_ref("file"), metadata=_ANYTHING),
        data=_object("data", data=_ANYTHING, metadata=_ANYTHING),
    ),
    # By value or by place. One that has both is of either kind, and its other member may be anything.
    "file": {
        "type": "object",
        "properties": {"name": _TEXT, "mimeType": _TEXT},
        "anyOf": [_object("bytes", bytes=_TEXT), _object("uri", uri=_TEXT)],
    },
    "artifact": _object(
        "artifactId parts",
        artifactId=_TEXT,
        parts=_list("part"),
        name=_TEXT,
        description=_TEXT,
        extensions=_TEXTS,
        metadata=_ANYTHING,
    ),
    "status": _object("state", state={"enum": list(STATES)}, message=_ref("message"), timestamp=_TEXT),
    "task": _object(
        "kind id contextId status",
        kind={"const": "task"},
        id=_TEXT,
        contextId=_TEXT,
        status=_ref("status"),
        artifacts=_list("artifact"),
        history=_list("message"),
        metadata=_ANYTHING,
    ),
    "status-update": _object(
        "kind taskId contextId status final",
        kind={"const": "status-update"},
        taskId=_TEXT,
        contextId=_TEXT,
        status=_ref("status"),
        final=_TRUTH,
        metadata=_ANYTHING,
    ),
    "artifact-update": _object(
        "kind taskId contextId artifact",
        kind={"const": "artifact-update"},
        taskId=_TEXT,
        contextId=_TEXT,
        artifact=_ref("artifact"),
        append=_TRUTH,
        lastChunk=_TRUTH,
        metadata=_ANYTHING,
    ),
    "result": _by_kind(
        message=_ref("message"),
        task=_ref("task"),
        status_update=_ref("status-update"),
        artifact_update=_ref("artifact-update"),
    ),
    "notification": _object(
        "url",
        url=_TEXT,
        id=_TEXT,
        token=_TEXT,
        authentication=_object("schemes", schemes=_TEXTS, credentials=_TEXT),
    ),
    "configuration": _object(
        "",
        acceptedOutputModes=_TEXTS,
        blocking=_TRUTH,
        historyLength={"type": "integer"},
        pushNotificationConfig=_ref("notification"),
    ),
    "call": _object("message", message=_ref("message"), configuration=_ref("configuration"), metadata=_ANYTHING),
}

SCHEMAS: Final = json_rpc.schemas(_DEFINITIONS, methods=METHODS)
