"""Who connects, as the kernel says: tickets, the socket that gives them out, and what they are asked for."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sidecar.client import AsyncSidecar, Denied, Sidecar
from sidecar.client.peer import METADATA, aio_ticket, socket_of, ticket
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.proving import Asked, proof
from sidecar.identity.opening import OPEN_SESSION
from sidecar.identity.trial import Order
from sidecar.model.session import Peer
from sidecar.server.peer import LIFETIME, MAX_OF_ONE_USER, MAX_TICKETS, PeerSocket, Tickets, credentials
from sidecar.v1 import sidecar_pb2 as pb
from tests.running import Running, running

ME = Peer(pid=os.getpid(), uid=os.getuid(), gid=os.getgid())
OTHER = Peer(pid=1, uid=4242, gid=4242)
MINE = f"peers = [{{uid = {ME.uid}, agent = 'agent'}}]"
NOBODY = 65534


def test_a_ticket_is_good_once_and_for_a_while() -> None:
    times = [100.0] * 4 + [100.0 + LIFETIME - 0.1, 100.0 + LIFETIME]
    tickets = Tickets(iter(times).__next__)
    first, second, late = (tickets.issue(ME) for _ in range(3))

    assert tickets.redeem(first) == ME
    assert tickets.redeem(first) is None
    assert tickets.redeem(second) == ME
    assert tickets.redeem(late) is None
    assert tickets.redeem("") is None
    assert len(tickets) == 0


def test_a_user_who_fetches_without_end_voids_only_tickets_of_that_user() -> None:
    tickets = Tickets(lambda: 0.0)
    other = tickets.issue(OTHER)
    mine = [tickets.issue(ME) for _ in range(MAX_OF_ONE_USER + 1)]

    assert len(tickets) == MAX_OF_ONE_USER + 1
    assert tickets.redeem(mine[0]) is None
    assert tickets.redeem(mine[1]) == ME
    assert tickets.redeem(other) == OTHER


def test_many_users_void_the_oldest_ticket_of_all() -> None:
    tickets = Tickets(lambda: 0.0)
    first, second = (tickets.issue(Peer(pid=1, uid=uid, gid=0)) for uid in range(2))
    for uid in range(2, MAX_TICKETS + 1):
        tickets.issue(Peer(pid=1, uid=uid, gid=0))

    assert len(tickets) == MAX_TICKETS
    assert (tickets.redeem(first), tickets.redeem(second)) == (None, Peer(pid=1, uid=1, gid=0))


def test_tickets_that_nobody_uses_do_not_pile_up() -> None:
    tickets = Tickets(map(float, range(100)).__next__)
    for uid in range(100):
        tickets.issue(Peer(pid=1, uid=uid, gid=0))

    assert len(tickets) <= LIFETIME


def test_the_kernel_says_who_is_at_the_other_end() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert credentials(here) == ME


async def test_whoever_connects_gets_a_ticket_and_need_not_say_anything(tmp_path: Path) -> None:
    tickets, path = Tickets(), str(tmp_path / "peer.sock")
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(path)
    served = PeerSocket(tickets)
    await served.start(bound)
    try:
        blocking = await asyncio.to_thread(ticket, path)
        asynchronous = await aio_ticket(path)
    finally:
        await served.stop()

    assert [name for (name, _) in (*blocking, *asynchronous)] == [METADATA, METADATA]
    assert [tickets.redeem(value) for (_, value) in (*blocking, *asynchronous)] == [ME, ME]
    assert await aio_ticket(path) == ticket(path) == ()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(b"abc\n", ((METADATA, "abc"),), id="a ticket"),
        pytest.param(b"", (), id="nothing"),
        pytest.param(b"\n", (), id="an empty line"),
        pytest.param(b"x" * 1000, (), id="too long"),
        pytest.param(b"a\x00b\n", (), id="not printable"),
        pytest.param("ü\n".encode(), (), id="not ASCII"),
    ],
)
async def test_what_is_no_ticket_is_left_out(
    tmp_path: Path, answer: bytes, expected: tuple[tuple[str, str], ...]
) -> None:
    async def say(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    path = str(tmp_path / "p")
    async with await asyncio.start_unix_server(say, path):
        assert await asyncio.to_thread(ticket, path) == expected
        assert await aio_ticket(path) == expected


@pytest.mark.parametrize(
    ("address", "chosen", "expected"),
    [
        pytest.param("unix:run/guard.sock", None, "run/peer.sock", id="beside"),
        pytest.param("unix:/run/sidecar/guard.sock", None, "/run/sidecar/peer.sock", id="absolute"),
        pytest.param("unix:///run/sidecar/guard.sock", None, "/run/sidecar/peer.sock", id="as a URI"),
        pytest.param("127.0.0.1:50051", None, "", id="a port"),
        pytest.param("127.0.0.1:50051", "/x/p.sock", "/x/p.sock", id="named"),
        pytest.param("unix:run/guard.sock", "", "", id="none wanted"),
    ],
)
def test_the_peer_socket_is_beside_the_data_socket(address: str, chosen: str | None, expected: str) -> None:
    assert socket_of(address, chosen) == expected


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, identity=MINE) as it:
        yield it


async def reasons(sidecar: Running, *metadata: tuple[str, str], agent: str = "agent") -> list[str]:
    """Return why a session is not opened; empty where it is."""
    tokens = sidecar.issuer.mint(user="u", agents=[agent], scope={"tools": {"echo": {}}}, at=time.time())
    answer = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens), metadata=metadata)
    return [finding.reason for finding in answer.findings]


async def test_n161_a_certificate_that_a_header_names_is_nobodys(sidecar: Running) -> None:
    thumbprint = "A" * 43
    order = Order(user="u", agents=["agent"], scope={"tools": {"echo": {}}}, at=time.time())
    claims = {**sidecar.issuer.claims(order), "cnf": {"x5t#S256": thumbprint}}
    token = sidecar.issuer.key.sign(claims, "at+jwt", header={"kid": sidecar.issuer.key.public.thumbprint})
    said = [
        ("x-forwarded-client-cert", f"Hash={thumbprint}"),
        ("x-client-cert-thumbprint", thumbprint),
        ("x5t#s256".replace("#", "-"), thumbprint),
    ]
    fetched = await aio_ticket(str(sidecar.settings.server.socket.with_name("peer.sock")))
    answer = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=[token]), metadata=[*said, *fetched])
    assert [finding.reason for finding in answer.findings] == ["cnf_mismatch"]


async def test_n175_who_does_not_say_who_it_is_opens_nothing(sidecar: Running) -> None:
    path = str(sidecar.settings.server.socket.with_name("peer.sock"))
    fetched = await aio_ticket(path)

    assert await reasons(sidecar) == ["peer_unauthenticated"]
    assert await reasons(sidecar, (METADATA, "made-up")) == ["peer_unauthenticated"]
    assert await reasons(sidecar, *fetched) == []
    assert await reasons(sidecar, *fetched) == ["peer_unauthenticated"]
    assert await reasons(sidecar, *await aio_ticket(path), agent="another") == ["act_peer_mismatch"]


async def test_n170_who_has_no_nonce_is_given_one(tmp_path: Path) -> None:
    async with running(tmp_path, identity="proof_nonce = true") as sidecar:
        holder = SigningKey.generate()
        order = Order(user="u", agents=["agent"], scope={"tools": {"echo": {}}}, at=time.time())
        tokens = sidecar.issuer.minted(order, holder)
        asked = Asked(audience=order.audience, tool=OPEN_SESSION, arguments={}, at=time.time())
        call = sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens, proof=proof(holder, tokens, asked)))
        refused = await call
        nonce = dict(await call.trailing_metadata())["dpop-nonce"]
        second = proof(holder, tokens, replace(asked, nonce=str(nonce)))
        opened = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens, proof=second))

    assert not refused.session_id
    assert opened.session_id


async def test_both_clients_say_it_by_themselves_and_it_is_recorded(sidecar: Running) -> None:
    address = f"unix:{sidecar.settings.server.socket}"
    async with AsyncSidecar(address) as aio, aio.session(sidecar.tokens()) as session:
        assert session.tools
    with Sidecar(address) as blocking:
        session_ = await asyncio.to_thread(blocking.open_session, sidecar.tokens())
        assert session_.tools
    with pytest.raises(Denied) as refused:
        async with AsyncSidecar(address, peer_socket="") as aio:
            await aio.open_session(sidecar.tokens())
    kept = [record async for record in sidecar.control.QueryAudit(pb.QueryAuditRequest())]
    told = [json.loads(r.details_json)["details"].get("process") for r in kept if r.boundary == "open_session"]

    assert refused.value.reasons == ("peer_unauthenticated",)
    assert told == [{"pid": ME.pid, "uid": ME.uid, "gid": ME.gid}] * 2 + [None]


async def test_the_peer_socket_has_the_rights_of_the_data_socket_and_goes_with_it(tmp_path: Path) -> None:
    async with running(tmp_path, server="socket_mode = '0600'") as sidecar:
        data = sidecar.settings.server.socket
        peer = data.with_name("peer.sock")
        modes = [path.stat().st_mode & 0o777 for path in (data, peer)]

    assert modes == [0o600, 0o600]
    assert not peer.exists()


def open_to_all(folder: Path) -> socket.socket:
    folder.chmod(0o711)
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(folder / "peer.sock"))
    (folder / "peer.sock").chmod(0o666)
    return bound


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become another user")
async def test_another_user_is_told_apart_by_the_kernel() -> None:
    tickets = Tickets()
    become = f"import os, socket, sys; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})"
    fetch = "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(99).decode())"
    with TemporaryDirectory() as folder:
        bound = open_to_all(Path(folder))
        served = PeerSocket(tickets)
        await served.start(bound)
        command = [sys.executable, "-S", "-c", f"{become}; {fetch}", f"{folder}/peer.sock"]
        try:
            ran = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
        finally:
            await served.stop()

    peer = tickets.redeem(ran.stdout.strip())
    assert peer is not None
    assert (peer.uid, peer.gid) == (NOBODY, NOBODY)
    assert peer.pid != ME.pid
