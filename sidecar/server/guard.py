"""The agent's side: one line per RPC over the enforcer.

A refusal is an answer. A gRPC error means that no verdict was reached, and tells nothing but its class:
left alone, grpc.aio would send the text of an exception to the caller.
"""

import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, Final, NoReturn, TypeVar

import grpc

from sidecar.asking import LEAVING, Fault
from sidecar.enforcer import CurrentEnforcer
from sidecar.errors import CallerError, OverloadError, SessionError, SidecarError, UnavailableError
from sidecar.identity.opening import Opening
from sidecar.model.crossing import Crossing
from sidecar.model.session import Peer
from sidecar.model.ticket import ApprovalError
from sidecar.server import convert
from sidecar.server.peer import METADATA, Tickets
from sidecar.server.streams import Relay
from sidecar.server.tls import client_certificate
from sidecar.server.waiting import Waits
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

Request = TypeVar("Request")
Reply = TypeVar("Reply")
Context = grpc.aio.ServicerContext[Any, Any]

STATUS: tuple[tuple[type[SidecarError], grpc.StatusCode], ...] = (
    (CallerError, grpc.StatusCode.INVALID_ARGUMENT),
    (SessionError, grpc.StatusCode.NOT_FOUND),
    (ApprovalError, grpc.StatusCode.FAILED_PRECONDITION),
    (OverloadError, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (UnavailableError, grpc.StatusCode.UNAVAILABLE),
    (SidecarError, grpc.StatusCode.INTERNAL),
)
NONCE_METADATA: Final = "dpop-nonce"  # in the trailing metadata, where a proof needs one (RFC 9449, section 9)
NOT_YET: Final = "is part of the contract, but this version does not serve it"

# The trace id of a W3C traceparent header; anything else is nobody's trace.
_TRACE: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class Gate:
    """Counts calls in flight and refuses beyond the limit, at once: waiting would only move the queue here."""

    def __init__(self, limit: int, fault: Fault) -> None:
        self._limit = limit
        self.fault = fault
        self.in_flight = 0
        self.begun = 0
        self.relayed = 0

    @property
    def at_work(self) -> tuple[int, bool]:
        """How many calls have begun, and whether somebody is being served now."""
        return self.begun, bool(self.in_flight or self.relayed)

    async def answer(self, context: Context, reply: Callable[[], Awaitable[Reply]]) -> Reply:
        """Return `reply()`, or end the call with a status that tells the class of the failure alone."""
        if self.in_flight >= self._limit:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "overload: too many calls at once, retry later")
        self.in_flight += 1
        self.begun += 1
        try:
            return await reply()
        except LEAVING:
            raise
        except BaseException as error:  # noqa: BLE001 - its text must not reach the caller; a panic in Rust is one
            await self._failed(context, error)
        finally:
            self.in_flight -= 1

    async def stream(self, context: Context, replies: AsyncIterator[Reply]) -> AsyncIterator[Reply]:
        """Yield `replies`, each under the same limit and with the same statuses as `answer`."""

        async def portion() -> tuple[Reply, ...]:
            try:
                return (await anext(replies),)
            except StopAsyncIteration:
                return ()

        while found := await self.answer(context, portion):
            yield found[0]

    async def relay(self, context: Context, replies: AsyncGenerator[Reply]) -> AsyncIterator[Reply]:
        """Yield `replies` of a call that lasts, with the same statuses as `answer`.

        Such calls have half as many places, and of their own: one that waits for its caller keeps no other waiting.
        """
        if 2 * self.relayed >= self._limit:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "overload: too many streams at once, retry later")
        self.relayed += 1
        try:
            async for reply in replies:
                yield reply
        except LEAVING:
            raise
        except BaseException as error:  # noqa: BLE001 - as in `answer`
            await self._failed(context, error)
        finally:
            self.relayed -= 1
            await replies.aclose()

    async def _failed(self, context: Context, error: BaseException) -> NoReturn:
        if isinstance(error, SidecarError):
            code = next(code for kind, code in STATUS if isinstance(error, kind))
            await context.abort(code, f"{error.reason}: {error}")
        self.fault("no verdict", error)
        await context.abort(grpc.StatusCode.INTERNAL, "internal_error")


class Guard(pb_grpc.GuardServicer):
    """Adapts each RPC to the enforcer of the moment."""

    def __init__(
        self,
        current: CurrentEnforcer,
        gate: Gate,
        now: Callable[[], float] = time.time,
        tickets: Tickets | None = None,
    ) -> None:
        self._tickets = tickets
        self._current = current
        self._gate = gate
        self._now = now
        self._relay = Relay(current=current, now=now, fault=gate.fault, closing=set())
        self._waits = Waits(now)

    async def settle(self) -> None:
        """Return when nothing is left to be recorded of calls that have ended."""
        await self._relay.settle()

    async def OpenSession(self, request: pb.OpenSessionRequest, context: Context) -> pb.Session:
        async def reply() -> pb.Session:
            enforcer = self._current()
            certificate = client_certificate(context.auth_context())
            opening = convert.opening(request, self._peer(context), certificate)
            opened = await enforcer.open(opening, self._now(), trace_id(context))
            if opened.session is None and enforcer.opener.nonces:
                context.set_trailing_metadata([(NONCE_METADATA, nonce) for nonce in enforcer.opener.nonces])
            return convert.session(opened, enforcer.policy_version, enforcer.autonomy)

        return await self._gate.answer(context, reply)

    async def NarrowSession(self, request: pb.NarrowSessionRequest, context: Context) -> pb.Session:
        async def reply() -> pb.Session:
            enforcer = self._current()
            asked = Opening(tools=tuple(request.tools), scope_json=request.scope_json)
            opened = await enforcer.narrow(request.session_id, asked, self._now(), trace_id(context))
            return convert.session(opened, enforcer.policy_version, enforcer.autonomy)

        return await self._gate.answer(context, reply)

    async def CloseSession(self, request: pb.CloseSessionRequest, context: Context) -> pb.SessionSummary:
        async def reply() -> pb.SessionSummary:
            usage = await self._current().close(request.session_id, self._now(), trace_id(context))
            return convert.summary(usage)

        return await self._gate.answer(context, reply)

    async def CheckUserInput(self, request: pb.UserInput, context: Context) -> pb.Verdict:
        return await self._check(context, convert.user_input, request)

    async def CheckLlmRequest(self, request: pb.LlmRequest, context: Context) -> pb.Verdict:
        return await self._check(context, convert.llm_request, request)

    async def CheckLlmOutput(self, request: pb.LlmOutput, context: Context) -> pb.Verdict:
        return await self._check(context, convert.llm_output, request)

    async def CheckToolCall(self, request: pb.ToolCall, context: Context) -> pb.Verdict:
        return await self._check(context, convert.tool_call, request)

    async def CheckToolResponse(self, request: pb.ToolResponse, context: Context) -> pb.Verdict:
        return await self._check(context, convert.tool_response, request)

    async def CheckA2aMessage(self, request: pb.A2aMessage, context: Context) -> pb.Verdict:
        return await self._check(context, convert.a2a_message, request)

    async def StreamLlmOutput(
        self, request_iterator: AsyncIterator[pb.LlmOutputChunk], context: Context
    ) -> AsyncIterator[pb.ReleasedChunk]:
        replies = self._relay.replies(request_iterator, trace_id(context))
        async for reply in self._gate.relay(context, replies):
            yield reply

    async def AwaitApproval(self, request: pb.AwaitApprovalRequest, context: Context) -> pb.Verdict:
        async def reply() -> pb.Verdict:
            with self._waits.one(context.time_remaining()) as patience:
                path = self._current()
                told = await path.awaits(request.session_id, request.approval_id, patience, trace_id(context))
            return convert.verdict(*told)

        return await self._gate.answer(context, reply)

    async def Delegate(self, request: pb.DelegateRequest, context: Context) -> pb.DelegatedToken:
        async def reply() -> pb.DelegatedToken:
            asked = convert.delegation(request)
            signed = await self._current().delegate(request.session_id, asked, self._now(), trace_id(context))
            return convert.delegated(signed)

        return await self._gate.answer(context, reply)

    def _peer(self, context: Context) -> Peer | None:
        """Return the process that the call's ticket was given to; None without a ticket that is good."""
        return peer_of(context, self._tickets)

    async def _check(
        self, context: Context, read: Callable[[Request, float], Crossing], request: Request
    ) -> pb.Verdict:
        async def reply() -> pb.Verdict:
            judged, record_id = await self._current().decide(read(request, self._now()), trace_id(context))
            return convert.verdict(judged, record_id)

        return await self._gate.answer(context, reply)


def peer_of(context: Context, tickets: Tickets | None) -> Peer | None:
    """Return the process that the ticket in the call's metadata was given to; None without one that is good."""
    ticket = next((value for key, value in context.invocation_metadata() or () if key == METADATA), "")
    return tickets.redeem(ticket) if tickets and isinstance(ticket, str) else None


def trace_id(context: Context) -> str:
    """Return the trace id of the caller's `traceparent` (W3C Trace Context 3.2.2), or the empty string."""
    for key, value in context.invocation_metadata() or ():
        if key == "traceparent" and isinstance(value, str) and (match := _TRACE.fullmatch(value)):
            return match[1]
    return ""


async def unserved(context: Context, method: str) -> NoReturn:
    """End the call with UNIMPLEMENTED."""
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{method} {NOT_YET}")
