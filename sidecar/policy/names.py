"""What an expression sees: every name, what is known of it when a rule is loaded, and its value at a crossing.

Absent parts are empty (an empty string, list or map; zero), so that a rule never errs on a name of this table;
`args` and `result` are the caller's JSON, and a member that they lack is an error of the rule. `text` is the text
of the crossing after redaction: of JSON every string, name and number in it, one a line, so that no escape
hides a word. `result` is what came back where that is JSON: at tool_response, llm_output and a2a_message. `facts` are
what the session remembers (facts.py), `session.cost_usd` and `usage.cost_usd` what it has cost so far.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.origin import Origin
from sidecar.model.price import MILLION
from sidecar.model.session import Usage
from sidecar.model.strict_json import Json
from sidecar.policy.catalogue import Effect, Tool, Trust
from sidecar.policy.shapes import ANY, Shape

Value = Json | datetime | Mapping[str, "Value"] | list["Value"]

_STRING: Final = Shape(types=frozenset({"string"}))
_NUMBER: Final = Shape(types=frozenset({"number"}))
_INTEGER: Final = Shape(types=frozenset({"integer"}))
_BOOLEAN: Final = Shape(types=frozenset({"boolean"}))


def _one_of(values: type[Boundary | Effect | Trust | Direction | Origin]) -> Shape:
    return Shape(types=frozenset({"string"}), values=frozenset(str(value) for value in values))


def _list(items: Shape) -> Shape:
    return Shape(types=frozenset({"array"}), items=items)


def _record(**members: Shape) -> Shape:
    return Shape(types=frozenset({"object"}), members=members, closed=True)


NAMES: Final[Mapping[str, Shape]] = {
    "boundary": _one_of(Boundary),
    "tool": _record(
        name=_STRING,
        effects=_list(_one_of(Effect)),
        trust=_one_of(Trust),
        reads=_list(_STRING),
        reversible=_BOOLEAN,
        region=_STRING,
        cost_usd=_NUMBER,
        asked=_BOOLEAN,
        ordered=_BOOLEAN,
        urged=_BOOLEAN,
    ),
    "origin": Shape(types=frozenset({"object"}), items=_one_of(Origin)),
    "args": ANY,
    "result": ANY,
    "text": _STRING,
    "labels": _list(_STRING),
    "session": _record(
        task_type=_STRING,
        residency=_STRING,
        age_s=_NUMBER,
        labels=_list(_STRING),
        crossings=_INTEGER,
        denied=_INTEGER,
        cost_usd=_NUMBER,
        autonomy=_INTEGER,
    ),
    "principal": _record(subject=_STRING, agent=_STRING, actors=_list(_STRING), depth=_INTEGER, issuer=_STRING),
    "model": _record(provider=_STRING, model=_STRING, region=_STRING),
    "usage": _record(input_tokens=_INTEGER, output_tokens=_INTEGER, cost_usd=_NUMBER),
    "peer": _record(name=_STRING, direction=_one_of(Direction), card_verified=_BOOLEAN),
    "facts": _record(),  # those of the packs: see rule_compiler.py
    "now": ANY,
}
FACT: Final = _record(count=_INTEGER, last_s=_NUMBER, within_1m=_INTEGER, within_1h=_INTEGER, within_1d=_INTEGER)

# What rule packs may say one day, and what a pack that says it today is refused for.
LATER: Final[Mapping[str, frozenset[str]]] = {
    "principal": frozenset({"claims"}),
}


_UNUSED: Final = Usage()


@dataclass(frozen=True, slots=True)
class Sight:
    """All that one evaluation looks at."""

    crossing: Crossing
    tool: Tool | None
    labels: frozenset[str]
    sinks: frozenset[str] = frozenset()  # that rules name; those that the call lacks have no origin
    touched: frozenset[str] = frozenset()  # the session's labels
    facts: Mapping[str, Value] = field(default_factory=dict)  # as the expression names them; unknown ones are left out
    usage: Usage = _UNUSED  # of the session, before this crossing
    region: str = ""  # of the model

    @property
    def clean(self) -> frozenset[str]:
        """The names whose values hold no NUL for sure, so that nobody has to look through them."""
        clean = _OF_NOBODY if self.crossing.holds_nul else OF_THE_BODY | _OF_NOBODY
        if self.tool and _NUL not in self.crossing.tool + self.tool.region:
            clean |= OF_THE_TOOL
        session = self.crossing.session
        if session and _NUL not in session.task_type + session.residency + "".join(self.touched):
            clean |= OF_THE_SESSION
        return clean


def values(wanted: frozenset[str], sight: Sight) -> dict[str, Value]:
    """Return the values of the names that are `wanted`."""
    return {name: _VALUES[name](sight) for name in wanted}


def values_without_payload(boundary: Boundary) -> dict[str, Value]:
    """Return the values that are the same for every crossing of `boundary`: what cannot be there is empty."""
    known: dict[str, Value] = {"boundary": str(boundary)}
    sight = Sight(Crossing(boundary=boundary, session_id="", at=0.0), None, frozenset())
    if boundary not in {Boundary.TOOL_CALL, Boundary.TOOL_RESPONSE}:
        known["tool"] = _tool(sight)
    if boundary is not Boundary.TOOL_CALL:
        known["args"] = {}
        known["origin"] = {}
    if boundary not in _ANSWERS:
        known["result"] = {}
    if boundary is not Boundary.A2A_MESSAGE:
        known["peer"] = {"name": "", "direction": "", "card_verified": False}
    return known


def _tool(sight: Sight) -> Value:
    tool = sight.tool or _NO_TOOL
    return {
        "name": sight.crossing.tool,
        "effects": list(tool.effects),
        "trust": str(tool.trust),
        "reads": list(tool.reads),
        "reversible": tool.reversible,
        "region": tool.region,
        "cost_usd": tool.cost_usd,
        "asked": sight.crossing.is_asked,
        "ordered": sight.crossing.is_ordered,
        "urged": sight.crossing.is_urged,
    }


def _args(sight: Sight) -> Value:
    crossing = sight.crossing
    return crossing.body if crossing.boundary is Boundary.TOOL_CALL and crossing.is_json else {}


def _result(sight: Sight) -> Value:
    crossing = sight.crossing
    return crossing.body if crossing.boundary in _ANSWERS and crossing.is_json else {}


def _text(sight: Sight) -> Value:
    body = sight.crossing.body
    return body if isinstance(body, str) else "\n".join(words(body))


def _session(sight: Sight) -> Value:
    session = sight.crossing.proven
    return {
        "task_type": session.task_type,
        "residency": session.residency,
        "age_s": sight.crossing.at - session.opened_at,
        "labels": sorted(sight.touched),
        "crossings": sight.usage.crossings,
        "denied": sight.usage.denied,
        "cost_usd": _usd(sight),
        "autonomy": sight.crossing.autonomy,
    }


def _usd(sight: Sight) -> float:
    return sight.usage.micro_usd / MILLION


def _principal(sight: Sight) -> Value:
    principal = sight.crossing.proven.principal
    return {
        "subject": principal.subject,
        "agent": principal.agent,
        "actors": list(principal.actors),
        "depth": len(principal.actors),
        "issuer": principal.issuer,
    }


def words(value: Json) -> list[str]:
    """Return every string, name of a member and number in `value`, in order."""
    found: list[str] = []
    stack: list[Json] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            found.append(node)
        elif isinstance(node, Mapping):
            for name in reversed(list(node)):
                stack.extend((node[name], name))
        elif isinstance(node, list):
            stack.extend(reversed(node))
        elif isinstance(node, int | float) and not isinstance(node, bool):
            found.append(repr(node))
    return found


FACTS: Final = "facts"
OF_THE_BODY: Final = frozenset({"args", "result", "text"})  # what an expression sees of the payload
OF_THE_TOOL: Final = frozenset({"tool"})
OF_THE_SESSION: Final = frozenset({"session"})
_OF_NOBODY: Final = frozenset({FACTS})  # holds no word that anybody chose but the packs
_NUL: Final = "\0"
_NO_TOOL: Final = Tool(name="")
_ANSWERS: Final = frozenset({Boundary.TOOL_RESPONSE, Boundary.LLM_OUTPUT, Boundary.A2A_MESSAGE})
_VALUES: Final[Mapping[str, Callable[[Sight], Value]]] = {
    "boundary": lambda sight: str(sight.crossing.boundary),
    "tool": _tool,
    "args": _args,
    "result": _result,
    "text": _text,
    "labels": lambda sight: sorted(sight.labels),
    "origin": lambda sight: {**dict.fromkeys(sight.sinks, ""), **sight.crossing.origins},
    "session": _session,
    "principal": _principal,
    "model": lambda sight: {
        "provider": sight.crossing.provider,
        "model": sight.crossing.model,
        "region": sight.region,
    },
    "usage": lambda sight: {
        "input_tokens": sight.crossing.input_tokens,
        "output_tokens": sight.crossing.output_tokens,
        "cost_usd": _usd(sight),
    },
    "peer": lambda sight: {
        "name": sight.crossing.peer,
        "direction": str(sight.crossing.direction or ""),
        "card_verified": sight.crossing.card_verified,
    },
    FACTS: lambda sight: sight.facts,
    "now": lambda sight: datetime.fromtimestamp(sight.crossing.at, UTC),
}
