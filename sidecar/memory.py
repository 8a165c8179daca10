"""What sessions were told, as the one path needs it: taken in before a verdict leaves, forgotten when they end."""

from typing import Protocol

from sidecar.model.session import Session
from sidecar.model.verdict import Verdict


class Memory(Protocol):
    """What sessions were told."""

    async def released(self, judged: Verdict, /) -> None:
        """Remember what crosses, before it leaves; nothing, where the verdict holds it back."""

    async def began(self, part: Session, whole: Session, /) -> None:
        """Have `part`, which is about to be opened, begin with what `whole` has touched."""

    def ended(self, session_id: str, /) -> None:
        """Forget the session of this public id."""


class NoMemory:
    """Remembers nothing: for trials."""

    async def released(self, _judged: Verdict, /) -> None:
        """Forget it at once."""

    async def began(self, _part: Session, _whole: Session, /) -> None:
        """Nothing to begin with."""

    def ended(self, _session_id: str, /) -> None:
        """Nothing to forget."""
