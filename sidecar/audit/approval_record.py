"""What is recorded of a person's answer: which call, by whom, and what it came to; never what was asked for."""

from typing import Final

from sidecar.audit.record import Entry, Recorder
from sidecar.model.ticket import Approver, Ticket
from sidecar.model.verdict import Decision, Finding

DECIDED: Final = "decide_approval"


def decided(recorder: Recorder, ticket: Ticket, approver: Approver, at: float, words: str = "") -> Entry:
    """Return the entry of an answer to `ticket` by `approver`; persons and words stand as digests."""
    names = recorder.pseudonyms
    refused = ticket.rejected_by is not None
    finding = Finding(
        check="approval",
        decision=Decision.DENY if refused else Decision.ALLOW,
        reason="approval_rejected" if refused else "approved",
    )
    details = {
        "approval": ticket.id,
        "approver": names.subject(str(approver)),
        "call": ticket.digest,
        "state": ticket.state(at).name.lower(),
    }
    if words:
        details["words"] = names.masked("words", words)
    return Entry(
        at=at,
        boundary=DECIDED,
        session_id=ticket.session_id,
        principal=recorder.principal(ticket.principal),
        tool=recorder.known(ticket.tool),
        decision=finding.decision,
        findings=(finding,),
        policy_version=recorder.policy_version,
        details=details,
    )


def lowered(recorder: Recorder, ticket: Ticket, finding: Finding, at: float) -> Entry:
    """Return the entry of a level that the refusal of `ticket` cost, as `finding` tells it."""
    return Entry(
        at=at,
        boundary=finding.check,
        session_id=ticket.session_id,
        principal=recorder.principal(ticket.principal),
        decision=finding.decision,
        findings=(finding,),
        policy_version=recorder.policy_version,
    )
