"""Streams through the clients, against the sidecar itself; and what they make of answers that no sidecar gives."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from sidecar.client import ArgumentPieces, AsyncSidecar, Decision, Denied, NoVerdict, Session, Sidecar, Usage
from sidecar.client.streams import MAX_ARGUMENTS, MAX_CALLS, MAX_PIECE, Chunks, Released
from sidecar.v1 import sidecar_pb2 as pb
from tests.running import Running, running

TEXT = "Hello, you. It is a smile: \U0001f600!"


async def coming(pieces: Sequence[str]) -> AsyncIterator[str]:
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, identity='proofs = "off"') as it:
        yield it


def address(served: Running) -> str:
    return f"unix:{served.settings.server.socket}"


async def test_what_is_written_comes_out_and_the_verdict_is_the_last(served: Running) -> None:
    async with AsyncSidecar(address(served)) as sidecar, sidecar.session(served.tokens()) as session:
        out = [t async for t in session.stream_llm_output(coming(list(TEXT)), usage=lambda: Usage(output_tokens=9))]
        assert session.last is not None
        assert session.last.decision is Decision.ALLOW
    assert "".join(out) == TEXT
    assert len(out) > len(TEXT) / 2
    assert session.summary is not None
    assert session.summary.output_tokens == 9


async def test_what_blocks_streams_too(served: Running) -> None:
    def told() -> tuple[str, int]:
        with Sidecar(address(served)) as sidecar, sidecar.session(served.tokens()) as session:
            text = "".join(session.stream_llm_output(list(TEXT), usage=lambda: Usage(output_tokens=9), call_id="c"))
        assert session.summary is not None
        return text, session.summary.output_tokens

    assert await asyncio.to_thread(told) == (TEXT, 9)


async def test_a_session_that_is_over_refuses(served: Running) -> None:
    async with AsyncSidecar(address(served)) as sidecar:
        session = await sidecar.open_session(served.tokens())
        await session.close()
        with pytest.raises(Denied) as refused:
            [t async for t in session.stream_llm_output(coming(["It ", "is"]))]

    assert refused.value.reasons == ("session_unknown",)

    def blocks() -> None:
        with Sidecar(address(served)) as sidecar:
            over = sidecar.open_session(served.tokens())
            over.close()
            list(over.stream_llm_output(["It ", "is"]))

    with pytest.raises(Denied, match="session_unknown"):
        await asyncio.to_thread(blocks)


async def broken() -> AsyncIterator[str]:
    yield "It "
    raise LookupError("the model is gone")


async def test_what_the_model_raises_is_raised_here(served: Running) -> None:
    def gone() -> Iterator[str]:
        yield "It "
        raise LookupError("the model is gone")

    async with AsyncSidecar(address(served)) as sidecar, sidecar.session(served.tokens()) as session:
        with pytest.raises(LookupError):
            [t async for t in session.stream_llm_output(broken())]

    def blocks() -> None:
        with Sidecar(address(served)) as sidecar, sidecar.session(served.tokens()) as session:
            list(session.stream_llm_output(gone()))

    with pytest.raises(LookupError):
        await asyncio.to_thread(blocks)


async def test_a_client_that_is_closed_streams_no_more(served: Running) -> None:
    async with AsyncSidecar(address(served)) as sidecar:
        session = await sidecar.open_session(served.tokens())
    with pytest.raises(NoVerdict, match="closed"):
        [t async for t in session.stream_llm_output(coming(["It "]))]

    def blocks() -> Session:
        with Sidecar(address(served)) as blocking:
            return blocking.open_session(served.tokens())

    over = await asyncio.to_thread(blocks)
    with pytest.raises(NoVerdict, match="closed"):
        await asyncio.to_thread(lambda: list(over.stream_llm_output(["It "])))


# ---- chunks ------------------------------------------------------------------------------------------------


def test_halves_of_a_pair_are_sent_together() -> None:
    made = Chunks("s", "c")

    sent = [chunk for piece in ("a\ud83d", "\ude00b", "") for chunk in made.of(piece)]

    assert [chunk.text for chunk in sent] == ["a", "\U0001f600b"]
    assert [(chunk.session_id, chunk.call_id) for chunk in sent] == [("s", "c"), ("", "")]
    assert made.last(Usage(input_tokens=1)) == pb.LlmOutputChunk(last=True, usage=pb.Usage(input_tokens=1))


@pytest.mark.parametrize("pieces", [["a\ud83d"], ["\ude00"]])
def test_half_of_a_character_is_no_text(pieces: list[str]) -> None:
    made = Chunks("s", "")

    with pytest.raises(NoVerdict, match="request_malformed"):
        [chunk for piece in pieces for chunk in made.of(piece)].append(made.last(None))


def test_a_long_piece_is_sent_in_several() -> None:
    assert [len(chunk.text) for chunk in Chunks("s", "").of("x" * (MAX_PIECE + 1))] == [MAX_PIECE, 1]


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param([pb.ReleasedChunk(text="a")], id="no verdict"),
        pytest.param(
            [pb.ReleasedChunk(text="a", verdict=pb.Verdict(decision=pb.ALLOW, payload="b"))], id="on another text"
        ),
        pytest.param([pb.ReleasedChunk(verdict=pb.Verdict())], id="no decision"),
    ],
)
def test_an_answer_that_is_not_understood_denies(replies: list[pb.ReleasedChunk]) -> None:
    def told(heard: Released) -> None:
        for reply in replies:
            heard.hear(reply)
        heard.end()

    with pytest.raises(NoVerdict, match="verdict_malformed"):
        told(Released())


# ---- calls of tools that come in pieces --------------------------------------------------------------------


def test_pieces_of_calls_become_calls() -> None:
    pieces = ArgumentPieces()
    pieces.add(0, tool="search", call_id="c-1")
    pieces.add(1, tool="refund", arguments='{"a', call_id="c-2")
    pieces.add(0, arguments='{"q": "x')
    pieces.add(1, arguments='": 1}')
    pieces.add(0, arguments='"}')

    assert [(call.tool, call.arguments, call.call_id) for call in pieces.calls()] == [
        ("search", '{"q": "x"}', "c-1"),
        ("refund", '{"a": 1}', "c-2"),
    ]
    assert '"a"' not in repr(pieces.calls())


def test_no_more_is_collected_than_can_be_checked() -> None:
    pieces = ArgumentPieces()
    for index in range(MAX_CALLS):
        pieces.add(index)
    with pytest.raises(NoVerdict):
        pieces.add(MAX_CALLS)
    with pytest.raises(NoVerdict):
        pieces.add(0, arguments="x" * (MAX_ARGUMENTS + 1))
