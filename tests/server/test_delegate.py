"""Delegate over the wire: the sidecar signs with a key that nobody else has, and records it first."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration

from sidecar.client import AsyncSidecar, DelegatedToken, Denied, Sidecar
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.proving import proof_to_open
from sidecar.identity.keys import admit
from sidecar.identity.opening import Opening
from sidecar.identity.trial import Order, linked
from sidecar.identity.verifier import Verifier
from sidecar.model.strict_json import Json, parse
from sidecar.v1 import sidecar_pb2 as pb
from tests.running import AUDIENCE, Running, running

SUB = SigningKey.generate()
GRANTED: Mapping[str, Json] = {"tools": {"echo": {}, "lookup": {}}}


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as it:
        yield it


def published(sidecar: Running) -> Mapping[str, Json]:
    """Return the public key that the sidecar shows beside its control socket."""
    path = sidecar.settings.server.control_socket.with_name("holder.jwk.json")
    assert path.stat().st_mode & 0o777 == 0o644
    value = parse(path.read_text(encoding="utf-8"))
    assert isinstance(value, Mapping)
    return value


def bound_to(sidecar: Running, jwk: Mapping[str, Json], deepest: int = 3) -> list[str]:
    """Return a chain of two links: for a first agent, and from it for the agent whose sidecar has the key `jwk`."""
    first, now = SigningKey.generate(), time.time()
    order = Order(user="user", agents=["first"], scope=GRANTED, at=now, audience=AUDIENCE, lifetime_s=600)
    root = sidecar.issuer.root_claims(order, first, deepest=deepest)
    header: Mapping[str, Json] = {"kid": sidecar.issuer.key.public.thumbprint}
    token = sidecar.issuer.key.sign(root, "aat+jwt", header=header)
    claims = linked({**root, "client_id": "agent", "jti": "second"}, token, first, 1)
    members: dict[str, Json] = {name: jwk[name] for name in ("kty", "crv", "x")}
    return [token, first.sign({**claims, "cnf": {"jwk": members}}, "aat+jwt")]


async def opened(sidecar: Running, tokens: list[str], proof: str = "") -> str:
    session = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens, proof=proof))
    assert session.session_id, session.findings
    return session.session_id


def request(handle: str, scope: Mapping[str, Json]) -> pb.DelegateRequest:
    return pb.DelegateRequest(
        session_id=handle,
        agent="sub",
        audience=AUDIENCE,
        scope_json=json.dumps(scope),
        confirmation_jwk=json.dumps(SUB.public_jwk()),
        lifetime=Duration(seconds=120),
    )


async def records(sidecar: Running) -> list[pb.AuditRecord]:
    return [record async for record in sidecar.control.QueryAudit(pb.QueryAuditRequest())]


async def test_the_new_link_opens_a_session_of_its_own_that_may_do_less(sidecar: Running) -> None:
    chain = bound_to(sidecar, published(sidecar))
    handle = await opened(sidecar, chain)

    link = await sidecar.guard.Delegate(request(handle, {"tools": {"echo": {}}}))

    verified = Verifier.of([sidecar.issuer.issuer()], [AUDIENCE]).verify([*chain, link.token], time.time())
    assert (sorted(verified.scope.tools), verified.principal.actors) == (["echo"], ("first", "agent", "sub"))
    assert 100 < link.expires_at.seconds - time.time() <= 120
    assert list(link.findings) == []
    assert admit(published(sidecar)).thumbprint_uri == verified.hops[-1].issuer


async def test_it_is_recorded_before_it_is_let_out_without_a_token(sidecar: Running) -> None:
    handle = await opened(sidecar, bound_to(sidecar, published(sidecar)))

    link = await sidecar.guard.Delegate(request(handle, {"tools": {"echo": {}}}))
    refused = await sidecar.guard.Delegate(request(handle, {"tools": {"delete": {}}}))

    kept = [record for record in await records(sidecar) if record.boundary == "delegate"]
    assert [(r.decision, r.session_id) for r in kept] == [
        (pb.ALLOW, handle.partition(".")[0]),
        (pb.DENY, handle.partition(".")[0]),
    ]
    details = json.loads(kept[0].details_json)["details"]
    assert [hop["actor"] for hop in details["hops"]] == ["first", "agent", "sub"]
    assert [f.reason for f in kept[1].findings] == [f.reason for f in refused.findings] == ["mint_wider_than_verified"]
    assert "eyJ" not in str(kept)
    assert link.token not in str(kept)


async def test_a_hand_off_of_everything_is_told(sidecar: Running) -> None:
    handle = await opened(sidecar, bound_to(sidecar, published(sidecar)))

    link = await sidecar.guard.Delegate(request(handle, GRANTED))

    assert link.token
    assert [(f.reason, f.decision) for f in link.findings] == [("delegated_unnarrowed", pb.ALLOW)]


async def test_what_the_session_gave_up_is_not_delegated(sidecar: Running) -> None:
    handle = await opened(sidecar, bound_to(sidecar, published(sidecar)))
    await sidecar.guard.NarrowSession(pb.NarrowSessionRequest(session_id=handle, tools=["lookup"]))

    link = await sidecar.guard.Delegate(request(handle, {"tools": {"echo": {}}}))

    assert (link.token, [f.reason for f in link.findings]) == ("", ["mint_wider_than_verified"])
    assert "scope_tool_added" in link.findings[0].message


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        pytest.param("form a", "mint_root_forbidden", id="N231 a single token"),
        pytest.param("another key", "mint_root_forbidden", id="N231 bound to another key"),
        pytest.param("shallow", "mint_depth_exhausted", id="N231 as deep as its tokens allow"),
        pytest.param("closed", "session_unknown", id="a session that is over"),
    ],
)
async def test_a_refusal_is_an_answer(sidecar: Running, kind: str, reason: str) -> None:
    chains: dict[str, Callable[[], list[str]]] = {
        "form a": sidecar.tokens,
        "another key": lambda: bound_to(sidecar, SUB.public_jwk()),
        "shallow": lambda: bound_to(sidecar, published(sidecar), deepest=1),
        "closed": lambda: bound_to(sidecar, published(sidecar)),
    }
    chain = chains[kind]()
    proof = proof_to_open(SUB, chain, Opening(), time.time()) if kind == "another key" else ""
    handle = await opened(sidecar, chain, proof)
    if kind == "closed":
        await sidecar.guard.CloseSession(pb.CloseSessionRequest(session_id=handle))

    link = await sidecar.guard.Delegate(request(handle, {"tools": {"echo": {}}}))

    assert (link.token, [f.reason for f in link.findings], link.expires_at.seconds) == ("", [reason], 0)
    assert link.findings[0].message


async def test_the_client_delegates_and_is_denied_as_for_any_other_call(sidecar: Running) -> None:
    chain = bound_to(sidecar, published(sidecar))
    async with (
        AsyncSidecar(f"unix:{sidecar.settings.server.socket}") as client,
        client.session(chain) as session,
    ):
        less = await session.delegate("sub", AUDIENCE, {"tools": {"echo": {}}}, SUB.public_jwk(), lifetime=60)
        same = await session.delegate("sub", AUDIENCE, GRANTED, SUB.public_jwk())
        with pytest.raises(Denied) as refused:
            await session.delegate("sub", AUDIENCE, {"tools": {"delete": {}}}, SUB.public_jwk())

    assert (less.unnarrowed, same.unnarrowed) == (False, True)
    assert less.token
    assert less.token not in repr(less)
    assert 50 < less.expires_at.timestamp() - time.time() <= 60
    assert refused.value.reasons == ("mint_wider_than_verified",)


async def test_the_client_that_blocks_delegates_too(sidecar: Running) -> None:
    chain, address = bound_to(sidecar, published(sidecar)), f"unix:{sidecar.settings.server.socket}"

    def delegated() -> DelegatedToken:
        with Sidecar(address) as client, client.session(chain) as session:
            return session.delegate("sub", AUDIENCE, {"tools": {"echo": {}}}, SUB.public_jwk())

    assert (await asyncio.to_thread(delegated)).token


async def test_each_start_has_a_key_of_its_own(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        async with running(tmp_path) as sidecar:
            seen.append(admit(published(sidecar)).thumbprint)
            assert "d" not in published(sidecar)

    assert len(set(seen)) == 2
