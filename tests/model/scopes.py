"""Scopes for the order laws: a parent, a child that is one or two edits away, and calls drawn from both.

Scopes drawn independently are almost never related, and most faults survive them (identity-spec 2.7.5).
"""

from copy import deepcopy

from hypothesis import strategies as st

from sidecar.model.strict_json import Json

Entry = dict[str, Json]

TOOLS = ["t", "u", "v"]
NAMES = ["a", "b", "c"]
VALUES: list[Json] = [
    *(0, 1, 2, 1.5, -1, True, False, None, "", "x", "xy", "1", "/d", "/d/e", "/dx", "a.x", "b.a.x", "x.y"),
    *([], [1], [1, 2], ["x"], {}, {"k": 1}),
]
HOSTS = ["*.x", "a.x", "*.a.x", "b.a.x", "x.y", "*.y"]
scalars = st.sampled_from(VALUES)


def _range() -> st.SearchStrategy[Json]:
    bounds = st.tuples(
        st.sampled_from([-1, 0, 1]), st.sampled_from([1, 1.5, 2, 3]), st.booleans(), st.booleans(), st.integers(0, 3)
    )

    def made(parts: tuple[float, float, bool, bool, int]) -> Json:
        low, high, low_in, high_in, which = parts
        body: Entry = {"constraint_type": "range"}
        if which not in {1, 3}:
            body |= {"min": low, "min_inclusive": low_in}
        if which not in {2, 3}:
            body |= {"max": high, "max_inclusive": high_in}
        return body

    return bounds.map(made)


def _listing(kind: str, member: str, least: int = 0) -> st.SearchStrategy[Json]:
    listed = st.lists(scalars, min_size=least, max_size=3)
    return listed.map(lambda values: {"constraint_type": kind, member: values})


atoms: st.SearchStrategy[Json] = st.one_of(
    st.just({"constraint_type": "wildcard"}),
    scalars.map(lambda value: {"constraint_type": "exact", "value": value}),
    _listing("one_of", "values", least=1),
    _listing("not_one_of", "excluded"),
    _listing("contains", "required"),
    _listing("subset", "allowed"),
    _range(),
    st.sampled_from(["/", "/d", "/d/e"]).map(lambda folder: {"constraint_type": "path_under", "dir": folder}),
    st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2).map(
        lambda hosts: {"constraint_type": "host_in", "patterns": hosts}
    ),
    st.integers(0, 2).map(lambda most: {"constraint_type": "max_len", "max": most}),
)
constraints: st.SearchStrategy[Json] = st.recursive(
    atoms,
    lambda inner: st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda parts: {"constraint_type": parts[0], "constraints": parts[1]}
    ),
    max_leaves=4,
)


@st.composite
def arguments(draw: st.DrawFn) -> Json:
    """Draw one argument: a constraint, optional or not."""
    constraint = draw(constraints)
    assert isinstance(constraint, dict)
    return {**constraint, "optional": True} if draw(st.booleans()) else constraint


@st.composite
def grants(draw: st.DrawFn) -> Json:
    """Draw one tool's grant."""
    args: Entry = {name: draw(arguments()) for name in draw(st.sets(st.sampled_from(NAMES), max_size=2))}
    if draw(st.booleans()):
        args["*"] = {"constraint_type": "wildcard"}
    grant: Entry = {"args": args}
    if draw(st.booleans()):
        grant["max_calls"] = draw(st.integers(0, 2))
    return grant


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Draw a session entry."""
    entry: Entry = {"tools": {name: draw(grants()) for name in draw(st.sets(st.sampled_from(TOOLS), max_size=2))}}
    rest: dict[str, st.SearchStrategy[Json]] = {
        "data": st.dictionaries(st.sampled_from(["read", "write"]), st.lists(st.sampled_from(["p", "q"]), max_size=2)),
        "egress": st.lists(st.sampled_from(HOSTS), max_size=2),
        "budgets": st.dictionaries(
            st.sampled_from(["calls", "cost:EUR:2", "cost:EUR:0"]), st.integers(0, 2), max_size=2
        ),
        "autonomy": st.integers(0, 4),
        "approval": st.lists(st.sampled_from(TOOLS), max_size=2),
        "mission": st.sampled_from(["m", "n"]),
    }
    for member, strategy in rest.items():
        if draw(st.integers(0, 2)) == 0:
            entry[member] = draw(strategy)
    return entry


@st.composite
def edited(draw: st.DrawFn, entry: Entry) -> Entry:
    """Draw `entry` with one or two local edits, narrowing or widening."""
    child = deepcopy(entry)
    for _ in range(draw(st.integers(0, 2))):
        draw(st.sampled_from(EDITS))(draw, child)
    return child


def _tool(draw: st.DrawFn, child: Entry) -> Entry | None:
    tools = child["tools"]
    assert isinstance(tools, dict)
    return tools[draw(st.sampled_from(sorted(tools)))] if tools else None


def _edit_argument(draw: st.DrawFn, child: Entry) -> None:
    grant = _tool(draw, child)
    if grant is None:
        return
    args = grant["args"]
    assert isinstance(args, dict)
    name = draw(st.sampled_from([*NAMES, "*"]))
    if name == "*":
        args.pop("*") if "*" in args else args.update({"*": {"constraint_type": "wildcard"}})
    elif name not in args:
        args[name] = draw(arguments())
    else:
        args[name] = draw(st.sampled_from([_toggled, _closer, _rebound]))(draw, args[name])
        if draw(st.integers(0, 3)) == 0:
            del args[name]


def _toggled(_draw: st.DrawFn, argument: Json) -> Json:
    assert isinstance(argument, dict)
    return (
        {k: v for k, v in argument.items() if k != "optional"}
        if "optional" in argument
        else {**argument, "optional": True}
    )


def _closer(draw: st.DrawFn, argument: Json) -> Json:
    """Return the argument and one constraint more, or one alternative more."""
    assert isinstance(argument, dict)
    own = {k: v for k, v in argument.items() if k != "optional"}
    kind = draw(st.sampled_from(["all", "any"]))
    wider: Entry = {"constraint_type": kind, "constraints": [own, draw(constraints)]}
    return {**wider, "optional": True} if "optional" in argument else wider


def _rebound(draw: st.DrawFn, argument: Json) -> Json:
    """Return the argument with one member changed: a bound, a value more or less, a flag."""
    assert isinstance(argument, dict)
    changed = dict(argument)
    for member in ("values", "excluded", "required", "allowed"):
        if member in changed:
            values = list(changed[member])
            changed[member] = values[1:] if draw(st.booleans()) else [*values, draw(scalars)]
    for member in ("min", "max"):
        if member in changed:
            changed[member] = changed[member] + draw(st.sampled_from([0, 0.25, -0.25]))
    for member in ("min_inclusive", "max_inclusive"):
        if member in changed and draw(st.booleans()):
            changed[member] = not changed[member]
    return changed


def _edit_tools(draw: st.DrawFn, child: Entry) -> None:
    tools = child["tools"]
    assert isinstance(tools, dict)
    name = draw(st.sampled_from(TOOLS))
    if name in tools:
        del tools[name]
    else:
        tools[name] = draw(grants())


def _edit_calls(draw: st.DrawFn, child: Entry) -> None:
    grant = _tool(draw, child)
    if grant is not None:
        grant.pop("max_calls", None)
        if draw(st.booleans()):
            grant["max_calls"] = draw(st.integers(0, 3))


def _edit_rest(draw: st.DrawFn, child: Entry) -> None:
    other = draw(entries())
    member = draw(st.sampled_from(["data", "egress", "budgets", "autonomy", "approval", "mission"]))
    child.pop(member, None)
    if member in other:
        child[member] = other[member]


EDITS = [_edit_argument, _edit_argument, _edit_tools, _edit_calls, _edit_rest]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Entry, Entry]:
    """Draw a parent and a near child."""
    parent = draw(entries())
    return parent, draw(edited(parent))


beside: list[Json] = [0.25, 0.75, 1.25, 1.75, 2.25, 3, 4, "xyz", "/d/..", "ax", "evil.x", "X.y"]
near: st.SearchStrategy[Json] = scalars | st.sampled_from(beside)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, Entry]:
    """Draw a call from the names and constants that scopes are made of, and the values beside them."""
    args: Entry = draw(st.dictionaries(st.sampled_from([*NAMES, "z"]), near, max_size=4))
    return draw(st.sampled_from(TOOLS)), args
