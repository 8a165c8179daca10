"""No value is too deep, too wide or too forked for a schema to be refused, and explained, in bounded time."""

import sys
from time import process_time

import pytest

from sidecar.errors import ConfigError
from sidecar.model.strict_json import Json
from sidecar.policy.schemas import MAX_DEPTH, compile_schema

TREE: Json = {"type": ["array", "object"], "items": {"$ref": "#"}, "additionalProperties": {"$ref": "#"}}
FORKED: Json = {
    "$ref": "#/$defs/n",
    "$defs": {
        "n": {
            "anyOf": [
                {"type": "array", "items": {"$ref": "#/$defs/n"}},
                {"type": "array", "items": {"$ref": "#/$defs/n"}, "minItems": 1},
                {"type": "integer"},
            ]
        }
    },
}


def nested(depth: int, value: Json = "x") -> Json:
    for _ in range(depth):
        value = [value]
    return value


def took(document: Json, value: Json) -> float:
    schema = compile_schema(document, name="s")
    before = process_time()
    assert schema.problems(value)
    return process_time() - before


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(TREE, id="by the root"),
        pytest.param(
            {"$ref": "#/$defs/n", "$defs": {"n": {"items": {"$ref": "#/$defs/n"}, "type": "array"}}}, id="by a name"
        ),
        pytest.param({"$ref": "#/%24defs/n", "$defs": {"n": {"items": {"$ref": "#/%24defs/n"}}}}, id="by an escape"),
        pytest.param({"$anchor": "n", "items": {"$ref": "#n"}}, id="by an anchor"),
        pytest.param({"$dynamicAnchor": "n", "items": {"$dynamicRef": "#n"}}, id="by a dynamic anchor"),
        pytest.param({"$id": "https://example.com/n", "items": {"$ref": "n"}}, id="by its URI"),
        pytest.param(
            {
                "$ref": "#/$defs/n",
                "$defs": {"n": {"$id": "n", "$ref": "#/$defs/m", "$defs": {"m": {"items": {"$ref": "n"}}}}},
            },
            id="by a document within",
        ),
        pytest.param(
            {
                "$ref": "#/$defs/a",
                "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"items": {"$ref": "#/$defs/a"}}]}},
            },
            id="by way of another",
        ),
    ],
)
def test_a_schema_that_refers_to_itself_does_not_follow_a_value_down_for_ever(document: Json) -> None:
    schema = compile_schema(document, name="s")

    problems = schema.problems(nested(200_000))

    assert [problem.message for problem in problems] == [f"must not be nested deeper than {MAX_DEPTH}"]


def test_a_schema_that_refers_to_itself_reads_what_is_not_too_deep() -> None:
    schema = compile_schema(TREE, name="s")

    assert schema.problems(nested(MAX_DEPTH, value=[])) == ()
    assert schema.problems(nested(MAX_DEPTH + 1, value=[])) != ()


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"type": "array"}, id="no reference"),
        pytest.param({"items": {"$ref": "#/$defs/n"}, "$defs": {"n": {"type": "array"}}}, id="a reference that ends"),
        pytest.param({"const": [[]]}, id="a constant"),
    ],
)
def test_any_depth_is_read_where_the_schema_ends_before_it(document: Json) -> None:
    compile_schema(document, name="s").problems(nested(200_000))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"$ref": "#"}, id="itself"),
        pytest.param({"allOf": [{"$ref": "#"}]}, id="itself, as a part"),
        pytest.param({"not": {"$ref": "#"}}, id="its own opposite"),
        pytest.param(
            {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, id="in a circle"
        ),
        pytest.param({"$dynamicAnchor": "x", "$dynamicRef": "#x"}, id="dynamically"),
    ],
)
def test_a_schema_that_is_nothing_but_itself_still_answers(document: Json) -> None:
    schema = compile_schema(document, name="s")

    schema.problems(nested(100))
    schema.problems("x")


@pytest.mark.parametrize(
    ("document", "value"),
    [
        pytest.param(FORKED, nested(64), id="two forms at each of 64 levels"),
        pytest.param({"items": {"type": "string"}}, [1] * 300_000, id="many items that are wrong"),
        pytest.param({"items": {}, "minItems": 10**6}, [1] * 300_000, id="many items that are right"),
        pytest.param(
            {"items": {"type": "integer"}, "maxItems": 1}, [1] * 300_000, id="many items before what is wrong"
        ),
        pytest.param(
            {"anyOf": [{"items": {"type": "string"}}, {"items": {"type": "null"}}]},
            [1] * 300_000,
            id="forms of many items",
        ),
        pytest.param({"anyOf": [{"type": "null"}] * 500}, ["x" * 1_000] * 900, id="many forms of a large value"),
        pytest.param({"uniqueItems": True}, [*({"a": i} for i in range(50_000)), {"a": 1}], id="many items to compare"),
        pytest.param(
            {"additionalProperties": {"type": "null"}}, {str(i): 1 for i in range(100_000)}, id="many members"
        ),
        pytest.param({"propertyNames": {"maxLength": 4}}, {str(i): 1 for i in range(100_000)}, id="many names"),
        pytest.param(
            {"patternProperties": {"9$": False}}, {str(i): 1 for i in range(100_000)}, id="many names to match"
        ),
        pytest.param(
            {"unevaluatedProperties": False}, {str(i): 1 for i in range(100_000)}, id="many members left over"
        ),
        pytest.param({"contains": {"const": 1}}, [0] * 300_000, id="many items to look through"),
        pytest.param({"enum": [[i] * 99 for i in range(999)]}, ["x"] * 300_000, id="a long enumeration"),
    ],
)
def test_every_refusal_is_explained_in_bounded_time(document: Json, value: Json) -> None:
    assert took(document, value) < 1  # seconds or hours without a bound


def test_a_schema_too_deep_to_be_compiled_is_refused_when_it_is_loaded() -> None:
    document: Json = {}
    for _ in range(sys.getrecursionlimit()):
        document = {"items": document}

    with pytest.raises(ConfigError, match="schema `s`: "):
        compile_schema(document, name="s")
