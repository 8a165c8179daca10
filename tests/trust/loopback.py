"""A server of documents on loopback, with or without TLS, that counts who asks for what."""

import http.server
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(kw_only=True)
class Page:
    """What is answered to a path. `before` seconds pass first, and `between` each two octets of the body."""

    body: bytes | Callable[[], bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    before: float = 0.0
    between: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request that came."""

    path: str
    headers: Mapping[str, str]
    body: bytes = b""


class Server(http.server.ThreadingHTTPServer):
    """Answers by `pages`; `asked` is what came, in order."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, port: int = 0) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.scheme = "http"
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """The server's address, by a name that certificates hold."""
        return f"{self.scheme}://localhost:{self.port}"

    def count(self, path: str) -> int:
        """Return how often `path` was asked for."""
        return sum(one.path == path for one in self.asked)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up: it is what they should do."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["content-length"])))

    def _answer(self, sent: bytes) -> None:
        headers = {k.lower(): v for k, v in self.headers.items()}
        self.server.asked.append(Asked(path=self.path, headers=headers, body=sent))
        page = self.server.pages.get(self.path, Page(status=404))
        if page.before:
            self.server.ended.wait(page.before)
        body = page.body() if callable(page.body) else page.body
        self.send_response(page.status)
        for name, value in {"Content-Length": str(len(body)), "Connection": "close", **page.headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if not page.between:
            self.wfile.write(body)
            return
        for octet in body:
            self.wfile.write(bytes((octet,)))
            time.sleep(page.between)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""


@contextmanager
def served(port: int = 0, certificate: "Certificate | None" = None) -> Iterator[Server]:
    """Serve for the length of the block, on `port` or on a free one."""
    server = Server(port)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """`chain` holds a certificate and its key, `ca` the authority to trust, which is the certificate itself."""

    chain: Path
    ca: Path


def certificate(folder: Path, *names: str, stem: str = "server") -> Certificate:
    """Return a certificate for `names`, made anew."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    alternatives = [_alternative(one) for one in names]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        # Two authorities may have one name: the key says which of them it is.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain, authority = folder / f"{stem}.pem", folder / f"{stem}.ca.pem"
    chain.write_bytes(made + private)
    authority.write_bytes(made)
    return Certificate(chain=chain, ca=authority)


def _alternative(name: str) -> x509.GeneralName:
    if name.startswith("spiffe://"):
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
