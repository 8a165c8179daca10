"""May data of somebody who lives there go to where this runs?

A rule of residency names where people live, the labels of data that it is about, and the regions that such data may go
to. What counts is what crosses: a datum that was masked, hashed, redacted or replaced by a token does not, unless the
tool gets the value back. A label that no detector gives (`confidential`, of a tool's response) cannot be looked for in
what crosses, so it counts from the moment on that the session has touched it.

Who does not say where they live may live anywhere; where a model or a tool runs that no pack gives a region, and where
another agent does, nobody knows: such data does not go there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sidecar.checks.base import Check, Ports
from sidecar.checks.personal_data import LEAVING
from sidecar.checks.revealing import Revealing
from sidecar.content.origin.trails import Trails
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.limits import Prices
from sidecar.model.region import concerns, within
from sidecar.model.tokens import entity_of
from sidecar.model.verdict import Answer, allow, deny
from sidecar.policy.catalogue import Catalogue
from sidecar.policy.privacy import Privacy

_NAME: Final = "residency"
_MESSAGES: Final = {
    Boundary.LLM_REQUEST: "what it holds may not go to where this model runs: leave it out, or use another model",
    Boundary.TOOL_CALL: "what it holds may not go to where this tool runs: leave it out, or use another tool",
    Boundary.A2A_MESSAGE: "what it holds may not go to another agent: leave it out",
}


def build(ports: Ports) -> Check:
    """Return the check for the policy's rules of residency."""
    policy = ports.policy
    return Residency(policy.privacy, policy.catalogue, policy.prices, ports.trails, Revealing.at_last(ports))


@dataclass(frozen=True, slots=True)
class Residency:
    """Denies what leaves for a region that a rule does not name. `revealing` tells what a tool gets back for tokens."""

    privacy: Privacy
    catalogue: Catalogue = field(default_factory=Catalogue)
    prices: Prices = field(default_factory=Prices)
    trails: Trails = field(default_factory=Trails)
    revealing: Revealing = field(default_factory=Revealing)
    name: str = _NAME

    async def __call__(self, crossing: Crossing) -> Answer:
        rules = [one for one in self.privacy.residency if concerns(crossing.proven.residency, one.subjects_in)]
        if not rules or crossing.boundary not in LEAVING or crossing.direction is Direction.INBOUND:
            return allow(self.name)
        labels = await self._labels(crossing)
        held = [one.regions for one in rules if not labels.isdisjoint(one.applies_to)]
        if not held or self._may_go(self._region(crossing), held):
            return allow(self.name)
        refused = deny(self.name, "residency_denied", _MESSAGES[crossing.boundary])
        instead = next((name for name, region in self._others(crossing) if self._may_go(region, held)), "")
        return Answer(refused.findings, alternative=instead)

    def _may_go(self, region: str, held: list[tuple[str, ...]]) -> bool:
        return all(within(region, regions) for regions in held)

    async def _labels(self, crossing: Crossing) -> frozenset[str]:
        """Return the labels of what crosses, and those of the session that nobody could see there."""
        await self.trails.recall(crossing.proven)
        found = frozenset(label for labels in self.privacy.labels.values() for label in labels)
        return crossing.bare | await self._revealed(crossing) | (self.trails.past(crossing.proven.id).labels - found)

    async def _revealed(self, crossing: Crossing) -> frozenset[str]:
        """Return the labels of what the tool gets back for tokens."""
        if crossing.boundary is not Boundary.TOOL_CALL:
            return frozenset()
        told = set(map(entity_of, (await self.revealing.due(crossing)).tokens))
        return frozenset(label for entity in told for label in self.privacy.labels.get(entity, ()))

    def _region(self, crossing: Crossing) -> str:
        """Return where it goes, as far as the packs say."""
        match crossing.boundary:
            case Boundary.TOOL_CALL:
                tool = self.catalogue.find(crossing.tool)
                return tool.region if tool else ""
            case Boundary.LLM_REQUEST:
                model = self.prices.model(crossing.provider, crossing.model)
                return model.region if model else ""
        return ""

    def _others(self, crossing: Crossing) -> Iterator[tuple[str, str]]:
        """Yield what the packs name instead of what is called, each with where it runs."""
        tool = self.catalogue.find(crossing.tool) if crossing.boundary is Boundary.TOOL_CALL else None
        for name in tool.fallback if tool else ():
            other = self.catalogue.find(name)
            if other and name in crossing.proven.scope.tools:
                yield name, other.region
        model = self.prices.model(crossing.provider, crossing.model) if crossing.model else None
        for name in model.fallback if model else ():
            entry = self.prices.model(*name.split("/", 1))
            if entry:
                yield name, entry.region
