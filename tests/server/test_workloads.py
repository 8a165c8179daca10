"""N176 to N178, P20 and P21 over the wire: an agent shows which workload it is, and is held to be that actor."""

import json
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.proving import Asked, proof, workload_proof
from sidecar.identity.opening import OPEN_SESSION
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from sidecar.protocols.a2a.authz import MESSAGE_TOOL
from sidecar.v1 import sidecar_pb2 as pb
from tests.chains import put_in
from tests.running import AUDIENCE, Running, running

CLUSTER = TrialIssuer.generate("https://cluster.example", "ES256")
TD = TrialIssuer.generate("spiffe://td.example", "ES256")
ACCOUNT = "system:serviceaccount:shop:agent"
AGENT = "spiffe://td.example/agent"
KEY = SigningKey.generate()
SCOPE: dict[str, Json] = {"tools": {"echo": {}}}
HELLO: dict[str, Json] = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "hello"}]}
PEERS = f'peers = [{{workload = "{ACCOUNT}", issuer = "{CLUSTER.url}", agent = "agent"}}]'
PLATFORMS = f"""
[[identity.issuers]]
name = "cluster"
issuer = "{CLUSTER.url}"
preset = "kubernetes"
keys = "cluster.json"

[[identity.issuers]]
name = "td"
issuer = "{TD.url}"
preset = "spiffe"
keys = "td.json"
"""


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    for name, issuer in (("cluster", CLUSTER), ("td", TD)):
        (tmp_path / f"{name}.json").write_text(json.dumps(issuer.jwks()), encoding="utf-8")
    async with running(tmp_path, identity=PEERS, issuer_more=PLATFORMS) as it:
        yield it


def account(name: str = ACCOUNT, audience: str = AUDIENCE, by: TrialIssuer = CLUSTER) -> str:
    now = int(time.time())
    claims: dict[str, Json] = {"iss": CLUSTER.url, "sub": name, "aud": [audience], "exp": now + 600, "iat": now}
    return by.key.sign(claims, "JWT", header={"kid": by.key.public.thumbprint})


def svid(name: str) -> str:
    claims: dict[str, Json] = {"sub": name, "aud": AUDIENCE, "exp": int(time.time()) + 300}
    return TD.key.sign(claims, "JWT", header={"kid": TD.key.public.thumbprint})


def wit(key: SigningKey = KEY) -> str:
    jwk: Json = {**key.members(), "alg": key.public.algorithm}
    claims: dict[str, Json] = {"sub": AGENT, "exp": int(time.time()) + 300, "cnf": {"jwk": jwk}}
    return TD.key.sign(claims, "wit+jwt", header={"kid": TD.key.public.thumbprint})


def single(sidecar: Running, agent: str = "agent") -> list[str]:
    return sidecar.issuer.mint(user="user", agents=[agent], scope=SCOPE, audience=AUDIENCE, at=time.time())


def linked(sidecar: Running) -> list[str]:
    return sidecar.issuer.mint_linked(
        user="user", agents=["spiffe://td.example/planner", AGENT], scope=SCOPE, at=time.time(), holder=KEY
    )


def asked(tool: str = OPEN_SESSION, arguments: dict[str, Json] | None = None) -> Asked:
    opening: dict[str, Json] = {"task": "", "task_type": "", "tools": [], "residency": "", "scope_json": ""}
    return Asked(audience=AUDIENCE, tool=tool, arguments=opening if arguments is None else arguments, at=time.time())


async def outcome(sidecar: Running, tokens: Sequence[str], sent: str) -> str:
    """Return why no session is opened, empty where one is."""
    session = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens, proof=sent))
    assert bool(session.session_id) == (not session.findings)
    return session.findings[0].reason if session.findings else ""


async def test_p21_a_service_account_opens_sessions_as_the_agent_that_it_is(sidecar: Running) -> None:
    told = {
        "its own": await outcome(sidecar, single(sidecar), account()),
        "N178 the API server's": await outcome(sidecar, single(sidecar), account(audience="https://kubernetes")),
        "another account": await outcome(sidecar, single(sidecar), account("system:serviceaccount:shop:other")),
        "another agent's token": await outcome(sidecar, single(sidecar, "other"), account()),
        "another cluster's key": await outcome(sidecar, single(sidecar), account(by=TD)),
        "nothing shown": await outcome(sidecar, single(sidecar), ""),
        "a JWT-SVID": await outcome(sidecar, single(sidecar, AGENT), svid(AGENT)),
    }
    assert told == {
        "its own": "",
        "N178 the API server's": "aud_mismatch",
        "another account": "act_peer_mismatch",
        "another agent's token": "act_peer_mismatch",
        "another cluster's key": "key_unknown_kid",
        "nothing shown": "peer_unauthenticated",
        "a JWT-SVID": "act_peer_mismatch",  # by its name it may, by `peers` only the account may
    }


async def test_p20_a_wit_and_its_wpt_open_one_session(tmp_path: Path) -> None:
    (tmp_path / "cluster.json").write_text(json.dumps(CLUSTER.jwks()), encoding="utf-8")
    (tmp_path / "td.json").write_text(json.dumps(TD.jwks()), encoding="utf-8")
    async with running(tmp_path, issuer_more=PLATFORMS) as sidecar:
        chain, stranger = linked(sidecar), SigningKey.generate()
        shown = workload_proof(KEY, wit(), chain, asked())
        other = workload_proof(stranger, wit(stranger), chain, asked())

        told = [
            await outcome(sidecar, chain, f"{proof(KEY, chain, asked())} {shown}"),
            await outcome(sidecar, chain, f"{proof(KEY, chain, asked())} {shown}"),
            await outcome(sidecar, chain, f"{proof(KEY, chain, asked())} {other}"),
            await outcome(sidecar, single(sidecar, AGENT), svid(AGENT)),
        ]

        assert told == ["", "replay_detected", "peer_key_unbound", ""]
        opened = [record async for record in sidecar.control.QueryAudit(pb.QueryAuditRequest())]
        details = [json.loads(one.details_json)["details"] for one in opened if one.boundary == "open_session"]
        key = {"iss": TD.url, "jkt": KEY.public.thumbprint, "name": AGENT}
        shown_by_key = [one["hops"][-1]["assurance"] for one in details if one.get("workload") == key]
        assert shown_by_key == ["bound"]


async def sent(sidecar: Running, tokens: Sequence[str], shown: str, peer: str, **carried: str) -> str:
    """Return why a message is refused, empty where it is not; `carried`: in the message's own extension."""
    message = put_in(HELLO, list(tokens), carried["proof"]) if carried else HELLO
    verdict = await sidecar.guard.CheckA2aMessage(
        pb.A2aMessage(
            session_id=await opened(sidecar),
            direction=pb.A2aMessage.INBOUND,
            peer=peer,
            message_json=json.dumps(message),
            tokens=[] if carried else tokens,
            proof=shown,
        )
    )
    refused = [finding.reason for finding in verdict.findings if finding.check == "sender" and finding.reason]
    assert bool(refused) == (verdict.decision == pb.DENY)
    return refused[0] if refused else ""


async def opened(sidecar: Running) -> str:
    session = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=single(sidecar), proof=account()))
    assert session.session_id, session.findings
    return session.session_id


async def test_p20_p21_another_agent_is_held_to_be_the_sender_that_it_shows(sidecar: Running) -> None:
    one, chain = single(sidecar, AGENT), linked(sidecar)
    over = asked(MESSAGE_TOOL, HELLO)
    both = f"{proof(KEY, chain, over)} {workload_proof(KEY, wit(), chain, over)}"
    alone = proof(KEY, chain, asked(MESSAGE_TOOL, HELLO))

    told = {
        "its JWT-SVID": await sent(sidecar, one, svid(AGENT), AGENT),
        "another's": await sent(sidecar, one, svid("spiffe://td.example/other"), AGENT),
        "an account by a rule": await sent(sidecar, single(sidecar), account(), "agent"),
        "N178": await sent(sidecar, single(sidecar), account(audience="x"), "agent"),
        "a chain in the message": await sent(sidecar, chain, "", AGENT, proof=both),
        "the same proofs again": await sent(sidecar, chain, "", AGENT, proof=both),
        "a name that only its delegator gave": await sent(sidecar, chain, "", AGENT, proof=alone),
    }

    assert told == {
        "its JWT-SVID": "",
        "another's": "sender_unverified",
        "an account by a rule": "",
        "N178": "sender_unverified",
        "a chain in the message": "",
        "the same proofs again": "sender_unverified",
        "a name that only its delegator gave": "sender_unverified",
    }
