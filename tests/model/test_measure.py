import pytest

from sidecar.model.measure import characters, deeper, members, nodes
from sidecar.model.strict_json import Json

VALUE: Json = {"ab": ["cde", 1, None], "f": {"": "gh"}, "i": True}


@pytest.mark.parametrize(
    ("value", "depth"),
    [
        pytest.param("x", 0, id="a text"),
        pytest.param({}, 0, id="an empty object"),
        pytest.param([[]], 1, id="a list in a list"),
        pytest.param(VALUE, 2, id="members of members"),
        pytest.param((("x",),), 2, id="tuples"),
    ],
)
def test_a_value_is_as_deep_as_its_deepest_member(value: Json, depth: int) -> None:
    assert not deeper(value, depth)
    assert deeper(value, depth - 1)


def test_characters_are_those_of_texts_and_names() -> None:
    assert characters(VALUE, stop=99) == len("abcdefghi")
    assert characters(VALUE, stop=4) > 4
    assert characters(12345, stop=0) == 0


def test_members_are_all_values_and_the_root() -> None:
    assert members(VALUE, stop=99) == len(list(nodes(VALUE))) == 8
    assert members(VALUE, stop=3) == 4


def test_no_depth_is_too_much_to_be_measured() -> None:
    value: Json = "x"
    for _ in range(100_000):
        value = [value]

    assert deeper(value, 99_999)
    assert characters(value, stop=9) == 1
