"""Whose tokens stand in what crosses: the session's own, or those that another agent was given."""

from dataclasses import replace
from typing import Final

from sidecar.model.crossing import Crossing, Direction
from sidecar.stores.base import Drawer

TOOLS: Final = "tools"
TO: Final = "to "  # before a peer's name: no agent's name makes its drawer the session's own


def own(crossing: Crossing) -> Drawer:
    """Return the drawer of the crossing's session."""
    session = crossing.proven
    return Drawer(session_id=session.id, until=session.expires_at)


def of_tools(crossing: Crossing) -> Drawer:
    """Return the drawer of what this session's tools were given: tokens that mean what they mean in its own."""
    return replace(own(crossing), peer=TOOLS)


def of_peer(crossing: Crossing) -> Drawer:
    """Return the drawer of what the agent at the other end was given in this session."""
    return replace(own(crossing), peer=f"{TO}{crossing.peer}")


def outgoing(crossing: Crossing) -> Drawer:
    """Return the drawer of the tokens that stand in what crosses once it was checked."""
    return of_peer(crossing) if crossing.direction is Direction.OUTBOUND else own(crossing)
