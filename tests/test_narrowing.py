"""Law 4 through OpenSession and NarrowSession: whatever is asked for in whatever order, nothing is ever widened."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sidecar.identity.opening import Opening
from sidecar.model.narrowing import narrower
from sidecar.model.scope import Scope, parse
from sidecar.model.scope_form import as_json
from sidecar.model.task import TaskType, TaskTypes
from tests.housing import AT, House, house, token, why
from tests.model.scopes import TOOLS, Entry, calls, edited, entries
from tests.model.test_scope_laws import allowed, ceilings, read

Tried = Sequence[tuple[str, Entry]]


@st.composite
def steps(draw: st.DrawFn) -> tuple[Entry, list[tuple[str, Entry | list[str]]]]:
    """Draw what a token grants, and what is asked of its sessions: each a few edits from what was asked before."""
    granted = draw(entries())
    asked: list[tuple[str, Entry | list[str]]] = []
    last = granted
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["narrow", "narrow", "tools", "part", "task"]))
        if kind in {"narrow", "part"}:
            last = draw(edited(last))
            asked.append((kind, {name: last[name] for name in last if draw(st.integers(0, 3))}))
        else:
            asked.append((kind, draw(st.lists(st.sampled_from(TOOLS), min_size=1, max_size=2))))
    return granted, asked


def wider(after: Scope, before: Scope, tried: Tried) -> list[object]:
    """Return what `after` allows beyond `before`, by trying it and not by comparing."""
    ours, theirs = ceilings(after), ceilings(before)
    found: list[object] = [call for call in tried if allowed(after, call) and not allowed(before, call)]
    found += [name for name in ours if ours[name] > theirs[name]]
    found += [name for name in before.approval & after.tools.keys() if name not in after.approval]
    for name, grant in after.tools.items():
        most = before.tools[name].max_calls if name in before.tools else 0
        found += [name] if most is not None and (grant.max_calls is None or grant.max_calls > most) else []
    return found


def task(it: House, tools: Sequence[str]) -> House:
    """Return a sidecar with a task type of these tools, of five calls."""
    scope = parse({"tools": {name: {"args": {"a": {"constraint_type": "exact", "value": 1}}} for name in tools}})
    types = TaskTypes(known={"small": TaskType(scope=replace(scope, budgets={"calls": 5}))})
    return House(replace(it.path, opener=replace(it.path.opener, tasks=types)), it.log)


async def taken(it: House, entry: Entry, asked: Sequence[tuple[str, Entry | list[str]]], tried: Tried) -> None:
    """Take the steps, and see that no session ever has more than it had, nor a new one more than where it is from."""
    tokens = token(entry)
    root = await it.path.open(Opening(tokens=tuple(tokens)), AT)
    assume(root.session is not None)
    assert root.session is not None
    sessions, whole = {root.handle: root.session.scope}, root.session.scope
    for number, (kind, what) in enumerate(asked):
        handle = list(sessions)[number % len(sessions)]
        before = sessions[handle]
        if kind == "tools":
            opened = await it.path.narrow(handle, Opening(tools=tuple(map(str, what))), AT)
        elif kind == "narrow":
            opened = await it.path.narrow(handle, Opening(scope_json=json.dumps(what)), AT)
        elif kind == "part":
            opening = Opening(tokens=tuple(tokens), parent_session_id=handle, scope_json=json.dumps(what))
            opened = await it.path.open(opening, AT)
        else:
            within = task(it, list(map(str, what)))
            opened = await within.path.open(Opening(tokens=tuple(tokens), task_type="small"), AT)
            before = whole
        if opened.session is not None:
            assert not wider(opened.session.scope, before, tried), (kind, what)
            narrower(opened.session.scope, before)
            sessions.setdefault(opened.handle or handle, opened.session.scope)
        for one, held in sessions.items():  # what one gives up, its parts give up as well
            sessions[one] = (await it.path.stores.sessions.get(one, AT)).scope
            assert not wider(sessions[one], held, tried), (kind, what)
            if opened.session is None:
                assert sessions[one] == held  # what was refused changed nothing


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(steps(), st.lists(calls(), min_size=1, max_size=8))
def test_no_sequence_of_openings_and_narrowings_ever_widens(
    drawn: tuple[Entry, list[tuple[str, Entry | list[str]]]], tried: Tried
) -> None:
    entry, asked = drawn
    entry = {name: value for name, value in entry.items() if name not in {"mission", "budgets"}}
    scope = read(entry)
    assume(scope is not None and scope.tools)
    assert scope is not None

    asyncio.run(taken(house(), entry, asked, tried))


async def narrowed(it: House, handle: str, scope: Entry) -> str:
    opened = await it.path.narrow(handle, Opening(scope_json=json.dumps(scope)), AT)
    return opened.findings[0].reason if opened.session is None else "narrower"


async def test_how_many_calls_only_ever_become_fewer_and_what_was_made_counts() -> None:
    it = house()
    handle = await it.open({"tools": {"look": {"max_calls": 6}, "note": {}}, "budgets": {"calls": 8}})
    assert [why(await it.call(handle)) for _ in range(2)] == ["allow"] * 2

    found = [
        await narrowed(it, handle, {"tools": {"look": {"max_calls": most}, "note": {}}}) for most in (7, 5, 6, 3, 4, 3)
    ]

    wide, less = "session_widen_refused", "narrower"
    assert found == [wide, less, wide, less, wide, less]
    assert [why(await it.call(handle)) for _ in range(2)] == ["allow", "call_budget_exhausted"]  # two were made before
    assert [await narrowed(it, handle, {"budgets": {"calls": most}}) for most in (9, 4, 5)] == [wide, less, wide]
    assert [why(await it.call(handle, "note")) for _ in range(2)] == ["allow", "call_budget_exhausted"]


async def test_a_tool_and_a_pattern_that_were_taken_away_do_not_come_back_by_any_way() -> None:
    it = house()
    tokens = token({"tools": {"look": {"args": {"n": {"constraint_type": "range", "max": 10}}}, "note": {}}})
    handle = await it.open_by(tokens)
    within: Entry = {"tools": {"look": {"args": {"n": {"constraint_type": "range", "max": 5}}}}}
    assert await narrowed(it, handle, within) == "narrower"

    assert await narrowed(it, handle, {"tools": {"look": {}}}) == "narrower"  # what is not said stays as it is
    part = await it.open_by(tokens, parent_session_id=handle)
    for one in (handle, part):
        found = [why(await it.call(one, n=5)), why(await it.call(one, n=6)), why(await it.call(one, "note"))]
        assert found == ["allow", "argument_denied", "tool_not_granted"], found
    assert (await it.open_by(tokens, parent_session_id=handle, scope_json=json.dumps({"tools": {"note": {}}}))) == (
        "refused: scope_tool_added"
    )
    scope = (await it.path.stores.sessions.get(handle, AT)).scope
    assert as_json(scope) == as_json((await it.path.stores.sessions.get(part, AT)).scope)
