"""A rate gives its burst and then its pace, and nothing else frees it."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.model.rate import LATE, Bucket, Rate

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
HUNDRED = Rate(100, HOUR, 25)


def passed(rate: Rate, moments: list[int], bucket: Bucket | None = None) -> list[int]:
    """Return those of `moments` at which a call passes."""
    found = []
    for now in moments:
        bucket, wait = rate.drawn(bucket, now)
        if not wait:
            found.append(now)
    return found


@pytest.mark.parametrize("burst", [1, 25])
def test_of_160_000_calls_in_a_day_at_100_an_hour_2400_pass_and_100_in_each_hour(burst: int) -> None:
    times = passed(Rate(100, HOUR, burst), [SECOND * 54 * n // 100 for n in range(160_000)])

    assert len(times) == 2400
    assert [sum(t // HOUR == hour for t in times) for hour in range(24)] == [100] * 24


def test_after_its_burst_it_is_even() -> None:
    times = passed(Rate(100, HOUR, 1), [SECOND * 54 * n // 100 for n in range(160_000)])

    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert (min(gaps), max(gaps)) == (35_640_000_000, 36_180_000_000)


def test_after_any_pause_a_bucket_gives_its_burst_and_no_more() -> None:
    used, _ = HUNDRED.drawn(None, 0)

    for pause in (HOUR, 10 * HOUR, 1000 * HOUR):
        assert len(passed(HUNDRED, [pause] * 200, used)) == 25


def test_who_waited_for_most_of_another_call_has_no_more_than_the_burst_at_once() -> None:
    used, _ = Rate(60, 60 * SECOND, 7).drawn(None, 0)
    moments = [2_200_000_000 + n * SECOND // 50 for n in range(12)]  # one was drawn, and nearly two came back

    assert passed(Rate(60, 60 * SECOND, 7), moments, used) == moments[:7]


def test_a_clock_that_goes_back_fills_nothing_and_is_waited_for() -> None:
    empty = Bucket(0, 10 * HOUR, 0)

    bucket, wait = HUNDRED.drawn(empty, 3 * HOUR)

    assert bucket == empty
    assert wait == 7 * HOUR + 36 * SECOND


RATES = st.integers(1, 50).flatmap(
    lambda count: st.builds(Rate, st.just(count), st.sampled_from([1, 7, SECOND, HOUR]), st.integers(1, count))
)
PAUSES = st.lists(st.one_of(st.just(0), st.floats(0, 3)), max_size=60)


@settings(max_examples=50)
@given(RATES, PAUSES)
def test_no_interval_holds_more_than_the_burst_and_what_came_meanwhile(rate: Rate, pauses: list[float]) -> None:
    """From any call on: the burst, and one for every whole part of the window that has passed since.

    Where the burst is one call, a tenth of a call besides.
    """
    now, moments = 0, []
    for pause in pauses:
        now += int(pause * rate.window_ns)
        moments += [now] * 3
    times = passed(rate, moments)

    for start in set(times):
        for end in {t for t in times if t >= start}:
            count = sum(start <= t <= end for t in times)
            late = rate.window_ns // LATE if rate.burst == 1 else 0
            assert count * rate.window_ns <= rate.burst * rate.window_ns + (end - start) * rate.count + late


@settings(max_examples=200)
@given(RATES, PAUSES)
def test_in_the_first_window_of_a_rested_bucket_no_more_pass_than_the_rate(rate: Rate, pauses: list[float]) -> None:
    now, moments = 0, []
    for pause in pauses:
        moments += [now] * (rate.count + 1)
        now += int(pause * rate.window_ns / 10)

    assert sum(t < rate.window_ns for t in passed(rate, moments)) <= rate.count


@settings(max_examples=200)
@given(RATES, st.lists(st.floats(0, 1), max_size=30))
def test_whoever_waits_as_long_as_was_said_passes_and_not_a_nanosecond_before(rate: Rate, pauses: list[float]) -> None:
    bucket, now = None, 0
    for pause in pauses:
        now += int(pause * rate.window_ns / 5)
        bucket, wait = rate.drawn(bucket, now)
        if wait:
            assert rate.drawn(bucket, now + wait)[1] == 0
            assert rate.drawn(bucket, now + wait - 1)[1] == 1


@settings(max_examples=200)
@given(RATES, st.lists(st.floats(0, 1), max_size=30))
def test_a_bucket_that_was_forgotten_once_it_rested_gives_what_it_would_have_given(
    rate: Rate, pauses: list[float]
) -> None:
    bucket, now = None, 0
    for pause in pauses:
        now += int(pause * rate.window_ns / 5)
        bucket, _ = rate.drawn(bucket, now)
    if bucket:
        assert rate.drawn(bucket, rate.rested(bucket)) == rate.drawn(None, rate.rested(bucket))
