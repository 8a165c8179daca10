"""The line to a process that works for us: a frame goes there, a frame comes back, one pair at a time.

A plain protocol of the loop: a frame is written where it is asked for, and its answer handed on where it arrives,
without a task between, since for short texts each round of the loop takes as long as looking at ten words.
"""

import asyncio
import subprocess
from collections.abc import Callable
from typing import Final, Self

from sidecar.content.worker.frames import HEADER, framed, length
from sidecar.content.worker.rank import LOOK_S, Rank
from sidecar.content.worker.spawning import Spawned
from sidecar.errors import UnavailableError

_POLL_S: Final = 0.01
Told = Callable[[bytes | None], None]  # what is called with an answer; None where there will be none


class Line(asyncio.Protocol):
    """One process and the socket to it. After an error that leaves it in doubt, `is_usable` is False."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.rank = Rank(process.pid)
        self.is_usable = True
        self._transport: asyncio.WriteTransport | None = None
        self._read = bytearray()
        self._told: Told | None = None
        self._asked_at = 0.0  # by the loop's clock
        self._due = 0.0  # when an answer that is waited for is late
        self._late: asyncio.TimerHandle | None = None  # one for many questions: nearly all are answered long before

    @classmethod
    async def to(cls, spawned: Spawned) -> Self:
        """Return the line to a process that was started."""
        loop = asyncio.get_running_loop()
        _, line = await loop.create_unix_connection(lambda: cls(spawned.process), sock=spawned.socket)
        return line

    @property
    def is_free(self) -> bool:
        """Whether something may be asked."""
        return self.is_usable and self._told is None

    def ask(self, body: bytes, wait_s: float, told: Told) -> None:
        """Send `body` and call `told` with the answer, once, within `wait_s` seconds; only where `is_free`."""
        self._told = told
        if self._transport is None or self._transport.is_closing():
            self._lost()
            return
        self._transport.write(framed(body))
        self._watch(wait_s)  # while the other side works

    async def exchange(self, body: bytes, wait_s: float) -> bytes:
        """Return the answer to `body`. Raises `UnavailableError` when there is none within `wait_s` seconds."""
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self.ask(body, wait_s, lambda found: None if answer.done() else answer.set_result(found))
        found = await answer
        if found is None:
            raise UnavailableError("the detector's process is gone")
        return found

    async def end(self) -> None:
        """Kill the process: it holds nothing that is worth a farewell."""
        self._lost()
        if self._late:
            self._late.cancel()
        if self._transport:
            self._transport.abort()
        self.process.kill()
        while self.process.poll() is None:  # noqa: ASYNC110 - only the kernel knows, and it takes milliseconds
            await asyncio.sleep(_POLL_S)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand on an answer that is complete. What nobody asked for puts the line in doubt."""
        self._read += data
        if len(self._read) < HEADER.size:
            return
        try:
            size = HEADER.size + length(bytes(self._read[: HEADER.size]))
        except ValueError:
            size = 0
        if self._told is None or len(self._read) > size:
            self._lost()
        elif len(self._read) == size:
            body = bytes(self._read[HEADER.size :])
            self._read.clear()
            self._tell(body)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits that there is no answer."""
        del exc
        self._lost()

    def _watch(self, wait_s: float) -> None:
        now = asyncio.get_running_loop().time()
        self._asked_at, self._due = now, now + wait_s
        if self._late and self._late.when() > self._next(now):
            self._late.cancel()
            self._late = None
        if self._late is None:
            self._look_at(now)

    def _next(self, now: float) -> float:
        return min(self._due, now + LOOK_S) if self.rank.is_last else self._due

    def _look_at(self, now: float) -> None:
        self._late = asyncio.get_running_loop().call_at(self._next(now), self._look)

    def _look(self) -> None:
        """Give the process up where its answer is late, or it cannot come: where it is let work, look again."""
        self._late = None
        if not self._told:
            return
        now = asyncio.get_running_loop().time()
        if now >= self._due or not (self._was_just_asked(now) or self.rank.is_let_work(self._asked_at)):
            self._lost()
        else:
            self._look_at(now)

    def _was_just_asked(self, now: float) -> bool:
        return not self.rank.is_last or now < self._asked_at + LOOK_S

    def _lost(self) -> None:
        self.is_usable = False
        if self._told:
            self._tell(None)

    def _tell(self, body: bytes | None) -> None:
        told, self._told = self._told, None
        if told:
            told(body)
