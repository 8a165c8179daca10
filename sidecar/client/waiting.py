"""How long a client waits for a person: in calls of half a minute, so that one which is lost costs little."""

from time import monotonic
from typing import Final

PATIENCE: Final = 300.0  # seconds; a request lasts five minutes where no rule says otherwise
ONE_CALL: Final = 30.0  # seconds that one AwaitApproval may wait; the sidecar waits a minute at most
ANSWERING: Final = 1.0  # seconds left to each call for its answer to arrive
PAUSE: Final = 1.0  # seconds between two calls: where too many wait the sidecar answers at once


class Patience:
    """Counts down `timeout` seconds. Raises `ValueError` where that is below zero or no number."""

    def __init__(self, timeout: float) -> None:
        if not timeout >= 0:
            raise ValueError("the timeout must be a number of seconds, zero or above")
        self._until = monotonic() + timeout

    def one_call(self) -> float:
        """Return the deadline of the next call, in seconds."""
        return min(ONE_CALL, max(0.0, self._left())) + ANSWERING

    def pause(self) -> float | None:
        """Return how many seconds to wait before the next call, None where time is up."""
        left = self._left()
        return min(PAUSE, left) if left > 0 else None

    def _left(self) -> float:
        return self._until - monotonic()
