"""What is fetched, from whom, and how much of it: against servers on loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.errors import FetchError
from sidecar.identity.issuers.fetching import HttpFetcher, Reply, Request, permitted, resolved
from tests.trust.loopback import Page, Server, certificate, served

ROOT = Path(__file__).parents[3]
LOCAL = frozenset({"localhost", "127.0.0.1", "issuer.test"})


async def to_loopback(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


FETCHER = HttpFetcher(hosts=LOCAL, private=LOCAL, resolve=to_loopback, timeout=0.5)


async def outcome(request: Request, fetcher: HttpFetcher = FETCHER) -> str:
    """Return why nothing is fetched; empty where a document is."""
    try:
        reply = await fetcher.get(request)
    except FetchError as error:
        return error.reason
    assert isinstance(reply, Reply)
    return ""


async def test_a_document_is_fetched_with_what_belongs_to_it() -> None:
    with served() as server:
        server.pages["/jwks?v=1"] = Page(body=b"{}", headers={"Cache-Control": "public, max-age=120"})
        reply = await FETCHER.get(Request(url=f"{server.url}/jwks?v=1", bearer="a-token"))
    (asked,) = server.asked
    told = {name: asked.headers[name] for name in ("host", "accept", "accept-encoding", "authorization")}

    assert (reply.body, reply.max_age) == (b"{}", 120.0)
    assert told == {
        "host": f"localhost:{server.port}",
        "accept": "application/jwk-set+json, application/json",
        "accept-encoding": "identity",
        "authorization": "Bearer a-token",
    }
    assert "cookie" not in asked.headers


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        pytest.param(Page(status=500, body=b"{}"), "jwks_unavailable", id="N202 500"),
        pytest.param(Page(status=404), "jwks_unavailable", id="404"),
        pytest.param(Page(status=204, headers={"Content-Length": ""}), "jwks_unavailable", id="204"),
        pytest.param(Page(before=5.0), "jwks_unavailable", id="N202 hangs"),
        pytest.param(Page(body=b"x" * 100, between=0.02), "jwks_unavailable", id="drips"),
        pytest.param(Page(body=b"x" * (300 << 10)), "jwks_too_large", id="N203 300 KiB"),
        pytest.param(
            Page(body=b"x" * (256 << 10) + b"y", headers={"Content-Length": ""}),
            "jwks_too_large",
            id="one octet too many",
        ),
        pytest.param(
            Page(body=b"{}", headers={"Content-Encoding": "gzip"}), "jwks_malformed", id="compressed, unasked"
        ),
        pytest.param(Page(status=302, headers={"Location": "http://evil.test/"}), "jwks_fetch_refused", id="N204 302"),
        pytest.param(Page(status=307, headers={"Location": "/other"}), "jwks_fetch_refused", id="N204 307 at home"),
        pytest.param(Page(body=b"x", headers={"Content-Length": "9"}), "jwks_unavailable", id="breaks off"),
        pytest.param(Page(body=b"x" * (256 << 10)), "", id="as large as may be"),
    ],
)
async def test_a_reply_that_is_not_one(page: Page, reason: str) -> None:
    with served() as server:
        server.pages = {"/jwks": page, "/other": Page(body=b"{}")}
        found = await outcome(Request(url=f"{server.url}/jwks"))

    assert found == reason
    assert [asked.path for asked in server.asked] == ["/jwks"]


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://sts.example/jwks", id="N204 http"),
        pytest.param("file:///etc/passwd", id="N204 file"),
        pytest.param("ftp://localhost/jwks", id="another scheme"),
        pytest.param("https://evil.example/jwks", id="a host that nobody named"),
        pytest.param("https://localhost.evil.example/", id="a host below another"),
        pytest.param("https://user@localhost/jwks", id="a user"),
        pytest.param("https://localhost@evil.example/jwks", id="a host for a user"),
        pytest.param("https://evil.example\\@localhost/jwks", id="a backslash"),
        pytest.param("https://localhost/jwks#a", id="a fragment"),
        pytest.param("https://localhost:99999/", id="no port"),
        pytest.param("https://localhost /", id="a blank"),
        pytest.param("https://[::1/", id="no address"),
        pytest.param("https://loc\u0430lhost/", id="a letter of another script"),
        pytest.param("//localhost/jwks", id="no scheme"),
        pytest.param("", id="nothing"),
        pytest.param("https://localhost/" + "x" * 2048, id="without end"),
    ],
)
async def test_n204_a_url_that_may_not_be_asked_is_not_even_looked_up(url: str) -> None:
    looked_up: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    assert await outcome(Request(url=url), replace(FETCHER, resolve=resolve)) == "jwks_fetch_refused"
    assert looked_up == []


PUBLIC = ["8.8.8.8", "2606:4700::1111"]
INSIDE = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "127.9.9.9", "::1", "fc00::1", "::ffff:10.0.0.1"]
NEVER = [
    "169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "100.100.100.200",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "::",
    "224.0.0.1",
    "ff02::1",
    "localhost",
    "",
]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *[pytest.param(one, (True, True), id=one) for one in PUBLIC],
        *[pytest.param(one, (False, True), id=one) for one in INSIDE],
        *[pytest.param(one, (False, False), id=one or "nothing") for one in NEVER],
        pytest.param("100.64.0.1", (False, True), id="shared by a carrier's customers, or by a cluster's pods"),
    ],
)
def test_n204_where_a_connection_may_go(address: str, expected: tuple[bool, bool]) -> None:
    assert (permitted(address, private=False), permitted(address, private=True)) == expected


async def test_n204_a_host_that_is_not_listed_may_not_be_within() -> None:
    with served() as server:
        found = await outcome(
            Request(url=f"https://localhost:{server.port}/jwks"), replace(FETCHER, private=frozenset())
        )
    assert (found, server.asked) == ("jwks_fetch_refused", [])


async def test_n204_one_address_that_is_refused_refuses_the_host() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1", "169.254.169.254"]

    with served() as server:
        found = await outcome(Request(url=f"{server.url}/jwks"), replace(FETCHER, resolve=resolve))
    assert (found, server.asked) == ("jwks_fetch_refused", [])


async def test_n204_a_name_is_looked_up_once_and_the_connection_goes_there(tmp_path: Path) -> None:
    answers = [["127.0.0.1"], ["169.254.169.254"]]

    async def rebinding(_host: str, _port: int) -> Sequence[str]:
        return answers.pop(0)

    made = certificate(tmp_path, "issuer.test")
    with served(certificate=made) as server:
        server.pages["/jwks"] = Page(body=b"{}")
        request = Request(url=f"https://issuer.test:{server.port}/jwks", ca=made.ca)
        found = await outcome(request, replace(FETCHER, resolve=rebinding, timeout=5.0))

    assert (found, len(answers)) == ("", 1)
    assert server.asked[0].headers["host"] == f"issuer.test:{server.port}"


async def test_without_tls_only_loopback_is_asked() -> None:
    async def within(_host: str, _port: int) -> Sequence[str]:
        return ["10.0.0.1"]

    fetcher = replace(FETCHER, resolve=within)
    assert await outcome(Request(url="http://localhost/jwks"), fetcher) == "jwks_fetch_refused"


async def test_the_next_address_is_tried_where_nobody_answers() -> None:
    async def two(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]

    with served() as server:
        server.pages["/jwks"] = Page(body=b"{}")
        found = await outcome(Request(url=f"{server.url}/jwks"), replace(FETCHER, resolve=two))
    assert found == ""


@pytest.mark.parametrize("addresses", [[], ["127.0.0.2"]])
async def test_where_nobody_is_there_nothing_is_fetched(addresses: list[str]) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    found = await outcome(Request(url="http://localhost:9/jwks"), replace(FETCHER, resolve=resolve))
    assert found == "jwks_unavailable"


async def test_a_name_that_does_not_resolve_is_an_outage() -> None:
    async def none(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    assert await outcome(Request(url="http://localhost/jwks"), replace(FETCHER, resolve=none)) == "jwks_unavailable"


async def test_the_system_resolves_each_address_once() -> None:
    assert "127.0.0.1" in await resolved("127.0.0.1", 80)


@pytest.mark.parametrize(
    ("names", "trusts", "reason"),
    [
        pytest.param(("localhost",), True, "", id="good"),
        pytest.param(("127.0.0.1",), True, "jwks_unavailable", id="only the address is certified, not the name"),
        pytest.param(("other.test",), True, "jwks_unavailable", id="another name"),
        pytest.param(("localhost",), False, "jwks_unavailable", id="an authority that is not trusted"),
    ],
)
async def test_tls_is_held_to_the_name_in_the_settings(
    names: Sequence[str],
    trusts: bool,  # noqa: FBT001 - a column of the table
    reason: str,
    tmp_path: Path,
) -> None:
    made, other = certificate(tmp_path, *names), certificate(tmp_path, "localhost", stem="other")
    with served(certificate=made) as server:
        server.pages["/jwks"] = Page(body=json.dumps({"keys": []}).encode())
        request = Request(url=f"{server.url}/jwks", ca=made.ca if trusts else other.ca)
        found = await outcome(request, replace(FETCHER, timeout=5.0))
    assert found == reason


async def test_an_authority_that_cannot_be_read_is_an_outage(tmp_path: Path) -> None:
    request = Request(url="https://localhost/jwks", ca=tmp_path / "none.pem")
    assert await outcome(request) == "jwks_unavailable"


async def test_what_goes_wrong_tells_nothing_of_what_came() -> None:
    def secret(server: Server) -> Page:
        return Page(body=b"secret-body", status=500, headers={"X-Secret": str(server.port)})

    with served() as server:
        server.pages["/jwks"] = secret(server)
        with pytest.raises(FetchError) as refused:
            await FETCHER.get(Request(url=f"{server.url}/jwks", bearer="secret-token"))
    assert "secret" not in f"{refused.value!r}{refused.value.__cause__!r}"
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=60", 60.0),
        ("no-cache, MAX-AGE=5, public", 5.0),
        ("s-maxage=9", None),
        ("max-age=-1", None),
        ("max-age=99999999999", None),
        ("", None),
    ],
)
async def test_how_long_a_document_is_good(header: str, seconds: float | None) -> None:
    with served() as server:
        server.pages["/jwks"] = Page(headers={"Cache-Control": header})
        assert (await FETCHER.get(Request(url=f"{server.url}/jwks"))).max_age == seconds


FETCH = """
import asyncio, sys
from sidecar.identity.issuers.fetching import HttpFetcher, Request
local = frozenset({"localhost"})
asyncio.run(HttpFetcher(hosts=local, private=local).get(Request(url=sys.argv[1])))
"""


def test_a_proxy_of_the_environment_is_not_asked() -> None:
    with served() as server, served() as proxy:
        server.pages["/jwks"] = Page(body=b"{}")
        environment = {**os.environ, **dict.fromkeys(("http_proxy", "all_proxy"), proxy.url), "no_proxy": ""}
        command = [sys.executable, "-c", FETCH, f"{server.url}/jwks"]
        subprocess.run(command, env=environment, cwd=ROOT, check=True, timeout=30)
        assert (server.count("/jwks"), proxy.asked) == (1, [])
