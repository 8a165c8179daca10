"""Fetches a document of an issuer, and nothing else on the network (identity-spec 2.13).

A URL comes from the settings, or from metadata of an issuer in the settings, and its host must be one of those. The
host is resolved once, each address is judged, and the connection goes to an address that was judged: a name that
resolves otherwise a moment later changes nothing. No redirects, no proxies, no cookies, no compression.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

from sidecar.errors import FetchError

ACCEPT_KEYS: Final = "application/jwk-set+json, application/json"
ACCEPT_JSON: Final = "application/json"
MAX_BYTES: Final = 256 * 1024
MAX_ADDRESSES: Final = 4  # of one name that are tried
TIMEOUT: Final = 5.0  # seconds for one document, from the look-up of its host to its last byte
MAX_URL: Final = 2048  # characters

REFUSED: Final = "jwks_fetch_refused"
NO_ANSWER: Final = "the server of the keys does not answer as it should"
# Threads of its own: a resolver that hangs must not take those that others need.
_RESOLVING: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="resolve")
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
        except (TimeoutError, OSError, UnicodeError):
            raise FetchError(NO_ANSWER) from None

    async def _get(self, request: Request) -> Reply:
        from sidecar.identity.issuers.http_get import answer  # noqa: PLC0415 - an HTTP client of 3 MB, for who fetches something

        parts, port = self.admitted(request.url)
        addresses = await self._addresses(parts.scheme, str(parts.hostname), port)
        if request.server and (parts.scheme != "https" or request.bearer):
            raise FetchError("who shows a SPIFFE ID is asked over https, and shown nothing", reason=REFUSED)
        return await answer(request, parts, addresses, seconds=self.timeout, max_bytes=self.max_bytes)

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
