"""Which version of A2A a message is of, and what it says.

A message names its version by its shape: 0.3 has the roles `user` and `agent`, methods like `message/send` and results
with a `kind`; 1.0 has roles like `ROLE_USER`, methods like `SendMessage` and results under a member of their own. What
fits neither is refused, and so is what could be read as both: two readers must not see two messages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sidecar.errors import EvidenceError
from sidecar.model.strict_json import Json
from sidecar.protocols.a2a import v0_3, v1

REASON: Final = "message_invalid"


class Version(StrEnum):
    """A version of the protocol."""

    V0_3 = "0.3"
    V1 = "1.0"


# Every schema, by version and what it is of: "0.3/message", "1.0/request", …
SCHEMAS: Final[Mapping[str, Mapping[str, Json]]] = {
    f"{version}/{name}": document
    for version, documents in {Version.V0_3: v0_3.SCHEMAS, Version.V1: v1.SCHEMAS}.items()
    for name, document in documents.items()
}

_METHODS: Final = dict.fromkeys(v0_3.METHODS, Version.V0_3) | dict.fromkeys(v1.METHODS, Version.V1)
_ANSWERING: Final = ("agent", "ROLE_AGENT")
_RESULTS: Final = frozenset(name for result in v1.RESULTS for name in (result, v1.snake(result)))
# Where messages and what is like them stand in each other. `metadata` and `data` are free and hold none.
_INSIDE: Final = frozenset(
    {*_RESULTS, "params", "result", "status", "history", "artifacts", "artifact"},
)


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, or all messages of a task: its texts in order, and the ids that tie it to others."""

    texts: tuple[str, ...]
    task_ids: tuple[str, ...]
    context_ids: tuple[str, ...]


def schema_of(body: Json) -> str:
    """Return the name in SCHEMAS of what `body` must be: a message, or a JSON-RPC call that carries one.

    Raises `EvidenceError` with reason message_invalid where version or method are not known.
    """
    if not isinstance(body, dict):
        raise EvidenceError("must be an object", reason=REASON)
    if "method" in body:
        return f"{_of_method(body['method'])}/request"
    if "result" in body or "error" in body:
        return f"{_of_result(body.get('result'))}/response"
    return f"{_of_role(body)}/message"


def is_answer(body: Json) -> bool:
    """Return whether `body` answers somebody: a JSON-RPC response, or a message of an agent's role."""
    return isinstance(body, dict) and ("result" in body or "error" in body or body.get("role") in _ANSWERING)


def content(body: Json) -> Content:
    """Return what `body`, which satisfies its schema, says."""
    found = list(_objects(body))
    tasks = [item for item in found if "status" in item and "id" in item]
    return Content(
        texts=tuple(text for item in found for text in _texts(item.get("parts"))),
        task_ids=tuple(dict.fromkeys([*_named(tasks, "id"), *_named(found, "taskId", "task_id")])),
        context_ids=_named(found, "contextId", "context_id"),
    )


def _of_method(method: Json) -> Version:
    if not isinstance(method, str) or method not in _METHODS:
        raise EvidenceError("must be a method that sends a message", reason=REASON, path="/method")
    return _METHODS[method]


def _of_result(result: Json) -> Version:
    if not isinstance(result, dict):
        return Version.V1  # an error, or nothing that is valid: alike in both
    newer = not _RESULTS.isdisjoint(result)
    if newer and "kind" in result:
        raise EvidenceError("may be read as two versions of the protocol: send one", reason=REASON, path="/result")
    return Version.V1 if newer else Version.V0_3


def _of_role(message: Mapping[str, Json]) -> Version:
    # A newer message may have a `kind`, as any member that is not known; an older one without a role is known by it.
    role = message.get("role")
    if role in v0_3.ROLES:
        return Version.V0_3
    return Version.V0_3 if "kind" in message and role not in v1.ROLES else Version.V1


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    """Yield every object of the protocol in `value`, outermost first."""
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)
    elif isinstance(value, dict):
        yield value
        for name, member in value.items():
            if name in _INSIDE:
                yield from _objects(member)


def _texts(parts: Json) -> Iterator[str]:
    for part in parts if isinstance(parts, list) else ():
        text = part.get("text") if isinstance(part, dict) else None
        if isinstance(text, str):
            yield text


def _named(found: list[Mapping[str, Json]], *names: str) -> tuple[str, ...]:
    values = (item.get(name) for item in found for name in names)
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
