"""Bytes that are no message of the contract end their call with INVALID_ARGUMENT.

Left alone, grpc.aio answers UNKNOWN with the text of the parser's exception. So each method is given a parser
that does not raise when it is added to its server: once, where an interceptor would cost every call.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import grpc

Context = grpc.aio.ServicerContext[Any, Any]

UNREADABLE: Final = object()  # stands for a request that could not be parsed
REFUSAL: Final = "bad_request: the bytes are not a message of this method"


class Readable:
    """What generated code adds a service to, in place of the server itself."""

    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server

    def add_generic_rpc_handlers(self, _handlers: Sequence[Any]) -> None:
        """Take no notice: generated code tells the same methods by `add_registered_method_handlers`."""

    def add_registered_method_handlers(self, service: str, methods: Mapping[str, Any]) -> None:
        """Add each method of `service`, tolerant."""
        tolerant_methods = {name: wrapped(handler) for name, handler in methods.items()}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, tolerant_methods),))


def wrapped(handler: Any) -> "grpc.RpcMethodHandler[Any, Any]":  # noqa: ANN401 - grpc's handlers are of any message
    """Return `handler` with each request that cannot be parsed refused before it is handed on."""
    parse, write = tolerant(handler.request_deserializer), handler.response_serializer
    if handler.unary_unary:
        return grpc.unary_unary_rpc_method_handler(_unary_unary(handler.unary_unary), parse, write)
    if handler.unary_stream:
        return grpc.unary_stream_rpc_method_handler(_unary_stream(handler.unary_stream), parse, write)
    if handler.stream_stream:
        return grpc.stream_stream_rpc_method_handler(_stream_stream(handler.stream_stream), parse, write)
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
