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
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Final, TypeVar

from pydantic import ValidationError

from sidecar.content.detection import Span, Wanted
from sidecar.content.injection.scoring import Passage, Reader
from sidecar.content.injection.signals import Signal
from sidecar.content.remembered import Remembered
from sidecar.content.segments import MAX_CHARACTERS, MAX_TEXTS, Segment, batches, joined
from sidecar.content.turns import in_time
from sidecar.content.worker.frames import (
    FOUND,
    INSPECTED,
    SETUP,
    STARTED,
    Inspected,
    Inspection,
    Request,
    Setup,
    passages_of,
    request_to_bytes,
    signals_of,
    spans_of,
)
from sidecar.content.worker.line import Line, Told
from sidecar.content.worker.spawning import taken
from sidecar.errors import ConfigError, UnavailableError

DEADLINE_S: Final = 2.0  # for each batch of a call's texts, waiting for others' batches included
BATCH_S: Final = 5.0  # what a batch may take before the worker counts as hung; 0.02 s is usual
START_S: Final = 60.0  # imports and a model, on a busy machine; 2 s is usual
LONGEST_HOLD_S: Final = 900.0  # that a model may still write after its policy was replaced
MAX_CALLS: Final = 256  # waiting at once; more would only wait to be refused
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 10.0
GRACE_S: Final = 1.0  # a hung worker ends by itself at BATCH_S; who waits for that is a little more patient
ENGLISH: Final = "en"
T = TypeVar("T")
_UNREAD: Final = "the detector failed on a text"
_GONE: Final = "the detector's process is gone"


@dataclass(frozen=True, slots=True)
class _Batch:
    entities: tuple[str, ...]
    texts: tuple[str, ...]
    answer: asyncio.Future[tuple[tuple[Span, ...], ...]] = field(repr=False)
    is_alone: bool = False  # beside others it could not be read: one of them is to blame

    @property
    def size(self) -> int:
        return sum(map(len, self.texts))


@dataclass(frozen=True, slots=True)
class _Inspecting:
    """Pieces that are inspected for injections; they go alone."""

    asked: Request = field(repr=False)
    answer: asyncio.Future[Inspected] = field(repr=False)


def unnoticed() -> None:
    """Take no notice."""


class WorkerDetector:
    """Finds `wanted` with Presidio and spaCy. `models` are packages or paths by language, an empty one the bundled."""

    def __init__(
        self,
        wanted: Wanted,
        *,
        models: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
        batch_s: float = BATCH_S,
        replaced: Callable[[], None] = unnoticed,
    ) -> None:
        """Make it, not started. `replaced` is called whenever another worker has taken the place of a lost one."""
        self.wanted = wanted
        self._all = tuple(sorted(wanted.thresholds))
        self._models = dict(models or {ENGLISH: ""})
        self._deadline_s = deadline_s
        self._batch_s = batch_s
        self._replaced = replaced
        self._remembered = Remembered()
        self._waiting: deque[_Batch | _Inspecting] = deque()  # bounded by MAX_CALLS: one batch of each
        self._calls = 0
        self._worker: Line | None = None
        self._gone: Line | None = None  # while it is replaced
        self._goes_last = True  # until one was starved
        self._keeper: asyncio.Task[None] | None = None
        self._missed = asyncio.Event()  # where there is work, and nobody to do it
        self._pause_s = FIRST_PAUSE_S
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False
        self._holding = 0
        self._unheld = asyncio.Event()
        self._unheld.set()

    async def start(self) -> None:
        """Return when the worker is warm. Raises `ConfigError` when it cannot work, and says why.

        Where no kinds are asked for, a process is started when there is something to inspect.
        """
        if self.wanted.thresholds:
            await self._remembered.reserve()  # while the process that was prepared begins
            self._worker = await self._started()
        self._keeper = asyncio.create_task(self._keep(), name="detector")

    def hold(self) -> None:
        """Let it last for somebody whose texts come in pieces."""
        self._holding += 1
        self._unheld.clear()

    def let_go(self) -> None:
        """Need it no more, once for each `hold`."""
        self._holding -= 1
        if not self._holding:
            self._unheld.set()

    async def retire(self, grace_s: float) -> None:
        """Stop when `grace_s` are over, which is what calls take that were let in, and nobody holds it."""
        await asyncio.sleep(grace_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_HOLD_S):
                await self._unheld.wait()
        await self.stop()

    async def stop(self) -> None:
        """Take no more calls, let those under way finish, end the worker."""
        self._stopping = True
        await self._idle.wait()  # each call has its deadline
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        for worker in (self._gone, self._worker):
            if worker:
                await worker.end()
        self._gone = self._worker = None

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        asked = self._all
        if entities:
            asked = tuple(sorted(self.wanted.thresholds.keys() & set(entities)))
        return await self._timely(sum(map(len, texts)), self._found(texts, asked))

    async def _found(self, texts: Sequence[str], asked: tuple[str, ...]) -> Sequence[tuple[Span, ...]]:
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
        return await self._timely(sum(map(len, asked.texts)), self._asked_for(asked))

    async def _asked_for(self, asked: Request) -> Inspected:
        waiting = _Inspecting(asked, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._go_on()
        return await waiting.answer

    async def _timely(self, size: int, work: Coroutine[object, None, T]) -> T:
        """Return what `work` on so many characters returns, counted as a call, unless its time is over before."""
        if self._stopping or self._keeper is None or self._calls >= MAX_CALLS:
            work.close()
            raise UnavailableError("the detector takes no more calls")
        self._calls += 1
        self._idle.clear()
        try:
            until = asyncio.get_running_loop().time() + self._deadline_s * (1 + size // MAX_CHARACTERS)
            return await in_time(work, until)  # the worker is asked before a timer is set
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
            answer = self._ask(asked, tuple(new.values()))
            await self._remembered.settle()
            found = dict(zip(new, await answer, strict=True))
            self._remembered.put(found)
            known |= found
        return [(segment, known[key]) for key, segment in zip(keys, batch, strict=True)]

    def _ask(self, entities: tuple[str, ...], texts: tuple[str, ...]) -> asyncio.Future[tuple[tuple[Span, ...], ...]]:
        batch = _Batch(entities, texts, asyncio.get_running_loop().create_future())
        self._waiting.append(batch)
        self._go_on()
        return batch.answer

    def _go_on(self) -> None:
        """Give the worker what waits, unless it has something in hand."""
        if self._worker is None or not self._worker.is_usable:
            self._missed.set()
            return
        while self._waiting and self._worker.is_free:
            first = self._waiting.popleft()
            if first.answer.done():  # nobody waits for it
                continue
            if isinstance(first, _Inspecting):
                self._send(first.asked, partial(self._told_inspected, first))
            else:
                together = self._together(first)
                texts = [text for batch in together for text in batch.texts]
                self._send(Request(texts=texts, entities=first.entities), partial(self._told_found, together, texts))

    def _send(self, asked: Request, told: Told) -> None:
        if self._worker:
            self._worker.ask(request_to_bytes(asked), self._batch_s + GRACE_S, told)

    def _together(self, first: _Batch) -> list[_Batch]:
        """Return `first` and those next to it that fit beside it, without whom nobody waits for."""
        together, texts, size = [first], len(first.texts), first.size
        while self._waiting and not first.is_alone:
            batch = self._waiting[0]
            if isinstance(batch, _Inspecting) or batch.is_alone or batch.entities != first.entities:
                break
            texts, size = texts + len(batch.texts), size + batch.size
            if texts > MAX_TEXTS or size > MAX_CHARACTERS:
                break
            self._waiting.popleft()
            if not batch.answer.done():
                together.append(batch)
        return together

    def _told_found(self, together: Sequence[_Batch], texts: Sequence[str], body: bytes | None) -> None:
        """Hand on what was found, or that nothing could be told."""
        try:
            spans = iter(spans_of(FOUND.validate_json(_kept(body)), texts))
        except ValueError:
            if body is not None and len(together) > 1:  # a text that cannot be read is its own caller's trouble
                self._waiting.extendleft(replace(batch, is_alone=True) for batch in reversed(together))
            else:
                self._failed(body, *(batch.answer for batch in together))
        else:
            self._pause_s = FIRST_PAUSE_S
            for batch in together:
                rows = tuple(islice(spans, len(batch.texts)))
                if not batch.answer.done():
                    batch.answer.set_result(rows)
        self._go_on()

    def _told_inspected(self, waiting: _Inspecting, body: bytes | None) -> None:
        """Hand on what an inspection found, or that nothing could be told."""
        try:
            found = INSPECTED.validate_json(_kept(body))
        except ValueError:
            found = Inspected(failed="not an answer")
        if found.failed:
            self._failed(body, waiting.answer)
        elif not waiting.answer.done():
            self._pause_s = FIRST_PAUSE_S
            waiting.answer.set_result(found)
        self._go_on()

    def _failed(self, body: bytes | None, *answers: "asyncio.Future[T]") -> None:
        for answer in answers:
            if not answer.done():
                answer.set_exception(UnavailableError(_GONE if body is None else _UNREAD))

    async def _keep(self) -> None:
        """Replace the worker where it is missed, until cancelled."""
        while True:
            await self._missed.wait()
            self._gone, self._worker = self._worker, None
            async with asyncio.TaskGroup() as group:  # to die takes time, too, where the machine has none
                if self._gone:
                    self._goes_last = self._goes_last and not self._gone.rank.was_starved
                    group.create_task(self._gone.end())
                await self._replace()
            self._gone = None

    async def _replace(self) -> None:
        while self._worker is None:
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            with contextlib.suppress(ConfigError):
                self._worker = await self._started()
        if self._gone:
            self._replaced()
        self._missed.clear()
        self._go_on()

    async def _started(self) -> Line:
        """Return a worker that is warm. Raises `ConfigError`."""
        setup = Setup(
            thresholds=dict(self.wanted.thresholds),
            recognizers=self.wanted.recognizers,
            installed=self.wanted.installed,
            models=self._models,
            batch_s=self._batch_s,
            parent=os.getpid(),
            goes_last=self._goes_last,
        )
        worker = await _spawned(inspects=not self.wanted.thresholds)
        try:
            await _greet(worker, setup)
            worker.rank.is_last = self._goes_last
        except BaseException:
            await worker.end()
            raise
        return worker


def _kept(body: bytes | None) -> bytes:
    """Return an answer. Raises `ValueError` where there is none."""
    if body is None:
        raise ValueError("no answer")
    return body


async def _greet(worker: Line, setup: Setup) -> None:
    """Tell the worker what to look for, and wait until it is warm. Raises `ConfigError`."""
    try:
        started = STARTED.validate_json(await worker.exchange(SETUP.dump_json(setup), START_S))
    except (UnavailableError, ValidationError):
        raise ConfigError(["the detector's process does not start: is memory short?"]) from None
    if started.problems:
        raise ConfigError(started.problems)


@contextlib.contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except ValueError:
        raise UnavailableError(_UNREAD) from None


async def _spawned(*, inspects: bool) -> Line:
    try:
        spawned = taken(inspects=inspects)
    except OSError:
        raise ConfigError(["the detector's process cannot be started: is there memory for one more?"]) from None
    return await Line.to(spawned)
