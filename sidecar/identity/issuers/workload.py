"""The keys of one trust domain from a SPIFFE Workload API (SPIFFE Workload API, section 6.2).

One stream stays open: the agent sends all bundles at once and again at each change, so that a key that is taken back is
gone within moments. While the stream stands, what it said last holds.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc

from sidecar.errors import FetchError
from sidecar.identity.issuers.bundles import bundle
from sidecar.identity.issuers.fetching import MAX_BYTES
from sidecar.identity.issuers.generations import NOTHING, Fetched
from sidecar.workload.v1.workload_pb2 import FetchJWTBundlesRequest, FetchJWTBundlesResponse

METHOD: Final = "/SpiffeWorkloadAPI/FetchJWTBundles"
# Without it the agent refuses: a page in a browser could not set it, should the socket ever be reached that way.
HEADER: Final = (("workload.spiffe.io", "true"),)
MAX_REPLY: Final = 4 << 20  # octets of all bundles together: sixteen trust domains of the largest size


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadApi:
    """A Workload API on a Unix socket. `trust_domain` is `spiffe://…`: no other bundle is looked at."""

    socket: Path
    trust_domain: str
    algorithms: frozenset[str]

    async def updates(self) -> AsyncGenerator[Fetched, None]:
        """Yield the trust domain's keys now and at each change. Raises `FetchError` when the stream breaks off."""
        options = (("grpc.max_receive_message_length", MAX_REPLY), ("grpc.default_authority", "localhost"))
        try:
            async with grpc.aio.insecure_channel(f"unix:{self.socket}", options=options) as channel:
                fetch = channel.unary_stream(
                    METHOD,
                    request_serializer=FetchJWTBundlesRequest.SerializeToString,
                    response_deserializer=FetchJWTBundlesResponse.FromString,
                )
                async for response in fetch(FetchJWTBundlesRequest(), metadata=HEADER):
                    yield self._ours(response)
        except grpc.RpcError:
            raise FetchError("the Workload API does not answer as it should") from None
        raise FetchError("the Workload API has ended the stream")

    def _ours(self, response: FetchJWTBundlesResponse) -> Fetched:
        octets = response.bundles.get(self.trust_domain)
        if octets is None:
            return Fetched(keys=NOTHING)  # taken back
        if len(octets) > MAX_BYTES:
            raise FetchError(f"the bundle is larger than {MAX_BYTES} octets", reason="jwks_too_large")
        return bundle(octets, self.algorithms, needs_use=False)
