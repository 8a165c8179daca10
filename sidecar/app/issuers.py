"""From the settings to the issuers that are trusted, and to what keeps their keys: a part of the composition root."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sidecar.app.feeding import state_path
from sidecar.app.kept_keys import SUFFIX, KeptKeys
from sidecar.app.trust_record import RECORD_FILE, TrustRecord
from sidecar.config import IssuerSettings, KeySettings, RefreshSettings, Settings
from sidecar.errors import ConfigError, FetchError
from sidecar.identity.adapters import Shape
from sidecar.identity.issuers.fetching import HttpFetcher
from sidecar.identity.issuers.generations import EMPTY, Fetched, Generation, Refresh
from sidecar.identity.issuers.keeper import REAL, Clock, Fault
from sidecar.identity.issuers.keyfile import load_keys
from sidecar.identity.issuers.loading import DiscoveryLoader, FileLoader, Means, loader
from sidecar.identity.issuers.refresh import NOTHING_KEPT, Report, Trust, Trusted
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
from sidecar.identity.keys import KeySet
from sidecar.identity.trust import Issuer

SPIFFE: Final = "spiffe://"

Resume = Callable[[Sequence[Trusted]], Mapping[str, Generation]]


def forgetful(trusted: Sequence[Trusted]) -> Mapping[str, Generation]:
    """Return nothing to go on with: for commands."""
    del trusted
    return NOTHING_KEPT


def trust(settings: Settings, fault: Fault, clock: Clock = REAL, resume: Resume = forgetful) -> Trust:
    """Return the issuers of the settings; keys in files are read now. Raises `ConfigError` with every problem.

    `resume` tells what to go on with, where it was kept over a restart.
    """
    problems: list[str] = []
    sources = [(one, _source(one, problems)) for one in settings.identity.issuers]
    hosts = [host for _, source in sources for host in _hosts(source)]
    fetcher = HttpFetcher(
        hosts=frozenset(hosts),
        # The API server of a cluster is within it, and the settings say that it is asked.
        private=frozenset(host.lower() for host in settings.identity.allow_private_hosts)
        | {host for _, source in sources if isinstance(source, KubernetesSource) for host in _hosts(source)},
        timeout=settings.identity.refresh.timeout_seconds,
    )
    means = Means(fetcher=fetcher, mono=clock.mono, max_stale=settings.identity.refresh.max_stale_seconds)
    trusted = [found for one, source in sources if (found := _trusted(one, source, fetcher, means, problems))]
    if problems:
        raise ConfigError(problems)
    return Trust(trusted, _refresh(settings.identity.refresh), fault, clock, resume(trusted))


def kept_trust(settings: Settings, fault: Fault, now: Callable[[], float], clock: Clock = REAL) -> Trust:
    """Return the issuers as `trust` does, for a sidecar that keeps them: it logs and records how their keys are.

    Their keys are kept over a restart; `now` is the sidecar's time, in seconds since the epoch, which never goes back.
    """
    kept, record = KeptKeys(kept_path(settings), fault), TrustRecord(record_path(settings), fault)

    def resume(trusted: Sequence[Trusted]) -> Mapping[str, Generation]:
        names = {(one.issuer.name, one.issuer.issuer, str(one.source)) for one in trusted}
        held = [one for one in kept.read() if (one.name, one.issuer, one.source) in names]
        going_on = {one.name: one.resumed(now(), clock.mono()) for one in held}
        for one in trusted:
            before = going_on.get(one.issuer.name)
            if isinstance(one.loader, DiscoveryLoader) and before and before.loaded_at is not None:
                one.loader.resume(before.named, before.loaded_at)
        return going_on

    made = trust(settings, fault, clock, resume)

    async def told(reports: Sequence[Report]) -> None:
        await record.keep(reports)
        await kept.keep(made.kept(now()))

    made.report_to(told)
    return made


async def loaded_trust(settings: Settings, fault: Fault) -> Trust:
    """Return the issuers as `trust` does, with keys fetched once from everywhere: for commands."""
    made = trust(settings, fault)
    await made.loaded()
    await made.stop()
    return made


def record_path(settings: Settings) -> Path:
    """Return where a running sidecar writes how its issuers' keys are."""
    return settings.audit.path.with_name(RECORD_FILE)


def kept_path(settings: Settings) -> Path:
    """Return where issuers' keys are kept over a restart."""
    state = state_path(settings)
    return state.with_name(state.name + SUFFIX)


def _refresh(settings: RefreshSettings) -> Refresh:
    return Refresh(
        interval=settings.interval_seconds,
        max_stale=settings.max_stale_seconds,
        unknown_interval=settings.unknown_key_seconds,
        wait=settings.wait_seconds,
    )


def _trusted(
    one: IssuerSettings, source: Source, fetcher: HttpFetcher, means: Means, problems: list[str]
) -> Trusted | None:
    reader = loader(source, frozenset(one.algs), means)
    try:
        for url in _urls(source):
            fetcher.admitted(url)
        first = _read(source, one.algs, reader) if isinstance(reader, FileLoader) else None
    except ConfigError as error:
        problems += error.problems
    except FetchError as error:
        problems.append(f"issuer {one.name}: keys: {error}")
    else:
        return Trusted(issuer=_issuer(one), source=source, loader=reader, first=first)
    return None


def _read(source: Source, algorithms: Sequence[str], reader: FileLoader) -> Fetched:
    """Return what a file holds at start, where it must hold something. Raises `ConfigError` or `FetchError`."""
    if isinstance(source, FileSource):
        load_keys(source.path, algorithms)  # tells all that is wrong with it
    first = reader.load_now()
    if not first.keys.keys:
        raise FetchError(f"{reader.path}: no usable key: {EMPTY}")
    return first


def _source(one: IssuerSettings, problems: list[str]) -> Source:
    """Return where the issuer's keys come from."""
    match one.keys:
        case Path() as path:
            return FileSource(path=path)
        case KeySettings(file=Path() as path):
            return FileSource(path=path)
        case KeySettings(spiffe_bundle=Path() as path):
            return BundleSource(path=path)
        case KeySettings(spiffe_socket=Path() as path) as keys:
            domain = keys.trust_domain or one.issuer
            if not domain.startswith(SPIFFE):
                problems.append(f"issuer {one.name}: keys: name the `trust_domain`, as spiffe://example.org")
            return WorkloadSource(socket=path, trust_domain=domain)
        case KeySettings() as keys:
            if keys.endpoint and not keys.endpoint.startswith(one.issuer + "/"):
                problems.append(f"issuer {one.name}: keys: `endpoint` is of another trust domain than `issuer`")
            return _remote(one.issuer, keys)


def _remote(issuer: str, keys: KeySettings) -> Source:
    if keys.kubernetes:
        own = {"ca": keys.ca} if keys.ca else {}
        return KubernetesSource(server=keys.server, token=keys.token, **own)
    if keys.spiffe_url:
        return BundleUrlSource(url=keys.spiffe_url, ca=keys.ca, endpoint=keys.endpoint, bootstrap=keys.bootstrap)
    if keys.discovery:
        return DiscoverySource(issuer=issuer, kind=keys.discovery, ca=keys.ca)
    return UrlSource(url=keys.url, ca=keys.ca)


def _urls(source: Source) -> Iterator[str]:
    match source:
        case UrlSource(url=url) | BundleUrlSource(url=url):
            yield url
        case DiscoverySource(issuer=url) | KubernetesSource(server=url):
            yield url


def _hosts(source: Source) -> Iterator[str]:
    for url in _urls(source):
        try:
            host = urlsplit(url).hostname
        except ValueError:  # is told of when the URL is looked at
            continue
        if host:
            yield host


def _issuer(one: IssuerSettings) -> Issuer:
    return Issuer(
        name=one.name,
        issuer=one.issuer,
        keys=KeySet(keys=()),
        algorithms=frozenset(one.algs),
        typ=frozenset(one.typ),
        profiles=frozenset(one.profiles),
        token_use=(one.token_use.claim, one.token_use.equals) if one.token_use else None,
        audience_policy=one.audience_policy,
        max_ttl=one.max_ttl_seconds,
        actor_source=one.actor_source,
        actor_issuer_default=one.actor_issuer_default,
        namespaces={prefix: frozenset(authorities) for prefix, authorities in one.namespaces.items()},
        tool_authority=one.tool_authority,
        scope_map=one.scope_map,
        tolerated_headers=frozenset(one.tolerate_headers),
        require_actor_proofs=one.require_actor_proofs,
        shape=Shape(
            client_claim=one.client_claim,
            id_claim=one.id_claim,
            scope_claim=one.scope_claim,
            require=one.require_claims,
            actor_only=one.role == "actor",
        ),
    )
