"""A chat tool is told of requests over real HTTP: what it gets, what it cannot do, and what its outage costs."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc
import pytest

from sidecar.app import Sidecar
from sidecar.config import load_settings
from sidecar.errors import ConfigError
from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import APPROVALS, Running, Served, running, written
from tests.server.test_approvals import call, decided, opened, tokens
from tests.trust.loopback import Asked, Page, Server, certificate, served

SECRET = "s" * 40
PAGE = (Path(__file__).parent.parent.parent / "deploy" / "README.md").read_text(encoding="utf-8")


def told(folder: Path, server: Server, more: str = "", path: str = "/hook") -> dict[str, str]:
    """Return the tables of an operator, and of a webhook at `server`."""
    (folder / "webhook.secret").write_text(SECRET + "\n")
    table = f'url = "{server.url}{path}"\nsecret = "webhook.secret"\n{more}'
    return {"approvals": APPROVALS, "approvals.webhook": table}


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return once it is so."""
    async with asyncio.timeout(20):
        while True:
            found = true()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


async def came(server: Server, count: int, path: str = "/hook") -> list[Asked]:
    """Wait until `count` requests have come, and return them."""
    await until(lambda: server.count(path) >= count)
    return [one for one in server.asked if one.path == path]


def verifier() -> Callable[[bytes, str, bytes], bool]:
    """Return what deploy/README.md shows to verify a signature with."""
    blocks: list[str] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Callable[[bytes, str, bytes], bool]] = {}
    exec(next(text for text in blocks if "def is_ours" in text), names)  # noqa: S102 - our own page
    return names["is_ours"]


async def degraded(sidecar: Running) -> list[str]:
    return list((await sidecar.control.GetStatus(pb.GetStatusRequest())).degraded)


async def test_each_request_and_each_answer_is_told_signed_and_without_what_was_asked(tmp_path: Path) -> None:
    with served() as server:
        server.pages["/hook"] = Page(status=202, body=b'{"state": "approved"}')
        async with running(tmp_path, **told(tmp_path, server)) as sidecar:
            session = await opened(sidecar)
            asked = await sidecar.guard.CheckToolCall(call(session))
            await came(server, 1)
            still = await sidecar.control.ListApprovals(pb.ListApprovalsRequest(state=pb.Approval.PENDING))
            await decided(sidecar, asked.approval_id)
            first, second = await came(server, 2)
            passed = await sidecar.guard.CheckToolCall(call(session, asked.approval_id))

    bodies = [json.loads(one.body) for one in (first, second)]
    # What the server answers consents to nothing.
    assert [one.approval_id for one in still.approvals] == [asked.approval_id]
    assert passed.decision == pb.ALLOW
    assert [(one["type"], one["approval"]["state"]) for one in bodies] == [
        ("approval.requested", "pending"),
        ("approval.changed", "approved"),
    ]
    assert {one["approval"]["id"] for one in bodies} == {asked.approval_id}
    is_ours = verifier()
    for one, body in zip((first, second), bodies, strict=True):
        mark = one.headers["sidecar-signature"]
        assert one.headers["sidecar-notice-id"] == body["id"]
        assert is_ours(SECRET.encode(), mark, one.body)
        assert not is_ours(b"x" * 40, mark, one.body)
        assert not is_ours(SECRET.encode(), mark, one.body + b" ")
        late = mark.replace(mark.split(",")[0], f"t={int(time.time()) - 400}")
        assert not is_ours(SECRET.encode(), late, one.body)
        assert b"hello" not in one.body  # what the call says
        assert b'"ann"' not in one.body
        assert SECRET not in str(one)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(Page(status=500), id="an error"),
        pytest.param(Page(status=302, headers={"Location": "/elsewhere"}), id="a redirect"),
        pytest.param(Page(status=307, headers={"Location": "/elsewhere"}), id="one that keeps the method"),
    ],
)
async def test_what_is_not_taken_is_sent_again_and_nowhere_else(tmp_path: Path, page: Page) -> None:
    with served() as server:
        server.pages |= {"/hook": page, "/elsewhere": Page()}
        async with running(tmp_path, **told(tmp_path, server)) as sidecar:
            await sidecar.guard.CheckToolCall(call(await opened(sidecar)))
            await came(server, 2)
            out = await degraded(sidecar)
            server.pages["/hook"] = Page()
            again = await came(server, 3)

            async def is_well() -> bool:
                return not await degraded(sidecar)

            await until(is_well)

    assert (out, server.count("/elsewhere")) == (["approvals:webhook"], 0)
    assert len({one.headers["sidecar-notice-id"] for one in again}) == 1
    assert len({one.body for one in again}) == 1


async def test_a_server_that_hangs_delays_nobody(tmp_path: Path) -> None:
    with served() as server:
        server.pages["/hook"] = Page(before=30)
        async with running(tmp_path, **told(tmp_path, server, "timeout_seconds = 20.0")) as sidecar:
            session = await opened(sidecar)
            before = time.perf_counter()
            for _ in range(20):
                verdict = await sidecar.guard.CheckToolCall(call(session))
                assert verdict.decision == pb.REQUIRE_APPROVAL
            took = time.perf_counter() - before
            await came(server, 1)
            asked = await sidecar.guard.CheckToolCall(call(session))
            await decided(sidecar, asked.approval_id)
            passed = await sidecar.guard.CheckToolCall(call(session, asked.approval_id))
            stopping = time.perf_counter()
        stopped = time.perf_counter() - stopping

    assert passed.decision == pb.ALLOW
    assert (took < 10, stopped < 10) == (True, True)


async def test_a_server_is_known_by_its_authority(tmp_path: Path) -> None:
    made, other = certificate(tmp_path, "localhost"), certificate(tmp_path, "localhost", stem="other")
    with served(certificate=made) as server, served(certificate=other) as stranger:
        server.pages["/hook"] = stranger.pages["/hook"] = Page()
        for number, each in enumerate((server, stranger)):
            home = tmp_path / str(number)
            home.mkdir()
            async with running(home, **told(home, each, f'ca = "{made.ca}"')) as sidecar:
                await sidecar.guard.CheckToolCall(call(await opened(sidecar)))
                condition = sidecar.sidecar._condition
                await until(lambda: bool(each.count("/hook") or condition().degraded))  # noqa: B023 - called at once

        assert (server.count("/hook"), stranger.count("/hook")) == (1, 0)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        pytest.param('url = "http://chat.example/hook"\nsecret = "s"', "must be https", id="plain text"),
        pytest.param('url = "https://u:p@chat.example/hook"\nsecret = "s"', "must be https", id="a password"),
        pytest.param('url = "ftp://localhost/hook"\nsecret = "s"', "must be https", id="another scheme"),
        pytest.param('url = "https://"\nsecret = "s"', "must be https", id="no host"),
        pytest.param('url = "https://[::"\nsecret = "s"', "not a URL", id="no URL"),
        pytest.param('url = "https://chat.example"', "go together", id="no secret"),
        pytest.param('secret = "s"', "go together", id="no URL at all"),
        pytest.param('url = "https://chat.example"\nsecret = "none"', "No such file", id="no file"),
        pytest.param('url = "https://chat.example"\nsecret = "short"', "expected one line", id="a short secret"),
        pytest.param('url = "https://chat.example"\nsecret = "three"', "expected one line", id="three secrets"),
        pytest.param('url = "https://chat.example"\nsecret = "umlaut"', "expected one line", id="no ASCII"),
        pytest.param('url = "https://chat.example"\nsecret = "good"\nca = "good"', "in PEM", id="no certificate"),
    ],
)
def test_what_cannot_be_told_safely_is_refused_at_the_start(tmp_path: Path, table: str, problem: str) -> None:
    lines = {"short": "s" * 31, "three": f"{SECRET}\n" * 3, "umlaut": "ü" * 40, "good": SECRET}
    for name, text in lines.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = written(tmp_path, TrialIssuer.generate(), **{"approvals.webhook": table})

    with pytest.raises(ConfigError) as refused:
        Sidecar(load_settings(config, environment={}))

    assert problem in str(refused.value)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_what_was_not_told_before_a_kill_is_told_after_it(tmp_path: Path) -> None:
    issuer = TrialIssuer.generate()
    with served() as server:
        server.pages["/hook"] = Page(status=503)
        it = Served(written(tmp_path, issuer, rules="watch = false", **told(tmp_path, server)))
        it.ready()
        with grpc.insecure_channel(f"unix:{it.settings.server.socket}") as channel:
            guard = pb_grpc.GuardStub(channel)
            session = guard.OpenSession(pb.OpenSessionRequest(tokens=tokens(issuer)), timeout=10).session_id
            asked = guard.CheckToolCall(call(session), timeout=10)
        asyncio.run(until(lambda: b"the webhook takes no notice" in it.log.read_bytes()))
        it.kill()
        before = server.count("/hook")
        server.pages["/hook"] = Page()
        it.restart()
        found = asyncio.run(came(server, before + 1))[-1]
        with grpc.insecure_channel(f"unix:{it.settings.server.control_socket}") as channel:
            control = pb_grpc.ControlStub(channel)
            waiting = control.ListApprovals(pb.ListApprovalsRequest(state=pb.Approval.PENDING), timeout=10).approvals
        it.stop()

    assert json.loads(found.body)["approval"]["id"] == asked.approval_id
    assert [one.approval_id for one in waiting] == [asked.approval_id]
    log = it.log.read_bytes()
    assert SECRET.encode() not in log
    assert b"/hook" not in log  # a path may be a secret, too
