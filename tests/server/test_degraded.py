"""A detector that hangs, in a real sidecar: only where the pack lets it, what nobody looked at crosses."""

import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from sidecar.v1 import sidecar_pb2 as pb
from tests.running import Running, running

VAULTED = Path(__file__).parent.parent / "packs" / "vaulted"
TEXT = "see TKT-ABCDEFG"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(VAULTED, tmp_path / "packs" / "vaulted"))
    with (folder / "privacy.yaml").open("a", encoding="utf-8") as file:
        file.write("degraded: {ner: {user_input: skip, llm_output: deny}}\n")
    return folder


@pytest.fixture
async def hung(tmp_path: Path, pack: Path) -> AsyncIterator[Running]:
    """Serve with a worker that is stopped by a signal, and a pack that does without it for what users say."""
    before = _children()
    async with running(tmp_path, [str(pack)], rules="watch = false", limits="deadline_seconds = 1.0") as it:
        workers = _children() - before
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        yield it
        for worker in workers:
            os.kill(worker, signal.SIGCONT)


def _children() -> set[int]:
    tasks = Path(f"/proc/{os.getpid()}/task")
    while True:
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ends leaves its children to another one
            each = [(task / "children").read_text(encoding="ascii").split() for task in tasks.iterdir()]
            return {int(child) for children in each for child in children}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells which processes are whose")
async def test_what_nobody_looked_at_crosses_only_where_the_pack_says_so(hung: Running) -> None:
    handle = await hung.session(("charge", "note"))

    said = await hung.guard.CheckUserInput(pb.UserInput(session_id=handle, text=TEXT))
    written = await hung.guard.CheckLlmOutput(pb.LlmOutput(session_id=handle, text=TEXT))

    assert (said.decision, said.payload, list(said.skipped_checks)) == (pb.ALLOW, TEXT, ["personal_data"])
    assert (written.decision, written.payload, list(written.skipped_checks)) == (pb.DENY, "", [])
    assert "detector_unavailable" in {finding.reason for finding in written.findings}
    records = [one async for one in hung.control.QueryAudit(pb.QueryAuditRequest())]
    assert ["skipped_checks" in one.details_json for one in records if one.boundary == "user_input"] == [True]
