import pytest

from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.policy.cases import Case, CaseFile, crossing
from sidecar.policy.document import parse


def case(step: str, session: str = "{}") -> Case:
    problems: list[str] = []
    text = f"cases:\n- note: n\n  session: {session}\n  steps:\n  - {step}\n"
    file = parse(text.encode(), "f", CaseFile, problems)
    assert problems == []
    assert file is not None
    return file.cases[0]


def made(step: str) -> Crossing:
    return crossing(case(step).steps[0], "handle", 5.0)


@pytest.mark.parametrize(
    ("step", "boundary", "body", "raw"),
    [
        pytest.param("{user_input: hi}", Boundary.USER_INPUT, "hi", None, id="words"),
        pytest.param(
            "{llm_request: hi}", Boundary.LLM_REQUEST, [{"role": "user", "content": "hi"}], None, id="a prompt of words"
        ),
        pytest.param(
            "{llm_request: {messages: [{role: system, content: be}, {content: hi}], provider: p, model: m}}",
            Boundary.LLM_REQUEST,
            [{"role": "system", "content": "be"}, {"role": "user", "content": "hi"}],
            None,
            id="a prompt of messages",
        ),
        pytest.param("{llm_output: hi}", Boundary.LLM_OUTPUT, "hi", None, id="an answer"),
        pytest.param("{llm_output: {text: hi}}", Boundary.LLM_OUTPUT, "hi", None, id="an answer without a schema"),
        pytest.param("{llm_output: {text: '{}', schema: s}}", Boundary.LLM_OUTPUT, None, "{}", id="an answer with one"),
        pytest.param("{tool_call: {tool: t, arguments: {a: ä}}}", Boundary.TOOL_CALL, None, '{"a": "ä"}', id="a call"),
        pytest.param("{tool_call: {tool: t}}", Boundary.TOOL_CALL, None, "{}", id="a call without arguments"),
        pytest.param("{tool_response: {tool: t, content: hi}}", Boundary.TOOL_RESPONSE, "hi", None, id="text back"),
        pytest.param("{tool_response: {tool: t, content: [1]}}", Boundary.TOOL_RESPONSE, None, "[1]", id="JSON back"),
        pytest.param("{tool_response: {tool: t, content: null}}", Boundary.TOOL_RESPONSE, None, "null", id="null back"),
        pytest.param(
            "{a2a_message: {direction: outbound, peer: p, message: {a: 1}}}",
            Boundary.A2A_MESSAGE,
            None,
            '{"a": 1}',
            id="a message",
        ),
    ],
)
def test_a_step_is_the_crossing_that_the_wire_would_bring(
    step: str, boundary: Boundary, body: Json, raw: str | None
) -> None:
    found = made(step)

    assert (found.boundary, found.session_id, found.at) == (boundary, "handle", 5.0)
    assert (found.body, found.raw, found.is_json) == (body, raw, not isinstance(body, str))


def test_what_belongs_to_a_step_is_carried() -> None:
    output = made("{llm_output: {text: '{}', schema: s, provider: p, model: m}}")
    message = made("{a2a_message: {direction: inbound, peer: courier, message: {}}}")
    prompt = made("{llm_request: {messages: [{content: hi}], provider: p, model: m, max_output_tokens: 9}}")

    assert (prompt.provider, prompt.model, prompt.max_output_tokens) == ("p", "m", 9)
    assert (output.schema, output.provider, output.model) == ("s", "p", "m")
    assert (message.direction, message.peer) == (Direction.INBOUND, "courier")
    assert made("{tool_call: {tool: t}}").tool == "t"
    assert made("{tool_response: {tool: t, content: x}}").tool == "t"


@pytest.mark.parametrize(
    ("want", "decision", "tells"),
    [
        pytest.param("", None, False, id="nothing"),
        pytest.param(", want: deny", Decision.DENY, False, id="a word"),
        pytest.param(", want: {decision: require_approval}", Decision.REQUIRE_APPROVAL, False, id="a decision"),
        pytest.param(", want: {decision: redact, payload: null}", Decision.REDACT, True, id="null is a payload"),
    ],
)
def test_what_is_wanted(want: str, decision: Decision | None, tells: bool) -> None:  # noqa: FBT001 - a column
    wanted = case(f"{{user_input: hi{want}}}").steps[0].wanted

    assert (wanted.worst if wanted else None) is decision
    assert (wanted is not None and wanted.tells_payload) is tells


def test_a_session_may_call_what_its_steps_name_unless_it_says_so_itself() -> None:
    steps = "{tool_call: {tool: a}}\n  - {user_input: x}\n  - {tool_response: {tool: b, content: x}}"

    assert case(steps).tools == ("a", "b")
    assert case(steps, "{tools: [c]}").tools == ("c",)
    assert case(steps, "{tools: []}").tools == ()


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        pytest.param("{}", "expected exactly one of user_input, llm_request", id="no crossing"),
        pytest.param("{user_input: x, llm_output: y}", "expected exactly one of user_input", id="two crossings"),
        pytest.param("{user_inptu: x}", "is not a key that this file knows", id="another word"),
        pytest.param("{user_input: x, want: no}", "input should be 'allow'", id="no decision"),
        pytest.param("{a2a_message: {direction: in, message: {}}}", "input should be 'inbound'", id="no direction"),
    ],
)
def test_what_is_no_step_is_told(step: str, problem: str) -> None:
    problems: list[str] = []

    assert parse(f"cases: [{{note: n, steps: [{step}]}}]".encode(), "f", CaseFile, problems) is None
    assert any(problem in each for each in problems)
