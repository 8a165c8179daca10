"""How often somebody may fail: a bucket for each, which fills again with time (identity-spec 2.6, step 5).

To verify costs a hundred times what it costs to send rubbish. Who has failed too often is refused before anything is
looked at, until its bucket has filled a little; others have buckets of their own.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

FAILURES: Final = 200  # credentials of one peer that may fail at once before it has to wait; a tenth of them a second


@dataclass(slots=True)
class Throttle:
    """Counts failures by key: `burst` at once, then `per_second`. Knows `capacity` keys; the one unseen longest goes.

    A key that is forgotten starts with a full bucket, so that whoever has many names can have `burst` for each: key by
    what a peer cannot choose. Times are seconds since the epoch, and never go back.
    """

    burst: float
    per_second: float
    capacity: int = 4096
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)

    def exhausted(self, key: str, at: float) -> bool:
        """Return whether `key` has failed too often to be heard at `at`."""
        return self._level(key, at) < 1

    def failed(self, key: str, at: float) -> None:
        """Count one failure of `key`."""
        self._left[key] = (max(0.0, self._level(key, at) - 1), at)
        self._left.move_to_end(key)
        if len(self._left) > self.capacity:
            self._left.popitem(last=False)

    def _level(self, key: str, at: float) -> float:
        level, since = self._left.get(key, (self.burst, at))
        return min(self.burst, level + max(0.0, at - since) * self.per_second)


def throttle() -> Throttle:
    """Return what counts the credentials that do not verify, by who brings them."""
    return Throttle(burst=FAILURES, per_second=FAILURES / 10)
