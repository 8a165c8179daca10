"""The suites that every store of rates, breakers and loops passes."""

from dataclasses import replace

import pytest

from sidecar.errors import OverloadError
from sidecar.model.circuit import Breaker, Gate
from sidecar.model.limits import digest_of
from sidecar.model.loop import LoopLimit
from sidecar.model.rate import Rate
from sidecar.stores.breakers import MAX_UNKNOWN, MemoryBreakers
from sidecar.stores.loops import MAX_CALLS, STALLS, MemoryLoops
from sidecar.stores.ports_limits import Draw
from sidecar.stores.rates import UNDER_WAY_S, MemoryRates
from tests.chains import NOW
from tests.stores.conftest import Held, back

S = 1_000_000_000
TWO = Rate(2, 60 * S, 2)
BREAKER = Breaker(failures=2, within_ns=60 * S, open_for_ns=30 * S, most_ns=3600 * S, probes=1, lease_ns=10 * S)
TOOL, OTHER = Gate("tool", "look", BREAKER), Gate("provider", "acme", BREAKER)
LIMIT = LoopLimit(same_call=2, within_ns=60 * S, cycle_length=2, cycles=2)


def draw(name: str = "ann", rate: Rate = TWO) -> Draw:
    return Draw("subject", name, rate)


async def test_a_bucket_gives_what_it_has_and_says_how_long_to_wait(held: Held) -> None:
    rates = MemoryRates(held.keep)

    assert [await rates.draw([draw()], NOW) for _ in range(3)] == [0, 0, 60]
    assert await rates.draw([draw("bob")], NOW) == 0


async def test_one_empty_bucket_keeps_all_others_as_they_are(held: Held) -> None:
    rates = MemoryRates(held.keep)
    one = draw("tool", Rate(1, 60 * S, 1))
    await rates.draw([one], NOW)

    for _ in range(5):
        assert await rates.draw([draw(), one], NOW) == 60

    assert [await rates.draw([draw()], NOW) for _ in range(3)] == [0, 0, 60]


async def test_buckets_of_a_session_that_was_closed_make_room_once_nothing_of_it_is_under_way(held: Held) -> None:
    rates = MemoryRates(held.keep, capacity=3)
    slow = Rate(1, 86_400 * S, 1)
    name = digest_of("ses_1")
    own, other, subject = Draw("session 1", name, slow), Draw("session 1", "s2", slow), Draw("subject 1", name, slow)
    assert await rates.draw([own, other, subject], NOW) == 0
    await rates.forget("ses_1", NOW)

    with pytest.raises(OverloadError):
        await rates.draw([Draw("session 1", "s3", slow)], NOW + UNDER_WAY_S - 1)
    assert await rates.draw([Draw("session 1", "s3", slow)], NOW + UNDER_WAY_S) == 0
    assert [await rates.draw([one], NOW + UNDER_WAY_S) > 0 for one in (other, subject)] == [True, True]


async def test_buckets_that_are_full_again_make_room_and_others_do_not(held: Held) -> None:
    rates = MemoryRates(held.keep, capacity=1)
    await rates.draw([draw()], NOW)

    with pytest.raises(OverloadError) as full:
        await rates.draw([draw("bob")], NOW + 10)

    assert full.value.reason == "rates_full"
    assert await rates.draw([draw("bob")], NOW + 181) == 0


async def test_a_circuit_opens_for_all_who_pass_its_gate(held: Held) -> None:
    breakers = MemoryBreakers(held.keep, seed="s")
    for _ in range(2):
        await breakers.report([TOOL], "a", NOW, went_well=False)

    assert 30 <= (await breakers.enter([TOOL, OTHER], "b", NOW)).wait_s <= 37.5
    assert await breakers.closed([OTHER], NOW)
    assert not await breakers.closed([TOOL], NOW)


async def test_of_many_who_come_back_one_probes_and_what_is_withdrawn_is_free(held: Held) -> None:
    breakers = MemoryBreakers(held.keep, seed="s")
    for _ in range(2):
        await breakers.report([TOOL], "a", NOW, went_well=False)
    first = await breakers.enter([TOOL], "b", NOW + 40)
    second = await breakers.enter([TOOL], "c", NOW + 40)
    await breakers.withdraw([TOOL], "b")
    third = await breakers.enter([TOOL], "d", NOW + 40)
    await breakers.report([TOOL], "d", NOW + 41, went_well=True)

    assert (first.probes, second.wait_s, third.probes) == ((TOOL,), 10, (TOOL,))
    assert (await breakers.enter([TOOL], "e", NOW + 41)).wait_s == 0


async def test_a_probe_that_another_gate_stops_is_none(held: Held) -> None:
    breakers = MemoryBreakers(held.keep, seed="s")
    for at, gate in ((0, TOOL), (0, TOOL), (39, OTHER), (39, OTHER)):
        await breakers.report([gate], "a", NOW + at, went_well=False)

    stopped = await breakers.enter([TOOL, OTHER], "b", NOW + 40)

    assert stopped.wait_s > 0
    assert (await breakers.enter([TOOL], "c", NOW + 40)).probes == (TOOL,)


async def test_what_is_closed_makes_room_for_what_fails(held: Held) -> None:
    breakers = MemoryBreakers(held.keep, capacity=1, seed="s")
    await breakers.report([TOOL], "a", NOW, went_well=False)
    for _ in range(2):
        await breakers.report([OTHER], "a", NOW, went_well=False)

    with pytest.raises(OverloadError) as full:
        await breakers.report([TOOL], "a", NOW, went_well=False)

    assert full.value.reason == "breakers_full"
    assert not await breakers.closed([OTHER], NOW)


async def test_what_is_out_is_out_after_a_restart(file: Held) -> None:
    gate = Gate("tool", "slow", replace(BREAKER, in_flight=2))
    before = MemoryBreakers(file.keep, seed="s")
    for name in "ab":
        assert (await before.enter([gate], name, NOW)).probes == (gate,)
    await file.keep.kept()

    after = back(MemoryBreakers(file.open().keep, seed="s"))

    full = await after.enter([gate, OTHER], "c", NOW + 1)
    assert (full.wait_s, full.is_full) == (9, True)
    assert not (await after.enter([gate], "c", NOW + 10)).is_full  # both were silent


async def test_names_that_callers_make_up_have_so_many_circuits_and_share_one_beyond(held: Held) -> None:
    breakers = MemoryBreakers(held.keep, seed="s", capacity=MAX_UNKNOWN + 2)
    made_up = [Gate("model", f"acme/{n}", BREAKER, is_known=False) for n in range(MAX_UNKNOWN + 50)]
    for gate in made_up:
        await breakers.report([gate], "a", NOW, went_well=False)
    for _ in range(2):
        await breakers.report([TOOL], "a", NOW, went_well=False)

    assert await breakers.closed([made_up[0]], NOW)
    assert not await breakers.closed([made_up[-1]], NOW)  # two of those that share one have failed
    assert not await breakers.closed([TOOL], NOW)
    assert (await breakers.enter([made_up[-1], OTHER], "b", NOW)).wait_s > 0

    later = NOW + 2 * 3660  # nothing of it is remembered
    await breakers.report([made_up[-1]], "a", later, went_well=False)
    await breakers.report([made_up[-2]], "a", later, went_well=False)
    assert await breakers.closed(made_up[-2:], later)


async def test_which_names_were_made_up_is_known_over_a_kill(file: Held) -> None:
    breakers = MemoryBreakers(file.keep, seed="s")
    made_up = [Gate("model", f"acme/{n}", BREAKER, is_known=False) for n in range(MAX_UNKNOWN + 2)]
    for gate in made_up[:MAX_UNKNOWN]:
        await breakers.report([gate], "a", NOW, went_well=False)
    await file.keep.kept()

    again = back(MemoryBreakers(file.open().keep, seed="s"))
    for gate in made_up[MAX_UNKNOWN:]:
        await again.report([gate], "a", NOW, went_well=False)

    assert not await again.closed([made_up[-1]], NOW)
    assert await again.closed([made_up[0]], NOW)


async def test_loops_are_told_by_name(held: Held) -> None:
    loops = MemoryLoops(held.keep)
    found = [await loops.step("ann", digest, LIMIT, NOW + n) for n, digest in enumerate("ABABA")]

    assert [one.length for one in found] == [0, 0, 0, 0, 2]
    assert [one.wait_s for one in found] == [0, 0, 0, 0, 58]
    assert await loops.step("bob", "A", LIMIT, NOW) == await MemoryLoops().step("bob", "A", LIMIT, NOW)


async def test_what_came_to_nothing_is_told_by_name_and_outlives_a_kill(file: Held) -> None:
    limit = LoopLimit(same_call=0, within_ns=60 * S, cycle_length=0, cycles=0, no_progress=2)
    loops = MemoryLoops(file.keep)
    await loops.told("nobody", "", limit, NOW)  # whose calls nobody saw
    for name in ("ann", "bob"):
        await loops.step(name, "A", limit, NOW)
    for answer in ("x", "x", ""):
        await loops.told("ann", answer, limit, NOW + 1)
    await file.keep.kept()

    again = back(MemoryLoops(file.open(NOW + 2).keep))

    found = [await again.step(name, "B", limit, NOW + 2) for name in ("ann", "bob", "nobody")]
    assert [one.stalled_s for one in found] == [59, 0, 0]


async def test_trails_that_say_nothing_any_more_make_room(held: Held) -> None:
    loops = MemoryLoops(held.keep, capacity=1)
    await loops.step("ann", "A", LIMIT, NOW)

    with pytest.raises(OverloadError) as full:
        await loops.step("bob", "A", LIMIT, NOW + 10)

    assert full.value.reason == "loops_full"
    assert (await loops.step("bob", "A", LIMIT, NOW + 61)).wait_s == 0


async def test_of_many_different_calls_the_newest_are_remembered(held: Held) -> None:
    loops, limit = MemoryLoops(held.keep), LoopLimit(same_call=1, within_ns=60 * S, cycle_length=0, cycles=0)
    for n in range(MAX_CALLS + 1):
        assert (await loops.step("ann", f"d{n}", limit, NOW)).wait_s == 0

    assert (await loops.step("ann", "d0", limit, NOW)).wait_s == 0
    assert (await loops.step("ann", f"d{MAX_CALLS}", limit, NOW)).wait_s == 60


async def test_all_of_it_outlives_the_process(file: Held) -> None:
    rates, breakers, loops = MemoryRates(file.keep), MemoryBreakers(file.keep, seed="s"), MemoryLoops(file.keep)
    for n in range(2):
        await rates.draw([draw("ann ☃")], NOW)
        await breakers.report([TOOL], "a", NOW, went_well=False)
        await loops.step("ann", "A", LIMIT, NOW + n)
    await breakers.enter([TOOL], "b", NOW + 40)
    for digest in "BXBX":
        await loops.step("bob", digest, LIMIT, NOW)
    await file.keep.kept()

    keep = file.open().keep
    rates, breakers, loops = back(MemoryRates(keep)), back(MemoryBreakers(keep, seed="t")), back(MemoryLoops(keep))

    assert await rates.draw([draw("ann ☃")], NOW) == 60
    assert (await breakers.enter([TOOL], "c", NOW + 40)).wait_s == 10
    assert (await loops.step("ann", "A", LIMIT, NOW + 2)).wait_s == 59
    assert (await loops.step("bob", "B", LIMIT, NOW)).length == 2


async def test_a_clock_that_goes_back_frees_nothing(held: Held) -> None:
    rates, breakers, loops = MemoryRates(held.keep), MemoryBreakers(held.keep, seed="s"), MemoryLoops(held.keep)
    for _ in range(2):
        await rates.draw([draw()], NOW)
        await breakers.report([TOOL], "a", NOW, went_well=False)
        await loops.step("ann", "A", LIMIT, NOW)

    for back_s in (1, 3600, 10**6):
        assert await rates.draw([draw()], NOW - back_s) == back_s + 60
        assert (await breakers.enter([TOOL], "b", NOW - back_s)).wait_s >= back_s
        assert (await loops.step("ann", "A", LIMIT, NOW - back_s)).wait_s >= 60


async def test_what_came_of_calls_that_nobody_counted_is_not_remembered(file: Held) -> None:
    loops = MemoryLoops(file.keep)
    await loops.told("nobody", "", replace(LIMIT, no_progress=1), NOW)
    await file.keep.kept()

    assert list(file.keep.rows(STALLS)) == []


async def test_the_oldest_of_many_calls_makes_room_after_a_restart_too(file: Held) -> None:
    loops = MemoryLoops(file.keep)
    for number in range(MAX_CALLS):
        await loops.step(
            "s", f"{(number * 37 + 5) % MAX_CALLS:03}", LIMIT, NOW + number / 100
        )  # not in the order of keys
    await file.keep.kept()
    again = back(MemoryLoops(file.open(NOW + 3).keep))
    await again.step("s", "new", LIMIT, NOW + 3)
    once_more = [await again.step("s", name, LIMIT, NOW + 4) for name in ("000", "000", "005", "005")]

    assert [bool(one.wait_s) for one in once_more] == [False, True, False, False]
