"""`Tickets` in dictionaries, and through their `Keep` in a file, sealed: they show what was asked for."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from sidecar.errors import OverloadError
from sidecar.model.ticket import ApprovalError, Approver, State, Ticket
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.seal import PLAIN, Seal
from sidecar.stores.ticket_form import restored, written

TICKETS: Final = "ticket"  # the room
MAX_TICKETS: Final = 10_000
MAX_OF_SESSION: Final = 100  # nobody reads more requests of one agent
MAX_OF_AGENT: Final = 500  # of one that acts for one person, in all its sessions: opening more takes nobody's room
SHOWN_S: Final = 3600.0  # seconds for which what became of a request can be looked at


_Asker = tuple[str, ...]


class MemoryTickets:
    """At most `capacity` requests; what is over makes room first."""

    def __init__(self, keep: Keep = NOWHERE, seal: Seal = PLAIN, capacity: int = MAX_TICKETS) -> None:
        self._keep = keep
        self._seal = seal
        self._capacity = capacity
        self._tickets: dict[str, Ticket] = {}
        self._by_binding: dict[str, str] = {}
        self._waiting: Counter[_Asker] = Counter()  # how many nobody has decided, by session and by agent
        self.unreadable = 0  # rows that are not what this sidecar sealed: their calls need a new consent

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(TICKETS):
            try:
                self._take(restored(self._seal.opened(TICKETS, row.key, row.value)))
            except ValueError:
                self.unreadable += 1

    async def open(self, ticket: Ticket) -> Ticket:
        at = ticket.requested_at
        known = self._tickets.get(self._by_binding.get(ticket.bound, ""))
        if known and known.state(at) in {State.PENDING, State.APPROVED, State.REJECTED} and at < known.expires_at:
            return known
        if self._is_full(ticket):
            self._forget(at)
        if self._is_full(ticket):
            raise OverloadError(
                "too many approvals were asked for: wait until some are decided", reason="approvals_full"
            )
        self._take(ticket)
        self._keep_it(ticket)
        return ticket

    async def get(self, ticket_id: str) -> Ticket:
        return self._found(ticket_id)

    async def decide(self, ticket_id: str, approver: Approver, at: float, *, approve: bool) -> Ticket:
        return self._changed(self._found(ticket_id).decided(approver, at, approve=approve))

    async def use(self, ticket_id: str, bound: str, at: float) -> Ticket:
        return self._changed(self._found(ticket_id).spent(bound, at))

    async def end(self, session_ids: Collection[str], at: float) -> None:
        asking = {session for session in session_ids if self._waiting[session,]}
        for ticket in [one for one in self._tickets.values() if one.session_id in asking] if asking else ():
            if ticket.state(at) is State.PENDING:
                self._changed(replace(ticket, expires_at=at))

    async def list(self, at: float) -> tuple[Ticket, ...]:
        return tuple(ticket for ticket in self._tickets.values() if at < ticket.expires_at + SHOWN_S)

    def _found(self, ticket_id: str) -> Ticket:
        ticket = self._tickets.get(ticket_id)
        if ticket is None:
            raise ApprovalError("no approval of this id was asked for: send the call without approval_id")
        return ticket

    def _take(self, ticket: Ticket) -> None:
        self._tickets[ticket.id] = ticket
        self._by_binding[ticket.bound] = ticket.id
        if _is_undecided(ticket):
            self._waiting.update(_askers(ticket))

    def _changed(self, ticket: Ticket) -> Ticket:
        if _is_undecided(self._tickets[ticket.id]) and not _is_undecided(ticket):
            self._uncount(ticket)
        self._tickets[ticket.id] = ticket
        self._keep_it(ticket)
        return ticket

    def _keep_it(self, ticket: Ticket) -> None:
        sealed = self._seal.sealed(TICKETS, ticket.id, written(ticket))
        self._keep.put(TICKETS, Row(ticket.id, sealed, ticket.expires_at + SHOWN_S))

    def _forget(self, at: float) -> None:
        """Forget what can be used no more: it has expired."""
        for ticket in [one for one in self._tickets.values() if at >= one.expires_at]:
            del self._tickets[ticket.id]
            if self._by_binding.get(ticket.bound) == ticket.id:
                del self._by_binding[ticket.bound]
            if _is_undecided(ticket):
                self._uncount(ticket)
            self._keep.drop(TICKETS, ticket.id)

    def _is_full(self, ticket: Ticket) -> bool:
        session, agent = _askers(ticket)
        crowded = self._waiting[session] >= MAX_OF_SESSION or self._waiting[agent] >= MAX_OF_AGENT
        return crowded or len(self._tickets) >= self._capacity

    def _uncount(self, ticket: Ticket) -> None:
        for asker in _askers(ticket):
            self._waiting[asker] -= 1
            if not self._waiting[asker]:
                del self._waiting[asker]


def _askers(ticket: Ticket) -> tuple[_Asker, _Asker]:
    """Return the session that asks, and the agent: the first delegate, for those below it may have any name."""
    who = ticket.principal
    return (ticket.session_id,), (who.issuer, who.subject, *who.actors[:1])


def _is_undecided(ticket: Ticket) -> bool:
    """Return whether people are still to answer: those alone count against a session."""
    return ticket.state(ticket.requested_at) is State.PENDING
