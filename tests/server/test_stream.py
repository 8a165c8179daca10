"""A model's output over a real call: pieces in, what may cross out."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from sidecar.audit.record import Entry
from sidecar.content.turns import Lane
from sidecar.errors import UnavailableError
from sidecar.identity.keys import decoded
from sidecar.identity.trial import TrialIssuer
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.verdict import Answer, allow
from sidecar.server import streams
from sidecar.telemetry.fault import fault
from sidecar.v1 import sidecar_pb2 as pb
from tests.running import FACE, Running, running, serving, written

STREAMS = 8


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as it:
        yield it


def chunks(handle: str, texts: Sequence[str]) -> list[pb.LlmOutputChunk]:
    rows = [pb.LlmOutputChunk(text=text) for text in texts]
    rows[0].session_id, rows[0].call_id = handle, "c-1"
    rows[-1].last = True
    rows[-1].usage.output_tokens = 7
    return rows


async def told(sidecar: Running, rows: Sequence[pb.LlmOutputChunk]) -> list[pb.ReleasedChunk]:
    call = sidecar.guard.StreamLlmOutput(iter(rows))
    return [reply async for reply in call]


async def test_what_is_written_is_released_and_judged_once(sidecar: Running) -> None:
    handle = await sidecar.session()

    replies = await told(sidecar, chunks(handle, ["Hel", "lo ", "", "Ada \U0001f600"]))

    assert "".join(reply.text for reply in replies) == "Hello Ada \U0001f600"
    assert [reply.HasField("verdict") for reply in replies] == [False] * (len(replies) - 1) + [True]
    assert replies[-1].verdict.decision == pb.ALLOW
    assert replies[-1].verdict.payload == "Hello Ada \U0001f600"
    records = [record async for record in sidecar.control.QueryAudit(pb.QueryAuditRequest())]
    assert [record.boundary for record in records].count("llm_output") == 1
    assert replies[-1].verdict.record_id in {record.record_id for record in records}
    summary = await sidecar.guard.CloseSession(pb.CloseSessionRequest(session_id=handle))
    assert (summary.crossings, summary.output_tokens) == (1, 7)


async def test_the_first_words_are_there_before_the_next_are_sent(sidecar: Running) -> None:
    call = sidecar.guard.StreamLlmOutput()
    await call.write(pb.LlmOutputChunk(session_id=await sidecar.session(), text="Hello "))

    first = await call.read()
    await call.write(pb.LlmOutputChunk(text="you"))
    await call.done_writing()  # without a last chunk: the end is the end
    rest = [await call.read() for _ in range(2)]

    assert isinstance(first, pb.ReleasedChunk)
    assert first.text == "Hello "
    assert [reply.text for reply in rest if isinstance(reply, pb.ReleasedChunk)] == ["you", ""]
    assert isinstance(rest[-1], pb.ReleasedChunk)
    assert rest[-1].verdict.decision == pb.ALLOW


@pytest.mark.parametrize("ends", ["revoke", "close"])
async def test_a_stream_that_waits_is_cut_when_its_session_ends(sidecar: Running, ends: str) -> None:
    handle = await sidecar.session()
    call = sidecar.guard.StreamLlmOutput()
    await call.write(pb.LlmOutputChunk(session_id=handle, text="Hello "))
    await call.read()

    if ends == "revoke":
        await sidecar.control.Revoke(pb.RevokeRequest(session_id=handle.partition(".")[0]))
    else:
        await sidecar.guard.CloseSession(pb.CloseSessionRequest(session_id=handle))
    async with asyncio.timeout(10 * streams.WATCH_S):
        last = await call.read()

    assert isinstance(last, pb.ReleasedChunk)
    assert (last.text, last.verdict.decision, last.verdict.payload) == ("", pb.DENY, "")


@pytest.mark.parametrize("by", ["session_id", "subject", "agent", "token_id"])
async def test_a_revocation_cuts_the_streams_of_all_that_stands_on_it(sidecar: Running, by: str) -> None:
    (token,) = tokens = sidecar.tokens()
    whole = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))
    part = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens, parent_session_id=whole.session_id))
    calls = [sidecar.guard.StreamLlmOutput() for _ in range(2)]
    for call, session in zip(calls, (whole, part), strict=True):
        await call.write(pb.LlmOutputChunk(session_id=session.session_id, text="Hello "))
        await call.read()
    claims = json.loads(decoded(token.split(".")[1]) or b"")
    named = {
        "session_id": whole.session_id.partition(".")[0],
        "subject": "user",
        "agent": "agent",
        "token_id": claims["jti"],
    }

    done = await sidecar.control.Revoke(pb.RevokeRequest(**{by: named[by]}))
    async with asyncio.timeout(10 * streams.WATCH_S):
        last = [await call.read() for call in calls]

    assert done.sessions_closed == 2
    assert [(one.text, one.verdict.decision) for one in last if isinstance(one, pb.ReleasedChunk)] == [
        ("", pb.DENY)
    ] * 2


async def test_a_stream_is_of_one_session_and_one_call(sidecar: Running) -> None:
    handle, other = await sidecar.session(), await sidecar.session()
    rows = chunks(handle, ["It ", "is ", "so"])
    rows[1].session_id = other

    replies = await told(sidecar, rows)

    assert [f.reason for f in replies[-1].verdict.findings if f.reason] == ["stream_mixed"]
    assert "".join(reply.text for reply in replies) == "It "


async def test_a_stream_without_a_session_is_refused(sidecar: Running) -> None:
    replies = await told(sidecar, chunks("ses_0.none", ["It ", "is"]))

    assert [(r.text, r.verdict.decision) for r in replies] == [("", pb.DENY)]
    assert [f.reason for f in replies[0].verdict.findings] == ["session_unknown"]


async def test_nothing_at_all_is_no_stream(sidecar: Running) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await told(sidecar, [])

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_caller_who_hangs_up_leaves_a_record(sidecar: Running) -> None:
    call = sidecar.guard.StreamLlmOutput()
    await call.write(pb.LlmOutputChunk(session_id=await sidecar.session(), text="Hello "))
    await call.read()

    call.cancel()

    async with asyncio.timeout(5):
        while True:
            records = [record async for record in sidecar.control.QueryAudit(pb.QueryAuditRequest())]
            if "llm_output" in [record.boundary for record in records]:
                break


async def test_a_caller_who_hangs_up_while_the_whole_is_judged_leaves_a_record(sidecar: Running) -> None:
    last = Slow()
    enforcer = sidecar.sidecar.enforcer
    row = (*enforcer.rows[Boundary.LLM_OUTPUT], last)
    slow = replace(enforcer, rows={**enforcer.rows, Boundary.LLM_OUTPUT: row})
    relay = streams.Relay(current=lambda: slow, now=time.time, fault=fault, closing=set())

    async def pieces() -> AsyncIterator[pb.LlmOutputChunk]:
        yield chunks(handle, ["Hello "])[0]

    async def caller() -> None:
        async for _ in relay.replies(pieces(), ""):
            pass

    handle = await sidecar.session()
    calling = asyncio.create_task(caller())
    await last.asked.wait()
    calling.cancel()
    await asyncio.wait([calling])
    settling = asyncio.create_task(relay.settle())
    assert not (await asyncio.wait([settling], timeout=0.05))[0]
    last.may_answer.set()
    await settling

    records = [record async for record in sidecar.control.QueryAudit(pb.QueryAuditRequest())]
    assert "llm_output" in [record.boundary for record in records]


async def test_streams_that_a_stop_cuts_off_leave_their_records(tmp_path: Path) -> None:
    issuer = TrialIssuer.generate()
    config = written(tmp_path, issuer, [str(FACE), "baseline"], server="drain_seconds = 0.1")
    async with serving(config, issuer) as run:
        calls = [run.guard.StreamLlmOutput() for _ in range(STREAMS)]
        handle = await run.session()
        for number, call in enumerate(calls):
            text = f"Ada wrote to ada{number}@example.org. " * 400
            await call.write(pb.LlmOutputChunk(session_id=handle, call_id=f"c-{number}", text=text))
        for call in calls:
            await call.read()

    async with serving(config, issuer) as again:
        records = [record async for record in again.control.QueryAudit(pb.QueryAuditRequest())]
    assert [record.boundary for record in records].count("llm_output") == STREAMS


class Slow:
    """A check that answers when it may."""

    name = "slow"

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def __call__(self, _crossing: Crossing) -> Answer:
        self.asked.set()
        await self.may_answer.wait()
        return allow(self.name)


async def test_each_step_of_a_stream_waits_for_its_turn(sidecar: Running) -> None:
    lane = Counting()
    relay = streams.Relay(
        current=lambda: sidecar.sidecar.enforcer, now=time.time, fault=fault, closing=set(), lane=lane
    )
    handle = await sidecar.session()

    async def pieces() -> AsyncIterator[pb.LlmOutputChunk]:
        for row in chunks(handle, ["Hel", "lo ", "Ada"]):
            yield row

    replies = [reply async for reply in relay.replies(pieces(), "")]

    assert replies[-1].verdict.decision == pb.ALLOW
    assert lane.turns >= 4  # of three pieces and the end


class Counting(Lane):
    """A lane that counts turns."""

    turns = 0

    async def turn(self) -> None:
        self.turns += 1
        await super().turn()


async def test_only_so_many_streams_at_once_and_other_calls_go_on(tmp_path: Path) -> None:
    async with running(tmp_path, server="max_in_flight = 4") as sidecar:
        handle = await sidecar.session()
        calls = [sidecar.guard.StreamLlmOutput() for _ in range(2)]
        for call in calls:
            await call.write(pb.LlmOutputChunk(session_id=handle, text="Hello "))
            await call.read()

        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await told(sidecar, chunks(handle, ["Hello "]))
        answer = await sidecar.guard.CheckUserInput(pb.UserInput(session_id=handle, text="hello"))
        for call in calls:
            call.cancel()

    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert answer.decision == pb.ALLOW


async def test_a_stream_that_nobody_writes_to_is_cut(sidecar: Running) -> None:
    relay = streams.Relay(
        current=lambda: sidecar.sidecar.enforcer,
        now=time.time,
        fault=fault,
        closing=set(),
        idle_s=0.1,
    )
    handle = await sidecar.session()

    async def slow() -> AsyncIterator[pb.LlmOutputChunk]:
        yield pb.LlmOutputChunk(session_id=handle, text="It ")
        await asyncio.sleep(60)

    replies = [reply async for reply in relay.replies(slow(), "")]

    assert [f.reason for f in replies[-1].verdict.findings if f.reason] == ["stream_idle"]


async def test_a_stream_is_of_one_call(sidecar: Running) -> None:
    rows = chunks(await sidecar.session(), ["It ", "is ", "so"])
    rows[1].call_id = "c-2"

    replies = await told(sidecar, rows)

    assert [f.reason for f in replies[-1].verdict.findings if f.reason] == ["stream_mixed"]


async def test_a_long_end_comes_whole_in_chunks_that_are_not_too_large(tmp_path: Path) -> None:
    pack = tmp_path / "held"
    pack.mkdir()
    (pack / "pack.yaml").write_text("name: held\nversion: 1.0.0\ndescription: A rule about the whole.\nowner: tests\n")
    rules = (
        "rules: [{id: r, on: [llm_output], when: text.size() > 9000000, then: deny, message: Too long., severity: low}]"
    )
    (pack / "rules.yaml").write_text(rules)
    async with running(tmp_path, [str(FACE), str(pack)]) as sidecar:
        text = "It is so. " * (streams.MAX_TAIL // 5)
        rows = chunks(await sidecar.session(), [text[:-9], text[-9:]])

        replies = await told(sidecar, rows)

    assert "".join(reply.text for reply in replies) == text
    assert max(len(reply.text) for reply in replies) == streams.MAX_TAIL
    assert [reply.HasField("verdict") for reply in replies] == [False] * (len(replies) - 1) + [True]


async def test_a_stream_that_is_silent_for_less_than_it_may_goes_on(sidecar: Running) -> None:
    call = sidecar.guard.StreamLlmOutput()
    await call.write(pb.LlmOutputChunk(session_id=await sidecar.session(), text="Hello "))
    await call.read()

    await asyncio.sleep(3 * streams.WATCH_S)
    await call.write(pb.LlmOutputChunk(text="you", last=True))

    last = [await call.read() for _ in range(2)][-1]
    assert isinstance(last, pb.ReleasedChunk)
    assert last.verdict.decision == pb.ALLOW


class Full:
    """An audit log that takes nothing more."""

    async def append(self, _entry: Entry) -> str:
        raise UnavailableError("the disk is full")


async def test_that_a_stream_has_no_record_is_told_though_nobody_waits(sidecar: Running) -> None:
    told = asyncio.Queue[str]()

    def fault(what: str, error: BaseException, **where: str) -> None:
        del error, where
        told.put_nowait(what)

    full = replace(sidecar.sidecar.enforcer, audit=Full())
    relay = streams.Relay(current=lambda: full, now=time.time, fault=fault, closing=set())
    handle = await sidecar.session()

    async def pieces() -> AsyncIterator[pb.LlmOutputChunk]:
        yield pb.LlmOutputChunk(session_id=handle, text="Hello ")
        await asyncio.sleep(60)

    replies = relay.replies(pieces(), "")
    assert (await anext(replies)).text == "Hello "
    await replies.aclose()

    async with asyncio.timeout(5):
        assert await told.get() == "a stream that was hung up has no record"
