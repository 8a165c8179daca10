"""The port of what sessions cost by their type of task."""

from typing import Protocol


class Costs(Protocol):
    """What sessions of each type of task have cost. Times are seconds since the epoch; no verb waits."""

    def spent(self, kind: str, session: str, micro_usd: int, until: float, at: float, /) -> None:
        """Add to what a session of the type `kind` has cost; `until` is when it ends at the latest."""

    def is_spike(self, session: str, deviations: float, /) -> bool:
        """Return whether a session now costs so many standard deviations more than those of its type: once."""
