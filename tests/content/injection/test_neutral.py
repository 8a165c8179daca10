"""Marks of data: put around a text, and taken off again for who compares what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.injection.neutral import mark, spotlighted, unmarked

SIGN = mark(b"key", "session", 1.0)


@given(st.text())
def test_a_marked_text_is_found_again(text: str) -> None:
    assert unmarked(spotlighted(text, SIGN)) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("plain", id="no marks"),
        pytest.param("[data 5: 6]", id="what only begins like one"),
        pytest.param(spotlighted("x", SIGN)[:-1], id="no end"),
        pytest.param(f"{spotlighted('x', SIGN)} y", id="something behind the end"),
        pytest.param(spotlighted("x", SIGN).replace(f"of data {SIGN}", f"of data {SIGN[::-1]}"), id="another end"),
    ],
)
def test_what_is_not_marked_stays_as_it_is(text: str) -> None:
    assert unmarked(text) == text
