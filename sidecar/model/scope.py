"""What may be done (identity-spec 2.7): a value, what it permits, the meet of two, and how it is read.

A dimension that is None is not limited here. `tools` is the exception: what is not named is not granted.
Tool ids are compared byte by byte; there are no patterns, so that a narrower child can never open again what its
parent had restricted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import ScopeError
from sidecar.model.atoms import covered
from sidecar.model.constraint import (
    ANYTHING,
    Constraint,
    Node,
    Path,
    Reading,
    both,
    expect_count,
    expect_hosts,
    expect_names,
    expect_object,
    normal,
    parse_constraint,
    refuse_others,
)
from sidecar.model.strict_json import Json, pointer

HIGHEST_AUTONOMY: Final = 4
NAMESPACE: Final = "https://agent-sidecar.dev/ns"
SESSION_TYPE: Final = f"{NAMESPACE}/ad/session/v1"
MAX_TOOLS: Final = 256
MAX_ARGUMENTS: Final = 64  # of one tool
MAX_BUDGETS: Final = 64
MAX_CLASSES: Final = 256

# Names of members that a scope object is written with, other than those of tools, arguments and units.
WORDS: Final = frozenset({"tools", "data", "egress", "budgets", "autonomy", "approval", "mission", "args", "max_calls"})

_ANYTHING_AS_WRITTEN: Final = {"constraint_type": "wildcard"}
_MEMBERS: Final = ("type", "tools", "data", "egress", "budgets", "autonomy", "approval", "mission")


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What one named argument may be, and whether it may be left out."""

    constraint: Constraint = ANYTHING
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One tool: its named arguments, and whether further ones may come (`"*"`). `max_calls` None: no ceiling."""

    arguments: Mapping[str, Argument] = field(default_factory=dict)
    others: bool = False
    max_calls: int | None = None
    required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Know once which arguments must be there."""
        names = [name for name, argument in self.arguments.items() if not argument.optional]
        object.__setattr__(self, "required", frozenset(names))


ANY_ARGUMENTS: Final = Grant(others=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """All dimensions. Budgets are whole numbers with the unit in the key; `cost:EUR:2` counts euro cents.

    `missions` holds one mission, or none; a meet of two missions holds both, and grants nothing.
    """

    tools: Mapping[str, Grant] = field(default_factory=dict)
    reads: frozenset[str] | None = None
    writes: frozenset[str] | None = None
    egress: frozenset[str] | None = None
    budgets: Mapping[str, int] = field(default_factory=dict)
    autonomy: int | None = None
    approval: frozenset[str] = frozenset()
    missions: frozenset[str] = frozenset()

    @property
    def mission(self) -> str:
        """The mission that all of this is bound to; empty where there is none."""
        return next(iter(self.missions)) if len(self.missions) == 1 else ""


NOTHING: Final = Scope()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call is not permitted: a stable reason, the place as JSON Pointer, and what to do."""

    reason: str
    path: str
    message: str


def permits(scope: Scope, tool: str, arguments: Json) -> Refusal | None:
    """Return None where `scope` lets `tool` be called with `arguments`, else why not.

    Judges tools and arguments (identity-spec 2.6, step 41); the other dimensions have checks of their own.
    Reasons: tool_not_granted, argument_denied.
    """
    grant = scope.tools.get(tool)
    if grant is None:
        return Refusal("tool_not_granted", "", "the session's scope does not hold this tool: use one that it holds")
    if not isinstance(arguments, Mapping):
        return Refusal("argument_denied", "", "arguments must be an object")
    for name in grant.required:
        if name not in arguments:
            return Refusal("argument_denied", pointer((name,)), "the session's scope requires this argument: send it")
    named = grant.arguments
    for name, value in arguments.items():
        argument = named.get(name)
        if argument is None:
            if not grant.others:
                # The name is the caller's text, so the place is the object.
                return Refusal("argument_denied", "", "leave out the arguments that the session's scope does not name")
        elif not argument.constraint.accepts(value):
            return Refusal("argument_denied", pointer((name,)), "the session's scope forbids this value: change it")
    return None


def meet(a: Scope, b: Scope) -> Scope:
    """Return exactly what both allow. Raises `ScopeError` limit_scope_size."""
    missions = a.missions | b.missions
    return Scope(
        tools={} if len(missions) > 1 else _both_tools(a.tools, b.tools),
        reads=_both_ceilings(a.reads, b.reads),
        writes=_both_ceilings(a.writes, b.writes),
        egress=_both_egress(a.egress, b.egress),
        budgets=_both_budgets(a.budgets, b.budgets),
        autonomy=_least(a.autonomy, b.autonomy),
        approval=a.approval | b.approval,
        missions=missions,
    )


def limited_to(scope: Scope, tools: Collection[str]) -> Scope:
    """Return `scope` with no other tools than `tools`.

    Raises `ScopeError` scope_tool_added where one of them is not granted: dropping it in silence would let the
    caller believe that it has it.
    """
    for index, name in enumerate(tools):
        if name not in scope.tools:
            message = "a tool that was asked for is not granted: ask for fewer, or get a wider token"
            raise ScopeError(message, reason="scope_tool_added", path=pointer(("tools", index)))
    return replace(scope, tools={name: scope.tools[name] for name in dict.fromkeys(tools)})


def open_tools(names: Collection[str]) -> Mapping[str, Grant]:
    """Return a grant of each of `names` with any arguments."""
    return dict.fromkeys(names, ANY_ARGUMENTS)


def _both_tools(a: Mapping[str, Grant], b: Mapping[str, Grant]) -> Mapping[str, Grant]:
    grants = {name: _both_grants(grant, b[name]) for name, grant in a.items() if name in b}
    return {name: grant for name, grant in grants.items() if grant is not None}


def _both_grants(a: Grant, b: Grant) -> Grant | None:
    """Return what both grant; None where no call satisfies both: required here, forbidden there."""
    if b is ANY_ARGUMENTS or a == b:
        return a  # handed on as it is, as most tools of a chain are
    arguments = {}
    for name in dict.fromkeys((*a.arguments, *b.arguments)):
        left, right = _argument(a, name), _argument(b, name)
        if left is None or right is None:
            if name in a.required or name in b.required:
                return None
            continue
        constraint = both(left.constraint, right.constraint)
        arguments[name] = Argument(constraint=constraint, optional=left.optional and right.optional)
    return Grant(arguments=arguments, others=a.others and b.others, max_calls=_least(a.max_calls, b.max_calls))


def _argument(grant: Grant, name: str) -> Argument | None:
    """Return what `grant` says of `name`: anything where it names nobody, None where it may not come."""
    return grant.arguments.get(name) or (Argument(optional=True) if grant.others else None)


def _both_ceilings(a: frozenset[str] | None, b: frozenset[str] | None) -> frozenset[str] | None:
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _both_egress(a: frozenset[str] | None, b: frozenset[str] | None) -> frozenset[str] | None:
    """Two patterns either nest or have nothing in common, so the covered ones of both are the exact meet."""
    if a is None or b is None or a == b:
        return b if a is None else a
    return frozenset({p for p in a if covered(p, b)} | {p for p in b if covered(p, a)})


def _both_budgets(a: Mapping[str, int], b: Mapping[str, int]) -> Mapping[str, int]:
    if a == b:
        return a
    return {unit: min(a.get(unit, b.get(unit, 0)), b.get(unit, a.get(unit, 0))) for unit in {**a, **b}}


def _least(a: int | None, b: int | None) -> int | None:
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)


# ---- reading ---------------------------------------------------------------------------------------------


def parse(value: Json, unsaid: Mapping[str, Grant] = NOTHING.tools) -> Scope:
    """Return the scope that a session entry writes; `type` may be left out, `tools` left out grants `unsaid`.

    Raises `ScopeError` with reason scope_malformed, scope_unknown_type, scope_unknown_member,
    limit_constraint_depth or limit_scope_size.
    """
    body = expect_object(value, ())
    refuse_others(body, _MEMBERS, ())
    if body.get("type", SESSION_TYPE) != SESSION_TYPE:
        raise ScopeError("`type` is not the session entry's", path="/type")
    reads, writes = _data(body["data"]) if "data" in body else (None, None)
    return Scope(
        tools=_tools(body["tools"], Reading(extensions=True)) if "tools" in body else unsaid,
        reads=reads,
        writes=writes,
        egress=expect_hosts(body["egress"], ("egress",)) if "egress" in body else None,
        budgets=_budgets(body["budgets"]) if "budgets" in body else {},
        autonomy=_autonomy(body["autonomy"]) if "autonomy" in body else None,
        approval=_bounded(expect_names(body.get("approval", ()), ("approval",)), MAX_TOOLS, ("approval",)),
        missions=_missions(body["mission"]) if "mission" in body else frozenset(),
    )


def read_arguments(value: Json, reading: Reading, path: Path) -> dict[str, tuple[Node, bool]]:
    """Return each argument's constraint as written, and whether it is optional. `"*"` stands for all others."""
    body = expect_object(value, path)
    if len(body) > MAX_ARGUMENTS:
        raise ScopeError(f"more than {MAX_ARGUMENTS} arguments", reason="limit_scope_size", path=pointer(path))
    read = {}
    for name, constraint in body.items():
        place = (*path, name)
        own = dict(expect_object(constraint, place))
        unlike_star = name == "*" and own != _ANYTHING_AS_WRITTEN
        optional = own.pop("optional", False)
        if not isinstance(optional, bool):
            raise ScopeError("`optional` must be true or false", path=pointer(place))
        node = parse_constraint(own, reading, place)
        if unlike_star:
            raise ScopeError('`"*"` can only be a wildcard, and nothing else', path=pointer(place))
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


def _data(value: Json) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    data = expect_object(value, ("data",))
    refuse_others(data, ("read", "write"), ("data",))
    return _classes(data, "read"), _classes(data, "write")


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


def _autonomy(value: Json) -> int:
    level = expect_count(value, ("autonomy",))
    if level > HIGHEST_AUTONOMY:
        raise ScopeError(f"autonomy is a level from 0 to {HIGHEST_AUTONOMY}", path="/autonomy")
    return level


def _missions(mission: Json) -> frozenset[str]:
    if not isinstance(mission, str) or not mission:
        raise ScopeError("must be a string that is not empty", path="/mission")
    return frozenset({mission})
