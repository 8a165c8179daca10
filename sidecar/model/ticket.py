"""A person's consent to one exact call: asked for, given by enough people, used once, or over (identity-spec 2.16).

A ticket satisfies an obligation; it never adds scope. It is bound to what was asked for: `bound` is over the tool and
its canonical arguments (RFC 8785), the session, the delegation and the policy, so that whatever of it changes needs a
new consent. Who asks never consents: not the person that the session acts for, no agent of its chain, nor who opened
it. One that refuses is enough.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

import rfc8785

from sidecar.errors import EvidenceError
from sidecar.model.autonomy import Agent
from sidecar.model.chain import Principal
from sidecar.model.session import Session
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Consent, Decision, Finding

LIFETIME_S: Final = 300.0  # seconds that an obligation of the scope can be answered and used (identity-spec 2.16)
MAX_NEEDED: Final = 10  # people
MAX_LIFETIME_S: Final = 86_400.0


class State(IntEnum):
    """What became of it. The numbers are the contract's."""

    PENDING = 1
    APPROVED = 2
    REJECTED = 3
    EXPIRED = 4
    USED = 5


class ApprovalError(EvidenceError):
    """Nobody has consented to this, or whoever answers may not."""

    reason = "approval_unknown"


@dataclass(frozen=True, slots=True)
class Approver:
    """Who answers: `name` is a person's or a process's, under the `authority` that vouches for it.

    The authority is an issuer, whose token said so, or `uid`, and then the kernel said so. `names` are others that the
    same person has, and `users` the user ids, where the settings tell them. `by_kernel`: no token was brought, so that
    nothing but a user of this machine tells who it is.
    """

    name: str
    authority: str
    names: frozenset[str] = field(default=frozenset(), compare=False)
    users: frozenset[str] = field(default=frozenset(), compare=False)
    by_kernel: bool = field(default=False, compare=False)

    @property
    def spelt(self) -> str:
        """The name without what one issuer or another writes differently: case, widths, space around it."""
        return _spelt(self.name)

    def is_any_of(self, names: Iterable[str], user: int | None) -> bool:
        """Return whether one of `names`, or the user id `user`, is this person's."""
        users = self.users | ({self.name} if self.authority == UID else set())
        mine = {self.spelt, *(_spelt(name) for name in self.names)}
        return (user is not None and str(user) in users) or not mine.isdisjoint(_spelt(name) for name in names)

    def __str__(self) -> str:
        """Return how the approver stands in lists and records."""
        return f"{self.authority}:{self.name}" if self.authority == UID else f"{self.name} ({self.authority})"


UID: Final = "uid"


def _spelt(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One request. Times are seconds since the epoch; `shown` are the arguments as a person may see them.

    `opener` is the user id of the process that opened the session, where it is known, `agent` whose standing a refusal
    may cost; None where an older version wrote it.
    """

    id: str
    bound: str
    digest: str  # of tool and canonical arguments
    session_id: str
    principal: Principal
    tool: str
    requested_at: float
    expires_at: float
    shown: str = field(default="", repr=False)
    findings: tuple[Finding, ...] = ()
    needed: int = 1
    opener: int | None = None
    agent: Agent | None = None
    approved_by: tuple[Approver, ...] = ()
    rejected_by: Approver | None = None
    decided_at: tuple[float, ...] = ()  # of each of `approved_by`, then of `rejected_by`
    used: bool = False

    def state(self, at: float) -> State:
        """Return what has become of it at `at`."""
        if self.used:
            return State.USED
        if self.rejected_by:
            return State.REJECTED
        if at >= self.expires_at:
            return State.EXPIRED
        return State.APPROVED if len(self.approved_by) >= self.needed else State.PENDING

    @property
    def decisions(self) -> list[str]:
        """Who decided, and when, the first first."""
        who = (*self.approved_by, *filter(None, [self.rejected_by]))
        return [
            f"{one} at {datetime.fromtimestamp(at, UTC).isoformat(timespec='seconds')}"
            for one, at in zip(who, self.decided_at, strict=True)
        ]

    def decided(self, approver: Approver, at: float, *, approve: bool) -> "Ticket":
        """Return it with the answer of `approver`. The same answer again changes nothing.

        Raises `ApprovalError` approval_over where it was decided, is used or has expired, approver_excluded for one
        who has a part in what is asked for, or who cannot be told from one who has, or who has answered.
        """
        self._check_part(approver)
        if approver in self.approved_by and approve:
            return self
        if self.state(at) is not State.PENDING and not (self.state(at) is State.APPROVED and not approve):
            raise ApprovalError("this was decided or has expired: have it asked for anew", reason="approval_over")
        if approve and approver.by_kernel and self.opener is None:
            message = "which user opened the session is not known, and may be you: answer with an operator's token"
            raise ApprovalError(message, reason="approver_excluded")
        if approve and any(UID in {one.authority, approver.authority} for one in self.approved_by):
            message = "a user of this machine may be the one who approved before: bind users in approvals.operators"
            raise ApprovalError(message, reason="approver_excluded")
        if approve and any(one.spelt == approver.spelt for one in self.approved_by if one != approver):
            message = "somebody of this name, of another issuer, has approved: two names of one person are one"
            raise ApprovalError(message, reason="approver_excluded")
        when = (*self.decided_at, at)
        if not approve:
            return replace(self, rejected_by=approver, decided_at=when)
        return replace(self, approved_by=(*self.approved_by, approver), decided_at=when)

    def spent(self, bound: str, at: float) -> "Ticket":
        """Return it as used for what `bound` names.

        Raises `ApprovalError` approval_mismatch, approval_pending, approval_rejected, approval_expired, approval_used.
        """
        if bound != self.bound:
            raise ApprovalError(
                "a person consented to something else: send exactly what was approved", reason="approval_mismatch"
            )
        state = self.state(at)
        if state is not State.APPROVED:
            raise ApprovalError(_ADVICE[state], reason=STATE_REASONS[state])
        return replace(self, used=True)

    def _check_part(self, approver: Approver) -> None:
        if approver.is_any_of((self.principal.subject, *self.principal.actors), self.opener):
            message = "who asks cannot consent: have it answered by another user, or with a token of another operator"
            raise ApprovalError(message, reason="approver_excluded")


_ADVICE: Final[Mapping[State, str]] = {
    State.PENDING: "nobody has decided yet: wait with AwaitApproval",
    State.REJECTED: "a person refused this: do something else",
    State.EXPIRED: "the consent has expired: ask anew, without approval_id",
    State.USED: "the consent was used: it is good for one call",
}

STATE_REASONS: Final[Mapping[State, str]] = {
    State.PENDING: "approval_pending",
    State.REJECTED: "approval_rejected",
    State.EXPIRED: "approval_expired",
    State.USED: "approval_used",
}


def obliged(findings: Iterable[Finding]) -> Consent:
    """Return what `findings` ask of people, taken together: the most people, and the shortest time.

    What says nothing of people wants one of them, within `LIFETIME_S`; a rule that leaves the time open leaves it to
    the others.
    """
    asked = [one.consent or _PLAIN for one in findings if one.decision is Decision.REQUIRE_APPROVAL]
    needed = max([one.needed for one in asked], default=1)
    lifetime = min([one.lifetime_s for one in asked if one.lifetime_s is not None], default=LIFETIME_S)
    return Consent(needed=needed, lifetime_s=lifetime)


_PLAIN: Final = Consent(lifetime_s=LIFETIME_S)


def digest(tool: str, arguments: Json) -> str:
    """Return what a decision is bound to: `sha256:` over tool and arguments in RFC 8785's form."""
    return "sha256:" + hashlib.sha256(rfc8785.dumps([tool, arguments])).hexdigest()


def binding(session: Session, call: str, policy_version: str) -> str:
    """Return the SHA-256 that ties the digest `call` to a session, its delegation, and a policy."""
    return hashlib.sha256(rfc8785.dumps([session.id, session.chain.digest, policy_version, call])).hexdigest()
