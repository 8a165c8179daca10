"""State in one SQLite file: rows in rooms, written on the event loop itself, one transaction for all that changed.

Choice: 10 to 20 µs on the loop for a verdict that changed something. Alternative: a thread, whose hop there and back
takes longer than the transaction (as with the audit log). Price: while the kernel makes this process wait to write
its pages, the loop waits too. What takes milliseconds, moving the write-ahead log into the database, is done in a
thread, and whoever changes state meanwhile waits for it.

What is kept outlives the end of the process by any signal. A loss of power may take the newest transactions, never
the file: what must outlive that as well, revocations, has a file of its own (`stores.sqlite`).
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final

from sidecar.errors import ConfigError, UnavailableError
from sidecar.stores.keep import Row, Value

VERSION: Final = 1  # of the table
BUSY_SECONDS: Final = 5.0  # to wait at the start for a process that reads or copies the file
AT_ONCE: Final = 8  # rows that one statement writes
CHECKPOINT_ROWS: Final = 4000  # written since the last checkpoint: some megabytes of write-ahead log at most
MAX_UNKEPT: Final = 100_000  # rows that wait while the disk fails; beyond it nothing more is changed

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS state (room TEXT NOT NULL, key TEXT NOT NULL, value NOT NULL, until REAL NOT NULL, "
    "PRIMARY KEY (room, key)) WITHOUT ROWID"
)
_PUT: Final = "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)"
_PUTS: Final = [f"{_PUT}{', (?, ?, ?, ?)' * more}" for more in range(AT_ONCE)]
_DROP: Final = "DELETE FROM state WHERE room = ? AND key = ?"
_CLEAR: Final = "DELETE FROM state WHERE room = ?"


class StateFile:
    """A `Keep` in SQLite. `start` before anything else, `stop` last."""

    def __init__(self, path: Path, checkpoint_rows: int = CHECKPOINT_ROWS) -> None:
        self._path = path
        self._checkpoint_rows = checkpoint_rows
        self._database: sqlite3.Connection | None = None
        self._cleared: dict[str, None] = {}  # rooms; what was changed in one since then is in `_changed`
        self._changed: dict[tuple[str, str], Row | None] = {}
        self._written = 0  # rows since the last checkpoint
        self._checkpoint: asyncio.Future[None] | None = None

    def start(self, at: float) -> None:
        """Open the file and forget what is over at `at` (epoch). Raises `ConfigError`, which says what to do."""
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            # Made here, not by SQLite, for the mode; the write-ahead log gets the mode of the database.
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            self._database = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )  # a checkpoint comes from another thread, never at once with a write
            _prepare(self._database, at)
        except (sqlite3.Error, OSError, ValueError) as error:
            self._close()
            raise ConfigError([f"state.path: `{self._path}` cannot be used: {_told(error)}"]) from None

    async def stop(self) -> None:
        """Keep what is not kept yet and close the file; silent where it is not open."""
        if self._database is not None:
            with suppress(UnavailableError):
                await self.kept()
            if self._checkpoint:
                await asyncio.wait([self._checkpoint])
            self._close()

    def put(self, room: str, row: Row) -> None:
        self._change(room, row.key, row)

    def drop(self, room: str, key: str) -> None:
        self._change(room, key, None)

    def clear(self, room: str) -> None:
        for place in [place for place in self._changed if place[0] == room]:
            del self._changed[place]
        self._cleared[room] = None

    def rows(self, room: str) -> Iterator[Row]:
        found = self._opened().execute("SELECT key, value, until FROM state WHERE room = ? ORDER BY key", (room,))
        return (Row(key, value, until) for key, value, until in found)

    async def kept(self) -> None:
        while self._changed or self._cleared:
            if self._checkpoint is None or self._checkpoint.done():
                self._checkpoint = None
                self._write()
            else:
                await asyncio.wait([self._checkpoint])

    def _change(self, room: str, key: str, row: Row | None) -> None:
        if len(self._changed) >= MAX_UNKEPT:
            raise UnavailableError("the state cannot be kept: see state.path")
        self._changed[room, key] = row

    def _write(self) -> None:
        puts = [(room, key, row.value, row.until) for (room, key), row in self._changed.items() if row is not None]
        drops = [place for place, row in self._changed.items() if row is None]
        try:
            database = self._opened()
            if puts and len(puts) <= AT_ONCE and not drops and not self._cleared:
                # A transaction by itself, in one step.
                database.execute(_PUTS[len(puts) - 1], list(chain.from_iterable(puts)))
            else:
                rooms = [(room,) for room in self._cleared]
                _together(database, lambda: _change(database, rooms, puts, drops))
        except sqlite3.Error as error:
            raise UnavailableError(f"the state cannot be kept: {_told(error)}: see state.path") from None
        self._written += len(self._changed)
        self._changed.clear()
        self._cleared.clear()
        if self._written >= self._checkpoint_rows:
            self._begin_checkpoint()

    def _begin_checkpoint(self) -> None:
        """Shorten the write-ahead log. Where that fails, so will the next write, and tell it."""
        self._written = 0
        database = self._opened()

        def work() -> None:
            with suppress(sqlite3.Error):
                database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

        self._checkpoint = asyncio.get_running_loop().run_in_executor(None, work)

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            raise UnavailableError("the state file is not open")
        return self._database

    def _close(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None


def _prepare(database: sqlite3.Connection, at: float) -> None:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")  # one writer: another sidecar would not see what is in memory
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA wal_autocheckpoint = 0")

    def work() -> None:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version not in {0, VERSION}:
            raise ValueError("it is of another version of the sidecar")
        database.execute(_TABLE)
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("DELETE FROM state WHERE until <= ?", (at,))

    _together(database, work)
    database.execute("PRAGMA busy_timeout = 0")  # the event loop never waits for a lock


def _change(
    database: sqlite3.Connection,
    rooms: list[tuple[str]],
    puts: list[tuple[str, str, Value, float]],
    drops: list[tuple[str, str]],
) -> None:
    if rooms:
        database.executemany(_CLEAR, rooms)
    if puts:
        database.executemany(_PUT, puts)
    if drops:
        database.executemany(_DROP, drops)


def _together(database: sqlite3.Connection, work: Callable[[], object]) -> None:
    """Do `work` in one transaction."""
    database.execute("BEGIN IMMEDIATE")
    try:
        work()
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _told(error: Exception) -> str:
    """Return what went wrong, without SQLite's own text, which may quote a statement."""
    if isinstance(error, sqlite3.Error):
        name = str(getattr(error, "sqlite_errorname", type(error).__name__))
        return "another process serves on it: set another path" if name.startswith("SQLITE_BUSY") else name
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
