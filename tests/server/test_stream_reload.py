"""A stream goes on by the policy that it was opened with, whatever is loaded meanwhile."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from sidecar.v1 import sidecar_pb2 as pb
from tests.running import Running, running

VAULTED = Path(__file__).parent.parent / "packs" / "vaulted"
TEXT = "The ticket TKT-ABCDEFG is open, and so is TKT-HIJKLMN since this morning. Shall I close TKT-ABCDEFG, or wait?"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VAULTED, tmp_path / "packs" / "vaulted"))


@pytest.fixture
async def sidecar(tmp_path: Path, pack: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, [str(pack)], rules="watch = false") as it:
        yield it


def changed(pack: Path, before: str, after: str) -> None:
    path = pack / "privacy.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


Call = grpc.aio.StreamStreamCall[pb.LlmOutputChunk, pb.ReleasedChunk]


async def written(call: Call, text: str, *, last: bool = False) -> None:
    for start in range(0, len(text), 10):
        await call.write(pb.LlmOutputChunk(text=text[start : start + 10]))
    if last:
        await call.done_writing()


async def read(call: Call) -> tuple[str, pb.Verdict]:
    text, verdict = "", pb.Verdict()
    while isinstance(reply := await call.read(), pb.ReleasedChunk):
        text += reply.text
        verdict = reply.verdict if reply.HasField("verdict") else verdict
    return text, verdict


async def whole(sidecar: Running, handle: str) -> pb.Verdict:
    return await sidecar.guard.CheckLlmOutput(pb.LlmOutput(session_id=handle, text=TEXT))


@pytest.mark.parametrize(
    ("before", "after", "release"),
    [
        pytest.param("TKT-", "(?:TKT|XYZ)-", "token", id="another recognizer"),
        pytest.param('"*": token', '"*": redact', "redact", id="another operator"),
    ],
)
async def test_a_stream_is_as_the_whole_text_was_before_the_reload(
    sidecar: Running, pack: Path, before: str, after: str, release: str
) -> None:
    handle = await sidecar.session(("charge", "note"))
    expected = await whole(sidecar, handle)
    call = sidecar.guard.StreamLlmOutput()
    await call.write(pb.LlmOutputChunk(session_id=handle))
    await written(call, TEXT[:60])
    begun = await call.read()
    if release == "redact":
        changed(pack, ", reveal_to: [charge]", "")
    changed(pack, before, after)

    assert await sidecar.sidecar.reload()
    await written(call, TEXT[60:], last=True)
    text, verdict = await read(call)
    now = await whole(sidecar, handle)

    assert isinstance(begun, pb.ReleasedChunk)
    assert begun.text + text == verdict.payload == expected.payload != TEXT
    assert (verdict.decision, verdict.policy_version) == (pb.REDACT, expected.policy_version)
    assert now.policy_version != expected.policy_version
    assert (now.payload == expected.payload) is (release == "token")


async def test_streams_go_on_over_two_reloads_and_the_oldest_ends_at_the_third(sidecar: Running, pack: Path) -> None:
    handle = await sidecar.session(("charge", "note"))
    expected = await whole(sidecar, handle)
    calls = []
    for number in range(4):
        calls.append(call := sidecar.guard.StreamLlmOutput())
        await call.write(pb.LlmOutputChunk(session_id=handle))
        await written(call, TEXT[:60])
        await call.read()
        if number < 3:
            changed(pack, "score: 0.9", "score: 0.99")
            assert await sidecar.sidecar.reload()

    ended = []
    for call in calls:
        await written(call, TEXT[60:], last=True)
        ended.append((await read(call))[1])

    assert [verdict.decision for verdict in ended] == [pb.DENY, pb.REDACT, pb.REDACT, pb.REDACT]
    assert {verdict.payload for verdict in ended[1:]} == {expected.payload}


async def test_a_call_that_was_let_in_before_a_reload_is_answered(sidecar: Running, pack: Path) -> None:
    handle = await sidecar.session(("charge", "note"))
    under_way = [asyncio.ensure_future(whole(sidecar, handle)) for _ in range(20)]
    changed(pack, "TKT-", "(?:TKT|XYZ)-")

    assert await sidecar.sidecar.reload()

    assert {(await one).decision for one in under_way} == {pb.REDACT}
