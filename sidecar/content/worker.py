"""A detector whose work is done in a process of its own, so that a text never delays a verdict on another.

One worker, one batch at a time, taken in turn from the calls that wait: a long text has many batches, a short
one waits for one of them at most, and those that wait go together where there is room. What was found in a segment
that comes again is remembered. A worker that dies or does not answer is replaced, after a pause that grows;
what it had in hand is not tried again, since that may be what it died of. Whoever waits beyond the deadline
gets `UnavailableError`, which is a DENY; the worker meanwhile goes on with what it has, and nobody else waits
for a restart.
"""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from pydantic import ValidationError

from sidecar.content.detection import Span, Wanted
from sidecar.content.frames import (
    FOUND,
    HEADER,
    INSPECTED,
    SETUP,
    STARTED,
    Inspected,
    Inspection,
    Request,
    Setup,
    framed,
    length,
    passages_of,
    request_to_bytes,
    signals_of,
    spans_of,
)
from sidecar.content.injection.scoring import Passage, Reader
from sidecar.content.injection.signals import Signal
from sidecar.content.remembered import Remembered
from sidecar.content.segments import MAX_CHARACTERS, MAX_TEXTS, Segment, batches, joined
from sidecar.content.spawning import taken
from sidecar.errors import ConfigError, UnavailableError

DEADLINE_S: Final = 2.0  # for each batch of a call's texts, waiting for others' batches included
BATCH_S: Final = 5.0  # what a batch may take before the worker counts as hung; 0.02 s is usual
START_S: Final = 60.0  # imports and a model, on a busy machine; 2 s is usual
MAX_CALLS: Final = 256  # waiting at once; more would only wait to be refused
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 10.0
GRACE_S: Final = 1.0  # a hung worker ends by itself at BATCH_S; who waits for that is a little more patient
ENGLISH: Final = "en"
_POLL_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class _Batch:
    entities: tuple[str, ...]
    texts: tuple[str, ...]
    answer: asyncio.Future[tuple[tuple[Span, ...], ...]] = field(repr=False)

    @property
    def size(self) -> int:
        return sum(map(len, self.texts))


@dataclass(frozen=True, slots=True)
class _Inspecting:
    """Pieces that are inspected for injections; they go alone."""

    asked: Request = field(repr=False)
    answer: asyncio.Future[Inspected] = field(repr=False)


class WorkerDetector:
    """Finds `wanted` with Presidio and spaCy. `models` are packages or paths by language, an empty one the bundled."""

    def __init__(
        self,
        wanted: Wanted,
        *,
        models: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
        batch_s: float = BATCH_S,
    ) -> None:
        self._wanted = wanted
        self._models = dict(models or {ENGLISH: ""})
        self._deadline_s = deadline_s
        self._batch_s = batch_s
        self._remembered = Remembered()
        self._waiting: asyncio.Queue[_Batch | _Inspecting] = asyncio.Queue()  # bounded by MAX_CALLS: one batch of each
        self._calls = 0
        self._worker: _Worker | None = None
        self._runner: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False

    async def start(self) -> None:
        """Return when the worker is warm. Raises `ConfigError` when it cannot work, and says why.

        Where no kinds are asked for, a process is started when there is something to inspect.
        """
        self._worker = await self._started() if self._wanted.thresholds else None
        self._runner = asyncio.create_task(self._run(), name="detector")

    async def stop(self) -> None:
        """Take no more calls, let those under way finish, end the worker."""
        self._stopping = True
        await self._idle.wait()  # each call has its deadline
        if self._runner:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner
        if self._worker:
            await self._worker.end()
            self._worker = None

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        asked = tuple(sorted(self._wanted.thresholds.keys() & set(entities or self._wanted.thresholds)))
        async with self._call(sum(map(len, texts))):
            found: list[tuple[Segment, tuple[Span, ...]]] = []
            for batch in batches(texts):
                if found:
                    await asyncio.sleep(0)  # a long text that is known by heart must let others through, too
                found += await self._looked(batch, asked)
        return joined(len(texts), found)

    async def signals(self, texts: Sequence[str], begins: Sequence[bool], reader: Reader) -> list[tuple[Signal, ...]]:
        """Return what is concealed in each of `texts`, some pages at most. Raises `UnavailableError`."""
        edges = tuple((each, False) for each in begins)
        asked = Request(texts=texts, edges=edges, inspection=Inspection(reader=reader, conceals=True))
        with _answered():
            return signals_of(await self._inspected(asked), texts)

    async def passages(
        self, texts: Sequence[str], edges: Sequence[tuple[bool, bool]], reader: Reader
    ) -> list[tuple[Passage, ...]]:
        """Return the passages of each of `texts`, some pages at most. Raises `UnavailableError`."""
        asked = Request(texts=texts, edges=edges, inspection=Inspection(reader=reader, conceals=False))
        with _answered():
            return passages_of(await self._inspected(asked), texts)

    async def _inspected(self, asked: Request) -> Inspected:
        async with self._call(sum(map(len, asked.texts))):
            waiting = _Inspecting(asked, asyncio.get_running_loop().create_future())
            self._waiting.put_nowait(waiting)
            return await waiting.answer

    @contextlib.asynccontextmanager
    async def _call(self, size: int) -> AsyncIterator[None]:
        """Count a call of so many characters while it is under way, and end it when its time is over."""
        if self._stopping or self._runner is None or self._calls >= MAX_CALLS:
            raise UnavailableError("the detector takes no more calls")
        self._calls += 1
        self._idle.clear()
        try:
            async with asyncio.timeout(self._deadline_s * (1 + size // MAX_CHARACTERS)):
                yield
        except TimeoutError:
            raise UnavailableError("the detector did not answer in time") from None
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()

    async def _looked(self, batch: Sequence[Segment], asked: tuple[str, ...]) -> list[tuple[Segment, tuple[Span, ...]]]:
        """Return what is found in each segment: from memory, or by the worker."""
        keys = self._remembered.keys((segment.text for segment in batch), asked)
        known = {
            key: spans for key, spans in zip(keys, await self._remembered.get(keys), strict=True) if spans is not None
        }
        new = {key: segment.text for key, segment in zip(keys, batch, strict=True) if key not in known}
        if new:
            found = dict(zip(new, await self._ask(asked, tuple(new.values())), strict=True))
            await self._remembered.put(found)
            known |= found
        return [(segment, known[key]) for key, segment in zip(keys, batch, strict=True)]

    async def _ask(self, entities: tuple[str, ...], texts: tuple[str, ...]) -> tuple[tuple[Span, ...], ...]:
        batch = _Batch(entities, texts, asyncio.get_running_loop().create_future())
        self._waiting.put_nowait(batch)
        return await batch.answer

    async def _run(self) -> None:
        """Answer batches until cancelled."""
        pause = FIRST_PAUSE_S
        held = None if self._worker else await self._waiting.get()
        while True:
            if self._worker is None:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
                with contextlib.suppress(ConfigError):
                    self._worker = await self._started()
                continue
            first = held or await self._waiting.get()
            if isinstance(first, _Inspecting):
                held = None
                await self._answer_inspecting(first, self._worker)
                continue
            together, held = self._together(first)
            if together and await self._answer(together, self._worker):
                pause = FIRST_PAUSE_S

    async def _answer_inspecting(self, waiting: _Inspecting, worker: "_Worker") -> None:
        if waiting.answer.done():  # nobody waits for it
            return
        try:
            found = await worker.inspected(waiting.asked)
        except UnavailableError as error:
            if not worker.is_usable:
                self._worker = None
                await worker.end()
            if not waiting.answer.done():
                waiting.answer.set_exception(error)
            return
        if not waiting.answer.done():
            waiting.answer.set_result(found)

    def _together(self, first: _Batch) -> tuple[list[_Batch], _Batch | _Inspecting | None]:
        """Return `first` and those waiting that fit beside it, without whom nobody waits for, and who comes next."""
        together, texts, size = [first], len(first.texts), first.size
        while not self._waiting.empty():
            batch = self._waiting.get_nowait()
            if isinstance(batch, _Inspecting):
                return [batch for batch in together if not batch.answer.done()], batch
            texts, size = texts + len(batch.texts), size + batch.size
            if batch.entities != first.entities or texts > MAX_TEXTS or size > MAX_CHARACTERS:
                return [batch for batch in together if not batch.answer.done()], batch
            together.append(batch)
        return [batch for batch in together if not batch.answer.done()], None

    async def _answer(self, together: Sequence[_Batch], worker: "_Worker") -> bool:
        try:
            spans = iter(await worker.find(together[0].entities, [text for batch in together for text in batch.texts]))
        except UnavailableError as error:
            if not worker.is_usable:
                self._worker = None
                await worker.end()
            for batch in together:
                if worker.is_usable and len(together) > 1:
                    await self._answer([batch], worker)  # a text that cannot be read is its own caller's trouble
                elif not batch.answer.done():
                    batch.answer.set_exception(error)
            return False
        for batch in together:
            rows = tuple(islice(spans, len(batch.texts)))
            if not batch.answer.done():
                batch.answer.set_result(rows)
        return True

    async def _started(self) -> "_Worker":
        """Return a worker that is warm. Raises `ConfigError`."""
        setup = Setup(
            thresholds=dict(self._wanted.thresholds),
            recognizers=self._wanted.recognizers,
            installed=self._wanted.installed,
            models=self._models,
            batch_s=self._batch_s,
            parent=os.getpid(),
        )
        worker = await _spawned(inspects=not self._wanted.thresholds)
        try:
            await worker.greet(setup)
        except BaseException:
            await worker.end()
            raise
        return worker


@dataclass(slots=True)
class _Worker:
    """One process, and the stream to it. After an error that leaves the stream in doubt, `is_usable` is False."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    wait_s: float = START_S
    is_usable: bool = True

    async def greet(self, setup: Setup) -> None:
        """Tell the worker what to look for, and wait until it is warm. Raises `ConfigError`."""
        try:
            started = STARTED.validate_json(await self._exchange(SETUP.dump_json(setup)))
        except (UnavailableError, ValidationError):
            raise ConfigError(["the detector's process does not start: is memory short?"]) from None
        if started.problems:
            raise ConfigError(started.problems)
        self.wait_s = setup.batch_s + GRACE_S

    async def find(self, entities: Sequence[str], texts: Sequence[str]) -> tuple[tuple[Span, ...], ...]:
        """Return what is found of `entities` in each of `texts`. Raises `UnavailableError`."""
        body = request_to_bytes(Request(texts=texts, entities=entities))
        try:
            return spans_of(FOUND.validate_json(await self._exchange(body)), texts)
        except ValueError:
            raise UnavailableError("the detector failed on a text") from None

    async def inspected(self, asked: Request) -> Inspected:
        """Return what an inspection finds. Raises `UnavailableError`."""
        try:
            found = INSPECTED.validate_json(await self._exchange(request_to_bytes(asked)))
        except ValueError:
            raise UnavailableError("the detector failed on a text") from None
        if found.failed:
            raise UnavailableError("the detector failed on a text")
        return found

    async def end(self) -> None:
        """Kill the process: it holds nothing that is worth a farewell."""
        self.is_usable = False
        self.writer.close()
        self.process.kill()
        while self.process.poll() is None:  # noqa: ASYNC110 - only the kernel knows, and it takes milliseconds
            await asyncio.sleep(_POLL_S)

    async def _exchange(self, body: bytes) -> bytes:
        try:
            async with asyncio.timeout(self.wait_s):
                self.writer.write(framed(body))
                await self.writer.drain()
                return await self.reader.readexactly(length(await self.reader.readexactly(HEADER.size)))
        except (TimeoutError, EOFError, OSError, ValueError):
            self.is_usable = False
            raise UnavailableError("the detector's process is gone") from None


@contextlib.contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except ValueError:
        raise UnavailableError("the detector failed on a text") from None


async def _spawned(*, inspects: bool) -> _Worker:
    try:
        spawned = taken(inspects=inspects)
    except OSError:
        raise ConfigError(["the detector's process cannot be started: is there memory for one more?"]) from None
    return _Worker(spawned.process, *await asyncio.open_unix_connection(sock=spawned.socket))
