"""`kill -9` at random moments while two hundred clients spend from one budget and one rate: the sums are exact.

Who was cut off before an answer asks again, under the same `call_id`: so what was told to be let through is, call by
call, what was paid for, and no call is lost and none is had twice.
"""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from sidecar.audit.chain import told
from sidecar.audit.query import AuditReader, Filter
from sidecar.identity.trial import TrialIssuer
from sidecar.model.verdict import Decision
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.policy.packing import written as pack
from tests.running import FACE, Served, minted, written

ISSUER = TrialIssuer.generate()
CLIENTS = 200
SESSIONS = 20
ROUNDS = 50
SEED = 20_261_122
BUDGET = 6000  # calls of one tool, of all sessions of one root token
RATE = 3000  # an hour of another, all at once
LIMITS = f"""
budgets: [{{per: tree, tool: echo, tool_calls: {BUDGET}}}]
rates: [{{per: subject, tool: lookup, limit: {RATE}/hour, burst: {RATE}}}]
"""


class Clients:
    """Two hundred who call in the same few sessions, over every restart, and note each verdict that they received.

    Half of them name their calls, and ask anew for what was not answered.
    """

    def __init__(self, socket: Path) -> None:
        self._socket = f"unix:{socket}"
        self.handles: list[str] = []
        self.received: Counter[tuple[str, str]] = Counter()
        self._names = [0] * CLIENTS  # of the call that each makes now

    async def open(self, tokens: list[str]) -> None:
        async with grpc.aio.insecure_channel(self._socket) as channel:
            guard = pb_grpc.GuardStub(channel)
            for _ in range(SESSIONS):
                self.handles.append((await guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))).session_id)
        assert all(self.handles)

    async def call(self, until: asyncio.Event, each: int = 10**9) -> None:
        """Call until the sidecar is gone or everybody has made `each` calls; sets `until` at the first verdict."""
        async with grpc.aio.insecure_channel(self._socket) as channel:
            guard = pb_grpc.GuardStub(channel)
            await asyncio.gather(*(self._client(guard, number, until, each) for number in range(CLIENTS)))

    async def _client(self, guard: "pb_grpc.GuardAsyncStub", number: int, until: asyncio.Event, each: int) -> None:
        tool = ("echo", "lookup")[number % 2]
        call = pb.ToolCall(session_id=self.handles[number % SESSIONS], tool=tool, arguments_json='{"text":"x","n":1}')
        with suppress(grpc.RpcError):  # killed: what came before is what counts
            for _ in range(each):
                call.call_id = f"{number} {self._names[number]}" if tool == "echo" else ""
                verdict = await guard.CheckToolCall(call, timeout=20)
                self._names[number] += 1
                reasons = [finding.reason for finding in verdict.findings if finding.reason]
                self.received[tool, reasons[0] if reasons else "allow"] += 1
                until.set()


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_two_hundred_clients_never_get_more_than_the_budget_and_the_rate_whatever_is_killed(
    tmp_path: Path,
) -> None:
    moment = random.Random(SEED)  # noqa: S311 - which moments, not a secret
    limits = pack(tmp_path, {"limits.yaml": LIMITS}, name="limits")
    served = Served(written(tmp_path, ISSUER, packs=[str(FACE), str(limits)], rules="watch = false"))
    await asyncio.to_thread(served.ready)
    clients = Clients(served.settings.server.socket)
    await clients.open(minted(ISSUER, ["echo", "lookup"], lifetime_s=3600))
    began = time.time()

    for _ in range(ROUNDS):
        first = asyncio.Event()
        calling = asyncio.create_task(clients.call(first))
        async with asyncio.timeout(60):
            await first.wait()
        await asyncio.sleep(moment.uniform(0, 0.1))
        served.kill()
        await calling
        await asyncio.to_thread(served.restart)
    while (
        clients.received["echo", "call_budget_exhausted"] < CLIENTS
        or not clients.received["lookup", "call_rate_exceeded"]
    ):
        await clients.call(asyncio.Event(), each=10)
    lasted = time.time() - began
    served.stop()

    with AuditReader(served.settings.audit.path) as reader:
        entries = [told(record)[0] for record in reader.select(Filter())]
    recorded = Counter(one.tool for one in entries if one.boundary == "tool_call" and one.decision is Decision.ALLOW)
    assert set(clients.received) <= {
        ("echo", "allow"),
        ("echo", "call_budget_exhausted"),
        ("lookup", "allow"),
        ("lookup", "call_rate_exceeded"),
    }
    assert clients.received["echo", "allow"] == BUDGET
    assert recorded["echo"] >= BUDGET  # a repeat has a record of its own
    assert clients.received["lookup", "allow"] <= recorded["lookup"] <= RATE + lasted * RATE / 3600 + 1
