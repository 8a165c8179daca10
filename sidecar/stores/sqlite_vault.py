"""The vault in SQLite, so that tokens still have their values after `kill -9`. The file holds sealed values only.

What is looked up stands in memory; a new token is in the file before it is told to anybody.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from sidecar.errors import ConfigError, UnavailableError
from sidecar.sqlite_file import connect, name_of, prepare, told, transaction
from sidecar.stores.base import Datum, Drawer
from sidecar.stores.sealing import Sealer
from sidecar.stores.vault import MAX_OF_SESSION, MAX_VALUES, Kept, MemoryVault

VERSION: Final = 1  # of the tables

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS held (session TEXT NOT NULL, mark BLOB NOT NULL, until REAL NOT NULL, "
    "peer TEXT NOT NULL, token TEXT NOT NULL, loose BLOB NOT NULL, is_loose INTEGER NOT NULL, sealed BLOB NOT NULL, "
    "PRIMARY KEY (session, mark)) WITHOUT ROWID"
)


class SqliteVault:
    """`Vault` that outlives the process. `start` before anything else, `stop` last."""

    def __init__(
        self, path: Path, sealer: Sealer, capacity: int = MAX_VALUES, of_session: int = MAX_OF_SESSION
    ) -> None:
        self._path = path
        self._hot = MemoryVault(sealer, capacity, of_session)
        self._database: sqlite3.Connection | None = None
        self._one_at_a_time = asyncio.Lock()
        self.is_out = False  # whether what was to be written last was not

    async def start(self, at: float) -> None:
        """Open the file and read what it holds. Raises `ConfigError`, which says what to do."""
        for kept in await asyncio.to_thread(self._opened, at):
            self._hot.add(kept)

    async def stop(self) -> None:
        """Close the file; silent where it is not open."""
        async with self._one_at_a_time:
            self._close()

    async def tokens(self, drawer: Drawer, data: Sequence[Datum], at: float) -> tuple[str, ...]:
        async with self._one_at_a_time:
            tokens, new = self._hot.assigned(drawer, data, at)
            await self._kept(new)
            return tokens

    async def values(self, drawer: Drawer, tokens: Collection[str], at: float) -> Mapping[str, str]:
        return await self._hot.values(drawer, tokens, at)

    async def lend(self, to: Drawer, tokens: Collection[str], at: float) -> None:
        async with self._one_at_a_time:
            await self._kept(self._hot.lent(to, tokens, at))

    async def forget(self, session_ids: Collection[str]) -> None:
        async with self._one_at_a_time:
            if known := self._hot.known(session_ids):
                await self._hot.forget(known)  # first in memory: whatever becomes of the disk, nobody gets them here
                await self._written("DELETE FROM held WHERE session = ?", [(id_,) for id_ in known])

    async def sweep(self, at: float) -> None:
        """Forget the sessions whose time is over."""
        await self.forget(self._hot.over(at))

    async def _kept(self, new: Sequence[Kept]) -> None:
        if new:
            try:
                await self._written("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_row, new))
            except BaseException:  # also where the caller is gone: a token that is not kept is told to nobody
                self._hot.drop(new)
                raise

    async def _written(self, statement: str, rows: "Collection[tuple[str, ...]] | map[_Row]") -> None:
        try:
            await asyncio.to_thread(self._in_transaction, lambda database: database.executemany(statement, rows))
        except sqlite3.Error as error:
            self.is_out = True
            message = f"the vault cannot be kept over a restart: {name_of(error)}: see state.path"
            raise UnavailableError(message) from None
        self.is_out = False

    def _in_transaction(self, work: Callable[[sqlite3.Connection], object]) -> None:
        if self._database is None:
            raise UnavailableError("the vault's file is not open")
        with transaction(self._database):
            work(self._database)

    def _opened(self, at: float) -> list[Kept]:
        try:
            self._database = connect(self._path, "NORMAL")  # after a power cut tokens stay text
            self._database.execute("PRAGMA secure_delete = ON")
            prepare(self._database, VERSION, [_TABLE])
            return self._read(self._database, at)
        except (sqlite3.Error, OSError, ValueError) as error:
            self._close()
            raise ConfigError([f"state.path: the vault `{self._path}` cannot be read: {told(error)}"]) from None

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _read(self, database: sqlite3.Connection, at: float) -> list[Kept]:
        database.execute("DELETE FROM held WHERE until <= ?", (at,))
        # Of two spellings of one token, the one whose country is known is the last word.
        rows = database.execute("SELECT * FROM held ORDER BY is_loose DESC").fetchall()
        return [_kept(row) for row in rows]


_Row = tuple[str, bytes, float, str, str, bytes, bool, bytes]


def _row(kept: Kept) -> _Row:
    drawer = kept.drawer
    return (
        *(drawer.session_id, kept.mark, drawer.until, drawer.peer),
        *(kept.token, kept.loose, kept.is_loose, kept.sealed),
    )


def _kept(row: _Row) -> Kept:
    session, mark, until, peer, token, loose, is_loose, sealed = row
    drawer = Drawer(session_id=session, until=until, peer=peer)
    return Kept(drawer=drawer, token=token, mark=mark, loose=loose, is_loose=bool(is_loose), sealed=sealed)
