"""Tables written apart from the code: what a scope permits, and how it is read."""

import timeit

import pytest

from sidecar.errors import ScopeError
from sidecar.model.atoms import Range, is_plain_host, is_plain_path
from sidecar.model.constraint import Constraint
from sidecar.model.scope import (
    HIGHEST_AUTONOMY,
    NOTHING,
    Argument,
    Grant,
    Refusal,
    Scope,
    parse,
    permits,
)
from sidecar.model.strict_json import Json
from tests.model.constraints import NUMBER, OPTIONAL, TRUE, W, c, scope

ACCEPTS: list[tuple[str, Json, Json, bool]] = [
    ("number", NUMBER, 5, True),
    ("lower bound", NUMBER, 0, True),
    ("upper bound", NUMBER, 10, True),
    ("below", NUMBER, -0.1, False),
    ("above", NUMBER, 10.1, False),
    ("true is no number", NUMBER, TRUE, False),
    ("text is no number", NUMBER, "5", False),
    ("null is no number", NUMBER, None, False),
    ("exclusive low", c("range", min=0, min_inclusive=False), 0, False),
    ("exclusive high", c("range", max=0, max_inclusive=False), 0, False),
    ("within exclusive", c("range", min=0, min_inclusive=False), 0.1, True),
    ("exact", c("exact", value={"a": [1]}), {"a": [1.0]}, True),
    ("exact, another", c("exact", value={"a": [1]}), {"a": [TRUE]}, False),
    ("one_of", c("one_of", values=["a", 1]), 1.0, True),
    ("one_of, true for 1", c("one_of", values=[1]), TRUE, False),
    ("not_one_of", c("not_one_of", excluded=["a"]), "b", True),
    ("not_one_of, excluded", c("not_one_of", excluded=[1]), 1.0, False),
    ("contains", c("contains", required=[1, 2]), [2, 3, 1], True),
    ("contains, not all", c("contains", required=[1, 2]), [1], False),
    ("contains, no list", c("contains", required=["a"]), "a", False),
    ("subset", c("subset", allowed=[1, 2]), [1, 1], True),
    ("subset, empty", c("subset", allowed=[1]), [], True),
    ("subset, more", c("subset", allowed=[1]), [1, 2], False),
    ("subset, no list", c("subset", allowed=["a"]), "a", False),
    ("a range without bounds is any number", c("range"), -1e9, True),
    ("a range without bounds is no text", c("range"), "5", False),
    ("a range that nothing is in", c("range", min=1, max=1, max_inclusive=False), 1, False),
    ("nothing excluded", c("not_one_of", excluded=[]), "b", True),
    ("nothing required", c("contains", required=[]), [], True),
    ("nothing required, no list", c("contains", required=[]), {}, False),
    ("nothing allowed", c("subset", allowed=[]), [], True),
    ("nothing allowed, but one", c("subset", allowed=[]), [1], False),
    ("all", c("all", constraints=[NUMBER, c("not_one_of", excluded=[5])]), 5, False),
    ("any", c("any", constraints=[NUMBER, c("exact", value="x")]), "x", True),
    (
        "any of all",
        c("any", constraints=[c("all", constraints=[NUMBER, c("exact", value=3)]), c("exact", value="x")]),
        4,
        False,
    ),
    ("any with wildcard", c("any", constraints=[NUMBER, W]), "y", True),
    ("max_len", c("max_len", max=3), "abc", True),
    ("max_len, longer", c("max_len", max=3), "abcd", False),
    ("max_len, no text", c("max_len", max=3), [], False),
    ("path", c("path_under", dir="/data"), "/data/x", True),
    ("path, the folder", c("path_under", dir="/data"), "/data", True),
    ("path under the root", c("path_under", dir="/"), "/etc", True),
    ("N221 up", c("path_under", dir="/data"), "/data/../etc", False),
    ("N221 a longer name", c("path_under", dir="/data"), "/dataset", False),
    ("N221 percent", c("path_under", dir="/data"), "/data/%2e%2e/etc", False),
    ("N221 NUL", c("path_under", dir="/data"), "/data/a\x00", False),
    ("N221 backslash", c("path_under", dir="/data"), "/data/..\\etc", False),
    ("N221 dot", c("path_under", dir="/data"), "/data/./x", False),
    ("N221 empty segment", c("path_under", dir="/data"), "/data//x", False),
    ("N221 relative", c("path_under", dir="/data"), "data/x", False),
    ("N221 no text", c("path_under", dir="/data"), 7, False),
    ("host", c("host_in", patterns=["*.ex.com"]), "a.b.ex.com", True),
    ("host, exact", c("host_in", patterns=["ex.com"]), "ex.com", True),
    ("N222 the domain itself", c("host_in", patterns=["*.ex.com"]), "ex.com", False),
    ("N222 a longer name", c("host_in", patterns=["*.ex.com"]), "evilex.com", False),
    ("N222 final dot", c("host_in", patterns=["*.ex.com"]), "x.ex.com.", False),
    ("N222 upper case", c("host_in", patterns=["*.ex.com"]), "X.ex.com", False),
    ("N222 user", c("host_in", patterns=["*.ex.com", "ex.com"]), "a@ex.com", False),
    ("N222 a host as user", c("host_in", patterns=["*.ex.com", "ex.com"]), "ex.com@evil", False),
    ("N222 a host as user of another", c("host_in", patterns=["*.ex.com"]), "evil@x.ex.com", False),
    ("N222 empty label", c("host_in", patterns=["*.ex.com"]), ".ex.com", False),
    ("N222 a pattern is no host", c("host_in", patterns=["*.ex.com"]), "*.ex.com", False),
    ("N222 no text", c("host_in", patterns=["ex.com"]), None, False),
]


@pytest.mark.parametrize(("constraint", "value", "accepted"), [pytest.param(*row[1:], id=row[0]) for row in ACCEPTS])
def test_a_constraint_accepts_what_it_says(constraint: Json, value: Json, accepted: bool) -> None:  # noqa: FBT001 - a table's column
    refusal = permits(parse(scope(a=constraint)), "t", {"a": value})
    assert refusal is None if accepted else refusal is not None
    assert refusal is None or (refusal.reason, refusal.path) == ("argument_denied", "/a")


CALLS: list[tuple[str, Json, str, Json, tuple[str, str] | None]] = [
    ("a granted tool", {"tools": {"t": {}}}, "t", {"x": 1}, None),
    ("N220 another tool", {"tools": {"t": {}}}, "u", {}, ("tool_not_granted", "")),
    ("another case", {"tools": {"t": {}}}, "T", {}, ("tool_not_granted", "")),
    ("nothing granted", {}, "t", {}, ("tool_not_granted", "")),
    ("no object", {"tools": {"t": {}}}, "t", [1], ("argument_denied", "")),
    ("null", {"tools": {"t": {}}}, "t", None, ("argument_denied", "")),
    ("a missing argument", scope(a=W), "t", {}, ("argument_denied", "/a")),
    ("N220 an unnamed argument", scope(a=W), "t", {"a": 1, "b": 2}, ("argument_denied", "")),
    ("further arguments", scope(a=W, any_other=W), "t", {"a": 1, "b": 2}, None),
    ("a named one among further", scope(a=NUMBER, any_other=W), "t", {"a": 11, "b": 2}, ("argument_denied", "/a")),
    ("P15 optional left out", scope(a=OPTIONAL), "t", {}, None),
    ("a star is a name too", scope(a=W), "t", {"a": 1, "*": 2}, ("argument_denied", "")),
    ("a pointer is escaped", scope(**{"a/b~c": NUMBER}), "t", {"a/b~c": "x"}, ("argument_denied", "/a~1b~0c")),
]


@pytest.mark.parametrize(
    ("granted", "tool", "arguments", "refused"), [pytest.param(*row[1:], id=row[0]) for row in CALLS]
)
def test_a_call_is_permitted_or_refused(
    granted: Json, tool: str, arguments: Json, refused: tuple[str, str] | None
) -> None:
    refusal = permits(parse(granted), tool, arguments)
    assert (None if refusal is None else (refusal.reason, refusal.path)) == refused


def test_a_refusal_quotes_no_argument() -> None:
    refusal = permits(parse(scope(a=W)), "t", {"a": 1, "canary": "canary"})
    assert isinstance(refusal, Refusal)
    assert "canary" not in refusal.message + refusal.path


def _deep(levels: int) -> Json:
    node = W
    for _ in range(levels - 1):
        node = c("all", constraints=[node])
    return node


def _wide(nodes: int) -> Json:
    return c("any", constraints=[c("exact", value=i) for i in range(nodes)])


MALFORMED: list[tuple[str, Json, str]] = [
    ("no object", [], "scope_malformed"),
    ("text", "x", "scope_malformed"),
    ("unknown member", {"tool": {}}, "scope_unknown_member"),
    ("another type", {"type": "x"}, "scope_malformed"),
    ("tools a list", {"tools": []}, "scope_malformed"),
    ("a grant a list", {"tools": {"t": []}}, "scope_malformed"),
    ("unknown member of a grant", {"tools": {"t": {"arg": {}}}}, "scope_unknown_member"),
    ("a tool without name", {"tools": {"": {}}}, "scope_malformed"),
    ("max_calls true", {"tools": {"t": {"max_calls": TRUE}}}, "scope_malformed"),
    ("max_calls negative", {"tools": {"t": {"max_calls": -1}}}, "scope_malformed"),
    ("max_calls null", {"tools": {"t": {"max_calls": None}}}, "scope_malformed"),
    ("args a list", {"tools": {"t": {"args": []}}}, "scope_malformed"),
    ("a constraint a list", scope(a=[]), "scope_malformed"),
    ("no constraint_type", scope(a={}), "scope_unknown_type"),
    ("constraint_type a number", scope(a={"constraint_type": 7}), "scope_unknown_type"),
    ("constraint_type a list", scope(a={"constraint_type": []}), "scope_unknown_type"),
    ("unknown type", scope(a=c("regex", pattern=".*")), "scope_unknown_type"),
    ("optional text", scope(a={**OPTIONAL, "optional": "x"}), "scope_malformed"),  # type: ignore[dict-item]  # an object
    ("N137 optional inside", scope(a=c("all", constraints=[OPTIONAL])), "scope_unknown_member"),
    ("N137 empty one_of", scope(a=c("one_of", values=[])), "scope_malformed"),
    ("one_of without values", scope(a=c("one_of")), "scope_malformed"),
    ("one_of with more", scope(a=c("one_of", values=[1], x=1)), "scope_unknown_member"),
    ("N137 min above max", scope(a=c("range", min=2, max=1)), "scope_malformed"),
    ("a bound that is null", scope(a=c("range", min=None, max=1)), "scope_malformed"),
    ("a flag without its bound", scope(a=c("range", max=1, min_inclusive=False)), "scope_malformed"),
    ("another word for a bound", scope(a=c("range", maximum=1)), "scope_unknown_member"),
    ("excluded is text", scope(a=c("not_one_of", excluded="x")), "scope_malformed"),
    ("contains without its list", scope(a=c("contains")), "scope_malformed"),
    ("a bound true", scope(a=c("range", min=TRUE)), "scope_malformed"),
    ("a flag a number", scope(a=c("range", min=1, min_inclusive=1)), "scope_malformed"),
    ("empty all", scope(a=c("all", constraints=[])), "scope_malformed"),
    ("all without parts", scope(a=c("all")), "scope_malformed"),
    ("all of text", scope(a=c("all", constraints="x")), "scope_malformed"),
    ("wildcard with more", scope(a=c("wildcard", x=1)), "scope_unknown_member"),
    ("* is a wildcard only", scope(any_other=NUMBER), "scope_malformed"),
    ("* is not optional", scope(any_other=OPTIONAL), "scope_malformed"),
    ("* does not say that it is not optional", scope(any_other={**OPTIONAL, "optional": False}), "scope_malformed"),  # type: ignore[dict-item]  # an object
    ("path with ..", scope(a=c("path_under", dir="/a/..")), "scope_malformed"),
    ("path with a final slash", scope(a=c("path_under", dir="/a/")), "scope_malformed"),
    ("no path", scope(a=c("path_under", dir=7)), "scope_malformed"),
    ("no host", scope(a=c("host_in", patterns=["a b"])), "scope_malformed"),
    ("no hosts", scope(a=c("host_in", patterns=[])), "scope_malformed"),
    ("max_len negative", scope(a=c("max_len", max=-1)), "scope_malformed"),
    ("data a list", {"data": []}, "scope_malformed"),
    ("unknown member of data", {"data": {"delete": []}}, "scope_unknown_member"),
    ("classes text", {"data": {"read": "x"}}, "scope_malformed"),
    ("classes numbers", {"data": {"read": [1]}}, "scope_malformed"),
    ("too many classes", {"data": {"read": [str(i) for i in range(257)]}}, "limit_scope_size"),
    ("egress null", {"egress": None}, "scope_malformed"),
    ("egress with scheme", {"egress": ["https://x"]}, "scope_malformed"),
    ("egress upper case", {"egress": ["X"]}, "scope_malformed"),
    ("egress of stars", {"egress": ["*.*.x"]}, "scope_malformed"),
    ("too many hosts", {"egress": [f"h{i}" for i in range(257)]}, "limit_scope_size"),
    ("budgets a list", {"budgets": []}, "scope_malformed"),
    ("N143 budget a float", {"budgets": {"calls": 1.5}}, "scope_malformed"),
    ("N143 budget negative", {"budgets": {"calls": -1}}, "scope_malformed"),
    ("budget true", {"budgets": {"calls": TRUE}}, "scope_malformed"),
    ("too many budgets", {"budgets": {str(i): 1 for i in range(65)}}, "limit_scope_size"),
    ("autonomy 5", {"autonomy": HIGHEST_AUTONOMY + 1}, "scope_malformed"),
    ("autonomy null", {"autonomy": None}, "scope_malformed"),
    ("approval null", {"approval": None}, "scope_malformed"),
    ("too many approvals", {"approval": [str(i) for i in range(257)]}, "limit_scope_size"),
    ("mission empty", {"mission": ""}, "scope_malformed"),
    ("mission a number", {"mission": 7}, "scope_malformed"),
    ("N147 257 tools", {"tools": {str(i): {} for i in range(257)}}, "limit_scope_size"),
    ("N147 65 arguments", scope(**{str(i): W for i in range(65)}), "limit_scope_size"),
    ("N147 2,000 nodes", scope(a=_wide(2000)), "limit_scope_size"),
    ("N148 nine levels", scope(a=_deep(9)), "limit_constraint_depth"),
    ("any over all multiplies", scope(a=c("any", constraints=[c("all", constraints=[NUMBER, NUMBER | {"min": i}])  # type: ignore[operator]  # an object
                                                              for i in range(1, 10)])), "limit_scope_size"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "reason"), [pytest.param(*row[1:], id=row[0]) for row in MALFORMED])
def test_a_scope_that_is_not_understood_is_refused(value: Json, reason: str) -> None:
    with pytest.raises(ScopeError) as refused:
        parse(value)
    assert refused.value.reason == reason


def test_a_scope_is_read_whole() -> None:
    read = parse(
        {
            "tools": {"t": {"args": {"a": NUMBER, "b": OPTIONAL, "*": W}, "max_calls": 3}, "u": {}},
            "data": {"read": ["public"], "write": []},
            "egress": ["*.x"],
            "budgets": {"calls": 2},
            "autonomy": 0,
            "approval": ["t"],
            "mission": "m",
        }
    )
    grant = Grant(
        arguments={"a": Argument(constraint=Constraint(((Range(low=0, high=10),),))), "b": Argument(optional=True)},
        others=True,
        max_calls=3,
    )
    assert read == Scope(
        tools={"t": grant, "u": Grant(others=True)},
        reads=frozenset({"public"}),
        writes=frozenset(),
        egress=frozenset({"*.x"}),
        budgets={"calls": 2},
        autonomy=0,
        approval=frozenset({"t"}),
        missions=frozenset({"m"}),
    )
    assert grant.required == frozenset({"a"})
    assert parse({}) == NOTHING


@pytest.mark.parametrize("levels", [8])
def test_eight_levels_are_read(levels: int) -> None:
    assert permits(parse(scope(a=_deep(levels))), "t", {"a": 1}) is None


@pytest.mark.parametrize("text", ["", "a..b", ".a", "a.", "A", "a b", "a:1", "ä", "a" * 254, "a/b"])
def test_a_host_that_readers_could_read_apart_is_none(text: str) -> None:
    assert not is_plain_host(text)


@pytest.mark.parametrize("text", ["/", "/a", "/a/b.c"])
def test_a_plain_path_is_one(text: str) -> None:
    assert is_plain_path(text)


def test_permits_takes_microseconds() -> None:
    held = parse(scope(a=NUMBER, b=c("one_of", values=["EUR", "USD"]), d=OPTIONAL, e=c("max_len", max=40)))
    arguments: Json = {"a": 5, "b": "EUR", "e": "text"}
    took = min(timeit.repeat(lambda: permits(held, "t", arguments), number=2000, repeat=5)) / 2000
    assert took < 30e-6  # about 2 on an idle core; the margin is for a busy one
