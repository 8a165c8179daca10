import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from sidecar.content.turns import LONG_S, TURNS, Lane, Turns, by_turns, in_time


async def test_others_have_their_turn_between_two_parts() -> None:
    seen: list[object] = []

    async def other() -> None:
        for number in range(2):
            seen.append(number)
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async for part in by_turns("abcde", 2):
        seen += [part]
    await task

    assert seen == ["ab", 0, "cd", 1, "e"]


async def test_a_turn_is_given_behind_a_long_step_alone() -> None:
    seen: list[str] = []
    now = 0.0
    turns = Turns(lambda: now)
    other = asyncio.create_task(said(seen))
    await turns.given()
    seen.append("a short step")
    now = LONG_S
    await turns.given()
    seen.append("a long one")
    await turns.given()
    seen.append("and a short one behind it")
    await other

    assert seen == ["a short step", "other", "a long one", "and a short one behind it"]


async def said(seen: list[str]) -> None:
    seen.append("other")


async def test_of_many_works_one_takes_a_step_at_a_time() -> None:
    seen: list[str] = []
    lane = Lane(pause_s=0.002)

    async def work(name: str) -> None:
        seen.append(name)
        await asyncio.sleep(0)
        seen.append(name)

    async def other() -> None:
        while len(seen) < 2 * TURNS:
            if seen[-1:] != ["other"]:
                seen.append("other")
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await asyncio.gather(*(lane.along(work(name)) for name in "abcd"))
    beside.cancel()

    assert [each for each in seen if each != "other"] == [*"abcdabcd"]
    assert all("other" in pair for pair in pairwise(seen))


async def test_so_many_take_their_step_together_that_nobody_waits_for_long() -> None:
    lane, rounds = Lane(pause_s=0.001), 0
    done: list[int] = []

    async def work() -> None:
        done.append(rounds)

    tasks = [asyncio.create_task(lane.along(work())) for _ in range(20 * TURNS)]
    while len(done) < len(tasks):
        await asyncio.sleep(0.002)
        rounds += 1

    assert rounds < 8 * TURNS
    assert max(map(done.count, done)) <= 4 * 20


async def test_who_finds_nobody_in_the_lane_goes_at_once() -> None:
    seen: list[str] = []

    async def work() -> str:
        seen.append("work")
        return "done"

    task = asyncio.create_task(Lane().along(work()))
    asyncio.get_running_loop().call_soon(seen.append, "later")

    assert await task == "done"
    assert seen == ["work", "later"]


async def failing(_gate: asyncio.Future[None]) -> None:
    raise ValueError("x")


async def late(gate: asyncio.Future[None]) -> None:
    async with asyncio.timeout(0.001):
        await gate


@pytest.mark.parametrize(
    ("work", "error"), [pytest.param(failing, ValueError, id="fails"), pytest.param(late, TimeoutError, id="is late")]
)
async def test_what_a_work_raises_reaches_who_waits_for_it(
    work: Callable[[asyncio.Future[None]], Awaitable[None]], error: type[Exception]
) -> None:
    lane = Lane()
    await lane.turn()  # so that the next one waits

    with pytest.raises(error):
        await lane.along(stepped(work(asyncio.get_running_loop().create_future())))


async def stepped(work: Awaitable[None]) -> None:
    await work


async def test_a_work_that_is_cancelled_while_it_waits_for_its_turn_hears_of_it_and_holds_up_nobody() -> None:
    lane = Lane(pause_s=0.001)
    heard: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    task = asyncio.create_task(lane.along(work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # now it waits for its second turn
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(1):
        await lane.turn()
    assert heard == ["cancelled"]


async def test_a_work_that_never_waits_is_done_at_once_and_has_no_timer() -> None:
    async def work() -> int:
        return 7

    assert await in_time(work(), until=0.0) == 7


async def test_what_a_work_waits_for_reaches_it() -> None:
    loop = asyncio.get_running_loop()
    waited = loop.create_future()
    loop.call_soon(waited.set_result, 3)

    async def work() -> int:
        await asyncio.sleep(0)
        try:
            await asyncio.wait_for(loop.create_future(), timeout=0.001)
        except TimeoutError:
            return int(await waited)
        return 0

    assert await in_time(work(), until=loop.time() + 10) == 3


async def test_a_work_that_waits_too_long_is_ended_and_may_clean_up() -> None:
    loop, cleaned = asyncio.get_running_loop(), []

    async def work() -> None:
        try:
            await loop.create_future()
        finally:
            cleaned.append(1)

    with pytest.raises(TimeoutError):
        await in_time(work(), until=loop.time() + 0.01)
    assert cleaned == [1]


@pytest.mark.parametrize("steps", [0, 1, 2])
async def test_what_a_work_raises_is_raised(steps: int) -> None:
    async def work() -> None:
        for _ in range(steps):
            await asyncio.sleep(0)
        raise KeyError("x")

    with pytest.raises(KeyError):
        await in_time(work(), until=asyncio.get_running_loop().time() + 10)


async def test_who_is_cancelled_cancels_the_work() -> None:
    loop, cancelled = asyncio.get_running_loop(), []

    async def work() -> None:
        try:
            await loop.create_future()
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    task = asyncio.create_task(in_time(work(), until=loop.time() + 10))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])

    assert (cancelled, task.cancelled()) == ([1], True)
