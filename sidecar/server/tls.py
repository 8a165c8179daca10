"""Mutual TLS on the TCP port: who connects holds the key of a certificate that the operator's authority signed.

The certificate is taken from the handshake that gRPC finished, and from nowhere else: a header or metadata is text
that anybody can write. gRPC verifies its chain up to `client_ca`, which stands alone, and that the client holds the
key. What that proves, and what not, is said in SECURITY.md. The files are read once, at the start.
"""

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from sidecar.errors import ConfigError

MAX_PEM_BYTES: Final = 1 << 20  # of one file; a bundle of authorities fits
MAX_CERTIFICATE: Final = 1 << 16  # characters of PEM
_CERTIFICATE: Final = "x509_pem_cert"  # gRPC's names of what it verified
_TRANSPORT: Final = "transport_security_type"
_TLS: Final = (b"ssl",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """The files, in PEM: our certificate with its chain, its key, and the authorities that sign clients'."""

    certificate: Path
    key: Path
    client_ca: Path


def credentials(tls: Tls) -> grpc.ServerCredentials:
    """Return what a port of mutual TLS is opened with. Raises `ConfigError` with every file that will not do."""
    problems: list[str] = []
    certificate, key, client_ca = (_read(path, problems) for path in (tls.certificate, tls.key, tls.client_ca))
    for path, pem in ((tls.certificate, certificate), (tls.client_ca, client_ca)):
        if pem is not None and not _certificates(pem):
            problems.append(f"{path}: not certificates in PEM")
    if certificate is not None and key is not None and not _fits(key, certificate):
        problems.append(f"{tls.key}: not the key of the certificate in {tls.certificate}, in PEM without a password")
    if problems or certificate is None or key is None or client_ca is None:
        raise ConfigError(problems)
    return grpc.ssl_server_credentials([(key, certificate)], root_certificates=client_ca, require_client_auth=True)


def client_certificate(connection: Mapping[str, Iterable[bytes]]) -> bytes:
    """Return the DER of the certificate that a client proved in TLS; empty where it did not, or in plain text.

    `connection` is what gRPC says of the call's connection (`auth_context`).
    """
    shown = tuple(connection.get(_CERTIFICATE, ()))
    if tuple(connection.get(_TRANSPORT, ())) != _TLS or len(shown) != 1 or len(shown[0]) > MAX_CERTIFICATE:
        return b""
    try:
        return ssl.PEM_cert_to_DER_cert(shown[0].decode("ascii"))
    except ValueError:
        return b""


def _read(path: Path, problems: list[str]) -> bytes | None:
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_PEM_BYTES + 1)
    except OSError as error:
        problems.append(f"{path}: {error.strerror}")
        return None
    if len(octets) > MAX_PEM_BYTES:
        problems.append(f"{path}: larger than {MAX_PEM_BYTES} bytes")
        return None
    return octets


def _certificates(pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        return []


def _fits(key: bytes, certificate: bytes) -> bool:
    """Return whether `key` is that of the first certificate; true where there is none, which is told already."""
    leaf = _certificates(certificate)[:1]
    try:
        own = load_pem_private_key(key, password=None).public_key()
    except (ValueError, TypeError):
        return False
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return not leaf or leaf[0].public_key().public_bytes(*form) == own.public_bytes(*form)
