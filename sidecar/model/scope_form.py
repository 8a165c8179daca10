"""How a scope is written back, and how a caller asks for less of one that it holds (identity-spec 2.7.1, 2.16)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sidecar.model.atoms import Atom, Contains, HostIn, MaxLength, NotOneOf, OneOf, PathUnder, Range, Subset
from sidecar.model.constraint import ANYTHING, Constraint, expect_object
from sidecar.model.scope import Grant, Scope, parse
from sidecar.model.strict_json import Json


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
    return _range_json(atom)


def _range_json(atom: Range) -> dict[str, Json]:
    body: dict[str, Json] = {"constraint_type": "range"}
    if atom.low is not None:
        body |= {"min": atom.low} | ({} if atom.low_inclusive else {"min_inclusive": False})
    if atom.high is not None:
        body |= {"max": atom.high} | ({} if atom.high_inclusive else {"max_inclusive": False})
    return body
