"""`Costs` in dictionaries, and through their `Keep` in a file.

A session joins the history of its type once it is over; until then it is compared with those before it. Types stand
as digests, for callers name them.
"""

import hashlib
import heapq
import json
from dataclasses import dataclass
from math import inf
from typing import Final

from sidecar.model.history import History
from sidecar.stores.keep import NOWHERE, Keep, Row

HISTORIES: Final = "history"  # rooms
SESSIONS: Final = "cost"
MAX_TYPES: Final = 1_000  # of tasks; further ones share one history, so that names that are made up cost nothing
MAX_SESSIONS: Final = 20_000  # that are under way; what further ones cost is not looked at
OTHERS: Final = ""
LATE_S: Final = 86_400.0  # after its end for which a session may still join its history
_DIGITS: Final = 16


@dataclass(slots=True)
class _Cost:
    kind: str
    micro_usd: int
    until: float
    told: bool = False


class MemoryCosts:
    """At most `types` histories and `sessions` sessions under way."""

    def __init__(self, keep: Keep = NOWHERE, types: int = MAX_TYPES, sessions: int = MAX_SESSIONS) -> None:
        self._keep = keep
        self._types, self._capacity = types, sessions
        self._histories: dict[str, History] = {}
        self._open: dict[str, _Cost] = {}
        self._ends: list[tuple[float, str]] = []  # a heap

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(HISTORIES):
            self._histories[row.key] = History(*json.loads(row.value))
        for row in self._keep.rows(SESSIONS):
            self._open[row.key] = _Cost(*json.loads(row.value))
            heapq.heappush(self._ends, (self._open[row.key].until, row.key))

    def spent(self, kind: str, session: str, micro_usd: int, until: float, at: float) -> None:
        self._join(at)
        cost = self._open.get(session)
        if cost is None:
            if len(self._open) >= self._capacity:
                return
            cost = self._open[session] = _Cost(self._of(kind), 0, until)
            heapq.heappush(self._ends, (until, session))
        cost.micro_usd += micro_usd
        self._keep_it(session, cost)

    def is_spike(self, session: str, deviations: float) -> bool:
        cost = self._open.get(session)
        if cost is None or cost.told:
            return False
        if not self._histories.get(cost.kind, History()).is_far_above(cost.micro_usd, deviations):
            return False
        cost.told = True
        self._keep_it(session, cost)
        return True

    def history(self, kind: str) -> History:
        """Return what is known of the type `kind`."""
        return self._histories.get(self._of(kind), History())

    def _of(self, kind: str) -> str:
        name = hashlib.sha256(kind.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
        return name if name in self._histories or len(self._histories) < self._types else OTHERS

    def _join(self, at: float) -> None:
        """Have the sessions that are over join their histories."""
        while self._ends and self._ends[0][0] <= at:
            _, session = heapq.heappop(self._ends)
            cost = self._open.pop(session)
            kind = cost.kind if cost.kind in self._histories or len(self._histories) < self._types else OTHERS
            new = self._histories[kind] = self._histories.get(kind, History()).with_(max(0, cost.micro_usd))
            self._keep.put(HISTORIES, Row(kind, json.dumps([new.count, new.mean, new.squares]), inf))
            self._keep.drop(SESSIONS, session)

    def _keep_it(self, session: str, cost: _Cost) -> None:
        value = json.dumps([cost.kind, cost.micro_usd, cost.until, cost.told])
        self._keep.put(SESSIONS, Row(session, value, cost.until + LATE_S))
