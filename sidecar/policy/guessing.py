"""What a tool may do to the world, guessed from its name and its arguments: a first draft for a person to review.

A guess errs on the side of care. A name whose first word only reads, reads; any other has the effects that its words
suggest, and all of them where they suggest none, or do not begin with one of them. What comes back is a stranger's,
unless the tool takes no argument and answers for a clock or a balance. Arguments that say to whom, where or how much
are sinks. Of records, only what a program writes itself is vouched for: numbers, times, who took part.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.model.strict_json import Json
from sidecar.policy.catalogue import Effect

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
HINTS: Final[Mapping[Effect, frozenset[str]]] = {
    Effect.READ: frozenset({"get", "list", "read", "search", "find", "show", "view", "fetch", "query", "check"}),
    Effect.WRITE: frozenset({"create", "add", "update", "set", "write", "edit", "append", "put", "merge", "move"}),
    Effect.DELETE: frozenset({"delete", "remove", "cancel", "clear", "drop", "purge"}),
    Effect.EGRESS: frozenset({"send", "post", "publish", "share", "upload", "push", "browse", "download", "webpage"}),
    Effect.MONEY: frozenset({"pay", "transfer", "refund", "buy", "purchase", "order", "charge", "checkout", "money"}),
    Effect.ACCOUNT: frozenset({"password", "account", "user", "login", "permission", "role", "invite", "grant"}),
    Effect.CODE: frozenset({"run", "execute", "exec", "eval", "shell", "bash", "deploy", "install"}),
    Effect.MESSAGE: frozenset(
        {"send", "mail", "email", "message", "reply", "sms", "notify", "comment", "post", "publish", "share", "invite"}
    ),
}
PAIR: Final = 2  # words of a name that is a verb and a thing
_OWN: Final = frozenset({"balance", "day", "date", "time", "now", "today", "version"})
_SINKS: Final[Mapping[str, frozenset[str]]] = {  # the first kind that fits
    "url": frozenset({"url", "urls", "link", "website", "webpage", "host", "domain", "endpoint"}),
    "email": frozenset({"email", "emails", "recipient", "recipients", "to", "cc", "bcc", "participants", "attendees"}),
    "iban": frozenset({"iban", "account", "payee", "beneficiary", "wallet"}),
    "money": frozenset({"amount", "price", "sum", "total"}),
    "secret": frozenset({"password", "key", "token", "secret"}),
    "path": frozenset({"path", "file", "filename", "folder", "directory", "destination", "attachments"}),
    "name": frozenset(
        {"user", "username", "owner", "member", "collaborator", "channel", "group", "role", "permission"}
    ),
    "id": frozenset({"id", "ids"}),
    "text": frozenset({"body", "content", "message", "command", "code", "script", "inputs", "values"}),
}
_VOUCHED: Final = (
    *("id", "timestamp", "status", "sender", "recipients", "cc", "bcc", "participants"),
    *("start_time", "end_time", "size", "price", "rating"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What may stand in a tool's entry. `vouches` are JSON Pointers with `*`."""

    effects: tuple[Effect, ...]
    sinks: Mapping[str, str]
    is_trusted: bool = False
    vouches: tuple[str, ...] = ()


def suggested(name: str) -> tuple[Effect, ...]:
    """Return the effects that the name of a tool suggests: a help for who reads, never a decision."""
    words = frozenset(_words(name))
    return tuple(effect for effect, hints in HINTS.items() if words & hints)


def guess(name: str, arguments: Json) -> Guess:
    """Return what the tool of this name with this schema of arguments may do."""
    taken = _properties(arguments)
    sinks = dict(_sinks(taken))
    words = _words(name)
    if words and words[0] in HINTS[Effect.READ]:
        links = {argument: kind for argument, kind in sinks.items() if kind == "url"}
        effects = (Effect.READ, Effect.EGRESS) if links else (Effect.READ,)
        own = not taken and bool(_OWN & frozenset(words))
        return Guess(effects=effects, sinks=links, is_trusted=own, vouches=tuple(f"/*/{each}" for each in _VOUCHED))
    return Guess(effects=_effects(name, sinks), sinks=sinks)


def _effects(name: str, sinks: Mapping[str, str]) -> tuple[Effect, ...]:
    found = set(suggested(name)) - {Effect.READ}
    kinds = set(sinks.values())
    if not found or not _begins_with_a_verb(_words(name)):
        return tuple(Effect)
    found |= {Effect.MONEY} if "iban" in kinds and "money" in kinds else set()
    found |= {Effect.EGRESS} if "url" in kinds else set()
    return tuple(effect for effect in Effect if effect in found)


def _begins_with_a_verb(words: list[str]) -> bool:
    """Return whether the first word is a hint, or the second behind a name of many tools: `cart_add_product`.

    Of `boost_post` it is not known what it does with the post.
    """
    hints = frozenset().union(*HINTS.values())
    return bool(hints & frozenset(words[:1] if len(words) <= PAIR else words[:PAIR]))


def _sinks(names: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for name in names:
        words = frozenset(_words(name))
        kind = next((kind for kind, hints in _SINKS.items() if words & hints), "")
        if kind:
            yield name, kind


def _properties(schema: Json) -> Mapping[str, Json]:
    found = schema.get("properties") if isinstance(schema, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]
