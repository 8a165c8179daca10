"""The laws that only a whole sidecar can be seen to keep: it begins, reloads and ends without a gap."""

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import ECHO, FACE, Running, Served, minted, running, written

ISSUER = TrialIssuer.generate()
SECONDS = 10.0
SOON = 0.02


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(written(tmp_path, ISSUER, rules="watch = false")) as it:
        yield it


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the audit database as another process would, so that no record can be written."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(SOON)


def open_session(guard: pb_grpc.GuardStub) -> str:
    request = pb.OpenSessionRequest(tokens=minted(ISSUER, ["echo"]))
    return str(guard.OpenSession(request, timeout=SECONDS).session_id)


def drains(served: Served) -> bool:
    """Whether it serves no more: asked without a record, which nothing can be put on while the log is held."""
    with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
        try:
            told = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
        except grpc.RpcError:
            return True
    return bool(told.status != health_pb2.HealthCheckResponse.SERVING)


def is_refused(served: Served) -> bool:
    """Whether a newcomer gets no verdict."""
    with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
        try:
            pb_grpc.GuardStub(channel).CheckUserInput(pb.UserInput(), timeout=1)
        except grpc.RpcError:
            return True
    return False


def test_a_second_sidecar_on_the_same_socket_is_refused_and_the_first_serves_on(served: Served, tmp_path: Path) -> None:
    second = tmp_path / "second.toml"
    second.write_text(served.config.read_text(encoding="utf-8").replace('"audit.db"', '"other.db"'), encoding="utf-8")
    command = [sys.executable, "-m", "sidecar", "serve", "--config", str(second)]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    server = served.settings.server
    assert (ended.returncode, "another process serves on it" in ended.stderr) == (2, True)
    assert "Traceback" not in ended.stderr
    assert server.socket.is_socket()
    assert server.control_socket.is_socket()
    assert not is_refused(served)


def test_sigterm_lets_a_call_under_way_finish_and_refuses_new_ones(served: Served) -> None:
    server = served.settings.server
    with grpc.insecure_channel(f"unix:{server.socket}") as channel, ThreadPoolExecutor(1) as pool:
        guard = pb_grpc.GuardStub(channel)
        call = pb.ToolCall(session_id=open_session(guard), tool="echo", arguments_json=ECHO)
        with locked(served.settings.audit.path):
            under_way = pool.submit(guard.CheckToolCall, call, timeout=SECONDS)
            time.sleep(0.1)  # it waits for its record, which it does for a second at most
            served.process.terminate()
            wait_for(lambda: drains(served))
            refused, was_waiting = is_refused(served), not under_way.done()
        verdict = under_way.result(SECONDS)

    assert (refused, was_waiting) == (True, True)
    assert (verdict.decision, bool(verdict.record_id)) == (pb.ALLOW, True)
    assert served.process.wait(SECONDS) == 0
    assert not server.socket.exists()
    assert not server.control_socket.exists()


def test_without_a_record_there_is_no_verdict(served: Served) -> None:
    with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
        guard = pb_grpc.GuardStub(channel)
        call = pb.ToolCall(session_id=open_session(guard), tool="echo", arguments_json=ECHO)
        with locked(served.settings.audit.path), ThreadPoolExecutor(8) as pool:
            waiting = [pool.submit(guard.CheckToolCall, call, timeout=SECONDS) for _ in range(8)]
            errors = [one.exception(SECONDS) for one in waiting]
        after = guard.CheckToolCall(call, timeout=SECONDS)

    assert [e.code() for e in errors if isinstance(e, grpc.RpcError)] == [grpc.StatusCode.UNAVAILABLE] * 8
    assert after.decision == pb.ALLOW


def test_without_its_log_the_sidecar_gives_no_verdict_and_opens_no_session(served: Served) -> None:
    with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
        guard = pb_grpc.GuardStub(channel)
        call = pb.ToolCall(session_id=open_session(guard), tool="echo", arguments_json=ECHO)
        for path in served.config.parent.glob("audit.db*"):
            path.unlink()
        codes = []
        for ask in (lambda: guard.CheckToolCall(call, timeout=SECONDS), lambda: open_session(guard)):
            with pytest.raises(grpc.RpcError) as refused:
                ask()
            codes.append(refused.value.code())

    assert codes == [grpc.StatusCode.UNAVAILABLE] * 2


def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs" / "face"
    shutil.copytree(FACE, folder)
    return folder


def stricter(folder: Path) -> None:
    rules = folder / "rules.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("args.n > 1000", "args.n > 0"), encoding="utf-8")


async def called(sidecar: Running, handle: str) -> pb.Verdict:
    return await sidecar.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="echo", arguments_json=ECHO))


async def test_a_call_under_way_finishes_with_the_policy_that_it_began_with(tmp_path: Path) -> None:
    folder = packs(tmp_path)
    async with running(tmp_path, [str(folder)], rules="watch = false") as sidecar:
        handle = await sidecar.session()
        before = sidecar.sidecar.enforcer
        with locked(sidecar.settings.audit.path):
            under_way = asyncio.ensure_future(called(sidecar, handle))
            await asyncio.sleep(0.1)
            stricter(folder)
            assert await sidecar.sidecar.reload()
        old, new = await under_way, await called(sidecar, handle)

    assert (old.decision, old.policy_version) == (pb.ALLOW, before.policy_version)
    assert (new.decision, new.policy_version) == (pb.DENY, sidecar.sidecar.enforcer.policy_version)
    assert new.policy_version != old.policy_version


def break_rule(folder: Path) -> None:
    (folder / "rules.yaml").write_text("rules: [{id: a, on: [tool_call], when: 'args.', then: deny}]", encoding="utf-8")


def break_bytes(folder: Path) -> None:
    (folder / "tools.yaml").write_bytes(b"\xff\xfe\x00")


def break_kind(folder: Path) -> None:
    (folder / "tools.yaml").unlink()
    (folder / "tools.yaml").mkdir()


def break_link(folder: Path) -> None:
    (folder / "tools.yaml").unlink()
    (folder / "tools.yaml").symlink_to(folder / "tools.yaml")


def break_depth(folder: Path) -> None:
    (folder / "schemas" / "answer.json").write_text("[" * 100_000, encoding="utf-8")


def break_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def break_nest(folder: Path) -> None:
    (folder / "rules.yaml").write_text("rules: " + "[" * 5_000 + "]" * 5_000, encoding="utf-8")


BREAKS = [break_rule, break_bytes, break_kind, break_link, break_depth, break_nest, break_folder]


@pytest.mark.parametrize("broken", BREAKS, ids=[one.__name__ for one in BREAKS])
async def test_a_broken_pack_changes_nothing_and_the_status_says_so(
    tmp_path: Path, broken: Callable[[Path], None]
) -> None:
    folder = packs(tmp_path)
    async with running(tmp_path, [str(folder)], rules="watch = false") as sidecar:
        handle, version = await sidecar.session(), sidecar.sidecar.enforcer.policy_version
        stricter(folder)
        broken(folder)
        was_reloaded = await sidecar.sidecar.reload()
        held = await called(sidecar, handle)
        status = await sidecar.control.GetStatus(pb.GetStatusRequest())
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(FACE, folder)
        mended = await sidecar.sidecar.reload()
        after = await sidecar.control.GetStatus(pb.GetStatusRequest())

    assert (was_reloaded, mended) == (False, True)
    assert (held.decision, held.policy_version) == (pb.ALLOW, version)
    assert (list(status.degraded), list(after.degraded)) == (["rules"], [])


async def test_a_pack_that_changes_is_loaded_by_itself_even_after_its_folder_was_gone(tmp_path: Path) -> None:
    folder = packs(tmp_path)
    async with running(tmp_path, [str(folder)]) as sidecar:
        handle = await sidecar.session()
        await asyncio.sleep(0.5)  # the watcher looks from now on
        shutil.rmtree(folder)
        await eventually(sidecar, ["rules"])
        shutil.copytree(FACE, folder)
        stricter(folder)
        await eventually(sidecar, [])
        verdict = await called(sidecar, handle)

    assert verdict.decision == pb.DENY


async def eventually(sidecar: Running, degraded: list[str]) -> None:
    async with asyncio.timeout(SECONDS):
        while list((await sidecar.control.GetStatus(pb.GetStatusRequest())).degraded) != degraded:  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(SOON)


def test_sighup_reloads_the_packs(tmp_path: Path) -> None:
    folder = packs(tmp_path)
    served = Served(written(tmp_path, ISSUER, [str(folder)], rules="watch = false"))
    try:
        served.ready()
        with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
            guard = pb_grpc.GuardStub(channel)
            call = pb.ToolCall(session_id=open_session(guard), tool="echo", arguments_json=ECHO)
            before = guard.CheckToolCall(call, timeout=SECONDS).decision
            stricter(folder)
            served.process.send_signal(signal.SIGHUP)
            wait_for(lambda: guard.CheckToolCall(call, timeout=SECONDS).decision == pb.DENY)
    finally:
        code = served.stop()

    assert (before, code) == (pb.ALLOW, 0)
