"""The extension that carries a chain of linked tokens within a message (identity-spec 2.17).

A single token travels in a header, which the agent's own server reads; a chain is too large for one, so it travels in
`message.metadata` under the extension's name (`protocols.carried`). It is authority, and no part of what is said: it is
taken out of everything that crosses, wherever it stands.

The proof is an `aat-pop+jwt` for the tool `a2a:message`, over the message without the extension; `metadata` that held
nothing else is gone, too.
"""

from collections.abc import Mapping
from operator import is_
from typing import Final

from sidecar.errors import TokenError
from sidecar.model.atoms import canonical
from sidecar.model.scope import NAMESPACE
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json
from sidecar.protocols.carried import Opened, read

EXTENSION: Final = f"{NAMESPACE}/ext/authz/v1"
MESSAGE_TOOL: Final = "a2a:message"  # what a proof that comes with a message names as its tool

# The way from a body to the message that it is sent for, in both versions of the protocol.
_WAY: Final = frozenset({"params", "message", "result", "task", "status", "statusUpdate", "status_update"})


def taking_out(body: Json) -> Steps[Opened]:
    """Come to `body` without the extension, and what it carried.

    Authority is the chain in the metadata of the message itself; in a history, a part or an artifact it is nobody's
    word. Raises `TokenError` token_malformed where it is no chain, token_ambiguous where there are two.
    """
    found: list[Json] = []
    rest = yield from _without(body, found, is_said=True)
    if not found:
        return Opened(body=rest, carried=None)
    if len(set(map(canonical, found))) > 1:
        raise TokenError("the message carries two chains: send one", reason="token_ambiguous")
    return Opened(body=rest, carried=read(found[0]))


def message_in(body: Json) -> Mapping[str, Json]:
    """Return the message that `body` is sent for, an empty object where there is none: what a proof is over."""
    if not isinstance(body, Mapping) or "parts" in body:
        return body if isinstance(body, Mapping) else {}
    return next((found for name in body if name in _WAY and (found := message_in(body[name]))), {})


def _without(value: Json, found: list[Json], *, is_said: bool) -> Steps[Json]:
    """Come to `value` without the extension; what has none is the same object. Depth is bounded by the parser.

    `is_said`: where a message that is said now may stand, not one that is told of.
    """
    if isinstance(value, list):
        items = list(value)
        for at, item in enumerate(value):
            items[at] = (yield from _without(item, found, is_said=False)) if _is_open(item) else item
        yield
        return value if all(map(is_, items, value)) else items
    if not isinstance(value, Mapping):
        return value
    members: dict[str, Json] = {}
    for name, member in value.items():
        if name != EXTENSION:
            further = is_said and name in _WAY
            members[name] = (yield from _without(member, found, is_said=further)) if _is_open(member) else member
    yield
    metadata = value.get("metadata")
    if isinstance(metadata, Mapping) and EXTENSION in metadata:
        if not members["metadata"]:
            del members["metadata"]
        if is_said and "parts" in value:
            found.append(metadata[EXTENSION])
    same = len(members) == len(value) and all(members[name] is value[name] for name in members)
    return value if same else members


def _is_open(value: Json) -> bool:
    return isinstance(value, list | Mapping)
