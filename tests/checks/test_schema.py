from collections.abc import Mapping
from dataclasses import replace

import pytest

from sidecar.checks.schema import SchemaCheck, _messages
from sidecar.model.crossing import Boundary, Crossing, Outcome
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.policy.catalogue import Catalogue, Format, PackTools, Tool
from sidecar.policy.policy import Policy
from sidecar.policy.schemas import MAX_PROBLEMS, compile_schema

AMOUNT = compile_schema(
    {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "number"}, "to": {"type": "string"}}},
    name="amount",
)
ROWS = compile_schema({"type": "array", "items": {"type": "integer"}}, name="rows")
JSON_ONLY = Tool(name="json", format=Format.JSON)
CHECK = SchemaCheck(
    Policy(
        catalogue=Catalogue(
            [PackTools([Tool(name="pay", arguments=AMOUNT, result=ROWS), Tool(name="free"), JSON_ONLY])]
        ),
        schemas={"demo/rows": ROWS},
    ),
    _messages(),
)
OLD: Mapping[str, Json] = {
    "kind": "message",
    "messageId": "m",
    "role": "user",
    "parts": [{"kind": "text", "text": "x"}],
}
NEW: Mapping[str, Json] = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "x"}]}


def crossing(boundary: Boundary, body: Json, *, tool: str = "", schema: str = "", is_json: bool = True) -> Crossing:
    return Crossing(boundary=boundary, session_id="s", at=0.0, body=body, is_json=is_json, tool=tool, schema=schema)


def call(body: Json, tool: str = "pay") -> Crossing:
    return crossing(Boundary.TOOL_CALL, body, tool=tool)


def response(body: Json, tool: str = "pay", *, is_json: bool = True) -> Crossing:
    return crossing(Boundary.TOOL_RESPONSE, body, tool=tool, is_json=is_json)


def message(body: Json) -> Crossing:
    return crossing(Boundary.A2A_MESSAGE, body)


@pytest.mark.parametrize("tool", ["pay", "json"])
@pytest.mark.parametrize(
    ("body", "outcome", "decision"),
    [
        pytest.param("", Outcome.ERROR, Decision.ALLOW, id="failed, and brought nothing"),
        pytest.param("", Outcome.TIMEOUT, Decision.ALLOW, id="never answered"),
        pytest.param("down", Outcome.ERROR, Decision.DENY, id="failed, with words of its own"),
        pytest.param("", Outcome.OK, Decision.DENY, id="went well, and brought nothing"),
        pytest.param("", None, Decision.DENY, id="nobody says how it went"),
    ],
)
async def test_the_report_of_a_call_that_failed_needs_no_result(
    tool: str, body: str, outcome: Outcome | None, decision: Decision
) -> None:
    answer = await CHECK(replace(response(body, tool, is_json=False), outcome=outcome))

    assert answer.decision is decision


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(call({"amount": 1}), id="arguments"),
        pytest.param(call({"amount": "1"}, tool="free"), id="arguments of a tool without a schema"),
        pytest.param(call({"amount": "1"}, tool="unknown"), id="arguments of a tool that another check denies"),
        pytest.param(response([1, 2]), id="a result"),
        pytest.param(response([1, "x"], "json"), id="a result where JSON is said and nothing else"),
        pytest.param(response("fine", tool="free", is_json=False), id="a text of a tool without a schema"),
        pytest.param(response("fine", tool="unknown", is_json=False), id="a text of a tool that another check denies"),
        pytest.param(crossing(Boundary.LLM_OUTPUT, "hello", is_json=False), id="an output without a schema"),
        pytest.param(crossing(Boundary.LLM_OUTPUT, [1], schema="demo/rows"), id="an output with one"),
        pytest.param(message(OLD), id="an older message"),
        pytest.param(message(NEW), id="a newer message"),
        pytest.param(
            message({"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"message": NEW}}), id="a call"
        ),
        pytest.param(message({"jsonrpc": "2.0", "id": 1, "result": OLD}), id="an answer"),
    ],
)
async def test_what_has_its_shape_passes(of: Crossing) -> None:
    answer = await CHECK(of)

    assert answer.decision is Decision.ALLOW
    assert answer.onward is None


@pytest.mark.parametrize(
    ("of", "reason", "path"),
    [
        pytest.param(call({"amount": "1"}), "argument_invalid", "/amount", id="an argument of another type"),
        pytest.param(call({}), "argument_invalid", "", id="an argument that is missing"),
        pytest.param(response([1, "2"]), "result_invalid", "/1", id="a result of another type"),
        pytest.param(response("[1]", is_json=False), "result_invalid", "", id="a text where there is a schema"),
        pytest.param(response("[1]", "json", is_json=False), "result_invalid", "", id="a text where JSON is said"),
        pytest.param(crossing(Boundary.LLM_OUTPUT, [None], schema="demo/rows"), "output_invalid", "/0", id="an output"),
        pytest.param(crossing(Boundary.LLM_OUTPUT, [1], schema="rows"), "unknown_schema", "", id="an unknown schema"),
        pytest.param(message({**OLD, "role": "boss"}), "message_invalid", "/role", id="an unknown role"),
        pytest.param(message({**NEW, "parts": []}), "message_invalid", "/parts", id="a message without parts"),
        pytest.param(message({"method": "tasks/cancel"}), "message_invalid", "/method", id="an unknown method"),
        pytest.param(crossing(Boundary.USER_INPUT, "hi"), "schema_unknown", "", id="a boundary that has no schema"),
    ],
)
async def test_what_breaks_its_shape_is_denied_with_the_place(of: Crossing, reason: str, path: str) -> None:
    answer = await CHECK(of)

    assert [(f.check, f.decision, f.reason, f.path) for f in answer.findings] == [
        ("schema", Decision.DENY, reason, path)
    ]
    assert answer.findings[0].message


async def test_every_problem_is_a_finding_up_to_a_limit() -> None:
    answer = await CHECK(response(["x"] * 99))

    assert [finding.path for finding in answer.findings] == [f"/{index}" for index in range(MAX_PROBLEMS)]
    assert {finding.reason for finding in answer.findings} == {"result_invalid"}
