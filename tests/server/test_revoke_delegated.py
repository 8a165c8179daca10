"""What was delegated dies with what it was delegated from: sessions, and their open streams; what is above goes on."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.proving import proof_to_open
from sidecar.identity.keys import decoded
from sidecar.identity.opening import Opening
from sidecar.identity.trial import linked
from sidecar.server import streams
from sidecar.v1 import sidecar_pb2 as pb
from tests.running import AUDIENCE, Running, running
from tests.server.test_delegate import bound_to, published

Stream = grpc.aio.StreamStreamCall[pb.LlmOutputChunk, pb.ReleasedChunk]
SUB, DEEPER = SigningKey.generate(), SigningKey.generate()


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as it:
        yield it


async def opened(sidecar: Running, chain: list[str], holder: SigningKey | None = None) -> str:
    proof = proof_to_open(holder, chain, Opening(), time.time()) if holder else ""
    session = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=chain, proof=proof))
    assert session.session_id, session.findings
    return session.session_id


async def handed_on(sidecar: Running, handle: str) -> str:
    """Return the token of a link that the sidecar signs for a sub-agent."""
    request = pb.DelegateRequest(
        session_id=handle,
        agent="sub",
        audience=AUDIENCE,
        scope_json=json.dumps({"tools": {"echo": {}}}),
        confirmation_jwk=json.dumps(SUB.public_jwk()),
        lifetime=Duration(seconds=120),
    )
    link = await sidecar.guard.Delegate(request)
    assert link.token, link.findings
    return link.token


def one_more(chain: list[str]) -> list[str]:
    """Return `chain` with a link that the sub-agent signed for an agent of its own."""
    claims = json.loads(decoded(chain[-1].split(".")[1]) or b"")
    members = {name: DEEPER.public_jwk()[name] for name in ("kty", "crv", "x")}
    below = {**claims, "client_id": "deeper", "jti": "fourth", "cnf": {"jwk": members}}
    return [*chain, SUB.sign(linked(below, chain[-1], SUB, int(claims["del_depth"]) + 1), "aat+jwt")]


async def streaming(sidecar: Running, handle: str) -> Stream:
    call = sidecar.guard.StreamLlmOutput()
    await call.write(pb.LlmOutputChunk(session_id=handle, text="Hello "))
    await call.read()
    return call


async def family(sidecar: Running) -> dict[str, str]:
    """Return the handles of sessions by chains that go on each other, and of others of the same root token."""
    chain = bound_to(sidecar, published(sidecar))
    other = bound_to(sidecar, published(sidecar))
    parent = await opened(sidecar, chain)
    below = [*chain, await handed_on(sidecar, parent)]
    child = await opened(sidecar, below, SUB)
    return {
        "parent": parent,
        "child": child,
        "deeper": await opened(sidecar, one_more(below), DEEPER),
        "other": await opened(sidecar, other),
    }


@pytest.mark.parametrize(
    ("revoked", "cut"),
    [
        pytest.param("parent", {"parent", "child", "deeper"}, id="the one that was delegated from"),
        pytest.param("child", {"child", "deeper"}, id="one in the middle"),
        pytest.param("deeper", {"deeper"}, id="the last one"),
        pytest.param("other", {"other"}, id="another one"),
    ],
)
async def test_with_a_session_the_streams_of_all_that_was_delegated_from_it_are_cut(
    sidecar: Running, revoked: str, cut: set[str]
) -> None:
    handles = await family(sidecar)
    calls = {name: await streaming(sidecar, handle) for name, handle in handles.items()}

    done = await sidecar.control.Revoke(pb.RevokeRequest(session_id=handles[revoked].partition(".")[0]))
    for name in sorted(cut):
        async with asyncio.timeout(10 * streams.WATCH_S):
            last = await calls[name].read()
        assert isinstance(last, pb.ReleasedChunk)
        assert (name, last.text, last.verdict.decision) == (name, "", pb.DENY)
    for name in sorted(calls.keys() - cut):
        await calls[name].write(pb.LlmOutputChunk(text="you", last=True))
        while isinstance(reply := await calls[name].read(), pb.ReleasedChunk) and not reply.HasField("verdict"):
            pass
        assert isinstance(reply, pb.ReleasedChunk)
        assert (name, reply.verdict.decision) == (name, pb.ALLOW)

    assert done.sessions_closed == len(cut)
    left = (await sidecar.control.ListSessions(pb.ListSessionsRequest())).sessions
    assert {one.session_id for one in left} == {
        handle.partition(".")[0] for name, handle in handles.items() if name not in cut
    }


async def test_what_was_delegated_opens_nothing_more(sidecar: Running) -> None:
    chain = bound_to(sidecar, published(sidecar))
    parent = await opened(sidecar, chain)
    below = [*chain, await handed_on(sidecar, parent)]
    await sidecar.control.Revoke(pb.RevokeRequest(session_id=parent.partition(".")[0]))

    proof = proof_to_open(SUB, below, Opening(), time.time())
    refused = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=below, proof=proof))

    assert [one.reason for one in refused.findings] == ["chain_ancestor_revoked"]
