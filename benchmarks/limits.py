"""What containment costs: CheckToolCall with all of it on, beside the same call with scope, schema and rules alone.

Four servers, called in turn in one run: one with the pack of decide.py (one tool of 20 properties, 30 rules); one with
the same and rates, budgets, a breaker and loops; one with the limits and 1,000 rules and tools more; and one with all
of that and facts, autonomy, a tool that has sinks, and rules on where their values come from, in a session that was
told something by the user and by a stranger. Each call has arguments of its own and, where there are limits, an id
that is remembered. Then 10,000 further calls in the same session of each, and all in turn again.
"""

import asyncio
import itertools
import json
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import grpc
import yaml
from decide import IN_A_ROW, PROPERTIES, opened, pack, serve
from measure import QUICK, Row, options, report, rows, side_by_side

from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

MANY = 1_000  # rules, and tools
ROUNDS = 1_000  # of each of the two comparisons
AT_ONCE = 4  # calls of each server between the two, where nothing is measured
FLOOR = "CheckToolCall, scope, schema and rules alone"
ALL = "all of it, 1,000 rules and tools"
LIMITS = {
    "rates": [
        {"per": "subject", "limit": "900000/hour"},
        {"per": ["session", "tool"], "tool": "w*", "limit": "900000/minute"},
    ],
    "budgets": [
        {"per": "session", "cost_usd": 900_000, "tool_calls": 900_000},
        {"per": "subject", "window": "1d", "cost_usd": 900_000, "tool_calls": 900_000},
        {"per": "tree", "tool_calls": 900_000},
    ],
    "breakers": [{"tool": "*", "failures": 5, "within": "60s", "open_for": "30s"}],
    "loops": {"same_call": 3, "within": "2m", "cycle_length": 4, "cycles": 3},
}
RULES = {  # of the pack that has all of it
    "payee": "origin.exists(sink, origin[sink] in ['untrusted', 'suspicious'])",
    "unasked": "tool.ordered && !tool.asked",
    "trifecta": "'untrusted' in session.labels && 'pii' in session.labels",
    "often": "facts.worked.within_1m > 900000",
}
LETTER = "Hello, the meeting is on Monday at ten. Please bring the figures of last month. Regards, the office."


def limited(folder: Path) -> Path:
    """Write a pack that has limits and nothing else."""
    folder.mkdir()
    (folder / "pack.yaml").write_text(yaml.safe_dump({"name": "limited", "version": "1.0.0"}), encoding="utf-8")
    (folder / "limits.yaml").write_text(yaml.safe_dump(LIMITS), encoding="utf-8")
    return folder


def many(folder: Path) -> Path:
    """Write a pack of a thousand tools, and a thousand rules of which ten are about the tool that is called."""
    folder.mkdir()
    rules = [
        {
            "id": f"rule-{i}",
            "on": ["tool_call"],
            "when": f"tool.name == '{'work' if i % 100 == 0 else f'tool{i}'}' && session.task_type == 'task{i}'",
            "then": "deny",
            "message": "no",
        }
        for i in range(MANY)
    ]
    files = {
        "pack.yaml": {"name": "many", "version": "1.0.0"},
        "tools.yaml": {"tools": {f"tool{i}": {"effects": ["read"], "cost_usd": 0.01} for i in range(MANY)}},
        "rules.yaml": {"rules": rules},
    }
    for name, document in files.items():
        (folder / name).write_text(yaml.safe_dump(document), encoding="utf-8")
    return folder


def contained(folder: Path) -> Path:
    """Write the pack of decide.py, its tool with sinks, and facts, autonomy, and rules on where values come from."""
    pack(folder)
    catalogue = yaml.safe_load((folder / "tools.yaml").read_text(encoding="utf-8"))
    catalogue["tools"]["work"] |= {"effects": ["write"], "sinks": {"p0": "id", "p2": "id"}}
    catalogue["tools"]["mail"] = {"effects": ["read"], "trust": "untrusted"}
    rules = yaml.safe_load((folder / "rules.yaml").read_text(encoding="utf-8"))
    rules["facts"] = {"worked": "boundary == 'tool_call'"}
    rules["rules"] += [
        {"id": name, "on": ["tool_call"], "when": when, "then": "deny", "message": "no"} for name, when in RULES.items()
    ]
    autonomy = {"levels": {0: {"approve": ["*"]}} | {level: {"approve": []} for level in range(1, 5)}, "start": 4}
    for name, document in {"tools.yaml": catalogue, "rules.yaml": rules, "autonomy.yaml": autonomy}.items():
        (folder / name).write_text(yaml.safe_dump(document), encoding="utf-8")
    return folder


async def told(guard: "pb_grpc.GuardAsyncStub", handle: str) -> None:
    """Let the user say something, and a stranger."""
    verdicts = [
        await guard.CheckUserInput(pb.UserInput(session_id=handle, text="Work on word 7 and tell me what came of it.")),
        await guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="mail", call_id="m", arguments_json="{}")),
        await guard.CheckToolResponse(pb.ToolResponse(session_id=handle, tool="mail", call_id="m", content=LETTER)),
    ]
    if any(verdict.decision != pb.ALLOW for verdict in verdicts):
        raise RuntimeError(f"{[finding.reason for verdict in verdicts for finding in verdict.findings]}")


def calling(guard: "pb_grpc.GuardAsyncStub", handle: str, *, named: bool) -> Callable[[], Awaitable[object]]:
    """Return what makes one call after the other, each another, and with an id where it is `named`."""
    numbers = itertools.count(1_000_000)

    async def call() -> object:
        number = next(numbers)
        values = {f"p{i}": (f"word {number}", number)[i % 2] for i in range(PROPERTIES)}
        call_id = f"c{number}" if named else ""
        asked = pb.ToolCall(session_id=handle, tool="work", arguments_json=json.dumps(values), call_id=call_id)
        verdict = await guard.CheckToolCall(asked)
        if verdict.decision != pb.ALLOW:
            raise RuntimeError(f"{[finding.reason for finding in verdict.findings]}")
        return verdict

    return call


async def in_a_row(call: Callable[[], Awaitable[object]], count: int) -> None:
    """Make `count` calls, one after the other."""
    for _ in range(count):
        await call()


async def measure(sockets: dict[str, Path], issuer: TrialIssuer, rounds: int, row: int) -> list[Row]:
    """Return a row for each server, called in turn, and after `row` calls of one session in turn again."""
    async with AsyncExitStack() as stack:
        calls: dict[str, Callable[[], Awaitable[object]]] = {}
        for name, socket in sockets.items():
            guard = pb_grpc.GuardStub(await stack.enter_async_context(grpc.aio.insecure_channel(f"unix:{socket}")))
            handle = await opened(guard, issuer)
            if name == ALL:
                await told(guard, handle)
            calls[name] = calling(guard, handle, named=name != FLOOR)
        times = await side_by_side(calls, rounds)
        await asyncio.gather(*(in_a_row(call, row // AT_ONCE) for call in calls.values() for _ in range(AT_ONCE)))
        again = await side_by_side(calls, rounds)
        late = {f"{name}, after {row} calls": measured for name, measured in again.items()}
        return [*rows(times, FLOOR), *rows(late, next(iter(late)))]


def main() -> None:
    """Measure, print, and write."""
    chosen = options(__doc__ or "")
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        one, limits, large = str(pack(folder / "pack")), str(limited(folder / "limited")), str(many(folder / "many"))
        packs = {FLOOR: [one], "limits on": [one, limits], "limits, 1,000 rules and tools": [one, limits, large]}
        packs[ALL] = [str(contained(folder / "contained")), limits, large]
        sockets = {}
        for number, (what, loaded) in enumerate(packs.items()):
            process = serve(folder / f"s{number}", loaded, issuer)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            sockets[what] = folder / f"s{number}" / "guard.sock"
        rounds, row = (QUICK, IN_A_ROW // 100) if chosen.quick else (ROUNDS, IN_A_ROW)
        measured = asyncio.run(measure(sockets, issuer, rounds, row))
        report(measured, "python benchmarks/limits.py" + " --quick" * chosen.quick, chosen.json)


if __name__ == "__main__":
    main()
