"""How costs are told that are far above what they were: exactly as a plain computation, and never for too little."""

from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.history import LEAST, History

VALUES = st.lists(st.integers(0, 10**9), min_size=2, max_size=60)


def known(values: list[int]) -> History:
    found = History()
    for value in values:
        found = found.with_(value)
    return found


@given(VALUES)
def test_it_is_what_a_plain_computation_finds(values: list[int]) -> None:
    found = known(values)

    assert found.mean == pytest.approx(mean(values), abs=1e-6)
    assert found.deviation == pytest.approx(max(stdev(values), 0.1 * mean(values)), rel=1e-6, abs=1e-6)


def test_small_differences_of_great_numbers_are_not_lost() -> None:
    values = [10**15 + n % 3 for n in range(30)]

    assert known(values).squares == pytest.approx(20, rel=0.05)


@pytest.mark.parametrize(
    ("values", "value", "expected"),
    [
        pytest.param([100] * LEAST, 139, False, id="within a tenth times four"),
        pytest.param([100] * LEAST, 140, True, id="just above"),
        pytest.param([100] * (LEAST - 1), 10**9, False, id="too little is known"),
        pytest.param([50, 150] * LEAST, 290, False, id="within what is usual"),
        pytest.param([50, 150] * LEAST, 310, True, id="above what is usual"),
        pytest.param([0] * LEAST, 1, True, id="what never cost anything"),
        pytest.param([0] * LEAST, 0, False, id="and does not now"),
        pytest.param([100] * LEAST, 1, False, id="far below"),
    ],
)
def test_what_is_far_above(values: list[int], value: int, *, expected: bool) -> None:
    assert known(values).is_far_above(value, 4.0) is expected
