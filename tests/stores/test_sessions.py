"""The suite that every store of sessions passes."""

from dataclasses import replace

import pytest

from sidecar.errors import OverloadError, SessionError
from sidecar.model.revocation import Kind, Revocation, Selector
from sidecar.model.scope import Scope, open_tools
from sidecar.model.session import Session, Usage
from sidecar.stores.memory import CHARACTERS_PER_UNIT, MemorySessions
from tests.chains import NOW, chain

SECRET = "s" * 43


def session(name: str = "ses_1", *, expires_at: float = NOW + 100) -> Session:
    held = chain(["a", "b"])
    return Session(id=name, chain=held, scope=held.scope, opened_at=NOW, expires_at=expires_at)


async def test_a_handle_opens_its_session_and_no_other() -> None:
    store = MemorySessions()
    first, second = await store.open(session("ses_1"), SECRET), await store.open(session("ses_2"), "t" * 43)

    assert (await store.get(first, NOW)).id == "ses_1"
    assert (await store.get(second, NOW)).id == "ses_2"


@pytest.mark.parametrize("handle", ["", "ses_1", "ses_1.", "ses_1.x", f"ses_2.{SECRET}", f".{SECRET}", "ses_1.\ud800"])
async def test_whatever_is_no_handle_opens_nothing(handle: str) -> None:
    store = MemorySessions()
    await store.open(session(), SECRET)

    with pytest.raises(SessionError) as refused:
        await store.get(handle, NOW)

    assert refused.value.reason == "session_unknown"


@pytest.mark.parametrize(
    ("later", "over"), [pytest.param(99.9, False, id="before"), pytest.param(100.0, True, id="at")]
)
async def test_a_session_ends_at_its_time(later: float, *, over: bool) -> None:
    store = MemorySessions()
    handle = await store.open(session(), SECRET)

    if over:
        with pytest.raises(SessionError) as refused:
            await store.get(handle, NOW + later)
        assert refused.value.reason == "session_expired"
        assert await store.list(NOW + later) == ()
    else:
        assert (await store.get(handle, NOW + later)).id == "ses_1"


async def test_narrowing_is_the_meet_and_stays() -> None:
    store = MemorySessions()
    handle = await store.open(session(), SECRET)

    await store.narrow(handle, Scope(tools=open_tools(["a", "c"])), NOW)
    await store.narrow(handle, Scope(tools=open_tools(["a", "b"])), NOW)

    assert set((await store.get(handle, NOW)).scope.tools) == {"a"}


async def test_what_a_session_did_adds_up_until_it_is_closed() -> None:
    store = MemorySessions()
    handle = await store.open(session(), SECRET)
    await store.count("ses_1", Usage(crossings=1, denied=1, input_tokens=2))
    await store.count("ses_1", Usage(crossings=1, output_tokens=3))
    await store.count("ses_9", Usage(crossings=1))

    summary = await store.close(handle, NOW)

    assert summary == Usage(crossings=2, denied=1, input_tokens=2, output_tokens=3)
    with pytest.raises(SessionError):
        await store.close(handle, NOW)


async def test_no_more_sessions_than_there_is_room_for_but_ended_ones_make_room() -> None:
    store = MemorySessions(capacity=2)
    await store.open(session("ses_1", expires_at=NOW + 1), SECRET)
    await store.open(session("ses_2"), SECRET)

    with pytest.raises(OverloadError):
        await store.open(session("ses_3"), SECRET)
    await store.open(replace(session("ses_4"), opened_at=NOW + 1), SECRET)

    assert [held.id for held, _ in await store.list(NOW + 1)] == ["ses_2", "ses_4"]


async def test_a_large_session_counts_for_what_it_weighs_until_it_is_closed() -> None:
    store = MemorySessions(capacity=20)
    large = replace(session("ses_1"), task="x" * 16 * CHARACTERS_PER_UNIT)
    handle = await store.open(large, SECRET)
    await store.open(session("ses_2"), SECRET)

    with pytest.raises(OverloadError):
        await store.open(replace(large, id="ses_3"), SECRET)
    await store.close(handle, NOW)
    await store.open(replace(large, id="ses_3"), SECRET)

    assert [held.id for held, _ in await store.list(NOW)] == ["ses_2", "ses_3"]


async def test_a_secret_is_not_kept() -> None:
    store = MemorySessions()
    await store.open(session(), SECRET)

    assert SECRET not in repr(vars(store))


async def test_sessions_are_found_by_what_their_chains_can_be_revoked_by() -> None:
    store = MemorySessions()
    await store.open(session("ses_1"), SECRET)
    await store.open(session("ses_2"), SECRET)
    held = chain(["a", "b"])

    found = {
        name: [one.id for one in await store.matching([Revocation(selector, NOW)])]
        for name, selector in (
            ("agent", Selector(Kind.AGENT, "agent")),
            ("another", Selector(Kind.AGENT, "another")),
            ("chain", Selector(Kind.CHAIN, held.digest)),  # the beginning of a digest is in no index: all are looked at
        )
    }

    assert found == {"agent": ["ses_1", "ses_2"], "another": [], "chain": ["ses_1", "ses_2"]}


async def test_the_index_forgets_what_is_over() -> None:
    store = MemorySessions(capacity=2)
    closed = await store.open(session("ses_1", expires_at=NOW + 1), SECRET)
    await store.open(session("ses_2", expires_at=NOW + 1), SECRET)
    await store.close(closed, NOW)
    await store.end({"ses_2": "subject_revoked", "ses_none": "subject_revoked"})

    assert await store.matching([Revocation(Selector(Kind.AGENT, "agent"), NOW)]) == ()
    assert store._index == {}
