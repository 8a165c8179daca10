"""Each kind of source, read as it is found."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.errors import FetchError
from sidecar.identity.issuers.fetching import HttpFetcher
from sidecar.identity.issuers.generations import Fetched
from sidecar.identity.issuers.keeper import boot_time
from sidecar.identity.issuers.loading import DiscoveryLoader, FileLoader, Loader, Means, Stream, loader, usable
from sidecar.identity.issuers.sources import (
    BundleSource,
    DiscoverySource,
    FileSource,
    KubernetesSource,
    Source,
    UrlSource,
    WorkloadSource,
)
from sidecar.model.strict_json import Json
from tests.identity.crafting import STS, STS2
from tests.trust.loopback import Page, Server, certificate, served

ALGORITHMS = frozenset({"Ed25519", "ES256"})
LOCAL = frozenset({"localhost"})
FETCHER = HttpFetcher(hosts=LOCAL, private=LOCAL)
MEANS = Means(fetcher=FETCHER, mono=boot_time, max_stale=3600.0)
PEM = "-----BEGIN {0} KEY-----\nAAAA\n-----END {0} KEY-----"
JWKS = json.dumps(STS.jwks()).encode()


def document(*jwks: Json, **members: Json) -> bytes:
    return json.dumps({"keys": list(jwks), **members}).encode()


def made(source: Source) -> Loader:
    found = loader(source, ALGORITHMS, MEANS)
    assert not isinstance(found, Stream)
    return found


async def outcome(source: Loader) -> str | Fetched:
    try:
        return await source.load()
    except FetchError as error:
        return error.reason


def ids(fetched: str | Fetched) -> list[str]:
    assert isinstance(fetched, Fetched), fetched
    return [key.key_id for key in fetched.keys.keys]


ID = STS.key.public.thumbprint


async def test_a_file_is_read_anew_each_time_also_behind_a_link_that_is_swapped(tmp_path: Path) -> None:
    for name, issuer in (("..1", STS), ("..2", STS2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "jwks.json").write_text(json.dumps(issuer.jwks()), encoding="utf-8")
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "jwks.json").symlink_to("..data/jwks.json")
    source = made(FileSource(path=tmp_path / "jwks.json"))
    first = ids(await outcome(source))
    (tmp_path / "..next").symlink_to("..2")
    (tmp_path / "..next").replace(tmp_path / "..data")

    assert [first, ids(await outcome(source))] == [[ID], [STS2.key.public.thumbprint]]


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        pytest.param(None, 0o644, "jwks_unavailable", id="gone"),
        pytest.param(b"", 0o644, "jwks_malformed", id="empty"),
        pytest.param(JWKS, 0o646, "jwks_fetch_refused", id="anybody may write it"),
        pytest.param(b"x" * (257 << 10), 0o644, "jwks_unavailable", id="too large"),
        pytest.param(document({**STS.key.public_jwk(), "d": "x"}), 0o644, "key_private_or_symmetric", id="N207"),
    ],
)
async def test_a_file_that_cannot_be_used(content: bytes | None, mode: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    assert await outcome(made(FileSource(path=path))) == reason


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
async def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(JWKS)
    os.chown(path, 12345, -1)
    os.seteuid(23456)
    try:
        found = FileLoader(path=path, algorithms=ALGORITHMS)
        with pytest.raises(FetchError) as refused:
            found.load_now()
    finally:
        os.seteuid(0)
    assert refused.value.reason in {"jwks_fetch_refused", "jwks_unavailable"}


async def test_a_bundle_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "td.json"
    path.write_bytes(document({**STS.key.public_jwk(), "use": "jwt-svid"}, spiffe_sequence=3))
    found = await outcome(made(BundleSource(path=path)))
    assert isinstance(found, Fetched)
    assert (ids(found), found.sequence, found.again) == ([ID], 3, 30.0)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        pytest.param(b'{"keys":[]}', "jwks_malformed", id="N203 empty"),
        pytest.param(b"<html>", "jwks_malformed", id="N203 no json"),
        pytest.param(b"\xff", "jwks_malformed", id="no text"),
        pytest.param(b'{"keys":[],"keys":[]}', "jwks_malformed", id="a member twice"),
        pytest.param(document(*[STS.key.public_jwk()] * 101), "jwks_too_large", id="N203 101 keys"),
        pytest.param(document({"kty": "EC", "crv": "P-256"}), "jwks_malformed", id="no usable key"),
        pytest.param(document({"kty": "oct", "k": "x"}), "key_private_or_symmetric", id="N207 oct"),
        pytest.param(document({**STS.key.public_jwk(), "d": "x"}), "key_private_or_symmetric", id="N207 private"),
        pytest.param(
            b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "jwks_malformed", id="no key in PEM"
        ),
    ],
)
def test_n203_and_n207_a_set_that_is_refused_as_a_whole(octets: bytes, reason: str) -> None:
    with pytest.raises(FetchError) as refused:
        usable(octets, ALGORITHMS)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"kty": "EC", "crv": "P-256", "x": "!", "y": "!", "kid": "bad"}, id="no base64url"),
        pytest.param({"kty": "OKP", "crv": "X25519", "x": "AAAA"}, id="another curve"),
        pytest.param("a string", id="no object"),
        pytest.param({"kty": 7}, id="a type that is a number"),
        pytest.param({**STS2.key.public_jwk(), "use": "enc"}, id="for encryption"),
    ],
)
def test_n210_one_bad_key_leaves_the_good_ones(bad: Json) -> None:
    assert ids(usable(document(bad, STS.key.public_jwk(), bad), ALGORITHMS)) == [ID]


async def test_a_url_and_for_how_long_it_is_good() -> None:
    with served() as server:
        server.pages["/jwks"] = Page(body=JWKS, headers={"Cache-Control": "max-age=900"})
        found = await outcome(made(UrlSource(url=f"{server.url}/jwks")))
    assert isinstance(found, Fetched)
    assert (ids(found), found.max_age) == ([ID], 900.0)


def metadata(server: Server, **members: str) -> bytes:
    return json.dumps({"issuer": server.url, "jwks_uri": f"{server.url}/jwks", **members}).encode()


@pytest.mark.parametrize(
    ("kind", "path"),
    [("rfc8414", "/.well-known/oauth-authorization-server"), ("oidc", "/.well-known/openid-configuration")],
)
async def test_metadata_is_asked_for_once_an_hour(kind: str, path: str) -> None:
    with served() as server:
        server.pages = {path: Page(body=metadata(server)), "/jwks": Page(body=JWKS)}
        source = made(DiscoverySource(issuer=server.url, kind=kind))
        found = [ids(await outcome(source)) for _ in range(3)]
        asked = [server.count(path), server.count("/jwks")]

    assert found == [[ID]] * 3
    assert asked == [1, 3]


async def test_where_the_keys_are_gone_the_metadata_is_asked_again() -> None:
    path = "/.well-known/oauth-authorization-server"
    with served() as server:
        server.pages = {path: Page(body=metadata(server)), "/jwks": Page(body=JWKS)}
        source = made(DiscoverySource(issuer=server.url, kind="rfc8414"))
        await outcome(source)
        server.pages = {path: Page(body=metadata(server, jwks_uri=f"{server.url}/new")), "/new": Page(body=JWKS)}
        found = [await outcome(source), ids(await outcome(source))]

    assert found == ["jwks_unavailable", [ID]]


METADATA = "/.well-known/oauth-authorization-server"
NOW = 100.0


@pytest.mark.parametrize(
    ("found_at", "page", "expected"),
    [
        pytest.param(NOW, Page(status=503), [ID], id="just now"),
        pytest.param(NOW - 3599, Page(status=503), [ID], id="within what keys may be old"),
        pytest.param(NOW - 3600, Page(status=503), "jwks_unavailable", id="longer ago"),
        pytest.param(None, Page(status=503), "jwks_unavailable", id="never"),
        pytest.param(NOW, Page(status=302, headers={"Location": "/x"}), "jwks_fetch_refused", id="N204 sent elsewhere"),
        pytest.param(NOW, Page(body=b"{"), "jwks_malformed", id="no metadata"),
        pytest.param(NOW, Page(body=b'{"issuer":"https://x"}'), "discovery_issuer_mismatch", id="N205 another's"),
    ],
)
async def test_while_there_is_no_metadata_the_keys_are_where_they_were_found_last(
    found_at: float | None, page: Page, expected: list[str] | str
) -> None:
    with served() as server:
        server.pages = {METADATA: page, "/jwks": Page(body=JWKS)}
        means = replace(MEANS, mono=lambda: NOW)
        source = DiscoveryLoader(
            source=DiscoverySource(issuer=server.url, kind="rfc8414"), algorithms=ALGORITHMS, means=means
        )
        if found_at is not None:
            source.resume(f"{server.url}/jwks", found_at)
        found = [await outcome(source) for _ in range(2)]
        asked = server.count(METADATA)
    told = [one if isinstance(one, str) else ids(one) for one in found]
    assert told == [expected] * 2
    assert asked == (1 if expected == [ID] else 2)  # metadata that cannot be had is asked for again after a while


async def test_metadata_that_is_there_says_where_the_keys_are() -> None:
    with served() as server:
        server.pages = {METADATA: Page(body=metadata(server)), "/jwks": Page(body=JWKS)}
        source = made(DiscoverySource(issuer=server.url, kind="rfc8414"))
        assert isinstance(source, DiscoveryLoader)
        source.resume(f"{server.url}/elsewhere", boot_time())
        found = await outcome(source)
        assert isinstance(found, Fetched)
        assert (ids(found), found.named, source.named) == ([ID], f"{server.url}/jwks", f"{server.url}/jwks")
        assert server.count("/elsewhere") == 0


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        pytest.param("issuer", "{url}/", "discovery_issuer_mismatch", id="N205 another issuer"),
        pytest.param("jwks_uri", "http://evil.test/jwks", "jwks_fetch_refused", id="N204 http"),
        pytest.param("jwks_uri", "https://evil.test/jwks", "jwks_fetch_refused", id="N204 a host nobody named"),
        pytest.param("jwks_uri", "file:///etc/passwd", "jwks_fetch_refused", id="N204 a file"),
    ],
)
async def test_metadata_cannot_send_us_elsewhere(member: str, value: str, reason: str) -> None:
    path = "/.well-known/oauth-authorization-server"
    with served() as server:
        server.pages = {path: Page(body=metadata(server, **{member: value.format(url=server.url)}))}
        found = await outcome(made(DiscoverySource(issuer=server.url, kind="rfc8414")))
        assert [asked.path for asked in server.asked] == [path]
    assert found == reason


async def test_a_cluster_is_asked_with_the_pods_token_as_it_is_now(tmp_path: Path) -> None:
    made_by, token = certificate(tmp_path, "localhost"), tmp_path / "token"
    with served(certificate=made_by) as server:
        server.pages["/openid/v1/jwks"] = Page(body=JWKS)
        source = made(KubernetesSource(server=server.url, ca=made_by.ca, token=token))
        missing = await outcome(source)
        seen = []
        for text in ("one\n", "two\n"):
            token.write_text(text, encoding="ascii")
            seen.append(ids(await outcome(source)))
        shown = [asked.headers["authorization"] for asked in server.asked]

    assert (missing, seen, shown) == ("jwks_unavailable", [[ID], [ID]], ["Bearer one", "Bearer two"])


async def test_an_authority_that_is_not_the_clusters_gets_no_token(tmp_path: Path) -> None:
    real, fake = certificate(tmp_path, "localhost"), certificate(tmp_path, "localhost", stem="fake")
    (tmp_path / "token").write_text("secret", encoding="ascii")
    with served(certificate=fake) as server:
        source = KubernetesSource(server=server.url, ca=real.ca, token=tmp_path / "token")
        found = await outcome(made(source))
        assert (found, server.asked) == ("jwks_unavailable", [])


def test_a_workload_api_is_followed_not_asked(tmp_path: Path) -> None:
    source = WorkloadSource(socket=tmp_path / "agent.sock", trust_domain="spiffe://one.test")
    assert isinstance(loader(source, ALGORITHMS, MEANS), Stream)


def test_each_source_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x"
    told = [
        str(source)
        for source in (
            FileSource(path=path),
            UrlSource(url="https://a.test/jwks"),
            DiscoverySource(issuer="https://a.test", kind="oidc"),
            BundleSource(path=path),
            WorkloadSource(socket=path, trust_domain="spiffe://td"),
            KubernetesSource(),
        )
    ]
    assert told == [
        str(path),
        "https://a.test/jwks",
        "oidc of https://a.test",
        f"bundle {path}",
        f"spiffe://td at {path}",
        "https://kubernetes.default.svc/openid/v1/jwks",
    ]
