"""What is answered: the findings of all checks that ran, and the worst of them."""

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import NoReturn

from sidecar.model.crossing import Crossing


class Decision(IntEnum):
    """Ordered by severity, so that combining findings is `max`. The numbers are the contract's."""

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
class Consent:
    """What is asked of people: how many must agree, and within how many seconds; None where that is left open."""

    needed: int = 1
    lifetime_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that one check found.

    `reason` is a stable token (empty for a plain ALLOW), `rule` is pack/rule-id, `path` a JSON Pointer into
    the payload, `message` says to a person or a model what to do. `detail` is the exact reason behind `reason`,
    for the audit record alone. None of them ever holds payload. `consent` says more of a REQUIRE_APPROVAL.
    """

    check: str
    decision: Decision
    reason: str = ""
    message: str = ""
    rule: str = ""
    path: str = ""
    severity: Severity = Severity.INFO
    controls: tuple[str, ...] = ()
    detail: str = ""
    consent: Consent | None = None
    # What is rendered of findings is looked up by them, and the same few come with each verdict.
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Hash once."""
        told = (self.check, int(self.decision), self.reason, self.message, self.rule, self.path, self.detail)
        object.__setattr__(self, "_hash", hash((told, int(self.severity), self.controls)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Answer:
    """One check's findings, and the crossing that later checks and the receiver shall see instead.

    An empty `findings` means that the check vouched for nothing, and counts as DENY. `retry_after` is in seconds,
    `alternative` a tool or model to use instead; both of a refusal, and 0 and empty where there is none. `skipped` is
    set where the check did not look, because a detector was out and the policy lets the boundary pass without it.
    """

    findings: tuple[Finding, ...]
    onward: Crossing | None = None
    retry_after: float = 0.0
    alternative: str = ""
    skipped: bool = False
    decision: Decision = field(init=False)

    def __post_init__(self) -> None:
        """Decide once: the worst finding, and DENY where the check vouched for nothing."""
        object.__setattr__(self, "decision", worst(self.findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All findings on one crossing, in the order the checks ran.

    `crossing` is the last one handed onward: what may cross, if `decision` lets it. `skipped` names checks
    that did not run because the policy lets this boundary pass without them. `approval_id` names the request that a
    person is to answer.
    """

    crossing: Crossing
    findings: tuple[Finding, ...]
    policy_version: str
    skipped: tuple[str, ...] = ()
    retry_after: float = 0.0
    alternative: str = ""
    approval_id: str = ""
    decision: Decision = field(init=False)
    payload: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Decide once, DENY where nobody vouched; and write what crosses once: nothing unless it is released."""
        object.__setattr__(self, "decision", worst(self.findings))
        object.__setattr__(self, "payload", self.crossing.outgoing if self.released else "")

    @property
    def released(self) -> bool:
        """Whether anything crosses: ALLOW, or REDACT in the form of `crossing`."""
        return self.decision <= Decision.REDACT

    @property
    def ticket(self) -> str:
        """The request that this verdict opened, or used up; a caller's own word for one is none."""
        if self.approval_id or not self.crossing.approval_id:
            return self.approval_id
        used = any(one.check == "approval" and one.reason == "approved" for one in self.findings)
        return self.crossing.approval_id if used else ""

    def __bool__(self) -> NoReturn:
        """Forbid `if verdict:`, which would read as "allowed" for every verdict."""
        raise TypeError("compare verdict.decision instead")


def worst(findings: tuple[Finding, ...]) -> Decision:
    """Return the most severe decision; no findings means that nobody vouched: DENY."""
    if len(findings) == 1:  # as of nearly every check, on the way of every call
        return findings[0].decision
    return max([finding.decision for finding in findings], default=Decision.DENY)


def deny(
    check: str,
    reason: str,
    message: str = "",
    *,
    path: str = "",
    severity: Severity = Severity.HIGH,
    detail: str = "",
) -> Answer:
    """Return the answer of a check that refuses; `detail` as in `Finding`."""
    decision = Decision.DENY
    finding = Finding(
        check=check, decision=decision, reason=reason, message=message, path=path, severity=severity, detail=detail
    )
    return Answer((finding,))


def allow(check: str, onward: Crossing | None = None) -> Answer:
    """Return the answer of a check that found nothing to object to."""
    plain = _allowed(check)
    return plain if onward is None else Answer(plain.findings, onward)


@cache  # one for each check
def _allowed(check: str) -> Answer:
    return Answer((Finding(check=check, decision=Decision.ALLOW),))
