"""What people answer to requests for their consent: who answers, what it came to, and the record of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sidecar.audit.approval_record import decided
from sidecar.audit.record import AuditLog, Recorder
from sidecar.errors import CallerError
from sidecar.model.ticket import State, Ticket
from sidecar.operators import MAX_WORDS, Answerer, Operators
from sidecar.stores.base import Stores


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to a request."""

    approval_id: str
    approve: bool
    words: str = field(default="", repr=False)


class Deciding:
    """`recorder` gives the one of the moment."""

    def __init__(
        self,
        stores: Stores,
        audit: AuditLog,
        recorder: Callable[[], Recorder],
        operators: Operators,
    ) -> None:
        self._stores = stores
        self._audit = audit
        self._recorder = recorder
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
        approver = self._operators.told(who, at)
        ticket = await self._stores.tickets.decide(answer.approval_id, approver, at, approve=answer.approve)
        await self._stores.keep.kept()
        await self._audit.append(decided(self._recorder(), ticket, approver, at, answer.words))
        return ticket
