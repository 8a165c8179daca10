"""State in one SQLite file: rows in rooms, written on the event loop itself, one statement for all that changed.

What changed is written at the end of a journal, the newest last; what is in the journal is folded into the rows by
their keys now and then, and when the file is opened. To write to the one end of one table costs a third of writing
each row to its own place.

Choice: 5 to 10 µs on the loop for a verdict that changed something. Alternative: a thread, whose hop there and back
takes longer than the transaction (as with the audit log). Price: while the kernel makes this process wait to write
its pages, the loop waits too. What takes milliseconds, folding the journal and moving the write-ahead log into the
database, is done in a thread, and whoever changes state meanwhile waits for it.

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

VERSION: Final = 2  # of the tables; 1 had no journal
BUSY_SECONDS: Final = 5.0  # to wait at the start for a process that reads or copies the file
CHECKPOINT_ROWS: Final = 4000  # written since the last checkpoint: some megabytes of write-ahead log at most
MAX_TOGETHER: Final = 64  # rows of one statement; more go one by one, in one transaction
LATER_S: Final = 1.0  # that what could wait waits at most, where nothing else is kept
MAX_UNKEPT: Final = 100_000  # rows that wait while the disk fails; beyond it nothing more is changed

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS state (room TEXT NOT NULL, key TEXT NOT NULL, value NOT NULL, until REAL NOT NULL, "
    "PRIMARY KEY (room, key)) WITHOUT ROWID"
)
_JOURNAL: Final = (
    "CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, room TEXT NOT NULL, key TEXT NOT NULL, value, "
    "until REAL NOT NULL)"
)
_PUT: Final = "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)"
_DROP: Final = "DELETE FROM state WHERE room = ? AND key = ?"
_CLEAR: Final = ("DELETE FROM state WHERE room = ?", "DELETE FROM journal WHERE room = ?")
_WRITE: Final = "INSERT INTO journal (room, key, value, until) VALUES (?, ?, ?, ?)"
_LAST: Final = "FROM (SELECT room, key, value, until, max(seq) FROM journal GROUP BY room, key)"  # the row of the max
_FOLD: Final = (
    f"INSERT OR REPLACE INTO state SELECT room, key, value, until {_LAST} WHERE value IS NOT NULL",
    f"DELETE FROM state WHERE (room, key) IN (SELECT room, key {_LAST} WHERE value IS NULL)",  # noqa: S608 - constants
    "DELETE FROM journal",
)
_MORE: Final = ", (?, ?, ?, ?)"

_Change = tuple[str, str, Value | None, float]  # room, key, value, until; no value where it is dropped


class StateFile:
    """A `Keep` in SQLite. `start` before anything else, `stop` last."""

    def __init__(self, path: Path, checkpoint_rows: int = CHECKPOINT_ROWS, later_s: float = LATER_S) -> None:
        self._path = path
        self._checkpoint_rows = checkpoint_rows
        self._later_s = later_s
        self._database: sqlite3.Connection | None = None
        self._cleared: dict[str, None] = {}  # rooms; what was changed in one since then is in `_changed`
        self._changed: dict[tuple[str, str], _Change] = {}
        self._is_due = False  # whether what changed must be kept before the next answer
        self._later: asyncio.Task[None] | None = None  # keeps what could wait, when its time has come
        self._unfolded: dict[tuple[str, str], _Change] = {}  # what the journal comes to
        self._written = 0  # rows since the last checkpoint
        self.writes = 0  # transactions since the start
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
            raise ConfigError([f"state.path: `{self._path}` cannot be used: {_told(error)}{remedy(error)}"]) from None

    async def stop(self) -> None:
        """Keep what is not kept yet and close the file; silent where it is not open."""
        if self._later:
            self._later.cancel()
            await asyncio.wait([self._later])
        if self._database is not None:
            self._is_due = True
            with suppress(UnavailableError):
                await self.kept()
            if self._checkpoint:
                await asyncio.wait([self._checkpoint])
            self._close()

    def put(self, room: str, row: Row) -> None:
        key, value, until = row
        self._change(room, key, (room, key, value, until))

    def put_later(self, room: str, row: Row) -> None:
        was_due = self._is_due
        self.put(room, row)
        self._is_due = was_due
        if self._later is None or self._later.done():
            self._later = asyncio.create_task(self._kept_later(), name="keep what could wait")

    def drop(self, room: str, key: str) -> None:
        self._change(room, key, (room, key, None, 0.0))

    def clear(self, room: str) -> None:
        for place in [place for place in self._changed if place[0] == room]:
            del self._changed[place]
        self._cleared[room] = None
        self._is_due = True

    def rows(self, room: str) -> Iterator[Row]:
        since = {key: change for (of, key), change in list(self._unfolded.items()) if of == room}
        found = self._opened().execute("SELECT key, value, until FROM state WHERE room = ? ORDER BY key", (room,))
        if not since:
            return (Row(key, value, until) for key, value, until in found)
        kept = {key: Row(key, value, until) for key, value, until in found}
        kept |= {key: Row(key, value or "", until) for key, (_, _, value, until) in since.items()}
        gone = {key for key, change in since.items() if change[2] is None}
        return (kept[key] for key in sorted(kept) if key not in gone)

    async def kept(self) -> None:
        while self._is_due:
            if self._checkpoint is None or self._checkpoint.done():
                self._checkpoint = None
                self._write()
            else:
                await asyncio.wait([self._checkpoint])

    def _change(self, room: str, key: str, change: _Change) -> None:
        if len(self._changed) >= MAX_UNKEPT:
            raise UnavailableError("the state cannot be kept: see state.path")
        self._changed[room, key] = change
        self._is_due = True

    async def _kept_later(self) -> None:
        await asyncio.sleep(self._later_s)
        self._is_due = bool(self._changed) or self._is_due
        with suppress(UnavailableError):  # the next one who must have something kept is told
            await self.kept()

    def _write(self) -> None:
        changed = self._changed.values()
        try:
            database = self._opened()
            if 1 <= len(changed) <= MAX_TOGETHER and not self._cleared:  # a transaction by itself, in one step
                database.execute(_WRITE + _MORE * (len(changed) - 1), [*chain.from_iterable(changed)])
            else:
                _together(database, lambda: self._write_all(database))
        except sqlite3.Error as error:
            raise UnavailableError(f"the state cannot be kept: {_told(error)}: see state.path") from None
        for place in [place for place in self._unfolded if place[0] in self._cleared] if self._cleared else ():
            del self._unfolded[place]
        self._written += len(self._changed)
        self.writes += 1
        self._unfolded.update(self._changed)
        self._changed.clear()
        self._cleared.clear()
        self._is_due = False
        if self._written >= self._checkpoint_rows:
            self._begin_checkpoint()

    def _write_all(self, database: sqlite3.Connection) -> None:
        for statement in _CLEAR:
            database.executemany(statement, [(room,) for room in self._cleared])
        database.executemany(_WRITE, self._changed.values())

    def _begin_checkpoint(self) -> None:
        """Fold the journal, and shorten the write-ahead log. Where that fails, so will the next write, and tell it."""
        self._written = 0
        database = self._opened()

        def work() -> None:
            with suppress(sqlite3.Error):
                self._fold_kept()  # nothing is written meanwhile: `kept` waits
                database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

        self._checkpoint = asyncio.get_running_loop().run_in_executor(None, work)

    def _fold_kept(self) -> None:
        """Move what the journal comes to into the rows; to ask SQL for it takes four times as long."""
        database, last = self._opened(), self._unfolded.values()

        def work() -> None:
            database.executemany(_PUT, [change for change in last if change[2] is not None])
            database.executemany(_DROP, [change[:2] for change in last if change[2] is None])
            database.execute("DELETE FROM journal")

        _together(database, work)
        self._unfolded.clear()

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
        if version not in {0, 1, VERSION}:
            raise ValueError("it is of another version of the sidecar")
        database.execute(_TABLE)
        database.execute(_JOURNAL)
        database.execute(f"PRAGMA user_version = {VERSION}")
        for statement in _FOLD:
            database.execute(statement)
        database.execute("DELETE FROM state WHERE until <= ?", (at,))

    _together(database, work)
    database.execute("PRAGMA busy_timeout = 0")  # the event loop never waits for a lock


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


def remedy(error: Exception) -> str:
    """Return what to do where the file itself is broken."""
    name = str(getattr(error, "sqlite_errorname", ""))
    advice = ": put back the newest copy; without one, remove it and its -wal: what was spent is then forgotten"
    return advice if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) else ""


def _told(error: Exception) -> str:
    """Return what went wrong, without SQLite's own text, which may quote a statement."""
    if isinstance(error, sqlite3.Error):
        name = str(getattr(error, "sqlite_errorname", type(error).__name__))
        return "another process serves on it: set another path" if name.startswith("SQLITE_BUSY") else name
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
