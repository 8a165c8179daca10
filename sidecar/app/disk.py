"""What cannot be written: a disk is full, read only, or broken, and meanwhile no verdict is given (`UNAVAILABLE`).

What must be kept waits in memory and is tried again by whoever holds it; of the rest is tried here whether there is
room again, so that the status is right also where nobody asks for a verdict meanwhile.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

STATE: Final = "state"  # names in the status
AUDIT: Final = "audit"
VAULT: Final = "vault"
REVOKED: Final = "revocations:kept"
NEEDED: Final = frozenset({STATE, AUDIT})  # for any verdict
ROOM: Final = 1 << 16  # octets that must find room: those of some verdicts


class Written(Protocol):
    """What writes to the disk."""

    is_out: bool  # whether what it wrote last was not written


class Disk:
    """Tells what is out. `parts` are by name; of those with `folders` only the next write shows that all is well."""

    def __init__(self, parts: Mapping[str, Written], folders: Mapping[str, Path]) -> None:
        self._parts = parts
        self._folders = folders

    @property
    def degraded(self) -> frozenset[str]:
        """What the status tells."""
        return frozenset(name for name, part in self._parts.items() if part.is_out)

    async def look(self) -> None:
        """Look whether there is room again for what is out."""
        for name, folder in self._folders.items():
            if self._parts[name].is_out and await asyncio.to_thread(has_room, folder):
                self._parts[name].is_out = False


def has_room(folder: Path) -> bool:
    """Return whether something can be written in `folder`."""
    tried = folder / ".sidecar.room"
    try:
        try:
            return tried.write_bytes(bytes(ROOM)) == ROOM
        finally:
            tried.unlink(missing_ok=True)
    except OSError:
        return False
