"""The worker is a real process here: what it survives, and what it does not, cannot be told of a fake."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sidecar.content.detection import Span, Wanted
from sidecar.content.worker.detector import MAX_CALLS, WorkerDetector
from sidecar.content.worker.spawning import environment
from sidecar.content.worker.wall import OUT_OF_MEMORY, ROOM_BYTES
from sidecar.errors import ConfigError, UnavailableError

CARD = "4111 1111 1111 1111"
WANTED = Wanted(thresholds={"CREDIT_CARD": 0.4})
SLOW = json.dumps(
    {"name": "slow", "supported_entity": "SLOW", "patterns": [{"name": "s", "regex": r"^(a|a|aa)+\1$", "score": 1.0}]}
)
CATASTROPHE = Wanted(thresholds={"CREDIT_CARD": 0.4, "SLOW": 0.4}, recognizers=(SLOW,))
ENDLESS = "a" * 200 + "!"


@asynccontextmanager
async def running(wanted: Wanted = WANTED, **options: float) -> AsyncIterator[WorkerDetector]:
    detector = WorkerDetector(wanted, deadline_s=options.get("deadline_s", 10.0), batch_s=options.get("batch_s", 5.0))
    await detector.start()
    try:
        yield detector
    finally:
        await detector.stop()


def process(detector: WorkerDetector) -> int:
    assert detector._worker is not None
    return detector._worker.process.pid


def told(pid: int, what: str) -> str:
    """Return what the kernel tells of a process."""
    return Path(f"/proc/{pid}/{what}").read_text()


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in told(pid, "stat").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


async def recovered(detector: WorkerDetector) -> bool:
    for _ in range(100):
        try:
            return bool((await detector.find([CARD]))[0])
        except UnavailableError:
            await asyncio.sleep(0.05)
    return False


async def test_it_finds_in_every_text_and_stops() -> None:
    async with running() as detector:
        pid = process(detector)

        found = await detector.find(["nothing", CARD, "", f"two: {CARD} {CARD}"])

        assert [len(spans) for spans in found] == [0, 1, 0, 2]
        assert found[1] == (Span(0, 19, "CREDIT_CARD", 1.0),)
        assert await detector.find([]) == ()
    assert not is_alive(pid)
    with pytest.raises(UnavailableError):
        await detector.find([CARD])


@pytest.mark.slow
async def test_a_long_text_does_not_make_a_short_one_wait_for_its_end() -> None:
    async with running(deadline_s=30.0) as detector:
        text = "".join(f"{CARD} is card {number} of them. " for number in range(8_000))  # no two pieces alike
        long = asyncio.create_task(detector.find([text]))
        await asyncio.sleep(0.05)

        await detector.find([CARD])

        assert not long.done()
        assert len((await long)[0]) == 8_000


async def test_only_the_kinds_that_are_asked_for_are_found_and_remembered() -> None:
    wanted = Wanted(thresholds={"CREDIT_CARD": 0.4, "PL_PESEL": 0.4})
    text = f"{CARD}, PESEL 44051401359"
    async with running(wanted) as detector:
        for _ in range(2):  # the second time from memory
            (cards,) = await detector.find([text], ["CREDIT_CARD", "NOT_WANTED"])
            (numbers,) = await detector.find([text], ["PL_PESEL"])
            (both,) = await detector.find([text])

            assert {span.entity for span in cards} == {"CREDIT_CARD"}
            assert {span.entity for span in numbers} == {"PL_PESEL"}
            assert {*cards, *numbers} == set(both)


async def test_what_was_seen_needs_no_worker() -> None:
    async with running() as detector:
        first = await detector.find([CARD, "nothing"])
        os.kill(process(detector), signal.SIGKILL)

        assert await detector.find(["nothing", CARD, ""]) == (first[1], first[0], ())


async def test_calls_that_wait_together_get_their_own_answers() -> None:
    texts = [[f"{CARD} " * number, f"{number}"] for number in range(1, 60)]
    async with running() as detector:
        answers = await asyncio.gather(*(detector.find(pair) for pair in texts))

    assert [[len(spans) for spans in answer] for answer in answers] == [[number, 0] for number in range(1, 60)]


# A user's recognizer raises on one text: what it would have found there nobody knows.
FUSSY = Wanted(
    thresholds={"CREDIT_CARD": 0.4, "FUSS": 0.4}, installed=("tests.content.user_recognizers:FussyRecognizer",)
)


async def test_a_text_that_cannot_be_read_fails_its_own_call_alone() -> None:
    unread = "what is unreadable"
    async with running(FUSSY) as detector:
        calls = (
            [[CARD, f"{number}"] for number in range(5)] + [[unread]] + [[f"{CARD} {number}"] for number in range(5)]
        )

        answers = await asyncio.gather(*(detector.find(texts) for texts in calls), return_exceptions=True)

    assert [isinstance(answer, UnavailableError) for answer in answers] == [False] * 5 + [True] + [False] * 5


GREEDY = Wanted(
    thresholds={"CREDIT_CARD": 0.4, "FUSS": 0.4}, installed=("tests.content.user_recognizers:GreedyRecognizer",)
)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what a process may write to")
async def test_a_text_that_takes_more_memory_than_there_is_for_one_fails_alone_and_the_worker_goes_on() -> None:
    async with running(GREEDY) as detector:
        before = process(detector)
        with pytest.raises(UnavailableError, match="failed on a text"):
            await detector.find([str(2 * ROOM_BYTES)])

        assert len((await detector.find([CARD]))[0]) == 1
        assert process(detector) == before
        assert told(before, "oom_score_adj").strip() == OUT_OF_MEMORY


async def test_a_call_that_is_given_up_holds_nobody_else() -> None:
    async with running() as detector:
        given_up = [asyncio.create_task(detector.find([f"{number} {CARD}"])) for number in range(20)]
        await asyncio.sleep(0)
        for call in given_up:
            call.cancel()

        assert len((await detector.find([CARD]))[0]) == 1
        assert all(call.cancelled() for call in await asyncio.gather(*map(settled, given_up)))


async def settled(task: "asyncio.Task[object]") -> "asyncio.Task[object]":
    await asyncio.wait([task])
    return task


@pytest.mark.slow
async def test_a_worker_that_is_killed_is_replaced() -> None:
    told: list[str] = []
    detector = WorkerDetector(WANTED, deadline_s=10.0, replaced=lambda: told.append("replaced"))
    await detector.start()
    try:
        before = process(detector)
        assert not told
        os.kill(before, signal.SIGKILL)

        with pytest.raises(UnavailableError):
            await detector.find([CARD])

        assert await recovered(detector)
        assert process(detector) != before
        assert told == ["replaced"]
    finally:
        await detector.stop()


@pytest.mark.slow
async def test_a_pattern_that_never_ends_is_ended() -> None:
    async with running(CATASTROPHE, deadline_s=0.5, batch_s=1.0) as detector:
        before = process(detector)

        with pytest.raises(UnavailableError, match="in time"):
            await detector.find([ENDLESS])

        assert await recovered(detector)
        assert not is_alive(before)


@pytest.mark.slow
async def test_signals_from_a_terminal_are_not_the_workers_business() -> None:
    async with running() as detector:
        before = process(detector)
        for _ in range(20):
            os.kill(before, signal.SIGINT)
            os.kill(before, signal.SIGTERM)

        assert len((await detector.find([CARD]))[0]) == 1
        assert process(detector) == before


async def test_what_cannot_be_read_is_never_nothing_found() -> None:
    async with running(FUSSY) as detector:
        with pytest.raises(UnavailableError, match="failed on a text"):
            await detector.find(["what is unreadable"])

        assert len((await detector.find([CARD]))[0]) == 1


@pytest.mark.slow
async def test_a_stop_lets_calls_under_way_finish() -> None:
    async with running(deadline_s=30.0) as detector:
        call = asyncio.create_task(detector.find([f"{CARD} is a card. " * 2_000]))
        await asyncio.sleep(0)

        await detector.stop()

        assert len((await call)[0]) == 2_000


@pytest.mark.slow
async def test_more_calls_than_may_wait_are_refused_at_once() -> None:
    async with running(deadline_s=30.0) as detector:
        calls = [asyncio.create_task(detector.find([CARD])) for _ in range(MAX_CALLS + 1)]

        answers = await asyncio.gather(*calls, return_exceptions=True)

        assert [isinstance(answer, UnavailableError) for answer in answers].count(True) == 1


@pytest.mark.parametrize(
    ("wanted", "model", "told"),
    [
        pytest.param(Wanted(thresholds={"PERSON": 0.4}), "no_such_model", "no spaCy model", id="no such model"),
        pytest.param(
            Wanted(thresholds={"X": 0.4}, recognizers=('{"name": 1}',)),
            "",
            "does not start: TypeError",
            id="no recognizer",
        ),
    ],
)
async def test_a_worker_that_cannot_work_says_why(wanted: Wanted, model: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        await WorkerDetector(wanted, models={"en": model}).start()


PARENT = """
import asyncio, os, signal
from sidecar.content.detection import Wanted
from sidecar.content.worker.wall import OUT_OF_MEMORY, ROOM_BYTES
from sidecar.content.worker.detector import WorkerDetector

async def main():
    detector = WorkerDetector(Wanted(thresholds={"SLOW": 0.4}, recognizers=(%r,)), batch_s=60)
    await detector.start()
    call = asyncio.create_task(detector.find([%r]))
    await asyncio.sleep(0.3)
    print(detector._worker.process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends with its batch")
async def test_a_worker_does_not_outlive_its_parent_even_within_a_batch() -> None:
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", textwrap.dedent(PARENT % (SLOW, ENDLESS))],
        capture_output=True,
        check=False,
        env=environment(os.environ),
    )
    pid = int(ended.stdout)

    for _ in range(100):
        if not is_alive(pid):
            break
        await asyncio.sleep(0.02)

    assert ended.returncode == -signal.SIGKILL
    assert not is_alive(pid)


@pytest.mark.parametrize(
    ("inherited", "name", "expected"),
    [
        pytest.param({"SIDECAR_KEY": "x"}, "SIDECAR_KEY", None, id="no setting of the sidecar"),
        pytest.param({"HOME": "/h"}, "HOME", "/h", id="the rest"),
        pytest.param({"REGEX_TIMEOUT_SECONDS": "1"}, "REGEX_TIMEOUT_SECONDS", "1000000", id="no pattern is skipped"),
        pytest.param({"OMP_NUM_THREADS": "8"}, "OMP_NUM_THREADS", "1", id="one thread"),
    ],
)
def test_what_the_worker_knows_of_its_environment(
    inherited: Mapping[str, str], name: str, expected: str | None
) -> None:
    assert environment(inherited).get(name) == expected


@pytest.mark.slow
async def test_the_deciding_process_imports_no_recognizer() -> None:
    script = "import sys, sidecar.content.worker.detector, sidecar.checks.personal_data; print(*sys.modules)"

    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script], capture_output=True, check=True, env=environment(os.environ)
    )

    assert not {b"spacy", b"thinc", b"numpy", b"presidio_analyzer", b"tldextract"} & set(ended.stdout.split())


async def test_one_that_is_retired_ends_when_its_last_holder_lets_go() -> None:
    detector = WorkerDetector(WANTED)
    await detector.start()
    pid = process(detector)
    detector.hold()
    detector.hold()
    retiring = asyncio.create_task(detector.retire(0.0))

    detector.let_go()
    await asyncio.sleep(0.1)
    answered = await detector.find([CARD])
    detector.let_go()
    await asyncio.wait_for(retiring, 5.0)

    assert len(answered[0]) == 1
    assert not is_alive(pid)


async def test_one_that_is_retired_answers_first_whoever_was_let_in() -> None:
    detector = WorkerDetector(WANTED)
    await detector.start()
    retiring = asyncio.create_task(detector.retire(0.2))
    await asyncio.sleep(0.05)

    assert len((await detector.find([CARD]))[0]) == 1
    await asyncio.wait_for(retiring, 5.0)
