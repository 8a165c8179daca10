"""A long text delays nobody: what it needs of the loop is taken in short steps.

Measured in processor time of the loop's thread, so that a busy machine changes little, and by a yardstick that is taken
on the same machine: the time to write the same text as JSON, which nobody who keeps it can avoid.
"""

import asyncio
import gc
import heapq
import random
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sidecar.model.strict_json import compact
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import FACE, Running, running

CHARACTERS = 500_000
SENTENCES = (
    "Anna Keller moved from Leipzig to Boston in March 2019 and still answers at user{}@example.org. ",
    "The parcel was scanned {} times, but nobody at the counter could say where it had gone. ",
    "Please call 212-555-{} before noon, or leave a note for the night shift. ",
    "I'd rather wait for quote {}, since the first one left out the cost of the scaffolding.\n\n",
)
LONGEST = 8  # yardsticks, of the longest step, a search for garbage included; 2 to 4 measured
SHORT = 1.25  # yardsticks, of all steps but `MANY`
MANY = 80  # 3 to 20 measured; with steps twice as long it were 180

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _garbage() -> Iterator[None]:
    """Count what is frozen as alive again: nobody looks for garbage in it meanwhile."""
    yield
    gc.unfreeze()


def long_text(seed: int) -> str:
    draw = random.Random(seed)  # noqa: S311 - filling
    return "".join(SENTENCES[n % 4].format(draw.randrange(1000, 9999)) for n in range(CHARACTERS // 80))[:CHARACTERS]


def yardstick(text: str) -> float:
    def once() -> float:
        start = time.thread_time()
        compact([text])
        return time.thread_time() - start

    return sorted(once() for _ in range(9))[4]


class Blocks:
    """The seconds of processor time that pass between its turns of the loop.

    Kept as bare numbers: a search for garbage walks half a million floats in a list, for longer than any step.
    """

    def __init__(self) -> None:
        self.seconds = array("d")

    async def run(self) -> None:
        while True:
            start = time.thread_time()
            await asyncio.sleep(0)
            self.seconds.append(time.thread_time() - start)


def asked(run: Running, session: str, hook: str, text: str) -> pb.Verdict:
    """Ask from another thread, whose time does not count."""
    with grpc.insecure_channel(f"unix:{run.settings.server.socket}") as channel:
        guard = pb_grpc.GuardStub(channel)
        match hook:
            case "user input":
                return guard.CheckUserInput(pb.UserInput(session_id=session, text=text))
            case "tool response":
                return guard.CheckToolResponse(pb.ToolResponse(session_id=session, tool="echo", content=text))
            case "llm request":
                message = pb.Message(role="user", content=text)
                return guard.CheckLlmRequest(pb.LlmRequest(session_id=session, messages=[message]))
            case _:
                return guard.CheckLlmOutput(pb.LlmOutput(session_id=session, text=text))


async def steps(run: Running, session: str, hook: str, text: str) -> list[float]:
    """Return the seconds of the longest `MANY` steps while `text` is judged, in order of length."""
    blocks = Blocks()
    beside = asyncio.create_task(blocks.run())
    verdict = await asyncio.to_thread(asked, run, session, hook, text)
    beside.cancel()
    assert verdict.decision in {pb.ALLOW, pb.REDACT}
    return heapq.nlargest(MANY, blocks.seconds)[::-1]


def are_short(seconds: list[float], unit: float) -> bool:
    return seconds[-1] < LONGEST * unit and seconds[-MANY] < SHORT * unit


@pytest.mark.parametrize("hook", ["user input", "tool response", "llm request", "llm output"])
async def test_a_long_text_is_taken_in_short_steps(hook: str, tmp_path: Path) -> None:
    async with running(tmp_path, [str(FACE), "baseline"], limits="deadline_seconds = 120") as run:
        session = await run.session()
        await asyncio.to_thread(asked, run, session, hook, "a word or two")
        gc.freeze()  # as a sidecar does that has started
        before = yardstick(long_text(0))
        once = await steps(run, session, hook, long_text(1))
        unit = max(before, yardstick(long_text(0)))
        if are_short(once, unit):
            return
        again = await steps(run, session, hook, long_text(2))  # what comes once is somebody else's

    told = [again[-MANY], *again[-8:]]
    assert are_short(again, unit), " ".join(f"{seconds / unit:.1f}" for seconds in told)
