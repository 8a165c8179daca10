"""The diaries of sessions in the state file: sealed pages, a room for each session, gone when it is."""

from collections.abc import Iterable, Iterator
from typing import Final

from sidecar.errors import UnavailableError
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.seal import PLAIN, Seal

_ROOM: Final = "told/"


def room_of(session_id: str) -> str:
    """Return the room of what the session of this public id was told."""
    return f"{_ROOM}{session_id}"


class KeptDiary:
    """A `Diary` (content.origin.diary) over a `Keep`."""

    def __init__(self, keep: Keep = NOWHERE, seal: Seal = PLAIN) -> None:
        self._keep = keep
        self._seal = seal

    def write(self, session: str, key: str, page: bytes, until: float) -> None:
        room = room_of(session)
        self._keep.put(room, Row(key, self._seal.sealed(room, key, page), until))

    def burn(self, session: str) -> None:
        self._keep.clear(room_of(session))

    async def first(self, session: str) -> tuple[str, bytes] | None:
        await self._keep.kept()
        return next(self._opened(session, self._keep.rows(room_of(session))), None)

    async def read(self, session: str) -> Iterator[tuple[str, bytes]]:
        await self._keep.kept()  # a page that waits to be written counts, too
        return self._opened(session, list(self._keep.rows(room_of(session))))  # at once: others write meanwhile

    def _opened(self, session: str, rows: Iterable[Row]) -> Iterator[tuple[str, bytes]]:
        room = room_of(session)
        for row in rows:
            try:
                page = self._seal.opened(room, row.key, row.value)
            except ValueError:
                message = "what this session was told is not what this sidecar's key sealed: open a new one"
                raise UnavailableError(message) from None
            yield row.key, page
