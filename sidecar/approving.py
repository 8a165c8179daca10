"""Where checks ask for a person: the request is opened, and a consent that was given is used up.

What obliges is for the checks to say; here is only what becomes of it. A call that needs a consent and brings none gets
a ticket, whose id is in the verdict. The same call sent again with `approval_id` passes once: every obligation of this
one verdict is answered by it, and nothing else is, for a DENY stays one. What a person is shown is what crosses, after
what redacts and before what is revealed.

A call that was approved passes once, also where it is sent again under its own `call_id`: that a repeat is free is for
budgets to say; that it happens once is what a person consented to. The text of a message is never a consent.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sidecar.errors import SidecarError
from sidecar.model.autonomy import Agent
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.session import Session
from sidecar.model.ticket import LIFETIME_S, STATE_REASONS, ApprovalError, State, Ticket, binding, digest, obliged
from sidecar.model.verdict import Decision, Finding, Severity, Verdict
from sidecar.stores.ports_tickets import Tickets

CHECK: Final = "approval"  # the name under which findings of this stand
ID_OCTETS: Final = 9

_APPROVED: Final = Finding(
    check=CHECK, decision=Decision.ALLOW, reason="approved", message="a person has consented to this call"
)
_MESSAGES: Final = {
    State.PENDING: "nobody has decided yet: wait on, or do something else",
    State.REJECTED: "a person refused this: do something else",
    State.EXPIRED: "nobody decided in time: ask anew where it is still needed",
    State.USED: "the consent was used: it is good for one call",
}


async def consented(tickets: Tickets, judged: Verdict) -> Verdict:
    """Return `judged` as it stands once a consent was asked for, or used. Only what asks for a person changes."""
    session, crossing = judged.crossing.session, judged.crossing
    if judged.decision is not Decision.REQUIRE_APPROVAL or session is None:
        return judged
    if crossing.boundary is not Boundary.TOOL_CALL:
        return judged  # the contract has no way to bring a consent
    try:
        if not isinstance(crossing.asked, Mapping):
            raise ApprovalError("what is asked for was not read: send one JSON object")
        call = digest(crossing.tool, crossing.asked)
        bound = binding(session, call, judged.policy_version)
        if not crossing.approval_id:
            return await _asked(tickets, judged, session, (call, bound))
        try:
            await tickets.use(crossing.approval_id, bound, crossing.at)
        except ApprovalError as error:
            return await _asked(tickets, judged, session, (call, bound), error)
    except SidecarError as error:
        return _with(judged, Decision.DENY, error.reason, str(error))
    eased = tuple(
        replace(one, decision=Decision.ALLOW) if one.decision is Decision.REQUIRE_APPROVAL else one
        for one in judged.findings
    )
    return replace(judged, findings=(*eased, _APPROVED))


async def _asked(
    tickets: Tickets, judged: Verdict, session: Session, names: tuple[str, str], refused: ApprovalError | None = None
) -> Verdict:
    """Return `judged` with the ticket that stands for this very call; `refused` says why a consent is none."""
    ticket = await tickets.open(_ticket(judged, session, names))
    if ticket.state(judged.crossing.at) is State.REJECTED:
        return _with(judged, Decision.DENY, "approval_rejected", _MESSAGES[State.REJECTED])
    judged = replace(judged, approval_id=ticket.id)
    if refused is None:
        return judged
    return _with(judged, Decision.REQUIRE_APPROVAL, "call_approval_required", str(refused), detail=refused.reason)


def _ticket(judged: Verdict, session: Session, names: tuple[str, str]) -> Ticket:
    crossing, consent = judged.crossing, obliged(judged.findings)
    return Ticket(
        id=f"apr_{secrets.token_hex(ID_OCTETS)}",
        digest=names[0],
        bound=names[1],
        session_id=session.id,
        principal=session.principal,
        tool=crossing.tool,
        shown=crossing.payload,
        findings=tuple(one for one in judged.findings if one.decision is Decision.REQUIRE_APPROVAL),
        opener=session.peer.uid if session.peer else None,
        agent=Agent.of(session),
        needed=consent.needed,
        requested_at=crossing.at,
        expires_at=min(crossing.at + (consent.lifetime_s or LIFETIME_S), session.expires_at),
    )


def _with(judged: Verdict, decision: Decision, reason: str, message: str, *, detail: str = "") -> Verdict:
    finding = Finding(
        check=CHECK, decision=decision, reason=reason, message=message, severity=Severity.MEDIUM, detail=detail
    )
    return replace(judged, findings=(*judged.findings, finding))


def awaited(ticket: Ticket, session: Session, at: float, policy_version: str) -> Verdict:
    """Return what may be told of `ticket` to the session that asked: ALLOW says that the call may be sent again."""
    crossing = Crossing(
        boundary=Boundary.TOOL_CALL, session_id=session.id, at=at, body="", session=session, tool=ticket.tool
    )
    state = ticket.state(at)
    if state is State.APPROVED:
        findings: tuple[Finding, ...] = (_APPROVED,)
    else:
        pending = state is State.PENDING
        findings = (
            Finding(
                check=CHECK,
                decision=Decision.REQUIRE_APPROVAL if pending else Decision.DENY,
                reason="call_approval_required" if pending else STATE_REASONS[state],
                message=_MESSAGES[state],
                severity=Severity.MEDIUM,
            ),
        )
    return Verdict(crossing=crossing, findings=findings, policy_version=policy_version, approval_id=ticket.id)


def unasked(findings: tuple[Finding, ...], at: float, policy_version: str) -> Verdict:
    """Return the verdict on a question about a request that nobody made, or by nobody who is known."""
    nobody = Crossing(boundary=Boundary.TOOL_CALL, session_id="", at=at, body="")
    return Verdict(crossing=nobody, findings=findings, policy_version=policy_version)
