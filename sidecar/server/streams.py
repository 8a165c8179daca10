"""One model's output over one bidirectional call: pieces come in, what may cross goes out.

Between two pieces the session is looked at again and again, so that a revocation cuts a stream that waits for its
model, too. Whatever ends the stream, there is one record of it: where the caller hangs up, of what had come in.

Pieces of many streams often come together: they are looked at one after the other, in one lane, so that a tool call
that comes among them waits for one of them, not for all.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from sidecar.asking import Fault
from sidecar.content.turns import Lane
from sidecar.enforcer import CurrentEnforcer
from sidecar.errors import CallerError
from sidecar.model.verdict import Verdict
from sidecar.server import convert
from sidecar.streaming import OutputStream
from sidecar.v1 import sidecar_pb2 as pb

WATCH_S: Final = 0.05  # between two looks at the session of a stream that waits
IDLE_S: Final = 300.0  # without a piece; models that think aloud are not slower
MAX_TAIL: Final = 1 << 18  # characters of one released chunk

_Ended = tuple[str, Verdict, str]  # what may cross besides what was released, the verdict, and its record's id


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """What every stream needs; `now` gives seconds since the epoch."""

    current: CurrentEnforcer
    now: Callable[[], float]
    fault: Fault
    closing: set["asyncio.Task[_Ended]"]  # records that are being written for callers who hung up
    idle_s: float = IDLE_S
    lane: Lane = field(default_factory=Lane)

    async def replies(
        self, chunks: AsyncIterator[pb.LlmOutputChunk], trace_id: str
    ) -> AsyncGenerator[pb.ReleasedChunk]:
        """Yield what may cross, and the verdict last. Raises `CallerError` where nothing came at all."""
        first = await anext(chunks, None)
        if first is None:
            raise CallerError("a stream begins with a chunk that names its session")
        stream = OutputStream(self.current, convert.llm_output_chunk(first, self.now()), trace_id)
        watch = _Watch(self, stream)
        looking = asyncio.ensure_future(watch.look())
        ended = False
        try:
            chunk: pb.LlmOutputChunk | None = first
            while chunk is not None:
                if released := await self.lane.along(stream.feed(chunk.text, self.now())):
                    yield pb.ReleasedChunk(text=released)
                if chunk.last or stream.is_cut:
                    break
                chunk = await self._next(chunks, watch, first)
            looking.cancel()
            ended = True
            usage = chunk.usage if chunk is not None else pb.Usage()
            for reply in await self._ended(stream, usage):
                yield reply
        finally:
            looking.cancel()
            if not ended:
                self._record(stream)

    async def settle(self) -> None:
        """Return when all that callers hung up on is on record: each is judged within its deadline, or denied."""
        while self.closing:
            await asyncio.wait(self.closing)

    async def _next(
        self, chunks: AsyncIterator[pb.LlmOutputChunk], watch: "_Watch", first: pb.LlmOutputChunk
    ) -> pb.LlmOutputChunk | None:
        """Return the next piece; None at the end, and where the stream was cut meanwhile."""
        chunk = await watch.following(chunks)
        if chunk is not None and not _is_of(first, chunk):
            watch.stream.cut(
                reason="stream_mixed", message="a stream is of one session and one call: send a new one for another"
            )
            return None
        return chunk

    async def _ended(self, stream: OutputStream, usage: pb.Usage) -> list[pb.ReleasedChunk]:
        ending = self._ending(stream, *convert.counts(usage))
        try:
            tail, verdict, record_id = await asyncio.shield(ending)
        except asyncio.CancelledError:
            ending.add_done_callback(self._recorded)  # nobody else looks at it now
            raise
        cuts = range(0, max(len(tail), 1), MAX_TAIL)
        replies = [pb.ReleasedChunk(text=tail[at : at + MAX_TAIL]) for at in cuts]
        replies[-1].verdict.CopyFrom(convert.verdict(verdict, record_id))
        return replies

    def _record(self, stream: OutputStream) -> None:
        """Record a stream whose caller is gone: some of it was released."""
        self._ending(stream).add_done_callback(self._recorded)

    def _ending(self, stream: OutputStream, *counts: int) -> "asyncio.Task[_Ended]":
        """Return the end of the stream, which comes whatever becomes of who waits for it."""
        task = asyncio.ensure_future(self.lane.along(stream.end(self.now(), *counts)))
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)
        return task

    def _recorded(self, task: "asyncio.Task[_Ended]") -> None:
        if not task.cancelled() and (error := task.exception()):
            self.fault("a stream that was hung up has no record", error)


class _Watch:
    """Looks at the session of a stream that waits for its model; who reads a piece in time pays nothing for it."""

    def __init__(self, relay: Relay, stream: OutputStream) -> None:
        self.stream = stream
        self._relay = relay
        self._clock = asyncio.get_running_loop().time
        self._since = self._clock()  # when the stream began to wait
        self._waiting: asyncio.Timeout | None = None  # None where it does not

    async def following(self, chunks: AsyncIterator[pb.LlmOutputChunk]) -> pb.LlmOutputChunk | None:
        """Return the next piece; None at the end, and where the stream is cut before one comes."""
        self._since = self._clock()
        try:
            async with asyncio.timeout(None) as self._waiting:
                return await anext(chunks, None)
        except TimeoutError:
            return None  # nothing more is read
        finally:
            self._waiting = None

    async def look(self) -> None:
        """Cut the stream where its session is open no more, and where it waits for too long."""
        while not self.stream.is_cut:
            waited = self._clock() - self._since if self._waiting else 0.0
            if waited < WATCH_S:
                await asyncio.sleep(WATCH_S - waited)
                continue
            try:
                await self.stream.check_session(self._relay.now())
            except Exception as error:  # noqa: BLE001 - as in `OutputStream.feed`: an exception in a check is DENY
                self._relay.fault("a stream's session could not be looked at", error)
                self.stream.cut(reason="check_failed", message="the sidecar could not judge this")
            if self._waiting and self._clock() - self._since >= self._relay.idle_s:
                self.stream.cut(reason="stream_idle", message="no piece came for too long: send a new stream")
            if not self.stream.is_cut:
                await asyncio.sleep(WATCH_S)
        if self._waiting is not None:
            self._waiting.reschedule(self._clock())


def _is_of(first: pb.LlmOutputChunk, chunk: pb.LlmOutputChunk) -> bool:
    """Whether `chunk` names no other session and call than the first one did."""
    return chunk.session_id in {"", first.session_id} and chunk.call_id in {"", first.call_id}
