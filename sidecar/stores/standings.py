"""What agents have earned, in a dictionary, and through its `Keep` in a file: sealed, because it is authority."""

import json
from collections.abc import Collection, Sequence
from math import inf
from typing import Final

from sidecar.errors import OverloadError
from sidecar.model.autonomy import Agent, Conduct, Ladder, Lapse, Standing, judged, lapsed
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.seal import PLAIN, Seal

STANDINGS: Final = "standing"  # the room
MAX_STANDINGS: Final = 10_000  # agents times types of tasks; beyond it new ones have the lowest level


class MemoryStandings:
    """At most `capacity` standings. Each verb is atomic: nothing is awaited in between."""

    def __init__(self, keep: Keep = NOWHERE, seal: Seal = PLAIN, capacity: int = MAX_STANDINGS) -> None:
        self._keep = keep
        self._seal = seal
        self._capacity = capacity
        self._held: dict[Agent, Standing] = {}
        self.unreadable = 0  # rows that are not what this sidecar sealed: whoever earned those begins anew

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(STANDINGS):
            try:
                content = json.loads(self._seal.opened(STANDINGS, row.key, row.value))
                issuer, name, task_type = json.loads(row.key)
                content["left"] = tuple(-inf if each is None else each for each in content["left"])
                self._held[Agent(issuer=issuer, name=name, task_type=task_type)] = Standing(**content)
            except (ValueError, TypeError, KeyError):
                self.unreadable += 1

    def level(self, agent: Agent, ladder: Ladder, since: float) -> int:
        """Return the lowest level that `agent` had since `since` (epoch): a session's, from its beginning."""
        held = self._held.get(agent)
        return held.lowest_since(since) if held is not None else self._first(ladder)

    def note(
        self, agent: Agent, ladder: Ladder, conduct: Sequence[Conduct], lapses: Collection[Lapse], at: float
    ) -> tuple[int, int]:
        """Take in how calls went, and return the level before and after."""
        before = self._held.get(agent) or Standing(level=self._first(ladder), since=at)
        after = lapsed(judged(before, ladder, conduct, at), ladder, lapses, at)
        if lapses and after.level > before.level:  # one crossing cannot earn what it loses
            after = before
        if after != before:
            self._put(agent, after)
        return before.level, after.level

    def set(self, agent: Agent, level: int, at: float) -> int | None:
        """Move `agent` to `level` by hand, and return the level before; None where nothing was known."""
        held = self._held.get(agent)
        if held is None and len(self._held) >= self._capacity:
            raise OverloadError("no more agents' levels are kept: those that are new have the lowest")
        self._put(agent, (held or Standing(level=level, since=at)).moved(level, at))
        return held.level if held else None

    def all(self) -> list[tuple[Agent, Standing]]:
        """Return all standings, by issuer, name and type of task."""
        return sorted(self._held.items(), key=lambda each: each[0])

    def _first(self, ladder: Ladder) -> int:
        return ladder.start if len(self._held) < self._capacity else 0

    def _put(self, agent: Agent, standing: Standing) -> None:
        if agent not in self._held and len(self._held) >= self._capacity:
            return
        self._held[agent] = standing
        key = json.dumps([agent.issuer, agent.name, agent.task_type])
        content = {
            **{name: getattr(standing, name) for name in ("level", "since", "clean", "denied", "failed")},
            "left": [None if each == -inf else each for each in standing.left],
        }
        self._keep.put(STANDINGS, Row(key, self._seal.sealed(STANDINGS, key, json.dumps(content).encode()), inf))
