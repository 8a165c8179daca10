"""A level given by hand: whose agent is meant, and what is kept and recorded of it."""

from dataclasses import replace

import pytest

from sidecar.errors import CallerError, OverloadError, UnavailableError
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.trust import trust_store
from sidecar.levels import Asked, Levels
from sidecar.model.autonomy import Agent, Ladder
from sidecar.model.session import Peer
from sidecar.model.ticket import ApprovalError
from sidecar.operators import Answerer, Operators
from sidecar.stores.keep import NOWHERE
from sidecar.stores.standings import MemoryStandings
from sidecar.stores.trial import memory_stores
from tests.housing import AT, ISSUER, VERIFIER, House, house
from tests.test_conduct import LADDER

OTHER = TrialIssuer.generate(issuer="https://other.example")
EVE = Answerer(peer=Peer(pid=1, uid=7, gid=7))


def levels(it: House, ladder: Ladder | None = LADDER, *, alone: bool = False) -> Levels:
    issuers = [ISSUER.issuer(), *([] if alone else [replace(OTHER.issuer(), name="other")])]
    return Levels(
        stores=it.path.stores,
        audit=it.log,
        recorder=lambda: it.path.recorder,
        ladder=lambda: ladder,
        trust=lambda: trust_store(issuers),
        operators=Operators(lambda: VERIFIER),
    )


async def test_whose_agent_is_meant_is_told_by_what_is_known_or_has_to_be_said() -> None:
    it = house()
    with pytest.raises(CallerError, match="several issuers"):
        await levels(it).move(Asked(agent="worker", level=2), EVE, AT)
    first, _ = await levels(it).move(Asked(agent="worker", level=2, issuer=OTHER.url), EVE, AT)
    again, standing = await levels(it).move(Asked(agent="worker", level=3, task_type="t"), EVE, AT + 1)
    alone, _ = await levels(it, alone=True).move(Asked(agent="planner", level=3), EVE, AT + 2)

    assert (first.issuer, again.issuer, alone.issuer) == (OTHER.url, OTHER.url, ISSUER.url)
    assert (again.task_type, standing.level) == ("t", 3)
    assert [who.name for who, _ in levels(it).known("worker")] == ["worker", "worker"]
    assert sorted(who.name for who, _ in levels(it).known(task_type="")) == ["planner", "worker"]


async def test_the_record_names_an_agent_that_has_acted_here_and_nobody_else() -> None:
    it = house()
    for _ in range(2):
        await levels(it, alone=True).move(Asked(agent="worker", level=2, task_type="refunds", words="ok"), EVE, AT)

    first, second = it.log.entries
    assert first.principal is not None
    assert second.principal is not None
    assert (first.principal.agent == "worker", second.principal.agent) == (False, "worker")
    assert (first.details["before"], first.details["after"], [one.reason for one in first.findings]) == (
        1,
        2,
        ["autonomy_raised"],
    )
    assert "refunds" not in str(first.details)
    assert "uid:7" not in str(first.details)


async def test_who_is_nobody_and_what_has_no_room_change_nothing() -> None:
    it = house()
    full = MemoryStandings(capacity=0)
    crowded = House(replace(it.path, stores=replace(memory_stores(), standings=full)), it.log)

    with pytest.raises(ApprovalError):
        await levels(it, alone=True).move(Asked(agent="worker", level=4), Answerer(), AT)
    with pytest.raises(OverloadError):
        await levels(crowded, alone=True).move(Asked(agent="worker", level=4), EVE, AT)

    assert (it.log.entries, levels(it).known(), full.all()) == ([], [], [])


class Full:
    """A disk that takes nothing."""

    put, put_later, drop = NOWHERE.put, NOWHERE.put_later, NOWHERE.drop
    clear, rows = NOWHERE.clear, NOWHERE.rows

    async def kept(self) -> None:
        raise UnavailableError("full")


async def test_a_level_that_cannot_be_kept_is_told_and_not_recorded_as_done() -> None:
    it = house()
    broken = House(replace(it.path, stores=replace(it.path.stores, keep=Full())), it.log)

    with pytest.raises(UnavailableError):
        await levels(broken, alone=True).move(Asked(agent="worker", level=0), EVE, AT)

    # What was lowered is lower all the same.
    worker = Agent(issuer=ISSUER.url, name="worker", task_type="")
    assert it.path.stores.standings.level(worker, LADDER, AT) == 0
    assert it.log.entries == []
