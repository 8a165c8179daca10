"""Tables written apart from the code: narrower and meet by dimension, and how a scope is written and asked for."""

import time

import pytest

from sidecar.errors import ScopeError
from sidecar.model.narrowing import narrower
from sidecar.model.scope import (
    limited_to,
    meet,
    parse,
    permits,
)
from sidecar.model.scope_form import as_json, requested
from sidecar.model.strict_json import Json
from tests.model.constraints import NUMBER, OPTIONAL, TRUE, W, c, scope


def _wide(nodes: int) -> Json:
    return c("any", constraints=[c("exact", value=i) for i in range(nodes)])


def test_n147_a_comparison_takes_a_bounded_number_of_steps() -> None:
    large = parse(scope(a=_wide(900)))
    started = time.perf_counter()
    with pytest.raises(ScopeError) as refused:
        narrower(large, large)
    assert refused.value.reason == "limit_scope_size"
    assert time.perf_counter() - started < 1


NARROWER: list[tuple[str, Json, Json, str]] = [
    ("subset of a subset", scope(a=c("subset", allowed=[1, 2])), scope(a=c("subset", allowed=[1])), ""),
    (
        "more in the subset",
        scope(a=c("subset", allowed=[1])),
        scope(a=c("subset", allowed=[1, 2])),
        "scope_args_widened",
    ),
    ("not_one_of under wildcard", scope(a=W), scope(a=c("not_one_of", excluded=[1])), ""),
    (
        "more excluded",
        scope(a=c("not_one_of", excluded=[1])),
        scope(a=c("not_one_of", excluded=[1, 2])),
        "",
    ),
    (
        "fewer excluded",
        scope(a=c("not_one_of", excluded=[1, 2])),
        scope(a=c("not_one_of", excluded=[1])),
        "scope_args_widened",
    ),
    ("one_of in a range", scope(a=NUMBER), scope(a=c("one_of", values=[1, 2])), ""),
    ("one_of beyond a range", scope(a=NUMBER), scope(a=c("one_of", values=[1, 11])), "scope_args_widened"),
    ("all of a range", scope(a=NUMBER), scope(a=c("all", constraints=[NUMBER, c("not_one_of", excluded=[1])])), ""),
    (
        "exact under any",
        scope(a=c("any", constraints=[NUMBER, c("exact", value="x")])),
        scope(a=c("exact", value="x")),
        "",
    ),
    (
        "another alternative",
        scope(a=NUMBER),
        scope(a=c("any", constraints=[NUMBER, c("exact", value="x")])),
        "scope_args_widened",
    ),
    ("wildcard under a range", scope(a=NUMBER), scope(a=W), "scope_args_widened"),
    ("path below", scope(a=c("path_under", dir="/d")), scope(a=c("path_under", dir="/d/e")), ""),
    ("path beside", scope(a=c("path_under", dir="/d")), scope(a=c("path_under", dir="/dx")), "scope_args_widened"),
    ("max_len", scope(a=c("max_len", max=3)), scope(a=c("max_len", max=4)), "scope_args_widened"),
    ("shorter", scope(a=c("max_len", max=3)), scope(a=c("max_len", max=2)), ""),
    ("hosts below", scope(a=c("host_in", patterns=["*.x"])), scope(a=c("host_in", patterns=["a.x", "*.a.x"])), ""),
    (
        "hosts beyond",
        scope(a=c("host_in", patterns=["*.x"])),
        scope(a=c("host_in", patterns=["x"])),
        "scope_args_widened",
    ),
    (
        "exclusive under inclusive",
        scope(a=NUMBER),
        scope(a=c("range", min=0, max=10, min_inclusive=False, max_inclusive=False)),
        "",
    ),
    (
        "low inclusive again",
        scope(a=c("range", min=0, max=10, min_inclusive=False)),
        scope(a=NUMBER),
        "scope_args_widened",
    ),
    (
        "high inclusive again",
        scope(a=c("range", min=0, max=10, max_inclusive=False)),
        scope(a=NUMBER),
        "scope_args_widened",
    ),
    ("low dropped", scope(a=NUMBER), scope(a=c("range", max=10)), "scope_args_widened"),
    ("optional dropped", scope(a=OPTIONAL, b=W), scope(b=W), ""),
    ("optional to required", scope(a=OPTIONAL), scope(a=W), ""),
    ("required to optional", scope(a=W), scope(a=OPTIONAL), "scope_args_widened"),
    ("* added", scope(a=NUMBER), scope(a=NUMBER, any_other=W), "scope_args_widened"),
    ("open under constrained", scope(a=NUMBER), {"tools": {"t": {}}}, "scope_args_widened"),
    ("a new key", scope(a=NUMBER), scope(a=NUMBER, b=W), "scope_args_widened"),
    (
        "a constrained key dropped beside *",
        scope(a={**OPTIONAL, **c("max_len", max=1)}, any_other=W),  # type: ignore[dict-item]  # objects
        scope(any_other=W),
        "scope_args_widened",
    ),
    ("* closed", scope(any_other=W), scope(a=W), ""),
    ("* over named", scope(any_other=W), {"tools": {"t": {}}}, ""),
    ("calls more", {"tools": {"t": {"max_calls": 1}}}, {"tools": {"t": {"max_calls": 2}}}, "scope_budget_widened"),
    ("calls dropped", {"tools": {"t": {"max_calls": 1}}}, {"tools": {"t": {}}}, "scope_budget_widened"),
    ("calls less", {"tools": {"t": {"max_calls": 1}}}, {"tools": {"t": {"max_calls": 0}}}, ""),
    ("writes more", {"data": {"write": ["a"]}}, {"data": {"write": ["a", "b"]}}, "scope_data_class_widened"),
    ("writes dropped", {"data": {"write": ["a"]}}, {}, "scope_data_class_widened"),
    ("a budget of one's own", {}, {"budgets": {"calls": 1}}, ""),
    ("egress dropped", {"egress": ["x"]}, {}, "scope_egress_widened"),
    ("no egress at all", {"egress": ["x"]}, {"egress": []}, ""),
    ("approval of a tool that is gone", {"tools": {"t": {}}, "approval": ["t"]}, {}, ""),
    ("mission", {"mission": "a"}, {"mission": "b"}, "chain_context_changed"),
    ("mission dropped", {"mission": "a"}, {}, "chain_context_changed"),
    ("mission taken up", {}, {"mission": "a"}, ""),
]


@pytest.mark.parametrize(("parent", "child", "reason"), [pytest.param(*row[1:], id=row[0]) for row in NARROWER])
def test_narrower_goes_by_dimension(parent: Json, child: Json, reason: str) -> None:
    found = ""
    try:
        narrower(parse(child), parse(parent))
    except ScopeError as error:
        found = error.reason
    assert found == reason


MEETS: list[tuple[str, Json, Json, Json]] = [
    ("tools of both", {"tools": {"a": {}, "b": {}}}, {"tools": {"b": {}, "c": {}}}, {"tools": {"b": {}}}),
    ("a tool that cannot be called", scope(a=W), scope(b=W), {}),
    ("egress", {"egress": ["*.x", "y"]}, {"egress": ["a.x", "z"]}, {"egress": ["a.x"]}),
    ("budgets", {"budgets": {"a": 1, "b": 5}}, {"budgets": {"b": 3, "c": 0}}, {"budgets": {"a": 1, "b": 3, "c": 0}}),
    ("autonomy", {"autonomy": 3}, {"autonomy": 1}, {"autonomy": 1}),
    ("autonomy of one", {"autonomy": 0}, {}, {"autonomy": 0}),
    ("approval", {"approval": ["a"]}, {"approval": ["b"]}, {"approval": ["a", "b"]}),
    (
        "data",
        {"data": {"read": ["a", "b"]}},
        {"data": {"read": ["b"], "write": []}},
        {"data": {"read": ["b"], "write": []}},
    ),
    ("calls", {"tools": {"t": {"max_calls": 3}}}, {"tools": {"t": {}}}, {"tools": {"t": {"max_calls": 3}}}),
    ("constraints that say the same once", scope(a=NUMBER), scope(a=NUMBER), scope(a=NUMBER)),
    ("the narrower of two", scope(a=NUMBER), scope(a=c("range", min=1, max=2)), scope(a=c("range", min=1, max=2))),
]


@pytest.mark.parametrize(("a", "b", "expected"), [pytest.param(*row[1:], id=row[0]) for row in MEETS])
def test_the_meet_goes_by_dimension(a: Json, b: Json, expected: Json) -> None:
    assert meet(parse(a), parse(b)) == meet(parse(b), parse(a)) == parse(expected)


@pytest.mark.parametrize("order", [0, 1], ids=["open first", "closed first"])
def test_where_one_closes_the_list_of_arguments_it_is_closed(order: int) -> None:
    sides = (parse(scope(a=W, any_other=W)), parse(scope(a=W)))

    both = meet(sides[order], sides[1 - order])

    assert permits(both, "t", {"a": 1}) is None
    assert permits(both, "t", {"a": 1, "b": 1}) is not None


@pytest.mark.parametrize("order", [0, 1], ids=["optional first", "required first"])
def test_where_one_requires_an_argument_it_is_required(order: int) -> None:
    sides = (parse(scope(a=OPTIONAL)), parse(scope(a=W)))

    both = meet(sides[order], sides[1 - order])

    assert permits(both, "t", {"a": 1}) is None
    assert permits(both, "t", {}) is not None
    assert permits(meet(sides[0], sides[0]), "t", {}) is None


def test_two_missions_leave_nothing() -> None:
    both = meet(parse({"tools": {"t": {}}, "mission": "a"}), parse({"tools": {"t": {}}, "mission": "b"}))
    assert (both.tools, both.mission) == ({}, "")
    assert both.missions == {"a", "b"}


def test_no_argument_at_all_survives_being_written() -> None:
    closed = meet(parse(scope(a=OPTIONAL)), parse(scope(b=OPTIONAL)))
    again = parse(as_json(closed))
    assert [permits(s, "t", {}) is None for s in (closed, again)] == [True, True]
    assert [permits(s, "t", {"a": 1}) is None for s in (closed, again)] == [False, False]
    assert [permits(s, "t", {"": TRUE}) is None for s in (closed, again)] == [False, False]


WRITTEN: list[Json] = [
    {"tools": {}},
    {"tools": {"t": {}, "u": {"max_calls": 0}}},
    {**scope(a=NUMBER, b=OPTIONAL, any_other=W)},  # type: ignore[dict-item]  # an object
    scope(a=c("range", min=0, min_inclusive=False)),
    scope(a=c("range", max=0.5, max_inclusive=False)),
    scope(a=c("one_of", values=["a", 1]), b=c("not_one_of", excluded=[None])),
    scope(a=c("contains", required=[1]), b=c("subset", allowed=[{}])),
    scope(a=c("path_under", dir="/d"), b=c("host_in", patterns=["*.x"]), d=c("max_len", max=3)),
    scope(a=c("all", constraints=[c("any", constraints=[NUMBER, c("one_of", values=["x"])]), c("max_len", max=1)])),
    {"tools": {}, "data": {"read": ["a"], "write": []}, "egress": [], "budgets": {"calls": 0}},
    {"tools": {}, "autonomy": 0, "approval": ["t"], "mission": "m"},
]


@pytest.mark.parametrize("entry", WRITTEN)
def test_a_scope_is_written_as_it_was_read(entry: Json) -> None:
    assert as_json(parse(entry)) == entry


def test_a_meet_that_grows_without_end_is_refused() -> None:
    def many(first: int) -> Json:
        return c("all", constraints=[c("not_one_of", excluded=[i]) for i in range(first, first + 200)])

    with pytest.raises(ScopeError) as refused:
        meet(parse(scope(a=many(0))), parse(scope(a=many(200))))
    assert refused.value.reason == "limit_scope_size"


def test_limited_to_names_or_refuses() -> None:
    held = parse({"tools": {"a": {}, "b": {"max_calls": 1}}, "autonomy": 1})
    limited = limited_to(held, ["b", "b"])
    assert (list(limited.tools), limited.autonomy, limited.tools["b"].max_calls) == (["b"], 1, 1)
    with pytest.raises(ScopeError) as refused:
        limited_to(held, ["a", "c"])
    assert (refused.value.reason, refused.value.path) == ("scope_tool_added", "/tools/1")


def test_a_request_fills_what_it_leaves_out() -> None:
    held = parse(
        {"tools": {"t": {"args": {"a": NUMBER}, "max_calls": 3}, "u": {}}, "data": {"read": ["p"]}, "autonomy": 2}
    )
    asked = requested({"tools": {"t": {"max_calls": 1}}, "data": {"write": ["q"]}}, held)
    assert (asked.tools["t"].max_calls, sorted(asked.tools["t"].required), list(asked.tools)) == (1, ["a"], ["t"])
    assert (asked.reads, asked.writes, asked.autonomy) == (frozenset({"p"}), frozenset({"q"}), 2)
