"""N242: who fails too often is refused unheard, for a while, and nobody else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.throttle import Throttle


def spent(throttle: Throttle, key: str, tries: int, at: float) -> int:
    """Fail as often as one is heard; return how often that was."""
    heard = 0
    for _ in range(tries):
        if not throttle.exhausted(key, at):
            throttle.failed(key, at)
            heard += 1
    return heard


@given(
    st.integers(1, 20),
    st.floats(0.1, 50),
    st.lists(st.floats(0, 30), min_size=1, max_size=20),
)
def test_nobody_is_heard_more_often_than_burst_and_rate_allow(burst: int, rate: float, pauses: list[float]) -> None:
    throttle, at, heard = Throttle(burst=burst, per_second=rate), 0.0, 0
    for pause in pauses:
        at += pause
        heard += spent(throttle, "a", 100, at)
    assert burst <= heard <= burst + rate * sum(pauses) + 1e-6


def test_a_pause_gives_back_the_burst_and_no_more() -> None:
    throttle = Throttle(burst=3, per_second=1)
    assert [spent(throttle, "a", 10, at) for at in (0, 0, 1, 2.5, 1000)] == [3, 0, 1, 1, 3]


def test_one_who_fails_a_thousand_times_takes_nothing_from_others() -> None:
    throttle = Throttle(burst=5, per_second=1)
    assert spent(throttle, "bad", 1000, 0) == 5
    assert (throttle.exhausted("bad", 0), throttle.exhausted("good", 0)) == (True, False)


def test_a_clock_that_goes_back_gives_nothing_back() -> None:
    throttle = Throttle(burst=1, per_second=1)
    throttle.failed("a", 100)
    assert throttle.exhausted("a", 50)


@pytest.mark.parametrize("capacity", [1, 8])
def test_no_more_keys_are_kept_than_the_capacity(capacity: int) -> None:
    throttle = Throttle(burst=1, per_second=0.001, capacity=capacity)
    for number in range(100):
        throttle.failed(f"peer-{number}", 0)
    assert [throttle.exhausted(f"peer-{n}", 0) for n in (0, 99)] == [False, True]
    assert len(throttle._left) == capacity
