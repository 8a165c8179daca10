"""Fetches a document of an issuer, and nothing else on the network (identity-spec 2.13).

A URL comes from the settings, or from metadata of an issuer in the settings, and its host must be one of those. The
host is resolved once, each address is judged, and the connection goes to an address that was judged: a name that
resolves otherwise a moment later changes nothing. No redirects, no proxies, no cookies, no compression.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

import httpx

from sidecar.errors import FetchError

ACCEPT_KEYS: Final = "application/jwk-set+json, application/json"
ACCEPT_JSON: Final = "application/json"
MAX_BYTES = 256 * 1024
MAX_ADDRESSES = 4  # of one name that are tried
TIMEOUT = 5.0  # seconds for one document, from the look-up of its host to its last byte
MAX_URL = 2048  # characters

REFUSED: Final = "jwks_fetch_refused"
# Threads of its own: a resolver that hangs must not take those that others need.
_RESOLVING: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="resolve")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})(?:$|[\s,])")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# Where clouds serve credentials to whoever asks from within; the IPv4 ones are link-local, which is refused as a whole.
_METADATA: Final = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200")))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A document, and for how long it is good by what its server says, in seconds."""

    body: bytes = field(repr=False)
    max_age: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a server shows itself to be by an X.509-SVID, and the authorities (DER) that may say so."""

    spiffe_id: str
    roots: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to fetch: `ca` is a PEM file of authorities, `bearer` the credential to show, if any.

    `server` is who the server must be, where it is not known by its host's name.
    """

    url: str
    accept: str = ACCEPT_KEYS
    ca: Path | None = None
    bearer: str = field(default="", repr=False)
    server: Shown | None = None


class Fetcher(Protocol):
    """Fetches one document."""

    async def get(self, request: Request) -> Reply:
        """Return the document. Raises `FetchError` jwks_fetch_refused, jwks_unavailable or jwks_too_large."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """Return the addresses of `host`, by the system's resolver."""
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVING, ask)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFetcher:
    """Fetches over HTTPS from `hosts`. Those of `private` may have private and loopback addresses.

    A host of `private` on a loopback address is the only one that may be asked without TLS.
    """

    hosts: frozenset[str]
    private: frozenset[str] = frozenset()
    resolve: Resolve = resolved
    timeout: float = TIMEOUT
    max_bytes: int = MAX_BYTES

    async def get(self, request: Request) -> Reply:
        try:
            async with asyncio.timeout(self.timeout):
                return await self._get(request)
        except (TimeoutError, httpx.HTTPError, OSError, UnicodeError):
            raise FetchError("the server of the keys does not answer as it should") from None

    async def _get(self, request: Request) -> Reply:
        parts, port = self.admitted(request.url)
        host = str(parts.hostname)
        addresses = await self._addresses(parts.scheme, host, port)
        if request.server and (parts.scheme != "https" or request.bearer):
            raise FetchError("who shows a SPIFFE ID is asked over https, and shown nothing", reason=REFUSED)
        context = await asyncio.to_thread(_context, request) if parts.scheme == "https" else False
        async with httpx.AsyncClient(
            verify=context, trust_env=False, follow_redirects=False, timeout=self.timeout
        ) as client:
            response = await _first_that_connects(client, request, parts, addresses)
            if request.server and not _is_shown(response, request.server.spiffe_id):
                await response.aclose()
                raise FetchError("the server shows another SPIFFE ID than the settings name", reason=REFUSED)
            return await self._read(response)

    def admitted(self, url: str) -> tuple[SplitResult, int]:
        """Return the parts of a URL that may be asked. Raises `FetchError` jwks_fetch_refused."""
        if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise FetchError("not a URL", reason=REFUSED)
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise FetchError("not a URL", reason=REFUSED) from None
        plain = parts.scheme == "http" and parts.hostname in self.private
        if parts.scheme != "https" and not plain:
            raise FetchError("keys are fetched over https only", reason=REFUSED)
        if parts.hostname not in self.hosts or "@" in parts.netloc or parts.fragment:
            raise FetchError("the host is not one that the settings name", reason=REFUSED)
        return parts, port

    async def _addresses(self, scheme: str, host: str, port: int) -> Sequence[str]:
        """Return the addresses to connect to: one that may not be asked refuses the host as a whole."""
        found = await self.resolve(host, port)
        if not found:
            raise FetchError("the host has no address")
        for address in found:
            if not permitted(address, private=host in self.private, loopback_only=scheme == "http"):
                message = "the host has an address that is not public: see identity.allow_private_hosts"
                raise FetchError(message, reason=REFUSED)
        return found[:MAX_ADDRESSES]

    async def _read(self, response: httpx.Response) -> Reply:
        try:
            if response.is_redirect or response.has_redirect_location:
                raise FetchError("redirects are not followed: name the URL itself", reason=REFUSED)
            if response.status_code != httpx.codes.OK:
                raise FetchError("the server of the keys answers with an error")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise FetchError("the reply is compressed, which was not asked for", reason="jwks_malformed")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > self.max_bytes:
                    raise FetchError(f"the reply is larger than {self.max_bytes} octets", reason="jwks_too_large")
        finally:
            await response.aclose()
        return Reply(body=bytes(body), max_age=_max_age(response.headers.get("cache-control", "")))


def permitted(text: str, *, private: bool, loopback_only: bool = False) -> bool:
    """Return whether the address `text` may be connected to.

    `private`: the host is listed as one that may be private; link-local addresses, where clouds serve credentials,
    stay refused.
    """
    try:
        address = _unwrapped(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if loopback_only:
        return private and address.is_loopback
    if address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA:
        return False
    return address.is_global or private


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, if it does: it is where the packets go."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


async def _first_that_connects(
    client: httpx.AsyncClient, request: Request, parts: SplitResult, addresses: Sequence[str]
) -> httpx.Response:
    """Return the answer of the first address that takes a connection; TLS is held to the host's name, not to it."""
    headers = {"host": parts.netloc, "accept": request.accept, "accept-encoding": "identity", "user-agent": "sidecar"}
    if request.bearer:
        headers["authorization"] = f"Bearer {request.bearer}"
    problem: httpx.ConnectError | None = None
    for address in addresses:
        url = httpx.URL(request.url).copy_with(host=address)
        asked = client.build_request("GET", url, headers=headers, extensions={"sni_hostname": parts.hostname})
        try:
            return await client.send(asked, stream=True)
        except httpx.ConnectError as error:
            problem = error
    raise problem or FetchError("the host has no address")


def _context(request: Request) -> ssl.SSLContext:
    if request.server is None:
        return httpx.create_ssl_context() if request.ca is None else ssl.create_default_context(cafile=request.ca)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the SPIFFE ID is the name, and it is looked at before the answer is
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata="".join(map(ssl.DER_cert_to_PEM_cert, request.server.roots)))
    return context


def _is_shown(response: httpx.Response, spiffe_id: str) -> bool:
    """Return whether the verified certificate of the connection has `spiffe_id`, and no other URI (X.509-SVID, 2)."""
    stream = response.extensions["network_stream"]
    session = stream.get_extra_info("ssl_object")
    names = session.getpeercert().get("subjectAltName", ()) if session else ()
    return [value for kind, value in names if kind == "URI"] == [spiffe_id]


def _max_age(cache_control: str) -> float | None:
    found = _MAX_AGE.search(cache_control.lower())
    return float(found[1]) if found else None
