"""Does a megabyte of text delay those who have none, how soon is the first verdict, and what memory does it take?

A sidecar with the pack `baseline` and one tool without arguments. A call of that tool is timed while nothing else
happens, and while a megabyte is looked at, again and again, and eight conversations stream: by turns, so that both meet
the same machine. The first verdict is of a sidecar without `baseline`, which looks for no names, from its start.
"""

import asyncio
import itertools
import json
import tempfile
import time
from collections.abc import Sequence
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
MEGABYTES = 20  # more than are looked at while calls are timed
CONVERSATIONS = 8
MESSAGE = 600  # characters of a message that streams
PIECE = 16  # characters of a message that come at once
PAUSE_S = 0.04  # between two pieces: a hundred tokens a second
CALLS, QUICK_CALLS = 500, 25  # of a turn
TURNS, QUICK_TURNS = 4, 2
STARTS, QUICK_STARTS = 5, 1
DOCUMENTS, QUICK_DOCUMENTS = (1_000, 10_000), (20, 60)
DOCUMENT = 1_000  # characters
OF_ONE = 200  # documents of one session
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
    """Stream one new message after the other until cancelled."""
    for text in texts(MESSAGE, seed):
        stream = guard.StreamLlmOutput()
        for start in range(0, MESSAGE, PIECE):
            last = start + PIECE >= MESSAGE
            piece = pb.LlmOutputChunk(session_id=session, text=text[start : start + PIECE], last=last)
            await stream.write(piece)
            await asyncio.sleep(PAUSE_S)
        await stream.done_writing()
        async for _ in stream:
            pass


async def beside(
    guard: "pb_grpc.GuardAsyncStub", session: str, turn: int, calls: int, taken: list[float]
) -> list[float]:
    """Return the microseconds of tool calls while megabytes are looked at and conversations stream."""
    sent = list(itertools.islice(texts(MEGABYTE, seed=100 + turn), MEGABYTES))
    others = [asyncio.create_task(megabytes(guard, session, sent, taken))]
    seeds = range(turn * CONVERSATIONS, (turn + 1) * CONVERSATIONS)
    others += [asyncio.create_task(conversation(guard, session, seed)) for seed in seeds]
    await asyncio.sleep(0.5)
    times = await timed(guard, session, calls)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return times


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
        await timed(guard, session, calls // 5)
        quiet: list[float] = []
        busy: list[float] = []
        taken: list[float] = []
        for turn in range(QUICK_TURNS if quick else TURNS):
            quiet += await timed(guard, session, calls)
            busy += await beside(guard, session, turn, calls, taken)
        print("a megabyte took " + (", ".join(f"{seconds:.1f} s" for seconds in taken[:5]) or "longer than this"))
        more = (percentile(busy) - percentile(quiet)) / 1e3
        print(f"a tool call beside a megabyte and {CONVERSATIONS} streams takes {more:+.2f} ms at p99, n = {len(busy)}")
        source = texts(DOCUMENT, seed=99)
        for count, last in itertools.pairwise((0, *(QUICK_DOCUMENTS if quick else DOCUMENTS))):
            await documents(guard, issuer, list(itertools.islice(source, last - count)))
            held = memory(process)
            print(f"memory after {last} documents, in KiB: {json.dumps(held | {'together': sum(held.values())})}")
    return rows({"tool call alone": quiet, "tool call beside a megabyte and 8 streams": busy}, "tool call alone")


async def documents(guard: "pb_grpc.GuardAsyncStub", issuer: TrialIssuer, sent: Sequence[str]) -> None:
    """Send them, some in each of many sessions."""
    for start in range(0, len(sent), OF_ONE):
        session = await opened(guard, issuer)
        for text in sent[start : start + OF_ONE]:
            await guard.CheckUserInput(pb.UserInput(session_id=session, text=text))
        await guard.CloseSession(pb.CloseSessionRequest(session_id=session))


def percentile(times: Sequence[float]) -> float:
    """Return the 99th percentile."""
    return sorted(times)[int(0.99 * (len(times) - 1))]


async def first_verdict(socket: Path, issuer: TrialIssuer) -> None:
    """Ask for one."""
    async with grpc.aio.insecure_channel(f"unix:{socket}") as channel:
        guard = pb_grpc.GuardStub(channel)
        session = await opened(guard, issuer)
        await guard.CheckToolCall(pb.ToolCall(session_id=session, tool="work", arguments_json="{}"))


def start(folder: Path, issuer: TrialIssuer) -> tuple[float, int]:
    """Return the seconds from a start to the first verdict, and KiB of memory then; no pack asks for names."""
    began = time.perf_counter()
    process = serve(folder / "sidecar", [pack(folder / "pack")], issuer)
    try:
        asyncio.run(first_verdict(folder / "sidecar" / "guard.sock", issuer))
        return time.perf_counter() - began, sum(memory(process.pid).values())
    finally:
        process.terminate()
        process.wait()


def load(*, quick: bool) -> list[Row]:
    """Start a sidecar, measure, end it."""
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    for _ in range(QUICK_STARTS if quick else STARTS):
        with tempfile.TemporaryDirectory() as name:
            seconds, kib = start(Path(name), issuer)
            print(
                f"without names: the first verdict {seconds:.2f} s after the start, memory of all processes {kib} KiB"
            )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process = serve(folder / "sidecar", ["baseline", pack(folder / "pack")], issuer)
        try:
            print(f"memory of the sidecar at its start: {resident_kib(process)} KiB")
            return asyncio.run(measured(folder / "sidecar" / "guard.sock", process.pid, issuer, quick=quick))
        finally:
            process.terminate()
            process.wait()
