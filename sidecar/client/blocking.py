"""The client for code that blocks; `sidecar.client.aio` is the same for asyncio."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Literal, Self, TypeVar, Unpack, overload

import grpc

from sidecar.client import answers, channel, peer, requests, streams
from sidecar.client.denied import ApprovalRequired, Denied, NoVerdict, Verdict
from sidecar.client.values import (
    DelegatedToken,
    Direction,
    Json,
    LlmCall,
    Message,
    Opened,
    Outcome,
    SessionOptions,
    Summary,
    Usage,
)
from sidecar.client.waiting import PATIENCE, Patience
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")


class Sidecar:
    """One connection to a sidecar, for any number of sessions and threads.

    `address` is `unix:PATH` or a port on loopback; without it SIDECAR_ADDRESS, then
    `unix:/run/sidecar/guard.sock`. `deadline` is in seconds, for each call. `peer_socket` is the path where the
    sidecar learns which process this is; without it `peer.sock` beside the data socket, where there is one. Raises
    `ValueError` for an address elsewhere and for a deadline that never comes. A sidecar that is not there shows
    itself as `NoVerdict` on the first call.

        with Sidecar("unix:/run/sidecar/guard.sock") as sidecar:
            with sidecar.session(tokens, task="answer a customer", tools=["search_orders"]) as session:
                text = session.user_input("Where is my order?")
                arguments = session.tool_call("search_orders", {"query": text})
    """

    def __init__(
        self, address: str | None = None, *, deadline: float = channel.DEFAULT_DEADLINE, peer_socket: str | None = None
    ) -> None:
        self._deadline = channel.finite(deadline)
        self._peers = peer.socket_of(channel.reachable(address), peer_socket)
        self._channel = grpc.insecure_channel(channel.reachable(address), options=channel.OPTIONS)
        self._guard = pb_grpc.GuardStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up. Sessions live on in the sidecar until they are closed or expire."""
        self._channel.close()

    def open_session(self, tokens: str | Sequence[str], **options: Unpack[SessionOptions]) -> "Session":
        """Return a session for a delegation chain, root first, that the caller closes.

        Raises `Denied` when the chain does not verify or does not grant what `options` ask for.
        """
        request = requests.open_session(tokens, options)
        return Session(self, answers.opened(self.ask(self._guard.OpenSession, request, peer.ticket(self._peers))))

    @contextmanager
    def session(self, tokens: str | Sequence[str], **options: Unpack[SessionOptions]) -> Iterator["Session"]:
        """Open a session for the length of a `with` block; see `open_session`.

        Closing it at the end never raises: it lets nothing cross, and an unclosed session expires.
        """
        session = self.open_session(tokens, **options)
        try:
            yield session
        finally:
            with suppress(Denied):
                session.close()

    def ask(
        self,
        method: "grpc.UnaryUnaryMultiCallable[_Request, _Answer]",
        request: _Request,
        metadata: peer.Metadata = (),
        *,
        deadline: float | None = None,
    ) -> _Answer:
        """Return the answer to one call of the contract. Raises `NoVerdict` for whatever goes wrong on the way."""
        try:
            return method(request, timeout=deadline or self._deadline, metadata=metadata)
        except grpc.RpcError as error:
            raise channel.no_verdict(error.code()) from None
        except ValueError:  # gRPC's way to say that the channel was closed
            raise NoVerdict(*channel.CLOSED) from None

    @property
    def guard(self) -> pb_grpc.GuardStub:
        """The contract itself."""
        return self._guard


class Session:
    """One delegation in use: one method for each boundary that the agent's data crosses.

    Each returns what may cross, which is what the agent goes on with in place of what it sent, or raises
    `Denied`. `opened` is what was granted, and `summary` what was done, once the session is closed.
    `last` is the verdict of the crossing before, for those who want to see what was redacted and why; None
    where there was no verdict. It means little where crossings of one session run at the same time.
    """

    def __init__(self, sidecar: Sidecar, opened: Opened) -> None:
        self._sidecar = sidecar
        self.opened = opened
        self.last: Verdict | None = None
        self.summary: Summary | None = None

    @property
    def id(self) -> str:
        """The handle of this session: who holds it may act in it."""
        return self.opened.session_id

    @property
    def tools(self) -> tuple[str, ...]:
        """What may be called, after every narrowing."""
        return self.opened.tools

    def user_input(self, text: str) -> str:
        """Return the user's words as the agent may have them."""
        request = requests.user_input(self.id, text)
        return answers.text(self._judge(self._sidecar.guard.CheckUserInput, request), text)

    def llm_request(
        self, messages: Sequence[Message], *, max_output_tokens: int = 0, **call: Unpack[LlmCall]
    ) -> list[Message]:
        """Return the prompt as the model may see it. `messages` is all of it, oldest first."""
        request = requests.llm_request(self.id, messages, max_output_tokens, call)
        return answers.messages(self._judge(self._sidecar.guard.CheckLlmRequest, request))

    def llm_output(
        self,
        text: str,
        *,
        schema: str = "",
        usage: Usage | None = None,
        outcome: Outcome | None = None,
        **call: Unpack[LlmCall],
    ) -> str:
        """Return the model's answer as it may be used. `schema` names the schema that it must satisfy as JSON."""
        request = requests.llm_output(self.id, text, schema, usage, outcome, call)
        return answers.text(self._judge(self._sidecar.guard.CheckLlmOutput, request), text)

    def stream_llm_output(
        self, pieces: Iterable[str], *, usage: Callable[[], Usage | None] | None = None, call_id: str = ""
    ) -> Iterator[str]:
        """Yield what may cross of a model's answer while it is written; joined, it is what `llm_output` returns.

        `pieces` is the text as it comes, cut anywhere; it is taken by another thread. `usage` is asked at the end.
        Raises `Denied` where the stream is refused: then what was yielded is the beginning of what must not be used
        any further. Whatever `pieces` raises is raised here.
        """
        self.last = None
        heard = streams.Released()
        failed: list[BaseException] = []

        def sent() -> Iterator[pb.LlmOutputChunk]:
            try:
                yield from streams.chunks(pieces, streams.Chunks(self.id, call_id), usage)
            except BaseException as error:  # gRPC would log it, and go on without
                failed.append(error)
                raise

        try:
            call = self._sidecar.guard.StreamLlmOutput(sent(), timeout=streams.DEADLINE)
        except ValueError:  # gRPC's way to say that the channel was closed
            raise NoVerdict(*channel.CLOSED) from None
        try:
            for reply in call:
                yield heard.hear(reply)
            heard.end()
        except grpc.RpcError as error:
            if failed:
                raise failed[0] from None
            raise channel.no_verdict(error.code()) from None
        finally:
            self.last = heard.verdict
            call.cancel()

    def tool_call(
        self, tool: str, arguments: Mapping[str, Json] | str, *, call_id: str = "", approval_id: str = ""
    ) -> dict[str, Json]:
        """Return the arguments to call the tool with.

        Arguments that come from a model as text go in as that text: the sidecar's parser is the strict one.
        Raises `ApprovalRequired` when a person must agree first: `await_approval` with its `approval_id`, then the
        same call with it crosses, once.
        """
        request = requests.tool_call(self.id, tool, arguments, call_id, approval_id)
        return answers.members(self._judge(self._sidecar.guard.CheckToolCall, request))

    def await_approval(self, approval_id: str, *, timeout: float = PATIENCE) -> None:
        """Return when a person has consented to the call of this ticket; it crosses then with `approval_id`, once.

        `timeout` is in seconds. Raises `ApprovalRequired` where nobody has decided by then, and `Denied` where
        somebody refused, or the request is over.
        """
        request = requests.await_approval(self.id, approval_id)
        patience = Patience(timeout)
        while True:
            answer = self._sidecar.ask(self._sidecar.guard.AwaitApproval, request, deadline=patience.one_call())
            try:
                answers.payload(answer)
            except ApprovalRequired:
                if (pause := patience.pause()) is None:
                    raise
            else:
                return
            time.sleep(pause)

    @overload
    def tool_response(
        self,
        tool: str,
        content: str,
        *,
        content_type: Literal["", "text/plain"] = "",
        call_id: str = "",
        outcome: Outcome | None = None,
    ) -> str: ...

    @overload
    def tool_response(
        self, tool: str, content: Json, *, content_type: str = "", call_id: str = "", outcome: Outcome | None = None
    ) -> Json: ...

    def tool_response(
        self, tool: str, content: Json, *, content_type: str = "", call_id: str = "", outcome: Outcome | None = None
    ) -> Json:
        """Return the tool's answer as the agent may have it: a string for text, the value for JSON.

        A string is text unless `content_type` says JSON, and then it is that JSON; anything else is JSON.
        """
        request = requests.tool_response(self.id, tool, content, content_type, call_id, outcome)
        answer = self._judge(self._sidecar.guard.CheckToolResponse, request)
        return answers.content(answer, request)

    def a2a_message(
        self,
        message: Mapping[str, Json] | str,
        *,
        direction: Direction,
        peer: str,
        tokens: str | Sequence[str] = (),
        proof: str = "",
        card: Mapping[str, Json] | str = "",
    ) -> dict[str, Json]:
        """Return the message to or from another agent as it may be delivered.

        `peer` is the other agent as its token or card names it; `tokens` is its chain, for an inbound message,
        and `proof` what came with it.
        """
        request = requests.a2a_message(self.id, message, direction, peer, tokens, card, proof)
        return answers.members(self._judge(self._sidecar.guard.CheckA2aMessage, request))

    def narrow(self, *, tools: Sequence[str] | None = None, scope: Mapping[str, Json] | None = None) -> None:
        """Take something away for the rest of the session: there is no way back. Raises `Denied` for more."""
        request = requests.narrow(self.id, tools, scope)
        self.opened = answers.opened(self._sidecar.ask(self._sidecar.guard.NarrowSession, request))

    def delegate(
        self,
        agent: str,
        audience: str,
        scope: Mapping[str, Json] | str,
        confirmation_jwk: Mapping[str, Json] | str,
        *,
        lifetime: int = 0,
    ) -> DelegatedToken:
        """Return one more link for a sub-agent, within what is left of this session; it goes behind the chain's tokens.

        `scope` is a scope object that names its tools; what it leaves out stays as it is. `confirmation_jwk`
        is the sub-agent's public key, `lifetime` in seconds (0: as long as may be). Raises `Denied`.
        """
        request = requests.delegate(self.id, (agent, audience), scope, confirmation_jwk, lifetime)
        return answers.delegated(self._sidecar.ask(self._sidecar.guard.Delegate, request))

    def close(self) -> Summary:
        """End the session and return what it did; again, return the same."""
        if self.summary is None:
            request = pb.CloseSessionRequest(session_id=self.id)
            self.summary = answers.summary(self._sidecar.ask(self._sidecar.guard.CloseSession, request))
        return self.summary

    def _judge(self, method: "grpc.UnaryUnaryMultiCallable[_Request, pb.Verdict]", request: _Request) -> pb.Verdict:
        """Return the answer to one crossing, and remember its verdict."""
        self.last = None
        answer = self._sidecar.ask(method, request)
        self.last = answers.verdict(answer)
        return answer
