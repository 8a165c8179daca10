"""Reads each kind of source, once each time it is asked (identity-spec 2.13).

Whatever goes wrong is a `FetchError` with a health code; what is read is bounded in size and in time.
"""

import asyncio
import os
import stat
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from aiocache import SimpleMemoryCache

from sidecar.errors import ConfigError, FetchError, JsonError, TokenError
from sidecar.identity.issuers import fetching
from sidecar.identity.issuers.bundles import bundle, x509_roots
from sidecar.identity.issuers.discovery import keys_url, metadata_url
from sidecar.identity.issuers.fetching import Fetcher, Request, Shown
from sidecar.identity.issuers.generations import UNAVAILABLE, Fetched
from sidecar.identity.issuers.keyfile import parsed_keys, read
from sidecar.identity.issuers.sources import (
    BundleSource,
    BundleUrlSource,
    DiscoverySource,
    FileSource,
    KubernetesSource,
    Source,
    UrlSource,
    WorkloadSource,
)
from sidecar.identity.issuers.workload import WorkloadApi

FILE_SECONDS: Final = 30.0  # between looks at a file
METADATA_SECONDS: Final = 3600.0  # that an issuer's metadata is kept
METADATA_AGAIN: Final = 60.0  # until metadata that cannot be had is asked for again
MAX_TOKEN: Final = 64 * 1024  # octets of a pod's own token


class Loader(Protocol):
    """Loads the keys of one issuer."""

    async def load(self) -> Fetched:
        """Return what the source holds now. Raises `FetchError`."""


@runtime_checkable
class Stream(Protocol):
    """Tells of the keys of one issuer each time that they change."""

    def updates(self) -> AsyncGenerator[Fetched, None]:
        """Yield what the source holds now, and again at each change. Raises `FetchError` when it breaks off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What sources are read with. `mono` is the keepers' clock; `max_stale` how old a key set may get, in seconds."""

    fetcher: Fetcher
    mono: Callable[[], float]
    max_stale: float


def loader(source: Source, algorithms: frozenset[str], means: Means) -> Loader | Stream:
    """Return what reads `source`. `algorithms` are those that the issuer may sign with."""
    fetcher = means.fetcher
    match source:
        case FileSource(path=path) | BundleSource(path=path):
            return FileLoader(path=path, algorithms=algorithms, is_bundle=isinstance(source, BundleSource))
        case BundleUrlSource():
            return BundleUrlLoader(source=source, algorithms=algorithms, fetcher=fetcher)
        case UrlSource(url=url, ca=ca):
            return UrlLoader(request=Request(url=url, ca=ca), algorithms=algorithms, fetcher=fetcher)
        case DiscoverySource():
            return DiscoveryLoader(source=source, algorithms=algorithms, means=means)
        case KubernetesSource():
            return KubernetesLoader(source=source, algorithms=algorithms, fetcher=fetcher)
        case WorkloadSource(socket=socket, trust_domain=trust_domain):
            return WorkloadApi(socket=socket, trust_domain=trust_domain, algorithms=algorithms)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLoader:
    """A JWK set, PEM, or SPIFFE bundle in a file. Follows symbolic links anew each time, as mounted volumes need."""

    path: Path
    algorithms: frozenset[str]
    is_bundle: bool = False

    async def load(self) -> Fetched:
        return await asyncio.to_thread(self.load_now)

    def load_now(self) -> Fetched:
        """Return what the file holds. Raises `FetchError`."""
        try:
            _owned(self.path)
            octets = read(self.path)
        except ConfigError as error:
            raise FetchError(error.problems[0]) from None
        except OSError as error:
            raise FetchError(f"{self.path}: {error.strerror}") from None
        if not self.is_bundle:
            return replace(usable(octets, self.algorithms), again=FILE_SECONDS)
        return replace(bundle(octets, self.algorithms, needs_use=True), again=FILE_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlLoader:
    """A JWK set at a URL."""

    request: Request
    algorithms: frozenset[str]
    fetcher: Fetcher

    async def load(self) -> Fetched:
        reply = await self.fetcher.get(self.request)
        return usable(reply.body, self.algorithms, reply.max_age)


@dataclass(slots=True, kw_only=True)
class BundleUrlLoader:
    """A SPIFFE bundle at a URL. `roots` are the authorities that its server is known by, once one was fetched."""

    source: BundleUrlSource
    algorithms: frozenset[str]
    fetcher: Fetcher
    roots: tuple[bytes, ...] = ()
    sequence: int | None = None  # of the bundle that they are from

    async def load(self) -> Fetched:
        server = await self._server() if self.source.endpoint else None
        reply = await self.fetcher.get(Request(url=self.source.url, ca=self.source.ca, server=server))
        fetched = bundle(reply.body, self.algorithms, needs_use=True)
        is_older = self.sequence is not None and (fetched.sequence or 0) < self.sequence
        if server is not None and not is_older:  # an older bundle may bring an authority back that was taken back
            self.sequence = fetched.sequence
            self.roots = x509_roots(reply.body) or server.roots  # a server without any is known as before
        return fetched if fetched.max_age is not None else replace(fetched, max_age=reply.max_age)

    async def _server(self) -> Shown:
        if not self.roots and self.source.bootstrap is not None:
            try:
                self.roots = x509_roots(await asyncio.to_thread(read, self.source.bootstrap))
            except ConfigError as error:
                raise FetchError(error.problems[0]) from None
        if not self.roots:
            raise FetchError("no authority is known that the bundle's server could be told by")
        return Shown(spiffe_id=self.source.endpoint, roots=self.roots)


@dataclass(slots=True, kw_only=True)
class DiscoveryLoader:
    """A JWK set that the issuer's metadata names. The metadata is kept for an hour, or until its key set fails.

    Where the metadata cannot be had then, or after a restart, the key set stays where it was found last, for as long
    as its keys may be used: an outage of the one is none of the other. Metadata that says something else counts.
    """

    source: DiscoverySource
    algorithms: frozenset[str]
    means: Means
    metadata: SimpleMemoryCache = field(default_factory=SimpleMemoryCache)
    named: str = ""  # where keys were found last
    found_at: float = 0.0  # when, by `means.mono`

    def resume(self, named: str, found_at: float) -> None:
        """Go on with what was kept over a restart."""
        self.named, self.found_at = named, found_at

    async def load(self) -> Fetched:
        url = await self._keys_url()
        try:
            reply = await self.means.fetcher.get(Request(url=url, ca=self.source.ca))
            fetched = replace(usable(reply.body, self.algorithms, reply.max_age), named=url)
        except FetchError:
            await self.metadata.delete(self.source.issuer)
            raise
        self.resume(url, self.means.mono())
        return fetched

    async def _keys_url(self) -> str:
        held = await self.metadata.get(self.source.issuer)
        if isinstance(held, str):
            return held
        url = metadata_url(self.source.issuer, self.source.kind)
        try:
            reply = await self.means.fetcher.get(Request(url=url, accept=fetching.ACCEPT_JSON, ca=self.source.ca))
        except FetchError as error:
            if error.reason != UNAVAILABLE or not self._is_known():
                raise
            found, lasts = self.named, METADATA_AGAIN
        else:
            found, lasts = keys_url(reply.body, self.source.issuer), METADATA_SECONDS
        await self.metadata.set(self.source.issuer, found, ttl=lasts)
        return found

    def _is_known(self) -> bool:
        return bool(self.named) and self.means.mono() - self.found_at < self.means.max_stale


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesLoader:
    """A cluster's keys. The pod's token is read anew each time, for the cluster replaces it."""

    source: KubernetesSource
    algorithms: frozenset[str]
    fetcher: Fetcher

    async def load(self) -> Fetched:
        try:
            token = (await asyncio.to_thread(_head, self.source.token)).decode("ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise FetchError("the pod's token cannot be read") from None
        url = f"{self.source.server.rstrip('/')}/openid/v1/jwks"
        reply = await self.fetcher.get(Request(url=url, ca=self.source.ca, bearer=token))
        return usable(reply.body, self.algorithms, reply.max_age)


def usable(octets: bytes, algorithms: frozenset[str], max_age: float | None = None) -> Fetched:
    """Return the keys of a JWK set or of PEM. Raises `FetchError`: also where not one of them can be used."""
    try:
        keys = parsed_keys(octets, algorithms)
    except JsonError:
        raise FetchError("neither a JWK set nor PEM", reason="jwks_malformed") from None
    except TokenError as error:
        reason = error.reason if error.reason != "key_invalid" else "jwks_malformed"
        raise FetchError("the key set is refused as a whole", reason=reason) from None
    if not keys.keys:
        raise FetchError("the key set holds no usable key", reason="jwks_malformed")
    return Fetched(keys=keys, max_age=max_age)


def _owned(path: Path) -> None:
    """Refuse a file that anybody could have written. Raises `FetchError`."""
    status = path.stat()
    if status.st_mode & stat.S_IWOTH or status.st_uid not in {0, os.geteuid()}:
        message = f"{path}: must belong to root or to the sidecar's user, and not be writable by others"
        raise FetchError(message, reason="jwks_fetch_refused")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_TOKEN)
