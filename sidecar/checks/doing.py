"""What do the tools of a catalogue do? For the checks that ask whether somebody spoke of it."""

from sidecar.content.origin.deeds import Repertoire, repertoire
from sidecar.policy.catalogue import Catalogue, Effect, Tool


def doing(catalogue: Catalogue) -> Repertoire:
    """Return what those tools do that do more than read."""
    return repertoire((tool.name, frozenset(tool.effects)) for tool in catalogue.tools if acts(tool))


def acts(tool: Tool) -> bool:
    """Return whether the tool does more than read."""
    return any(effect != Effect.READ for effect in tool.effects)
