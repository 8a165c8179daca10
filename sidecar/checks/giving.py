"""May this call have a value where no argument is made for it?

Only a kind under `reveal_to: declared` goes further than its declared arguments, to a tool whose entry says nothing by
`takes`, and only as far as the user's own words and what the user pointed at carry it. What the tool does decides:

- one that only reads gets nothing: what it asks for may leave with the question, and nobody would hear of it;
- one that writes into the user's own world (`write`, `delete`: a file, a record) gets what the user wrote, what stands
  where the user pointed or a tool answers for it, and all that goes to a place that is the user's own word: a file
  that is changed keeps its password;
- one that lets something out, pays, or opens (`egress`, `money`, `account`, `code`) gets what the user wrote in asking
  for it, though nothing is let out to where nobody named, and what the user named (`with my card`) or what its field
  is called for (`{"id": "password", …}`), at a place that is the user's own word;
- one that writes to somebody gets only what the user's own sentence asks to give, for one whom the user named.

Nobody gets anything where a stranger's word stands in an argument that matters, or orders the call. A tool whose name
says that it writes to somebody, or lets something out, counts as one that does.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from sidecar.content.origin.giving import Meant
from sidecar.content.rewriting import Path
from sidecar.model.crossing import Crossing
from sidecar.model.origin import STRANGE, Origin
from sidecar.model.strict_json import Json
from sidecar.policy.catalogue import Effect, Tool
from sidecar.policy.guessing import suggested
from sidecar.policy.takes import called

_INPUT: Final = re.compile(r"(?i)[ _.-]?(?:field|input|box|txt|value)s?\d{0,2}\Z")  # what a form adds to a field's name
MAX_BESIDE: Final = 64  # members of one object that are looked at for a field's name

_OWN: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS, Origin.TRUSTED})
_HELD: Final = frozenset({"text", "secret", "money", "date", "number"})  # kinds of sinks that say nothing of where


class Manner(Enum):
    """What a tool does with what it gets, the least first."""

    LOOKS = auto()
    KEEPS = auto()
    HANDS = auto()
    TELLS = auto()


def manner(tool: Tool) -> Manner:
    """Return what the tool does, by its entry and, where that is stricter, by its name."""
    effects, out = frozenset(tool.effects), _out(tool)
    if Effect.MESSAGE in out:
        return Manner.TELLS
    runs = Effect.CODE in effects and Effect.WRITE not in effects
    if not effects or runs or not out.isdisjoint({Effect.EGRESS, Effect.MONEY, Effect.ACCOUNT}):
        return Manner.HANDS
    return Manner.LOOKS if effects == {Effect.READ} else Manner.KEEPS


def _out(tool: Tool) -> frozenset[str]:
    """Return its effects, and those of its name by which something leaves."""
    return frozenset(tool.effects) | (frozenset(suggested(tool.name)) & {Effect.MESSAGE, Effect.EGRESS})


@dataclass(frozen=True, slots=True)
class Giving:
    """Whom one call would give something: `how` its tool does, and whether the places that it names are the user's own.

    `stays`: it names none, and what it is given is not let out. `is_nowhere`: it lets out, and names no place, or one
    that nobody named before.
    """

    how: Manner
    is_strange: bool
    is_own: bool
    stays: bool
    is_nowhere: bool
    is_asked: bool

    @classmethod
    def of(cls, crossing: Crossing, tool: Tool) -> "Giving":
        """Return it for a call of which it is known where its arguments come from."""
        origins = {name: Origin(origin) for name, origin in crossing.origins.items()}
        places = [origin for name, origin in origins.items() if tool.sinks.get(name) not in _HELD]
        return cls(
            how=manner(tool),
            is_strange=crossing.is_ordered or not STRANGE.isdisjoint(origins.values()),
            is_own=bool(places) and _OWN.issuperset(places),
            stays=not places and Effect.EGRESS not in _out(tool),
            is_nowhere=Effect.EGRESS in _out(tool) and (not places or Origin.MODEL in places),
            is_asked=crossing.is_asked,
        )

    def gives(self, meant: Meant, *, is_called: bool) -> bool:
        """Return whether a value goes there. `is_called`: the field's own name in the call is that of its kind."""
        if self.is_strange or meant.is_suspect:
            return False
        match self.how:
            case Manner.LOOKS:
                return False
            case Manner.KEEPS:
                return meant.is_said or meant.is_known or self.is_own
            case Manner.HANDS:
                is_meant = meant.is_known and (meant.is_named or is_called) and (self.is_own or self.stays)
                is_told = meant.is_told and not self.is_nowhere
                return (self.is_asked or (meant.is_entered and is_called)) and (is_told or is_meant)
            case Manner.TELLS:
                return self.is_asked and self.is_own and meant.is_given and (meant.is_said or meant.is_known)


def kinds_called(body: Json, path: Path) -> frozenset[str]:
    """Return the kinds that a field is called for by the call itself.

    `{"password": "…"}`, `{"id": "password_field", "value": "…"}`, `{"ids": ["pin"], "values": ["…"]}`.
    """
    holders = list(_holders(body, path))
    if not holders:
        return frozenset()
    names = [each for each in reversed(path) if isinstance(each, str)][:1]
    last, holder = path[-1], holders[-1]
    if isinstance(holder, Mapping):
        names += _texts(value for name, value in _first(holder) if name != last)
    elif isinstance(last, int) and len(path) > 1 and isinstance(above := holders[-2], Mapping):
        lists = [each for name, each in _first(above) if name != path[-2] and isinstance(each, list)]
        names += _texts(each[last] for each in lists if isinstance(holder, list) and len(each) == len(holder))
    return frozenset[str]().union(*(called(_INPUT.sub("", each)) for each in names))


def _texts(values: Collection[Json] | Iterator[Json]) -> list[str]:
    return [each for each in values if isinstance(each, str)]


def _first(holder: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for _, each in zip(range(MAX_BESIDE), holder.items(), strict=False):
        yield each


def _holders(body: Json, path: Path) -> Iterator[Json]:
    """Yield what holds the field, outermost first."""
    for step in path:
        yield body
        match body, step:
            case Mapping(), str():
                body = body[step]
            case list(), int():
                body = body[step]
