"""An `Outbox` in a dictionary, and through its `Keep` in a file, sealed: a notice is kept with what it tells of.

What was not taken when the process ended is due at once after the next start.
"""

import asyncio
import heapq
import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import Final

from sidecar.model.notice import Notice, notice_of
from sidecar.model.ticket import Approver, Ticket
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.ports_outbox import Outbox
from sidecar.stores.ports_tickets import Tickets
from sidecar.stores.seal import PLAIN, Seal

NOTICES: Final = "notice"  # the room
MAX_NOTICES: Final = 2_000  # of some two thousand octets


class MemoryOutbox:
    """At most `capacity` notices; those that are over make room first. `dropped` counts those that found none."""

    def __init__(self, keep: Keep = NOWHERE, seal: Seal = PLAIN, capacity: int = MAX_NOTICES) -> None:
        self._keep = keep
        self._seal = seal
        self._capacity = capacity
        self._held: dict[str, Notice] = {}
        self._order: list[tuple[float, str]] = []  # a heap of when each is due; some entries are out of date
        self._news = asyncio.Event()
        self.dropped = 0
        self.over = 0  # that nobody took in time
        self.unreadable = 0  # rows that are not what this sidecar sealed: those are told to nobody

    def __len__(self) -> int:
        return len(self._held)

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(NOTICES):
            try:
                body, tries = json.loads(self._seal.opened(NOTICES, row.key, row.value))
                self._take(Notice(id=row.key, body=str(body), until=row.until, due=0.0, tries=int(tries)))
            except (ValueError, TypeError):
                self.unreadable += 1

    def add(self, notice: Notice) -> None:
        if len(self._held) >= self._capacity and notice.id not in self._held:
            self._forget(notice.due)
        if len(self._held) >= self._capacity and notice.id not in self._held:
            self.dropped += 1
            return
        self._take(notice)
        self._keep_it(notice)
        self._news.set()

    def next(self, at: float) -> Notice | None:
        while self._order:
            due, id_ = self._order[0]
            notice = self._held.get(id_)
            if notice is None or notice.due != due:
                heapq.heappop(self._order)
            elif notice.until <= at:
                self.over += 1
                self.done(id_)
            else:
                return notice
        return None

    def put_off(self, id_: str, due: float) -> None:
        if notice := self._held.get(id_):
            later = replace(notice, due=due, tries=notice.tries + 1)
            self._take(later)
            self._keep_it(later)

    def done(self, id_: str) -> None:
        if self._held.pop(id_, None) is not None:
            self._keep.drop(NOTICES, id_)

    async def news(self, within_s: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._news.wait()
        self._news.clear()

    def _take(self, notice: Notice) -> None:
        self._held[notice.id] = notice
        heapq.heappush(self._order, (notice.due, notice.id))

    def _keep_it(self, notice: Notice) -> None:
        sealed = self._seal.sealed(NOTICES, notice.id, json.dumps([notice.body, notice.tries]).encode())
        self._keep.put(NOTICES, Row(notice.id, sealed, notice.until))

    def _forget(self, at: float) -> None:
        for id_ in [id_ for id_, notice in self._held.items() if notice.until <= at]:
            self.over += 1
            self.done(id_)


class AnnouncedTickets:
    """`Tickets` whose changes are told: what they come to goes into the outbox with them, in one write."""

    def __init__(self, tickets: Tickets, outbox: Outbox) -> None:
        self._tickets = tickets
        self._outbox = outbox

    async def open(self, ticket: Ticket) -> Ticket:
        opened = await self._tickets.open(ticket)
        if opened.id == ticket.id:
            self._outbox.add(notice_of(opened, ticket.requested_at))
        return opened

    async def get(self, ticket_id: str) -> Ticket:
        return await self._tickets.get(ticket_id)

    async def decide(self, ticket_id: str, approver: Approver, at: float, *, approve: bool) -> Ticket:
        before = await self._tickets.get(ticket_id)
        decided = await self._tickets.decide(ticket_id, approver, at, approve=approve)
        if decided.decided_at != before.decided_at:
            self._outbox.add(notice_of(decided, at))
        return decided

    async def use(self, ticket_id: str, bound: str, at: float) -> Ticket:
        return await self._tickets.use(ticket_id, bound, at)

    async def end(self, session_ids: Collection[str], at: float) -> None:
        await self._tickets.end(session_ids, at)

    async def list(self, at: float) -> tuple[Ticket, ...]:
        return await self._tickets.list(at)
