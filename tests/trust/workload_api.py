"""A Workload API that speaks the real protocol on a Unix socket, and says what it is told to."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import grpc

from sidecar.workload.v1.workload_pb2 import FetchJWTBundlesRequest, FetchJWTBundlesResponse

Context = grpc.aio.ServicerContext[FetchJWTBundlesRequest, FetchJWTBundlesResponse]


class WorkloadAgent:
    """Sends the bundles of the moment to each who asks, and again when they change. `callers` counts streams."""

    def __init__(self, bundles: Mapping[str, bytes]) -> None:
        self._bundles = dict(bundles)
        self._changed = asyncio.Condition()
        self._changes = 0
        self.callers = 0

    async def tell(self, bundles: Mapping[str, bytes]) -> None:
        """Put other bundles in place and send them to all that listen."""
        async with self._changed:
            self._bundles = dict(bundles)
            self._changes += 1
            self._changed.notify_all()

    async def fetch(self, _request: FetchJWTBundlesRequest, context: Context) -> AsyncIterator[FetchJWTBundlesResponse]:
        """Serve FetchJWTBundles."""
        if ("workload.spiffe.io", "true") not in (context.invocation_metadata() or ()):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "security header missing from request")
        self.callers += 1
        while True:
            sent = self._changes
            yield FetchJWTBundlesResponse(bundles=self._bundles)
            async with self._changed:
                await self._changed.wait_for(lambda: self._changes != sent)  # noqa: B023 - asked within this round only


@asynccontextmanager
async def serving(agent: WorkloadAgent, socket: Path) -> AsyncIterator[None]:
    """Serve `agent` on `socket` for the length of the block."""
    handler = grpc.unary_stream_rpc_method_handler(
        agent.fetch,
        request_deserializer=FetchJWTBundlesRequest.FromString,
        response_serializer=FetchJWTBundlesResponse.SerializeToString,
    )
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("SpiffeWorkloadAPI", {"FetchJWTBundles": handler}),)
    )
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    try:
        yield
    finally:
        await server.stop(None)
