"""The port of what people were asked for, and consented to."""

from collections.abc import Collection
from typing import Protocol

from sidecar.model.ticket import Approver, Ticket


class Tickets(Protocol):
    """Requests for a person's consent; they outlive the process. `at` is in seconds since the epoch.

    Every verb raises `UnavailableError` when the store cannot answer.
    """

    async def open(self, ticket: Ticket) -> Ticket:
        """Keep a request and return it, or the one of the same binding that is open: to ask again asks nobody twice.

        One that was rejected stands until it expires. Raises `OverloadError` approvals_full.
        """

    async def get(self, ticket_id: str) -> Ticket:
        """Return the request as it stands. Raises `ApprovalError` approval_unknown."""

    async def decide(self, ticket_id: str, approver: Approver, at: float, *, approve: bool) -> Ticket:
        """Take the answer of `approver` and return what it came to. Raises `ApprovalError` as `Ticket.decided`."""

    async def use(self, ticket_id: str, bound: str, at: float) -> Ticket:
        """Use it up for what `bound` names: of any number who try at once, one succeeds.

        Raises `ApprovalError` as `Ticket.spent`, approval_unknown where there is none.
        """

    async def end(self, session_ids: Collection[str], at: float) -> None:
        """Let what these sessions asked for, and nobody has decided, expire at `at`: they have ended."""

    async def list(self, at: float) -> tuple[Ticket, ...]:
        """Return those that are not forgotten yet, the oldest first."""
