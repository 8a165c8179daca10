"""How often something may happen: a bucket that gives `burst` at once and then an even pace, in whole numbers.

One call takes `window_ns` parts, and the bucket fills by `count` parts a nanosecond: so there is no fraction anywhere,
and `100/hour` for a day of unbroken calls is 2,400, one every 36 seconds. Of a rested bucket no more than `count` come
within its first window, the burst included: what was given at once is saved up again by a slower pace. Whoever has
paused gets `burst`, and no more: between any two moments there pass at most `burst` and one for each whole part of the
window that went by. Only where the burst is one call does who comes a little late, by up to `LATE` of a part, keep the
pace; of larger ones the bucket of who keeps calling is never full.

Times are nanoseconds since the epoch. A bucket never goes back in time, so that a clock which does fills none.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

LATE: Final = 10  # a tenth of a call


class Bucket(NamedTuple):
    """What is left, in parts; when that was so; since when it is not rested. A tuple, as all that each call makes."""

    level: int
    at: int
    since: int


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` calls in `window_ns`, of them `burst` at once; 1 <= burst <= count."""

    count: int
    window_ns: int
    burst: int
    _full: int = field(init=False, repr=False, compare=False)
    _slower: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find out once what each call asks."""
        # What can be drawn from, in parts: what fills it further counts for when it is rested.
        late = self.window_ns // LATE if self.burst == 1 else 0
        object.__setattr__(self, "_full", self.burst * self.window_ns + late)
        object.__setattr__(self, "_slower", self.count - self.burst + 1)

    def drawn(self, bucket: Bucket | None, now: int) -> tuple[Bucket, int]:
        """Return the bucket after one call, and 0; or as it was, and how many nanoseconds to wait for the next call.

        `bucket` is None where none was used yet: it is full.
        """
        held = self._filled(bucket, now) if bucket else Bucket(self.burst * self.window_ns, now, now)
        if held.level < self.window_ns:
            return held, held.at - now + self._lasts(held, self.window_ns - held.level)
        return Bucket(min(held.level, self._full) - self.window_ns, held.at, held.since), 0

    def rested(self, bucket: Bucket) -> int:
        """Return a moment from which on `bucket` is as if it had never been used."""
        return bucket.at + 3 * self.window_ns  # a window at the slower pace, and then at most two to fill it

    def _filled(self, bucket: Bucket, now: int) -> Bucket:
        if now <= bucket.at:
            return bucket
        turn = min(max(bucket.since + self.window_ns, bucket.at), now)  # from the slower pace to the even one
        level = bucket.level + (turn - bucket.at) * self._slower + (now - turn) * self.count
        if level >= (self.burst + 1) * self.window_ns:
            return Bucket(self.burst * self.window_ns, now, now)
        return Bucket(level, now, bucket.since)

    def _lasts(self, bucket: Bucket, parts: int) -> int:
        """Return how many nanoseconds it takes until there are `parts` more."""
        slow_ns = max(0, bucket.since + self.window_ns - bucket.at)
        if parts <= slow_ns * self._slower:
            return -(-parts // self._slower)
        return slow_ns - (-(parts - slow_ns * self._slower) // self.count)
