"""Bytes that are no message of the contract end their call with INVALID_ARGUMENT.

Left alone, grpc.aio answers UNKNOWN with the text of the parser's exception. An interceptor is the one place
that stands before the parser of every method, those of health and reflection included.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeAlias

import grpc

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # generic in its stubs only

UNREADABLE: Final = object()  # stands for a request that could not be parsed
REFUSAL: Final = "bad_request: the bytes are not a message of this method"


class Readable(grpc.aio.ServerInterceptor):
    """Wraps each method once, when it is first called."""

    def __init__(self) -> None:
        self._wrapped: dict[int, tuple[Handler, Handler]] = {}  # by identity of the handler, which is kept with it

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["Handler | None"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "Handler | None":
        """Return the handler of the method with a parser that does not raise; None where there is no method."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.request_deserializer is None:
            return handler
        known = self._wrapped.get(id(handler))
        if known is None:
            known = self._wrapped[id(handler)] = (handler, wrapped(handler))
        return known[1]


def wrapped(handler: "Handler") -> "Handler":
    """Return `handler` with each request that cannot be parsed refused before it is handed on."""
    parts = {
        "request_deserializer": tolerant(handler.request_deserializer),
        "response_serializer": handler.response_serializer,
    }
    if handler.unary_unary:
        return grpc.unary_unary_rpc_method_handler(_unary_unary(handler.unary_unary), **parts)
    if handler.unary_stream:
        return grpc.unary_stream_rpc_method_handler(_unary_stream(handler.unary_stream), **parts)
    if handler.stream_stream:
        return grpc.stream_stream_rpc_method_handler(_stream_stream(handler.stream_stream), **parts)
    raise TypeError("the contract has no method of this kind")


def tolerant(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Return `parse` with `UNREADABLE` in place of whatever it raises."""

    def read(data: bytes) -> Any:  # noqa: ANN401 - any message
        try:
            return parse(data)
        except Exception:  # noqa: BLE001 - a parser's error quotes its input, so it ends here
            return UNREADABLE

    return read


def _unary_unary(serve: Callable[[Any, Context], Awaitable[Any]]) -> Callable[[Any, Context], Awaitable[Any]]:
    async def answer(request: Any, context: Context) -> Any:  # noqa: ANN401 - any message
        if request is UNREADABLE:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, REFUSAL)
        return await serve(request, context)

    return answer


def _unary_stream(serve: Callable[[Any, Context], AsyncIterator[Any]]) -> Callable[[Any, Context], AsyncIterator[Any]]:
    async def answers(request: Any, context: Context) -> AsyncIterator[Any]:  # noqa: ANN401 - any message
        if request is UNREADABLE:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, REFUSAL)
        async for reply in serve(request, context):
            yield reply

    return answers


def _stream_stream(serve: Callable[[Any, Context], AsyncIterator[Any]]) -> Callable[[Any, Context], AsyncIterator[Any]]:
    async def readable(requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
        async for request in requests:
            if request is UNREADABLE:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, REFUSAL)
            yield request

    async def answers(requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
        async for reply in serve(readable(requests, context), context):
            yield reply

    return answers
