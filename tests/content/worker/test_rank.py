"""A worker goes after all other processes, until that leaves it no processor: a real worker, among real hogs."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from sidecar.content.detection import Wanted
from sidecar.content.worker.detector import WorkerDetector
from sidecar.content.worker.line import Line
from sidecar.content.worker.rank import LEAST, LOOK_S, Linux, Rank
from sidecar.errors import UnavailableError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process goes last")
CARD = "4111 1111 1111 1111"
HOG = "while True: pass"
HOGS = 3  # on the worker's one processor
MAY_LIFT = os.geteuid() == 0 if sys.platform == "linux" else False


class Kernel:
    """Says how long a process has worked, and whether it may be lifted."""

    def __init__(self, *used_s: float, may_lift: bool = True) -> None:
        self._used_s = list(used_s)
        self._may_lift = may_lift
        self.lifted: list[int] = []

    def used_s(self, pid: int) -> float:
        if not self._used_s:
            raise ProcessLookupError(pid)
        return self._used_s.pop(0)

    def lift(self, pid: int) -> bool:
        self.lifted.append(pid)
        return self._may_lift


class Stingy(Linux):
    """The kernel, to whom may raise no process."""

    def lift(self, pid: int) -> bool:
        del pid
        return False


@asynccontextmanager
async def running() -> AsyncIterator[tuple[WorkerDetector, Line]]:
    detector = WorkerDetector(Wanted(thresholds={"CREDIT_CARD": 0.4}), deadline_s=30.0)
    await detector.start()
    try:
        assert detector._worker is not None
        yield detector, detector._worker
    finally:
        await detector.stop()


@contextmanager
def crowded(pid: int) -> Iterator[None]:
    """Leave a process one processor, which others fill."""
    one = {min(os.sched_getaffinity(0))}
    os.sched_setaffinity(pid, one)
    hogs = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(HOGS)]
    try:
        for hog in hogs:
            os.sched_setaffinity(hog.pid, one)
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


@pytest.mark.parametrize(
    ("used", "asked", "expected", "lifted"),
    [
        pytest.param([1.0], [1], [True], False, id="one look tells nothing"),
        pytest.param([1.0, 1.0 + LEAST * LOOK_S], [1, 1], [True, True], False, id="it works"),
        pytest.param([1.0, 1.0], [1, 2], [True, True], False, id="another was asked since"),
        pytest.param([1.0, 1.01], [1, 1], [True, True], True, id="starved"),
        pytest.param([1.0, 1.2, 1.2], [1, 1, 1], [True, True, True], True, id="starved later"),
        pytest.param([1.0], [1, 1], [True, True], False, id="gone"),
    ],
)
def test_it_is_lifted_where_it_is_hardly_let_work(
    used: list[float], asked: list[float], expected: list[bool], *, lifted: bool
) -> None:
    kernel = Kernel(*used)
    rank = Rank(7, is_last=True, kernel=kernel)

    assert [rank.is_let_work(each) for each in asked] == expected
    assert (kernel.lifted, rank.is_last, rank.was_starved) == ([7] if lifted else [], not lifted, False)


def test_there_is_no_hope_for_one_that_may_not_be_lifted() -> None:
    rank = Rank(7, is_last=True, kernel=Kernel(1.0, 1.0, may_lift=False))

    assert [rank.is_let_work(1), rank.is_let_work(1)] == [True, False]
    assert (rank.is_last, rank.was_starved) == (False, True)


async def test_the_worker_goes_last_when_it_is_warm() -> None:
    async with running() as (detector, worker):
        await detector.find([CARD])

        assert worker.rank.is_last
        assert os.sched_getscheduler(worker.process.pid) == os.SCHED_IDLE


@pytest.mark.skipif(not MAY_LIFT, reason="only who may raise a process can lift one")
async def test_one_that_gets_no_processor_is_lifted_and_answers() -> None:
    async with running() as (detector, worker):
        with crowded(worker.process.pid):
            found = await asyncio.gather(*(detector.find([f"{n} for {CARD}, and so on. " * 40]) for n in range(20)))

        assert all(each[0] for each in found)
        assert not worker.rank.is_last
        assert os.sched_getscheduler(worker.process.pid) == os.SCHED_BATCH


async def test_one_that_may_not_be_lifted_gives_its_place_to_one_that_does_not_go_last() -> None:
    async with running() as (detector, worker):
        worker.rank.kernel = Stingy()
        with crowded(worker.process.pid):
            texts = [[f"{n} for {CARD}, and so on. " * 40] for n in range(20)]
            told = await asyncio.gather(*(detector.find(each) for each in texts), return_exceptions=True)
        failed = [each for each in told if isinstance(each, BaseException)]

        assert 0 < len(failed) < len(told)
        assert all(isinstance(each, UnavailableError) for each in failed)
        assert (await detector.find([CARD]))[0]
        assert detector._worker is not None
        assert detector._worker is not worker
        assert os.sched_getscheduler(detector._worker.process.pid) == os.SCHED_BATCH
