"""Spaces and line's ends in another dress are read as such, and nothing moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.normal.gaps import evened


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("12\xa0Mill\u2009Road", "12 Mill Road", id="spaces"),
        pytest.param("Mill Road\\nLeeds", "Mill Road \nLeeds", id="a line's end in JSON"),
        pytest.param("Mill Road\\r\\n12", "Mill Road   \n12", id="two signs"),
        pytest.param("Mill Road\\\\nLeeds", "Mill Road  \nLeeds", id="JSON in JSON"),
        pytest.param("C:\\new\\table", "C:\\new\\table", id="a path"),
        pytest.param("plain", "plain", id="nothing"),
    ],
)
def test_they_are_read_as_what_they_are(text: str, read: str) -> None:
    assert evened(text) == read


@given(st.text(alphabet="a\\nrtN1 \xa0\u3000é\n"))
def test_a_text_stays_as_long_as_it_was(text: str) -> None:
    assert len(evened(text)) == len(text)
