"""What each tool does to the world: the entries of tools.yaml, merged over all packs.

Within a pack the most specific entry of a name wins: the name itself, then the pattern with the most characters
that are not `*`. Across packs the strictest wins: effects and labels are united, one `untrusted` or irreversible
entry makes the tool so, and a value must satisfy the schemas of all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sidecar.model.pattern import matches
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.policy.schemas import MAX_PROBLEMS, Problem, Schema
from sidecar.policy.takes import FieldPattern, Taken, both


class Effect(StrEnum):
    """What a tool does to the world."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    EGRESS = "egress"
    MONEY = "money"
    ACCOUNT = "account"
    CODE = "code"
    MESSAGE = "message"


class Trust(StrEnum):
    """Who may have written what the tool answers: a stranger, unless it is said otherwise."""

    UNTRUSTED = "untrusted"
    TRUSTED = "trusted"


class Format(StrEnum):
    """How the tool's response is written; the parts of it can be told apart only where it parses."""

    JSON = "json"
    YAML = "yaml"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several packs' schemas of one value: it must satisfy each."""

    schemas: tuple[Schema, ...]

    def problems(self, value: Json) -> tuple[Problem, ...]:
        """Return why `value` does not satisfy them, at most MAX_PROBLEMS; empty when it does."""
        return tuple(problem for schema in self.schemas for problem in schema.problems(value))[:MAX_PROBLEMS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One entry of the catalogue. `name` is as the entry has it, so it may be a pattern.

    `effects` and `reads` (the labels that a response puts on the session) are sorted. `cost_usd` is a call's,
    `timeout` is in seconds. `sinks` maps an argument whose origin matters to the kind of value that it takes.
    `vouches` are the fields of a response that the tool itself answers for; `resolves` maps an argument to the field
    that stands for what was asked with it. `takes` are the kinds of secrets that its arguments take, None where the
    entry does not say; `declares` those that its own schema tells.
    """

    name: str
    description: str = ""
    effects: tuple[str, ...] = ()
    reversible: bool = True
    trust: Trust = Trust.UNTRUSTED
    reads: tuple[str, ...] = ()
    arguments: Schema | AllOf | None = None
    result: Schema | AllOf | None = None
    format: Format | None = None
    sinks: Mapping[str, str] = field(default_factory=dict)
    vouches: tuple[FieldPattern, ...] = ()
    resolves: Mapping[str, FieldPattern] = field(default_factory=dict)
    takes: Taken | None = None
    declares: Taken = field(default_factory=dict)
    cost_usd: float = 0.0
    region: str = ""
    timeout: float | None = None
    fallback: tuple[str, ...] = ()

    @property
    def answers_in_json(self) -> bool:
        """Whether its responses are JSON, whatever a caller says of one."""
        return self.result is not None or self.format is Format.JSON


class PackTools:
    """The entries of one pack. `unknown` is what it says of a tool that it lacks."""

    def __init__(self, tools: Sequence[Tool], unknown: Decision = Decision.DENY) -> None:
        self.unknown = unknown
        self.exact: Final[Mapping[str, Tool]] = {tool.name: tool for tool in tools if "*" not in tool.name}
        patterns = sorted((tool for tool in tools if "*" in tool.name), key=_unspecific)
        self.patterns: Final = tuple((tuple(tool.name.split("*")), tool) for tool in patterns)

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Every entry, those without `*` first."""
        return (*self.exact.values(), *(tool for _, tool in self.patterns))

    def find(self, name: str) -> Tool | None:
        """Return the most specific entry for the tool `name`, or None."""
        if name in self.exact:
            return self.exact[name]
        return next((tool for pieces, tool in self.patterns if matches(pieces, name)), None)


class Catalogue:
    """The entries of all packs. Immutable; the look-up of a name that a pack spells out is one of a dict."""

    def __init__(self, packs: Sequence[PackTools] = ()) -> None:
        self._packs = tuple(packs)
        # A pack that has no tools.yaml does not speak; where none speaks, every tool is unknown.
        self.unknown: Final = max((pack.unknown for pack in packs), default=Decision.DENY)
        names = {name for pack in packs for name in pack.exact}
        self._exact: Mapping[str, Tool | None] = {name: self._merged(name) for name in sorted(names)}

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Every tool that a pack spells out, the strictest of all packs."""
        return tuple(tool for tool in self._exact.values() if tool is not None)

    @property
    def entries(self) -> Iterator[Tool]:
        """Every entry of every pack, patterns among them, as it stands there."""
        return (tool for pack in self._packs for tool in pack.tools)

    def find(self, name: str) -> Tool | None:
        """Return what is known of the tool `name`, the strictest of all packs, or None when no pack knows it."""
        if name in self._exact:
            return self._exact[name]
        return self._merged(name)

    def _merged(self, name: str) -> Tool | None:
        found = [tool for pack in self._packs if (tool := pack.find(name)) is not None]
        return strictest(found) if found else None


def strictest(tools: Sequence[Tool]) -> Tool:
    """Return one entry as strict as each of `tools`, which are at least one. What only describes is the first's."""
    if len(tools) == 1:
        return tools[0]
    first = tools[0]
    return Tool(
        name=first.name,
        description=first.description,
        effects=tuple(sorted({effect for tool in tools for effect in tool.effects})),
        reversible=all(tool.reversible for tool in tools),
        trust=Trust.TRUSTED if all(tool.trust is Trust.TRUSTED for tool in tools) else Trust.UNTRUSTED,
        reads=tuple(sorted({label for tool in tools for label in tool.reads})),
        arguments=_all_of([tool.arguments for tool in tools]),
        result=_all_of([tool.result for tool in tools]),
        format=next((tool.format for tool in tools if tool.format), None),
        sinks={sink: kind for tool in reversed(tools) for sink, kind in tool.sinks.items()},
        vouches=tuple(each for each in first.vouches if all(each in tool.vouches for tool in tools)),
        resolves={k: v for k, v in first.resolves.items() if all(tool.resolves.get(k) == v for tool in tools)},
        takes=both(said) if (said := [tool.takes for tool in tools if tool.takes is not None]) else None,
        declares=both(told) if (told := [tool.declares for tool in tools if tool.arguments is not None]) else {},
        cost_usd=max(tool.cost_usd for tool in tools),
        region=next((tool.region for tool in tools if tool.region), ""),
        timeout=min((tool.timeout for tool in tools if tool.timeout is not None), default=None),
        fallback=first.fallback,
    )


def _all_of(given: Sequence[Schema | AllOf | None]) -> Schema | AllOf | None:
    schemas: list[Schema] = []
    for schema in given:
        if schema is not None:
            schemas.extend(schema.schemas if isinstance(schema, AllOf) else (schema,))
    if len(schemas) > 1:
        return AllOf(tuple(schemas))
    return schemas[0] if schemas else None


def _unspecific(tool: Tool) -> tuple[int, int, str]:
    stars = tool.name.count("*")
    return stars - len(tool.name), stars, tool.name
