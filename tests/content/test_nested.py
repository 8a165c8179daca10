"""Which numbers are values of JSON that stands in a text?"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.detection import Span
from sidecar.content.nested import bare, is_like_json

NUMBER = "4111111111111111"
VALUES = st.recursive(
    st.sampled_from([int(NUMBER), NUMBER, f"x: {NUMBER}, y", f'", {NUMBER},', "\\", True, None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", NUMBER, '"']), inner, max_size=3),
    max_leaves=8,
)


def spans(text: str) -> list[Span]:
    starts = [at for at in range(len(text)) if text.startswith(NUMBER, at)]
    return [Span(at, at + len(NUMBER), "CREDIT_CARD", 1.0) for at in starts]


def numbers(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(numbers, value.values()))
    return sum(map(numbers, value)) if isinstance(value, list) else int(isinstance(value, int) and value > 1)


@given(st.lists(VALUES), st.sampled_from([None, 1]))
def test_numbers_outside_of_strings_are_told_from_those_within(value: list[object], indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    found = bare(text, spans(text))

    assert len(found) == numbers(value)
    for span in sorted(found, key=lambda s: -s.start):
        text = f'{text[: span.start]}"<CREDIT_CARD>"{text[span.end :]}'
    assert numbers(json.loads(text)) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(' {"a": 1}\n', True, id="an object"),
        pytest.param("[1]", True, id="an array"),
        pytest.param("[1}", False, id="closed otherwise"),
        pytest.param("pay 1", False, id="prose"),
        pytest.param("{", False, id="one bracket"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_what_is_like_json_begins_and_ends_so(text: str, expected: bool) -> None:  # noqa: FBT001 - a row of a table
    assert is_like_json(text) is expected
