"""Taken proofs in dictionaries. Atomic because nothing is awaited between read and write.

A restart forgets them: whoever judges proofs refuses those that were made before it (`Expected.since`).
"""

from heapq import heappop, heappush

from sidecar.errors import TokenError

MAX_PROOFS = 65_536  # about 20 MB when full; at 60 s each that is a thousand sessions opened a second
MAX_OF_ONE_HOLDER = 8_192  # so that no one holder fills the store for the others


class MemoryProofs:
    """At most `capacity` proofs, `quota` of one holder; those that are too old for anybody make room first."""

    def __init__(self, capacity: int = MAX_PROOFS, quota: int = MAX_OF_ONE_HOLDER) -> None:
        self._capacity = capacity
        self._quota = quota
        self._taken: dict[str, set[str]] = {}
        self._ends: list[tuple[float, str, str]] = []  # a heap, the next to be forgotten on top

    def __len__(self) -> int:
        """Return how many proofs are remembered."""
        return len(self._ends)

    async def take(self, thumbprint: str, token_id: str, until: float, at: float) -> None:
        self._forget(at)
        own = self._taken.get(thumbprint, set())
        if token_id in own:
            raise TokenError("this proof was used before: make a new one each time", reason="replay_detected")
        if len(own) >= self._quota or len(self._ends) >= self._capacity:
            raise TokenError("too many proofs at once: try again in a minute", reason="replay_store_full")
        own.add(token_id)
        self._taken[thumbprint] = own
        heappush(self._ends, (until, thumbprint, token_id))

    def _forget(self, at: float) -> None:
        """Forget what is too old. Each proof is forgotten once, so that a call pays for its own on average."""
        while self._ends and self._ends[0][0] < at:
            _, thumbprint, token_id = heappop(self._ends)
            own = self._taken[thumbprint]
            own.discard(token_id)
            if not own:
                del self._taken[thumbprint]
