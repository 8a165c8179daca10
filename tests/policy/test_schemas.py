import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import ConfigError
from sidecar.model.strict_json import Json
from sidecar.policy.schemas import MAX_PROBLEMS, Problem, Schema, compile_schema

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
# What a stranger sends, wherever it may stand: as a value, as a member's name, in a list, below a known member.
SECRET = "hunter2"
SECRETS: list[Json] = [
    SECRET,
    SECRET * 50,
    {SECRET: 1},
    {SECRET: SECRET},
    [SECRET],
    [[SECRET, SECRET]],
    {"a": SECRET},
    {"a": {SECRET: [SECRET]}},
    {"a": 1, SECRET: {"a": 1}},
    [{"a": SECRET}, {"a": SECRET}],
]
SCHEMAS: list[dict[str, Json]] = [
    {"type": "integer"},
    {"enum": ["x", 1]},
    {"const": {"a": 1}},
    {"maxLength": 1},
    {"minLength": 999},
    {"pattern": "^x$"},
    {"required": ["b"]},
    {"properties": {"a": {"type": "null"}}},
    {"properties": {"a": {"maxProperties": 0}}},
    {"additionalProperties": False},
    {"additionalProperties": {"type": "array"}},
    {"propertyNames": {"maxLength": 1}},
    {"patternProperties": {"^h": False}},
    {"patternProperties": {"^h": {"type": "array"}}},
    {"maxProperties": 0},
    {"minProperties": 9},
    {"dependentRequired": {"a": ["b"]}},
    {"dependentSchemas": {"a": False}},
    {"items": {"type": "null"}},
    {"items": False},
    {"maxItems": 0},
    {"minItems": 9},
    {"uniqueItems": True},
    {"contains": False},
    {"contains": {"const": 1}, "minContains": 2},
    {"prefixItems": [{"type": "null"}], "items": False},
    {"unevaluatedItems": False},
    {"unevaluatedProperties": False},
    {"anyOf": [{"type": "null"}, {"required": ["z"]}]},
    {"oneOf": [True, True]},
    {"not": {}},
    {"allOf": [False]},
    {"if": True, "then": False},
    {"$ref": "#/$defs/x", "$defs": {"x": {"type": "null"}}},
    {"$schema": DRAFT_7, "contentMediaType": "application/json", "contentEncoding": "base64"},
    {"$schema": DRAFT_7, "items": [True], "additionalItems": False},
    {"$schema": DRAFT_7, "dependencies": {"a": ["b"]}},
    {"$schema": DRAFT_4, "required": ["b"]},
]


def told(document: Json, value: Json, documents: Mapping[str, Json] | None = None) -> list[tuple[str, str]]:
    schema = compile_schema(document, name="s", documents=documents)
    return [(problem.path, problem.message) for problem in schema.problems(value)]


def refused(document: Json, documents: Mapping[str, Json] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as error:
        compile_schema(document, name="s", documents=documents)
    return error.value.problems


@pytest.mark.parametrize(
    ("document", "value", "problems"),
    [
        pytest.param({"type": "string"}, 7, [("", "must be a string")], id="a type"),
        pytest.param({"type": ["array", "null"]}, 7, [("", "must be an array or null")], id="two types"),
        pytest.param({"maximum": 10}, 11, [("", "must be at most 10")], id="a maximum"),
        pytest.param({"exclusiveMinimum": 0}, 0, [("", "must be above 0")], id="an exclusive minimum"),
        pytest.param({"multipleOf": 0.01}, 0.005, [("", "must be a multiple of 0.01")], id="a multiple"),
        pytest.param({"maxLength": 2}, "abc", [("", "must have at most 2 characters")], id="a length"),
        pytest.param({"const": "a"}, "b", [("", 'must be "a"')], id="a constant"),
        pytest.param({"const": "a\nb"}, "b", [("", 'must be "a\\nb"')], id="a line break is not written as one"),
        pytest.param({"enum": [1, "1", None]}, 2, [("", 'must be one of 1, "1", null')], id="an enumeration"),
        pytest.param(
            {"enum": list(range(99))}, -1, [("", "must be one of 0, 1, 2, 3, 4, 5, 6, 7, …")], id="a long one"
        ),
        pytest.param({"pattern": "^a$"}, "b", [("", "must match the pattern `^a$`")], id="a pattern"),
        pytest.param({"required": ["a", "b"]}, {}, [("", "is required: `a`"), ("", "is required: `b`")], id="members"),
        pytest.param(
            {"dependentRequired": {"a": ["b"]}},
            {"a": 1},
            [("", "is required beside `a`: `b`")],
            id="a member beside one",
        ),
        pytest.param(
            {"properties": {"a": True}, "additionalProperties": False},
            {"x": 1},
            [("", "has a member that the schema does not know; it knows `a`")],
            id="an unknown member",
        ),
        pytest.param({"additionalProperties": False}, {"x": 1}, [("", "must have no members")], id="any member"),
        pytest.param({"properties": {"a": False}}, {"a": 1}, [("/a", "is not allowed here")], id="a forbidden member"),
        pytest.param(
            {"properties": {"a": {"items": {"properties": {"b/c": {"type": "null"}}}}}},
            {"a": [{}, {"b/c": 1}]},
            [("/a/1/b~1c", "must be null")],
            id="a path",
        ),
        pytest.param(
            {"additionalProperties": {"items": {"type": "null"}}},
            {"x": [1]},
            [("", "must be null")],
            id="a path ends where the schema does not name it",
        ),
        pytest.param(
            {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]},
            {},
            [("", "is required: `a`")],
            id="of several forms the nearest is told",
        ),
        pytest.param(
            {"type": "array", "items": {"type": "null"}},
            [1] * 99,
            [(f"/{i}", "must be null") for i in range(MAX_PROBLEMS)],
            id="many",
        ),
        pytest.param(
            {"unevaluatedProperties": False},
            {"x": 1},
            [("", "has a member that the schema does not know")],
            id="told by the engine",
        ),
        pytest.param(
            {"$schema": DRAFT_7, "contentMediaType": "application/json"},
            "{",
            [("", "must hold `application/json`")],
            id="asked for by the engine alone",
        ),
        pytest.param(False, 1, [("", "is not allowed here")], id="a schema that allows nothing"),
    ],
)
def test_a_refusal_is_told_in_the_schema_s_words(document: Json, value: Json, problems: list[tuple[str, str]]) -> None:
    assert told(document, value) == problems


@pytest.mark.parametrize(
    ("document", "value"),
    [
        pytest.param({"type": "integer"}, 1.0, id="a whole number is an integer"),
        pytest.param({"format": "ipv4"}, "no", id="a format is an annotation"),
        pytest.param({"$schema": DRAFT_7, "format": "ipv4"}, "no", id="a format is one in older drafts, too"),
        pytest.param({"pattern": "^\\p{Lu}\\d$"}, "É7", id="a pattern in the grammar of ECMAScript"),
        pytest.param(
            {"$schema": DRAFT_4, "minimum": 1, "exclusiveMinimum": False}, 1, id="a keyword of an older draft"
        ),
        pytest.param(
            {"$ref": "https://json-schema.org/draft/2020-12/schema"}, {"type": "null"}, id="a known meta-schema"
        ),
        pytest.param({"$ref": DRAFT_7}, {"type": "null"}, id="a known meta-schema of another draft"),
        pytest.param(True, None, id="a schema that allows everything"),
    ],
)
def test_what_satisfies_its_schema_has_no_problems(document: Json, value: Json) -> None:
    assert told(document, value) == []


@pytest.mark.parametrize("document", [pytest.param(document, id=json.dumps(document)[:60]) for document in SCHEMAS])
@pytest.mark.parametrize("value", [pytest.param(value, id=json.dumps(value)[:40]) for value in SECRETS])
def test_no_problem_quotes_the_value(document: Json, value: Json) -> None:
    for path, message in told(document, value):
        assert SECRET not in path + message
        assert "\n" not in message
        assert message


@given(st.text(min_size=4), st.sampled_from(SCHEMAS))
def test_no_problem_quotes_any_name_or_text(text: str, document: dict[str, Json]) -> None:
    known = json.dumps(document) + "".join(message for _, message in told(document, 0))

    for value in (text, {text: text}, [text], {"a": {text: text}}):
        for path, message in told(document, value):
            assert text in known or text not in path + message


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param(7, "must be an object or a boolean", id="a number"),
        pytest.param({"type": "text"}, "at `/type`: must", id="an unknown type"),
        pytest.param(
            {"properties": {"a": {"minimum": "1"}}}, "at `/properties/a/minimum`: must be a number", id="a text"
        ),
        pytest.param(
            {"properties": {"a": {"pattern": "("}}}, "at `/properties/a/pattern`: is no pattern", id="no pattern"
        ),
        pytest.param({"pattern": "(?:.{0,999}x){1,99}"}, "too large", id="a pattern too large to be bounded"),
        pytest.param({"$schema": "https://example.com/x"}, "`https://example.com/x`", id="an unknown meta-schema"),
        pytest.param({"$schema": "http://json-schema.org/draft-03/schema#"}, "draft-03", id="a draft too old"),
        pytest.param({"$schema": 7}, "not known", id="a meta-schema that is no text"),
        pytest.param({"$ref": "#/$defs/x"}, "/$defs/x", id="a reference to nothing in it"),
        pytest.param({"$ref": "b.json"}, "b.json", id="a reference to nothing beside it"),
        pytest.param({"$ref": "http://127.0.0.1:1/x"}, "nothing is fetched", id="a reference to the network"),
        pytest.param({"$ref": "file:///etc/hostname"}, "nothing is fetched", id="a reference to a file"),
        pytest.param({"properties": {"a": {"$ref": "c.json"}}}, "c.json", id="a reference below"),
        pytest.param({"$id": "a b"}, "a b", id="an identifier that is no URI"),
    ],
)
def test_a_document_that_is_no_schema_is_refused_when_it_is_loaded(document: Json, words: str) -> None:
    problems = refused(document)

    assert all(problem.startswith("schema `s`: ") and "\n" not in problem for problem in problems)
    assert any(words in problem for problem in problems), problems


def test_everything_that_is_wrong_is_told_at_once() -> None:
    problems = refused({"type": "text", "minimum": "1", "properties": {"a": {"maxLength": -1}}})

    assert len(problems) == 3


def test_a_reference_leads_to_the_documents_that_are_given() -> None:
    documents: dict[str, Json] = {
        "b.json": {"$ref": "c.json#/$defs/n"},
        "https://schemas.invalid/c.json": {"$defs": {"n": {"type": "null"}}},
        "https://example.com/d": {"type": "integer"},
        "unused.json": {"$schema": "https://example.com/unknown", "$ref": "nowhere.json"},
        "no schema.json": 7,
    }
    document: Json = {"properties": {"a": {"$ref": "b.json"}, "d": {"$ref": "https://example.com/d"}}}

    assert told(document, {"a": None, "d": 1}, documents) == []
    assert told(document, {"a": 1, "d": None}, documents) == [("/a", "must be null"), ("/d", "must be an integer")]


def test_a_meta_schema_of_one_s_own_is_obeyed() -> None:
    meta: Json = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.com/meta",
        "$vocabulary": {
            "https://json-schema.org/draft/2020-12/vocab/core": True,
            "https://json-schema.org/draft/2020-12/vocab/applicator": True,
        },
        "properties": {"title": {"type": "string"}},
    }
    documents = {"https://example.com/meta": meta}
    base: dict[str, Json] = {"$schema": "https://example.com/meta"}

    assert told(base | {"minimum": 10}, 1, documents) == []
    assert refused(base | {"title": 7}, documents) == ("schema `s`: at `/title`: must be a string",)


def test_the_draft_of_a_document_that_names_none_may_be_given() -> None:
    schema = compile_schema({"items": [{"type": "null"}]}, name="s", draft=DRAFT_7.rstrip("#"))

    assert schema.problems([1]) == (Problem(path="/0", message="must be null"),)


def test_a_schema_shows_its_name_and_not_its_insides() -> None:
    schema = compile_schema({"const": "quite long"}, name="s")

    assert isinstance(schema, Schema)
    assert repr(schema) == "Schema(name='s')"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("\ud800", id="a surrogate"),
        pytest.param({"\ud800": 1}, id="a name"),
        pytest.param({1: 1}, id="no name"),
    ],
)
def test_what_is_no_json_is_refused(value: Json) -> None:
    assert told({"additionalProperties": {"type": "integer"}, "type": ["object"]}, value) != []
