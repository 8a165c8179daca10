"""What agents have earned: for each and each type of task its own, and over a kill."""

import json
from dataclasses import replace

import pytest

from sidecar.errors import OverloadError
from sidecar.model.autonomy import Agent, Conduct, Deed, Lapse
from sidecar.stores.keep import Row
from sidecar.stores.standings import MAX_BELOW, MAX_OF_ONE, MAX_UNDER_WAY, STANDINGS, MemoryStandings
from tests.model.test_autonomy import LADDER, RULE, T
from tests.stores.conftest import Held, back

ANN = Agent(issuer="i", name="ann", task_type="t")
LOOP = Deed(lapses=frozenset({Lapse.LOOP_DETECTED}))  # costs all levels but the lowest


def clean(work: object) -> Deed:
    return Deed(Conduct.CLEAN, work=str(work))


def earned(store: MemoryStandings, agent: Agent, at: float = T, begin: int = 0) -> None:
    for number in range(begin, begin + 3):
        store.note(agent, LADDER, clean(number), at)


@pytest.mark.parametrize("other", [replace(ANN, issuer="j"), replace(ANN, task_type=""), replace(ANN, name="bob")])
def test_each_agent_earns_for_itself_and_its_type_of_task(held: Held, other: Agent) -> None:
    store = MemoryStandings(held.keep, held.seal)

    earned(store, ANN)

    assert (store.level(ANN, LADDER, T + 1), store.level(other, LADDER, T + 1)) == (2, 1)
    assert store.level(ANN, LADDER, T) == 1  # a session that was open then


async def test_it_is_kept_over_a_kill_and_not_readable(file: Held) -> None:
    store = MemoryStandings(file.keep, file.seal)
    earned(store, ANN)
    store.note(ANN, LADDER, LOOP, T + 5)
    store.set(ANN, 3, T + 9, start=1)
    await file.keep.kept()

    again = back(MemoryStandings(file.open().keep, file.seal))

    assert again.all() == store.all()
    assert [again.level(ANN, LADDER, since) for since in (T + 1, T + 7, T + 10)] == [0, 0, 3]


async def test_what_nobody_sealed_is_nothing_earned(file: Held) -> None:
    key = json.dumps(["i", "ann", "t"])
    file.keep.put(STANDINGS, Row(key, b'{"level": 4, "since": 0, "left": []}', T + 9))
    await file.keep.kept()

    store = back(MemoryStandings(file.open().keep, file.seal))

    assert (store.unreadable, store.level(ANN, LADDER, T)) == (1, 1)


def test_one_call_cannot_earn_what_it_loses(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal)
    for number in range(2):
        store.note(ANN, LADDER, clean(number), T)

    assert store.note(ANN, LADDER, replace(clean(2), lapses=frozenset({Lapse.RULE_DENIED_CRITICAL})), T) == (1, 1)


def test_who_is_one_too_many_has_the_lowest_level(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal, capacity=1)
    earned(store, ANN)
    bob = replace(ANN, name="bob")

    assert store.note(bob, LADDER, clean(1), T) == (0, 0)
    with pytest.raises(OverloadError):
        store.set(bob, 4, T, start=1)
    assert store.level(bob, LADDER, T) == 0
    assert store.set(ANN, 4, T + 1, start=1) == 2


def test_types_of_tasks_that_an_agent_makes_up_take_the_room_of_no_other(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal)
    for number in range(MAX_OF_ONE + 5):
        earned(store, replace(ANN, task_type=f"t{number}"))

    assert len(store.all()) == MAX_OF_ONE
    assert store.level(replace(ANN, task_type="new"), LADDER, T) == 0
    assert store.level(replace(ANN, name="bob"), LADDER, T) == 1


async def test_names_that_one_agent_makes_up_take_the_room_of_nobody_else(file: Held) -> None:
    store = MemoryStandings(file.keep, file.seal)
    below = replace(ANN, above=("eve",))
    for number in range(MAX_BELOW + 5):
        store.note(replace(below, name=f"s{number}"), LADDER, LOOP, T)
    kin = replace(below, name="")
    store.note(kin, LADDER, LOOP, T)
    await file.keep.kept()

    again = back(MemoryStandings(file.open(T).keep, file.seal))

    assert again.all() == store.all()
    assert len(again.all()) == MAX_BELOW + 1
    others = [ANN, replace(below, above=("bob",)), replace(below, above=("bob", "eve"), name="s1"), kin]
    assert [again.level(other, LADDER, T + 1) for other in others] == [1, 1, 1, 0]
    assert again.level(replace(below, name="new"), LADDER, T + 1) == 0
    assert again.set(replace(below, name="s1"), 2, T + 2, start=1) == 0


def test_below_one_agent_who_never_left_a_level_makes_room(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal)
    below = replace(ANN, above=("eve",))
    earned(store, below)
    store.note(replace(ANN, name="other"), LADDER, clean(1), T)
    for number in range(3 * MAX_BELOW):
        store.note(replace(below, name=f"s{number}"), LADDER, clean(number), T)

    assert len(store.all()) == MAX_BELOW + 1
    found = [store.level(each, LADDER, T + 1) for each in (below, replace(below, name="new"))]
    assert (found, dict(store.all())[replace(ANN, name="other")].clean) == ([2, 1], 1)


async def test_who_has_neither_earned_nor_lost_anything_makes_room_and_who_has_does_not(file: Held) -> None:
    store = MemoryStandings(file.keep, file.seal, capacity=4)
    store.note(ANN, LADDER, LOOP, T)
    earned(store, replace(ANN, name="eve"))
    for number in range(20):  # sub-agents that somebody makes up
        store.note(replace(ANN, name=f"made up {number}"), LADDER, Deed(Conduct.DENIED), T + 2 * number)
    await file.keep.kept()

    again = back(MemoryStandings(file.open(T).keep, file.seal, capacity=4))

    assert again.all() == store.all()
    assert {"ann", "eve"} < {who.name for who, _ in again.all()}
    assert len(again.all()) <= 4
    found = [again.level(replace(ANN, name=name), LADDER, T + 100) for name in ("ann", "eve", "bob")]
    assert found == [0, 2, 1]


def test_who_made_room_begins_anew_with_all_of_its_work(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal, capacity=1)
    bob = replace(ANN, name="bob")
    for agent, works in ((ANN, (0, 1)), (bob, (0,)), (ANN, (0, 1))):
        for work in works:
            store.note(agent, LADDER, clean(work), T)

    ((who, standing),) = store.all()
    assert (who, standing.clean, standing.level) == (ANN, 2, 1)


def test_another_name_for_the_task_gives_nothing_back(held: Held) -> None:
    store, other = MemoryStandings(held.keep, held.seal), replace(ANN, task_type="other")
    store.note(ANN, LADDER, LOOP, T + 5)

    assert [store.level(other, LADDER, since) for since in (T, T + 9)] == [0, 0]
    store.set(ANN, 2, T + 10, start=1)
    store.note(other, LADDER, clean(1), T + 11)
    assert [store.level(other, LADDER, since) for since in (T + 9, T + 11)] == [0, 1]  # and no session gets milder


def test_a_level_given_by_hand_is_lower_at_once_and_higher_for_what_is_opened_later(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal)

    assert store.set(ANN, 4, T + 5, start=1) == 1
    assert [store.level(ANN, LADDER, since) for since in (T, T + 6)] == [1, 4]
    assert store.set(ANN, 0, T + 7, start=1) == 4
    assert [store.level(ANN, LADDER, since) for since in (T, T + 6, T + 8)] == [0, 0, 0]


async def test_the_same_work_earns_once_also_after_a_rise_and_a_kill(file: Held) -> None:
    store = MemoryStandings(file.keep, file.seal)
    earned(store, ANN)
    for _ in range(3):
        earned(store, ANN, T + 1)
    assert store.level(ANN, LADDER, T + 2) == 2
    await file.keep.kept()

    again = back(MemoryStandings(file.open(T + 2).keep, file.seal))
    earned(again, ANN, T + 3)
    assert again.level(ANN, LADDER, T + 4) == 2
    earned(again, ANN, T + 5, begin=7)
    assert again.level(ANN, LADDER, T + 6) == 3


def test_after_its_time_the_same_work_counts_again(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal)
    earned(store, ANN)

    earned(store, ANN, T + RULE.within_s)

    assert store.level(ANN, LADDER, T + RULE.within_s + 1) == 3


def test_work_that_cannot_be_told_apart_earns_nothing(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal, work=3)
    bob = replace(ANN, name="bob")
    for number in range(2):
        store.note(bob, LADDER, clean(number), T)

    earned(store, ANN, T + 1)
    assert store.level(ANN, LADDER, T + 2) == 1
    earned(store, ANN, T + RULE.within_s, begin=5)  # what bob did is over, and made room
    assert store.level(ANN, LADDER, T + RULE.within_s + 1) == 2


def test_a_call_ends_once_and_of_too_many_the_oldest_is_forgotten() -> None:
    store = MemoryStandings()
    for number in range(MAX_UNDER_WAY + 1):
        store.begin(f"c{number}", "w")

    assert [store.end(call) for call in ("c0", "c1", "c1", "none")] == ["", "w", "", ""]


def test_who_has_fallen_and_was_set_back_by_hand_makes_no_room(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal, capacity=1)
    store.note(ANN, LADDER, LOOP, T + 5)
    store.set(ANN, LADDER.start, T + 9, start=LADDER.start)
    store.note(replace(ANN, name="bob"), LADDER, Deed(Conduct.DENIED), T + 10)

    assert [store.level(ANN, LADDER, since) for since in (T, T + 20)] == [0, 1]  # of a session from before, and anew


def test_where_all_begin_higher_now_nobody_who_began_lower_makes_room(held: Held) -> None:
    store, higher = MemoryStandings(held.keep, held.seal, capacity=1), replace(LADDER, start=2)
    store.note(ANN, LADDER, Deed(Conduct.DENIED), T)
    store.note(replace(ANN, name="bob"), higher, Deed(Conduct.DENIED), T)

    assert store.level(ANN, higher, T) == 1
