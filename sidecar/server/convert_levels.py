"""Protobuf ↔ the levels of agents, as `server.convert` does for the rest."""

from sidecar.levels import Asked
from sidecar.model.autonomy import Agent, Standing
from sidecar.server import convert
from sidecar.v1 import sidecar_pb2 as pb


def asked(request: pb.SetAutonomyRequest) -> Asked:
    """Return whom an operator moves, and where to."""
    return Asked(
        agent=request.agent,
        level=request.level,
        issuer=request.issuer,
        above=tuple(request.above),
        task_type=request.task_type,
        words=request.reason,
    )


def standing(agent: Agent, one: Standing) -> pb.Autonomy:
    """Return where an agent stands, as an operator sees it."""
    return pb.Autonomy(
        issuer=agent.issuer,
        agent=agent.name,
        above=agent.above,
        task_type=agent.task_type,
        level=one.level,
        since=convert.timestamp(one.since),
        clean=one.clean,
        denied=one.denied,
        failed=one.failed,
    )
