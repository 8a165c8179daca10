"""What a verdict costs: every hook beside an empty RPC on the same server, in one run.

The empty RPC is a health check: nothing in, one byte out, through the same gRPC server and event loop. The
policy has 30 rules, and a tool whose schema has 20 properties; the hooks run with everything on, with the
packs `baseline` and this one, and CheckToolCall also with personal data off, on a server of its own. On each
server all calls are made in turn, and compared with the empty RPC on that server.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import grpc
import yaml
from grpc_health.v1 import health_pb2, health_pb2_grpc
from measure import FULL, QUICK, Row, options, report, rows, side_by_side

from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

FLOOR = "empty RPC"
OFF = ", personal data off"
AUDIENCE = "https://sidecar.local/agent"
PROPERTIES = 20
RULES = 30
TEXT = "Thank you for your order. It left our warehouse this morning and should arrive within three days. " * 3
START_SECONDS = 60
IN_A_ROW = 10_000  # calls after which memory must be where it was


def pack(folder: Path) -> Path:
    """Write the pack: one tool of 20 properties, 30 rules on tool calls."""
    (folder / "schemas").mkdir(parents=True)
    schema = {
        "type": "object",
        "properties": {f"p{i}": {"type": ("string", "integer")[i % 2], "maxLength": 40} for i in range(PROPERTIES)},
        "required": ["p0", "p1"],
        "additionalProperties": False,
    }
    rules = [
        {
            "id": f"rule-{i}",
            "on": ["tool_call"],
            "when": f"tool.name == 'work' && args.p1 == {1000 + i}",
            "then": "deny",
            "severity": "high",
            "message": "no",
        }
        for i in range(RULES)
    ]
    files = {
        "pack.yaml": {"name": "bench", "version": "1.0.0", "description": "for the benchmark"},
        "tools.yaml": {"tools": {"work": {"effects": ["read"], "arguments": "work.arguments"}}},
        "rules.yaml": {"rules": rules},
    }
    for name, document in files.items():
        (folder / name).write_text(yaml.safe_dump(document), encoding="utf-8")
    (folder / "schemas" / "work.arguments.json").write_text(json.dumps(schema), encoding="utf-8")
    return folder


def serve(folder: Path, packs: list[str], issuer: TrialIssuer) -> subprocess.Popen[bytes]:
    """Start a sidecar with `packs` on `folder`/guard.sock."""
    folder.mkdir()
    (folder / "jwks.json").write_text(json.dumps(issuer.jwks()), encoding="utf-8")
    (folder / "sidecar.toml").write_text(
        f"""
[server]
socket = "guard.sock"
control_socket = "control.sock"
[rules]
packs = {json.dumps(packs)}
[audit]
path = "audit.db"
[log]
level = "error"
[[identity.issuers]]
name = "trial"
issuer = "{issuer.url}"
keys = "jwks.json"
""",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "sidecar", "serve", "--config", str(folder / "sidecar.toml")]
    process = subprocess.Popen(command)
    until = time.monotonic() + START_SECONDS
    while not (folder / "guard.sock").exists():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the sidecar did not start")
        time.sleep(0.05)
    return process


def resident_kib(process: subprocess.Popen[bytes]) -> int:
    """Return the resident memory of the process, in KiB."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


async def opened(guard: "pb_grpc.GuardAsyncStub", issuer: TrialIssuer) -> str:
    """Return the handle of a session that may call the tool, and read mail where the packs have any."""
    scope: dict[str, Json] = {"tools": {"work": {}, "mail": {}}}
    tokens = issuer.mint(user="user", agents=["agent"], scope=scope, audience=AUDIENCE, at=int(time.time()))
    session = await guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))
    if not session.session_id:
        raise RuntimeError(f"no session: {[finding.reason for finding in session.findings]}")
    return session.session_id


def hooks(guard: "pb_grpc.GuardAsyncStub", session_id: str) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return one call of each hook, benign, so that every check runs."""
    arguments = json.dumps({f"p{i}": ("a word or two", i)[i % 2] for i in range(PROPERTIES)})
    outbound = json.dumps({"messageId": "m1", "role": "ROLE_USER", "parts": [{"text": TEXT}]})
    return {
        "CheckUserInput": partial(guard.CheckUserInput, pb.UserInput(session_id=session_id, text=TEXT)),
        "CheckLlmRequest": partial(
            guard.CheckLlmRequest,
            pb.LlmRequest(session_id=session_id, messages=[pb.Message(role="user", content=TEXT)]),
        ),
        "CheckLlmOutput": partial(guard.CheckLlmOutput, pb.LlmOutput(session_id=session_id, text=TEXT)),
        "CheckToolCall": partial(
            guard.CheckToolCall, pb.ToolCall(session_id=session_id, tool="work", arguments_json=arguments)
        ),
        "CheckToolResponse": partial(
            guard.CheckToolResponse, pb.ToolResponse(session_id=session_id, tool="work", content=TEXT)
        ),
        "CheckA2aMessage": partial(
            guard.CheckA2aMessage,
            pb.A2aMessage(
                session_id=session_id, direction=pb.A2aMessage.OUTBOUND, peer="helper", message_json=outbound
            ),
        ),
    }


async def measure(socket: Path, issuer: TrialIssuer, rounds: int, only: str = "") -> list[Row]:
    """Return a row for the empty RPC and for each hook of one server, or `only` one, all called in turn."""
    async with grpc.aio.insecure_channel(f"unix:{socket}") as channel:
        guard = pb_grpc.GuardStub(channel)
        named = hooks(guard, await opened(guard, issuer))
        empty = partial(health_pb2_grpc.HealthStub(channel).Check, health_pb2.HealthCheckRequest())
        chosen = {only + OFF: named[only]} if only else named
        floor = FLOOR + OFF * bool(only)
        calls: dict[str, Callable[[], Awaitable[object]]] = {floor: empty, **chosen}
        for name, call in calls.items():
            answer = await call()
            if isinstance(answer, pb.Verdict) and answer.decision != pb.ALLOW:
                raise RuntimeError(f"{name}: {[finding.reason for finding in answer.findings]}")
        return rows(await side_by_side(calls, rounds), floor)


async def in_a_row(socket: Path, issuer: TrialIssuer, calls: int) -> None:
    """Make so many tool calls one after the other."""
    async with grpc.aio.insecure_channel(f"unix:{socket}") as channel:
        guard = pb_grpc.GuardStub(channel)
        call = hooks(guard, await opened(guard, issuer))["CheckToolCall"]
        for _ in range(calls):
            await call()


def main() -> None:
    """Measure, print, and write."""
    chosen = options(__doc__ or "")
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        bench = str(pack(folder / "pack"))
        processes = {
            kind: serve(folder / kind, packs, issuer)
            for kind, packs in (("lean", [bench]), ("full", ["baseline", bench]))
        }
        for process in processes.values():
            stack.callback(process.wait)
            stack.callback(process.terminate)
        sockets = {kind: folder / kind / "guard.sock" for kind in processes}
        rounds = QUICK if chosen.quick else FULL
        lean = asyncio.run(measure(sockets["lean"], issuer, rounds, "CheckToolCall"))
        full = asyncio.run(measure(sockets["full"], issuer, rounds))
        report([*lean, *full], "python benchmarks/decide.py" + " --quick" * chosen.quick, chosen.json)
        many = IN_A_ROW // 100 if chosen.quick else IN_A_ROW
        asyncio.run(in_a_row(sockets["lean"], issuer, many))
        before = resident_kib(processes["lean"])
        asyncio.run(in_a_row(sockets["lean"], issuer, many))
        after = resident_kib(processes["lean"])
        print(f"memory of the sidecar: {before} KiB, and after {many} further tool calls {after} KiB")


if __name__ == "__main__":
    main()
