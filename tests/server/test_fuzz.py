"""Any bytes in any field: a verdict or a clean status, never a crash, a hang, or the text of an exception."""

import re
import socket
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import Served, minted, written

DEADLINE = 20.0
ISSUER = TrialIssuer.generate()
CLEAN = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.INTERNAL,
}
LEAK = re.compile(r"Traceback|Error\b|Unexpected|\.py|<class|object at 0x")
CHECKS = (
    "CheckUserInput",
    "CheckLlmRequest",
    "CheckLlmOutput",
    "CheckToolCall",
    "CheckToolResponse",
    "CheckA2aMessage",
)
METHODS = (*CHECKS, "OpenSession", "NarrowSession", "CloseSession", "Delegate", "AwaitApproval")

TEXTS = st.text(max_size=200) | st.sampled_from(
    [
        "",
        "\x00",
        "[" * 100_000,
        '{"a":' * 5000,
        "NaN",
        "1e400",
        '{"a":1,"a":2}',
        "9" * 5000,
        '"\\ud800"',
        "﻿{}",
        "echo",
        "lookup",
        "answer",
        "application/json",
        "2" * 70_000,
        "ses_.x",
        "{}",
        "null",
        '{"text":"x","n":1}',
        '{"n":1e3,"text":"x"}',
        "A" * 300_000,
        "&#x41;" * 1000,
        "%00",
        "\U000e0041",
    ]
)
SMALL = st.integers(min_value=-(2**31), max_value=2**31 - 1)
fuzz = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    it = Served(written(tmp_path_factory.mktemp("fuzz"), ISSUER))
    it.ready()
    yield it
    assert it.process.poll() is None, "the sidecar has ended"
    assert it.stop() == 0
    assert not LEAK.search(it.log.read_text(encoding="utf-8")), "something broke inside"


@pytest.fixture(scope="module")
def channel(served: Served) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as it:
        yield it


@pytest.fixture(scope="module")
def handle(channel: grpc.Channel) -> str:
    request = pb.OpenSessionRequest(tokens=minted(ISSUER, ["echo", "lookup"]))
    return str(pb_grpc.GuardStub(channel).OpenSession(request).session_id)


def assert_clean(error: Any) -> None:
    """Every RpcError of a call is a Call, too; the stubs do not say so."""
    assert error.code() in CLEAN
    assert not LEAK.search(error.details() or "")


def assert_judged(call: Any, request: Any) -> None:
    """Every check answers any field with a verdict; the payload stands there only if it may cross."""
    try:
        verdict = call(request, timeout=DEADLINE)
    except grpc.RpcError as error:
        assert_clean(error)
        return
    assert verdict.decision in (pb.ALLOW, pb.REDACT, pb.REQUIRE_APPROVAL, pb.DENY)
    assert verdict.record_id
    assert not verdict.payload or verdict.decision in (pb.ALLOW, pb.REDACT)
    assert not any(LEAK.search(f.message + f.path) for f in verdict.findings if "." not in f.path)


@fuzz
@given(tool=TEXTS, arguments=TEXTS, call_id=TEXTS, approval=TEXTS)
@example(tool="echo", arguments="[" * 1_000_000, call_id="", approval="")
@example(tool="echo", arguments='{"text":"' + '\\"' * 30_000, call_id="", approval="")
def test_any_tool_call_is_judged(
    channel: grpc.Channel, handle: str, tool: str, arguments: str, call_id: str, approval: str
) -> None:
    request = pb.ToolCall(session_id=handle, tool=tool, arguments_json=arguments, call_id=call_id, approval_id=approval)

    assert_judged(pb_grpc.GuardStub(channel).CheckToolCall, request)


@fuzz
@given(tool=TEXTS, content=TEXTS, content_type=TEXTS, error=TEXTS, seconds=SMALL)
def test_any_tool_response_is_judged(
    channel: grpc.Channel, handle: str, tool: str, content: str, content_type: str, error: str, seconds: int
) -> None:
    outcome = pb.Outcome(result=pb.Outcome.Result.ValueType(seconds % 9), error=error)
    outcome.latency.seconds = seconds
    request = pb.ToolResponse(session_id=handle, tool=tool, content=content, content_type=content_type, outcome=outcome)

    assert_judged(pb_grpc.GuardStub(channel).CheckToolResponse, request)


@fuzz
@given(text=TEXTS, schema=TEXTS, model=TEXTS, tokens=st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_any_llm_output_is_judged(
    channel: grpc.Channel, handle: str, text: str, schema: str, model: str, tokens: int
) -> None:
    request = pb.LlmOutput(
        session_id=handle,
        text=text,
        schema=schema,
        model=model,
        provider=model,
        usage=pb.Usage(input_tokens=tokens, output_tokens=tokens),
    )

    assert_judged(pb_grpc.GuardStub(channel).CheckLlmOutput, request)


@fuzz
@given(role=TEXTS, content=TEXTS, count=st.integers(0, 50), session=TEXTS)
def test_any_prompt_and_any_session_is_judged(
    channel: grpc.Channel, handle: str, role: str, content: str, count: int, session: str
) -> None:
    guard = pb_grpc.GuardStub(channel)
    messages = [pb.Message(role=role, content=content[:5000])] * count

    assert_judged(guard.CheckLlmRequest, pb.LlmRequest(session_id=handle, messages=messages))
    assert_judged(guard.CheckUserInput, pb.UserInput(session_id=session, text=content))


@fuzz
@given(message=TEXTS, peer=TEXTS, tokens=st.lists(TEXTS, max_size=3), card=TEXTS, direction=st.integers(-1, 5))
def test_any_a2a_message_is_judged(
    channel: grpc.Channel, handle: str, message: str, peer: str, tokens: list[str], card: str, direction: int
) -> None:
    request = pb.A2aMessage(
        session_id=handle,
        message_json=message,
        peer=peer,
        tokens=tokens,
        card_json=card,
        direction=pb.A2aMessage.Direction.ValueType(direction),
    )

    assert_judged(pb_grpc.GuardStub(channel).CheckA2aMessage, request)


@fuzz
@given(tokens=st.lists(TEXTS, max_size=10), texts=st.lists(TEXTS, min_size=6, max_size=6))
def test_any_opening_is_answered(channel: grpc.Channel, tokens: list[str], texts: list[str]) -> None:
    proof, task, task_type, tool, residency, scope = texts
    request = pb.OpenSessionRequest(
        tokens=tokens,
        proof=proof,
        task=task,
        task_type=task_type,
        tools=[tool],
        residency=residency,
        scope_json=scope,
        parent_session_id=proof,
    )
    try:
        session = pb_grpc.GuardStub(channel).OpenSession(request, timeout=DEADLINE)
    except grpc.RpcError as error:
        assert_clean(error)
    else:
        assert session.session_id == ""
        assert [f.decision for f in session.findings] == [pb.DENY]


@fuzz
@given(method=st.sampled_from(METHODS), data=st.binary(max_size=300))
@example(method="CheckUserInput", data=b"\x0a\x02\xff\xfe")
def test_any_bytes_for_a_message_get_an_answer(channel: grpc.Channel, method: str, data: bytes) -> None:
    call = channel.unary_unary(
        f"/sidecar.v1.Guard/{method}", request_serializer=lambda b: b, response_deserializer=lambda b: b
    )
    try:
        call(data, timeout=DEADLINE)
    except grpc.RpcError as error:
        assert_clean(error)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=2000), preface=st.booleans())
def test_any_bytes_on_the_socket_leave_it_serving(
    served: Served, channel: grpc.Channel, data: bytes, *, preface: bool
) -> None:
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(DEADLINE)
        wire.connect(str(served.settings.server.socket))
        wire.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" * preface + data)

    verdict = pb_grpc.GuardStub(channel).CheckUserInput(pb.UserInput(session_id="x"), timeout=DEADLINE)

    assert verdict.decision == pb.DENY
