"""Long work in parts between which others have their turn."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterable, Sequence
from itertools import islice
from typing import Final, TypeVar

from sidecar.model.steps import BATCH, Steps, listing

T = TypeVar("T")
AT_ONCE: Final = 8  # steps that only let others in; whoever has more of them rests between them
LONG_S: Final = 0.002  # of a step, behind which others have their turn; a call without text takes less in all
REST_S: Final = 0.001  # a call takes several rounds of the loop: it must not pay a step of somebody else's for each
STEPS_S: Final = 0.0003  # of steps that are too short to rest behind each; behind so much who has more to do rests
ROUNDS: Final = 2  # of the loop that others have before: what a short text needs is done, and rests for nobody
TURNS: Final = 16  # in which all go that wait: some 20 ms, of which no reader of a stream takes notice


async def rest(done: int) -> None:
    """Give others a turn after step number `done` of a long work: after many, until they had time for a whole call."""
    await asyncio.sleep(REST_S if done >= AT_ONCE else 0)


async def listed(items: Iterable[T]) -> list[T]:
    """Return the list of `items`, small things each; of many, others have their turn meanwhile."""
    left = iter(items)
    first = list(islice(left, BATCH))
    return first if len(first) < BATCH else first + await walked(listing(left))


async def emptied(items: list[T]) -> None:
    """Let go of `items`, which nobody else holds: to give back what many of them took is work, too."""
    pace = Pace()
    while items:
        del items[-BATCH:]
        await pace.step()


async def walked(steps: Steps[T]) -> T:
    """Return what `steps` come to; others have their turn as `Pace` gives it, without a call for each step."""
    now, rests = asyncio.get_running_loop().time, 0
    since = now()
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: T = done.value
            return result
        if now() - since >= STEPS_S:
            await asyncio.sleep(REST_S if rests >= ROUNDS else 0)
            since, rests = now(), rests + 1


class Pace:
    """Gives others a turn in a long work, whenever its steps since the last turn took long together."""

    def __init__(self) -> None:
        self._clock = asyncio.get_running_loop().time
        self._since, self._rests = self._clock(), 0

    async def step(self) -> None:
        """Let others go first, where it is time; it is called behind each step."""
        if self._clock() - self._since >= STEPS_S:
            await asyncio.sleep(REST_S if self._rests >= ROUNDS else 0)
            self._since, self._rests = self._clock(), self._rests + 1


class Lane:
    """One lane for works of which many come at once: one takes a step, then others have a moment, then the next does.

    Else a call that arrives among them would pay for each of them. Choice: whoever finds the lane empty goes at once,
    and of many that wait so many go together that none waits for more than `TURNS` moments. Price: of eight that come
    together, the last one waits for some milliseconds, where it had waited for the seven before it anyway.
    """

    def __init__(self, pause_s: float = REST_S) -> None:
        self._pause_s = pause_s
        self._waiting: deque[asyncio.Future[None]] = deque()  # one of each work that is under way, at most
        self._free_at = 0.0  # of the loop's clock: up to then the lane rests
        self._will_go_on = False

    async def along(self, work: Coroutine[object, None, T]) -> T:
        """Return what `work` returns, of which each step, up to where it waits for something, has its turn."""
        return await _Along(self, work)

    async def turn(self) -> None:
        """Return when it is the caller's turn, which lasts until it waits for something, or says that it is `over`."""
        loop = asyncio.get_running_loop()
        if not self._waiting and loop.time() >= self._free_at:
            self._free_at = loop.time() + self._pause_s
            return
        mine: asyncio.Future[None] = loop.create_future()
        self._waiting.append(mine)
        self._pause(loop)
        await mine

    def over(self) -> None:
        """Have the lane rest from now on: a step is over. Nobody waits for that unless somebody comes meanwhile."""
        self._free_at = asyncio.get_running_loop().time() + self._pause_s

    def _pause(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._will_go_on:
            self._will_go_on = True
            loop.call_at(self._free_at, self._go_on)

    def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        self._will_go_on = False
        if loop.time() >= self._free_at:
            self._free_at = loop.time() + self._pause_s
            for _ in range(-(-len(self._waiting) // TURNS)):
                mine = self._waiting.popleft()
                if not mine.done():  # whose turn it is has not gone
                    mine.set_result(None)
        if self._waiting:
            self._pause(loop)


class _Along(Awaitable[T]):
    """Drives a coroutine as its task would, but for a turn before each of its steps."""

    def __init__(self, lane: Lane, work: Coroutine[object, None, T]) -> None:
        self._lane = lane
        self._work = work

    def __await__(self) -> Generator[object, None, T]:
        error: BaseException | None = None
        try:
            while True:
                if error is None:
                    try:
                        yield from self._lane.turn().__await__()
                    except BaseException as raised:  # noqa: BLE001 - whatever ends the waiting is the work's to hear
                        error = raised
                try:
                    waits_for = self._work.throw(error) if error is not None else self._work.send(None)
                except StopIteration as done:
                    result: T = done.value
                    return result
                finally:
                    self._lane.over()
                error = None
                try:
                    yield waits_for
                except BaseException as raised:  # noqa: BLE001 - as above
                    error = raised
        finally:
            self._work.close()


class Turns:
    """Turns that are given to others between steps of a work, where a step took long. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()

    async def given(self) -> float:
        """Let others go first, where the step that ends here took long, waiting for others included.

        Return the clock's time.
        """
        now = self._clock()
        if now - self._since >= LONG_S:
            await asyncio.sleep(0)
            self._since = now = self._clock()
        return now


async def in_time(work: Coroutine[object, None, T], until: float) -> T:
    """Return what `work` returns. Raises `TimeoutError` where it still waits for something at `until` (loop's clock).

    A work that never waits has no timer: to set one takes as long as some ten checks.
    """
    try:
        waits_for = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    async with asyncio.timeout_at(until):
        return await _Begun(work, waits_for)


class _Begun(Awaitable[T]):
    """The rest of a work that has taken its first step, and waits for something."""

    def __init__(self, work: Coroutine[object, None, T], waits_for: object) -> None:
        self._work = work
        self._waits_for = waits_for

    def __await__(self) -> Generator[object, None, T]:
        try:
            while True:
                try:
                    yield self._waits_for
                except BaseException as raised:  # noqa: BLE001 - whatever ends the waiting is the work's to hear
                    self._waits_for = self._work.throw(raised)
                else:
                    self._waits_for = self._work.send(None)
        except StopIteration as done:
            result: T = done.value
            return result
        finally:
            self._work.close()


async def by_turns(items: Sequence[T], size: int) -> AsyncIterator[Sequence[T]]:
    """Yield all of `items`, `size` at a time; between two parts the loop goes round."""
    for start in range(0, len(items), size):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + size]
