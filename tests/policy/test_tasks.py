"""Types of tasks: what a pack may say of them, and that packs together never widen one."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import ScopeError
from sidecar.model.narrowing import narrower
from sidecar.model.scope import permits
from sidecar.model.strict_json import Json
from sidecar.policy.load import load
from sidecar.policy.tasks import TasksFile, combine
from tests.policy.packing import loaded, problems, written

TOOLS = "tools:\n  look: {effects: [read]}\n  pay: {effects: [money]}\n"
TASKS = """
tasks:
  enquiry:
    tools:
      look: {}
      pay: {args: {amount: {constraint_type: range, max: 50}}, max_calls: 1}
    calls: 40
    autonomy: 2
    max_lifetime: 30m
"""


def test_a_type_is_a_scope_and_a_time(tmp_path: Path) -> None:
    (policy_type,) = loaded(tmp_path, {"tools.yaml": TOOLS, "tasks.yaml": TASKS}).tasks.known.values()

    scope = policy_type.scope
    assert permits(scope, "pay", {"amount": 50}) is None
    assert permits(scope, "pay", {"amount": 51}) is not None
    assert permits(scope, "send", {}) is not None
    assert (scope.tools["pay"].max_calls, scope.budgets, scope.autonomy) == (1, {"calls": 40}, 2)
    assert policy_type.lifetime_s == 1_800


def test_what_two_packs_say_of_one_type_narrows_twice(tmp_path: Path) -> None:
    one = written(tmp_path, {"tools.yaml": TOOLS, "tasks.yaml": TASKS}, name="one")
    two = written(
        tmp_path, {"tasks.yaml": "tasks: {enquiry: {tools: {look: {}}, calls: 50, max_lifetime: 1h}}"}, name="two"
    )

    tasks = load([one, two]).tasks

    (found,) = tasks.known.values()
    assert (set(found.scope.tools), found.scope.budgets, found.lifetime_s) == ({"look"}, {"calls": 40}, 1_800)
    assert tasks.of("another") is None
    assert tasks.of("") is None


@pytest.mark.parametrize("name", ["another", ""])
def test_where_a_pack_says_so_only_known_types_are_opened(tmp_path: Path, name: str) -> None:
    one = written(tmp_path, {"tools.yaml": TOOLS, "tasks.yaml": TASKS}, name="one")
    two = written(tmp_path, {"tasks.yaml": "unknown_tasks: deny"}, name="two")

    tasks = load([one, two]).tasks

    assert tasks.of("enquiry") is not None
    with pytest.raises(ScopeError) as refused:
        tasks.of(name)
    assert refused.value.reason == "task_type_unknown"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "tasks: {a: {tools: {lok: {}}}}", "tasks.a.tools.lok: the tool `lok` is in no tools.yaml", id="a tool"
        ),
        pytest.param("tasks: {a: {tools: {}}}", "tasks.a.tools: ", id="no tool"),
        pytest.param(
            "tasks: {a: {tools: {look: {args: {q: {constraint_type: rangee}}}}}}", "tasks.a.tools: ", id="no constraint"
        ),
        pytest.param("tasks: {a: {tools: {look: {most: 3}}}}", "tasks.a.tools: ", id="no member of a grant"),
        pytest.param("tasks: {a: {tools: {look: {}}, autonomy: 5}}", "tasks.a.autonomy: ", id="no level"),
        pytest.param("tasks: {a: {tools: {look: {}}, max_lifetime: 0s}}", "tasks.a.max_lifetime: ", id="no time"),
        pytest.param("tasks: {a: {tools: {look: {}}, call: 3}}", "tasks.a.call: ", id="a misspelt key"),
        pytest.param("unknown_tasks: allow", "unknown_tasks: ", id="no word for unknown ones"),
    ],
)
def test_a_mistake_is_told_when_the_pack_is_loaded(tmp_path: Path, text: str, expected: str) -> None:
    (found,) = problems(written(tmp_path, {"tools.yaml": TOOLS, "tasks.yaml": text}))

    assert found.startswith(f"try/tasks.yaml:1: {expected}")


PARTS = st.fixed_dictionaries(
    {"tools": st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from([{}, {"max_calls": 2}]), min_size=1)},
    optional={"calls": st.integers(1, 9), "autonomy": st.integers(0, 4), "max_lifetime": st.sampled_from(["1m", "1h"])},
)


@given(st.lists(PARTS, min_size=1, max_size=4))
def test_no_pack_widens_what_another_says_of_a_type(parts: list[Mapping[str, Json]]) -> None:
    files = [TasksFile.model_validate({"tasks": {"t": part}}) for part in parts]

    together = combine(files).known["t"]

    for file in files:
        alone = file.tasks["t"].type
        narrower(together.scope, alone.scope)
        assert together.lifetime_s <= alone.lifetime_s
