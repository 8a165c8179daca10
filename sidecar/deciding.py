"""What people answer to requests for their consent: who answers, what it came to, and the record of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sidecar.audit.approval_record import decided, lowered
from sidecar.audit.record import AuditLog, Recorder
from sidecar.conduct import noted
from sidecar.model.autonomy import Deed, Ladder, Lapse
from sidecar.model.ticket import ApprovalError, State, Ticket
from sidecar.model.verdict import Finding
from sidecar.operators import Answerer, Operators, check_words
from sidecar.stores.base import Stores


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to a request."""

    approval_id: str
    approve: bool
    words: str = field(default="", repr=False)


class Deciding:
    """`recorder` and `ladder` give those of the moment; `ladder` is None where no pack has levels."""

    def __init__(
        self,
        stores: Stores,
        audit: AuditLog,
        recorder: Callable[[], Recorder],
        operators: Operators,
        ladder: Callable[[], Ladder | None],
    ) -> None:
        self._stores = stores
        self._audit = audit
        self._recorder = recorder
        self._operators = operators
        self._ladder = ladder

    async def list(self, at: float, state: int = 0) -> tuple[Ticket, ...]:
        """Return the requests in `state`, all of them where it is 0, the oldest first."""
        return tuple(one for one in await self._stores.tickets.list(at) if state in {0, one.state(at)})

    async def pending(self, at: float) -> int:
        """Return how many wait for a person."""
        return len(await self.list(at, State.PENDING))

    async def decide(self, answer: Answer, who: Answerer, at: float) -> Ticket:
        """Take an answer, keep and record it. Raises `ApprovalError`, `CallerError`, or as the verifier does."""
        check_words(answer.words)
        approver = self._operators.told(who, at)
        try:
            ticket = await self._stores.tickets.decide(answer.approval_id, approver, at, approve=answer.approve)
        except ApprovalError as error:
            if error.reason != ApprovalError.reason:
                raise
            raise ApprovalError("no request of this id is known: see ListApprovals for those that are") from None
        lost = self._lost(ticket, at)
        await self._stores.keep.kept()
        recorder = self._recorder()
        await self._audit.append(decided(recorder, ticket, approver, at, answer.words))
        for finding in lost:
            await self._audit.append(lowered(recorder, ticket, finding, at))
        return ticket

    def _lost(self, ticket: Ticket, at: float) -> tuple[Finding, ...]:
        """Take in that an agent asked for what a person refused, whether or not it ever asks again."""
        ladder = self._ladder()
        if ladder is None or ticket.agent is None or ticket.rejected_by is None:
            return ()
        deed = Deed(lapses=frozenset({Lapse.APPROVAL_REJECTED}))
        return noted(self._stores.standings, ladder, ticket.agent, deed, at)
