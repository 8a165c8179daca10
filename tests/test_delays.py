"""A long text delays nobody: what it needs of the loop is taken in short steps.

Measured in processor time of the loop's thread, so that a busy machine changes little, and by a yardstick that is taken
on the same machine: the time to write the same text as JSON, which nobody who keeps it can avoid.
"""

import asyncio
import gc
import heapq
import random
import re
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sidecar.model.strict_json import Json, compact, parse
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
LONGEST = 8  # yardsticks, of the longest step, a search for garbage included; 2 to 5 measured
SHORT = 1.25  # yardsticks, of all steps but `MANY`
ARGUMENTS = 60_000  # characters of those of a call: nearly as many as there may be
NOTES = 250
MANY = 80  # 3 to 20 measured; with steps twice as long it were 180

TURN = 2_000  # characters of a message of a long history
HOOKS = (
    *("user input", "tool response", "json response", "llm request", "history", "llm output", "tool call", "tokens"),
    "a2a",
)

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _garbage() -> Iterator[None]:
    """Count what is frozen as alive again: nobody looks for garbage in it meanwhile."""
    yield
    gc.unfreeze()


def strange(text: str) -> str:
    """Return `text` with tokens that no tool was given, many of them."""
    return re.sub("scanned ([0-9]+)", r"scanned <api key \1>", text)


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
            case "tool response" | "tokens" | "json response":
                return guard.CheckToolResponse(answered(session, hook, text))
            case "llm request" | "history":
                return guard.CheckLlmRequest(pb.LlmRequest(session_id=session, messages=prompt(hook, text)))
            case "tool call":
                arguments = compact({"to": "anna@example.org", "notes": notes(text)})
                return guard.CheckToolCall(pb.ToolCall(session_id=session, tool="post", arguments_json=arguments))
            case "a2a":
                return guard.CheckA2aMessage(told(session, text))
            case _:
                return guard.CheckLlmOutput(pb.LlmOutput(session_id=session, text=text))


def answered(session: str, hook: str, text: str) -> pb.ToolResponse:
    if hook == "json response":
        content, content_type = records(text), "application/json"
        return pb.ToolResponse(session_id=session, tool="echo", content=content, content_type=content_type)
    return pb.ToolResponse(session_id=session, tool="echo", content=strange(text) if hook == "tokens" else text)


def prompt(hook: str, text: str) -> list[pb.Message]:
    size = TURN if hook == "history" else len(text)
    turns = [text[start : start + size] for start in range(0, len(text), size)]
    return [pb.Message(role=("user", "assistant")[n % 2], content=turn) for n, turn in enumerate(turns)]


def told(session: str, text: str) -> pb.A2aMessage:
    part: Json = {"kind": "data", "data": {"records": parse(records(text))}}
    message: Json = {"role": "agent", "messageId": "m", "kind": "message", "parts": [part]}
    sent = compact({"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": message}})
    outbound = pb.A2aMessage.OUTBOUND
    return pb.A2aMessage(session_id=session, message_json=sent, direction=outbound, peer="peer")


def records(text: str) -> str:
    """Return `text` as JSON of many small values and names."""
    lines = text.replace("\n", " ").split(". ")
    found: list[Json] = [
        {"id": n, "price": n / 4, "note": line, "tags": ["a", str(n)], f"user{n} ": None, "who": f"u{n}@example.org"}
        for n, line in enumerate(lines)
    ]
    return compact({"page": 1, "records": found})


def notes(text: str) -> list[Json]:
    """Return the arguments of an agent that wants to keep others waiting: as many texts as are looked at, and long."""
    size = ARGUMENTS // NOTES
    return [text[start : start + size] for start in range(0, min(len(text), ARGUMENTS), size)]


async def steps(run: Running, session: str, hook: str, text: str) -> list[float]:
    """Return the seconds of the longest `MANY` steps while `text` is judged, in order of length."""
    blocks = Blocks()
    beside = asyncio.create_task(blocks.run())
    verdict = await asyncio.to_thread(asked, run, session, hook, text)
    beside.cancel()
    reasons = {finding.reason for finding in verdict.findings}
    assert not reasons & {"deadline", "check_failed", "detector_unavailable", "payload_too_large"}
    assert verdict.decision in {pb.ALLOW, pb.REDACT} or hook in {"tool call", "a2a"}, reasons
    assert hook != "tokens" or "token_foreign" in reasons
    return heapq.nlargest(MANY, blocks.seconds)[::-1]


def are_short(seconds: list[float], unit: float) -> bool:
    return seconds[-1] < LONGEST * unit and seconds[-MANY] < SHORT * unit


def pack(folder: Path, hook: str) -> str:
    """Write a pack with a tool whose arguments are traced, and for which a model's text is cleaned part by part.

    Where `hook` is about tools, one has kinds back: calls are searched for tokens, answers for those nobody was given.
    """
    folder.mkdir()
    files: dict[str, Json] = {
        "pack": {"name": "delays", "version": "1.0.0", "description": "for the test of delays"},
        "tools": {"tools": {"post": {"effects": ["message"], "sinks": {"to": "email", "notes": "text"}}}},
        "injections": {"findings": [{"kind": "hidden_characters", "at": {"llm_output": "strip"}}]},
    }
    if hook in {"tokens", "tool call"}:
        kept: Json = {"at": {"user_input": "token"}, "reveal_to": ["post"]}
        files["privacy"] = {"entities": {"API_KEY": kept}}
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(compact(content), encoding="utf-8")  # JSON is YAML
    return str(folder)


@pytest.mark.parametrize("hook", HOOKS)
async def test_a_long_text_is_taken_in_short_steps(hook: str, tmp_path: Path) -> None:
    packs = [str(FACE), "baseline", pack(tmp_path / "pack", hook)]
    async with running(tmp_path, packs, limits="deadline_seconds = 120") as run:
        session = await run.session(("echo", "lookup", "post"))
        await asyncio.to_thread(asked, run, session, hook, "a word or two")
        if hook == "tool call":  # there is much that its arguments may have been taken from
            await asyncio.to_thread(asked, run, session, "tool response", long_text(1)[:400_000])
            await asyncio.to_thread(asked, run, session, "user input", long_text(3)[:20_000])
        gc.freeze()  # as a sidecar does that has started
        before = yardstick(long_text(0))
        once = await steps(run, session, hook, long_text(1))
        unit = max(before, yardstick(long_text(0)))
        if are_short(once, unit):
            return
        again = await steps(run, session, hook, long_text(2))  # what comes once is somebody else's

    told = [again[-MANY], *again[-8:]]
    assert are_short(again, unit), " ".join(f"{seconds / unit:.1f}" for seconds in told)
