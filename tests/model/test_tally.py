"""Counts of a minute, an hour and a day: never less than there were, and of bounded size."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.strict_json import Json
from sidecar.model.tally import DAY, HOUR, MINUTE, Tally

T = 1_800_000_000.0
STEPS = st.lists(st.sampled_from([0.0, 0.3, 4.9, 5.0, 59.0, 61.0, 299.0, 3_599.0, 86_399.0, -30.0]), max_size=60)


def counted(steps: list[float]) -> tuple[Tally, list[float]]:
    """Return a tally after `steps` in seconds, and when each was counted: the clock never goes back."""
    tally, at, times = Tally(), T, [T]
    tally.add(at)
    for step in steps:
        at += step
        tally.add(at)
        times.append(max(at, times[-1]))
    return tally, times


@given(STEPS, st.sampled_from([0.0, 1.0, 30.0, 59.9, 3_000.0, 80_000.0]))
def test_a_window_holds_what_was_in_it_and_at_most_one_bucket_more(steps: list[float], later: float) -> None:
    tally, times = counted(steps)
    now = times[-1] + later

    assert tally.count == len(times)
    assert tally.last == times[-1]
    for (width, most), seconds in ((MINUTE, 60), (HOUR, 3_600), (DAY, 86_400)):
        found = tally.within((width, most), now)
        assert sum(at > now - seconds for at in times) <= found <= sum(at > now - seconds - width for at in times)


@given(STEPS)
def test_a_tally_comes_back_as_it_was(steps: list[float]) -> None:
    tally, times = counted(steps)

    assert Tally.of_json(json.loads(json.dumps(tally.as_json()))) == tally
    assert len(json.dumps(tally.as_json())) < 51 * 20 + 60 + len(str(len(times))) * 51


def test_a_day_of_events_takes_no_more_than_fifty_one_buckets() -> None:
    tally = Tally()
    for second in range(0, 100_000, 4):
        tally.add(T + second)

    assert sum(len(held) for held in tally._buckets) == 51


@pytest.mark.parametrize(
    "written",
    [
        None,
        [],
        [1, 2.0],
        [1, 2.0, [[], []]],
        ["1", 2.0, [[], [], []]],
        [1, 2.0, [[[1]], [], []]],
        [1, 2.0, [[1], [], []]],
    ],
)
def test_what_is_no_tally_is_refused(written: Json) -> None:
    with pytest.raises(ValueError, match="not a tally"):
        Tally.of_json(written)
