"""Cuts off what is revoked: refuse it from now on, end the sessions that stand on it, record, answer.

Whoever asks, an operator, a file, a security event or a status list, goes this one way. What is to be cut off is cut
off first: a disk or an audit log that fails afterwards fails the answer, and never the revocation. What could not be
recorded then is recorded when it can be.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.audit.record import AuditLog, Cut, Entry, Recorder
from sidecar.errors import CallerError, SessionError, UnavailableError
from sidecar.model.revocation import Revocation, Selector, token_of
from sidecar.model.session import Session
from sidecar.operators import check_words
from sidecar.stores.base import Stores

OPERATOR: Final = "operator"
EVENT: Final = "event"
FILE: Final = "file"
_AGAIN: Final = frozenset({EVENT, FILE})  # what brings these comes again until they are recorded
MAX_OWED: Final = 1000  # records that the disk did not take; of more nobody reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an operator wants cut off, and why: what `selector` hits, or one session by its public id."""

    selector: Selector | None = None
    session_id: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was cut off: how many sessions, and the id of the record that says so."""

    record_id: str
    sessions_closed: int


class Containment:
    """`recorder` is the one of the moment; `lifetime_s` is how many seconds a revocation holds that tells no end."""

    def __init__(self, stores: Stores, audit: AuditLog, recorder: Callable[[], Recorder], lifetime_s: float) -> None:
        self._stores = stores
        self._audit = audit
        self._recorder = recorder
        self._lifetime_s = lifetime_s
        self._owed: list[Entry] = []  # the oldest first
        self._one_at_a_time = asyncio.Lock()

    async def ordered(self, order: Order, at: float, trace_id: str = "") -> Done:
        """Cut off what an operator orders. A session dies with its last token, and all that was delegated from it.

        Raises `CallerError`, `SessionError` where no open session has that id, and as `revoke`.
        """
        check_words(order.words)
        session = await self._session(order.session_id, at) if order.session_id else None
        selectors = token_of(session.chain) if session else tuple([order.selector] if order.selector else [])
        if not selectors:
            raise CallerError("say what to revoke: session_id, subject, agent or token_id")
        until = at + self._lifetime_s
        cut = Cut(source=OPERATOR, session=session, words=order.words, trace_id=trace_id)
        return await self._cut([Revocation(one, until) for one in selectors], cut, at)

    async def revoke(self, revocations: Collection[Revocation], at: float, *, source: str) -> Done:
        """Put `revocations` into force and cut off what they hit.

        Raises `OverloadError` revocations_full, and then nothing is changed; `UnavailableError` when it could not be
        kept over a restart or recorded, and then it is in force all the same.
        """
        return await self._cut(revocations, Cut(source=source), at)

    async def happened(self, event: str, revocations: Collection[Revocation], at: float) -> Done | None:
        """Do as `revoke` for the security event of the id `event`; None where it was taken in before.

        One that could not be kept or recorded counts as not taken in, so that it is when it comes again.
        """
        if await self._stores.revocations.knows(event):
            return None
        done = await self._cut(revocations, Cut(source=EVENT), at)
        await self._stores.revocations.add((), at, event=event)
        return done

    async def listed(self, revocations: Collection[Revocation], at: float) -> Done:
        """Put `revocations` into force instead of those of the last list. Raises as `revoke`."""
        await self._stores.revocations.replace_list(revocations)
        return await self._swept(revocations, Cut(source=FILE), at)

    async def end(self, reasons: Mapping[str, str], at: float, *, source: str) -> Done:
        """End sessions, from public id to the reason, without a revocation: they may be opened anew."""
        ended = await self._ended(reasons, at)
        return await self._recorded(Cut(source=source, sessions=ended), ended, at)

    async def settle(self) -> None:
        """Record what could not be recorded, in order. Raises `UnavailableError` where it still cannot be."""
        async with self._one_at_a_time:
            while self._owed:
                await self._stores.keep.kept()
                await self._audit.append(self._owed[0])
                del self._owed[0]

    async def _session(self, session_id: str, at: float) -> Session:
        public = session_id.partition(".")[0]  # an operator may have got hold of a whole handle
        for session, _ in await self._stores.sessions.list(at):
            if session.id == public:
                return session
        raise SessionError("no open session has this id: see ListSessions, or revoke by subject, agent or token")

    async def _cut(self, revocations: Collection[Revocation], cut: Cut, at: float) -> Done:
        forgotten: UnavailableError | None = None
        try:
            await self._stores.revocations.add(revocations, at)
        except UnavailableError as error:
            forgotten = error
        try:
            done = await self._swept(revocations, cut, at)
        except UnavailableError as error:
            raise forgotten or error from None  # the worst of what failed: that one is to be done again
        if forgotten:
            raise forgotten
        return done

    async def _swept(self, revocations: Collection[Revocation], cut: Cut, at: float) -> Done:
        """End the sessions that are hit, and record. One that is opened meanwhile is refused by its first check."""
        held = await self._stores.sessions.matching(revocations)
        hit = {one.id: (one, self._stores.revocations.reason(one.chain, at)) for one in held}
        reasons = {id_: reason for id_, (_, reason) in hit.items() if reason}
        ended = await self._ended(reasons, at)
        return await self._recorded(cut.ending(revocations, [hit[id_][0] for id_ in ended]), ended, at)

    async def _ended(self, reasons: Mapping[str, str], at: float) -> tuple[str, ...]:
        ended = await self._stores.sessions.end(reasons)
        await self._stores.tickets.end(ended, at)  # nobody is asked for what can be used no more
        return ended

    async def _recorded(self, cut: Cut, ended: Collection[str], at: float) -> Done:
        entry = self._recorder().revocation(cut, at)
        try:
            await self.settle()
            await self._stores.keep.kept()
            record_id = await self._audit.append(entry)
        except UnavailableError:
            if cut.source not in _AGAIN and len(self._owed) < MAX_OWED:
                self._owed.append(entry)
            raise
        finally:  # whatever became of the record
            await self._stores.vault.forget(ended)
        return Done(record_id=record_id, sessions_closed=len(cut.sessions))
