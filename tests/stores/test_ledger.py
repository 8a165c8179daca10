"""The suite that every ledger passes."""

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import OverloadError
from sidecar.model.account import Account, Debit
from sidecar.model.limits import digest_of
from sidecar.model.price import Each
from sidecar.stores.ledger import MAX_OPEN_CALLS, MAX_REPEATS, UNDER_WAY_S, MemoryLedger
from sidecar.stores.ports_ledger import Call, Known, Settled
from tests.chains import NOW
from tests.stores.conftest import Held, back

ROOT = Account("node", "root")
CHILD = Account("node", "child")


def debit(account: Account = ROOT, amount: int = 1, ceiling: int = 2, unit: str = "calls", until: float = 9.0) -> Debit:
    return Debit(account=account, unit=unit, amount=amount, ceiling=ceiling, until=NOW + until)


@pytest.fixture
def ledger(held: Held) -> MemoryLedger:
    return MemoryLedger(held.keep)


async def taken(ledger: MemoryLedger) -> Mapping[str, int]:
    return {account.name: await ledger.spent(account, "calls") for account in (ROOT, CHILD)}


async def test_what_fits_is_taken_from_every_account(ledger: MemoryLedger) -> None:
    reserved = await ledger.reserve("s", Call(id="c", digest="d"), [debit(), debit(CHILD)], NOW)

    assert (reserved.call, reserved.exhausted) == ("c", None)
    assert await taken(ledger) == {"root": 1, "child": 1}


async def test_where_one_account_is_exhausted_nothing_is_taken_and_it_is_named(ledger: MemoryLedger) -> None:
    tight = debit(CHILD, ceiling=0)

    reserved = await ledger.reserve("s", Call(id="c", digest="d"), [debit(), tight], NOW)

    assert (reserved.call, reserved.exhausted) == ("", tight)
    assert await taken(ledger) == {"root": 0, "child": 0}


async def test_two_debits_of_one_account_are_judged_together(ledger: MemoryLedger) -> None:
    assert (
        await ledger.reserve("s", Call(id="c", digest="d"), [debit(amount=1), debit(amount=2)], NOW)
    ).exhausted is not None
    assert (
        await ledger.reserve("s", Call(id="c", digest="d"), [debit(amount=1), debit(amount=1)], NOW)
    ).exhausted is None


@pytest.mark.parametrize(
    ("session", "call", "digest", "spent"),
    [
        pytest.param("s", "c", "d", 1, id="the same again is free"),
        pytest.param("s", "b", "d", 2, id="another id"),
        pytest.param("t", "c", "d", 2, id="another session"),
    ],
)
async def test_a_repeat_is_free(ledger: MemoryLedger, session: str, call: str, digest: str, spent: int) -> None:
    await ledger.reserve("s", Call(id="c", digest="d"), [debit()], NOW)

    again = await ledger.reserve(session, Call(id=call, digest=digest), [debit()], NOW)

    assert again.exhausted is None
    assert bool(again.call) is (spent == 2)
    assert await ledger.spent(ROOT, "calls") == spent


async def test_another_call_under_the_id_of_an_open_one_is_refused(ledger: MemoryLedger) -> None:
    await ledger.reserve("s", Call(id="c", digest="d"), [debit()], NOW)

    assert (await ledger.reserve("s", Call(id="c", digest="e"), [debit()], NOW)).is_other
    assert await ledger.known("s", Call(id="c", digest="e")) is Known.OTHER
    assert await ledger.spent(ROOT, "calls") == 1


async def test_a_call_is_known_until_it_is_settled_and_free_so_often(held: Held) -> None:
    ledger, call = MemoryLedger(held.keep), Call(id="c", digest="d")
    new = await ledger.known("s", call)
    await ledger.reserve("s", call, [debit()], NOW)
    free = [await ledger.known("s", call) for _ in range(MAX_REPEATS)]
    more = await ledger.known("s", call)
    await ledger.settle("s", "c", {})

    assert (new, set(free), more) == (Known.NEW, {Known.REPEAT}, Known.TOO_OFTEN)
    assert await ledger.known("s", call) is Known.NEW
    assert await ledger.known("s", Call(id="", digest="d")) is Known.NEW


async def test_no_fewer_tokens_go_in_than_were_seen_to_also_over_a_restart(file: Held) -> None:
    call = Call(id="c", digest="d", each={"tokens": Each(1_000_000, 1_000_000)}, least=30)
    ledger = MemoryLedger(file.keep)
    for id_ in ("c", "e"):
        await ledger.reserve("s", call._replace(id=id_), [debit(amount=50, ceiling=100, unit="tokens")], NOW)
    await ledger.settle("s", "c", {}, (1, 2))
    await file.keep.kept()
    again = back(MemoryLedger(file.open().keep))
    before = await again.spent(ROOT, "tokens")

    await again.settle("s", "e", {}, (1, 2))

    assert (before, await again.spent(ROOT, "tokens")) == (82, 64)


async def test_tokens_are_settled_by_what_each_costs(ledger: MemoryLedger) -> None:
    each = {"tokens": Each(1_000_000, 1_000_000), "cost:USD:6": Each(3_000_000, 15_000_000)}
    call = Call(id="c", digest="d", about=("", "acme", "large"), micro_usd=900, each=each)
    units = [debit(amount=100, ceiling=100, unit="tokens"), debit(amount=900, ceiling=900, unit="cost:USD:6")]
    await ledger.reserve("s", call, units, NOW)

    settled = await ledger.settle("s", "c", {}, (10, 2))

    assert settled == Settled(about=("", "acme", "large"), micro_usd=60 - 900)
    assert [await ledger.spent(ROOT, unit) for unit in ("tokens", "cost:USD:6")] == [12, 60]
    assert await ledger.settle("s", "c", {}, (1, 1)) is None


async def test_calls_without_an_id_are_never_a_repeat(ledger: MemoryLedger) -> None:
    await ledger.reserve("s", Call(id="", digest="d"), [debit()], NOW)
    await ledger.reserve("s", Call(id="", digest="d"), [debit()], NOW)

    assert (await ledger.reserve("s", Call(id="", digest="d"), [debit()], NOW)).exhausted is not None


@pytest.mark.parametrize(("actual", "left"), [(0, 0), (3, 3), (5, 5), (9, 9), (-4, 0)])
async def test_settling_puts_the_actual_cost_in_place_once(ledger: MemoryLedger, actual: int, left: int) -> None:
    await ledger.reserve(
        "s", Call(id="c", digest="d"), [debit(amount=5, ceiling=5), debit(amount=5, ceiling=5, unit="tokens")], NOW
    )

    for cost in (actual, 0, 1):
        await ledger.settle("s", "c", {"tokens": cost})

    assert await ledger.spent(ROOT, "tokens") == left
    assert await ledger.spent(ROOT, "calls") == 5


async def test_after_settling_the_same_call_is_paid_anew(ledger: MemoryLedger) -> None:
    await ledger.reserve("s", Call(id="c", digest="d"), [debit()], NOW)
    await ledger.settle("s", "c", {})

    assert (await ledger.reserve("s", Call(id="c", digest="d"), [debit()], NOW)).call == "c"
    assert await ledger.spent(ROOT, "calls") == 2


async def test_releasing_gives_back_once(ledger: MemoryLedger) -> None:
    await ledger.reserve("s", Call(id="a", digest="d"), [debit()], NOW)
    await ledger.reserve("s", Call(id="b", digest="d"), [debit()], NOW)

    for _ in range(3):
        await ledger.release("s", "b")
        await ledger.release("s", "never")

    assert await ledger.spent(ROOT, "calls") == 1


async def test_what_a_session_left_open_stays_taken_when_it_ends(ledger: MemoryLedger) -> None:
    await ledger.reserve("s", Call(id="c", digest="d"), [debit()], NOW)

    await ledger.forget("s", NOW)
    await ledger.release("s", "c")

    assert await ledger.spent(ROOT, "calls") == 1


async def test_of_too_many_open_calls_the_oldest_counts_as_made(ledger: MemoryLedger) -> None:
    for number in range(MAX_OPEN_CALLS + 1):
        await ledger.reserve("s", Call(id=f"c{number}", digest="d"), [debit(ceiling=10**6)], NOW)

    await ledger.release("s", "c0")
    await ledger.release("s", "c1")

    assert await ledger.spent(ROOT, "calls") == MAX_OPEN_CALLS


async def test_spending_is_for_good(ledger: MemoryLedger) -> None:
    assert await ledger.spend([debit(amount=2)], NOW) is None
    assert await ledger.spend([debit()], NOW) == debit()
    assert await ledger.spent(ROOT, "calls") == 2


async def test_accounts_that_are_over_make_room_and_others_do_not(held: Held) -> None:
    ledger = MemoryLedger(held.keep, capacity=1)
    await ledger.reserve("s", Call(id="c", digest="d"), [debit()], NOW)

    with pytest.raises(OverloadError) as full:
        await ledger.reserve("s", Call(id="b", digest="d"), [debit(CHILD)], NOW + 8)
    await ledger.reserve("s", Call(id="b", digest="d"), [debit(CHILD, until=99)], NOW + 9)
    await ledger.settle("s", "c", {"calls": 0})

    assert full.value.reason == "ledger_full"
    assert await taken(ledger) == {"root": 0, "child": 1}


@pytest.mark.parametrize("name", ["ses_1", digest_of("ses_1")], ids=["its own budget", "a pack's"])
async def test_accounts_of_a_session_that_was_closed_make_room_once_nothing_of_it_is_under_way(
    held: Held, name: str
) -> None:
    ledger = MemoryLedger(held.keep, capacity=4)
    own, other, tree = Account("session 0 ", name), Account("session", "ses_2"), Account("tree 0 ", name)
    for account in (own, other, tree, ROOT):
        await ledger.reserve("ses_1", Call(id="", digest="d"), [debit(account, until=900)], NOW)
    await ledger.forget("ses_1", NOW)

    with pytest.raises(OverloadError):
        await ledger.reserve("s", Call(id="b", digest="d"), [debit(CHILD, until=900)], NOW + UNDER_WAY_S - 1)
    assert await ledger.spent(own, "calls") == 1
    await ledger.reserve("s", Call(id="b", digest="d"), [debit(CHILD, until=900)], NOW + UNDER_WAY_S)

    assert [await ledger.spent(account, "calls") for account in (own, other, tree, ROOT)] == [0, 1, 1, 1]


async def test_of_many_at_once_no_more_succeed_than_there_is_budget_for(ledger: MemoryLedger) -> None:
    calls = [
        ledger.reserve("s", Call(id=f"c{n}", digest="d"), [debit(ceiling=7), debit(CHILD, ceiling=9)], NOW)
        for n in range(50)
    ]

    found = await asyncio.gather(*calls)

    assert sum(one.exhausted is None for one in found) == 7


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("rsx"), st.integers(0, 3), st.integers(0, 9)), max_size=40))
def test_reports_in_any_order_and_number_never_free_what_was_spent(steps: list[tuple[str, int, int]]) -> None:
    """Each call costs at least what was last reported of it, and each refused one nothing."""

    async def play() -> None:
        ledger, due = MemoryLedger(), 0
        held: dict[int, int] = {}
        for step, call, amount in steps:
            if step == "r":
                one = debit(amount=amount, ceiling=20)
                reserved = await ledger.reserve("s", Call(id=f"c{call}", digest=f"d{amount}"), [one], NOW)
                if reserved.call:
                    held[call] = amount
                    due += amount
            elif step == "s":
                await ledger.settle("s", f"c{call}", {"calls": amount})
                due += amount - held.pop(call) if call in held else 0
            else:
                await ledger.release("s", f"c{call}")
                due -= held.pop(call, 0)
            assert await ledger.spent(ROOT, "calls") == due

    asyncio.run(play())


async def test_all_of_it_outlives_the_process(file: Held) -> None:
    ledger = MemoryLedger(file.keep)
    await ledger.reserve("s", Call(id="c", digest="d"), [debit(), debit(Account("subject", "ann \u2603", 3))], NOW)
    await ledger.reserve("s", Call(id="e", digest="d"), [debit()], NOW)
    await ledger.settle("s", "e", {})
    await file.keep.kept()

    after = back(MemoryLedger(file.open().keep))

    assert (await after.reserve("s", Call(id="c", digest="d"), [debit()], NOW)).call == ""
    assert (await after.reserve("s", Call(id="e", digest="d"), [debit()], NOW)).exhausted is not None
    await after.release("s", "c")
    assert await after.spent(ROOT, "calls") == 1
    assert await after.spent(Account("subject", "ann \u2603", 3), "calls") == 0


async def test_what_is_over_is_forgotten_at_the_next_start(file: Held) -> None:
    await MemoryLedger(file.keep).reserve("s", Call(id="c", digest="d"), [debit(), debit(CHILD, until=99)], NOW)
    await file.keep.kept()

    assert await taken(back(MemoryLedger(file.open(NOW + 9).keep))) == {"root": 0, "child": 1}


async def test_an_account_is_counted_as_long_as_whoever_pays_the_longest_from_it(file: Held) -> None:
    ledger = MemoryLedger(file.keep)
    for until in (900.0, 9.0):  # the longer token, then a shorter one
        assert await ledger.spend([debit(until=until)], NOW) is None
    await file.keep.kept()
    again = back(MemoryLedger(file.open(NOW + 10).keep, capacity=1))

    with pytest.raises(OverloadError):
        await again.spend([debit(CHILD)], NOW + 10)
    assert await again.spend([debit()], NOW + 10)
    assert await again.spent(ROOT, "calls") == 2
