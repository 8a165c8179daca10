from collections.abc import Callable

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from sidecar.client import (
    ApprovalRequired,
    Decision,
    Denied,
    Finding,
    NoVerdict,
    Outcome,
    Result,
    Session,
    Severity,
    Sidecar,
    Usage,
    Verdict,
)
from sidecar.v1 import sidecar_pb2 as pb
from tests.client.answering import Answering

Served = tuple[str, Answering]
Cross = Callable[[Session], object]

CROSSINGS: dict[str, Cross] = {
    "CheckUserInput": lambda s: s.user_input("hello"),
    "CheckLlmRequest": lambda s: s.llm_request([{"role": "user", "content": "hello"}]),
    "CheckLlmOutput": lambda s: s.llm_output("hello"),
    "CheckToolCall": lambda s: s.tool_call("t", {"a": 1}),
    "CheckToolResponse": lambda s: s.tool_response("t", "hello"),
    "CheckA2aMessage": lambda s: s.a2a_message({"a": 1}, direction="outbound", peer="p"),
}
EVERY = pytest.mark.parametrize("method", CROSSINGS)


def in_session(address: str, cross: Cross, deadline: float = 5.0) -> object:
    with Sidecar(address, deadline=deadline) as sidecar, sidecar.session("token") as session:
        return cross(session)


@pytest.mark.parametrize(
    ("method", "payload", "crosses"),
    [
        pytest.param("CheckUserInput", "hi <US_SSN>", "hi <US_SSN>", id="the user's words"),
        pytest.param(
            "CheckLlmRequest", '[{"role":"user","content":"x"}]', [{"role": "user", "content": "x"}], id="a prompt"
        ),
        pytest.param("CheckLlmOutput", "", "", id="a model's words, all of them redacted"),
        pytest.param("CheckToolCall", '{"a":2}', {"a": 2}, id="arguments"),
        pytest.param("CheckToolResponse", "{}", "{}", id="a tool's text, even where it looks like JSON"),
        pytest.param("CheckA2aMessage", '{"b":[]}', {"b": []}, id="a message"),
    ],
)
def test_what_is_returned_is_the_payload_of_the_verdict(
    served: Served, method: str, payload: str, crosses: object
) -> None:
    address, script = served
    script.says(method, pb.Verdict(decision=pb.REDACT, payload=payload))

    assert in_session(address, CROSSINGS[method]) == crosses


@pytest.mark.parametrize(
    ("content", "content_type", "payload", "crosses"),
    [
        pytest.param({"a": 1}, "", '{"a":"x"}', {"a": "x"}, id="a value is JSON"),
        pytest.param('{"a":1}', "application/json", "[1]", [1], id="text that is called JSON"),
        pytest.param('{"a":1}', "Application/Problem+JSON; charset=utf-8", "[1]", [1], id="a suffix that says JSON"),
        pytest.param("x", "application/ndjson", "[1]", "[1]", id="text of another type"),
    ],
)
def test_a_tools_response_is_a_value_exactly_where_it_is_json(
    served: Served, content: str | dict[str, int], content_type: str, payload: str, crosses: object
) -> None:
    address, script = served
    script.says("CheckToolResponse", pb.Verdict(decision=pb.ALLOW, payload=payload))

    got = in_session(address, lambda s: s.tool_response("t", content, content_type=content_type))

    assert got == crosses


@EVERY
def test_a_refusal_raises_with_all_that_the_verdict_says(served: Served, method: str) -> None:
    address, script = served
    verdict = pb.Verdict(
        decision=pb.DENY, payload="never", alternative="queue", record_id="r-1", retry_after=Duration(nanos=500_000_000)
    )
    verdict.findings.add(check="session", decision=pb.ALLOW)
    verdict.findings.add(check="pii", reason="pii_redacted", decision=pb.REDACT)
    verdict.findings.add(check="rules", reason="rule_matched", decision=pb.REQUIRE_APPROVAL)
    verdict.findings.add(
        check="schema", reason="argument_invalid", decision=pb.DENY, path="/a", message="must be a string", severity=4
    )
    script.says(method, verdict)

    with pytest.raises(Denied) as caught:
        in_session(address, CROSSINGS[method])

    refusal = caught.value
    assert not isinstance(refusal, NoVerdict | ApprovalRequired)
    assert refusal.decision is Decision.DENY
    assert refusal.reasons == ("argument_invalid", "rule_matched")
    assert refusal.reason == "argument_invalid"
    assert [finding.check for finding in refusal.findings] == ["session", "pii", "rules", "schema"]
    assert (refusal.retry_after, refusal.alternative, refusal.record_id) == (0.5, "queue", "r-1")
    assert str(refusal) == "argument_invalid: must be a string (at /a); rule_matched"


def test_the_last_verdict_is_kept_until_the_next_crossing(served: Served) -> None:
    redacted = pb.Verdict(decision=pb.REDACT, payload="x", policy_version="v", record_id="r", skipped_checks=["ner"])
    redacted.findings.add(check="pii", reason="pii_redacted", decision=pb.REDACT, severity=99)
    redacted.findings.add(check="later", reason="later", decision=99, severity=1)
    served[1].says("CheckUserInput", redacted)
    served[1].fails("CheckLlmOutput", grpc.StatusCode.INTERNAL)

    with Sidecar(served[0]) as sidecar, sidecar.session("token") as session:
        before = session.last
        session.user_input("hello")
        after = session.last
        with pytest.raises(NoVerdict):
            session.llm_output("hello")

    assert before is session.last is None
    assert after == Verdict(
        decision=Decision.REDACT,
        findings=(
            Finding(check="pii", reason="pii_redacted", decision=Decision.REDACT, severity=Severity.CRITICAL),
            Finding(check="later", reason="later", decision=Decision.DENY),
        ),
        policy_version="v",
        record_id="r",
        skipped=("ner",),
    )


def test_a_verdict_is_not_a_boolean() -> None:
    with pytest.raises(TypeError):
        bool(Verdict())


def test_an_approval_is_a_refusal_with_a_ticket(served: Served) -> None:
    address, script = served
    script.says("CheckToolCall", pb.Verdict(decision=pb.REQUIRE_APPROVAL, payload="{}", approval_id="a-1"))

    with pytest.raises(ApprovalRequired) as caught:
        in_session(address, CROSSINGS["CheckToolCall"])

    assert (caught.value.approval_id, caught.value.retry_after) == ("a-1", None)
    assert (caught.value.decision, caught.value.reasons) == (Decision.REQUIRE_APPROVAL, ("call_approval_required",))


@EVERY
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xff\xff", id="bytes that are no message"),
        pytest.param(b"\x08\x63", id="a decision without a name"),
        pytest.param(pb.Verdict(decision=pb.DECISION_UNSPECIFIED, payload="{}"), id="no decision"),
        pytest.param(pb.Verdict(decision=pb.ALLOW), id="allowed, without a payload"),
    ],
)
def test_an_answer_that_is_not_understood_is_no_verdict(
    served: Served, method: str, answer: bytes | pb.Verdict
) -> None:
    address, script = served
    script.says(method, answer)

    with pytest.raises(NoVerdict):
        in_session(address, CROSSINGS[method])


@pytest.mark.parametrize(
    ("method", "payload"),
    [
        pytest.param("CheckToolCall", "[]", id="arguments that are a list"),
        pytest.param("CheckToolCall", "{", id="arguments cut off"),
        pytest.param("CheckToolCall", '{"a":NaN}', id="arguments with NaN"),
        pytest.param("CheckToolCall", "[" * 100_000, id="arguments nested beyond the parser"),
        pytest.param("CheckLlmRequest", "{}", id="a prompt that is an object"),
        pytest.param("CheckLlmRequest", '[{"role":"user"}]', id="a message without content"),
        pytest.param("CheckLlmRequest", '[{"role":"user","content":1}]', id="a message whose content is a number"),
        pytest.param("CheckA2aMessage", '"x"', id="a message that is a string"),
    ],
)
def test_a_payload_of_another_kind_is_no_verdict(served: Served, method: str, payload: str) -> None:
    address, script = served
    script.says(method, pb.Verdict(decision=pb.ALLOW, payload=payload))

    with pytest.raises(NoVerdict) as caught:
        in_session(address, CROSSINGS[method])

    assert caught.value.reason == "verdict_malformed"


@EVERY
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        pytest.param(grpc.StatusCode.UNAVAILABLE, "unavailable", id="unavailable"),
        pytest.param(grpc.StatusCode.RESOURCE_EXHAUSTED, "overload", id="overload"),
        pytest.param(grpc.StatusCode.CANCELLED, "cancelled", id="cancelled by the peer"),
        pytest.param(grpc.StatusCode.INVALID_ARGUMENT, "bad_request", id="invalid"),
        pytest.param(grpc.StatusCode.UNIMPLEMENTED, "unimplemented", id="unimplemented"),
        pytest.param(grpc.StatusCode.INTERNAL, "no_verdict", id="internal"),
        pytest.param(grpc.StatusCode.UNKNOWN, "no_verdict", id="unknown"),
    ],
)
def test_an_error_of_the_transport_is_a_denial_without_its_text(
    served: Served, method: str, status: grpc.StatusCode, reason: str
) -> None:
    address, script = served
    script.fails(method, status)

    with pytest.raises(NoVerdict) as caught:
        in_session(address, CROSSINGS[method])

    assert (caught.value.decision, caught.value.reason) == (Decision.DENY, reason)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_sidecar_that_does_not_answer_in_time_denies(served: Served) -> None:
    address, script = served
    script.hangs("CheckUserInput")

    with pytest.raises(NoVerdict) as caught:
        in_session(address, CROSSINGS["CheckUserInput"], deadline=0.1)

    assert caught.value.reason == "deadline"


def test_a_sidecar_that_is_not_there_denies(tmp_path: object) -> None:
    with pytest.raises(NoVerdict) as caught:
        in_session(f"unix:{tmp_path}/none.sock", CROSSINGS["CheckUserInput"])

    assert caught.value.reason == "unavailable"


def test_a_closed_client_denies(served: Served) -> None:
    with Sidecar(served[0]) as sidecar:
        session = sidecar.open_session("token")

    with pytest.raises(NoVerdict) as caught:
        session.user_input("x")

    assert caught.value.reason == "closed"


@pytest.mark.parametrize(
    "cross",
    [
        pytest.param(lambda s: s.user_input("a \ud800"), id="a lone surrogate"),
        pytest.param(lambda s: s.tool_call("t", {"a": float("nan")}), id="NaN among arguments"),
        pytest.param(lambda s: s.tool_response("t", {"a": "\udfff"}), id="a surrogate inside JSON"),
        pytest.param(lambda s: s.llm_request([], max_output_tokens=2**64), id="a number beyond the field"),
    ],
)
def test_what_cannot_be_sent_is_denied_without_quoting_it(served: Served, cross: Cross) -> None:
    with pytest.raises(NoVerdict) as caught:
        in_session(served[0], cross)

    assert caught.value.reason == "request_malformed"
    assert caught.value.__suppress_context__


def test_a_session_that_is_refused_says_why(served: Served) -> None:
    refused = pb.Session(record_id="r-2")
    refused.findings.add(check="identity", reason="token_expired", decision=pb.DENY, message="ask for a new token")
    served[1].says("OpenSession", refused)

    with Sidecar(served[0]) as sidecar, pytest.raises(Denied) as caught:
        sidecar.open_session(["a", "b"], task="x", tools=["t"], scope={"autonomy": 1})

    asked = pb.OpenSessionRequest.FromString(served[1].got["OpenSession"])
    assert (caught.value.reason, caught.value.record_id) == ("token_expired", "r-2")
    assert (list(asked.tokens), list(asked.tools), asked.scope_json) == (["a", "b"], ["t"], '{"autonomy": 1}')


def test_a_session_without_a_handle_and_without_a_finding_is_denied(served: Served) -> None:
    served[1].says("OpenSession", pb.Session())

    with Sidecar(served[0]) as sidecar, pytest.raises(Denied):
        sidecar.open_session("token")


def test_a_session_is_closed_once_and_tells_what_it_did(served: Served) -> None:
    with Sidecar(served[0]) as sidecar, sidecar.session("token") as session:
        closed = session.close()
        served[1].fails("CloseSession", grpc.StatusCode.UNAVAILABLE)

    assert closed is session.summary is session.close()
    assert (closed.crossings, closed.denied, closed.cost_usd) == (3, 1, "0.10")
    assert (session.id, session.tools, session.opened.agent) == ("s-1", ("t",), "bot")


def test_what_happens_in_the_block_is_not_hidden_by_a_close_that_fails(served: Served) -> None:
    served[1].fails("CloseSession", grpc.StatusCode.INTERNAL)

    with pytest.raises(ZeroDivisionError):
        in_session(served[0], lambda _session: 1 / 0)


def test_narrowing_is_taken_over_from_the_sidecar(served: Served) -> None:
    served[1].says("NarrowSession", pb.Session(session_id="s-1", tools=["only"]))

    with Sidecar(served[0]) as sidecar, sidecar.session("token") as session:
        session.narrow(tools=["only"], scope={"autonomy": 0})

    asked = pb.NarrowSessionRequest.FromString(served[1].got["NarrowSession"])
    assert session.tools == ("only",)
    assert (list(asked.tools), asked.scope_json) == (["only"], '{"autonomy": 0}')


@pytest.mark.parametrize(("tools", "error"), [([], ValueError), ("search", TypeError)])
def test_tools_that_would_mean_something_else_are_refused(
    served: Served, tools: list[str] | str, error: type[Exception]
) -> None:
    with Sidecar(served[0]) as sidecar, pytest.raises(error):
        sidecar.open_session("token", tools=tools)


def test_everything_said_of_a_call_reaches_the_sidecar(served: Served) -> None:
    served[1].says("CheckLlmOutput", pb.Verdict(decision=pb.ALLOW, payload="{}"))

    in_session(
        served[0],
        lambda s: s.llm_output(
            "{}",
            schema="answer",
            usage=Usage(input_tokens=1, output_tokens=2, cached_input_tokens=3),
            outcome=Outcome(result=Result.TIMEOUT, latency=1.5, error="slow"),
            provider="p",
            model="m",
            call_id="c",
        ),
    )

    sent = pb.LlmOutput.FromString(served[1].got["CheckLlmOutput"])
    assert sent == pb.LlmOutput(
        session_id="s-1",
        text="{}",
        schema="answer",
        provider="p",
        model="m",
        call_id="c",
        usage=pb.Usage(input_tokens=1, output_tokens=2, cached_input_tokens=3),
        outcome=pb.Outcome(result=pb.Outcome.TIMEOUT, latency=Duration(seconds=1, nanos=500_000_000), error="slow"),
    )


def test_arguments_as_text_go_as_they_are(served: Served) -> None:
    served[1].says("CheckToolCall", pb.Verdict(decision=pb.ALLOW, payload="{}"))

    in_session(served[0], lambda s: s.tool_call("t", '{"a":1,"a":2}', call_id="c", approval_id="a-1"))

    sent = pb.ToolCall.FromString(served[1].got["CheckToolCall"])
    assert sent == pb.ToolCall(
        session_id="s-1", tool="t", arguments_json='{"a":1,"a":2}', call_id="c", approval_id="a-1"
    )


def test_an_inbound_message_carries_its_evidence(served: Served) -> None:
    served[1].says("CheckA2aMessage", pb.Verdict(decision=pb.ALLOW, payload="{}"))

    in_session(served[0], lambda s: s.a2a_message("{}", direction="inbound", peer="p", tokens="t1", card={"name": "p"}))

    sent = pb.A2aMessage.FromString(served[1].got["CheckA2aMessage"])
    assert sent == pb.A2aMessage(
        session_id="s-1",
        direction=pb.A2aMessage.INBOUND,
        peer="p",
        message_json="{}",
        tokens=["t1"],
        card_json='{"name": "p"}',
    )
