from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from sidecar.cli.replay_drive import Replay
from sidecar.cli.replay_report import CLOSE, OPEN, Crossed, totals
from sidecar.cli.replay_runs import Event, Run
from sidecar.model.crossing import Boundary
from sidecar.v1 import sidecar_pb2 as pb
from tests.client.answering import listening

RUN = Run(
    id="r1",
    suite="shop",
    model="m",
    events=(
        Event(boundary=Boundary.USER_INPUT, text="hello"),
        Event(boundary=Boundary.TOOL_CALL, text='{"q":1}', tool="search", call_id="c"),
        Event(boundary=Boundary.TOOL_RESPONSE, text="no such shop", tool="search", call_id="c", failed=True),
        Event(boundary=Boundary.LLM_OUTPUT, text="sorry"),
    ),
)
ALLOWED = pb.Verdict(decision=pb.ALLOW, payload="x")
METHODS = ("CheckUserInput", "CheckToolCall", "CheckToolResponse", "CheckLlmOutput")


async def replayed(address: str, runs: list[Run], concurrency: int = 2) -> list[Crossed]:
    crossed: list[Crossed] = []
    replay = Replay(address=address, mint=lambda run: [run.id], concurrency=concurrency, tell=crossed.append)
    await replay.drive(runs)
    return crossed


async def test_every_event_crosses_where_it_belongs(tmp_path: Path) -> None:
    with listening(tmp_path) as (address, script):
        for method in METHODS:
            script.says(method, ALLOWED)
        script.says("CheckToolCall", pb.Verdict(decision=pb.ALLOW, payload="{}"))

        crossed = await replayed(address, [RUN])

    assert [(one.boundary, one.decision.name, one.index, one.error) for one in crossed] == [
        ("user_input", "ALLOW", 0, ""),
        ("tool_call", "ALLOW", 1, ""),
        ("tool_response", "ALLOW", 2, ""),
        ("llm_output", "ALLOW", 3, ""),
    ]
    assert pb.ToolCall.FromString(script.got["CheckToolCall"]) == pb.ToolCall(
        session_id="s-1", tool="search", call_id="c", arguments_json='{"q":1}'
    )
    answered = pb.ToolResponse.FromString(script.got["CheckToolResponse"])
    assert (answered.content, answered.outcome.result) == ("no such shop", pb.Outcome.ERROR)
    assert pb.LlmOutput.FromString(script.got["CheckLlmOutput"]).model == "m"
    opened = pb.OpenSessionRequest.FromString(script.got["OpenSession"])
    assert (list(opened.tokens), opened.task, opened.task_type) == (["r1"], "r1", "shop")


async def test_a_replay_goes_on_after_a_denial_and_counts_it(tmp_path: Path) -> None:
    denied = pb.Verdict(decision=pb.DENY)
    denied.findings.add(check="rules", reason="rule_denied", rule="p/r", decision=pb.DENY)
    with listening(tmp_path) as (address, script):
        for method in METHODS:
            script.says(method, denied)

        crossed = await replayed(address, [RUN] * 5)

    whole = totals(crossed)
    assert (whole.crossings, whole.errors, whole.calls_blocked) == (20, 0, 5)
    assert whole.reasons["tool_call"] == {"rule_denied p/r": 5}


async def test_arguments_that_were_changed_and_values_that_were_taken_are_counted(tmp_path: Path) -> None:
    with listening(tmp_path) as (address, script):
        for method in METHODS:
            script.says(method, ALLOWED)
        script.says("CheckUserInput", pb.Verdict(decision=pb.REDACT, payload="look for <PERSON>"))
        script.says("CheckToolCall", pb.Verdict(decision=pb.REDACT, payload='{"q":"<PERSON>"}'))
        run = replace(
            RUN,
            events=(
                Event(boundary=Boundary.USER_INPUT, text="look for Ada Bell"),
                Event(boundary=Boundary.TOOL_CALL, text='{"q":"Ada Bell"}', tool="search"),
                Event(boundary=Boundary.TOOL_CALL, text='{"q":"<PERSON>"}', tool="search"),
                Event(boundary=Boundary.TOOL_CALL, text="no JSON", tool="search"),
            ),
        )

        whole = totals(await replayed(address, [run]))

    assert (whole.calls, whole.calls_changed, whole.values_lacking) == (3, 1, 1)


async def test_a_call_is_replayed_with_the_tokens_that_the_agent_was_told(tmp_path: Path) -> None:
    with listening(tmp_path) as (address, script):
        for method in METHODS:
            script.says(method, ALLOWED)
        script.says("CheckToolResponse", pb.Verdict(decision=pb.REDACT, payload="password: <PASSWORD_1>"))
        script.says("CheckToolCall", pb.Verdict(decision=pb.REDACT, payload='{"p":"hunter22","note":"<PASSWORD_1>"}'))
        run = replace(
            RUN,
            events=(
                Event(boundary=Boundary.TOOL_RESPONSE, text="password: hunter22", tool="read"),
                Event(boundary=Boundary.TOOL_CALL, text='{"p": "hunter22", "note": "hunter22"}', tool="login"),
            ),
        )

        whole = totals(await replayed(address, [run]))

    sent = pb.ToolCall.FromString(script.got["CheckToolCall"]).arguments_json
    assert sent == '{"p":"<PASSWORD_1>","note":"<PASSWORD_1>"}'
    assert (whole.calls, whole.calls_changed, whole.values_lacking) == (1, 1, 1)


@pytest.mark.parametrize(
    ("method", "boundary", "told"),
    [
        pytest.param("OpenSession", OPEN, 1, id="no session"),
        pytest.param("CheckToolCall", "tool_call", 4, id="no verdict"),
        pytest.param("CloseSession", CLOSE, 5, id="no end"),
    ],
)
async def test_a_call_that_gets_no_verdict_is_an_error(tmp_path: Path, method: str, boundary: str, told: int) -> None:
    with listening(tmp_path) as (address, script):
        for each in METHODS:
            script.says(each, pb.Verdict(decision=pb.ALLOW, payload="{}"))
        script.fails(method, grpc.StatusCode.UNAVAILABLE)

        crossed = await replayed(address, [RUN])

    failed = [(one.boundary, one.error, one.reasons) for one in crossed if one.error]
    assert len(crossed) == told
    assert failed == [(boundary, "unavailable", ("unavailable",))]
    assert totals(crossed).errors == 1
