"""What is recorded of a person's answer: which call, by whom, and what it came to; never what was asked for."""

from dataclasses import replace

from sidecar.audit.record import Entry, Recorder
from sidecar.model.ticket import Approver, Ticket
from sidecar.model.verdict import Decision, Finding

DECIDED = "decide_approval"


def decided(recorder: Recorder, ticket: Ticket, approver: Approver, at: float, words: str = "") -> Entry:
    """Return the entry of an answer to `ticket` by `approver`; persons and words stand as digests."""
    names, who = recorder.pseudonyms, ticket.principal
    refused = ticket.rejected_by is not None
    finding = Finding(
        check="approval",
        decision=Decision.DENY if refused else Decision.ALLOW,
        reason="approval_rejected" if refused else "approved",
    )
    actors = tuple(names.subject(actor) if actor == who.subject else actor for actor in who.actors)
    details = {
        "approval": ticket.id,
        "approver": names.subject(str(approver)),
        "call": ticket.digest,
        "state": ticket.state(at).name.lower(),
    }
    if words:
        details["words"] = "hmac-sha256:" + names.digest("words", words)
    return Entry(
        at=at,
        boundary=DECIDED,
        session_id=ticket.session_id,
        principal=replace(who, subject=names.subject(who.subject), actors=actors),
        tool=ticket.tool if ticket.tool in recorder.vocabulary else names.unknown(ticket.tool),
        decision=finding.decision,
        findings=(finding,),
        payload_digest="",
        policy_version=recorder.policy_version,
        details=details,
    )
