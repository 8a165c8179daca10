"""The port of what is spent. As all ports: every verb is atomic, none is a get that a set must follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from sidecar.model.account import Account, Debit
from sidecar.model.price import Each

NO_PRICES: Final[Mapping[str, Each]] = MappingProxyType({})


class Known(Enum):
    """What is known of a call by its id: nothing; it is open, with these arguments; too often; with others.

    The SAME is a REPEAT that the policy of now let through, without a person's consent.
    """

    NEW = "new"
    REPEAT = "repeat"
    SAME = "same"
    TOO_OFTEN = "too_often"
    OTHER = "other"


class Call(NamedTuple):
    """One call of a session. `id` is the caller's own, empty where it gave none; `digest` is of what is called.

    `about` names what is called: tool, provider, model. `micro_usd` is what it may cost, `each` what tokens cost, by
    unit: what is reported in tokens is settled by that, and as no fewer than `least` that went in. `by` is the version
    of the policy that judges it. A tuple: every call makes some, and a dataclass takes five times as long to make.
    """

    id: str
    digest: str
    about: tuple[str, str, str] = ("", "", "")
    micro_usd: int = 0
    each: Mapping[str, Each] = NO_PRICES
    least: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A call that was open until now: what it was about, and by how much more or less it cost than was reserved."""

    about: tuple[str, str, str]
    micro_usd: int = 0


class Reserved(NamedTuple):
    """What came of a reservation: `exhausted` is the debit that did not fit, and then nothing was taken.

    `call` names it for `release`; empty where this very call had been paid for before, so that nobody can take back
    by a repeat what the first one paid. `is_other` is where another call is open under this id: nothing was taken.
    """

    call: str = ""
    exhausted: Debit | None = None
    is_other: bool = False


class Ledger(Protocol):
    """Accounts that several sessions spend from. What is reserved counts as spent until it is settled.

    Every verb raises `UnavailableError` when the store cannot answer.
    """

    async def known(self, session: str, call: Call) -> Known:
        """Return what is known of `call` within `session` (public id). A repeat is counted: so many are free."""

    async def reserve(self, session: str, call: Call, debits: Sequence[Debit], at: float) -> Reserved:
        """Take all of `debits` from their accounts, or none.

        The same call again, until it is settled, is free; another digest under one id is refused. An empty id is never
        a repeat. Raises `OverloadError` ledger_full; then nothing was taken.
        """

    async def stands(self, session: str, call: str, by: str) -> None:
        """Take down that the policy of version `by` let `call` through, without a person's consent, once that is so."""

    async def settle(
        self, session: str, call: str, actual: Mapping[str, int], tokens: tuple[int, int] | None = None
    ) -> Settled | None:
        """Put what a call did cost in place of what was reserved for it; what is not told stays as it is.

        `actual` is by unit, `tokens` what went in and came out. Once: afterwards, and for a call that was never open,
        it changes nothing and returns None.
        """

    async def release(self, session: str, call: str) -> None:
        """Give back all that was reserved for `call`, which was not made. After `settle` it changes nothing."""

    async def spend(self, debits: Sequence[Debit], at: float) -> Debit | None:
        """Take all of `debits` for good, or none and return the one that did not fit. Raises as `reserve`."""

    async def spent(self, account: Account, unit: str) -> int:
        """Return what was taken of `unit` from `account`."""

    async def forget(self, session: str, at: float) -> None:
        """Take every call of `session` for made: it has ended at `at` (epoch). What was taken stays taken.

        Accounts that count nothing else than that session need not be kept for longer than a call may be under way.
        """
