"""A pattern takes linear time or bounded steps; a value on which the steps run out is refused, wherever that is."""

from time import process_time

import pytest

from sidecar.errors import ConfigError
from sidecar.model.strict_json import Json
from sidecar.policy.schema_patterns import BACKTRACKING, LINEAR, matches
from sidecar.policy.schemas import compile_schema

# The engine gives up on this one: what follows `(a|aa)+` can only be known after every way to cut the text up.
HOPELESS = r"^(a|aa)+(?=b)\1c$"
TEXT = "a" * 60 + "!"


def messages(document: Json, value: Json) -> list[str]:
    return [problem.message for problem in compile_schema(document, name="s").problems(value)]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"^(a+)+$", id="nested repetition"),
        pytest.param(r"^(a|a)*$", id="alternatives that are the same"),
        pytest.param(r"^(a|aa)+$", id="alternatives that overlap"),
        pytest.param(r"(a*)*b", id="repetition of nothing"),
        pytest.param(r"^(?=.*x)(a+)+$", id="nested repetition behind a look-ahead"),
        pytest.param(r"^(a+)+\1$", id="nested repetition and a back-reference"),
        pytest.param(r"(?!b)(a|a)*\1?c", id="a negative look-ahead"),
        pytest.param(r"(?<!b)(a+)+(?=c)", id="a look-behind"),
        pytest.param(r"(?=a*b)c", id="a look-ahead that scans on from every character"),
        pytest.param(r"(?=(a*)b)\1c", id="a group in a look-ahead"),
        pytest.param(HOPELESS, id="a hopeless one"),
        pytest.param(r"^\s+|\s+$", id="white space at either end"),
        pytest.param(r"(x[^q]{1,90}y){2}q", id="counted repetition"),
    ],
)
@pytest.mark.parametrize("length", [60, 9_000, 90_000, 900_000])
def test_no_text_takes_a_pattern_long(pattern: str, length: int) -> None:
    schema = compile_schema({"pattern": pattern, "type": "string"}, name="s")
    text = "a" * length + "!"

    before = process_time()
    schema.problems(text)

    assert process_time() - before < 1.5  # each would take hours without a bound


# `a pattern that is hopeless` in every place in which a failure to match could count as consent.
@pytest.mark.parametrize(
    ("document", "value"),
    [
        pytest.param({"pattern": HOPELESS}, TEXT, id="as it is"),
        pytest.param({"not": {"pattern": HOPELESS}}, TEXT, id="excluded"),
        pytest.param({"not": {"not": {"pattern": HOPELESS}}}, TEXT, id="excluded twice"),
        pytest.param({"if": {"pattern": HOPELESS}, "then": False}, TEXT, id="as a condition to refuse"),
        pytest.param({"if": {"pattern": HOPELESS}, "else": False}, TEXT, id="as a condition to pass"),
        pytest.param({"oneOf": [{"pattern": HOPELESS}, {"minLength": 1}]}, TEXT, id="as one of two forms"),
        pytest.param({"not": {"anyOf": [{"pattern": HOPELESS}, False]}}, TEXT, id="as an excluded form"),
        pytest.param({"not": {"allOf": [{"pattern": HOPELESS}, True]}}, TEXT, id="as a part of what is excluded"),
        pytest.param({"not": {"$ref": "#/$defs/x"}, "$defs": {"x": {"pattern": HOPELESS}}}, TEXT, id="by reference"),
        pytest.param({"patternProperties": {HOPELESS: False}}, {TEXT: 1}, id="of names that are forbidden"),
        pytest.param({"not": {"patternProperties": {HOPELESS: False}}}, {TEXT: 1}, id="of names that are asked for"),
        pytest.param(
            {"patternProperties": {HOPELESS: True}, "additionalProperties": False},
            {TEXT: 1},
            id="of names that are known",
        ),
        pytest.param(
            {"not": {"patternProperties": {HOPELESS: True}, "additionalProperties": False}},
            {TEXT: 1},
            id="of strangers",
        ),
        pytest.param(
            {"patternProperties": {HOPELESS: True}, "unevaluatedProperties": False}, {TEXT: 1}, id="of names evaluated"
        ),
        pytest.param({"propertyNames": {"pattern": HOPELESS}}, {TEXT: 1}, id="of all names"),
        pytest.param({"not": {"propertyNames": {"pattern": HOPELESS}}}, {TEXT: 1}, id="of any name"),
        pytest.param({"items": {"not": {"pattern": HOPELESS}}}, [TEXT], id="of items that are excluded"),
        pytest.param({"not": {"contains": {"pattern": HOPELESS}}}, [TEXT], id="of an item that must not be"),
        pytest.param({"contains": {"pattern": HOPELESS}, "maxContains": 0, "minContains": 0}, [TEXT], id="of no item"),
        pytest.param(
            {"dependentSchemas": {"a": {"properties": {"a": {"not": {"pattern": HOPELESS}}}}}}, {"a": TEXT}, id="d"
        ),
        pytest.param(
            {"contains": {"pattern": HOPELESS}, "unevaluatedItems": {"not": {"type": "string"}}},
            [TEXT],
            id="items evaluated",
        ),
    ],
)
def test_a_value_on_which_the_steps_run_out_is_refused(document: Json, value: Json) -> None:
    assert messages(document, value)


@pytest.mark.parametrize(
    ("document", "value"),
    [
        pytest.param({"anyOf": [{"pattern": HOPELESS}, {"maxLength": 99}]}, TEXT, id="another form holds anyway"),
        pytest.param({"patternProperties": {HOPELESS: True}}, {TEXT: 1}, id="nothing hangs on it"),
        pytest.param({"contains": {"pattern": HOPELESS}, "minContains": 0}, [TEXT], id="none need be there"),
    ],
)
def test_steps_that_decide_nothing_may_run_out(document: Json, value: Json) -> None:
    assert messages(document, value) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        pytest.param(r"^(?=.*[A-Z])(?=.*\d).{8,64}$", "Long enough 1", id="a password's rules"),
        pytest.param(r"^(?!.*\.\.)[\w./-]+$", "a/b.txt", id="a path that does not climb"),
        pytest.param(r"^(['\"]).*\1$", "'quoted'", id="matching quotes"),
        pytest.param(r"^(?!.*\.\.)[\w./-]+$", "a/" * 400_000, id="a long path that does not climb"),
        pytest.param(r"^(?!bad)", "good " * 180_000, id="a long text"),
    ],
)
def test_a_pattern_with_look_around_still_matches(pattern: str, text: str) -> None:
    assert messages({"pattern": pattern}, text) == []
    assert matches(pattern, text)


def test_a_value_longer_than_backtracking_may_ever_see_is_refused() -> None:
    longest = BACKTRACKING[-1].characters or 0

    assert messages({"pattern": r"^(?!bad)"}, "g" * longest) == []
    assert messages({"pattern": r"^(?!bad)"}, "g" * (longest + 1)) == ["is too long for the patterns of its schema"]
    assert messages({"pattern": "^g+$"}, "g" * (longest + 1)) == []
    assert not matches(r"^(?!bad)", "g" * (longest + 1))


def test_the_linear_engine_is_taken_where_it_can_be() -> None:
    assert LINEAR[0].characters is None
    assert messages({"properties": {"a": {"pattern": "^(a+)+$"}}}, {"a": "a" * 2_000_000}) == []


def test_a_pattern_that_no_engine_knows_is_refused_when_it_is_loaded() -> None:
    with pytest.raises(ConfigError, match="is no pattern"):
        compile_schema({"pattern": r"(?<=a*)b\1("}, name="s")

    assert not matches("(", "(")


def test_an_explanation_holds_patterns_to_the_same_bound() -> None:
    schema = compile_schema(
        {"properties": {"a": {"pattern": HOPELESS}, "b": {"patternProperties": {HOPELESS: False}}}, "required": ["c"]},
        name="s",
    )

    before = process_time()
    problems = schema.problems({"a": TEXT, "b": {TEXT: 1}})

    assert process_time() - before < 1
    assert [problem.message for problem in problems][:1] == [r"must match the pattern `^(a|aa)+(?=b)\1c$`"]
