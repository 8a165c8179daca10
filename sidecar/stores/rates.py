"""`Rates` in a dictionary, and through its `Keep` in a file."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from sidecar.errors import OverloadError
from sidecar.model.limits import Per, digest_of
from sidecar.model.rate import Bucket
from sidecar.model.strict_json import compact
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.ports_limits import Draw

RATES: Final = "rate"  # the room
MAX_BUCKETS: Final = 100_000  # of some 300 octets each
SWEEP_S: Final = 1.0  # between two looks for buckets that are full again, where there is no room
MAX_ENDED: Final = 50_000  # sessions that were closed: beyond it the buckets of the oldest rest in their time
UNDER_WAY_S: Final = 60.0  # for which a call that began before its session was closed may still draw
OF_SESSIONS: Final = f"{Per.SESSION} "  # how the kinds of rates begin that count each session by itself
SECOND_NS: Final = 1_000_000_000
_MANY: Final = 4096  # keys that are kept written


class MemoryRates:
    """At most `capacity` buckets; those that are full again make room first: a full one is as good as none."""

    def __init__(self, keep: Keep = NOWHERE, capacity: int = MAX_BUCKETS) -> None:
        self._keep = keep
        self._capacity = capacity
        self._buckets: dict[tuple[str, str], tuple[Bucket, int]] = {}  # and when it is full again
        self._ended: dict[str, float] = {}  # sessions, and from when on their own buckets may make room
        self._swept = -SWEEP_S

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(RATES):
            kind, name = json.loads(row.key)
            level, at, since, rested = json.loads(row.value)
            self._buckets[kind, name] = (Bucket(level, at, since), rested)

    async def draw(self, draws: Sequence[Draw], at: float) -> float:
        now = nanoseconds(at)
        drawn: dict[tuple[str, str], tuple[Bucket, int]] = {}
        longest = 0
        for one in draws:
            kind, name, rate = one
            held = self._buckets.get((kind, name))
            bucket, wait = rate.drawn(held[0] if held else None, now)
            longest = max(longest, wait)
            drawn[kind, name] = (bucket, rate.rested(bucket))
        if longest:
            return longest / SECOND_NS
        # Not by a difference of their keys, which walks all buckets.
        self._make_room(sum(place not in self._buckets for place in drawn), at)
        self._buckets.update(drawn)
        for (kind, name), (bucket, rested) in drawn.items():
            value = f"[{bucket.level},{bucket.at},{bucket.since},{rested}]"
            self._keep.put(RATES, Row(_key(kind, name), value, rested / SECOND_NS))
        return 0.0

    async def forget(self, session: str, at: float) -> None:
        if len(self._ended) >= MAX_ENDED:
            del self._ended[next(iter(self._ended))]
        self._ended[session] = at + UNDER_WAY_S

    def _make_room(self, count: int, at: float) -> None:
        if len(self._buckets) + count <= self._capacity:
            return
        if at - self._swept >= SWEEP_S:
            self._swept = at
            now = nanoseconds(at)
            ended = {digest_of(session) for session, over in self._ended.items() if over <= at}
            self._ended = {session: over for session, over in self._ended.items() if over > at}
            for kind, name in [
                (kind, name)
                for (kind, name), (_, rested) in self._buckets.items()
                if rested <= now or (name in ended and kind.startswith(OF_SESSIONS))
            ]:
                del self._buckets[kind, name]
                self._keep.drop(RATES, _key(kind, name))
        if len(self._buckets) + count > self._capacity:
            raise OverloadError("no more rates can be counted: wait, or raise fewer names", reason="rates_full")


def nanoseconds(at: float) -> int:
    """Return seconds since the epoch in nanoseconds."""
    return round(at * SECOND_NS)


@lru_cache(_MANY)
def _key(kind: str, name: str) -> str:
    return compact([kind, name])
