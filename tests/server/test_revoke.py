"""Containment by hand: what an operator revokes is over at once, everywhere, and stays so."""

import json
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest

from sidecar.identity.keys import decoded
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import parse
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import ECHO, Running, Served, minted, running, written

CANARY = "zqxjv-the-case-of-ann"


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as it:
        yield it


def reasons(answer: pb.Verdict | pb.Session) -> list[str]:
    return [finding.reason for finding in answer.findings if finding.reason]


async def called(sidecar: Running, handle: str) -> list[str]:
    call = pb.ToolCall(session_id=handle, tool="echo", arguments_json=ECHO)
    return reasons(await sidecar.guard.CheckToolCall(call))


async def records(sidecar: Running) -> list[pb.AuditRecord]:
    found = [one async for one in sidecar.control.QueryAudit(pb.QueryAuditRequest())]
    return [one for one in found if one.boundary == "revoke"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        pytest.param({"subject": "user"}, "subject_revoked", id="a subject"),
        pytest.param({"agent": "agent"}, "subject_revoked", id="an agent"),
    ],
)
async def test_what_is_revoked_is_over_at_once_and_opens_nothing_more(
    sidecar: Running, target: dict[str, str], reason: str
) -> None:
    tokens = sidecar.tokens()
    handle = (await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))).session_id

    done = await sidecar.control.Revoke(pb.RevokeRequest(**target, reason="a trial"))

    assert done.sessions_closed == 1
    assert done.record_id
    assert await called(sidecar, handle) == [reason]
    assert reasons(await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))) == [reason]
    assert not (await sidecar.control.ListSessions(pb.ListSessionsRequest())).sessions


async def test_a_session_dies_with_all_sessions_of_its_token_and_others_go_on(sidecar: Running) -> None:
    tokens = sidecar.tokens()
    first, second = [
        (await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))).session_id for _ in range(2)
    ]
    other = await sidecar.session()

    done = await sidecar.control.Revoke(pb.RevokeRequest(session_id=first.partition(".")[0]))

    assert done.sessions_closed == 2
    assert [await called(sidecar, handle) for handle in (first, second, other)] == [
        ["token_revoked"],
        ["token_revoked"],
        [],
    ]


async def test_a_token_is_revoked_by_its_id_before_it_was_ever_seen(sidecar: Running) -> None:
    (token,) = tokens = sidecar.tokens()

    done = await sidecar.control.Revoke(pb.RevokeRequest(token_id=str(payload(token)["jti"])))

    assert done.sessions_closed == 0
    assert reasons(await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))) == ["token_revoked"]


def payload(token: str) -> dict[str, object]:
    """Return the claims of a token of ours."""
    claims = parse((decoded(token.split(".")[1]) or b"").decode())
    assert isinstance(claims, dict)
    return claims


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        pytest.param(pb.RevokeRequest(), grpc.StatusCode.INVALID_ARGUMENT, id="nothing"),
        pytest.param(pb.RevokeRequest(subject=""), grpc.StatusCode.INVALID_ARGUMENT, id="an empty name"),
        pytest.param(pb.RevokeRequest(agent="a\nb"), grpc.StatusCode.INVALID_ARGUMENT, id="a line break"),
        pytest.param(pb.RevokeRequest(token_id="x" * 513), grpc.StatusCode.INVALID_ARGUMENT, id="too long"),
        pytest.param(
            pb.RevokeRequest(subject="user", reason="x" * 4097), grpc.StatusCode.INVALID_ARGUMENT, id="long words"
        ),
        pytest.param(pb.RevokeRequest(session_id="ses_none"), grpc.StatusCode.NOT_FOUND, id="no such session"),
    ],
)
async def test_what_cannot_be_meant_is_a_clean_error_and_changes_nothing(
    sidecar: Running, request_: pb.RevokeRequest, code: grpc.StatusCode
) -> None:
    handle = await sidecar.session()

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await sidecar.control.Revoke(request_)

    assert refused.value.code() is code
    assert await called(sidecar, handle) == []
    assert await records(sidecar) == []


async def test_the_record_tells_who_was_cut_off_and_nothing_that_was_said(sidecar: Running) -> None:
    handle = await sidecar.session()

    done = await sidecar.control.Revoke(pb.RevokeRequest(subject="user", reason=CANARY))
    await sidecar.control.Revoke(pb.RevokeRequest(subject=CANARY, reason=CANARY))
    await sidecar.control.Revoke(pb.RevokeRequest(token_id=CANARY))
    await sidecar.control.Revoke(pb.RevokeRequest(agent=CANARY))

    found = await records(sidecar)
    details = json.loads(found[0].details_json)["details"]
    by_subject = [one async for one in sidecar.control.QueryAudit(pb.QueryAuditRequest(subject="user"))]
    assert (found[0].record_id, found[0].decision) == (done.record_id, pb.ALLOW)
    assert details["sessions"] == [handle.partition(".")[0]]
    assert details["counts"] == {"selectors": 1, "sessions": 1}
    assert details["source"] == "operator"
    assert [one.boundary for one in by_subject] == ["open_session", "revoke"]
    assert CANARY not in str(found)
    assert '"user"' not in str(found)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(written(tmp_path, ISSUER, rules="watch = false")) as it:
        yield it


ISSUER = TrialIssuer.generate()


@pytest.mark.slow
def test_what_is_revoked_stays_so_over_a_crash(served: Served) -> None:
    tokens = minted(ISSUER, ["echo"])
    server = served.settings.server
    with grpc.insecure_channel(f"unix:{server.control_socket}") as channel:
        pb_grpc.ControlStub(channel).Revoke(pb.RevokeRequest(subject="user"), timeout=10)

    served.kill()
    served.restart()

    with grpc.insecure_channel(f"unix:{server.socket}") as channel:
        answer = pb_grpc.GuardStub(channel).OpenSession(pb.OpenSessionRequest(tokens=tokens), timeout=10)
    state = served.settings.audit.path.with_name("state.db")
    assert reasons(answer) == ["subject_revoked"]
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
