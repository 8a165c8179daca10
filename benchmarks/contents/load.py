"""Does a megabyte of text delay those who have none, and does memory grow with the texts?

A sidecar with the pack `baseline` and one tool without arguments. A call of that tool is timed while nothing else
happens, and while a megabyte is looked at, again and again, and eight conversations go on.
"""

import asyncio
import itertools
import json
import tempfile
import time
from pathlib import Path

import grpc
import yaml
from contents.speed import texts
from decide import AUDIENCE, resident_kib, serve
from measure import Row, rows

from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

MEGABYTE = 1_000_000
MEGABYTES, QUICK_MEGABYTES = 20, 2
CONVERSATIONS = 8
MESSAGE = 600  # characters
PAUSE_S = 0.05  # between the messages of a conversation
CALLS, QUICK_CALLS = 1_500, 50
DOCUMENTS, QUICK_DOCUMENTS = (1_000, 10_000), (20, 60)
DOCUMENT = 1_000  # characters
TOOL_PAUSE_S = 0.004


def pack(folder: Path) -> str:
    """Write a pack with one tool."""
    folder.mkdir()
    files = {
        "pack.yaml": {"name": "bench", "version": "1.0.0", "description": "for the benchmark"},
        "tools.yaml": {"tools": {"work": {"effects": ["read"]}}},
    }
    for name, document in files.items():
        (folder / name).write_text(yaml.safe_dump(document), encoding="utf-8")
    return str(folder)


async def opened(guard: "pb_grpc.GuardAsyncStub", issuer: TrialIssuer) -> str:
    """Return the handle of a session that may call the tool."""
    scope: dict[str, Json] = {"tools": {"work": {}}}
    tokens = issuer.mint(user="user", agents=["agent"], scope=scope, audience=AUDIENCE, at=int(time.time()))
    return (await guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))).session_id


async def timed(guard: "pb_grpc.GuardAsyncStub", session: str, calls: int) -> list[float]:
    """Return the microseconds of tool calls without text."""
    times = []
    for _ in range(calls):
        await asyncio.sleep(TOOL_PAUSE_S)
        start = time.perf_counter()
        await guard.CheckToolCall(pb.ToolCall(session_id=session, tool="work", arguments_json="{}"))
        times.append((time.perf_counter() - start) * 1e6)
    return times


async def megabytes(guard: "pb_grpc.GuardAsyncStub", session: str, sent: list[str], taken: list[float]) -> None:
    """Send one after the other; note the seconds that each takes."""
    for text in sent:
        start = time.perf_counter()
        await guard.CheckToolResponse(pb.ToolResponse(session_id=session, tool="work", content=text))
        taken.append(time.perf_counter() - start)


async def conversation(guard: "pb_grpc.GuardAsyncStub", session: str, seed: int) -> None:
    """Send one new message after the other until cancelled."""
    for text in texts(MESSAGE, seed):
        await guard.CheckLlmOutput(pb.LlmOutput(session_id=session, text=text))
        await asyncio.sleep(PAUSE_S)


def memory(process: int) -> dict[str, int]:
    """Return the KiB of the sidecar and of its worker."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return {"sidecar": _resident(process), "worker": sum(map(_resident, map(int, children)))}


def _resident(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


async def measured(socket: Path, process: int, issuer: TrialIssuer, *, quick: bool) -> list[Row]:
    """Return the rows of tool calls; print what a megabyte takes, and memory."""
    async with grpc.aio.insecure_channel(f"unix:{socket}") as channel:
        guard = pb_grpc.GuardStub(channel)
        session = await opened(guard, issuer)
        calls = QUICK_CALLS if quick else CALLS
        await timed(guard, session, calls // 10)
        quiet = await timed(guard, session, calls)
        taken: list[float] = []
        sent = list(itertools.islice(texts(MEGABYTE), QUICK_MEGABYTES if quick else MEGABYTES))
        others = [asyncio.create_task(megabytes(guard, session, sent, taken))]
        others += [asyncio.create_task(conversation(guard, session, seed)) for seed in range(CONVERSATIONS)]
        await asyncio.sleep(0.5)
        busy = await timed(guard, session, calls)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        print("a megabyte took " + ", ".join(f"{seconds:.1f} s" for seconds in taken[:5]))
        source = texts(DOCUMENT, seed=99)
        for count, last in itertools.pairwise((0, *(QUICK_DOCUMENTS if quick else DOCUMENTS))):
            for text in itertools.islice(source, last - count):
                await guard.CheckUserInput(pb.UserInput(session_id=session, text=text))
            print(f"memory after {last} documents, in KiB: {json.dumps(memory(process))}")
    return rows({"tool call alone": quiet, "tool call beside a megabyte and 8 talks": busy}, "tool call alone")


def load(*, quick: bool) -> list[Row]:
    """Start a sidecar, measure, end it."""
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process = serve(folder / "sidecar", ["baseline", pack(folder / "pack")], issuer)
        try:
            print(f"memory of the sidecar at its start: {resident_kib(process)} KiB")
            return asyncio.run(measured(folder / "sidecar" / "guard.sock", process.pid, issuer, quick=quick))
        finally:
            process.terminate()
            process.wait()
