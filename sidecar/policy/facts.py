"""Facts: predicates that are evaluated once, on what was released, and remembered by the session.

They make rules over sequences ("after", "never both", "at most so many within") cost the same on the thousandth call
as on the first. A fact sees what a rule sees, but no facts. Its name is its pack's own: a rule says `facts.seen` for
its own pack's, `facts['other/seen']` for another's, so that no pack can change what another one counts.

A fact that errs on a crossing is unknown to its session from then on, and a rule that reads it errs, too: whether it
would have been milder or stricter with it, nobody can tell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Final

from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.past import NOTHING, Happened, Past
from sidecar.model.tally import DAY, HOUR, MINUTE, Tally
from sidecar.policy.catalogue import Tool
from sidecar.policy.expressions import Program, Terms, activation
from sidecar.policy.meeting import Index, asked
from sidecar.policy.names import Sight, Value, values


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact that compiled. `id` is pack/name; `on` are the boundaries at which it can hold."""

    id: str
    on: frozenset[Boundary]
    text: str
    program: Program = field(repr=False)
    terms: Terms

    @property
    def pack(self) -> str:
        """The pack that it is from."""
        return self.id.partition("/")[0]


class FactSet:
    """All packs' facts. Immutable."""

    def __init__(self, facts: Sequence[Fact] = ()) -> None:
        self.facts: Final = tuple(facts)
        self._index: Final = Index(self.facts)
        self._read: Final = {boundary: self._index.read(boundary) for boundary in Boundary}

    def reads(self, name: str, boundary: Boundary) -> bool:
        """Return whether a fact that can hold at `boundary` looks at `name`, so that whoever finds it out should."""
        return name in self._read[boundary]

    def happened(self, crossing: Crossing, tool: Tool | None, labels: frozenset[str], past: Past) -> Happened:
        """Return what `crossing`, which was released, adds to what its session remembers."""
        looks = self._index.met(crossing.boundary, crossing.tool, tool)
        if not looks:
            return NOTHING
        sight = Sight(crossing, tool, labels, touched=past.labels, usage=past.usage, region=past.region)
        found = asked(looks, lambda _pack, wanted, _: activation(values(wanted, sight), clean=sight.clean))
        return Happened(
            held=tuple(fact.id for fact, held in found if held),
            unknown=tuple(fact.id for fact, held in found if held is None),
        )


def remembered(past: Past, pack: str, names: Iterable[str], at: float) -> dict[str, Value]:
    """Return the values of facts, by their `names` as a rule of `pack` writes them, at `at`.

    Those that are unknown are left out. Of what never happened, `last_s` is infinite.
    """
    ids = {name: name if "/" in name else f"{pack}/{name}" for name in names}
    return {name: _value(past.tallies.get(id_), at) for name, id_ in ids.items() if id_ not in past.unknown}


def _value(tally: Tally | None, at: float) -> Value:
    if tally is None:
        return {"count": 0, "last_s": inf, "within_1m": 0, "within_1h": 0, "within_1d": 0}
    return {
        "count": tally.count,
        "last_s": max(0.0, at - tally.last),
        "within_1m": tally.within(MINUTE, at),
        "within_1h": tally.within(HOUR, at),
        "within_1d": tally.within(DAY, at),
    }
