"""What a verdict costs in calls of functions, which is the same on every machine: no change makes it dearer unseen.

What it costs in time is measured by benchmarks/decide.py. Where a bound is met because something is really needed for
each call, raise it, and measure.
"""

import gc
import json
import sys
import time
from pathlib import Path

import pytest

from sidecar.model.verdict import Decision
from sidecar.server.convert import tool_call
from sidecar.v1 import sidecar_pb2 as pb
from tests.running import Running, running

PROPERTIES, RULES, NAMES = 20, 30, 400
ALONE = 800  # calls of functions for a call in a session that was told nothing; 756 as this is written
TOLD = 1_100  # in one that was told something; 1,044
MUCH = 1_770  # in one that was told all that it remembers; 1,683
BILLS = 20
PAYING = 1_260  # where the user asked for many payments; 1,198
ARGUMENTS = json.dumps({f"p{n}": ("a word or two", n)[n % 2] for n in range(PROPERTIES)})


def pack(folder: Path) -> str:
    """Write a pack of one tool and some rules, as benchmarks/decide.py has it."""
    (folder / "schemas").mkdir(parents=True)
    properties = {f"p{n}": {"type": ("string", "integer")[n % 2]} for n in range(PROPERTIES)}
    rules = [
        {"id": f"r{n}", "on": ["tool_call"], "when": f"args.p1 == {1000 + n}", "then": "deny", "severity": "high"}
        for n in range(RULES)
    ]
    files = {
        "pack.yaml": {"name": "work", "version": "1.0.0", "description": "one tool"},
        "tools.yaml": {"tools": {"work": {"effects": ["read"], "arguments": "work.arguments"}}},
        "rules.yaml": {"rules": [{**rule, "message": "no"} for rule in rules]},
        "schemas/work.arguments.json": {"type": "object", "properties": properties, "additionalProperties": False},
    }
    for name, document in files.items():
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return str(folder)


async def work(run: Running, handle: str) -> int:
    """Return how many functions are called for one verdict, the least of some."""
    request = pb.ToolCall(session_id=handle, tool="work", arguments_json=ARGUMENTS)
    counts = []
    for _ in range(5):
        counts.append(0)

        def count(_frame: object, event: str, _argument: object) -> None:
            counts[-1] += event in {"call", "c_call"}

        crossing = tool_call(request, time.time())
        gc.disable()  # who counts what it takes, as hypothesis does, would be counted
        sys.setprofile(count)
        try:
            judged, _ = await run.sidecar.enforcer.decide(crossing)
        finally:
            sys.setprofile(None)
            gc.enable()
        assert judged.decision is Decision.ALLOW
    return min(counts)


@pytest.mark.slow
async def test_a_verdict_takes_no_more_work_than_it_did_however_much_was_said_before(tmp_path: Path) -> None:
    said = " ".join(f"Send File{n} to Person{n} at https://site{n}.example.org/a." for n in range(NAMES))
    async with running(tmp_path, (pack(tmp_path / "pack"),)) as run:
        handle = await run.session(("work",))
        alone = await work(run, handle)
        await run.guard.CheckUserInput(pb.UserInput(session_id=handle, text="Work on the plan for Person1, please."))
        await run.guard.CheckToolResponse(pb.ToolResponse(session_id=handle, tool="work", content="It is a word."))
        told = await work(run, handle)
        for _ in range(5):
            await run.guard.CheckUserInput(pb.UserInput(session_id=handle, text=said))
            await run.guard.CheckToolResponse(pb.ToolResponse(session_id=handle, tool="work", content=said))
        much = await work(run, handle)

    assert (alone <= ALONE, told <= TOLD, much <= MUCH) == (True, True, True), (alone, told, much)


@pytest.mark.slow
async def test_a_verdict_takes_little_more_where_the_user_asks_to_pay_again_and_again(tmp_path: Path) -> None:
    """Each of a call's texts may be a bill that was meant."""
    async with running(tmp_path, (pack(tmp_path / "pack"),)) as run:
        handle = await run.session(("work",))
        for number in range(BILLS):
            asked = f"Please pay a bill or two, number {number}: it is a matter of a day, and a friend of mine waits."
            await run.guard.CheckUserInput(pb.UserInput(session_id=handle, text=asked))
        paying = await work(run, handle)

    assert paying <= PAYING, paying
