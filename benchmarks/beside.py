"""A tool call beside others' work: a megabyte that is analysed and eight streams, each the whole time.

One server with the pack of decide.py, the baseline pack and a pack that looks for names and numbers; and a server of
nothing but an empty RPC. Both are called in turn by one client, alone and then beside the load, which a process of its
own makes. Where both are late alike, what they wait for is a processor; what the sidecar adds is the difference. What
the machine does to whoever waits while somebody computes is told by a third: the empty RPC beside a mere loop, which
goes after all other processes as the sidecar's worker does.
"""

import asyncio
import itertools
import json
import multiprocessing
import random
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import grpc
import yaml
from decide import opened, pack, serve
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from measure import FULL, QUICK, Row, options, report, rows, side_by_side

from sidecar.content.worker.rank import go_last
from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

MEGABYTE = 1_000_000
STREAMS = 8
TOKEN = 4  # characters
TOKEN_S = 0.04  # between two tokens: 25 a second
STREAM = 4_000  # characters
DOCUMENTS = 12  # of a megabyte each, made before anything is measured
SETTLE_S = 6.0  # until the load is under way
BASE, ALONE, BESIDE = "empty RPC", "alone", "beside a megabyte and eight streams"
BESIDE_LOOP = "beside a mere loop"
CALL = "tool call"
ENDINGS = (" ",) * 9 + ("\n\n",)
KINDS = ("PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD")
SAID = (
    "The figures of week {n} are lower than those of the week before.",
    "Anna Fischer asked whether order {n} had left the warehouse in Hamburg.",
    "Nobody knows yet why the second machine stopped, and the log says nothing of it.",
    "We pay invoice {n} when the parts have come, not before.",
    "Please read the notes of the meeting, which Paul Martin wrote down on page {n}.",
    "It took longer than planned.",
)


def text(size: int, chance: random.Random) -> str:
    """Return so many characters of ordinary sentences, in paragraphs."""
    sentences: list[str] = []
    length = 0
    while length < size:
        ending = chance.choice(ENDINGS)
        sentences.append(chance.choice(SAID).format(n=chance.randrange(MEGABYTE)) + ending)
        length += len(sentences[-1])
    return "".join(sentences)[:size]


def packs(folder: Path) -> list[str]:
    """Write the pack of decide.py with a tool for mail, and what is looked for; return all that are loaded."""
    bench = pack(folder / "pack")
    catalogue = yaml.safe_load((bench / "tools.yaml").read_text(encoding="utf-8"))
    catalogue["tools"]["mail"] = {"effects": ["read"]}
    entities = {kind: {"label": "pii", "at": {"*": "redact"}} for kind in KINDS}
    for name, document in {"tools.yaml": catalogue, "privacy.yaml": {"entities": entities}}.items():
        (bench / name).write_text(yaml.safe_dump(document), encoding="utf-8")
    return ["baseline", str(bench)]


async def floor(socket: Path) -> None:
    """Serve an empty RPC, and nothing else."""
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    await server.wait_for_termination()


async def load(socket: Path, reading: str, writing: Sequence[str]) -> None:
    """Let session `reading` read one megabyte after the other, and each of `writing` stream what a model writes."""
    chance = random.Random(0)  # noqa: S311 - material, the same in each run
    documents = itertools.cycle([text(MEGABYTE - number, chance) for number in range(DOCUMENTS)])
    async with grpc.aio.insecure_channel(f"unix:{socket}") as channel:
        guard = pb_grpc.GuardStub(channel)
        await asyncio.gather(_reading(guard, reading, documents), *(_writing(guard, one, chance) for one in writing))


async def _reading(guard: "pb_grpc.GuardAsyncStub", handle: str, documents: "itertools.cycle[str]") -> None:
    for number, content in enumerate(documents):
        call_id = f"m{number}"
        await guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="mail", call_id=call_id, arguments_json="{}"))
        await guard.CheckToolResponse(
            pb.ToolResponse(session_id=handle, tool="mail", call_id=call_id, content=content), timeout=60
        )


async def _writing(guard: "pb_grpc.GuardAsyncStub", handle: str, chance: random.Random) -> None:
    async def chunks() -> AsyncGenerator[pb.LlmOutputChunk]:
        said = text(STREAM, chance)
        for start in range(0, len(said), TOKEN):
            yield pb.LlmOutputChunk(session_id=handle, text=said[start : start + TOKEN])
            await asyncio.sleep(TOKEN_S)

    while True:
        async for _ in guard.StreamLlmOutput(chunks()):
            pass


async def loop() -> None:
    """Compute, and do nothing else."""
    go_last()
    while True:
        pass


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Run in a process of its own until it is ended."""
    asyncio.run(_awaited(work))


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()


def started(work: Callable[[], Awaitable[None]]) -> BaseProcess:
    """Start a process, by exec: gRPC has threads."""
    process = multiprocessing.get_context("spawn").Process(target=run, args=(work,), daemon=True)
    process.start()
    return process


@asynccontextmanager
async def loaded(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Have the work under way within the block."""
    process = started(work)
    try:
        await asyncio.sleep(SETTLE_S)
        yield
        if not process.is_alive():
            raise RuntimeError("the load has ended: one of its calls failed")
    finally:
        process.kill()
        process.join()


async def measure(socket: Path, bare: Path, issuer: TrialIssuer, rounds: int) -> list[Row]:
    """Return rows for the empty RPC and the tool call, alone, beside a loop (no tool call), and beside the load."""
    async with (
        grpc.aio.insecure_channel(f"unix:{socket}") as channel,
        grpc.aio.insecure_channel(f"unix:{bare}") as beside,
    ):
        guard = pb_grpc.GuardStub(channel)
        handle, reading, *writing = [await opened(guard, issuer) for _ in range(2 + STREAMS)]
        asked = pb.ToolCall(session_id=handle, tool="work", arguments_json=json.dumps({"p0": "", "p1": 1}))
        check = partial(health_pb2_grpc.HealthStub(beside).Check, health_pb2.HealthCheckRequest())
        await check(wait_for_ready=True)
        verdict = await guard.CheckToolCall(asked)
        if verdict.decision != pb.ALLOW:
            raise RuntimeError(f"{[finding.reason for finding in verdict.findings]}")

        async def both(where: str) -> list[Row]:
            base = f"{BASE} {where}"
            calls: dict[str, Callable[[], Awaitable[object]]] = {
                base: check,
                f"{CALL} {where}": partial(guard.CheckToolCall, asked),
            }
            return rows(await side_by_side(calls, rounds), base)

        alone = await both(ALONE)
        async with loaded(loop):
            computed = rows(await side_by_side({f"{BASE} {BESIDE_LOOP}": check}, rounds), f"{BASE} {BESIDE_LOOP}")
        async with loaded(partial(load, socket, reading, writing)):
            return alone + computed + await both(BESIDE)


def main() -> None:
    """Measure, print, and write."""
    chosen = options(__doc__ or "")
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        server = serve(folder / "s", packs(folder), issuer)
        stack.callback(server.wait)
        stack.callback(server.terminate)
        bare = started(partial(floor, folder / "bare.sock"))
        stack.callback(bare.join)
        stack.callback(bare.kill)
        while not (folder / "bare.sock").exists():
            time.sleep(0.05)
        rounds = QUICK if chosen.quick else FULL
        measured = asyncio.run(measure(folder / "s" / "guard.sock", folder / "bare.sock", issuer, rounds))
        report(measured, "python benchmarks/beside.py" + " --quick" * chosen.quick, chosen.json)
        base, call, base_looped, base_beside, call_beside = measured
        for what, alone, beside in (
            (f"{BASE} {BESIDE_LOOP}", base, base_looped),
            (f"{BASE} {BESIDE}", base, base_beside),
            (f"{CALL} {BESIDE}", call, call_beside),
        ):
            print(f"{what}: p99 later by {(beside.p99_us - alone.p99_us) / 1000:.2f} ms than alone")


if __name__ == "__main__":
    main()
