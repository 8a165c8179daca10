"""A machine's clock that is set ahead while a sidecar is down: what limits count goes on where it was."""

import json
import time
from pathlib import Path

import pytest

from sidecar.app.boot import boot_id
from sidecar.app.clock import Clock
from sidecar.identity.keeper import boot_time
from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from tests.policy.packing import written as pack
from tests.running import Running, serving, written

DAY = 86_400
FILES: dict[str, str | bytes] = {
    "tools.yaml": "tools: {look: {effects: [read], trust: trusted}}\n",
    "limits.yaml": "budgets: [{per: subject, window: 1d, tool_calls: 2}]\n",
}


async def called(run: Running) -> list[int]:
    """Return the decisions on three calls in a new session, under a new token."""
    handle = await run.session(["look"])
    calls = [pb.ToolCall(session_id=handle, tool="look", arguments_json=f'{{"n":{n}}}') for n in range(3)]
    return [(await run.guard.CheckToolCall(call)).decision for call in calls]


@pytest.mark.skipif(not boot_id(), reason="only Linux names the start of the machine")
async def test_a_restart_under_a_clock_ahead_begins_no_new_day_of_a_budget(tmp_path: Path) -> None:
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    config = written(tmp_path, issuer, packs=[str(pack(tmp_path, FILES))], rules="watch = false")
    two_days_ago = {"steady_ms": int((time.time() - 2 * DAY) * 1000), "ran_ms": int(boot_time() * 1000)}
    marks = {"highest": int(time.time()), "proofs": 0, **two_days_ago, "boot": boot_id()}
    (tmp_path / "audit.clock").write_text(json.dumps(marks), encoding="ascii")  # so is the clock two days ahead

    async with serving(config, issuer) as run:
        before = await called(run)
    async with serving(config, issuer) as run:
        after = await called(run)

    assert before == [pb.ALLOW, pb.ALLOW, pb.DENY]
    assert after == [pb.DENY] * 3


async def test_from_when_on_limits_count_is_known_from_the_first_moment(tmp_path: Path) -> None:
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    async with serving(written(tmp_path, issuer, rules="watch = false"), issuer) as run:
        after = Clock(tmp_path / "audit.clock", wall=lambda: time.time() + DAY)
        assert run.settings.audit.path == tmp_path / "audit.db"

    assert after.ahead() == pytest.approx(DAY if boot_id() else 0.0, abs=1.0)
