"""What fetching keys costs those who present tokens: strangers' key ids, and an issuer that rotates under load.

Keys come over HTTP from a server on loopback, through the engine that a sidecar runs. Strangers' tokens all name
another key: they may cause one fetch in thirty seconds, and nobody else may feel it. While the issuer rotates, every
valid token must be taken, the first one of a new key too, which waits for the fetch that brings it. What the
verification itself costs is measured in `verify.py`.
"""

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, time
from typing import Final

from measure import QUICK, Row, options, report, rows

from sidecar.errors import TokenError
from sidecar.identity.issuers.fetching import HttpFetcher, Request
from sidecar.identity.issuers.generations import Refresh
from sidecar.identity.issuers.loading import UrlLoader
from sidecar.identity.issuers.refresh import Trust, Trusted
from sidecar.identity.issuers.sources import UrlSource
from sidecar.identity.keys import KeySet
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.trust import Issuer, MissingKeyError
from sidecar.identity.verifier import DEFAULT_AUDIENCE, Verifier
from sidecar.telemetry.fault import fault

HOST: Final = "127.0.0.1"
ISSUER: Final = "https://sts.bench.example"
KNOWN: Final = "a token of a known key"
STRANGERS: Final = 10_000
ROTATIONS: Final = 200
BETWEEN: Final = 10  # tokens of each of the last two keys after a rotation


@dataclass
class Server:
    """A server of one document, and how often it was asked for."""

    port: int = 0
    body: bytes = b""
    asked: int = 0


@dataclass
class Stand:
    """The engine under measurement."""

    trust: Trust
    server: Server
    times: dict[str, list[float]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    async def present(self, token: str, name: str) -> None:
        """Verify `token` as OpenSession does, and keep how long that took under `name`."""
        begin = perf_counter()
        try:
            await self._verified(token)
        except TokenError as error:
            self.refused.append(error.reason)
        self.times.setdefault(name, []).append((perf_counter() - begin) * 1e6)

    async def _verified(self, token: str) -> None:
        try:
            self._verifier().verify([token], time())
        except MissingKeyError as missing:
            if not await self.trust.renewed(missing):
                raise
            self._verifier().verify([token], time())

    def _verifier(self) -> Verifier:
        return Verifier(trust=self.trust.store, audiences=frozenset({DEFAULT_AUDIENCE}))


def stand(server: Server, refresh: Refresh) -> Stand:
    """Return an engine that trusts what `server` publishes."""
    url, hosts = f"http://{HOST}:{server.port}/jwks", frozenset({HOST})
    fetcher = HttpFetcher(hosts=hosts, private=hosts)
    loader = UrlLoader(request=Request(url=url), algorithms=frozenset({"Ed25519"}), fetcher=fetcher)
    issuer = Issuer(name="bench", issuer=ISSUER, keys=KeySet(keys=()))
    return Stand(Trust([Trusted(issuer=issuer, source=UrlSource(url=url), loader=loader)], refresh, fault), server)


def token(issuer: TrialIssuer, key_id: str = "") -> str:
    """Return a token, signed with the issuer's key; `key_id` names another one."""
    if not key_id:
        return issuer.mint(user="ann", agents=["agent"], scope={"tools": {"t": {}}}, at=time())[0]
    return issuer.key.sign({"iss": ISSUER}, "at+jwt", header={"kid": key_id})


async def strangers(server: Server, count: int) -> Stand:
    """Present `count` tokens of keys that nobody knows, and good ones before and beside them."""
    issuer = TrialIssuer.generate(ISSUER)
    server.body, server.asked = json.dumps(issuer.jwks()).encode(), 0
    made = stand(server, Refresh())
    await made.trust.start()
    for _ in range(count // 2):
        await made.present(token(issuer), KNOWN)
    for number in range(count):
        if number % 2:
            await made.present(token(issuer), "the same, beside strangers")
        await made.present(token(issuer, f"random-{number}"), "a key that nobody knows: refused")
    await made.trust.stop()
    return made


async def rotation(server: Server, count: int) -> Stand:
    """Rotate the issuer's key `count` times while tokens of the last two keys are presented."""
    issuers = [TrialIssuer.generate(ISSUER)]
    server.body, server.asked = json.dumps(issuers[0].jwks()).encode(), 0
    made = stand(server, Refresh(unknown_interval=0.0))  # faster than any issuer
    await made.trust.start()
    for _ in range(count):
        issuers = [issuers[-1], TrialIssuer.generate(ISSUER)]
        server.body = json.dumps({"keys": [one.key.public_jwk() for one in issuers]}).encode()
        await made.present(token(issuers[-1]), "the first token of a new key: one fetch")
        for _ in range(BETWEEN):
            for one in issuers:
                await made.present(token(one), "a token while keys rotate")
    await made.trust.stop()
    return made


@contextmanager
def served() -> Iterator[Server]:
    """Serve a document on loopback for the length of the block."""
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
            """Say nothing."""

    with http.server.ThreadingHTTPServer((HOST, 0), Handler) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def measured(quick: bool) -> tuple[list[Row], str]:  # noqa: FBT001 - it is the option's value
    """Return the rows, and what must hold beside them."""
    with served() as server:
        unknown = asyncio.run(strangers(server, QUICK if quick else STRANGERS))
        fetched = server.asked - 1
        rotated = asyncio.run(rotation(server, QUICK // 4 if quick else ROTATIONS))
        rotations = server.asked - 1
    assert set(unknown.refused) == {"key_unknown_kid"}, "strangers are refused, and nobody else"
    assert rotated.refused == [], "a valid token was refused while keys rotated"
    told = f"{len(unknown.refused)} unknown ids: {fetched} fetches; {rotations} rotations: 0 valid tokens refused"
    return rows({**unknown.times, **rotated.times}, KNOWN), told


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__ or "")
    found, told = measured(chosen.quick)
    report(found, f"python benchmarks/{Path(__file__).name}", chosen.json)
    print(told)


if __name__ == "__main__":
    main()
