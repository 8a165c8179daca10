"""What was seen is remembered for as long as it counts, within bounds, and never forgotten to make room."""

import pytest

from sidecar.errors import OverloadError
from sidecar.stores.sightings import MemorySightings

T = 1_800_000_000.0


async def test_a_token_is_remembered_until_it_is_over() -> None:
    seen = MemorySightings()
    await seen.keep(["a"], T + 10, T)

    assert await seen.seen(["x", "a"], T)
    assert not await seen.seen(["a"], T + 10)
    assert not await seen.seen(["x"], T)
    assert not await seen.seen([], T)


async def test_seen_again_it_counts_for_longer_never_for_less() -> None:
    seen = MemorySightings()
    await seen.keep(["a"], T + 10, T)
    await seen.keep(["a"], T + 5, T)

    assert await seen.seen(["a"], T + 9)


async def test_no_room_is_made_by_forgetting_what_counts() -> None:
    seen = MemorySightings(tokens=2)
    await seen.keep(["a", "b"], T + 10, T)

    with pytest.raises(OverloadError):
        await seen.keep(["c"], T + 10, T)
    await seen.keep(["a"], T + 10, T)
    await seen.keep(["c"], T + 20, T + 10)

    assert await seen.seen(["c"], T + 11)


async def test_a_task_stays_with_who_began_it() -> None:
    seen = MemorySightings()

    assert await seen.pin(["t", "c"], "ann", T + 10, T)
    assert await seen.pin(["t"], "ann", T + 20, T)
    assert not await seen.pin(["new", "c"], "ben", T + 10, T)
    assert await seen.pin(["new"], "ben", T + 10, T)


async def test_a_refused_message_pins_nothing() -> None:
    seen = MemorySightings()
    await seen.pin(["t"], "ann", T + 10, T)
    await seen.pin(["t", "new"], "ben", T + 10, T)

    assert await seen.pin(["new"], "cleo", T + 10, T)


async def test_a_task_that_is_over_may_be_anybodys() -> None:
    seen = MemorySightings()
    await seen.pin(["t"], "ann", T + 10, T)

    assert await seen.pin(["t"], "ben", T + 20, T + 10)
    assert not await seen.pin(["t"], "ann", T + 20, T + 11)


async def test_one_principal_cannot_take_the_room_of_all() -> None:
    seen = MemorySightings(tasks=4, tasks_of_one=2)
    await seen.pin(["a", "b"], "ann", T + 10, T)

    with pytest.raises(OverloadError):
        await seen.pin(["c"], "ann", T + 10, T)
    assert await seen.pin(["d", "e"], "ben", T + 10, T)
    with pytest.raises(OverloadError):
        await seen.pin(["f"], "cleo", T + 10, T)
    assert await seen.pin(["c"], "ann", T + 20, T + 10)
