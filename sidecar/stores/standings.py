"""What agents have earned, in dictionaries, and through their `Keep` in a file: sealed, because it is authority.

A clean call earns once, however often it is made: what has counted is remembered, by digest, for as long as it counts.
Which calls are under way is known in memory alone: one that was let through before a restart and is reported after it
earns nothing.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from math import inf
from typing import Final

from sidecar.errors import OverloadError
from sidecar.model.autonomy import Agent, Conduct, Deed, Ladder, Standing, fresh, judged, lapsed
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.seal import PLAIN, Seal

STANDINGS: Final = "standing"  # rooms
WORK: Final = "work"
MAX_STANDINGS: Final = 10_000  # agents times types of tasks; beyond it new ones have the lowest level
MAX_OF_ONE: Final = 100  # types of tasks of one agent, which may make their names up; beyond it the same
MAX_BELOW: Final = 100  # below one first delegate, which may make those names up, too; beyond it the same
SWEEP_S: Final = 60.0  # between two looks at all work for what is over, where there is no room
LOOKED_AT: Final = 16  # of those who have neither earned nor lost anything, for one that makes room
MAX_WORK: Final = 200_000  # clean calls of all agents that have counted; beyond it no more count
MAX_UNDER_WAY: Final = 65_536  # calls; beyond it the oldest earn nothing
_DIGITS: Final = 32


_Who = tuple[str, ...]  # the issuer, the agents above, the agent


class MemoryStandings:
    """At most `capacity` standings. Each verb is atomic: nothing is awaited in between."""

    def __init__(
        self, keep: Keep = NOWHERE, seal: Seal = PLAIN, capacity: int = MAX_STANDINGS, work: int = MAX_WORK
    ) -> None:
        self._keep = keep
        self._seal = seal
        self._capacity, self._work_capacity = capacity, work
        self._held: dict[_Who, dict[str, Standing]] = {}  # by type of task
        self._count = 0
        self._below: Counter[_Who] = Counter()  # how many of them are below a first delegate
        self._work: dict[str, dict[str, float]] = {}  # key of a standing → what has counted, and until when
        self._counted = 0
        self._swept = -inf
        self._under_way: dict[str, str] = {}  # call → what it is as work, the oldest first
        self._idle: dict[_Who, dict[Agent, None]] = {}  # who never left a level, the oldest first, by first delegate
        self.unreadable = 0  # rows that are not what this sidecar sealed: whoever earned those begins anew

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(STANDINGS):
            try:
                content = json.loads(self._seal.opened(STANDINGS, row.key, row.value))
                issuer, name, task_type, *above = json.loads(row.key)
                content["left"] = tuple(-inf if each is None else each for each in content["left"])
                agent = Agent(issuer=issuer, name=name, task_type=task_type, above=tuple(above))
                self._hold(agent, Standing(**content))
            except (ValueError, TypeError, KeyError):
                self.unreadable += 1
        for row in sorted(self._keep.rows(WORK), key=lambda row: row.until):
            whose, _, work = row.key.partition(" ")
            self._work.setdefault(whose, {})[work] = row.until
            self._counted += 1

    def level(self, agent: Agent, ladder: Ladder, since: float) -> int:
        """Return the lowest level that `agent` had since `since` (epoch): a session's, from its beginning."""
        return self._of(agent, ladder.start, since).lowest_since(since)

    def begin(self, call: str, work: str) -> None:
        """Remember that `call` was let through, and what it is as work."""
        self._under_way.pop(call, None)
        if len(self._under_way) >= MAX_UNDER_WAY:
            del self._under_way[next(iter(self._under_way))]
        self._under_way[call] = work

    def end(self, call: str) -> str:
        """Return what `call` is as work, once; empty where it was not let through, or was reported before."""
        return self._under_way.pop(call, "")

    def note(self, agent: Agent, ladder: Ladder, deed: Deed, at: float) -> tuple[int, int]:
        """Take in how a call went, and return the level before and after."""
        before = self._of(agent, ladder.start, at)
        conduct = deed.conduct
        if conduct is Conduct.CLEAN and not self._counts(agent, ladder, before, deed.work, at):
            conduct = None
        after = lapsed(judged(before, ladder, conduct, at), ladder, deed.lapses, at)
        if deed.lapses and after.level > before.level:  # one crossing cannot earn what it loses
            after = before
        if after != before:
            self._put(agent, after)
        return before.level, after.level

    def set(self, agent: Agent, level: int, at: float, *, start: int) -> int:
        """Move `agent` to `level` by hand, and return the level before: `start` where nothing was known of it."""
        before = self._of(agent, start, at)
        if not self._has_place(agent):
            raise OverloadError("no more agents' levels are kept: those that are new have the lowest")
        self._put(agent, before.moved(level, at))
        return before.level

    def all(self) -> list[tuple[Agent, Standing]]:
        """Return all standings, by issuer, name and type of task."""
        return sorted(self._each(), key=lambda each: each[0])

    def _each(self) -> Iterator[tuple[Agent, Standing]]:
        for (issuer, *above, name), types in self._held.items():
            for task_type, standing in types.items():
                yield Agent(issuer=issuer, name=name, task_type=task_type, above=tuple(above)), standing

    def _of(self, agent: Agent, start: int, at: float) -> Standing:
        """Return the standing of `agent`; where nothing is known of it, the one that it begins with."""
        who = _who(agent)
        types = self._held.get(who, {})
        if held := types.get(agent.task_type):
            return held
        if not (has_place := self._has_place(agent)):
            self._make_room(agent, start)
            types, has_place = self._held.get(who, {}), self._has_place(agent)
        return fresh(types.values(), start if has_place else 0, at)

    def _make_room(self, new: Agent, start: int) -> None:
        """Forget one that never left the level that all begin with: it begins with that again, and counts anew.

        One below the same first delegate, where that has too many below it.
        """
        first = _first(new)
        if first and self._below[first] >= MAX_BELOW:
            idle: Iterable[Agent] = self._idle.get(first, ())
        elif self._count >= self._capacity:
            idle = chain.from_iterable(self._idle.values())
        else:
            return
        for agent in islice(idle, LOOKED_AT):
            if self._held[_who(agent)][agent.task_type].level == start:
                self._drop(agent)
                return

    def _drop(self, agent: Agent) -> None:
        types = self._held[_who(agent)]
        del types[agent.task_type]
        if not types:
            del self._held[_who(agent)]
        self._stir(agent)
        self._count -= 1
        first = _first(agent)
        self._below[first] -= 1
        if not self._below[first]:
            del self._below[first]
        self._keep.drop(STANDINGS, _key(agent))
        self._forget_over(_name_of(agent), inf)

    def _stir(self, agent: Agent) -> None:
        """Take it from those that never left a level; silent where it is not among them."""
        idle = self._idle.get(_first(agent), {})
        idle.pop(agent, None)
        if not idle:
            self._idle.pop(_first(agent), None)

    def _has_place(self, agent: Agent) -> bool:
        types = self._held.get(_who(agent), {})
        if agent.task_type in types:
            return True
        first = _first(agent)
        is_crowded = bool(first and agent.name) and self._below[first] >= MAX_BELOW
        return not is_crowded and self._count < self._capacity and len(types) < MAX_OF_ONE

    def _counts(self, agent: Agent, ladder: Ladder, standing: Standing, work: str, at: float) -> bool:
        """Return whether the clean call `work` earns something, and remember that it did."""
        rule = ladder.promotion
        if rule is None or not ladder.rises_above(standing.level) or not self._has_place(agent):
            return False
        whose = _name_of(agent)
        self._forget_over(whose, at)
        if work in self._work.get(whose, ()):
            return False
        if self._counted >= self._work_capacity and at - self._swept >= SWEEP_S:
            self._swept = at
            for each in list(self._work):
                self._forget_over(each, at)
        if self._counted >= self._work_capacity:
            return False
        self._counted += 1
        self._work.setdefault(whose, {})[work] = at + rule.within_s
        self._keep.put(WORK, Row(f"{whose} {work}", "", at + rule.within_s))
        return True

    def _forget_over(self, whose: str, at: float) -> None:
        known = self._work.get(whose, {})
        for work in [work for work, until in known.items() if until <= at]:
            del known[work]
            self._counted -= 1
            self._keep.drop(WORK, f"{whose} {work}")
        if not known:
            self._work.pop(whose, None)

    def _hold(self, agent: Agent, standing: Standing) -> None:
        types = self._held.setdefault(_who(agent), {})
        self._count += agent.task_type not in types
        self._below[_first(agent)] += agent.task_type not in types
        types[agent.task_type] = standing
        if max(standing.left) == -inf:
            self._idle.setdefault(_first(agent), {})[agent] = None
        else:
            self._stir(agent)

    def _put(self, agent: Agent, standing: Standing) -> None:
        if not self._has_place(agent):
            return
        self._hold(agent, standing)
        key = _key(agent)
        content = {
            **{name: getattr(standing, name) for name in ("level", "since", "clean", "denied", "failed")},
            "left": [None if each == -inf else each for each in standing.left],
        }
        self._keep.put(STANDINGS, Row(key, self._seal.sealed(STANDINGS, key, json.dumps(content).encode()), inf))


def _who(agent: Agent) -> _Who:
    return (agent.issuer, *agent.above, agent.name)


def _first(agent: Agent) -> _Who:
    """Return the first delegate that `agent` is below; empty where the issuer names it."""
    return (agent.issuer, agent.above[0]) if agent.above else ()


def _key(agent: Agent) -> str:
    return json.dumps([agent.issuer, agent.name, agent.task_type, *agent.above])


def _name_of(agent: Agent) -> str:
    return hashlib.sha256(_key(agent).encode()).hexdigest()[:_DIGITS]
