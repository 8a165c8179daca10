"""The operator's side, on a socket that the agent cannot reach."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from sidecar import __version__
from sidecar.audit.query import stream
from sidecar.containment import Containment
from sidecar.deciding import Answer, Deciding
from sidecar.levels import Levels
from sidecar.model.session import Session
from sidecar.operators import Answerer
from sidecar.server import convert, convert_levels
from sidecar.server.guard import Context, Gate, peer_of, trace_id, unserved
from sidecar.server.peer import Tickets
from sidecar.stores.base import Sessions
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPack:
    """A pack of the running policy; `digest` is `sha256:` and 64 hexadecimal digits."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How the sidecar is: the policy it runs, and what is out."""

    policy_version: str
    packs: tuple[LoadedPack, ...]
    degraded: tuple[str, ...]
    started_at: float


@dataclass(frozen=True, slots=True)
class AuditFiles:
    """Where the audit log is, and the key by which persons are found in it."""

    path: Path
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """The open sessions; what each has touched, by its public id; what tells now how much one may do alone."""

    sessions: Sessions
    labels: Callable[[str], Awaitable[frozenset[str]]]
    autonomy: Callable[[], Callable[[Session], int]]


class Control(pb_grpc.ControlServicer):
    """Status, sessions, revocation and audit; what later versions serve is UNIMPLEMENTED."""

    def __init__(  # noqa: PLR0913 - one for each thing that operators see or do
        self,
        condition: Callable[[], Condition],
        held: Held,
        containment: Containment,
        audit: AuditFiles,
        gate: Gate,
        now: Callable[[], float] = time.time,
        *,
        deciding: Deciding,
        levels: Levels,
        tickets: Tickets | None = None,
    ) -> None:
        self._condition = condition
        self._held = held
        self._containment = containment
        self._audit = audit
        self._gate = gate
        self._now = now
        self._deciding = deciding
        self._levels = levels
        self._tickets = tickets

    async def GetStatus(self, request: pb.GetStatusRequest, context: Context) -> pb.Status:
        async def reply() -> pb.Status:
            condition = self._condition()
            return pb.Status(
                version=__version__,
                policy_version=condition.policy_version,
                packs=[pb.Pack(name=p.name, version=p.version, digest=p.digest) for p in condition.packs],
                pending_approvals=await self._deciding.pending(self._now()),
                open_sessions=len(await self._held.sessions.list(self._now())),
                degraded=condition.degraded,
                started_at=convert.timestamp(condition.started_at),
            )

        return await self._gate.answer(context, reply)

    async def ListSessions(self, request: pb.ListSessionsRequest, context: Context) -> pb.ListSessionsResponse:
        async def reply() -> pb.ListSessionsResponse:
            held, autonomy = self._held, self._held.autonomy()
            states = [
                convert.session_state(session, usage, await held.labels(session.id), autonomy(session))
                for session, usage in await held.sessions.list(self._now())
            ]
            return pb.ListSessionsResponse(sessions=states)

        return await self._gate.answer(context, reply)

    async def QueryAudit(self, request: pb.QueryAuditRequest, context: Context) -> AsyncIterator[pb.AuditRecord]:
        async with aclosing(self._records(request)) as records:
            async for record in self._gate.stream(context, records):
                yield record

    async def _records(self, request: pb.QueryAuditRequest) -> AsyncGenerator[pb.AuditRecord, None]:
        which = convert.audit_filter(request)
        found = stream(self._audit.path, self._audit.key, which, limit=request.limit, follow=request.follow)
        async with aclosing(found):
            async for record in found:
                yield convert.audit_record(record)

    async def StagePacks(self, request: pb.StagePacksRequest, context: Context) -> pb.Rollout:
        await unserved(context, "StagePacks")

    async def SetRollout(self, request: pb.SetRolloutRequest, context: Context) -> pb.Rollout:
        await unserved(context, "SetRollout")

    async def PromotePacks(self, request: pb.PromotePacksRequest, context: Context) -> pb.Rollout:
        await unserved(context, "PromotePacks")

    async def RollBackPacks(self, request: pb.RollBackPacksRequest, context: Context) -> pb.Rollout:
        await unserved(context, "RollBackPacks")

    async def GetRollout(self, request: pb.GetRolloutRequest, context: Context) -> pb.Rollout:
        await unserved(context, "GetRollout")

    async def ListApprovals(self, request: pb.ListApprovalsRequest, context: Context) -> pb.ListApprovalsResponse:
        async def reply() -> pb.ListApprovalsResponse:
            at = self._now()
            found = await self._deciding.list(at, request.state)
            return pb.ListApprovalsResponse(approvals=[convert.approval(one, at) for one in found])

        return await self._gate.answer(context, reply)

    async def DecideApproval(self, request: pb.DecideApprovalRequest, context: Context) -> pb.Approval:
        async def reply() -> pb.Approval:
            at, said = self._now(), Answer(request.approval_id, request.approve, request.reason)
            return convert.approval(await self._deciding.decide(said, self._who(context), at), at)

        return await self._gate.answer(context, reply)

    async def ListAutonomy(self, request: pb.ListAutonomyRequest, context: Context) -> pb.ListAutonomyResponse:
        async def reply() -> pb.ListAutonomyResponse:
            task_type = request.task_type if request.HasField("task_type") else None
            found = self._levels.known(request.agent, task_type)
            return pb.ListAutonomyResponse(standings=[convert_levels.standing(*each) for each in found])

        return await self._gate.answer(context, reply)

    async def SetAutonomy(self, request: pb.SetAutonomyRequest, context: Context) -> pb.Autonomy:
        async def reply() -> pb.Autonomy:
            asked = convert_levels.asked(request)
            return convert_levels.standing(*await self._levels.move(asked, self._who(context), self._now()))

        return await self._gate.answer(context, reply)

    def _who(self, context: Context) -> Answerer:
        return Answerer(token=bearer(context), peer=peer_of(context, self._tickets))

    async def Revoke(self, request: pb.RevokeRequest, context: Context) -> pb.Revocation:
        async def reply() -> pb.Revocation:
            done = await self._containment.ordered(convert.cut(request), self._now(), trace_id(context))
            return pb.Revocation(record_id=done.record_id, sessions_closed=done.sessions_closed)

        return await self._gate.answer(context, reply)

    async def GetCheckpoint(self, request: pb.GetCheckpointRequest, context: Context) -> pb.Checkpoint:
        await unserved(context, "GetCheckpoint")


def bearer(context: Context) -> str:
    """Return the token of the call's `authorization` (RFC 6750, section 2.1), empty where there is none."""
    for key, value in context.invocation_metadata() or ():
        if key == "authorization" and isinstance(value, str):
            scheme, _, token = value.partition(" ")
            return token.strip() if scheme.lower() == "bearer" else ""
    return ""
