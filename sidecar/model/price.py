"""What a call of a model costs: whole numbers, rounded up, so that what is counted is never less than what is paid."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from sidecar.model.account import COST

MILLION: Final = 1_000_000
MICRO: Final = 6  # decimals of a dollar that sums are kept in
MICRO_USD: Final = f"{COST}USD:{MICRO}"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens that go in, and that come out."""

    input_usd: float = 0.0
    output_usd: float = 0.0

    def each(self, decimals: int) -> "Each":
        """Return what tokens cost in units of 10^-`decimals` dollars."""
        return Each(minor(self.input_usd, decimals), minor(self.output_usd, decimals))


@dataclass(frozen=True, slots=True)
class Each:
    """What a million tokens cost, in and out, in some unit."""

    input: int
    output: int

    def of(self, input_tokens: int, output_tokens: int) -> int:
        """Return what so many tokens cost, rounded up."""
        return -(-(input_tokens * self.input + output_tokens * self.output) // MILLION)


A_TOKEN: Final = Each(MILLION, MILLION)  # a token costs one token


def minor(amount: float, decimals: int) -> int:
    """Return `amount` in units of 10^-`decimals`, rounded up."""
    return int(Decimal(repr(amount)).scaleb(decimals).to_integral_value(ROUND_CEILING))
