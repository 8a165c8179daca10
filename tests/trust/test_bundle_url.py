"""A trust domain's bundle at a URL: by a SPIFFE ID (https_spiffe), as on the web, asked again as it says itself."""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sidecar.app.issuers import trust
from sidecar.config import load_settings
from sidecar.errors import ConfigError, FetchError
from sidecar.identity.issuers.fetching import HttpFetcher, Request, Shown
from sidecar.identity.issuers.keeper import Fault
from sidecar.identity.issuers.loading import BundleUrlLoader
from sidecar.identity.issuers.sources import BundleUrlSource
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from tests.running import Running, minted, written
from tests.trust.loopback import Certificate, Page, certificate, served
from tests.trust.trusting import opened, trusting

TD = TrialIssuer.generate("spiffe://td.test")
SERVER, OTHER = "spiffe://td.test/spire/server", "spiffe://td.test/other"
LOCAL = frozenset({"localhost"})


def der(made: Certificate) -> bytes:
    return x509.load_pem_x509_certificate(made.ca.read_bytes()).public_bytes(Encoding.DER)


def bundle(*authorities: Certificate, **members: Json) -> bytes:
    """Return a bundle with the trust domain's JWT key and `authorities` for X.509-SVIDs."""
    keys: list[Json] = [{**TD.key.public_jwk(), "use": "jwt-svid"}]
    keys += [{"kty": "EC", "use": "x509-svid", "x5c": [b64encode(der(one)).decode()]} for one in authorities]
    return json.dumps({"keys": keys, "spiffe_sequence": 1, **members}).encode()


def loader(url: str, bootstrap: Path | None, endpoint: str = SERVER) -> BundleUrlLoader:
    return BundleUrlLoader(
        source=BundleUrlSource(url=url, endpoint=endpoint, bootstrap=bootstrap),
        algorithms=frozenset({"Ed25519"}),
        fetcher=HttpFetcher(hosts=LOCAL, private=LOCAL, timeout=2.0),
    )


async def reason(loading: BundleUrlLoader) -> str:
    try:
        found = await loading.load()
    except FetchError as error:
        return error.reason
    return "" if found.keys.keys else "nothing"


@pytest.fixture
def made(tmp_path: Path) -> Certificate:
    return certificate(tmp_path, SERVER)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param((SERVER,), "", id="the server that the settings name"),
        pytest.param((SERVER, "localhost"), "", id="a host's name besides, which nobody looks at"),
        pytest.param((OTHER,), "jwks_fetch_refused", id="another workload of the trust domain"),
        pytest.param((SERVER, OTHER), "jwks_fetch_refused", id="two SPIFFE IDs"),
        pytest.param(("localhost",), "jwks_fetch_refused", id="none"),
    ],
)
async def test_a_bundle_is_taken_from_who_shows_the_spiffe_id(
    tmp_path: Path, names: tuple[str, ...], expected: str
) -> None:
    made = certificate(tmp_path, *names)
    (tmp_path / "td.json").write_bytes(bundle(made))
    with served(certificate=made) as server:
        server.pages["/"] = Page(body=bundle(made))
        assert await reason(loader(f"{server.url}/", tmp_path / "td.json")) == expected


async def test_who_no_authority_of_the_trust_domain_vouches_for_is_not_asked(tmp_path: Path, made: Certificate) -> None:
    stranger = certificate(tmp_path, SERVER, stem="stranger")
    (tmp_path / "td.json").write_bytes(bundle(stranger))
    (tmp_path / "none.json").write_bytes(bundle())
    with served(certificate=made) as server:
        server.pages["/"] = Page(body=bundle(made))
        told = [await reason(loader(f"{server.url}/", tmp_path / name)) for name in ("td.json", "none.json", "no.json")]
        told.append(await reason(loader(f"{server.url}/", None)))
    assert (told, server.asked) == (["jwks_unavailable"] * 4, [])


async def test_the_authorities_of_the_newest_bundle_vouch_for_the_next_one(tmp_path: Path, made: Certificate) -> None:
    following = certificate(tmp_path, SERVER, stem="next")
    (tmp_path / "td.json").write_bytes(bundle(made))
    loading = loader("", tmp_path / "td.json")
    told = []
    for shown, body in ((made, bundle(made, following)), (following, bundle(following)), (following, bundle()),
                        (following, bundle(following)), (made, bundle(made))):  # fmt: skip
        with served(certificate=shown) as server:
            server.pages["/"] = Page(body=body)
            loading.source = BundleUrlSource(url=f"{server.url}/", endpoint=SERVER, bootstrap=tmp_path / "td.json")
            told.append(await reason(loading))
    assert told == ["", "", "", "", "jwks_unavailable"]


async def test_an_older_bundle_brings_no_authority_back(tmp_path: Path, made: Certificate) -> None:
    following = certificate(tmp_path, SERVER, stem="next")
    (tmp_path / "td.json").write_bytes(bundle(made, following))
    loading = loader("", tmp_path / "td.json")
    told = []
    for shown, body in ((following, bundle(following, spiffe_sequence=2)), (following, bundle(made)),
                        (made, bundle(made, spiffe_sequence=3))):  # fmt: skip
        with served(certificate=shown) as server:
            server.pages["/"] = Page(body=body)
            loading.source = BundleUrlSource(url=f"{server.url}/", endpoint=SERVER, bootstrap=tmp_path / "td.json")
            told.append(await reason(loading))
    assert told == ["", "", "jwks_unavailable"]


@pytest.mark.parametrize(
    ("members", "headers", "expected"),
    [
        pytest.param({"spiffe_refresh_hint": 120}, {"Cache-Control": "max-age=900"}, 120.0, id="its hint"),
        pytest.param({}, {"Cache-Control": "max-age=900"}, 900.0, id="else its server's"),
        pytest.param({}, {}, None, id="else nothing"),
    ],
)
async def test_a_bundle_is_asked_for_again_as_it_says(
    tmp_path: Path, made: Certificate, members: Mapping[str, Json], headers: Mapping[str, str], expected: float | None
) -> None:
    (tmp_path / "td.json").write_bytes(bundle(made))
    with served(certificate=made) as server:
        server.pages["/"] = Page(body=bundle(made, **members), headers=headers)
        assert (await loader(f"{server.url}/", tmp_path / "td.json").load()).max_age == expected


async def test_who_shows_a_spiffe_id_is_asked_over_tls_and_shown_nothing() -> None:
    fetcher, shown = HttpFetcher(hosts=LOCAL, private=LOCAL), Shown(spiffe_id=SERVER, roots=(b"x",))
    for request in (
        Request(url="http://localhost:1/", server=shown),
        Request(url="https://localhost:1/", server=shown, bearer="b"),
    ):
        with pytest.raises(FetchError) as refused:
            await fetcher.get(request)
        assert refused.value.reason == "jwks_fetch_refused"


def issuer(keys: str) -> str:
    return f'[[identity.issuers]]\nname = "td"\nissuer = "{TD.url}"\nkeys = {{{keys}}}\n'


async def test_p21_sessions_stand_on_a_bundle_that_was_fetched_by_a_spiffe_id(
    tmp_path: Path, made: Certificate
) -> None:
    (tmp_path / "td.json").write_bytes(bundle(made))
    with served(certificate=made) as server:
        server.pages["/"] = Page(body=bundle(made))
        keys = f'spiffe_url = "{server.url}/", endpoint = "{SERVER}", bootstrap = "td.json"'
        async with trusting(tmp_path, issuer(keys)) as run:
            handle, refused = await soon(run)
    assert (bool(handle), refused) == (True, "")


async def test_a_bundle_on_the_web_is_known_by_its_hosts_name(tmp_path: Path) -> None:
    web = certificate(tmp_path, "localhost")
    with served(certificate=web) as server:
        server.pages["/"] = Page(body=bundle())
        keys = f'spiffe_url = "{server.url}/", ca = {json.dumps(str(web.ca))}'
        async with trusting(tmp_path, issuer(keys)) as run:
            handle, refused = await soon(run)
    assert (bool(handle), refused) == (True, "")


async def soon(run: Running) -> tuple[str, str]:
    """Open a session by the trust domain's key, once it was fetched."""
    end = time.monotonic() + 10.0
    found = await opened(run, *minted(TrialIssuer(TD.url, TD.key), ["echo"]))
    while not found[0] and time.monotonic() < end:
        found = await opened(run, *minted(TrialIssuer(TD.url, TD.key), ["echo"]))
    return found


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        pytest.param('spiffe_url = "https://x/", endpoint = "spiffe://td.test/s"', "bootstrap", id="no bootstrap"),
        pytest.param('spiffe_url = "https://x/", bootstrap = "td.json"', "endpoint", id="no endpoint"),
        pytest.param(
            'spiffe_url = "https://x/", endpoint = "td.test/s", bootstrap = "td.json"', "SPIFFE ID", id="no SPIFFE ID"
        ),
        pytest.param(
            'spiffe_url = "https://x/", endpoint = "spiffe://td.test/s", bootstrap = "b", ca = "c"',
            "`ca`",
            id="a ca, too",
        ),
        pytest.param(
            'spiffe_url = "https://x/", endpoint = "spiffe://td.test.evil/s", bootstrap = "b"',
            "another trust domain",
            id="another trust domain's server",
        ),
        pytest.param('spiffe_url = "http://x/"', "https", id="without TLS"),
    ],
)
def test_settings_that_would_know_no_server_are_told_of(tmp_path: Path, keys: str, told: str) -> None:
    path = written(tmp_path, TrialIssuer.generate())
    path.write_text(path.read_text(encoding="utf-8") + issuer(keys), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        trust(load_settings(path, environment={}), untold)
    assert told in str(refused.value)


def untold(what: str, error: BaseException, **where: str) -> None:
    del what, error, where


_: Fault = untold
