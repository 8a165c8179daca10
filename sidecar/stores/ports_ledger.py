"""The port of what is spent. As all ports: every verb is atomic, none is a get that a set must follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sidecar.model.account import Account, Debit


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """What came of a reservation: `exhausted` is the debit that did not fit, and then nothing was taken.

    `call` names it for `release`; empty where this very call had been paid for before, so that nobody can take back
    by a repeat what the first one paid.
    """

    call: str = ""
    exhausted: Debit | None = None


class Ledger(Protocol):
    """Accounts that several sessions spend from. What is reserved counts as spent until it is settled.

    Every verb raises `UnavailableError` when the store cannot answer.
    """

    async def reserve(self, session: str, call: str, digest: str, debits: Sequence[Debit], at: float) -> Reserved:
        """Take all of `debits` from their accounts, or none.

        `call` is the caller's own id of the call within `session` (public id), `digest` of what is called: the same
        again, until it is settled, is free. Another digest under one id is another call: both are paid. An empty id is
        never a repeat. Raises `OverloadError` ledger_full; then nothing was taken.
        """

    async def settle(self, session: str, call: str, actual: Mapping[str, int]) -> None:
        """Put `actual` (unit → amount) in place of what was reserved for `call`; a unit that it lacks stays as it is.

        Once: afterwards, and for a call that was never paid, it changes nothing.
        """

    async def release(self, session: str, call: str) -> None:
        """Give back all that was reserved for `call`, which was not made. After `settle` it changes nothing."""

    async def spend(self, debits: Sequence[Debit], at: float) -> Debit | None:
        """Take all of `debits` for good, or none and return the one that did not fit. Raises as `reserve`."""

    async def spent(self, account: Account, unit: str) -> int:
        """Return what was taken of `unit` from `account`."""

    async def forget(self, session: str) -> None:
        """Take every call of `session` for made: it has ended. What was taken stays taken."""
