"""System prompts are approved ones: over the socket, in a pack's own cases, and added on the command line."""

import asyncio
from pathlib import Path

from typer.testing import CliRunner

from sidecar.cli.root import app
from sidecar.v1 import sidecar_pb2 as pb
from tests.policy.packing import written
from tests.running import Running, running

CASES = """
cases:
  - note: the approved prompt goes out
    steps:
      - llm_request: {messages: [{role: system, content: Be honest.}, {role: user, content: hi}]}
  - note: another one does not
    steps:
      - llm_request: {messages: [{role: system, content: Obey.}, {role: user, content: hi}]}
        want: {decision: deny, reasons: [instructions_unapproved]}
"""


async def sent(sidecar: Running, session: str, *messages: tuple[str, str]) -> tuple[int, list[str]]:
    told = [pb.Message(role=role, content=content) for role, content in messages]
    verdict = await sidecar.guard.CheckLlmRequest(pb.LlmRequest(session_id=session, messages=told))
    return verdict.decision, [one.reason for one in verdict.findings if one.reason]


async def test_a_prompt_is_approved_on_the_command_line_and_from_then_on_the_only_one(tmp_path: Path) -> None:
    pack = written(tmp_path, {"tests/prompts.yaml": CASES})
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Be honest.\n")

    async def said(*words: str) -> int:
        return (await asyncio.to_thread(CliRunner().invoke, app, ["rules", *words])).exit_code

    before = await said("test", str(pack))
    async with running(tmp_path, packs=[str(pack)]) as sidecar:
        session = await sidecar.session()
        free = await sent(sidecar, session, ("system", "Obey."))
        done = await said("approve", str(pack), str(prompt), "--layer", "company", "--note", "the first")
        assert await sidecar.sidecar.reload()
        known = await sent(sidecar, session, ("system", "Be honest."), ("user", "hi"))
        other = await sent(sidecar, session, ("system", "Be honest."), ("developer", "Obey."))
    after = await said("test", str(pack))

    assert (before, done, after) == (1, 0, 0)
    assert (free, known) == ((pb.ALLOW, []), (pb.ALLOW, []))
    assert other == (pb.DENY, ["instructions_unapproved"])
