"""What do the tools of a catalogue do? For the checks that ask whether somebody spoke of it."""

from typing import Final

from sidecar.content.origin.deeds import Deed, repertoire
from sidecar.policy.catalogue import Catalogue, Effect, Tool

MAX_KNOWN: Final = 4096  # deeds that are found out once; callers may make names up


class Doing:
    """What tools do, each of which is one among those of the catalogue that do more than read."""

    def __init__(self, catalogue: Catalogue) -> None:
        acting = (tool for tool in catalogue.tools if acts(tool))
        self._all = repertoire((tool.name, frozenset(tool.effects)) for tool in acting)
        self._known: dict[tuple[str, tuple[str, ...]], Deed] = {}

    def deed(self, name: str, tool: Tool | None) -> Deed:
        """Return what the tool called `name` does, of which the catalogue has this entry."""
        effects = tool.effects if tool else ()
        done = self._known.get((name, effects))
        if done is None:
            done = self._all.deed(name, frozenset(effects))
            if len(self._known) < MAX_KNOWN:
                self._known[name, effects] = done
        return done


def acts(tool: Tool) -> bool:
    """Return whether the tool does more than read."""
    return any(effect != Effect.READ for effect in tool.effects)
