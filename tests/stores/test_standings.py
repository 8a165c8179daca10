"""What agents have earned: for each and each type of task its own, and over a kill."""

import json

import pytest

from sidecar.errors import OverloadError
from sidecar.model.autonomy import Agent, Conduct, Lapse
from sidecar.stores.keep import Row
from sidecar.stores.standings import STANDINGS, MemoryStandings
from tests.model.test_autonomy import LADDER, T
from tests.stores.conftest import Held, back

ANN = Agent(issuer="i", name="ann", task_type="t")
CLEAN = [Conduct.CLEAN]


def earned(store: MemoryStandings, agent: Agent, at: float = T) -> None:
    for _ in range(3):
        store.note(agent, LADDER, CLEAN, [], at)


@pytest.mark.parametrize(
    "other", [Agent(issuer="j", name="ann", task_type="t"), Agent(issuer="i", name="ann", task_type="")]
)
def test_each_agent_earns_for_itself_and_its_type_of_task(held: Held, other: Agent) -> None:
    store = MemoryStandings(held.keep, held.seal)

    earned(store, ANN)

    assert (store.level(ANN, LADDER, T + 1), store.level(other, LADDER, T + 1)) == (2, 1)
    assert store.level(ANN, LADDER, T) == 1  # a session that was open then


async def test_it_is_kept_over_a_kill_and_not_readable(file: Held) -> None:
    store = MemoryStandings(file.keep, file.seal)
    earned(store, ANN)
    store.note(ANN, LADDER, [], [Lapse.LOOP_DETECTED], T + 5)
    store.set(ANN, 3, T + 9)
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
    for _ in range(2):
        store.note(ANN, LADDER, CLEAN, [], T)

    assert store.note(ANN, LADDER, CLEAN, [Lapse.RULE_DENIED_CRITICAL], T) == (1, 1)


def test_who_is_one_too_many_has_the_lowest_level(held: Held) -> None:
    store = MemoryStandings(held.keep, held.seal, capacity=1)
    earned(store, ANN)
    bob = Agent(issuer="i", name="bob", task_type="t")

    assert store.note(bob, LADDER, CLEAN, [], T) == (0, 0)
    with pytest.raises(OverloadError):
        store.set(bob, 4, T)
    assert store.level(bob, LADDER, T) == 0
    assert store.set(ANN, 4, T + 1) == 2
