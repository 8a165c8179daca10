"""From the settings to what revokes: what is wrong is told, and what is right is served."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import MappingProxyType

import jwt
import pytest

from sidecar.app.feeding import sources
from sidecar.config import load_settings
from sidecar.errors import ConfigError
from sidecar.identity.trust import trust_store
from sidecar.v1 import sidecar_pb2 as pb
from tests.identity.crafting import STS, Claims, signed
from tests.identity.ends.test_events import SIGNALS
from tests.identity.ends.test_status_list import packed
from tests.running import Running, running

EMPTY = trust_store([])


def told(folder: Path, text: str) -> str:
    (folder / "jwks.json").write_text(json.dumps(STS.jwks()), encoding="utf-8")
    (folder / "signals.json").write_text(json.dumps(SIGNALS.jwks()), encoding="utf-8")
    (folder / "client").write_text("me:secret", encoding="utf-8")
    (folder / "bad").write_text("canary", encoding="utf-8")
    path = folder / "sidecar.toml"
    path.write_text(text, encoding="utf-8")
    try:
        found = sources(load_settings(path, environment={}), lambda: EMPTY)
    except ConfigError as error:
        return str(error)
    return ", ".join(name for name in ("list_file", "events", "checks") if getattr(found, name)) or "nothing"


ISSUER = '[[identity.issuers]]\nname = "sts"\nissuer = "https://sts.example"\nkeys = "jwks.json"\n'
SENDER = '[[identity.transmitters]]\nname = "signals"\nissuer = "https://signals.example"\nkeys = "signals.json"\n'
COVERS = 'covers = ["https://sts.example"]\n'
ASKED = 'introspection = {url = "https://sts.example/i", credentials = "client"}\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", "nothing", id="nothing"),
        pytest.param('[identity]\nrevocations = "r.yaml"', "list_file", id="a list"),
        pytest.param(f'[identity]\nevents = "e"\n{ISSUER}{SENDER}{COVERS}', "events", id="events"),
        pytest.param(f'{ISSUER}status = "required"\n', "checks", id="status lists"),
        pytest.param(ISSUER + ASKED, "checks", id="introspection"),
        pytest.param('[identity]\nevents = "e"', "no [[identity.transmitters]]", id="events of nobody"),
        pytest.param(SENDER, "covers `https://signals.example`, which is no issuer", id="a transmitter of no tokens"),
        pytest.param(SENDER.replace("signals.json", "none"), "transmitter signals: ", id="a transmitter without keys"),
        pytest.param(
            ISSUER.replace("https://sts.example", "spiffe://td") + 'status = "if_present"\n',
            "name where its status lists are",
            id="an issuer that is no URL",
        ),
        pytest.param(
            f'{ISSUER}status = "required"\nstatus_origins = ["https://x.example/path"]\n', "is no origin", id="a path"
        ),
        pytest.param(ISSUER + ASKED.replace("https", "http", 1), "`url` must be https", id="introspection in clear"),
        pytest.param(ISSUER + ASKED.replace('"client"', '"none"'), "No such file", id="no credentials"),
        pytest.param(ISSUER + ASKED.replace('"client"', '"bad"'), "client_id:client_secret", id="bad credentials"),
    ],
)
def test_what_the_settings_come_to(tmp_path: Path, text: str, found: str) -> None:
    answer = told(tmp_path, text)

    assert found in answer
    assert "canary" not in answer


class Answering(BaseHTTPRequestHandler):
    """An issuer's server: what it answers stands in `answers`, by path."""

    answers: Mapping[str, tuple[str, bytes]] = MappingProxyType({})

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        kind, body = self.answers.get(self.path, ("text/plain", b""))
        self.send_response(200 if body else 404)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def answering() -> Iterator[tuple[str, dict[str, tuple[str, bytes]]]]:
    """Yield the address of a server on loopback, and what it answers."""
    answers: dict[str, tuple[str, bytes]] = {}
    handler = type("Handler", (Answering,), {"answers": answers})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", answers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def opened(sidecar: Running, status: Claims) -> str:
    """Return why a token with `status` opens nothing, `opened` where it does."""
    (token,) = sidecar.tokens()
    claims = jwt.decode(token, options={"verify_signature": False})
    key = sidecar.issuer.key
    head: Claims = {"alg": "Ed25519", "typ": "at+jwt", "kid": key.public.thumbprint}
    again = signed(head, {**claims, **status}, key.private_key)
    session = await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=[again]))
    return session.findings[0].reason if session.findings else "opened"


async def test_a_status_list_and_introspection_end_to_end(tmp_path: Path) -> None:
    with answering() as (address, answers):
        (tmp_path / "client").write_text("me:secret", encoding="utf-8")
        asked = f'introspection = {{url = "{address}/i", credentials = "client"}}'
        more = f'status = "required"\nstatus_origins = ["{address}"]\n{asked}'
        hosts = 'allow_private_hosts = ["127.0.0.1"]'
        async with running(tmp_path, issuer_more=more, identity=hosts) as sidecar:
            uri = f"{address}/list"
            answers["/list"] = ("application/statuslist+jwt", list_of(sidecar, uri, [0, 1, 2]))
            answers["/i"] = ("application/json", b'{"active":false}')
            found = [await opened(sidecar, {"status": {"status_list": {"idx": i, "uri": uri}}}) for i in range(3)]
            answers["/i"] = ("application/json", json.dumps(answer_of(sidecar)).encode())
            found.append(await opened(sidecar, {"status": {"status_list": {"idx": 0, "uri": uri}}}))
            found.append(await opened(sidecar, {}))

    assert found == ["introspection_inactive", "token_revoked", "status_suspended", "opened", "status_unknown"]


async def test_a_signed_introspection_end_to_end(tmp_path: Path) -> None:
    with answering() as (address, answers):
        (tmp_path / "client").write_text("me:secret", encoding="utf-8")
        more = f'introspection = {{url = "{address}/i", credentials = "client", signed = true}}'
        found = []
        async with running(tmp_path, issuer_more=more) as sidecar:
            replies: list[Claims] = [answer_of(sidecar), {"active": False}]
            for told in replies:
                answers["/i"] = ("application/token-introspection+jwt", signed_answer(sidecar, told))
                found.append(await opened(sidecar, {}))
            answers["/i"] = ("application/json", json.dumps(answer_of(sidecar)).encode())
            found.append(await opened(sidecar, {}))

    assert found == ["opened", "introspection_inactive", "status_unknown"]


def signed_answer(sidecar: Running, told: Claims) -> bytes:
    key = sidecar.issuer.key
    head: Claims = {"alg": "Ed25519", "typ": "token-introspection+jwt", "kid": key.public.thumbprint}
    claims: Claims = {"iss": sidecar.issuer.url, "aud": "me", "iat": int(time.time()), "token_introspection": told}
    return signed(head, claims, key.private_key).encode()


def list_of(sidecar: Running, uri: str, values: list[int]) -> bytes:
    claims: Claims = {"sub": uri, "iat": int(time.time()), "status_list": {"bits": 2, "lst": packed(values, 2)}}
    key = sidecar.issuer.key
    head: Claims = {"alg": "Ed25519", "typ": "statuslist+jwt", "kid": key.public.thumbprint}
    return signed(head, claims, key.private_key).encode()


def answer_of(sidecar: Running) -> Claims:
    act: Claims = {"sub": "agent", "iss": sidecar.issuer.url}
    return {"active": True, "sub": "user", "client_id": "agent", "act": act}


async def test_a_list_that_changes_reaches_a_sidecar_that_serves(tmp_path: Path) -> None:
    listed = tmp_path / "revoked.yaml"
    listed.write_text("revoked: []", encoding="utf-8")
    async with running(tmp_path, identity='revocations = "revoked.yaml"') as sidecar:
        handle = await sidecar.session()
        listed.write_text("revoked: [{subject: user}]", encoding="utf-8")
        await sidecar.sidecar._feeds.look()
        verdict = await sidecar.guard.CheckUserInput(pb.UserInput(session_id=handle, text="x"))
        listed.write_text("revoked: [", encoding="utf-8")
        await sidecar.sidecar._feeds.look()
        status = await sidecar.control.GetStatus(pb.GetStatusRequest())

    assert [finding.reason for finding in verdict.findings] == ["subject_revoked"]
    assert list(status.degraded) == ["revocations"]


async def test_a_list_that_is_broken_at_the_start_is_told(tmp_path: Path) -> None:
    (tmp_path / "revoked.yaml").write_text("revoked: 1", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"identity\.revocations"):
        async with running(tmp_path, identity='revocations = "revoked.yaml"'):
            pass
