"""Limits on the wire: how a call went comes in, when to come back and what to use instead go out."""

import asyncio
import json
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration

from sidecar.server.convert import duration, usd
from sidecar.v1 import sidecar_pb2 as pb
from tests.policy.packing import written as pack
from tests.running import ECHO, FACE, Running, running

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


@pytest.mark.parametrize(
    ("micro", "told"),
    [(0, "0.00"), (1, "0.000001"), (1000, "0.001"), (50_000, "0.05"), (1_000_000, "1.00"), (12_345_600, "12.3456")],
)
def test_a_cost_is_a_decimal_also_where_nothing_was_spent(micro: int, told: str) -> None:
    assert usd(micro) == told


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


async def read(run: Running, handle: str, number: int, content: str) -> pb.Verdict:
    """Return the verdict on a call of `echo` unlike all others, and report its answer where it may be made."""
    asked = json.dumps({"text": "hello", "n": number})
    call = pb.ToolCall(session_id=handle, tool="echo", arguments_json=asked, call_id=f"c{number}")
    verdict = await run.guard.CheckToolCall(call)
    if verdict.decision == pb.ALLOW:
        told = pb.ToolResponse(session_id=handle, tool="echo", content=content, call_id=f"c{number}")
        await run.guard.CheckToolResponse(told)
    return verdict


async def test_calls_that_come_to_nothing_new_are_refused_with_when_to_come_back(tmp_path: Path) -> None:
    limits = pack(tmp_path, {"limits.yaml": "loops: {no_progress: 2, within: 1m}"}, name="limits")
    async with running(tmp_path, packs=[str(FACE), str(limits)], rules="watch = false") as run:
        handle = await run.session()
        found = [await read(run, handle, number, "nothing found") for number in range(4)]

    assert [[one.reason for one in each.findings if one.reason] for each in found] == [[], [], [], ["loop_detected"]]
    assert 50 <= found[-1].retry_after.seconds <= 60


@pytest.mark.slow
async def test_a_session_that_costs_far_more_than_others_is_on_record(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "tools.yaml": "tools: {ask: {effects: [read], cost_usd: 0.01}}",
        "limits.yaml": "anomalies: {cost_per_session: 4.0}",
    }
    async with running(tmp_path, packs=[str(pack(tmp_path, files))], rules="watch = false") as run:
        for _ in range(10):
            opened = await run.guard.OpenSession(pb.OpenSessionRequest(tokens=run.tokens(["ask"], lifetime_s=5)))
            verdict = await run.guard.CheckToolCall(pb.ToolCall(session_id=opened.session_id, tool="ask"))
            assert verdict.decision == pb.ALLOW  # or nothing was spent: five seconds are long enough
        await asyncio.sleep(5.5)  # they are over
        handle = await run.session(["ask"])
        for _ in range(4):
            verdict = await run.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="ask"))
            assert verdict.decision == pb.ALLOW
        records = [one async for one in run.control.QueryAudit(pb.QueryAuditRequest())]

    told = [one for one in records if one.boundary == "anomaly"]
    assert [(one.session_id, [f.reason for f in one.findings]) for one in told] == [
        (handle.partition(".")[0], ["cost_anomaly"])
    ]


async def test_a_pack_makes_crossings_smaller_than_the_settings_do(tmp_path: Path) -> None:
    limits = pack(tmp_path, {"limits.yaml": "sizes: {text: 20, arguments: 40, depth: 2}"}, name="limits")
    async with running(tmp_path, packs=[str(FACE), str(limits)], rules="watch = false") as run:
        handle = await run.session()

        async def reasons(arguments: str) -> list[str]:
            call = pb.ToolCall(session_id=handle, tool="echo", arguments_json=arguments)
            return [one.reason for one in (await run.guard.CheckToolCall(call)).findings if one.reason]

        async def said(text: str) -> list[str]:
            verdict = await run.guard.CheckUserInput(pb.UserInput(session_id=handle, text=text))
            return [one.reason for one in verdict.findings if one.reason]

        found = [await reasons(text) for text in (ECHO, '{"text":"' + "x" * 40 + '","n":1}', '{"text":[[1]],"n":1}')]
        texts = [await said("x" * length) for length in (20, 21)]

    assert (found[0], texts[0]) == ([], [])
    assert [found[1], found[2], texts[1]] == [["payload_too_large"], ["json_depth"], ["payload_too_large"]]
