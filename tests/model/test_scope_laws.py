"""T1: the order laws of scopes (identity-spec 2.7.2), on pairs that are one or two edits apart."""

import math

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import ScopeError
from sidecar.model.aat import AAT_TYPE, narrower_aat, parse_aat
from sidecar.model.atoms import canonical, covered
from sidecar.model.narrowing import narrower
from sidecar.model.scope import HIGHEST_AUTONOMY, Scope, meet, parse, permits
from sidecar.model.scope_form import as_json, requested
from sidecar.model.strict_json import Json
from tests.model.scopes import Entry, calls, edited, entries, pairs, scalars

BRIEF = settings(max_examples=60, deadline=None)


def read(entry: Entry) -> Scope | None:
    """Return the scope; None for an edit that made it malformed, such as an empty range."""
    try:
        return parse(entry)
    except ScopeError:
        return None


def is_narrower(child: Scope, parent: Scope) -> bool:
    try:
        narrower(child, parent)
    except ScopeError:
        return False
    return True


def allowed(scope: Scope, call: tuple[str, Entry]) -> bool:
    return permits(scope, call[0], call[1]) is None


def ceilings(scope: Scope) -> dict[str, float]:
    """Return all ceilings beside tools as numbers, so that less is less; absent ones are infinite."""
    classes = {"read": scope.reads, "write": scope.writes}
    return {
        "autonomy": HIGHEST_AUTONOMY if scope.autonomy is None else scope.autonomy,
        **{unit: scope.budgets.get(unit, math.inf) for unit in ("calls", "cost:EUR:2", "cost:EUR:0")},
        **{f"{m} {c}": float(held is None or c in held) for m, held in classes.items() for c in ("p", "q", "other")},
        **{host: float(scope.egress is None or covered(host, scope.egress)) for host in ("a.x", "x", "b.a.x", "x.y")},
    }


@BRIEF
@given(pairs(), st.lists(calls(), min_size=1, max_size=8))
def test_t1_a_narrower_scope_allows_nothing_more(pair: tuple[Entry, Entry], tried: list[tuple[str, Entry]]) -> None:
    parent, child = read(pair[0]), read(pair[1])
    if parent is None or child is None or not is_narrower(child, parent):
        return
    assert [call for call in tried if allowed(child, call) and not allowed(parent, call)] == []
    ours, theirs = ceilings(child), ceilings(parent)
    assert [name for name in ours if ours[name] > theirs[name]] == []


@BRIEF
@given(entries())
def test_t1_a_scope_is_narrower_than_itself(entry: Entry) -> None:
    scope = parse(entry)
    both = meet(scope, scope)  # says nothing twice, so it may be shorter
    narrower(scope, scope)
    narrower(both, scope)
    narrower(scope, both)
    assert meet(both, both) == both


@BRIEF
@given(st.data())
def test_t1_the_order_is_transitive(data: st.DataObject) -> None:
    first = data.draw(entries())
    second = data.draw(edited(first))
    a, b, c = read(first), read(second), read(data.draw(edited(second)))
    if a is None or b is None or c is None or not (is_narrower(b, a) and is_narrower(c, b)):
        return
    assert is_narrower(c, a)


@BRIEF
@given(pairs(), st.lists(calls(), min_size=1, max_size=8))
def test_t1_the_meet_allows_exactly_what_both_allow(pair: tuple[Entry, Entry], tried: list[tuple[str, Entry]]) -> None:
    a, b = read(pair[0]), read(pair[1])
    if a is None or b is None:
        return
    both = meet(a, b)
    if len(both.missions) < 2:
        assert [allowed(both, call) for call in tried] == [allowed(a, call) and allowed(b, call) for call in tried]
    ours, first, second = ceilings(both), ceilings(a), ceilings(b)
    assert ours == {name: min(first[name], second[name]) for name in first}


@BRIEF
@given(pairs())
def test_t1_the_meet_is_below_both_and_above_all_that_is(pair: tuple[Entry, Entry]) -> None:
    a, b = read(pair[0]), read(pair[1])
    if a is None or b is None:
        return
    both = meet(a, b)
    assert is_narrower(both, a)
    assert is_narrower(both, b)
    if is_narrower(b, a):
        assert is_narrower(b, both)


@BRIEF
@given(pairs(), calls())
def test_the_meet_of_turned_sides_allows_the_same(pair: tuple[Entry, Entry], call: tuple[str, Entry]) -> None:
    a, b = read(pair[0]), read(pair[1])
    if a is None or b is None:
        return
    assert allowed(meet(a, b), call) == allowed(meet(b, a), call)


@BRIEF
@given(pairs(), st.lists(calls(), min_size=1, max_size=8))
def test_what_is_written_is_read_as_the_same(pair: tuple[Entry, Entry], tried: list[tuple[str, Entry]]) -> None:
    a, b = read(pair[0]), read(pair[1])
    if a is None or b is None:
        return
    both = meet(a, b)
    again = parse(as_json(both))
    assert [allowed(again, call) for call in tried] == [allowed(both, call) for call in tried]
    assert again.budgets == both.budgets
    assert (again.autonomy, again.egress, again.reads) == (both.autonomy, both.egress, both.reads)


@BRIEF
@given(entries(), entries(), calls())
def test_what_is_asked_for_within_a_scope_says_only_what_changes(
    held: Entry, asked: Entry, call: tuple[str, Entry]
) -> None:
    scope = parse(held)
    assert requested({}, scope) == scope
    wanted = requested(asked, scope)
    both = meet(scope, wanted)
    assert not (allowed(both, call) and not allowed(scope, call))


@BRIEF
@given(pairs(), st.lists(calls(), min_size=1, max_size=8))
def test_t1_the_aat_table_is_sound_and_reflexive(pair: tuple[Entry, Entry], tried: list[tuple[str, Entry]]) -> None:
    made = []
    for entry in pair:
        tools = entry["tools"]
        assert isinstance(tools, dict)
        try:
            made.append(parse_aat({"type": AAT_TYPE, "tools": {name: grant["args"] for name, grant in tools.items()}}))
        except ScopeError:  # our own atoms, or an empty range
            return
    parent, child = made
    narrower_aat(parent, parent)
    try:
        narrower_aat(child, parent)
    except ScopeError:
        return
    granted, held = child.scope(), parent.scope()
    assert [call for call in tried if allowed(granted, call) and not allowed(held, call)] == []


@BRIEF
@given(scalars, scalars)
def test_values_are_equal_exactly_where_their_canonical_texts_are(a: Json, b: Json) -> None:
    assert (canonical(a) == canonical(b)) == (rfc8785.dumps(a) == rfc8785.dumps(b))


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        pytest.param(1, 1.0, True, id="1 and 1.0"),
        pytest.param(0, -0.0, True, id="zeros"),
        pytest.param(True, 1, False, id="true and 1"),
        pytest.param("1", 1, False, id="text and number"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, id="order of members"),
        pytest.param([1, 2], [2, 1], False, id="order of items"),
        pytest.param([True], [1], False, id="true in a list"),
        pytest.param([], {}, False, id="empty"),
        pytest.param(None, False, False, id="null and false"),
        pytest.param("é", "e\u0301", False, id="no normalisation"),
        pytest.param(["bool", True], True, False, id="no tag is taken for a list"),
    ],
)
def test_equality_is_that_of_rfc_8785(a: Json, b: Json, same: bool) -> None:  # noqa: FBT001 - a table's column
    assert (canonical(a) == canonical(b)) is same
    assert (rfc8785.dumps(a) == rfc8785.dumps(b)) is same
