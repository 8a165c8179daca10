"""What a refusal looks like: one exception, whether the sidecar refused or could not be asked.

    Denied
    ├── ApprovalRequired    a person must agree first; `approval_id` names the ticket
    └── NoVerdict           no verdict was reached: the sidecar is out, late, overloaded or not understood

No verdict means deny, so a caller that catches `Denied` has caught everything that must not cross. The text
of these exceptions holds reasons and messages, never payload: they are safe to log and to show to a model.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NoReturn


class Decision(IntEnum):
    """Ordered by severity. The numbers are the contract's."""

    ALLOW = 1
    REDACT = 2
    REQUIRE_APPROVAL = 3
    DENY = 4


class Severity(IntEnum):
    """How bad it is that this was found. The numbers are the contract's."""

    INFO = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that one check found: `reason` is a stable token, `path` a JSON Pointer (RFC 6901)."""

    check: str
    reason: str
    decision: Decision
    rule: str = ""
    message: str = ""
    path: str = ""
    severity: Severity = Severity.INFO
    controls: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return `reason: message (at path)`, as far as there is any."""
        text = f"{self.reason}: {self.message}" if self.message else self.reason
        return f"{text} (at {self.path})" if self.path else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the sidecar answered, without the payload.

    `findings` are all findings, in the order the checks ran. `retry_after` is in seconds, `alternative` what
    to do instead, `record_id` the audit record, `approval_id` the ticket that a person must decide. `skipped`
    names checks that did not run because the rule packs let this boundary pass without them.
    """

    decision: Decision = Decision.DENY
    findings: tuple[Finding, ...] = ()
    retry_after: float | None = None
    alternative: str = ""
    record_id: str = ""
    approval_id: str = ""
    policy_version: str = ""
    skipped: tuple[str, ...] = ()

    def __bool__(self) -> NoReturn:
        """Forbid `if verdict:`, which would read as "allowed" for every verdict."""
        raise TypeError("compare verdict.decision instead")


class Denied(Exception):  # noqa: N818 - callers read it as a verdict, not as a failure
    """Nothing crosses.

    `decision` is DENY or REQUIRE_APPROVAL. `findings` are all findings, in the order the checks ran. `reasons`
    are the distinct reasons of those that stand in the way, worst first, and `reason` is the first of them.
    `retry_after` is in seconds, `alternative` what to do instead (a fallback tool or model), `record_id` the
    audit record. Empty or None where there is none.
    """

    def __init__(self, reason: str = "denied", message: str = "", *, verdict: Verdict | None = None) -> None:
        self.verdict = Verdict() if verdict is None else verdict
        blocking = _blocking(self.verdict.findings)
        self.reasons: tuple[str, ...] = tuple(dict.fromkeys(f.reason for f in blocking if f.reason)) or (reason,)
        text = "; ".join(str(f) for f in blocking if f.reason) or (f"{reason}: {message}" if message else reason)
        super().__init__(text)

    @property
    def reason(self) -> str:
        """The first of `reasons`."""
        return self.reasons[0]

    @property
    def decision(self) -> Decision:
        """DENY or REQUIRE_APPROVAL."""
        return self.verdict.decision

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order the checks ran."""
        return self.verdict.findings

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the same may be tried again, or None."""
        return self.verdict.retry_after

    @property
    def alternative(self) -> str:
        """What the caller could do instead, or nothing."""
        return self.verdict.alternative

    @property
    def record_id(self) -> str:
        """The audit record of this refusal, or nothing where no verdict was reached."""
        return self.verdict.record_id

    @property
    def approval_id(self) -> str:
        """The ticket that a person must decide, or nothing."""
        return self.verdict.approval_id


class ApprovalRequired(Denied):
    """A person must agree first. Call again with `approval_id` once the ticket is approved."""


class NoVerdict(Denied):
    """No verdict was reached, and that means deny. There are no findings and there is no audit record."""


def _blocking(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return the findings that stand in the way, the worst first, otherwise in order."""
    standing = [finding for finding in findings if finding.decision >= Decision.REQUIRE_APPROVAL]
    return sorted(standing, key=lambda finding: -finding.decision)
