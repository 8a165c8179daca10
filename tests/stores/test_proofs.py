"""A proof counts once, and nobody's proofs crowd out another's (identity-spec 2.12)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import TokenError, UnavailableError
from sidecar.stores.proofs import LIFETIME, MAX_OF_ONE_HOLDER, MAX_PROOFS, MemoryProofs

NOW = 1_800_000_000.0


async def outcome(store: MemoryProofs, holder: str, proof: str, until: float = NOW + LIFETIME, at: float = NOW) -> str:
    try:
        await store.take(holder, proof, until, at)
    except TokenError as error:
        return error.reason
    return "taken"


async def test_n171_a_proof_is_taken_once_by_each_holder() -> None:
    store = MemoryProofs()

    assert await outcome(store, "a", "1") == "taken"
    assert await outcome(store, "a", "1") == "replay_detected"
    assert await outcome(store, "b", "1") == "taken"
    assert await outcome(store, "a", "2") == "taken"


async def test_n172_a_holder_who_fills_the_store_leaves_room_for_others() -> None:
    store = MemoryProofs(capacity=10, quota=4)
    mine = [await outcome(store, "a", str(number)) for number in range(5)]

    assert mine == ["taken"] * 4 + ["replay_store_full"]
    assert await outcome(store, "a", "0") == "replay_detected"
    assert await outcome(store, "b", "0") == "taken"


async def test_a_full_store_takes_no_more_until_something_is_too_old() -> None:
    store = MemoryProofs(capacity=2)
    await store.take("a", "1", NOW + 10, NOW)
    await store.take("b", "1", NOW + 20, NOW)

    assert await outcome(store, "c", "1") == "replay_store_full"
    assert await outcome(store, "c", "1", at=NOW + 10) == "replay_store_full"
    assert await outcome(store, "c", "1", at=NOW + 10.1) == "taken"
    assert len(store) == 2


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.integers(0, 90), st.integers(0, 30))))
async def test_no_proof_is_taken_twice_while_it_is_fresh(calls: list[tuple[str, int, int, int]]) -> None:
    store, at = MemoryProofs(), NOW
    fresh: dict[tuple[str, int], float] = {}
    for holder, number, life, passed in calls:
        at += passed
        taken = await outcome(store, holder, str(number), at + life, at) == "taken"
        assert taken == (fresh.get((holder, number), 0.0) < at)
        if taken:
            fresh[holder, number] = at + life
    assert len(store) <= len(fresh)


async def test_a_proof_of_a_clock_ahead_that_cannot_be_kept_is_not_taken() -> None:
    def broken(_until: float) -> None:
        raise OSError

    store = MemoryProofs(ahead=broken)
    assert await outcome(store, "a", "1") == "taken"
    with pytest.raises(UnavailableError):
        await store.take("a", "2", NOW + LIFETIME + 1, NOW)
    assert len(store) == 1


def test_the_limits_are_those_of_the_specification() -> None:
    assert (MAX_PROOFS, MAX_OF_ONE_HOLDER) == (65_536, 8_192)
