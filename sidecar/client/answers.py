"""Protobuf → what may cross, or `Denied`, in one place for both clients.

An answer that is not understood is no verdict: a decision without a name, a payload that is missing or is
not what was asked about, an answer that could not be decoded. All of these deny.
"""

import json
from collections.abc import Iterable
from datetime import UTC
from enum import IntEnum
from typing import Final, NoReturn, TypeVar

from sidecar.client.denied import ApprovalRequired, Decision, Denied, Finding, NoVerdict, Severity, Verdict
from sidecar.client.requests import is_json
from sidecar.client.values import DelegatedToken, Json, Message, Opened, Summary
from sidecar.v1 import sidecar_pb2 as pb

_Number = TypeVar("_Number", bound=IntEnum)
_Other = TypeVar("_Other")

UNREADABLE: Final = "verdict_malformed"
UNNARROWED: Final = "delegated_unnarrowed"
_CROSSES: Final = frozenset({Decision.ALLOW, Decision.REDACT})


def verdict(answer: pb.Verdict) -> Verdict:
    """Return the verdict as a value. Raises `NoVerdict` when its decision has no name in this client."""
    decision = _named(Decision, answer.decision, None)
    if decision is None:
        raise NoVerdict(UNREADABLE, "the verdict's decision has no name in this client")
    return Verdict(
        decision=decision,
        findings=_findings(answer.findings),
        retry_after=_seconds(answer),
        alternative=answer.alternative,
        record_id=answer.record_id,
        approval_id=answer.approval_id,
        policy_version=answer.policy_version,
        skipped=tuple(answer.skipped_checks),
    )


def text(answer: pb.Verdict, sent: str) -> str:
    """Return the text that may cross instead of `sent`. Raises `Denied`."""
    crossing = payload(answer)
    if not crossing and sent and answer.decision == pb.ALLOW:
        # An empty payload may be what redaction left; ALLOW leaves what was sent, so here it is missing.
        raise NoVerdict(UNREADABLE, "the verdict allows and has no payload")
    return crossing


def content(answer: pb.Verdict, request: pb.ToolResponse) -> Json:
    """Return a tool's answer that may cross: the value where the request said JSON. Raises `Denied`."""
    return value(answer) if is_json(request.content_type) else text(answer, request.content)


def value(answer: pb.Verdict) -> Json:
    """Return the JSON value that may cross. Raises `Denied`."""
    try:
        parsed: Json = json.loads(payload(answer), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise NoVerdict(UNREADABLE, "the payload is not JSON") from None
    return parsed


def members(answer: pb.Verdict) -> dict[str, Json]:
    """Return the JSON object that may cross. Raises `Denied`."""
    parsed = value(answer)
    if not isinstance(parsed, dict):
        raise NoVerdict(UNREADABLE, "the payload is not a JSON object")
    return parsed


def messages(answer: pb.Verdict) -> list[Message]:
    """Return the prompt that may cross. Raises `Denied`."""
    parsed = value(answer)
    if not isinstance(parsed, list):
        raise NoVerdict(UNREADABLE, "the payload is not a list of messages")
    return [_message(item) for item in parsed]


def opened(session: pb.Session) -> Opened:
    """Return the session as it was granted. Raises `Denied`."""
    if not session.session_id:
        refused = Verdict(findings=_findings(session.findings), record_id=session.record_id)
        raise Denied(UNREADABLE, "no session and no finding that says why", verdict=refused)
    return Opened(
        session_id=session.session_id,
        subject=session.principal.subject,
        actors=tuple(session.principal.actors),
        agent=session.principal.agent,
        tools=tuple(session.tools),
        expires_at=session.expires_at.ToDatetime(tzinfo=UTC),
        autonomy=session.autonomy,
        policy_version=session.policy_version,
        record_id=session.record_id,
    )


def delegated(answer: pb.DelegatedToken) -> DelegatedToken:
    """Return the new link. Raises `Denied` where there is none."""
    if not answer.token:
        refused = Verdict(findings=_findings(answer.findings))
        raise Denied(UNREADABLE, "no token and no finding that says why", verdict=refused)
    return DelegatedToken(
        token=answer.token,
        expires_at=answer.expires_at.ToDatetime(tzinfo=UTC),
        unnarrowed=any(finding.reason == UNNARROWED for finding in answer.findings),
    )


def summary(closed: pb.SessionSummary) -> Summary:
    """Return what the session did."""
    return Summary(
        crossings=closed.crossings,
        denied=closed.denied,
        input_tokens=closed.input_tokens,
        output_tokens=closed.output_tokens,
        cost_usd=closed.cost_usd,
    )


def payload(answer: pb.Verdict) -> str:
    """Return the payload of a verdict that lets something cross. Raises `Denied` for every other."""
    judged = verdict(answer)
    if judged.decision in _CROSSES:
        return answer.payload
    if judged.decision is Decision.REQUIRE_APPROVAL:
        raise ApprovalRequired("call_approval_required", verdict=judged)
    raise Denied(verdict=judged)


def _seconds(answer: pb.Verdict) -> float | None:
    """Return how long to wait before the same may be tried again, or None where nothing was said."""
    if not answer.HasField("retry_after"):
        return None
    return answer.retry_after.seconds + answer.retry_after.nanos / 1e9


def _findings(given: Iterable[pb.Finding]) -> tuple[Finding, ...]:
    """Return the findings as values; what has no name in this client counts as the worst there is."""
    return tuple(
        Finding(
            check=finding.check,
            reason=finding.reason,
            decision=_named(Decision, finding.decision, Decision.DENY),
            rule=finding.rule,
            message=finding.message,
            path=finding.path,
            severity=_named(Severity, finding.severity, Severity.CRITICAL),
            controls=tuple(finding.controls),
        )
        for finding in given
    )


def _named(kind: type[_Number], number: int, otherwise: _Other) -> _Number | _Other:
    """Return the member of `kind` with this number, or `otherwise` where it has none."""
    try:
        return kind(number)
    except ValueError:
        return otherwise


def _message(item: Json) -> Message:
    match item:
        case {"role": str(role), "content": str(content)}:
            return Message(role=role, content=content)
        case _:
            raise NoVerdict(UNREADABLE, "the payload is not a list of messages")


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError
