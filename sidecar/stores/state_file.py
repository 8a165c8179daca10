"""State in one SQLite file, and two journals beside it: rows in rooms, written on the event loop itself.

What changed is written at the end of a journal (`stores.journal`), all of it as one entry. Now and then, when the file
is opened and when it is closed, what a journal comes to is folded into the rows by their keys, in a thread; meanwhile
the other journal is written, so that nobody waits.

Choice: a few microseconds on the loop for a verdict that changed something. Alternatives: a transaction in SQLite,
which takes ten times that where its code is not in the processor's caches; a thread, whose hop there and back takes
longer still. Price: while the kernel makes this process wait to write its pages, the loop waits too.

What is kept outlives the end of the process by any signal. A loss of power may take the newest entries, never
the file: what must outlive that as well, revocations, has a file of its own (`stores.sqlite_revocations`).
"""

import asyncio
import errno
import os
import sqlite3
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Final

from sidecar.errors import ConfigError, UnavailableError
from sidecar.sqlite_file import connect, prepare, told, transaction
from sidecar.stores.journal import Journal
from sidecar.stores.keep import Row, Value
from sidecar.tasks import ended

VERSION: Final = 3  # of the tables
CHECKPOINT_ROWS: Final = 4000  # written since the last checkpoint
CHECKPOINT_OCTETS: Final = 1 << 23
MOST_BEHIND: Final = 8  # times as much may be written before a checkpoint has ended; then whoever writes waits for it
JOURNALS: Final = (".j0", ".j1")  # behind the name of the file
FOLDED: Final = "folded"  # the room of the number of the newest entry that is folded, and the key of its row
LATER_S: Final = 1.0  # that what could wait waits at most, where nothing else is kept
MAX_UNKEPT: Final = 100_000  # rows that wait while the disk fails; beyond it nothing more is changed

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS state (room TEXT NOT NULL, key TEXT NOT NULL, value NOT NULL, until REAL NOT NULL, "
    "PRIMARY KEY (room, key)) WITHOUT ROWID"
)
_PUT: Final = "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)"
_DROP: Final = "DELETE FROM state WHERE room = ? AND key = ?"
_CLEAR: Final = "DELETE FROM state WHERE room = ?"
_ROW: Final = struct.Struct("<BIIId")  # kind, octets of room, key and value, until
_CLEARED, _DROPPED, _TEXT, _OCTETS = range(4)

_Change = tuple[str, str, Value | None, float]  # room, key, value, until; no value where it is dropped


@dataclass(slots=True)
class _Layer:
    """What a journal comes to: rooms that were cleared, and what was changed in each since."""

    journal: Journal
    cleared: dict[str, None] = field(default_factory=dict)
    changed: dict[tuple[str, str], _Change] = field(default_factory=dict)
    rows: int = 0  # written to it
    number: int = 0  # of its newest entry

    def take(self, number: int, cleared: Iterable[str], changed: Mapping[tuple[str, str], _Change]) -> None:
        """Take in the entry of this number, which is written to the journal."""
        self.number = number
        for room in cleared:
            for place in [place for place in self.changed if place[0] == room]:
                del self.changed[place]
            self.cleared[room] = None
        self.changed.update(changed)
        self.rows += len(changed) + 1

    def fold(self, database: sqlite3.Connection) -> None:
        """Move it into the rows, and forget it. Twice does no harm. Raises `sqlite3.Error`, `OSError`."""
        changed = self.changed.values()
        with transaction(database):
            database.executemany(_CLEAR, [(room,) for room in self.cleared])
            database.executemany(_PUT, [change for change in changed if change[2] is not None])
            database.executemany(_DROP, [change[:2] for change in changed if change[2] is None])
            database.execute(_PUT, (FOLDED, FOLDED, str(self.number), inf))
        on_disk(database)  # before the journal is gone
        self.journal.clear()
        self.cleared, self.changed, self.rows = {}, {}, 0


class StateFile:
    """A `Keep` in SQLite. `start` before anything else, `stop` last."""

    def __init__(
        self,
        path: Path,
        checkpoint_rows: int = CHECKPOINT_ROWS,
        later_s: float = LATER_S,
        checkpoint_octets: int = CHECKPOINT_OCTETS,
    ) -> None:
        self._path = path
        self._checkpoint_rows = checkpoint_rows
        self._checkpoint_octets = checkpoint_octets
        self._later_s = later_s
        self._database: sqlite3.Connection | None = None
        self._cleared: dict[str, None] = {}  # rooms; what was changed in one since then is in `_changed`
        self._changed: dict[tuple[str, str], _Change] = {}
        self._is_due = False  # whether what changed must be kept before the next answer
        self._later: asyncio.Task[None] | None = None  # keeps what could wait, when its time has come
        self._older, self._newer = (_Layer(Journal(path.with_name(path.name + end))) for end in JOURNALS)
        self._number = 0  # of the newest entry
        self.writes = 0  # entries since the start
        self.is_out = False  # whether what was to be kept last is not
        self._folding: asyncio.Future[None] | None = None
        self._one_at_a_time = threading.Lock()  # a connection is not for two threads at once

    def start(self, at: float) -> None:
        """Open the file and forget what is over at `at` (epoch). Raises `ConfigError`, which says what to do."""
        try:
            self._database = connect(self._path, "NORMAL")
            self._database.execute("PRAGMA wal_autocheckpoint = 0")  # a fold does it, in a thread
            prepare(self._database, VERSION, [_TABLE])
            self._take_back(self._database, at)
        except (sqlite3.Error, OSError, ValueError) as error:
            self._close()
            raise ConfigError([f"state.path: `{self._path}` cannot be used: {told(error)}"]) from None

    async def stop(self) -> None:
        """Keep what is not kept yet and close the file; silent where it is not open."""
        await ended(self._later)
        if self._database is not None:
            self._is_due = True
            with suppress(UnavailableError):
                await self.kept()
            with suppress(UnavailableError):  # then the next start does it
                await self._folded()
            self._close()

    def put(self, room: str, row: Row) -> None:
        self._change((room, *row))

    def put_later(self, room: str, row: Row) -> None:
        was_due = self._is_due
        self.put(room, row)
        self._is_due = was_due
        if self._later is None or self._later.done():
            self._later = asyncio.create_task(self._kept_later(), name="keep what could wait")

    def drop(self, room: str, key: str) -> None:
        self._change((room, key, None, 0.0))

    def clear(self, room: str) -> None:
        for place in [place for place in self._changed if place[0] == room]:
            del self._changed[place]
        self._cleared[room] = None
        self._is_due = True

    def rows(self, room: str) -> Iterator[Row]:
        # Before the table: what is folded meanwhile stands in both, and once more does no harm.
        layers = [(one.cleared, one.changed) for one in (self._older, self._newer) if one.rows]
        with self._one_at_a_time:
            found = self._opened().execute("SELECT key, value, until FROM state WHERE room = ?", (room,)).fetchall()
        kept = {key: Row(key, value, until) for key, value, until in found}
        for cleared, changed in layers:
            if room in cleared:
                kept.clear()
            for (of, key), (_, _, value, until) in changed.items():
                if of != room:
                    continue
                if value is None:
                    kept.pop(key, None)
                else:
                    kept[key] = Row(key, value, until)
        return (kept[key] for key in sorted(kept))

    async def kept(self) -> None:
        try:
            await self._all_kept()
        except UnavailableError:
            self.is_out = True
            raise

    async def _all_kept(self) -> None:
        while self._is_due:
            if self._is_behind(MOST_BEHIND):
                self._begin_fold()
            if self._is_behind(MOST_BEHIND):
                await self._fold_ended()
            else:
                self._write()

    def _change(self, change: _Change) -> None:
        if len(self._changed) >= MAX_UNKEPT:
            raise UnavailableError("the state cannot be kept: see state.path")
        self._changed[change[:2]] = change
        self._is_due = True

    async def _kept_later(self) -> None:
        await asyncio.sleep(self._later_s)
        self._is_due = bool(self._changed) or self._is_due
        with suppress(UnavailableError):  # the next one who must have something kept is told
            await self.kept()

    def _write(self) -> None:
        self._opened()
        try:
            self._newer.journal.append(self._number + 1, _written(self._cleared, self._changed.values()))
        except OSError as error:
            raise UnavailableError(f"the state cannot be kept: {told(error)}: see state.path") from None
        self._number += 1
        self.writes += 1
        self.is_out = False
        self._newer.take(self._number, self._cleared, self._changed)
        self._changed.clear()
        self._cleared.clear()
        self._is_due = False
        if self._is_behind():
            self._begin_fold()

    def _is_behind(self, times: int = 1) -> bool:
        """Return whether so many times as much is written as a checkpoint is made for, in rows or in octets."""
        layer = self._newer
        return layer.rows >= times * self._checkpoint_rows or layer.journal.size >= times * self._checkpoint_octets

    def _begin_fold(self) -> None:
        """Fold what is written, while what comes is written to the other journal; unless one is being folded."""
        if self._folding is not None and not self._folding.done():
            return
        if not self._older.rows:  # else it could not be folded, and is tried again
            self._older, self._newer = self._newer, self._older
        self._folding = asyncio.get_running_loop().run_in_executor(None, self._fold, self._older, self._opened())
        self._folding.add_done_callback(_looked_at)

    def _fold(self, layer: _Layer, database: sqlite3.Connection) -> None:
        with self._one_at_a_time:
            layer.fold(database)

    async def _folded(self) -> None:
        """Have both journals folded. Raises `UnavailableError` where one cannot be."""
        while self._older.rows or self._newer.rows:
            self._begin_fold()
            await self._fold_ended()

    async def _fold_ended(self) -> None:
        """Wait for the fold that is under way. Raises `UnavailableError` where it could not be done."""
        if (folding := self._folding) is not None:
            await asyncio.wait([folding])
            if error := folding.exception():
                raise UnavailableError(f"the state cannot be kept: {told(error)}: see state.path")

    def _take_back(self, database: sqlite3.Connection, at: float) -> None:
        """Fold what the journals hold from before, in the order in which it was written."""
        older, newer = self._older.journal.open(), self._newer.journal.open()
        if older and newer and older[0] > newer[0]:
            older, newer, self._older, self._newer = newer, older, self._newer, self._older
        folded = database.execute("SELECT value FROM state WHERE room = ?", (FOLDED,)).fetchone()
        self._number = int(folded[0]) if folded else older[0][0] - 1 if older else newer[0][0] - 1 if newer else 0
        for number, entry in (*older, *newer):
            if number > self._number + 1:
                break  # a loss of power took what came before: what never was is worse than what was a little earlier
            if number == self._number + 1:  # others are folded already
                self._older.take(number, *_read(entry))
                self._number = number
        self._older.number = self._number
        self._older.fold(database)  # its journal goes first: alone, it would be taken for what came last
        self._newer.journal.clear()
        database.execute("DELETE FROM state WHERE until <= ?", (at,))
        database.execute("PRAGMA busy_timeout = 0")  # the event loop never waits for a lock

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            raise UnavailableError("the state file is not open")
        return self._database

    def _close(self) -> None:
        for layer in (self._older, self._newer):
            layer.journal.close()
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None


def on_disk(database: sqlite3.Connection) -> None:
    """Have all that is committed in the file itself, and written to the disk. Raises `sqlite3.Error`, `OSError`."""
    is_busy, pages, moved = database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    if is_busy or moved != pages:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def _written(cleared: Iterable[str], changed: Iterable[_Change]) -> bytes:
    """Return an entry of the journal: the rooms that were cleared, and what was changed since."""
    parts: list[bytes] = []
    for room in cleared:
        of = room.encode("utf-8", "surrogatepass")
        parts += (_ROW.pack(_CLEARED, len(of), 0, 0, 0.0), of)
    for room, key, value, until in changed:
        of, at = room.encode("utf-8", "surrogatepass"), key.encode("utf-8", "surrogatepass")
        if value is None:
            kind, octets = _DROPPED, b""
        elif isinstance(value, bytes):
            kind, octets = _OCTETS, value
        else:
            kind, octets = _TEXT, value.encode("utf-8", "surrogatepass")
        parts += (_ROW.pack(kind, len(of), len(at), len(octets), until), of, at, octets)
    return b"".join(parts)


def _read(entry: bytes) -> tuple[list[str], dict[tuple[str, str], _Change]]:
    """Return what `_written` wrote. Raises `ValueError`."""
    cleared: list[str] = []
    changed: dict[tuple[str, str], _Change] = {}
    at = 0
    while at < len(entry):
        try:
            kind, *lengths, until = _ROW.unpack_from(entry, at)
        except struct.error:
            raise ValueError("it holds what no sidecar wrote") from None
        at += _ROW.size
        room, key, value = (entry[at + sum(lengths[:n]) : at + sum(lengths[: n + 1])] for n in range(len(lengths)))
        at += sum(lengths)
        of, name = room.decode("utf-8", "surrogatepass"), key.decode("utf-8", "surrogatepass")
        if kind == _CLEARED:
            cleared.append(of)
        elif kind not in {_DROPPED, _TEXT, _OCTETS}:
            raise ValueError("it is of another version of the sidecar")
        else:
            held = None if kind == _DROPPED else value if kind == _OCTETS else value.decode("utf-8", "surrogatepass")
            changed[of, name] = (of, name, held, until)
    return cleared, changed


def _looked_at(folding: asyncio.Future[None]) -> None:
    """Take note of how it ended: a journal that cannot be folded stays, and is tried again when there is more."""
    if not folding.cancelled():
        folding.exception()
