"""The face of the sidecar: real gRPC over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import grpc
import pytest

from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import ECHO, Running, running


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as it:
        yield it


def reasons(answer: pb.Verdict | pb.Session) -> list[str]:
    return [finding.reason for finding in answer.findings if finding.reason]


async def test_a_session_shows_who_acts_for_whom_and_what_it_may_call(sidecar: Running) -> None:
    session = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=sidecar.tokens(), tools=["echo"]))

    assert (session.principal.subject, session.principal.agent) == ("user", "agent")
    assert list(session.tools) == ["echo"]
    assert len(session.session_id) > 43  # 32 random bytes and more
    assert session.policy_version.startswith("sha256:")


async def test_a_chain_that_does_not_verify_opens_nothing_and_says_why(sidecar: Running) -> None:
    session = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=["a.b.c"]))

    assert session.session_id == ""
    assert [f.decision for f in session.findings] == [pb.DENY]
    assert session.record_id


@pytest.mark.parametrize(
    ("arguments", "decision", "reason"),
    [
        pytest.param('{"text": "hello", "n": 1}', pb.ALLOW, "", id="as granted"),
        pytest.param('{"text": "hello", "n": 101}', pb.REQUIRE_APPROVAL, "rule_requires_approval", id="a rule asks"),
        pytest.param('{"text": "hello", "n": 1001}', pb.DENY, "rule_denied", id="a rule refuses"),
        pytest.param('{"text": 1, "n": 1}', pb.DENY, "argument_invalid", id="against the schema"),
        pytest.param('{"text": "a", "n": 1, "n": 2}', pb.DENY, "json_duplicate_member", id="a member twice"),
        pytest.param('{"text": "a", "n": NaN}', pb.DENY, "json_number", id="no number"),
        pytest.param('{"text": "a"', pb.DENY, "json_malformed", id="no JSON"),
        pytest.param("", pb.DENY, "argument_invalid", id="nothing is an empty object"),
    ],
)
async def test_a_tool_call_is_judged(sidecar: Running, arguments: str, decision: int, reason: str) -> None:
    handle = await sidecar.session()

    verdict = await sidecar.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="echo", arguments_json=arguments))

    assert verdict.decision == decision
    assert [reason] * bool(reason) == reasons(verdict)[-1:]
    assert bool(verdict.payload) == (decision == pb.ALLOW)
    assert verdict.record_id


async def test_what_crosses_is_written_from_what_was_checked(sidecar: Running) -> None:
    handle = await sidecar.session()
    sent = ' {"n" : 1,\n "text":"\\u0068ello"} '

    verdict = await sidecar.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="echo", arguments_json=sent))

    assert verdict.payload == '{"n":1,"text":"hello"}'


async def test_every_boundary_lets_honest_work_pass(sidecar: Running) -> None:
    handle, guard = await sidecar.session(), sidecar.guard
    message = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "hello"}]}

    verdicts = [
        await guard.CheckUserInput(pb.UserInput(session_id=handle, text="hello")),
        await guard.CheckLlmRequest(
            pb.LlmRequest(session_id=handle, messages=[pb.Message(role="user", content="hello")])
        ),
        await guard.CheckLlmOutput(pb.LlmOutput(session_id=handle, text="hello")),
        await guard.CheckLlmOutput(pb.LlmOutput(session_id=handle, text='{"reply": "hello"}', schema="answer")),
        await guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="echo", arguments_json=ECHO)),
        await guard.CheckToolResponse(pb.ToolResponse(session_id=handle, tool="echo", content="hello")),
        await guard.CheckToolResponse(
            pb.ToolResponse(session_id=handle, tool="lookup", content='{"hits": []}', content_type="application/json")
        ),
        await guard.CheckA2aMessage(
            pb.A2aMessage(
                session_id=handle, direction=pb.A2aMessage.OUTBOUND, peer="helper", message_json=json.dumps(message)
            )
        ),
    ]

    assert [(v.decision, reasons(v)) for v in verdicts] == [(pb.ALLOW, [])] * 8
    assert verdicts[0].payload == "hello"
    assert json.loads(verdicts[1].payload) == [{"role": "user", "content": "hello"}]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        pytest.param(pb.ToolCall(tool="delete"), "tool_not_granted", id="a tool out of scope"),
        pytest.param(pb.ToolCall(tool=""), "tool_not_granted", id="no tool"),
    ],
)
async def test_a_tool_out_of_scope_is_refused(sidecar: Running, request_: pb.ToolCall, reason: str) -> None:
    request_.session_id = await sidecar.session()

    assert reasons(await sidecar.guard.CheckToolCall(request_)) == [reason]


@pytest.mark.parametrize("handle", ["", "x", "ses_000000000000000000.secret", "a.b.c", "\x00", "é" * 100])
async def test_an_unknown_session_is_a_refusal(sidecar: Running, handle: str) -> None:
    verdict = await sidecar.guard.CheckUserInput(pb.UserInput(session_id=handle, text="hello"))

    assert (verdict.decision, reasons(verdict)) == (pb.DENY, ["session_unknown"])


async def test_the_public_part_of_a_handle_opens_nothing(sidecar: Running) -> None:
    public = (await sidecar.session()).partition(".")[0]

    verdict = await sidecar.guard.CheckUserInput(pb.UserInput(session_id=f"{public}.guess", text="hello"))

    assert reasons(verdict) == ["session_unknown"]


async def test_a_session_only_shrinks(sidecar: Running) -> None:
    handle = await sidecar.session()

    narrowed = await sidecar.guard.NarrowSession(pb.NarrowSessionRequest(session_id=handle, tools=["echo"]))
    widened = await sidecar.guard.NarrowSession(pb.NarrowSessionRequest(session_id=handle, tools=["echo", "lookup"]))
    call = await sidecar.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="lookup"))

    assert list(narrowed.tools) == ["echo"]
    assert (widened.session_id, reasons(widened)) == ("", ["session_widen_refused"])
    assert reasons(call) == ["tool_not_granted"]


async def test_a_closed_session_is_over_and_says_what_it_did(sidecar: Running) -> None:
    handle = await sidecar.session()
    await sidecar.guard.CheckLlmOutput(
        pb.LlmOutput(session_id=handle, text="a", usage=pb.Usage(input_tokens=3, output_tokens=4))
    )
    await sidecar.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="delete"))

    summary = await sidecar.guard.CloseSession(pb.CloseSessionRequest(session_id=handle))
    with pytest.raises(grpc.aio.AioRpcError) as again:
        await sidecar.guard.CloseSession(pb.CloseSessionRequest(session_id=handle))
    after = await sidecar.guard.CheckUserInput(pb.UserInput(session_id=handle, text="hello"))

    assert summary == pb.SessionSummary(crossings=2, denied=1, input_tokens=3, output_tokens=4, cost_usd="0.00")
    assert again.value.code() is grpc.StatusCode.NOT_FOUND
    assert reasons(after) == ["session_unknown"]


async def test_what_is_not_served_yet_says_so(sidecar: Running) -> None:
    calls: list[Awaitable[object]] = [
        sidecar.control.StagePacks(pb.StagePacksRequest()),
        sidecar.control.SetRollout(pb.SetRolloutRequest()),
        sidecar.control.PromotePacks(pb.PromotePacksRequest()),
        sidecar.control.RollBackPacks(pb.RollBackPacksRequest()),
        sidecar.control.GetRollout(pb.GetRolloutRequest()),
        sidecar.control.GetCheckpoint(pb.GetCheckpointRequest()),
    ]

    ended = await asyncio.gather(*calls, return_exceptions=True)

    codes = [e.code() for e in ended if isinstance(e, grpc.aio.AioRpcError)]
    assert codes == [grpc.StatusCode.UNIMPLEMENTED] * len(calls)


async def test_the_two_sockets_serve_one_service_each(sidecar: Running) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await pb_grpc.ControlStub(sidecar.channel).GetStatus(pb.GetStatusRequest())

    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_message_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async with running(tmp_path, server="max_message_bytes = 1000") as sidecar:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await sidecar.guard.CheckUserInput(pb.UserInput(session_id="s", text="x" * 1001))

    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_text_beyond_the_limit_is_a_refusal(tmp_path: Path) -> None:
    async with running(tmp_path, limits="text_characters = 10") as sidecar:
        handle = await sidecar.session()
        verdict = await sidecar.guard.CheckUserInput(pb.UserInput(session_id=handle, text="x" * 11))

    assert reasons(verdict) == ["payload_too_large"]


async def test_an_overload_answers_at_once(tmp_path: Path) -> None:
    # With an fsync for each record calls wait for the disk, and so for each other.
    async with running(tmp_path, server="max_in_flight = 2", audit='sync = "disk"') as sidecar:
        handle = await sidecar.session()
        call = pb.ToolCall(session_id=handle, tool="echo", arguments_json=ECHO)
        ended = await asyncio.gather(*(sidecar.guard.CheckToolCall(call) for _ in range(200)), return_exceptions=True)

    refused = [e for e in ended if isinstance(e, grpc.aio.AioRpcError)]
    assert {e.code() for e in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert 0 < len(refused) < len(ended)
