"""`kill -9` while a parent and ten sub-agents spend at once what its token lets them: never more, and not one less."""

import asyncio
import json
import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.trial import Order, TrialIssuer, linked
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.policy.packing import written as pack
from tests.running import AUDIENCE, ECHO, FACE, Served, written

ISSUER = TrialIssuer.generate(issuer="https://trial.sidecar.local")
CHILDREN = 10
BUDGET = 600  # calls that the token of all of them has
OWN = 40  # of these each child may make
TREE = 300  # of one tool, by the pack
KILLS = 6
SEED = 20_261_123


def chain(holder: Path) -> list[str]:
    """Return a chain of two links that ends at the sidecar's own key, so that it can be delegated on."""
    first, now = SigningKey.generate(), time.time()
    scope: dict[str, Json] = {"tools": {"echo": {}, "lookup": {}}, "budgets": {"calls": BUDGET}}
    order = Order(user="ann", agents=["first"], scope=scope, at=now, audience=AUDIENCE, lifetime_s=900)
    root = ISSUER.root_claims(order, first, deepest=3)
    token = ISSUER.key.sign(root, "aat+jwt", header={"kid": ISSUER.key.public.thumbprint})
    jwk = json.loads(holder.read_text(encoding="utf-8"))
    claims = linked({**root, "client_id": "agent", "jti": "second"}, token, first, 1)
    members: dict[str, Json] = {name: jwk[name] for name in ("kty", "crv", "x")}
    return [token, first.sign({**claims, "cnf": {"jwk": members}}, "aat+jwt")]


class Family:
    """A parent and its children, who call over every restart; what was not answered is asked for anew."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.handles: list[str] = []
        self.names: Counter[tuple[int, str]] = Counter()  # of the call that each makes now
        self.passed: Counter[tuple[int, str]] = Counter()
        self.refused: Counter[str] = Counter()

    async def begin(self) -> None:
        settings = self.served.settings.server
        tokens = chain(settings.control_socket.with_name("holder.jwk.json"))
        async with grpc.aio.insecure_channel(f"unix:{settings.socket}") as channel:
            guard = pb_grpc.GuardStub(channel)
            parent = (await guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))).session_id
            self.handles.append(parent)
            for number in range(CHILDREN):
                scope: Json = {"tools": {"echo": {}, "lookup": {}}, "budgets": {"calls": OWN}}
                asked = pb.DelegateRequest(
                    session_id=parent,
                    agent=f"sub{number}",
                    audience=AUDIENCE,
                    scope_json=json.dumps(scope),
                    confirmation_jwk=json.dumps(SigningKey.generate().public_jwk()),
                    lifetime=Duration(seconds=600),
                )
                link = await guard.Delegate(asked)
                opened = await guard.OpenSession(pb.OpenSessionRequest(tokens=[*tokens, link.token]))
                assert opened.session_id, (link.findings, opened.findings)
                self.handles.append(opened.session_id)

    async def spend(self, until: asyncio.Event, each: int = 10**9) -> None:
        """Call until the sidecar is gone, or each has made so many calls."""
        async with grpc.aio.insecure_channel(f"unix:{self.served.settings.server.socket}") as channel:
            guard = pb_grpc.GuardStub(channel)
            who = [(number, tool) for number in range(CHILDREN + 1) for tool in ("echo", "lookup")]
            await asyncio.gather(*(self._one(guard, one, until, each) for one in who))

    async def _one(
        self, guard: "pb_grpc.GuardAsyncStub", who: tuple[int, str], until: asyncio.Event, each: int
    ) -> None:
        number, tool = who
        call = pb.ToolCall(session_id=self.handles[number], tool=tool, arguments_json=ECHO)
        with suppress(grpc.RpcError):  # killed: the answer is asked for again
            for _ in range(each):
                call.call_id = f"{tool} {self.names[who]}"
                verdict = await guard.CheckToolCall(call, timeout=20)
                reasons = [one.reason for one in verdict.findings if one.decision > pb.REDACT]
                if reasons:
                    self.refused[reasons[0]] += 1
                    await asyncio.sleep(0.05)
                else:
                    self.names[who] += 1
                    self.passed[who] += 1
                    until.set()


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_ten_sub_agents_and_a_kill_never_spend_more_than_their_parents_token_has(tmp_path: Path) -> None:
    moment = random.Random(SEED)  # noqa: S311 - which moments, not a secret
    limits = f"budgets: [{{per: tree, tool: lookup, tool_calls: {TREE}}}]\n"
    packs = [str(FACE), str(pack(tmp_path, {"limits.yaml": limits}, name="limits"))]
    served = Served(written(tmp_path, ISSUER, packs, rules="watch = false", identity='proofs = "off"'))
    await asyncio.to_thread(served.ready)
    family = Family(served)
    await family.begin()

    for _ in range(KILLS):
        first = asyncio.Event()
        calling = asyncio.create_task(family.spend(first))
        with suppress(TimeoutError):
            async with asyncio.timeout(10):  # nobody passes any more where all is spent
                await first.wait()
        await asyncio.sleep(moment.uniform(0, 0.05))
        served.kill()
        await calling
        await asyncio.to_thread(served.restart)
    for _ in range(60):
        before = sum(family.passed.values())
        await family.spend(asyncio.Event(), each=5)
        if sum(family.passed.values()) == before:
            break
    served.stop()

    children = [sum(family.passed[number, tool] for tool in ("echo", "lookup")) for number in range(1, CHILDREN + 1)]
    assert sum(family.passed[number, "lookup"] for number in range(CHILDREN + 1)) <= TREE
    assert max(children) <= OWN
    assert sum(family.passed.values()) == BUDGET
    assert set(family.refused) == {"call_budget_exhausted"}
