"""The operator's side: status, sessions, audit."""

import asyncio
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from sidecar.v1 import sidecar_pb2 as pb
from tests.running import ECHO, Running, running


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as it:
        yield it


async def records(sidecar: Running, **which: object) -> list[pb.AuditRecord]:
    return [record async for record in sidecar.control.QueryAudit(pb.QueryAuditRequest(**which))]  # type: ignore[arg-type]  # a table of fields


async def test_status_tells_version_policy_and_packs(sidecar: Running) -> None:
    await sidecar.session()

    status = await sidecar.control.GetStatus(pb.GetStatusRequest())

    assert (status.version, status.open_sessions, list(status.degraded)) == ("0.1.0", 1, [])
    assert [(p.name, p.version, p.digest[:7]) for p in status.packs] == [("face", "1.0.0", "sha256:")]
    assert status.policy_version.startswith("sha256:")
    assert abs(status.started_at.seconds - time.time()) < 60


async def test_sessions_are_listed_by_their_public_id_and_never_by_their_handle(sidecar: Running) -> None:
    handle = await sidecar.session()
    await sidecar.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="delete"))

    (session,) = (await sidecar.control.ListSessions(pb.ListSessionsRequest())).sessions

    assert handle.startswith(session.session_id + ".")
    assert (session.crossings, session.denied, session.task) == (1, 1, "a test")
    assert (session.principal.agent, list(session.tools)) == ("agent", ["echo", "lookup"])


async def test_the_audit_log_tells_what_happened_and_by_whom(sidecar: Running) -> None:
    handle = await sidecar.session()
    trace = "0123456789abcdef" * 2
    verdict = await sidecar.guard.CheckToolCall(
        pb.ToolCall(session_id=handle, tool="echo", arguments_json='{"text":"x","n":5000}'),
        metadata=(("traceparent", f"00-{trace}-0123456789abcdef-01"),),
    )

    opened, denied = await records(sidecar, session_id=handle)

    assert (opened.boundary, opened.decision) == ("open_session", pb.ALLOW)
    assert (denied.boundary, denied.decision, denied.tool) == ("tool_call", pb.DENY, "echo")
    assert (denied.record_id, denied.previous_hash) == (verdict.record_id, opened.hash)
    assert (denied.principal.agent, denied.trace_id) == ("agent", trace)
    assert [f.rule for f in denied.findings if f.reason == "rule_denied"] == ["face/too-many"]
    assert handle not in str(opened) + str(denied)


async def test_the_audit_log_is_searched(sidecar: Running) -> None:
    handle = await sidecar.session()
    await sidecar.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="echo", arguments_json=ECHO))
    await sidecar.guard.CheckUserInput(pb.UserInput(session_id="nobody", text="x"))
    future = Timestamp(seconds=int(time.time()) + 100)

    found = {
        "all": await records(sidecar),
        "tool": await records(sidecar, tool="echo"),
        "subject": await records(sidecar, subject="user"),
        "denied": await records(sidecar, at_least=pb.DENY),
        "limit": await records(sidecar, limit=1),
        "since": await records(sidecar, since=future),
        "nobody": await records(sidecar, agent="other"),
    }

    assert {name: len(list_) for name, list_ in found.items()} == {
        "all": 3, "tool": 1, "subject": 2, "denied": 1, "limit": 1, "since": 0, "nobody": 0,
    }  # fmt: skip


async def test_a_decision_that_there_is_not_is_a_clean_error(sidecar: Running) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await records(sidecar, at_least=9)

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_following_sends_what_comes(sidecar: Running) -> None:
    call = sidecar.control.QueryAudit(pb.QueryAuditRequest(follow=True, at_least=pb.DENY))
    coming = asyncio.ensure_future(call.read())
    await sidecar.guard.CheckUserInput(pb.UserInput(session_id="nobody", text="x"))

    record = await asyncio.wait_for(coming, 10)
    call.cancel()

    assert isinstance(record, pb.AuditRecord)
    assert record.decision == pb.DENY


async def test_sockets_are_open_to_those_meant_only(sidecar: Running) -> None:
    server = sidecar.settings.server

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (server.socket, server.control_socket)]

    assert modes == [0o660, 0o600]


async def test_health_and_reflection_are_the_standard_ones(sidecar: Running) -> None:
    health = health_pb2_grpc.HealthStub(sidecar.channel)
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])

    answer = await health.Check(health_pb2.HealthCheckRequest(service="sidecar.v1.Guard"))
    listed = await reflection_pb2_grpc.ServerReflectionStub(sidecar.channel).ServerReflectionInfo(asked).read()

    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    assert {s.name for s in listed.list_services_response.service} == {
        "sidecar.v1.Guard", "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection",
    }  # fmt: skip


async def test_reflection_can_be_switched_off(tmp_path: Path) -> None:
    async with running(tmp_path, server="reflection = false") as sidecar:
        stub = reflection_pb2_grpc.ServerReflectionStub(sidecar.channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")])).read()

    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_loopback_tcp_serves_the_agent_too(tmp_path: Path) -> None:
    async with (
        running(tmp_path, server='tcp = "127.0.0.1:0"') as sidecar,
        grpc.aio.insecure_channel(f"127.0.0.1:{sidecar.sidecar.port}") as channel,
    ):
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())

    assert answer.status == health_pb2.HealthCheckResponse.SERVING
