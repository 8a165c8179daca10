"""A machine's clock that is ahead, of one that ran or was started anew: what limits count goes on where it was."""

import json
import time
from pathlib import Path

import pytest

from sidecar.app.boot import boot_id
from sidecar.app.clock import Clock
from sidecar.identity.issuers.keeper import boot_time
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from tests.policy.packing import written as pack
from tests.running import AUDIENCE, Running, serving, written

AHEAD = 20 * 3600  # seconds
FILES: dict[str, str | bytes] = {
    "tools.yaml": "tools: {look: {effects: [read], trust: trusted}}\n",
    "limits.yaml": "budgets: [{per: subject, window: 7h, tool_calls: 2}]\n",
}


async def called(run: Running, issued_at: float) -> list[int]:
    """Return the decisions on three calls in a new session, under a new token."""
    scope: dict[str, Json] = {"tools": {"look": {}}}
    tokens = run.issuer.mint(
        user="ann", agents=["agent"], scope=scope, audience=AUDIENCE, at=issued_at, lifetime_s=86_400
    )
    session = await run.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))
    assert session.session_id, session.findings
    calls = [pb.ToolCall(session_id=session.session_id, tool="look", arguments_json=f'{{"n":{n}}}') for n in range(3)]
    return [(await run.guard.CheckToolCall(call)).decision for call in calls]


def clock_ahead(folder: Path, now: float, *, started_since: bool) -> None:
    """Leave what the clock keeps of a machine whose clock is ahead, or was set so while the machine was off."""
    steady = now - AHEAD
    boot = {"boot": "before" if started_since else boot_id(), "reached_ms": int(steady * 1000), "off_ms": 0}
    marks = {"highest": int(steady), "proofs": 0, "steady_ms": int(steady * 1000), "ran_ms": int(boot_time() * 1000)}
    (folder / "audit.clock").write_text(json.dumps({**marks, **boot}), encoding="ascii")


@pytest.mark.skipif(not boot_id(), reason="only Linux names the start of the machine")
@pytest.mark.parametrize("started_since", [pytest.param(False, id="it ran"), pytest.param(True, id="it was off")])
async def test_a_clock_ahead_begins_no_new_budget_until_an_issuer_says_that_it_is_right(
    tmp_path: Path, *, started_since: bool
) -> None:
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    packs = [str(pack(tmp_path, FILES))]
    config = written(tmp_path, issuer, packs, rules="watch = false", issuer_more="max_ttl_seconds = 86400")
    now = time.time()
    clock_ahead(tmp_path, now, started_since=started_since)

    async with serving(config, issuer) as run:
        before = await called(run, now - AHEAD)
        degraded = list((await run.control.GetStatus(pb.GetStatusRequest())).degraded)
    async with serving(config, issuer) as run:
        after = await called(run, now - AHEAD)
        shown = await called(run, now)
        mended = list((await run.control.GetStatus(pb.GetStatusRequest())).degraded)
    async with serving(config, issuer) as run:
        later = await called(run, now - AHEAD)

    assert before == [pb.ALLOW, pb.ALLOW, pb.DENY]
    assert after == [pb.DENY] * 3
    assert shown == before  # it is twenty hours later
    assert later == [pb.DENY] * 3  # also for who brings an older token
    assert (degraded, mended) == ([] if started_since else ["clock"], [])


async def test_from_when_on_limits_count_is_known_from_the_first_moment(tmp_path: Path) -> None:
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    async with serving(written(tmp_path, issuer, rules="watch = false"), issuer) as run:
        after = Clock(tmp_path / "audit.clock", wall=lambda: time.time() + AHEAD)
        assert run.settings.audit.path == tmp_path / "audit.db"

    assert after.ahead() == pytest.approx(AHEAD, abs=1.0)
