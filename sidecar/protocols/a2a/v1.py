"""What a message of A2A 1.0 looks like, as JSON Schema: the message, and the JSON-RPC calls that carry one.

The facts are those of the protocol's own definition, which is in Protocol Buffers, told in our words and read by the
rules of ProtoJSON: a member may be null, which means that it is not there; an enum is a name or its number; bytes are
base64 of either alphabet; members that are not known are passed over. A reader knows a member by two names,
`messageId` and `message_id`, so that both are held to the same, and a message that has both is refused.

Stricter than the parser of the reference: a part or a result has exactly one content, as the specification says;
numbers of enums that nobody knows are refused; and base64 holds nothing else.
"""

import re
from typing import Final

from sidecar.model.strict_json import Json
from sidecar.protocols.a2a import json_rpc

ROLES: Final = ("ROLE_UNSPECIFIED", "ROLE_USER", "ROLE_AGENT")
STATES: Final = tuple(
    f"TASK_STATE_{name}"
    for name in [
        "UNSPECIFIED",
        "SUBMITTED",
        "WORKING",
        "COMPLETED",
        "FAILED",
        "CANCELED",
        "INPUT_REQUIRED",
        "REJECTED",
        "AUTH_REQUIRED",
    ]
)
METHODS: Final = ("SendMessage", "SendStreamingMessage")
RESULTS: Final = ("task", "message", "statusUpdate", "artifactUpdate")

_CHARACTER: Final = "[A-Za-z0-9+/_-]"
_BASE64: Final = f"^(?:{_CHARACTER}{{4}})*(?:{_CHARACTER}{{2,3}})?={{0,2}}$"
# RFC 3339, section 5.6, in the form that ProtoJSON asks for: capital letters, at most nanoseconds.
_LEAP: Final = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DAY: Final = (
    "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_TIME: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?"
_ZONE: Final = "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

_TEXT: Final[Json] = {"type": "string"}
_NAME: Final[Json] = {"type": "string", "minLength": 1}  # what is required and empty is not there
_TEXTS: Final[Json] = {"type": "array", "items": _TEXT}
_TRUTH: Final[Json] = {"type": "boolean"}
_ANYTHING: Final[Json] = {"type": "object"}
_BYTES: Final[Json] = {"type": "string", "pattern": _BASE64}
_MOMENT: Final[Json] = {"type": "string", "pattern": f"^{_DAY}T{_TIME}{_ZONE}$"}
_INT32: Final[Json] = {
    "type": ["integer", "string"],
    "minimum": -(2**31),
    "maximum": 2**31 - 1,
    "pattern": "^-?(?:0|[1-9][0-9]{0,8})$",
}


def snake(name: str) -> str:
    """Return the other name by which ProtoJSON knows the member `name`: as its definition has it."""
    return re.sub("([A-Z])", lambda capital: "_" + capital[0].lower(), name)


def _ref(name: str) -> Json:
    return {"$ref": f"#/definitions/{name}"}


def _list(name: str, least: int = 0) -> Json:
    return {"type": "array", "items": _ref(name), "minItems": least}


def _enum(names: tuple[str, ...]) -> Json:
    return {"enum": [*names[1:], *range(1, len(names))]}  # the first means that none was said


def _object(required: str, **members: Json) -> dict[str, Json]:
    """Return the schema of an object with `members`; those named in `required` are there and not null."""
    needed = required.split()
    properties: dict[str, Json] = {}
    rules: list[Json] = []
    for name, schema in members.items():
        held = schema if name in needed else _or_null(schema)
        properties[name] = held
        other = snake(name)
        if other != name:
            properties[other] = held
            rules.append({"if": {"required": [name]}, "then": {"properties": {other: False}}})
        if name in needed:
            rules.append({"if": {"required": [other]}, "else": {"required": [name]}})
    return {"type": "object", "properties": properties, "allOf": rules}


def _or_null(schema: Json) -> Json:
    # By type where it has one: a refusal is then told in one word.
    if isinstance(schema, dict) and "type" in schema:
        listed = schema["type"]
        return schema | {"type": [*(listed if isinstance(listed, list) else [listed]), "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _one_of(*names: str) -> list[Json]:
    """Return the ways to have exactly one of the members `names`; one that is null is not there."""
    return [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names]


_DEFINITIONS: Final[dict[str, Json]] = {
    "message": _object(
        "messageId role parts",
        messageId=_NAME,
        role=_enum(ROLES),
        parts=_list("part", least=1),
        contextId=_TEXT,
        taskId=_TEXT,
        referenceTaskIds=_TEXTS,
        extensions=_TEXTS,
        metadata=_ANYTHING,
    ),
    "part": {
        **_object("", text=_TEXT, raw=_BYTES, url=_TEXT, metadata=_ANYTHING, filename=_TEXT, mediaType=_TEXT),
        # `data` may be any value, null among them.
        "oneOf": [*_one_of("text", "raw", "url"), {"required": ["data"]}],
    },
    "artifact": _object(
        "artifactId parts",
        artifactId=_NAME,
        parts=_list("part", least=1),
        name=_TEXT,
        description=_TEXT,
        extensions=_TEXTS,
        metadata=_ANYTHING,
    ),
    "status": _object("state", state=_enum(STATES), message=_ref("message"), timestamp=_MOMENT),
    "task": _object(
        "id status",
        id=_NAME,
        status=_ref("status"),
        contextId=_TEXT,
        artifacts=_list("artifact"),
        history=_list("message"),
        metadata=_ANYTHING,
    ),
    "statusUpdate": _object(
        "taskId contextId status", taskId=_NAME, contextId=_NAME, status=_ref("status"), metadata=_ANYTHING
    ),
    "artifactUpdate": _object(
        "taskId contextId artifact",
        taskId=_NAME,
        contextId=_NAME,
        artifact=_ref("artifact"),
        append=_TRUTH,
        lastChunk=_TRUTH,
        metadata=_ANYTHING,
    ),
    "result": {
        **_object("", **{name: _ref(name) for name in RESULTS}),
        "oneOf": _one_of(*dict.fromkeys(name for result in RESULTS for name in (result, snake(result)))),
    },
    "notification": _object(
        "url",
        url=_NAME,
        id=_TEXT,
        taskId=_TEXT,
        token=_TEXT,
        tenant=_TEXT,
        authentication=_object("scheme", scheme=_NAME, credentials=_TEXT),
    ),
    "configuration": _object(
        "",
        acceptedOutputModes=_TEXTS,
        taskPushNotificationConfig=_ref("notification"),
        historyLength=_INT32,
        returnImmediately=_TRUTH,
    ),
    "call": _object(
        "message", message=_ref("message"), configuration=_ref("configuration"), tenant=_TEXT, metadata=_ANYTHING
    ),
}

SCHEMAS: Final = json_rpc.schemas(_DEFINITIONS, methods=METHODS)
