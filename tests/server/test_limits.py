"""Limits on the wire: how a call went comes in, when to come back and what to use instead go out."""

from pathlib import Path

from google.protobuf.duration_pb2 import Duration

from sidecar.server.convert import duration
from sidecar.v1 import sidecar_pb2 as pb
from tests.policy.packing import written as pack
from tests.running import ECHO, FACE, running

LIMITS = """
rates: [{per: subject, tool: lookup, limit: 1/hour}]
breakers:
- {tool: echo, failures: 2, within: 60s, open_for: 30s}
- {model: acme/large, failures: 1, within: 60s, open_for: 30s}
budgets: [{per: session, cost_usd: 1}]
"""
PRICES = "models: {acme/*: {input_usd: 1, output_usd: 1, fallback: [acme/small]}}"


def test_a_duration_is_never_shorter_than_it_was() -> None:
    assert duration(1.0001) == Duration(seconds=1, nanos=1_000_000)


async def test_what_is_told_of_a_call_and_of_its_refusal(tmp_path: Path) -> None:
    limits = pack(tmp_path, {"limits.yaml": LIMITS, "prices.yaml": PRICES}, name="limits")
    async with running(tmp_path, packs=[str(FACE), str(limits)], rules="watch = false") as run:
        handle = await run.session()

        for number in range(2):
            call = pb.ToolCall(session_id=handle, tool="echo", arguments_json=ECHO, call_id=f"c{number}")
            assert (await run.guard.CheckToolCall(call)).decision == pb.ALLOW
            outcome = pb.Outcome(result=pb.Outcome.TIMEOUT)
            await run.guard.CheckToolResponse(
                pb.ToolResponse(session_id=handle, tool="echo", content="late", call_id=f"c{number}", outcome=outcome)
            )
        broken = await run.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="echo", arguments_json=ECHO))
        lookup = pb.ToolCall(session_id=handle, tool="lookup")
        await run.guard.CheckToolCall(lookup)
        often = await run.guard.CheckToolCall(lookup)
        prompt = pb.LlmRequest(
            session_id=handle,
            provider="acme",
            model="large",
            max_output_tokens=1000,
            call_id="m",
            messages=[pb.Message()],
        )
        await run.guard.CheckLlmRequest(prompt)
        failed = pb.Outcome(result=pb.Outcome.ERROR)
        used = pb.Usage(input_tokens=100, output_tokens=900)
        await run.guard.CheckLlmOutput(
            pb.LlmOutput(session_id=handle, call_id="m", text="x", outcome=failed, usage=used)
        )
        model = await run.guard.CheckLlmRequest(prompt)
        (held,) = (await run.control.ListSessions(pb.ListSessionsRequest())).sessions
        summary = await run.guard.CloseSession(pb.CloseSessionRequest(session_id=handle))

    assert [one.reason for one in broken.findings if one.reason] == ["circuit_open"]
    assert 29 < broken.retry_after.seconds <= 37
    assert [one.reason for one in often.findings if one.reason] == ["call_rate_exceeded"]
    assert 3590 < often.retry_after.seconds <= 3600
    assert ([one.reason for one in model.findings if one.reason], model.alternative) == (["circuit_open"], "acme/small")
    assert (held.cost_usd, summary.cost_usd) == ("0.001", "0.001")
