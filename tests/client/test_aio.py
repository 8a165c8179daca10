import asyncio
from collections.abc import Awaitable, Callable

import grpc
import pytest

from sidecar.client import ApprovalRequired, AsyncSession, AsyncSidecar, Denied, NoVerdict
from sidecar.v1 import sidecar_pb2 as pb
from tests.client.answering import Answering

Served = tuple[str, Answering]
Cross = Callable[[AsyncSession], Awaitable[object]]

CROSSINGS: dict[str, tuple[Cross, str, object]] = {
    "CheckUserInput": (lambda s: s.user_input("hello"), "x", "x"),
    "CheckLlmRequest": (
        lambda s: s.llm_request([{"role": "user", "content": "hello"}]),
        '[{"role":"user","content":"x"}]',
        [{"role": "user", "content": "x"}],
    ),
    "CheckLlmOutput": (lambda s: s.llm_output("hello"), "x", "x"),
    "CheckToolCall": (lambda s: s.tool_call("t", {"a": 1}), '{"a":2}', {"a": 2}),
    "CheckToolResponse": (lambda s: s.tool_response("t", {"a": 1}), "[]", []),
    "CheckA2aMessage": (lambda s: s.a2a_message({"a": 1}, direction="inbound", peer="p"), "{}", {}),
}
EVERY = pytest.mark.parametrize("method", CROSSINGS)


async def in_session(address: str, cross: Cross, deadline: float = 5.0) -> object:
    async with AsyncSidecar(address, deadline=deadline) as sidecar, sidecar.session("token") as session:
        return await cross(session)


@EVERY
async def test_what_is_returned_is_the_payload_of_the_verdict(served: Served, method: str) -> None:
    cross, payload, crosses = CROSSINGS[method]
    served[1].says(method, pb.Verdict(decision=pb.REDACT, payload=payload))

    assert await in_session(served[0], cross) == crosses


@EVERY
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xff\xff", id="bytes that are no message"),
        pytest.param(b"\x08\x63", id="a decision without a name"),
        pytest.param(pb.Verdict(decision=pb.DENY, payload='{"a":2}'), id="denied"),
        pytest.param(pb.Verdict(decision=pb.REQUIRE_APPROVAL, payload='{"a":2}'), id="to be approved"),
    ],
)
async def test_whatever_does_not_let_something_cross_denies(
    served: Served, method: str, answer: bytes | pb.Verdict
) -> None:
    served[1].says(method, answer)

    with pytest.raises(Denied):
        await in_session(served[0], CROSSINGS[method][0])


@EVERY
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        pytest.param(grpc.StatusCode.UNAVAILABLE, "unavailable", id="unavailable"),
        pytest.param(grpc.StatusCode.RESOURCE_EXHAUSTED, "overload", id="overload"),
        pytest.param(grpc.StatusCode.CANCELLED, "cancelled", id="cancelled by the peer"),
        pytest.param(grpc.StatusCode.UNKNOWN, "no_verdict", id="unknown"),
    ],
)
async def test_an_error_of_the_transport_is_a_denial_without_its_text(
    served: Served, method: str, status: grpc.StatusCode, reason: str
) -> None:
    served[1].fails(method, status)

    with pytest.raises(NoVerdict) as caught:
        await in_session(served[0], CROSSINGS[method][0])

    assert caught.value.reason == reason
    assert "s3cret" not in str(caught.value)


async def test_a_sidecar_that_does_not_answer_in_time_denies(served: Served) -> None:
    served[1].hangs("CheckUserInput")

    with pytest.raises(NoVerdict) as caught:
        await in_session(served[0], CROSSINGS["CheckUserInput"][0], deadline=0.1)

    assert caught.value.reason == "deadline"


async def test_a_sidecar_that_is_not_there_denies(tmp_path: object) -> None:
    with pytest.raises(NoVerdict) as caught:
        await in_session(f"unix:{tmp_path}/none.sock", CROSSINGS["CheckUserInput"][0])

    assert caught.value.reason == "unavailable"


async def test_a_closed_client_denies(served: Served) -> None:
    async with AsyncSidecar(served[0]) as sidecar:
        session = await sidecar.open_session("token")

    with pytest.raises(NoVerdict) as caught:
        await session.user_input("x")

    assert caught.value.reason == "closed"


async def test_a_client_that_is_closed_under_a_call_denies_it(served: Served) -> None:
    served[1].hangs("CheckUserInput")
    sidecar = AsyncSidecar(served[0], deadline=5.0)
    session = await sidecar.open_session("token")
    crossing = asyncio.create_task(session.user_input("x"))
    await asyncio.sleep(0.05)

    await sidecar.close()

    with pytest.raises(NoVerdict) as caught:
        await crossing
    assert caught.value.reason == "closed"


async def test_the_callers_own_cancellation_goes_through(served: Served) -> None:
    served[1].hangs("CheckUserInput")
    crossing = asyncio.create_task(in_session(served[0], CROSSINGS["CheckUserInput"][0]))
    await asyncio.sleep(0.1)

    crossing.cancel()

    with pytest.raises(asyncio.CancelledError):
        await crossing


async def test_the_callers_own_timeout_stays_a_timeout(served: Served) -> None:
    served[1].hangs("CheckUserInput")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await in_session(served[0], CROSSINGS["CheckUserInput"][0])


async def test_a_session_is_closed_once_and_tells_what_it_did(served: Served) -> None:
    async with AsyncSidecar(served[0]) as sidecar, sidecar.session("token", tools=["t"]) as session:
        closed = await session.close()
        served[1].fails("CloseSession", grpc.StatusCode.UNAVAILABLE)

    assert closed is session.summary is await session.close()
    assert (session.id, session.tools) == ("s-1", ("t",))


async def test_what_happens_in_the_block_is_not_hidden_by_a_close_that_fails(served: Served) -> None:
    served[1].fails("CloseSession", grpc.StatusCode.INTERNAL)

    with pytest.raises(ZeroDivisionError):
        async with AsyncSidecar(served[0]) as sidecar, sidecar.session("token"):
            raise ZeroDivisionError


async def test_who_waits_for_a_person_asks_until_one_has_consented(served: Served) -> None:
    told = [pb.Verdict(decision=pb.REQUIRE_APPROVAL), pb.Verdict(decision=pb.ALLOW)]
    served[1].behave["AwaitApproval"] = lambda _request, _context: told.pop(0).SerializeToString()

    await in_session(served[0], lambda session: session.await_approval("a-1"))

    assert not told


async def test_nobody_waits_for_a_person_longer_than_was_said(served: Served) -> None:
    served[1].says("AwaitApproval", pb.Verdict(decision=pb.REQUIRE_APPROVAL))

    with pytest.raises(ApprovalRequired):
        await in_session(served[0], lambda session: session.await_approval("a-1", timeout=0))


async def test_narrowing_is_taken_over_from_the_sidecar(served: Served) -> None:
    served[1].says("NarrowSession", pb.Session(session_id="s-1", tools=["only"]))

    async with AsyncSidecar(served[0]) as sidecar, sidecar.session("token") as session:
        await session.narrow(tools=["only"])

    assert session.tools == ("only",)


def test_without_an_event_loop_there_is_no_client() -> None:
    with pytest.raises(RuntimeError):
        AsyncSidecar("unix:x")
