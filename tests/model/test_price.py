"""What is counted is never less than what is paid."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.price import Each, Price, minor


@pytest.mark.parametrize(
    ("amount", "decimals", "expected"), [(2.5, 6, 2_500_000), (0.0000001, 6, 1), (0.1, 1, 1), (0, 6, 0)]
)
def test_an_amount_is_rounded_up(amount: float, decimals: int, expected: int) -> None:
    assert minor(amount, decimals) == expected


@pytest.mark.parametrize(
    ("tokens", "expected"), [((1, 0), 1), ((0, 0), 0), ((3, 1), 4), ((2, 0), 1), ((1000, 1000), 2500)]
)
def test_parts_of_a_millionth_of_a_dollar_count_as_one(tokens: tuple[int, int], expected: int) -> None:
    assert Price(0.5, 2.0).each(6).of(*tokens) == expected


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_no_sum_is_below_the_exact_one_nor_a_whole_unit_above(a: int, b: int, x: int, y: int) -> None:
    exact = Fraction(a * x + b * y, 1_000_000)

    assert 0 <= Each(a, b).of(x, y) - exact < 1
