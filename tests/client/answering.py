"""A sidecar that answers as it is told, bytes included: what the product's own server never sends."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc

from sidecar.v1 import sidecar_pb2 as pb

Behave = Callable[[bytes, grpc.ServicerContext], bytes]

SESSION = pb.Session(session_id="s-1", principal=pb.Principal(subject="ann", actors=["bot"], agent="bot"), tools=["t"])
SUMMARY = pb.SessionSummary(crossings=3, denied=1, input_tokens=5, output_tokens=7, cost_usd="0.10")


class Answering:
    """Holds the answer of each method, and the last request that it got."""

    def __init__(self) -> None:
        self.behave: dict[str, Behave] = {}
        self.got: dict[str, bytes] = {}
        self.released = threading.Event()
        self.says("OpenSession", SESSION)
        self.says("CloseSession", SUMMARY)

    def says(self, method: str, answer: pb.Verdict | pb.Session | pb.SessionSummary | bytes) -> None:
        """Answer `method` so."""
        raw = answer if isinstance(answer, bytes) else answer.SerializeToString()
        self.behave[method] = lambda _request, _context: raw

    def fails(self, method: str, status: grpc.StatusCode) -> None:
        """End `method` with a status whose text quotes something secret."""

        def abort(_request: bytes, context: grpc.ServicerContext) -> bytes:
            context.abort(status, "s3cret detail")

        self.behave[method] = abort

    def hangs(self, method: str) -> None:
        """Answer `method` only when the test is over."""

        def wait(_request: bytes, _context: grpc.ServicerContext) -> bytes:
            self.released.wait(timeout=10)
            return b""

        self.behave[method] = wait

    def handler(self, method: str) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Return what gRPC calls for `method`."""

        def call(request: bytes, context: grpc.ServicerContext) -> bytes:
            self.got[method] = request
            return self.behave[method](request, context)

        return grpc.unary_unary_rpc_method_handler(call)


METHODS = (
    "OpenSession",
    "NarrowSession",
    "CheckUserInput",
    "CheckLlmRequest",
    "CheckLlmOutput",
    "CheckToolCall",
    "AwaitApproval",
    "CheckToolResponse",
    "CheckA2aMessage",
    "CloseSession",
)


@contextmanager
def listening(folder: Path) -> Iterator[tuple[str, Answering]]:
    """Run one on a Unix socket in `folder`; yield its address and its script."""
    script = Answering()
    with ThreadPoolExecutor(max_workers=4) as workers:
        server = grpc.server(workers)
        handlers = {method: script.handler(method) for method in METHODS}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("sidecar.v1.Guard", handlers),))
        address = f"unix:{folder / 'guard.sock'}"
        server.add_insecure_port(address)
        server.start()
        try:
            yield address, script
        finally:
            script.released.set()
            server.stop(grace=None).wait()
