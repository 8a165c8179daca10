"""Taken proofs in dictionaries. Atomic because nothing is awaited between read and write.

A restart forgets them: whoever judges proofs refuses those that were made before it (`Expected.since`).
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final

from sidecar.errors import TokenError, UnavailableError

LIFETIME: Final = 60  # seconds that a proof is remembered when its maker's clock is ours
MAX_PROOFS: Final = 65_536  # about 20 MB when full; at 60 s each that is a thousand sessions opened a second
MAX_OF_ONE_HOLDER: Final = 8_192  # so that no one holder fills the store for the others


class MemoryProofs:
    """At most `capacity` proofs, `quota` of one holder; those that are too old for anybody make room first.

    `ahead` is told until when a proof is good whose maker's clock is ahead: a restart must not forget that.
    """

    def __init__(
        self,
        capacity: int = MAX_PROOFS,
        quota: int = MAX_OF_ONE_HOLDER,
        ahead: Callable[[float], None] = lambda _until: None,
    ) -> None:
        self._ahead = ahead
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
        if until > at + LIFETIME:
            try:
                self._ahead(until)
            except OSError:
                raise UnavailableError("what a proof was used for cannot be kept") from None
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
