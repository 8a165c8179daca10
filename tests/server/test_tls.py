"""Mutual TLS on the TCP port: N161 over a real socket, with certificates that are made for each run."""

import hashlib
import re
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sidecar.app import Sidecar
from sidecar.config import load_settings
from sidecar.errors import ConfigError
from sidecar.identity.keys import encoded
from sidecar.identity.trial import Order, TrialIssuer
from sidecar.server.tls import MAX_CERTIFICATE, MAX_PEM_BYTES, Tls, client_certificate, credentials
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import Running, running, written

WAIT = 10.0  # seconds for a handshake; far more than it takes
FILES = 'tls = { certificate = "server.pem", key = "server.key", client_ca = "clients.pem" }'
SERVED = f'tcp = "127.0.0.1:0"\n{FILES}'


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key."""

    body: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def made(cls, name: str, by: "Certificate | None" = None) -> Self:
        """Return a certificate signed by `by`, or an authority that signs itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(by.body.subject if by else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        )
        return cls(builder.sign(by.key if by else key, SHA256()), key)

    @property
    def pem(self) -> bytes:
        return self.body.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def thumbprint(self) -> str:
        """What `x5t#S256` names it by (RFC 8705)."""
        return encoded(hashlib.sha256(self.body.public_bytes(Encoding.DER)).digest())


OURS, CLIENTS, ELSEWHERE = (Certificate.made(name) for name in ("our authority", "agents", "somebody else's"))
SERVER = Certificate.made("sidecar", OURS)
AGENT, OTHER, STRANGER = (Certificate.made(name, by) for name, by in (("a", CLIENTS), ("b", CLIENTS), ("a", ELSEWHERE)))


def laid(folder: Path) -> None:
    (folder / "server.pem").write_bytes(SERVER.pem)
    (folder / "server.key").write_bytes(SERVER.key_pem)
    (folder / "clients.pem").write_bytes(CLIENTS.pem)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Running]:
    laid(folder)
    async with running(folder, server=SERVED) as sidecar:
        yield sidecar


def bound(by: Running, certificate: Certificate) -> list[str]:
    """Return a token that is bound to `certificate`."""
    order = Order(user="u", agents=["agent"], scope={"tools": {"echo": {}}}, at=time.time())
    claims = {**by.issuer.claims(order), "cnf": {"x5t#S256": certificate.thumbprint}}
    return [by.issuer.key.sign(claims, "at+jwt", header={"kid": by.issuer.key.public.thumbprint})]


async def opened(
    by: Running, tokens: list[str], client: Certificate | None, metadata: tuple[tuple[str, str], ...] = ()
) -> pb.Session:
    """Return what OpenSession answers on the TCP port, asked with the certificate of `client`."""
    key, chain = (client.key_pem, client.pem) if client else (None, None)
    secure = grpc.ssl_channel_credentials(OURS.pem, key, chain)
    async with grpc.aio.secure_channel(f"127.0.0.1:{by.sidecar.port}", secure) as channel:
        stub = pb_grpc.GuardStub(channel)
        return await stub.OpenSession(pb.OpenSessionRequest(tokens=tokens), metadata=metadata, timeout=WAIT)


def reasons(session: pb.Session) -> list[str]:
    return [finding.reason for finding in session.findings]


async def test_n161_a_bound_token_opens_a_session_with_its_own_certificate_and_no_other(tmp_path: Path) -> None:
    async with served(tmp_path) as sidecar:
        tokens = bound(sidecar, AGENT)
        session = await opened(sidecar, tokens, AGENT)
        assert session.session_id, reasons(session)
        refused = await opened(sidecar, tokens, OTHER)
        assert (refused.session_id, reasons(refused)) == ("", ["cnf_mismatch"])


async def test_n161_a_certificate_in_metadata_counts_nothing(tmp_path: Path) -> None:
    pem = AGENT.pem.decode().replace("\n", " ")
    named = ("x509_pem_cert", "x-forwarded-client-cert", "x-client-cert", "x5t-s256")
    forged = (*((name, pem) for name in named), ("transport_security_type", "ssl"))
    async with served(tmp_path) as sidecar:
        tokens = bound(sidecar, AGENT)
        refused = await opened(sidecar, tokens, OTHER, metadata=forged)
        assert reasons(refused) == ["cnf_mismatch"]
        request = pb.OpenSessionRequest(tokens=tokens)
        assert reasons(await sidecar.guard.OpenSession(request, metadata=forged)) == ["cnf_mismatch"]


async def test_a_token_that_is_bound_to_nothing_is_taken_over_tls_too(tmp_path: Path) -> None:
    async with served(tmp_path) as sidecar:
        assert (await opened(sidecar, sidecar.tokens(), AGENT)).session_id


@pytest.mark.parametrize("client", [pytest.param(None, id="none"), pytest.param(STRANGER, id="of another authority")])
async def test_without_a_certificate_of_the_authority_nobody_gets_through(
    tmp_path: Path, client: Certificate | None
) -> None:
    async with served(tmp_path) as sidecar:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await opened(sidecar, sidecar.tokens(), client)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_the_port_speaks_no_plain_text_any_more(tmp_path: Path) -> None:
    async with served(tmp_path) as sidecar, grpc.aio.insecure_channel(f"127.0.0.1:{sidecar.sidecar.port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await pb_grpc.GuardStub(channel).OpenSession(pb.OpenSessionRequest(), timeout=WAIT)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


TLS = {"transport_security_type": [b"ssl"]}


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        pytest.param({}, b"", id="plain text"),
        pytest.param(TLS, b"", id="no certificate"),
        pytest.param({**TLS, "x509_pem_cert": [AGENT.pem]}, ssl.PEM_cert_to_DER_cert(AGENT.pem.decode()), id="one"),
        pytest.param({**TLS, "x509_pem_cert": [AGENT.pem, OTHER.pem]}, b"", id="two"),
        pytest.param({**TLS, "x509_pem_cert": [b"x"]}, b"", id="no PEM"),
        pytest.param({**TLS, "x509_pem_cert": [b"\xff"]}, b"", id="not ASCII"),
        pytest.param({**TLS, "x509_pem_cert": [AGENT.pem + b"\n" * MAX_CERTIFICATE]}, b"", id="too long"),
        pytest.param({"x509_pem_cert": [AGENT.pem]}, b"", id="of no TLS"),
        pytest.param({"transport_security_type": [b"local"], "x509_pem_cert": [AGENT.pem]}, b"", id="another kind"),
    ],
)
def test_only_what_tls_verified_is_a_client_certificate(connection: dict[str, list[bytes]], expected: bytes) -> None:
    assert client_certificate(connection) == expected


BROKEN = [
    pytest.param("server.pem", None, r"server\.pem: No such file", id="no certificate"),
    pytest.param("server.key", None, r"server\.key: No such file", id="no key"),
    pytest.param("clients.pem", None, r"clients\.pem: No such file", id="no authority"),
    pytest.param("server.pem", b"x", r"server\.pem: not certificates", id="a certificate that is none"),
    pytest.param("clients.pem", b"", r"clients\.pem: not certificates", id="an empty authority"),
    pytest.param("clients.pem", b"x" * (MAX_PEM_BYTES + 1), r"clients\.pem: larger", id="too large"),
    pytest.param("server.key", b"x", r"server\.key: not the key", id="a key that is none"),
    pytest.param("server.key", OTHER.key_pem, r"server\.key: not the key", id="another's key"),
]


@pytest.mark.parametrize(("file", "octets", "told"), BROKEN)
def test_files_that_will_not_do_are_told_before_anything_is_served(
    tmp_path: Path, file: str, octets: bytes | None, told: str
) -> None:
    laid(tmp_path)
    if octets is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(octets)
    with pytest.raises(ConfigError) as refused:
        credentials(
            Tls(certificate=tmp_path / "server.pem", key=tmp_path / "server.key", client_ca=tmp_path / "clients.pem")
        )
    assert [problem for problem in refused.value.problems if re.search(told, problem)] == list(refused.value.problems)


def test_serve_check_reads_the_files_too(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, TrialIssuer.generate(), server=SERVED), environment={})
    with pytest.raises(ConfigError, match=r"server\.pem"):
        Sidecar(settings)


@pytest.mark.parametrize(
    ("server", "told"),
    [
        pytest.param(FILES, "`tls` is of the port `tcp`", id="no port"),
        pytest.param('tcp = "127.0.0.1:0"\ntls = { key = "k" }', "together", id="a key alone"),
        pytest.param('tcp = "127.0.0.1:0"\ntls = { certificate = "c", key = "k" }', "together", id="no authority"),
    ],
)
def test_settings_that_would_leave_the_port_open_are_refused(tmp_path: Path, server: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_settings(written(tmp_path, TrialIssuer.generate(), server=server), environment={})
