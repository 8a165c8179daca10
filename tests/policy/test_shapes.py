import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.strict_json import Json
from sidecar.policy.shapes import ANY, MAX_SHAPES, Shape, either, names, of_schema, references

STRING = {"type": "string"}


def member(schema: Json, *path: str, documents: dict[str, Json] | None = None) -> Shape | None:
    """Return the shape at the end of `path`; None where a closed one has no such member."""
    shape = of_schema(schema, documents or {})
    for step in path:
        if step not in shape.members:
            return None if shape.closed else ANY
        shape = shape.members[step]
    return shape


@pytest.mark.parametrize(
    ("schema", "closed"),
    [
        pytest.param({"properties": {"a": STRING}}, True, id="silence on others"),
        pytest.param({"properties": {"a": STRING}, "additionalProperties": False}, True, id="no others"),
        pytest.param({"properties": {"a": STRING}, "additionalProperties": True}, False, id="any others"),
        pytest.param({"properties": {"a": STRING}, "additionalProperties": STRING}, False, id="some others"),
        pytest.param({"properties": {"a": STRING}, "patternProperties": {"^x": STRING}}, False, id="by pattern"),
        pytest.param({"properties": {"a": STRING}, "anyOf": [{}]}, False, id="one of several"),
        pytest.param({"properties": {"a": STRING}, "$ref": "#/$defs/b"}, False, id="more elsewhere"),
        pytest.param({"type": "object"}, False, id="silence on all"),
        pytest.param({"$dynamicRef": "#a"}, False, id="told at run time"),
        pytest.param(True, False, id="anything"),
        pytest.param({}, False, id="nothing said"),
    ],
)
def test_only_a_schema_that_lists_all_members_closes(schema: Json, closed: bool) -> None:  # noqa: FBT001 - a column
    assert of_schema(schema, {}).closed is closed


@pytest.mark.parametrize(
    ("schema", "path", "types"),
    [
        pytest.param({"properties": {"a": STRING}}, ["a"], {"string"}, id="a member"),
        pytest.param({"$ref": "#/$defs/x", "$defs": {"x": STRING}}, [], {"string"}, id="a reference within"),
        pytest.param({"properties": {"a": {"$ref": "o.json#/$defs/x"}}}, ["a"], {"number"}, id="a reference to a file"),
        pytest.param({"$ref": "o.json"}, [], {"object"}, id="a whole file"),
        pytest.param({"$ref": "o.json#/$defs/back"}, [], {"object"}, id="a reference from there is to there"),
        pytest.param({"$ref": "#/$defs/a~1b", "$defs": {"a/b": STRING}}, [], {"string"}, id="an escaped pointer"),
        pytest.param({"$ref": "#anchor"}, [], set(), id="an anchor is not followed"),
        pytest.param({"$ref": "gone.json"}, [], set(), id="a file that is not there"),
        pytest.param({"$ref": "#/$defs/gone"}, [], set(), id="a place that is not there"),
        pytest.param({"$ref": 3}, [], set(), id="a reference that is none"),
        pytest.param({"type": ["string", "null"]}, [], {"string", "null"}, id="two types"),
        pytest.param({"type": 3}, [], set(), id="a type that is none"),
    ],
)
def test_a_shape_is_what_the_schema_says(schema: Json, path: list[str], types: set[str]) -> None:
    other: Json = {"type": "object", "$defs": {"x": {"type": "number"}, "back": {"$ref": "#"}}}

    found = member(schema, *path, documents={"o.json": other})

    assert found is not None
    assert found.types == types


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        pytest.param({"enum": ["a", "b"]}, frozenset({"a", "b"}), id="one of these"),
        pytest.param({"const": "a"}, frozenset({"a"}), id="this one"),
        pytest.param({"enum": ["a", 1]}, None, id="not only strings"),
        pytest.param({"enum": "a"}, None, id="no list"),
        pytest.param(STRING, None, id="any string"),
    ],
)
def test_values_are_known_where_the_schema_lists_them(schema: Json, values: frozenset[str] | None) -> None:
    assert of_schema(schema, {}).values == values


def test_either_has_the_members_of_each_and_is_closed_only_if_all_are() -> None:
    a = of_schema({"type": "object", "properties": {"x": STRING, "y": {"enum": ["p"]}, "l": {"items": STRING}}}, {})
    b = of_schema({"type": "object", "properties": {"y": {"enum": ["q"]}, "l": {"items": STRING}}}, {})

    both = either([a, b])

    assert set(both.members) == {"x", "y", "l"}
    assert both.closed
    assert both.members["y"].values == frozenset({"p", "q"})
    assert both.members["l"].items == Shape(types=frozenset({"string"}))
    assert not either([a, ANY]).closed
    assert either([a, ANY]).types == set()
    assert either([]) == ANY
    assert either([a]) is a


def test_references_without_end_take_bounded_work() -> None:
    loop: Json = {
        "$defs": {"n": {"properties": {f"p{i}": {"$ref": "#/$defs/n"} for i in range(30)}}},
        "$ref": "#/$defs/n",
    }

    def count(shape: Shape) -> int:
        return 1 + sum(count(each) for each in shape.members.values())

    assert count(of_schema(loop, {})) <= 31 * MAX_SHAPES


def test_names_and_references_are_found_at_any_depth() -> None:
    schema: Json = {
        "properties": {"a": {"items": [{"properties": {"b": {"$ref": "x.json"}}}]}},
        "$defs": {"d": {"properties": {"c": {"$dynamicRef": "#y"}}}},
    }

    assert names(schema) == {"a", "b", "c"}
    assert references(schema) == {"x.json", "#y"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["#", "string", "#/$defs/a"]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(["properties", "items", "$ref", "$defs", "a", "type", "enum"]), below, max_size=4
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_any_json_has_a_shape(schema: Json) -> None:
    assert isinstance(of_schema(schema, {}), Shape)
    assert isinstance(names(schema) | references(schema), frozenset)
