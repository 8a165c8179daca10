"""The scopes of linked tokens, read a second time: identity-spec 2.7.1 to 2.7.3, written from the text alone.

Nothing here is imported from the product, and nothing is made for speed: a constraint stays the JSON that it is. It
reads what `tests.model.scopes` and the conformance tables can write; sizes are not limited here.
"""

from collections.abc import Callable, Mapping
from typing import TypeGuard

import rfc8785

Value = object
Object = Mapping[str, object]

AAT = "attenuating_agent_token"
SESSION = "https://agent-sidecar.dev/ns/ad/session/v1"
ANY: Object = {"*": {"constraint_type": "wildcard"}}
LISTS = {"one_of": "values", "not_one_of": "excluded", "contains": "required", "subset": "allowed"}
PARTS = {"all": "constraints", "any": "constraints"}
OURS = {"type", "tools", "data", "egress", "budgets", "autonomy", "approval", "mission"}


class RefusedError(Exception):
    """Refused, and the word that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def need(holds: object, reason: str) -> None:
    """Raise `RefusedError` unless it holds."""
    if not holds:
        raise RefusedError(reason)


def obj(value: Value, reason: str = "scope_malformed") -> Object:
    """Return `value`, an object."""
    if not isinstance(value, dict):
        raise RefusedError(reason)
    return value


def is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(a: Value, b: Value) -> bool:
    """Return whether two values have one text by RFC 8785."""
    return rfc8785.dumps(a) == rfc8785.dumps(b)  # type: ignore[arg-type]  # JSON, as it was parsed


def among(value: Value, values: Value) -> bool:
    assert isinstance(values, list)
    return any(same(value, one) for one in values)


def all_among(values: Value, others: Value) -> bool:
    assert isinstance(values, list)
    return all(among(value, others) for value in values)


# ---- entries ---------------------------------------------------------------------------------------------


def entries(details: Value) -> tuple[Object, Object | None]:
    """Return the tools of AAT's entry, and our own entry with its tools filled in; step 31, first half."""
    need(isinstance(details, list) and all(isinstance(one, dict) for one in details), "scope_malformed")
    assert isinstance(details, list)
    theirs = [one for one in details if one.get("type") == AAT]
    ours = [one for one in details if one.get("type") == SESSION]
    need(len(theirs) == 1 and len(ours) <= 1, "scope_entry_count")
    need(theirs[0].keys() <= {"type", "tools"}, "scope_unknown_member")
    tools = obj(theirs[0].get("tools"))
    for name, arguments in tools.items():
        need(name, "scope_malformed")
        for argument, constraint in obj(arguments).items():
            body = {k: v for k, v in obj(constraint).items() if k != "optional"}
            need(isinstance(obj(constraint).get("optional", False), bool), "scope_malformed")
            well_formed(body)
            need(argument != "*" or constraint == {"constraint_type": "wildcard"}, "scope_malformed")
    if not ours:
        return tools, None
    session_well_formed(ours[0])
    return tools, {"tools": {name: {} for name in tools}, **ours[0]}


def well_formed(constraint: Value) -> None:
    """Raise where a constraint is not one of AAT's."""
    body = dict(obj(constraint))
    kind = body.pop("constraint_type", None)
    if kind == "wildcard":
        need(not body, "scope_unknown_member")
    elif kind == "exact":
        need(body.keys() <= {"value"}, "scope_unknown_member")
        need("value" in body and not isinstance(body["value"], dict | list), "scope_malformed")
    elif kind == "range":
        range_well_formed(body)
    elif isinstance(kind, str) and kind in LISTS | PARTS:
        member = (LISTS | PARTS)[kind]
        need(body.keys() <= {member}, "scope_unknown_member")
        listed = body.get(member)
        need(isinstance(listed, list), "scope_malformed")
        need(listed or kind in {"not_one_of", "contains", "subset"}, "scope_malformed")
        assert isinstance(listed, list)
        for part in listed if kind in PARTS else ():
            well_formed(part)
    else:
        raise RefusedError("scope_unknown_type")


def range_well_formed(body: Object) -> None:
    need(body.keys() <= {"min", "max", "min_inclusive", "max_inclusive"}, "scope_unknown_member")
    for name in ("min", "max"):
        need(is_number(body.get(name, 0)), "scope_malformed")
        need(f"{name}_inclusive" not in body or name in body, "scope_malformed")
        need(isinstance(body.get(f"{name}_inclusive", True), bool), "scope_malformed")
    low, high = body.get("min"), body.get("max")
    need(not (is_number(low) and is_number(high)) or low <= high, "scope_malformed")


def session_well_formed(entry: Object) -> None:
    need(entry.keys() <= OURS, "scope_unknown_member")
    data = obj(entry.get("data", {}))
    need(data.keys() <= {"read", "write"}, "scope_unknown_member")
    for name, grant in obj(entry.get("tools", {})).items():
        need(name, "scope_malformed")
        need(obj(grant).keys() <= {"max_calls"}, "scope_unknown_member")
        need("max_calls" not in obj(grant) or is_count(obj(grant)["max_calls"]), "scope_malformed")
    lists = [*data.values(), entry.get("egress", []), entry.get("approval", [])]
    need(all(isinstance(one, list) and all(isinstance(x, str) and x for x in one) for one in lists), "scope_malformed")
    need(all(is_count(amount) for amount in obj(entry.get("budgets", {})).values()), "scope_malformed")
    autonomy = entry.get("autonomy", 0)
    need(is_count(autonomy) and autonomy <= 4, "scope_malformed")
    mission = entry.get("mission", "m")
    need(isinstance(mission, str) and mission, "scope_malformed")


def is_count(value: Value) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


# ---- the order -------------------------------------------------------------------------------------------


def within_aat(child: Object, parent: Object) -> None:
    """Raise where AAT's own table lets `child` not be derived; step 31, second half."""
    for tool, arguments in child.items():
        need(tool in parent, "scope_tool_added")
        own, theirs = obj(arguments) or ANY, obj(parent[tool]) or ANY
        need("*" in theirs or "*" not in own, "scope_args_widened")
        for name in theirs:
            may_go = "*" not in own and obj(theirs[name]).get("optional") is True
            need(name == "*" or name in own or may_go, "scope_args_widened")
        for name, constraint in own.items():
            if name == "*":
                continue
            need(name in theirs or "*" in theirs, "scope_args_widened")
            if name in theirs:
                optional, may_be = (obj(one).get("optional") is True for one in (constraint, theirs[name]))
                need(may_be or not optional, "scope_args_widened")
                need(covers(theirs[name], constraint), "scope_args_widened")


def covers(parent: Value, child: Value) -> bool:
    """Return what the table says of one constraint under another."""
    p, c = obj(parent), obj(child)
    kinds = (p["constraint_type"], c["constraint_type"])
    if kinds[0] == "wildcard":
        return True
    if kinds == ("all", "all"):
        return all(any(covers(x, y) for y in listed(c)) for x in listed(p))
    if kinds == ("any", "any"):
        return all(any(covers(x, y) for x in listed(p)) for y in listed(c))
    rule = TABLE.get((str(kinds[0]), str(kinds[1])))
    return rule is not None and rule(p, c)


def listed(constraint: Object) -> list[object]:
    parts = constraint["constraints"]
    assert isinstance(parts, list)
    return parts


def range_in(p: Object, c: Object) -> bool:
    return all(bound_in(p, c, name, sign) for name, sign in (("min", -1), ("max", 1)))


def bound_in(p: Object, c: Object, name: str, sign: int) -> bool:
    theirs, own = p.get(name), c.get(name)
    if theirs is None:
        return True
    if not is_number(own) or not is_number(theirs):
        return False
    open_above = p.get(f"{name}_inclusive", True) or not c.get(f"{name}_inclusive", True)
    return sign * own < sign * theirs or (own == theirs and bool(open_above))


TABLE: Mapping[tuple[str, str], Callable[[Object, Object], bool]] = {
    ("exact", "exact"): lambda p, c: same(p["value"], c["value"]),
    ("range", "exact"): lambda p, c: is_number(c["value"]) and range_in(p, {"min": c["value"], "max": c["value"]}),
    ("range", "range"): range_in,
    ("one_of", "one_of"): lambda p, c: all_among(c["values"], p["values"]),
    ("one_of", "exact"): lambda p, c: among(c["value"], p["values"]),
    ("not_one_of", "not_one_of"): lambda p, c: all_among(p["excluded"], c["excluded"]),
    ("contains", "contains"): lambda p, c: all_among(p["required"], c["required"]),
    ("subset", "subset"): lambda p, c: all_among(c["allowed"], p["allowed"]),
}


def within_session(child: Object, parent: Object) -> None:
    """Raise where our own entry is wider than its parent's: one line for each row of the table in 2.7.2."""
    own, theirs = obj(child["tools"]), obj(parent["tools"])
    for name in own:
        need(name in theirs, "scope_tool_added")
        need(at_most(obj(own[name]).get("max_calls"), obj(theirs[name]).get("max_calls")), "scope_budget_widened")
    for member in ("read", "write"):
        p, c = (obj(one.get("data", {})).get(member) for one in (parent, child))
        need(p is None or (c is not None and names(c) <= names(p)), "scope_data_class_widened")
    p, c = parent.get("egress"), child.get("egress")
    need(p is None or (c is not None and all(hosted(host, names(p)) for host in names(c))), "scope_egress_widened")
    for unit, ceiling in obj(parent.get("budgets", {})).items():
        need(at_most(obj(child.get("budgets", {})).get(unit), ceiling), "scope_budget_widened")
    need(at_most(child.get("autonomy"), parent.get("autonomy")), "scope_autonomy_raised")
    kept = names(parent.get("approval", [])) & own.keys()
    need(kept <= names(child.get("approval", [])), "scope_obligation_dropped")
    need(parent.get("mission") in {None, child.get("mission")}, "chain_context_changed")


def names(value: Value) -> set[str]:
    assert isinstance(value, list)
    return set(value)


def hosted(host: str, patterns: set[str]) -> bool:
    return any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in patterns)


def at_most(child: Value, parent: Value) -> bool:
    return parent is None or (is_count(child) and is_count(parent) and child <= parent)
