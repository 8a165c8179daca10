"""What is recorded when the machine's clock was set ahead: by how much."""

from typing import Final

from sidecar.audit.record import Entry, Recorder
from sidecar.model.verdict import Decision, Finding, Severity

EVENT: Final = "clock"


def set_ahead(recorder: Recorder, seconds: float, at: float) -> Entry:
    """Return the entry of a clock that is `seconds` ahead of the time that has passed since the start."""
    finding = Finding(check="clock", decision=Decision.ALLOW, reason="clock_ahead", severity=Severity.HIGH)
    return Entry(
        at=at,
        boundary=EVENT,
        decision=finding.decision,
        findings=(finding,),
        policy_version=recorder.policy_version,
        details={"seconds": round(seconds)},
    )
