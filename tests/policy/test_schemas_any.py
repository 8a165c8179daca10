"""Any document is a schema or is refused with `ConfigError`; any value then satisfies it or is told why not."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import ConfigError
from sidecar.model.strict_json import Json
from sidecar.policy.schema_dialects import DRAFTS
from sidecar.policy.schemas import MAX_PROBLEMS, compile_schema

TYPES = ["null", "boolean", "object", "array", "number", "integer", "string"]
NAMES = st.sampled_from(["a", "b", "$ref", ""])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
NUMBERS = st.integers(-1, 3) | st.floats(0, 2)
REFERENCES = st.sampled_from(["#", "#/$defs/a", "#/properties/a", "#a", "a.json", "#/$defs/a/items", "http://[", "%"])
PATTERNS = st.sampled_from(["^a", "(a+)+$", "(?=a)b", r"(a)\1", "(", r"\p{L}", "a{1,99999}", ""])


def keywords(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Return objects with some keywords of JSON Schema, most with a value that fits."""
    lists, maps = st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=2)
    fitting: dict[str, st.SearchStrategy[Json]] = {
        **dict.fromkeys(["properties", "$defs", "definitions", "dependentSchemas", "dependencies"], maps),
        **dict.fromkeys(["allOf", "anyOf", "oneOf", "prefixItems"], lists),
        **dict.fromkeys(
            ["not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames"], inner
        ),
        **dict.fromkeys(["unevaluatedItems", "unevaluatedProperties", "additionalItems"], inner),
        **dict.fromkeys(["minimum", "maximum", "multipleOf", "minLength", "maxItems", "minContains"], NUMBERS),
        **dict.fromkeys(["$ref", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor"], REFERENCES),
        "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), max_size=2),
        "patternProperties": st.dictionaries(PATTERNS, inner, max_size=1),
        "pattern": PATTERNS,
        "enum": st.lists(VALUES, max_size=3),
        "const": VALUES,
        "required": st.lists(NAMES, max_size=2),
        "uniqueItems": st.booleans(),
        "exclusiveMinimum": NUMBERS | st.booleans(),
        "format": st.text(max_size=3),
        "$schema": st.sampled_from([*DRAFTS, "x"]),
    }
    pairs = [st.tuples(st.just(name), value) for name, value in fitting.items()]
    broken = st.tuples(st.sampled_from(sorted(fitting)), VALUES)
    return st.lists(st.one_of(*pairs, broken), max_size=4).map(dict)


SCHEMAS = st.recursive(st.booleans(), keywords, max_leaves=6)


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=3), st.sampled_from(sorted(DRAFTS)))
def test_any_document_and_any_value_are_read_or_refused(document: Json, values: list[Json], draft: str) -> None:
    with suppress(ConfigError):
        schema = compile_schema(document, name="s", documents={"a.json": document}, draft=draft)
        for value in values:
            problems = schema.problems(value)
            assert len(problems) <= MAX_PROBLEMS
            assert all(problem.message and "\n" not in problem.message for problem in problems)
