"""Two hundred clients at once on one budget and one consent, and `kill -9` at random moments: nothing is had twice."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner

from sidecar.cli.root import app
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import APPROVALS, AUDIENCE, ECHO, Served, eve, written

CLIENTS = 200
ROUNDS = 50
SEED = 20_261_122
CALLS = ROUNDS * (CLIENTS // 2 + 5) + 500  # of the one budget: enough for all rounds, not for what comes after them
ISSUER = TrialIssuer.generate()


class Pair:
    """The two sockets of a sidecar."""

    def __init__(self, guard: "pb_grpc.GuardAsyncStub", control: "pb_grpc.ControlAsyncStub") -> None:
        self.guard = guard
        self.control = control

    async def session(self, calls: int) -> str:
        scope: dict[str, Json] = {
            "tools": {"echo": {}, "lookup": {}},
            "approval": ["echo"],
            "budgets": {"calls": calls},
        }
        tokens = ISSUER.mint(
            user="ann", agents=["agent"], scope=scope, audience=AUDIENCE, at=time.time(), lifetime_s=900
        )
        return (await self.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))).session_id

    async def approved(self, session: str, number: int) -> pb.ToolCall:
        """Return a call that a person has consented to."""
        arguments = json.dumps({"text": "hello", "n": number})
        asked = await self.guard.CheckToolCall(pb.ToolCall(session_id=session, tool="echo", arguments_json=arguments))
        assert asked.decision == pb.REQUIRE_APPROVAL, asked.findings
        who = (("authorization", f"Bearer {eve(ISSUER)}"),)
        done = pb.DecideApprovalRequest(approval_id=asked.approval_id, approve=True)
        assert (await self.control.DecideApproval(done, metadata=who)).state == pb.Approval.APPROVED
        return pb.ToolCall(session_id=session, tool="echo", arguments_json=arguments, approval_id=asked.approval_id)

    async def passed(self, calls: Sequence[pb.ToolCall]) -> list[str]:
        """Make `calls` at once and return the ids of the records of those that passed, as far as anybody was told."""
        answers = await asyncio.gather(*(self.guard.CheckToolCall(one) for one in calls), return_exceptions=True)
        for one in answers:
            assert isinstance(one, pb.Verdict | grpc.aio.AioRpcError), one
        return [one.record_id for one in answers if isinstance(one, pb.Verdict) and one.decision == pb.ALLOW]


@asynccontextmanager
async def sockets(served: Served) -> AsyncIterator[Pair]:
    """Yield fresh connections: those from before a restart wait too long to try again."""
    server = served.settings.server
    async with (
        grpc.aio.insecure_channel(f"unix:{server.socket}", [("grpc.use_local_subchannel_pool", 1)]) as data,
        grpc.aio.insecure_channel(f"unix:{server.control_socket}", [("grpc.use_local_subchannel_pool", 1)]) as control,
    ):
        await asyncio.wait_for(data.channel_ready(), 30)
        yield Pair(pb_grpc.GuardStub(data), pb_grpc.ControlStub(control))


async def attacked(served: Served, session: str, number: int, after: float) -> list[list[str]]:
    """Return what passed of one round: with one consent for all, and of one budget for all."""
    async with sockets(served) as it:
        approved = await it.approved(session, number)
        spends = pb.ToolCall(session_id=session, tool="lookup", arguments_json=ECHO)
        under_way = asyncio.ensure_future(
            asyncio.gather(it.passed([approved] * (CLIENTS // 2)), it.passed([spends] * (CLIENTS // 2)))
        )
        await asyncio.sleep(after)
        served.kill()
        consented, spent = await under_way
    await asyncio.to_thread(served.restart)
    async with sockets(served) as it:
        consented += await it.passed([approved] * 4)  # what was used before the end is used
    return [consented, spent]


def recorded(served: Served) -> list[dict[str, str]]:
    """Return what the audit log says of calls that passed: the record, and the consent that it used."""
    path = str(served.settings.audit.path)
    lines = CliRunner().invoke(app, ["audit", "export", "--format", "jsonl", "--db", path]).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    told = [(one["record_id"], one["record"]) for one in found]
    calls = [(id_, one) for id_, one in told if (one["boundary"], one["decision"]) == ("tool_call", "allow")]
    return [{"record": id_, "approval": one["details"].get("approval", "")} for id_, one in calls]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_kill_at_any_moment_gives_nobody_anything_twice(tmp_path: Path) -> None:
    moment = random.Random(SEED)  # noqa: S311 - which moments, not a secret
    served = Served(written(tmp_path, ISSUER, rules="watch = false", approvals=APPROVALS))
    await asyncio.to_thread(served.ready)
    async with sockets(served) as it:
        session = await it.session(CALLS)
    consents: list[list[str]] = []
    told: list[str] = []
    for number in range(ROUNDS):
        consented, spent = await attacked(served, session, number, moment.uniform(0, 0.1))
        consents.append(consented)
        told += [*consented, *spent]
    async with sockets(served) as it:
        last = await it.approved(session, ROUNDS)
        spends = pb.ToolCall(session_id=session, tool="lookup", arguments_json=ECHO)
        once = await it.passed([last] * CLIENTS)
        while passed := await it.passed([spends] * CLIENTS):
            told += passed
    served.stop()

    log = recorded(served)
    tickets = [one["approval"] for one in log if one["approval"]]
    assert all(len(one) <= 1 for one in consents), consents
    assert len(once) == 1
    assert last.approval_id in tickets
    assert len(tickets) == len(set(tickets))
    assert {*told, *once} <= {one["record"] for one in log}
    assert len(told) == len(set(told))
    assert len(log) <= CALLS


async def test_two_hundred_at_once_spend_a_budget_to_the_last_call(tmp_path: Path) -> None:
    served = Served(written(tmp_path, ISSUER, rules="watch = false", approvals=APPROVALS))
    await asyncio.to_thread(served.ready)
    async with sockets(served) as it:
        session = await it.session(CLIENTS + 1)
        spends = pb.ToolCall(session_id=session, tool="lookup", arguments_json=ECHO)
        passed = await it.passed([spends] * CLIENTS)
        passed += await it.passed([spends] * CLIENTS)
    served.stop()

    assert len(passed) == CLIENTS + 1
