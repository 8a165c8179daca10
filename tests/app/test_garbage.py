"""Garbage is looked for while nobody waits, and after a while all the same."""

import asyncio
import gc
from collections.abc import Iterator

import pytest

from sidecar.app.garbage import LOOKS, MANY_LOOKS, NEVER, PATIENCE, YOUNG, Garbage


@pytest.fixture(autouse=True)
def _threshold() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(0)
    gc.collect()
    yield
    gc.set_threshold(*before)


def looked(times: int) -> None:
    """Look through what is young so many times, as the interpreter does now and then."""
    for _ in range(times):
        gc.collect(1)


def test_all_is_looked_through_only_where_much_is_new_and_no_call_has_begun_since() -> None:
    work = [(3, False)]
    garbage = Garbage(lambda: work[0])

    assert not garbage.look()
    looked(LOOKS)
    work[0] = (4, False)
    assert not garbage.look()
    work[0] = (4, True)
    assert not garbage.look()
    work[0] = (4, False)
    assert garbage.look()
    assert gc.get_count()[2] < LOOKS


def test_whoever_is_always_at_work_pays_once_in_a_while() -> None:
    garbage = Garbage(lambda: (1, True))
    looked(LOOKS)

    assert [garbage.look() for _ in range(PATIENCE)] == [False] * (PATIENCE - 1) + [True]
    looked(MANY_LOOKS)
    assert garbage.look()


async def test_the_interpreter_looks_by_itself_before_and_after() -> None:
    gc.set_threshold(500, 9, 9)
    garbage = Garbage(lambda: (0, False))
    garbage.start()
    assert gc.get_threshold() == (*YOUNG, NEVER)
    await asyncio.sleep(0)
    await garbage.stop()
    await garbage.stop()
    assert gc.get_threshold() == (500, 9, 9)
