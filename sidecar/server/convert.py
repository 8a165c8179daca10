"""Protobuf ↔ frozen values, once, at the edge. Nothing behind this module knows protobuf."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from sidecar.audit.chain import Record, told
from sidecar.audit.query import Filter
from sidecar.containment import Order
from sidecar.enforcer import Opened, Signed
from sidecar.errors import CallerError, UnavailableError
from sidecar.identity.delegation import Delegation
from sidecar.identity.opening import Opening
from sidecar.model.chain import Principal
from sidecar.model.crossing import MAX_MESSAGES, Boundary, Crossing, Direction, Outcome
from sidecar.model.revocation import Kind, Selector
from sidecar.model.session import Peer, Session, Usage
from sidecar.model.ticket import Ticket
from sidecar.model.verdict import Decision, Finding, Verdict
from sidecar.v1 import sidecar_pb2 as pb

JSON_TYPE: Final = "application/json"
MAX_TOKENS: Final = 10**9  # of one call; what a caller reports beyond that is no count, and sums must stay exact
TASK_SHOWN: Final = 120  # characters of a session's task in a list: what agents write must not make the list too long
_OUTCOMES: Final = {
    pb.Outcome.ERROR: Outcome.ERROR,
    pb.Outcome.TIMEOUT: Outcome.TIMEOUT,
    pb.Outcome.RATE_LIMITED: Outcome.RATE_LIMITED,
}  # everything else counts as OK, as the contract says
_MANY: Final = 64  # distinct sets of findings to keep rendered; verdicts repeat the same few

_DIRECTIONS: Final = {pb.A2aMessage.INBOUND: Direction.INBOUND, pb.A2aMessage.OUTBOUND: Direction.OUTBOUND}


def opening(request: pb.OpenSessionRequest, peer: Peer | None = None, certificate: bytes = b"") -> Opening:
    """Return what OpenSession asks for, which process does, and by which client certificate."""
    return Opening(
        tokens=tuple(request.tokens),
        proof=request.proof,
        task=request.task,
        task_type=request.task_type,
        tools=tuple(request.tools),
        residency=request.residency,
        scope_json=request.scope_json,
        parent_session_id=request.parent_session_id,
        peer=peer,
        certificate=certificate,
    )


def user_input(request: pb.UserInput, at: float) -> Crossing:
    """Return the crossing of the user's words."""
    return Crossing(boundary=Boundary.USER_INPUT, session_id=request.session_id, at=at, body=request.text)


def llm_request(request: pb.LlmRequest, at: float) -> Crossing:
    """Return the crossing of a whole prompt: its body is a list of {"role", "content"}.

    Of too many messages no more are read than the check `size` needs to refuse them.
    """
    messages = request.messages[: MAX_MESSAGES + 1]
    return Crossing(
        boundary=Boundary.LLM_REQUEST,
        session_id=request.session_id,
        at=at,
        body=[{"role": message.role, "content": message.content} for message in messages],
        is_json=True,
        call_id=request.call_id,
        provider=request.provider,
        model=request.model,
        max_output_tokens=_count(request.max_output_tokens),
    )


def llm_output(request: pb.LlmOutput, at: float) -> Crossing:
    """Return the crossing of a model's output: JSON where a schema is named, else text."""
    structured = bool(request.schema)
    input_tokens, output_tokens = counts(request.usage)
    return Crossing(
        boundary=Boundary.LLM_OUTPUT,
        session_id=request.session_id,
        at=at,
        body=None if structured else request.text,
        raw=request.text if structured else None,
        is_json=structured,
        schema=request.schema,
        call_id=request.call_id,
        provider=request.provider,
        model=request.model,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        outcome=_OUTCOMES.get(request.outcome.result, Outcome.OK),
    )


def llm_output_chunk(first: pb.LlmOutputChunk, at: float) -> Crossing:
    """Return the crossing of an output that is being written, without its text."""
    return Crossing(boundary=Boundary.LLM_OUTPUT, session_id=first.session_id, at=at, body="", call_id=first.call_id)


def counts(usage: pb.Usage) -> tuple[int, int]:
    """Return the input and output tokens that a caller reports; what came from a provider's cache went in, too."""
    return max(_count(usage.input_tokens), _count(usage.cached_input_tokens)), _count(usage.output_tokens)


def tool_call(request: pb.ToolCall, at: float) -> Crossing:
    """Return the crossing of a tool call. Arguments that are not set are `{}`."""
    return Crossing(
        boundary=Boundary.TOOL_CALL,
        session_id=request.session_id,
        at=at,
        raw=request.arguments_json or "{}",
        is_json=True,
        tool=request.tool,
        call_id=request.call_id,
        approval_id=request.approval_id,
    )


def tool_response(request: pb.ToolResponse, at: float) -> Crossing:
    """Return the crossing of a tool's response: JSON where the content type says so, else text."""
    is_json = _media_type(request.content_type) == JSON_TYPE
    return Crossing(
        boundary=Boundary.TOOL_RESPONSE,
        session_id=request.session_id,
        at=at,
        body=None if is_json else request.content,
        raw=request.content if is_json else None,
        is_json=is_json,
        tool=request.tool,
        call_id=request.call_id,
        outcome=_OUTCOMES.get(request.outcome.result, Outcome.OK),
    )


def a2a_message(request: pb.A2aMessage, at: float) -> Crossing:
    """Return the crossing of a message from or to another agent."""
    return Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id=request.session_id,
        at=at,
        raw=request.message_json,
        is_json=True,
        peer=request.peer,
        direction=_DIRECTIONS.get(request.direction),
        tokens=tuple(request.tokens),
        proof=request.proof,
        card=request.card_json,
    )


def verdict(judged: Verdict, record_id: str) -> pb.Verdict:
    """Return the answer; its payload is set only where something may cross."""
    retry_after = duration(judged.retry_after) if judged.retry_after else None
    return pb.Verdict(
        retry_after=retry_after,
        alternative=judged.alternative,
        decision=pb.Decision.ValueType(judged.decision),
        payload=judged.payload,
        findings=findings(judged.findings),
        policy_version=judged.policy_version,
        record_id=record_id,
        skipped_checks=judged.skipped,
        approval_id=judged.approval_id,
    )


def session(opened: Opened, policy_version: str, autonomy: Callable[[Session], int]) -> pb.Session:
    """Return the opened or narrowed session, or why there is none. `autonomy` tells how much it may do alone."""
    if opened.session is None:
        return pb.Session(findings=findings(opened.findings), policy_version=policy_version, record_id=opened.record_id)
    held = opened.session
    return pb.Session(
        session_id=opened.handle,
        principal=principal(held.principal),
        tools=tools(held),
        expires_at=timestamp(held.expires_at),
        autonomy=autonomy(held),
        policy_version=policy_version,
        record_id=opened.record_id,
    )


def session_state(held: Session, usage: Usage, labels: frozenset[str], autonomy: int) -> pb.SessionState:
    """Return one open session as an operator sees it: under its public id, never its handle."""
    return pb.SessionState(
        session_id=held.id,
        principal=principal(held.principal),
        task=held.task[:TASK_SHOWN],
        tools=tools(held),
        labels=sorted(labels),
        crossings=usage.crossings,
        denied=usage.denied,
        cost_usd=usd(usage.micro_usd),
        expires_at=timestamp(held.expires_at),
        autonomy=autonomy,
    )


def delegation(request: pb.DelegateRequest) -> Delegation:
    """Return what Delegate asks for. A lifetime that is not set is as long as may be; parts of a second count."""
    lifetime = request.lifetime
    return Delegation(
        agent=request.agent,
        audience=request.audience,
        scope_json=request.scope_json,
        confirmation_jwk=request.confirmation_jwk,
        lifetime_s=lifetime.seconds + (lifetime.nanos > 0),
    )


def delegated(signed: Signed) -> pb.DelegatedToken:
    """Return the new link, or why there is none."""
    told = findings(tuple(finding for finding in signed.findings if finding.reason))
    if signed.made is None:
        return pb.DelegatedToken(findings=told)
    made = signed.made
    return pb.DelegatedToken(token=made.token, expires_at=timestamp(made.expires_at), findings=told)


def summary(usage: Usage) -> pb.SessionSummary:
    """Return what a closed session has done."""
    return pb.SessionSummary(
        crossings=usage.crossings,
        denied=usage.denied,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=usd(usage.micro_usd),
    )


def cut(request: pb.RevokeRequest) -> Order:
    """Return what is to be cut off. Raises `CallerError` for what nothing can match."""
    words = request.reason
    match request.WhichOneof("target"):
        case "subject":
            return Order(selector=Selector(Kind.SUBJECT, request.subject), words=words)
        case "agent":
            return Order(selector=Selector(Kind.AGENT, request.agent), words=words)
        case "token_id":
            return Order(selector=Selector(Kind.TOKEN, request.token_id), words=words)
        case _:
            return Order(session_id=request.session_id, words=words)


def approval(ticket: Ticket, at: float) -> pb.Approval:
    """Return a request as an operator sees it."""
    return pb.Approval(
        approval_id=ticket.id,
        state=pb.Approval.State.ValueType(ticket.state(at)),
        session_id=ticket.session_id,
        principal=principal(ticket.principal),
        tool=ticket.tool,
        arguments_json=ticket.shown,
        findings=findings(ticket.findings),
        requested_at=timestamp(ticket.requested_at),
        expires_at=timestamp(ticket.expires_at),
        decided_by=ticket.decisions,
        approvals_needed=ticket.needed,
        digest=ticket.digest,
    )


def principal(who: Principal) -> pb.Principal:
    """Return who acts for whom."""
    return pb.Principal(subject=who.subject, actors=who.actors, agent=who.agent)


def audit_filter(request: pb.QueryAuditRequest) -> Filter:
    """Return which records are asked for. Raises `CallerError` for a decision that there is not."""
    try:
        at_least = Decision(request.at_least) if request.at_least else Decision.ALLOW
    except ValueError:
        raise CallerError("at_least is no decision") from None
    return Filter(
        session=request.session_id,
        subject=request.subject,
        agent=request.agent,
        tool=request.tool,
        at_least=at_least,
        since=seconds(request.since) if request.HasField("since") else None,
        until=seconds(request.until) if request.HasField("until") else None,
    )


def audit_record(record: Record) -> pb.AuditRecord:
    """Return one record as an operator sees it. Raises `UnavailableError` where it cannot be read."""
    try:
        entry, previous = told(record)
    except ValueError as error:
        raise UnavailableError(str(error)) from None
    return pb.AuditRecord(
        sequence=record.sequence,
        record_id=record.record_id,
        at=timestamp(entry.at),
        boundary=entry.boundary,
        session_id=entry.session_id,
        principal=principal(entry.principal) if entry.principal else None,
        tool=entry.tool,
        decision=pb.Decision.ValueType(entry.decision),
        findings=findings(entry.findings),
        payload_digest=entry.payload_digest,
        policy_version=entry.policy_version,
        trace_id=entry.trace_id,
        previous_hash=previous,
        hash=record.hash,
        details_json=record.canonical,
    )


@lru_cache(maxsize=_MANY)
def findings(found: tuple[Finding, ...]) -> tuple[pb.Finding, ...]:
    """Return the findings as messages; rendered once per distinct set."""
    return tuple(
        pb.Finding(
            check=f.check,
            reason=f.reason,
            decision=pb.Decision.ValueType(f.decision),
            rule=f.rule,
            message=f.message,
            path=f.path,
            severity=pb.Severity.ValueType(f.severity),
            controls=f.controls,
        )
        for f in found
    )


def timestamp(at: float) -> Timestamp:
    """Return seconds since the epoch as a Timestamp, to the microsecond."""
    whole, part = divmod(round(at * 1_000_000), 1_000_000)
    return Timestamp(seconds=whole, nanos=part * 1000)


def duration(seconds_: float) -> Duration:
    """Return seconds as a Duration, rounded up to the millisecond: nobody comes back too soon."""
    whole, part = divmod(math.ceil(seconds_ * 1000), 1000)
    return Duration(seconds=whole, nanos=part * 1_000_000)


def seconds(at: Timestamp) -> float:
    """Return a Timestamp as seconds since the epoch."""
    return float(at.seconds) + at.nanos / 1e9


def tools(held: Session) -> list[str]:
    """Return the tools that the session may call, in order of their names."""
    return sorted(held.scope.tools or ())


def usd(micro: int) -> str:
    """Return millionths of a US dollar as a decimal, cents at least."""
    whole, part = divmod(micro, 1_000_000)
    digits = f"{part:06d}"
    return f"{whole}.{digits[:2]}{digits[2:].rstrip('0')}"


def _count(tokens: int) -> int:
    return min(max(tokens, 0), MAX_TOKENS)


def _media_type(content_type: str) -> str:
    essence = content_type.partition(";")[0].strip().lower()
    return JSON_TYPE if essence.endswith("+json") else essence
