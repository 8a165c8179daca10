"""From the settings to what feeds revocations: a part of the composition root."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from sidecar.app.feeds import Sources
from sidecar.config import IssuerSettings, Settings, TransmitterSettings
from sidecar.errors import ConfigError
from sidecar.identity.ends import introspection, status_list
from sidecar.identity.ends.events import Transmitter
from sidecar.identity.ends.status_checks import FETCH_SECONDS, Ask, Fetch, StatusChecks, StatusRules
from sidecar.identity.exchanges.exchanging import LOOPBACK
from sidecar.identity.issuers.fetching import HttpFetcher, Request
from sidecar.identity.issuers.keyfile import load_keys, read
from sidecar.identity.trust import TrustStore


def sources(settings: Settings, trust: Callable[[], TrustStore]) -> Sources:
    """Return where to look for what is revoked. Raises `ConfigError` with every problem."""
    problems: list[str] = []
    identity = settings.identity
    transmitters = [found for one in identity.transmitters if (found := _transmitter(one, settings, problems))]
    rules = {
        one.issuer: _rules(one, identity.audiences, problems)
        for one in identity.issuers
        if one.status != "off" or one.introspection
    }
    if identity.events and not transmitters and not problems:
        problems.append("identity.events: no [[identity.transmitters]], so that no event would be believed")
    if problems:
        raise ConfigError(problems)
    return Sources(
        list_file=identity.revocations,
        events=identity.events,
        transmitters=tuple(transmitters),
        checks=StatusChecks(rules, trust, _fetch(settings, rules), _ask()) if rules else None,
        lifetime_s=float(identity.revocation_seconds),
    )


def state_path(settings: Settings) -> Path:
    """Return where the state is kept that outlives the process."""
    return settings.state.path or settings.audit.path.with_name("state.db")


def _transmitter(one: TransmitterSettings, settings: Settings, problems: list[str]) -> Transmitter | None:
    try:
        keys = load_keys(one.keys, one.algs)
    except ConfigError as error:
        problems += [f"transmitter {one.name}: {problem}" for problem in error.problems]
        return None
    covers = frozenset(one.covers) or frozenset({one.issuer})
    for issuer in sorted(covers - {known.issuer for known in settings.identity.issuers}):
        problems.append(f"transmitter {one.name}: covers `{issuer}`, which is no issuer of these settings")
    return Transmitter(
        name=one.name,
        issuer=one.issuer,
        keys=keys,
        algorithms=frozenset(one.algs),
        audiences=frozenset(one.audiences or settings.identity.audiences),
        covers=covers,
    )


def _rules(one: IssuerSettings, audiences: Sequence[str], problems: list[str]) -> StatusRules:
    origins = frozenset(one.status_origins) or frozenset({status_list.origin_of(one.issuer)}) - {""}
    if one.status != "off" and not origins:
        problems.append(f"issuer {one.name}: status_origins: name where its status lists are, as https://sts.example")
    wrong = sorted(origin for origin in origins if status_list.origin_of(origin) != origin)
    problems += [
        f"issuer {one.name}: status_origins: `{origin}` is no origin, as https://sts.example" for origin in wrong
    ]
    if one.introspection is None:
        return StatusRules(lists=one.status, origins=origins)
    parts = urlsplit(one.introspection.url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        problems.append(f"issuer {one.name}: introspection: `url` must be https")
    header, client = "", ""
    try:
        credentials = read(one.introspection.credentials).decode("ascii")
        header, client = introspection.authorization(credentials), credentials.strip().partition(":")[0]
    except ConfigError as error:
        problems += [f"issuer {one.name}: introspection: {problem}" for problem in error.problems]
    except ValueError:
        problems.append(f"issuer {one.name}: introspection: credentials must be one line, client_id:client_secret")
    return StatusRules(
        lists=one.status,
        origins=origins,
        introspection=one.introspection.url,
        authorization=header,
        signed_for=frozenset({client, *audiences}) if one.introspection.signed else frozenset(),
    )


def _fetch(settings: Settings, rules: Mapping[str, StatusRules]) -> Fetch:
    """Return what fetches status lists, from the origins in the settings only."""
    fetcher = HttpFetcher(
        hosts=frozenset(
            host for one in rules.values() for origin in one.origins if (host := urlsplit(origin).hostname)
        ),
        private=frozenset(host.lower() for host in settings.identity.allow_private_hosts),
        timeout=FETCH_SECONDS,
        max_bytes=status_list.MAX_TOKEN,
    )

    async def fetch(url: str, accept: str) -> bytes:
        return (await fetcher.get(Request(url=url, accept=accept))).body

    return fetch


def _ask() -> Ask:
    from sidecar.identity.exchanges.http_post import HttpPoster  # noqa: PLC0415 - an HTTP client of 3 MB, for who asks somebody

    poster = HttpPoster(timeout=FETCH_SECONDS)

    async def ask(url: str, form: Mapping[str, str], authorization: str, accept: str) -> bytes:
        reply = await poster.post(url, form, {"authorization": authorization, "accept": accept})
        return introspection.answer(reply.status, reply.media_type, reply.body, accept)

    return ask
