"""What sessions of one type of task have cost so far, and whether one costs far more than they did.

Count, mean and spread in three numbers, however many sessions there were (Welford's way: sums of squares would lose
their last digits). A type of which too little is known is not judged by, and costs that hardly differ at all are given
the spread of a tenth of their mean, so that a cent more is no alarm.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Final

LEAST: Final = 10  # sessions from which on something can be said of the next
LEAST_SPREAD: Final = 0.1  # of the mean


@dataclass(frozen=True, slots=True)
class History:
    """How many sessions there were, their mean, and the sum of the squares of what they differed from it by."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def with_(self, value: float) -> "History":
        """Return it with one more session."""
        count = self.count + 1
        before = value - self.mean
        mean = self.mean + before / count
        return History(count, mean, self.squares + before * (value - mean))

    @property
    def deviation(self) -> float:
        """The standard deviation, at least a tenth of the mean."""
        spread = sqrt(self.squares / (self.count - 1)) if self.count > 1 else 0.0
        return max(spread, LEAST_SPREAD * self.mean)

    def is_far_above(self, value: float, deviations: float) -> bool:
        """Return whether `value` is so many standard deviations above the mean, or more."""
        return self.count >= LEAST and value > self.mean and value - self.mean >= deviations * self.deviation
