import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sidecar.content.worker.frames import HEADER, MAX_BYTES, framed
from sidecar.content.worker.line import Line
from sidecar.content.worker.spawning import Spawned
from sidecar.errors import UnavailableError

WAIT_S = 5.0
ASLEEP = "import time; time.sleep(60)"


def asleep() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", ASLEEP])


@asynccontextmanager
async def line() -> AsyncIterator[tuple[Line, socket.socket]]:
    """Yield a line to a process that says nothing, and the other end, for who speaks in its place."""
    ours, theirs = socket.socketpair()
    with theirs:
        made = await Line.to(Spawned(asleep(), ours))
        try:
            yield made, theirs
        finally:
            await made.end()
            assert made.process.returncode is not None


async def said(there: socket.socket, *pieces: bytes) -> None:
    for piece in pieces:
        there.sendall(piece)
        await asyncio.sleep(0.01)


async def test_an_answer_in_pieces_is_handed_on_whole_and_the_next_is_another() -> None:
    async with line() as (made, there):
        first = asyncio.create_task(made.exchange(b"question", WAIT_S))
        await asyncio.sleep(0)
        was_free = made.is_free
        await said(there, *(bytes([byte]) for byte in framed(b"answer")))

        assert (await first, there.recv(100)) == (b"answer", framed(b"question"))
        assert (was_free, made.is_free) == (False, True)

        second = asyncio.create_task(made.exchange(b"", WAIT_S))
        await said(there, framed(b""))
        assert await second == b""


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([HEADER.pack(MAX_BYTES + 1)], id="too long"),
        pytest.param([framed(b"one") + framed(b"two")], id="two for one"),
        pytest.param([framed(b"one") + b"x"], id="more than one"),
    ],
)
async def test_what_is_no_answer_puts_the_line_in_doubt(pieces: list[bytes]) -> None:
    async with line() as (made, there):
        asked = asyncio.create_task(made.exchange(b"question", WAIT_S))
        await asyncio.sleep(0)
        await said(there, *pieces)

        with pytest.raises(UnavailableError):
            await asked
        assert not made.is_usable


async def test_what_nobody_asked_for_puts_the_line_in_doubt() -> None:
    async with line() as (made, there):
        await said(there, framed(b"by the way"))

        assert not made.is_usable
        assert not made.is_free


async def test_an_answer_that_is_late_puts_the_line_in_doubt() -> None:
    async with line() as (made, _):
        with pytest.raises(UnavailableError):
            await made.exchange(b"question", 0.01)
        assert not made.is_usable


@pytest.mark.parametrize(
    ("first_s", "second_s"),
    [pytest.param(0.02, 0.1, id="with more time"), pytest.param(WAIT_S, 0.02, id="with less time")],
)
async def test_each_question_has_its_own_time(first_s: float, second_s: float) -> None:
    async with line() as (made, there):
        first = asyncio.create_task(made.exchange(b"question", first_s))
        await asyncio.sleep(0)
        there.sendall(framed(b"answer"))
        assert await first == b"answer"
        asked = asyncio.get_running_loop().time()

        with pytest.raises(UnavailableError):
            await made.exchange(b"question", second_s)

        assert second_s <= asyncio.get_running_loop().time() - asked + 0.005 < second_s + 1


async def test_a_line_that_is_cut_says_so_to_who_waits_and_to_who_comes_later() -> None:
    async with line() as (made, there):
        waiting = asyncio.create_task(made.exchange(b"question", WAIT_S))
        await asyncio.sleep(0)
        there.close()

        with pytest.raises(UnavailableError):
            await waiting
        with pytest.raises(UnavailableError):
            await made.exchange(b"question", WAIT_S)
