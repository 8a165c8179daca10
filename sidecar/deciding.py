"""What people answer to requests for their consent: who answers, what it came to, and the record of it.

An approver is a verified identity: somebody whose token an issuer signed, if the settings name that person among the
operators, else the user that the kernel names for the process at the other end. Somebody who cannot be told is nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sidecar.audit.approval_record import decided
from sidecar.audit.record import AuditLog, Recorder
from sidecar.errors import CallerError, EvidenceError
from sidecar.identity.verifier import Verifier
from sidecar.model.session import Peer
from sidecar.model.ticket import UID, ApprovalError, Approver, State, Ticket
from sidecar.stores.base import Stores

MAX_WORDS = 4096  # characters of what an operator says about a decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Who wants to answer, as it came: an operator's token, and the process that the kernel names."""

    token: str = field(default="", repr=False)
    peer: Peer | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to a request."""

    approval_id: str
    approve: bool
    words: str = field(default="", repr=False)


class Deciding:
    """`operators` are pairs of issuer and subject; `verifier` and `recorder` give those of the moment."""

    def __init__(
        self,
        stores: Stores,
        audit: AuditLog,
        recorder: Callable[[], Recorder],
        verifier: Callable[[], Verifier],
        operators: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self._stores = stores
        self._audit = audit
        self._recorder = recorder
        self._verifier = verifier
        self._operators = operators

    async def list(self, at: float, state: int = 0) -> tuple[Ticket, ...]:
        """Return the requests in `state`, all of them where it is 0, the oldest first."""
        return tuple(one for one in await self._stores.tickets.list(at) if state in {0, one.state(at)})

    async def pending(self, at: float) -> int:
        """Return how many wait for a person."""
        return len(await self.list(at, State.PENDING))

    async def decide(self, answer: Answer, who: Answerer, at: float) -> Ticket:
        """Take an answer, keep and record it. Raises `ApprovalError`, `CallerError`, or as the verifier does."""
        if len(answer.words) > MAX_WORDS:
            raise CallerError(f"a reason has at most {MAX_WORDS} characters")
        approver = self._approver(who, at)
        ticket = await self._stores.tickets.decide(answer.approval_id, approver, at, approve=answer.approve)
        await self._stores.keep.kept()
        await self._audit.append(decided(self._recorder(), ticket, approver, at, answer.words))
        return ticket

    def _approver(self, who: Answerer, at: float) -> Approver:
        if not who.token:
            if who.peer is None:
                message = "say who you are: by a ticket of the peer socket, or a token"
                raise ApprovalError(message, reason="approver_unknown")
            return Approver(str(who.peer.uid), UID)
        try:
            chain = self._verifier().verify((who.token,), at)
        except EvidenceError:
            raise ApprovalError("the operator's token does not verify", reason="approver_unknown") from None
        person = chain.principal
        if person.actors or chain.holder or (person.issuer, person.subject) not in self._operators:
            message = "the token is not one of an operator: see approvals.operators"
            raise ApprovalError(message, reason="approver_unknown")
        return Approver(person.subject, person.issuer)
