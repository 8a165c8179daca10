"""The suite that every store of sessions passes."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from sidecar.errors import OverloadError, SessionError
from sidecar.model.account import Account
from sidecar.model.chain import Proof, Workload
from sidecar.model.revocation import Kind, Revocation, Selector
from sidecar.model.scope import Scope, meet, open_tools, parse
from sidecar.model.session import Peer, Session, Usage
from sidecar.model.spending import narrowed, own_purse, purses
from sidecar.stores.keep import Row
from sidecar.stores.memory import CHARACTERS_PER_UNIT, MemorySessions
from sidecar.stores.session_form import NEVER
from tests.chains import NOW, chain
from tests.stores.conftest import Held, back

SECRET = "s" * 43
Make = Callable[..., MemorySessions]


@pytest.fixture
def make(held: Held) -> Make:
    """Return what makes a store of each kind."""
    return partial(MemorySessions, keep=held.keep, seal=held.seal)


def session(name: str = "ses_1", *, expires_at: float = NOW + 100) -> Session:
    held = chain(["a", "b"])
    return Session(id=name, chain=held, scope=held.scope, opened_at=NOW, expires_at=expires_at)


async def test_a_handle_opens_its_session_and_no_other(make: Make) -> None:
    store = make()
    first, second = await store.open(session("ses_1"), SECRET), await store.open(session("ses_2"), "t" * 43)

    assert (await store.get(first, NOW)).id == "ses_1"
    assert (await store.get(second, NOW)).id == "ses_2"


@pytest.mark.parametrize("handle", ["", "ses_1", "ses_1.", "ses_1.x", f"ses_2.{SECRET}", f".{SECRET}", "ses_1.\ud800"])
async def test_whatever_is_no_handle_opens_nothing(make: Make, handle: str) -> None:
    store = make()
    await store.open(session(), SECRET)

    with pytest.raises(SessionError) as refused:
        await store.get(handle, NOW)

    assert refused.value.reason == "session_unknown"


@pytest.mark.parametrize(
    ("later", "over"), [pytest.param(99.9, False, id="before"), pytest.param(100.0, True, id="at")]
)
async def test_a_session_ends_at_its_time(make: Make, later: float, *, over: bool) -> None:
    store = make()
    handle = await store.open(session(), SECRET)

    if over:
        with pytest.raises(SessionError) as refused:
            await store.get(handle, NOW + later)
        assert refused.value.reason == "session_expired"
        assert await store.list(NOW + later) == ()
    else:
        assert (await store.get(handle, NOW + later)).id == "ses_1"


async def test_narrowing_is_the_meet_and_stays(make: Make) -> None:
    store = make()
    handle = await store.open(session(), SECRET)

    await store.narrow(handle, Scope(tools=open_tools(["a", "c"])), NOW)
    await store.narrow(handle, Scope(tools=open_tools(["a", "b"])), NOW)

    assert set((await store.get(handle, NOW)).scope.tools) == {"a"}


async def test_what_a_session_did_adds_up_until_it_is_closed(make: Make) -> None:
    store = make()
    handle = await store.open(session(), SECRET)
    await store.count("ses_1", Usage(crossings=1, denied=1, input_tokens=2))
    await store.count("ses_1", Usage(crossings=1, output_tokens=3))
    await store.count("ses_9", Usage(crossings=1))

    summary = await store.close(handle, NOW)

    assert summary == Usage(crossings=2, denied=1, input_tokens=2, output_tokens=3)
    with pytest.raises(SessionError):
        await store.close(handle, NOW)


async def test_no_more_sessions_than_there_is_room_for_but_ended_ones_make_room(make: Make) -> None:
    store = make(capacity=2)
    await store.open(session("ses_1", expires_at=NOW + 1), SECRET)
    await store.open(session("ses_2"), SECRET)

    with pytest.raises(OverloadError):
        await store.open(session("ses_3"), SECRET)
    await store.open(replace(session("ses_4"), opened_at=NOW + 1), SECRET)

    assert [held.id for held, _ in await store.list(NOW + 1)] == ["ses_2", "ses_4"]


async def test_a_large_session_counts_for_what_it_weighs_until_it_is_closed(make: Make) -> None:
    store = make(capacity=20)
    large = replace(session("ses_1"), task="x" * 16 * CHARACTERS_PER_UNIT)
    handle = await store.open(large, SECRET)
    await store.open(session("ses_2"), SECRET)

    with pytest.raises(OverloadError):
        await store.open(replace(large, id="ses_3"), SECRET)
    await store.close(handle, NOW)
    await store.open(replace(large, id="ses_3"), SECRET)

    assert [held.id for held, _ in await store.list(NOW)] == ["ses_2", "ses_3"]


async def test_a_secret_is_not_kept(make: Make) -> None:
    store = make()
    await store.open(session(), SECRET)

    assert SECRET not in repr(vars(store))


async def test_sessions_are_found_by_what_their_chains_can_be_revoked_by(make: Make) -> None:
    store = make()
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


async def test_the_index_forgets_what_is_over(make: Make) -> None:
    store = make(capacity=2)
    closed = await store.open(session("ses_1", expires_at=NOW + 1), SECRET)
    await store.open(session("ses_2", expires_at=NOW + 1), SECRET)
    await store.close(closed, NOW)
    await store.end({"ses_2": "subject_revoked", "ses_none": "subject_revoked"})

    assert await store.matching([Revocation(Selector(Kind.AGENT, "agent"), NOW)]) == ()
    assert store._index == {}


def part(name: str, parent: Session) -> Session:
    """Return a session that is part of `parent`."""
    own = replace(session(name), parent_id=parent.id)
    return narrowed(replace(own, purses=purses(own.chain, own.scope, parent.purses)), own.scope, parent)


async def family(store: MemorySessions) -> tuple[Session, str, list[str]]:
    """Open a session with a budget, a part of it, and a part of that."""
    whole = narrowed(session("ses_1"), replace(session().scope, budgets={"calls": 9}))
    child = part("ses_2", whole)
    grandchild = part("ses_3", child)
    handles = [await store.open(one, SECRET) for one in (whole, child, grandchild)]
    return whole, handles[0], handles


async def test_the_parts_of_a_session_end_with_it(make: Make) -> None:
    for ending in ("close", "end"):
        store = make()
        _, first, handles = await family(store)

        ended = await (store.close(first, NOW) if ending == "close" else store.end({"ses_1": "token_revoked"}))

        assert ended == (Usage() if ending == "close" else ("ses_2", "ses_3", "ses_1"))
        for handle in handles:
            with pytest.raises(SessionError) as refused:
                await store.get(handle, NOW)
            assert refused.value.reason == ("session_unknown" if ending == "close" else "token_revoked")


async def test_the_parts_of_a_session_are_narrowed_with_it(make: Make) -> None:
    store = make()
    _, first, handles = await family(store)

    await store.narrow(first, Scope(tools=open_tools(["a"]), budgets={"calls": 3, "tokens": 5}), NOW)

    for held in [await store.get(handle, NOW) for handle in handles]:
        assert own_purse(held) in held.purses
        assert set(held.scope.tools) == {"a"}
        assert {p.account: p.ceilings for p in held.purses}[Account("session", "ses_1")] == {"calls": 3, "tokens": 5}


async def test_no_session_is_part_of_one_that_is_not_open(make: Make) -> None:
    with pytest.raises(SessionError):
        await make().open(part("ses_2", session("ses_1")), SECRET)


async def test_a_session_comes_back_as_it_was_and_is_asked_about_anew(file: Held) -> None:
    store = MemorySessions(keep=file.keep, seal=file.seal)
    scope = meet(
        session().scope,
        parse({"tools": {"a": {"args": {"n": {"constraint_type": "range", "max": 3}}, "max_calls": 2}}, "autonomy": 2}),
    )
    shown = Workload(name="w", authority="spiffe://x", proof=Proof(thumbprint="t", token_id="i", issued_at=1, until=2))
    proven = replace(session().chain, workload=shown, proof=replace(shown.proof, token_id="j") if shown.proof else None)
    before = replace(session(), chain=proven, peer=Peer(pid=1, uid=2, gid=3), tokens=("a.b.c",), revocation_epoch=7)
    before = replace(before, task="pay \u2603", task_type="t", residency="DE")
    before = narrowed(replace(before, purses=purses(before.chain, scope)), scope)
    handle = await store.open(before, SECRET)
    await store.count("ses_1", Usage(crossings=3, denied=1, input_tokens=2, output_tokens=4, micro_usd=5))
    await store.narrow(handle, replace(scope, tools={"a": replace(scope.tools["a"], max_calls=1)}), NOW)
    await file.keep.kept()
    now = await store.get(handle, NOW)

    after = back(MemorySessions(keep=file.open().keep, seal=file.seal))

    assert await after.get(handle, NOW) == replace(now, tokens=(), revocation_epoch=NEVER, restored=True)
    assert (await after.get(handle, NOW)).scope.tools["a"].max_calls == 1
    assert await after.close(handle, NOW) == Usage(crossings=3, denied=1, input_tokens=2, output_tokens=4, micro_usd=5)
    await file.keep.kept()
    assert await back(MemorySessions(keep=file.open().keep, seal=file.seal)).list(NOW) == ()


async def test_a_file_tells_nothing_of_a_session_and_opens_none(file: Held) -> None:
    store = MemorySessions(keep=file.keep, seal=file.seal)
    await store.open(replace(session(), task="about ann", tokens=("e.y.J",)), SECRET)
    await file.keep.kept()
    assert file.path is not None
    octets = b"".join(path.read_bytes() for path in file.path.parent.iterdir())

    assert [word for word in (b"about ann", b"e.y.J", SECRET.encode(), b"user") if word in octets] == []


async def test_a_session_that_this_sidecar_did_not_seal_for_its_row_is_none(file: Held) -> None:
    store = MemorySessions(keep=file.keep, seal=file.seal)
    handle = await store.open(session(), SECRET)
    await file.keep.kept()
    (row,) = file.keep.rows("session")
    forged = json.dumps({"version": 1, "id": "ses_3"}).encode()
    for key, value in (
        ("ses_2", row.value),
        ("ses_3", forged),
        ("ses_4", file.seal.sealed("session", "ses_4", forged)),
    ):
        file.keep.put("session", Row(key, value, row.until))
    file.keep.put("session", Row("ses_5", file.seal.sealed("session", "ses_5", b'{"version":2}'), row.until))
    await file.keep.kept()

    after = back(MemorySessions(keep=file.open().keep, seal=file.seal))

    assert [one.id for one, _ in await after.list(NOW)] == ["ses_1"]
    assert after.unreadable == 4
    assert (await after.get(handle, NOW)).id == "ses_1"


async def test_a_part_whose_whole_did_not_come_back_does_not_either(file: Held) -> None:
    store = MemorySessions(keep=file.keep, seal=file.seal)
    await family(store)
    file.keep.drop("session", "ses_1")
    await file.keep.kept()

    assert await back(MemorySessions(keep=file.open().keep, seal=file.seal)).list(NOW) == ()
