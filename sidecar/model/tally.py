"""How often something happened, and when: counts of a minute, an hour and a day that cost the same after any number.

Times are counted in buckets: 5 seconds wide for the minute, 5 minutes for the hour, 1 hour for the day. What is asked
for is the sum of the buckets that reach into the time in question, so that it spans up to one bucket more than it
says, never less: a rule that allows so many within a minute never counts one too few.
"""

from dataclasses import dataclass, field
from typing import Final

from sidecar.model.strict_json import Json

MINUTE: Final = (5, 13)  # the width of a bucket in seconds, and how many reach into the time
HOUR: Final = (300, 13)
DAY: Final = (3_600, 25)
_WINDOWS: Final = (MINUTE, HOUR, DAY)


@dataclass(slots=True)
class Tally:
    """One count. Not a value: it grows, at most to 51 buckets. Times are seconds since the epoch.

    A clock that is set back counts as one that stands still.
    """

    count: int = 0
    last: float = 0.0
    _buckets: tuple[dict[int, int], ...] = field(default_factory=lambda: ({}, {}, {}))

    def add(self, at: float) -> None:
        """Count one more, at `at`."""
        self.last = max(self.last, at)
        self.count += 1
        for (width, most), held in zip(_WINDOWS, self._buckets, strict=True):
            now = int(self.last // width)
            held[now] = held.get(now, 0) + 1
            for old in [bucket for bucket in held if bucket <= now - most]:
                del held[old]

    def within(self, window: tuple[int, int], at: float) -> int:
        """Return how many there were in the `window` (MINUTE, HOUR, DAY) that ends at `at`."""
        width, most = window
        first = int(max(at, self.last) // width) - most
        held = self._buckets[_WINDOWS.index(window)]
        return sum(number for bucket, number in held.items() if bucket > first)

    def as_json(self) -> Json:
        """Return what `of_json` reads."""
        return [self.count, self.last, [[[*each] for each in held.items()] for held in self._buckets]]

    @classmethod
    def of_json(cls, written: Json) -> "Tally":
        """Return the tally that `as_json` wrote. Raises `ValueError` for what it did not write."""
        match written:
            case [int(count), int() | float() as last, [list(minute), list(hour), list(day)]]:
                return cls(count, float(last), (_bucket(minute), _bucket(hour), _bucket(day)))
        raise ValueError("not a tally")


def _bucket(written: list[Json]) -> dict[int, int]:
    held: dict[int, int] = {}
    for pair in written:
        match pair:
            case [int(bucket), int(number)]:
                held[bucket] = number
            case _:
                raise ValueError("not a tally")
    return held
