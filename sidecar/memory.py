"""What sessions were told, as the one path needs it: taken in before a verdict leaves, forgotten when they end."""

from typing import Protocol

from sidecar.model.verdict import Verdict


class Memory(Protocol):
    """What sessions were told."""

    async def released(self, judged: Verdict, /) -> None:
        """Remember what crosses, before it leaves; nothing, where the verdict holds it back."""

    def ended(self, session_id: str, /) -> None:
        """Forget the session of this public id."""


class NoMemory:
    """Remembers nothing: for trials."""

    async def released(self, _judged: Verdict, /) -> None:
        """Forget it at once."""

    def ended(self, _session_id: str, /) -> None:
        """Nothing to forget."""
