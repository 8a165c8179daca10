"""`Loops` in dictionaries, and through their `Keep` in a file.

Names and digests are of letters and digits, so that rows are put together by hand: each call writes two.
"""

import json
from typing import Final

from sidecar.errors import OverloadError
from sidecar.model.loop import LoopLimit, Stall, Trail, again, stepped
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.ports_limits import Looping
from sidecar.stores.rates import SECOND_NS, SWEEP_S, nanoseconds

TRAILS: Final = "trail"  # rooms
SAME: Final = "same"
STALLS: Final = "stall"
MAX_TRAILS: Final = 20_000  # of those who call
MAX_CALLS: Final = 256  # different ones of one of them, the newest; a loop has fewer


class MemoryLoops:
    """At most `capacity` trails; those that are older than what is looked at make room first."""

    def __init__(self, keep: Keep = NOWHERE, capacity: int = MAX_TRAILS) -> None:
        self._keep = keep
        self._capacity = capacity
        self._trails: dict[str, tuple[Trail, int]] = {}  # and from when on it says nothing
        self._same: dict[str, dict[str, tuple[int, ...]]] = {}
        self._stalls: dict[str, Stall] = {}  # of those who have a trail
        self._swept = -SWEEP_S

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(TRAILS):
            recent, runs, at, over = json.loads(row.value)
            self._trails[row.key] = (Trail(tuple(recent), tuple(runs), at), over)
        for row in sorted(self._keep.rows(SAME), key=lambda row: row.until):
            name, digest = json.loads(row.key)
            self._same.setdefault(name, {})[digest] = tuple(json.loads(row.value))
        for row in self._keep.rows(STALLS):
            count, at, answers = json.loads(row.value)
            self._stalls[row.key] = Stall(count, at, tuple(answers))

    async def step(self, name: str, digest: str, limit: LoopLimit, at: float) -> Looping:
        now = nanoseconds(at)
        if name not in self._trails:
            self._make_room(at)
        held = self._trails.get(name)
        trail, length = stepped(held[0] if held else Trail(), digest, limit, now)
        over = trail.at + limit.within_ns
        self._trails[name] = (trail, over)
        if limit.cycles:
            recent, runs = ",".join([f'"{one}"' for one in trail.recent]), ",".join(map(str, trail.runs))
            value = f"[[{recent}],[{runs}],{trail.at},{over}]"
            self._keep.put(TRAILS, Row(name, value, over / SECOND_NS))
        wait = self._again(name, digest, limit, now) if limit.same_call else 0
        stalled = self._stalls[name].wait(limit, now) if name in self._stalls else 0
        return Looping(wait_s=wait / SECOND_NS, length=length if limit.cycles else 0, stalled_s=stalled / SECOND_NS)

    async def told(self, name: str, answer: str | None, limit: LoopLimit, at: float) -> None:
        if name not in self._trails:
            return  # whose calls were not counted; so there are no more of these than of those
        stall = self._stalls.get(name, Stall()).told(answer, limit, nanoseconds(at))
        self._stalls[name] = stall
        value = f"[{stall.count},{stall.at},{json.dumps(stall.answers)}]"
        self._keep.put(STALLS, Row(name, value, (stall.at + limit.within_ns) / SECOND_NS))

    def _again(self, name: str, digest: str, limit: LoopLimit, now: int) -> int:
        calls = self._same.setdefault(name, {})
        times, wait = again(calls.pop(digest, ()), limit, now)
        if len(calls) >= MAX_CALLS:
            oldest = next(iter(calls))
            del calls[oldest]
            self._keep.drop(SAME, _key(name, oldest))
        calls[digest] = times
        value = f"[{','.join(map(str, times))}]"
        self._keep.put(SAME, Row(_key(name, digest), value, (times[-1] + limit.within_ns) / SECOND_NS))
        return wait

    def _make_room(self, at: float) -> None:
        if len(self._trails) < self._capacity:
            return
        if at - self._swept >= SWEEP_S:
            self._swept = at
            now = nanoseconds(at)
            idle = [name for name, (_, over) in self._trails.items() if over <= now]
            for name in [*idle, *((self._same.keys() | self._stalls.keys()) - self._trails.keys())]:
                self._trails.pop(name, None)
                self._keep.drop(TRAILS, name)
                if self._stalls.pop(name, None):
                    self._keep.drop(STALLS, name)
                for digest in self._same.pop(name, {}):
                    self._keep.drop(SAME, _key(name, digest))
        if len(self._trails) >= self._capacity:
            raise OverloadError("no more calls can be told apart: end some sessions", reason="loops_full")


def _key(name: str, digest: str) -> str:
    return f'["{name}","{digest}"]'
