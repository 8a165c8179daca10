"""What is spent, and from what: accounts, debits, and the purses that a session spends from (identity-spec 2.7.4).

Amounts are whole numbers in the smallest part of their unit: calls, tokens, octets, and of money what the unit says,
so that `cost:EUR:2` counts cents and `cost:USD:6` millionths of a dollar. Sums of them are exact.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

CALLS: Final = "calls"
TOKENS: Final = "tokens"
OCTETS_OUT: Final = "bytes_out"
COST: Final = "cost:"  # then the currency, and after a second colon how many decimals are counted
NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
MAX_CALLS: Final = "max_calls:"  # then a tool: how often it may be called


class Account(NamedTuple):
    """Whose spending is counted together. `window` is the number of the period, 0 where all of time is one.

    A tuple, as `Debit` is: every call makes and looks up several, and a dataclass takes five times as long to hash.
    """

    kind: str  # session, node (a token of a chain), subject, agent, tool
    name: str
    window: int = 0


class Debit(NamedTuple):
    """So much of one unit from one account, which may hold `ceiling` in all. It is counted until `until` (epoch)."""

    account: Account
    unit: str
    amount: int
    ceiling: int
    until: float


class Purse(NamedTuple):
    """What may be spent in all from one account: a ceiling for each unit that it limits, until `until` (epoch)."""

    account: Account
    ceilings: Mapping[str, int] = NOTHING
    until: float = 0.0

    def debits(self, costs: Mapping[str, int]) -> list[Debit]:
        """Return what `costs`, from unit to amount, take from this purse."""
        account, ceilings, until = self.account, self.ceilings, self.until
        return [Debit(account, unit, costs[unit], ceilings[unit], until) for unit in ceilings if unit in costs]


def period(at: float, seconds: int) -> tuple[int, float]:
    """Return the number of the period of `seconds` that `at` (epoch) lies in, never 0, and when it ends."""
    number = int(at // seconds)
    return number + 1, float((number + 1) * seconds)
