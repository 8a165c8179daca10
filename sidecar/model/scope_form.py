"""How a scope is written: the entry `session/v1` of `authorization_details` (identity-spec 2.7.1), read and written.

The same object stands in tokens, in the agent's own policy and in OpenSession's `scope_json`. Unknown members are
refused: a limit that is not understood would be a limit that is not held.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sidecar.errors import ScopeError
from sidecar.model.atoms import Atom, Contains, HostIn, MaxLength, NotOneOf, OneOf, PathUnder, Range, Subset
from sidecar.model.constraint import (
    ANYTHING,
    Constraint,
    Node,
    Path,
    Reading,
    Wildcard,
    expect_count,
    expect_hosts,
    expect_names,
    expect_object,
    normal,
    parse_constraint,
    refuse_others,
)
from sidecar.model.scope import ANY_ARGUMENTS, HIGHEST_AUTONOMY, Argument, Grant, Scope
from sidecar.model.strict_json import Json, pointer

NAMESPACE: Final = "https://agent-sidecar.dev/ns"
SESSION_TYPE: Final = f"{NAMESPACE}/ad/session/v1"
MAX_TOOLS = 256
MAX_ARGUMENTS = 64  # of one tool
MAX_BUDGETS = 64
MAX_CLASSES = 256

_MEMBERS = ("type", "tools", "data", "egress", "budgets", "autonomy", "approval", "mission")


def parse(value: Json) -> Scope:
    """Return the scope that a session entry writes; `type` may be left out, `tools` left out grants nothing.

    Raises `ScopeError` with reason scope_malformed, scope_unknown_type, scope_unknown_member,
    limit_constraint_depth or limit_scope_size.
    """
    body = expect_object(value, ())
    refuse_others(body, _MEMBERS, ())
    if body.get("type", SESSION_TYPE) != SESSION_TYPE:
        raise ScopeError("`type` is not the session entry's", path="/type")
    data = expect_object(body.get("data", {}), ("data",))
    refuse_others(data, ("read", "write"), ("data",))
    return Scope(
        tools=_tools(body.get("tools", {}), Reading(extensions=True)),
        reads=_classes(data, "read"),
        writes=_classes(data, "write"),
        egress=expect_hosts(body["egress"], ("egress",)) if "egress" in body else None,
        budgets=_budgets(body.get("budgets", {})),
        autonomy=_autonomy(body),
        approval=_bounded(expect_names(body.get("approval", []), ("approval",)), MAX_TOOLS, ("approval",)),
        missions=_missions(body),
    )


def requested(value: Json, held: Scope) -> Scope:
    """Return the scope that a caller asks for within `held`: what it leaves out stays as it is in `held`.

    A token must say everything itself; a request to narrow a session says what changes. The result may be wider
    than `held` where the request is: the caller compares. Raises `ScopeError` as `parse`.
    """
    asked = parse(value)
    body = expect_object(value, ())
    data = expect_object(body.get("data", {}), ("data",))
    return Scope(
        tools=_filled_tools(asked.tools, held.tools, body["tools"]) if "tools" in body else held.tools,
        reads=asked.reads if "read" in data else held.reads,
        writes=asked.writes if "write" in data else held.writes,
        egress=asked.egress if "egress" in body else held.egress,
        budgets={**held.budgets, **asked.budgets},
        autonomy=asked.autonomy if "autonomy" in body else held.autonomy,
        approval=asked.approval | held.approval,
        missions=asked.missions or held.missions,
    )


def as_json(scope: Scope) -> dict[str, Json]:
    """Return `scope` as a session entry; `parse` of it is `scope` again, unless it holds two missions."""
    entry: dict[str, Json] = {"tools": {name: _grant_json(grant) for name, grant in sorted(scope.tools.items())}}
    data: dict[str, Json] = {}
    if scope.reads is not None:
        data["read"] = sorted(scope.reads)
    if scope.writes is not None:
        data["write"] = sorted(scope.writes)
    if data:
        entry["data"] = data
    if scope.egress is not None:
        entry["egress"] = sorted(scope.egress)
    if scope.budgets:
        entry["budgets"] = dict(sorted(scope.budgets.items()))
    if scope.autonomy is not None:
        entry["autonomy"] = scope.autonomy
    if scope.approval:
        entry["approval"] = sorted(scope.approval)
    if scope.mission:
        entry["mission"] = scope.mission
    return entry


# ---- reading ---------------------------------------------------------------------------------------------


def read_arguments(value: Json, reading: Reading, path: Path) -> dict[str, tuple[Node, bool]]:
    """Return each argument's constraint as written, and whether it is optional. `"*"` stands for all others."""
    body = expect_object(value, path)
    if len(body) > MAX_ARGUMENTS:
        raise ScopeError(f"more than {MAX_ARGUMENTS} arguments", reason="limit_scope_size", path=pointer(path))
    read = {}
    for name, constraint in body.items():
        own = dict(expect_object(constraint, (*path, name)))
        optional = own.pop("optional", False)
        if not isinstance(optional, bool):
            raise ScopeError("`optional` must be true or false", path=pointer((*path, name)))
        node = parse_constraint(own, reading, (*path, name))
        if name == "*" and node != Wildcard():
            raise ScopeError('`"*"` can only be a wildcard', path=pointer((*path, name)))
        read[name] = (node, optional)
    return read


def grant_of(arguments: Mapping[str, tuple[Node, bool]], max_calls: int | None = None) -> Grant:
    """Return the grant that arguments as written amount to; none at all means any."""
    named = {
        name: Argument(constraint=normal(node), optional=optional)
        for name, (node, optional) in arguments.items()
        if name != "*"
    }
    return Grant(arguments=named, others="*" in arguments or not arguments, max_calls=max_calls)


def expect_tools(value: Json, path: Path) -> Mapping[str, Json]:
    """Return `value` if it is an object of at most `MAX_TOOLS` named tools. Raises `ScopeError`."""
    body = expect_object(value, path)
    if len(body) > MAX_TOOLS:
        raise ScopeError(f"more than {MAX_TOOLS} tools", reason="limit_scope_size", path=pointer(path))
    if "" in body:
        raise ScopeError("a tool has no name", path=pointer(path))
    return body


def _tools(value: Json, reading: Reading) -> dict[str, Grant]:
    return {name: _grant(body, reading, ("tools", name)) for name, body in expect_tools(value, ("tools",)).items()}


def _grant(value: Json, reading: Reading, path: Path) -> Grant:
    body = expect_object(value, path)
    refuse_others(body, ("args", "max_calls"), path)
    calls = expect_count(body["max_calls"], (*path, "max_calls")) if "max_calls" in body else None
    arguments = read_arguments(body.get("args", {}), reading, (*path, "args"))
    return grant_of(arguments, calls) if arguments or calls is not None else ANY_ARGUMENTS


def _classes(data: Mapping[str, Json], member: str) -> frozenset[str] | None:
    if member not in data:
        return None
    return _bounded(expect_names(data[member], ("data", member)), MAX_CLASSES, ("data", member))


def _bounded(names: frozenset[str], limit: int, path: Path) -> frozenset[str]:
    if len(names) > limit:
        raise ScopeError(f"more than {limit} names", reason="limit_scope_size", path=pointer(path))
    return names


def _budgets(value: Json) -> dict[str, int]:
    body = expect_object(value, ("budgets",))
    if len(body) > MAX_BUDGETS:
        raise ScopeError(f"more than {MAX_BUDGETS} budgets", reason="limit_scope_size", path="/budgets")
    return {unit: expect_count(ceiling, ("budgets", unit)) for unit, ceiling in body.items()}


def _autonomy(body: Mapping[str, Json]) -> int | None:
    if "autonomy" not in body:
        return None
    level = expect_count(body["autonomy"], ("autonomy",))
    if level > HIGHEST_AUTONOMY:
        raise ScopeError(f"autonomy is a level from 0 to {HIGHEST_AUTONOMY}", path="/autonomy")
    return level


def _missions(body: Mapping[str, Json]) -> frozenset[str]:
    if "mission" not in body:
        return frozenset()
    mission = body["mission"]
    if not isinstance(mission, str) or not mission:
        raise ScopeError("must be a string that is not empty", path="/mission")
    return frozenset({mission})


def _filled_tools(asked: Mapping[str, Grant], held: Mapping[str, Grant], body: Json) -> dict[str, Grant]:
    written = expect_object(body, ("tools",))
    return {
        name: _filled(grant, held[name], expect_object(written[name], ("tools", name))) if name in held else grant
        for name, grant in asked.items()
    }


def _filled(asked: Grant, held: Grant, body: Mapping[str, Json]) -> Grant:
    source = asked if "args" in body else held
    calls = asked.max_calls if "max_calls" in body else held.max_calls
    return replace(source, max_calls=calls)


# ---- writing ---------------------------------------------------------------------------------------------

_NEVER: Final[Json] = {
    "constraint_type": "all",
    "constraints": [{"constraint_type": "exact", "value": True}, {"constraint_type": "exact", "value": False}],
    "optional": True,
}


def _grant_json(grant: Grant) -> Json:
    arguments: dict[str, Json] = {
        name: {**_constraint_json(argument.constraint), **({"optional": True} if argument.optional else {})}
        for name, argument in sorted(grant.arguments.items())
    }
    if grant.others and arguments:
        arguments["*"] = _constraint_json(ANYTHING)
    if not grant.others and not arguments:
        arguments[""] = _NEVER  # "no argument at all" has no form of its own: `{}` is any
    body: dict[str, Json] = {}
    if arguments:
        body["args"] = arguments
    if grant.max_calls is not None:
        body["max_calls"] = grant.max_calls
    return body


def _constraint_json(constraint: Constraint) -> dict[str, Json]:
    if not constraint.clauses:
        return {"constraint_type": "wildcard"}
    return _joined("all", (_joined("any", (_atom_json(atom) for atom in clause)) for clause in constraint.clauses))


def _joined(kind: str, parts: Iterable[dict[str, Json]]) -> dict[str, Json]:
    listed = list(parts)
    return listed[0] if len(listed) == 1 else {"constraint_type": kind, "constraints": listed}


def _atom_json(atom: Atom) -> dict[str, Json]:  # noqa: PLR0911 - one line per kind of atom
    match atom:
        case OneOf(values):
            return {"constraint_type": "one_of", "values": list(values)}
        case NotOneOf(values):
            return {"constraint_type": "not_one_of", "excluded": list(values)}
        case Contains(values):
            return {"constraint_type": "contains", "required": list(values)}
        case Subset(values):
            return {"constraint_type": "subset", "allowed": list(values)}
        case PathUnder(folder):
            return {"constraint_type": "path_under", "dir": folder}
        case HostIn(patterns):
            return {"constraint_type": "host_in", "patterns": sorted(patterns)}
        case MaxLength(characters):
            return {"constraint_type": "max_len", "max": characters}
        case Range():
            return _range_json(atom)


def _range_json(atom: Range) -> dict[str, Json]:
    body: dict[str, Json] = {"constraint_type": "range"}
    if atom.low is not None:
        body |= {"min": atom.low} | ({} if atom.low_inclusive else {"min_inclusive": False})
    if atom.high is not None:
        body |= {"max": atom.high} | ({} if atom.high_inclusive else {"max_inclusive": False})
    return body
