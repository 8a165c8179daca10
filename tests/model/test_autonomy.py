"""How a level is earned and lost: a table, and that no session ever gets milder."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.autonomy import Agent, Conduct, Demotion, Ladder, Lapse, Promotion, Standing, judged, lapsed

T = 1_800_000_000.0
RULE = Promotion(clean_calls=3, within_s=100, max_error_rate=0.25, max_denied_rate=0.25, up_to=3)
LADDER = Ladder(
    approve=(frozenset({"*"}), frozenset({"write", "money"}), frozenset({"money"}), frozenset({"money"}), frozenset()),
    start=1,
    promotion=RULE,
    demotions=(
        Demotion(on=frozenset({Lapse.LOOP_DETECTED}), to=1),
        Demotion(on=frozenset({Lapse.APPROVAL_REJECTED, Lapse.LOOP_DETECTED}), to=0),
    ),
)
C, D, F = Conduct.CLEAN, Conduct.DENIED, Conduct.FAILED


@pytest.mark.parametrize(
    ("level", "effects", "needed"),
    [
        pytest.param(0, ["read"], True, id="everything"),
        pytest.param(0, [], True, id="everything, also without effects"),
        pytest.param(0, None, True, id="nobody knows, at the lowest"),
        pytest.param(1, ["read"], False, id="what is not named"),
        pytest.param(1, ["read", "write"], True, id="one of them"),
        pytest.param(2, ["write"], False, id="higher"),
        pytest.param(3, None, True, id="nobody knows"),
        pytest.param(4, None, False, id="nothing"),
    ],
)
def test_a_level_tells_what_needs_approval(level: int, effects: list[str] | None, *, needed: bool) -> None:
    assert LADDER.needs_approval(level, effects) is needed


@pytest.mark.parametrize(
    ("calls", "seconds", "level"),
    [
        pytest.param([C, C], 1, 1, id="too few"),
        pytest.param([C, C, C], 1, 2, id="enough"),
        pytest.param([C, C, C], 60, 1, id="too slow"),
        pytest.param([C] * 6, 1, 3, id="twice"),
        pytest.param([C] * 20, 1, 3, id="no higher than it goes"),
        pytest.param([D, C, C, C], 1, 2, id="few denied"),
        pytest.param([D, D, C, C, C], 1, 1, id="too many denied"),
        pytest.param([F, C, C, C], 1, 2, id="few failed"),
        pytest.param([F, F, C, C, C], 1, 1, id="too many failed"),
        pytest.param([F, F, C, C, C, C, C, C], 1, 2, id="few failed in the end"),
    ],
)
def test_a_level_is_earned_by_clean_work(calls: list[Conduct], seconds: float, level: int) -> None:
    standing = Standing(level=1, since=T)
    for number, call in enumerate(calls, start=1):
        standing = judged(standing, LADDER, call, T + number * seconds)

    assert standing.level == level


def test_without_a_way_up_nothing_is_earned() -> None:
    standing = Standing(level=1, since=T)

    assert judged(standing, replace(LADDER, promotion=None), C, T) == standing


def test_every_demotion_that_applies_counts_and_what_was_counted_is_over() -> None:
    standing = judged(Standing(level=3, since=T), LADDER, C, T)

    assert lapsed(standing, LADDER, [Lapse.RULE_DENIED_CRITICAL], T) == standing
    lost = lapsed(standing, LADDER, [Lapse.LOOP_DETECTED], T + 1)
    assert (lost.level, lost.clean, lost.since) == (0, 0, T + 1)
    assert lapsed(replace(standing, level=0), LADDER, [Lapse.LOOP_DETECTED], T).level == 0


EVENTS = st.lists(
    st.tuples(st.floats(0, 50), st.sampled_from([*Conduct, *Lapse, 0, 1, 2, 3, 4])), min_size=1, max_size=60
)


@given(EVENTS, st.integers(0, 59))
def test_a_session_never_gets_milder_whatever_its_agent_earns_or_is_given(
    events: list[tuple[float, Conduct | Lapse | int]], opened: int
) -> None:
    standing, at, began, before = Standing(level=1, since=T), T, T, 4
    for number, (pause, event) in enumerate(events):
        at += pause
        if number == opened:
            began, before = at, standing.level
        if isinstance(event, Conduct):
            standing = judged(standing, LADDER, event, at)
        elif isinstance(event, Lapse):
            standing = lapsed(standing, LADDER, [event], at)
        else:
            standing = standing.moved(event, at)
        if number >= opened:
            now = standing.lowest_since(began)
            assert now <= min(before, standing.level)
            before = now


def test_who_stands_lower_than_where_a_lapse_leads_stays_there() -> None:
    ladder = replace(LADDER, demotions=LADDER.demotions[:1])

    found = [lapsed(Standing(level=level, since=T), ladder, [Lapse.LOOP_DETECTED], T).level for level in range(5)]

    assert found == [0, 1, 1, 1, 1]


@pytest.mark.parametrize(("seconds", "level"), [(100.0, 2), (100.5, 1)])
def test_work_counts_to_the_last_moment_of_its_time(seconds: float, level: int) -> None:
    standing = Standing(level=1, since=T)
    for at in (0.0, 0.0, seconds):
        standing = judged(standing, LADDER, C, T + at)

    assert standing.level == level


def test_all_below_one_first_delegate_are_kin_however_deep() -> None:
    child = Agent(issuer="i", name="c", task_type="t", above=("a",))
    grandchild = replace(child, name="g", above=("a", "b"))

    assert child.kin == grandchild.kin == Agent(issuer="i", name="", task_type="t", above=("a",))
    assert replace(child, above=()).kin is None
