import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.checks.form import FormCheck
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Answer, Decision
from sidecar.policy.catalogue import Catalogue, Format, PackTools, Tool
from sidecar.policy.schemas import compile_schema

ANY = compile_schema({}, name="any")
ANSWERS = [
    Tool(name="says", format=Format.JSON),
    Tool(name="shaped", result=ANY),
    Tool(name="plain", format=Format.YAML),
]
CHECK = FormCheck(depth=3, catalogue=Catalogue([PackTools(ANSWERS)]))


async def judged(raw: str | None, boundary: Boundary = Boundary.TOOL_CALL, body: Json = None) -> Answer:
    return await CHECK(Crossing(boundary=boundary, session_id="s", at=0.0, raw=raw, body=body, is_json=raw is not None))


def answered(tool: str, text: str) -> Crossing:
    return Crossing(boundary=Boundary.TOOL_RESPONSE, session_id="s", at=0.0, body=text, tool=tool)


@pytest.mark.parametrize(
    ("boundary", "raw", "body", "payload"),
    [
        pytest.param(
            Boundary.TOOL_CALL, ' {"a" : [1.0, "\\u00e9"]} ', {"a": [1.0, "é"]}, '{"a":[1.0,"é"]}', id="arguments"
        ),
        pytest.param(Boundary.TOOL_CALL, "", {}, "{}", id="no arguments are an empty object"),
        pytest.param(Boundary.A2A_MESSAGE, "{}", {}, "{}", id="a message"),
        pytest.param(Boundary.TOOL_RESPONSE, "[]", [], "[]", id="a response that is a list"),
        pytest.param(Boundary.TOOL_RESPONSE, '"a"', "a", '"a"', id="a response that is a text in JSON"),
        pytest.param(Boundary.LLM_OUTPUT, "7", 7, "7", id="an output that is a number"),
    ],
)
async def test_a_value_is_handed_on_and_what_crosses_is_written_from_it(
    boundary: Boundary, raw: str, body: Json, payload: str
) -> None:
    answer = await judged(raw, boundary)

    assert answer.decision is Decision.ALLOW
    assert answer.onward is not None
    assert (answer.onward.raw, answer.onward.body, answer.onward.is_json) == (None, body, True)
    assert answer.onward.payload == payload


@pytest.mark.parametrize(
    ("boundary", "raw", "reason"),
    [
        pytest.param(Boundary.TOOL_CALL, "[]", "json_not_object", id="arguments that are a list"),
        pytest.param(Boundary.TOOL_CALL, "null", "json_not_object", id="arguments that are null"),
        pytest.param(Boundary.A2A_MESSAGE, '"hello"', "json_not_object", id="a message that is a text"),
        pytest.param(Boundary.A2A_MESSAGE, "", "json_malformed", id="a message that is nothing"),
        pytest.param(Boundary.TOOL_RESPONSE, "", "json_malformed", id="a JSON response that is nothing"),
        pytest.param(Boundary.LLM_OUTPUT, "Sure! {}", "json_malformed", id="an output with words around it"),
        pytest.param(Boundary.TOOL_CALL, '{"a":1,"a":2}', "json_duplicate_member", id="a member twice"),
        pytest.param(Boundary.TOOL_CALL, '{"a":1e999}', "json_number", id="a number beyond a double"),
        pytest.param(Boundary.TOOL_CALL, '{"a":"\\ud800"}', "json_surrogate", id="half a character"),
        pytest.param(Boundary.TOOL_CALL, '{"a":[[[]]]}', "json_depth", id="deeper than the settings have it"),
    ],
)
async def test_what_is_not_one_strict_value_of_its_kind_is_denied(boundary: Boundary, raw: str, reason: str) -> None:
    answer = await judged(raw, boundary)

    assert [(finding.decision, finding.reason) for finding in answer.findings] == [(Decision.DENY, reason)]
    assert answer.onward is None


@pytest.mark.parametrize("tool", ["says", "shaped"])
async def test_the_text_of_a_tool_that_answers_in_json_is_read_as_json(tool: str) -> None:
    answer = await CHECK(answered(tool, ' {"a" : [1.0]} '))

    assert answer.onward is not None
    assert (answer.onward.body, answer.onward.is_json, answer.onward.raw) == ({"a": [1.0]}, True, None)
    assert answer.onward.payload == '{"a":[1.0]}'


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        pytest.param("says", "There are none.", id="no JSON, which is the schema's to deny"),
        pytest.param("says", '{"a":1,"a":2}', id="JSON that parsers read in two ways"),
        pytest.param("says", "", id="nothing"),
        pytest.param("plain", "[1]", id="of a tool that answers in something else"),
        pytest.param("unknown", "[1]", id="of a tool that nobody knows"),
    ],
)
async def test_any_other_text_of_a_tool_stays_one(tool: str, text: str) -> None:
    answer = await CHECK(answered(tool, text))

    assert answer.decision is Decision.ALLOW
    assert answer.onward is None


async def test_text_is_as_it_is() -> None:
    answer = await judged(None, Boundary.LLM_OUTPUT, body="{")

    assert answer.decision is Decision.ALLOW
    assert answer.onward is None


@given(st.text(min_size=4), st.sampled_from(Boundary))
async def test_any_text_is_handed_on_or_denied_and_never_quoted(raw: str, boundary: Boundary) -> None:
    answer = await judged(raw, boundary)

    assert (answer.decision is Decision.ALLOW) == (answer.onward is not None)
    known = (
        "not one JSON value nested deeper than 3 send one strict JSON value must be a JSON object "
        "NaN and Infinity are not JSON an object names a member twice a lone surrogate "
        "an integer beyond 2^53-1 a number that does not survive"
    )
    assert all(raw in known or raw not in finding.message for finding in answer.findings)


async def test_a_tool_answers_in_integers_of_64_bits_and_nobody_calls_one_with_them() -> None:
    raw = '{"id":9007199254740993,"rows":[18446744073709551615]}'

    answered = await judged(raw, Boundary.TOOL_RESPONSE)

    assert answered.onward is not None
    assert answered.onward.payload == raw
    for boundary in (Boundary.TOOL_CALL, Boundary.A2A_MESSAGE, Boundary.LLM_OUTPUT):
        refused = await judged(raw, boundary)
        assert [(f.decision, f.reason) for f in refused.findings] == [(Decision.DENY, "json_number")]
