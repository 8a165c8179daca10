"""The files of the log: the table in SQLite, and the head beside it.

Every write is one transaction, and then the head: in this order, so that a crash between the two leaves records
beyond the head, which chain and are sealed, but never a head beyond the records. One process writes; it holds a
lock on the head's file. Anyone may read meanwhile, for the database is in WAL mode.

`sync` says what a kept record outlives. "commit": the end of the process, by any signal, for the kernel has it; not
a loss of power or a panic of the kernel, after which the newest records may be missing and the head tells so.
"disk": those too, by an fsync per transaction.
"""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

from sidecar.audit.chain import GENESIS, HEAD_BYTES, Head, Record, first_break, read_head
from sidecar.errors import ConfigError, UnavailableError
from sidecar.sqlite_file import BUSY_SECONDS, CACHE_KIB, make, name_of, transaction

Sync = Literal["commit", "disk"]

TAIL_RECORDS: Final = 1000  # verified at each start: 20 ms; all of them: `sidecar audit verify`
_PAGE_BYTES: Final = 4096
_SYNCHRONOUS: Final = {"commit": "NORMAL", "disk": "FULL"}
_BUSY: Final = sqlite3.SQLITE_BUSY

# Every index is one more page to write for each record, and all five that one might want double what a record costs
# (104 µs against 54 beside a running sidecar). So a session is found at once, and so is what was not allowed, which is
# rare; other questions read through the table, a million records in seconds, and verdicts do not wait for that.
SCHEMA: Final = (
    (
        "CREATE TABLE records (sequence INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, boundary TEXT NOT NULL, "
        "session_id TEXT NOT NULL, subject TEXT NOT NULL, agent TEXT NOT NULL, tool TEXT NOT NULL, "
        "decision INTEGER NOT NULL, canonical TEXT NOT NULL, hash TEXT NOT NULL, seal TEXT NOT NULL)"
    ),
    "CREATE INDEX records_by_session ON records (session_id)",
    "CREATE INDEX records_by_decision ON records (decision) WHERE decision > 1",
)
COLUMNS: Final = "sequence, at_us, boundary, session_id, subject, agent, tool, decision, canonical, hash, seal"
_INSERT: Final = f"INSERT INTO records ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
_SELECT: Final = f"SELECT {COLUMNS} FROM records WHERE sequence >= ? ORDER BY sequence"  # noqa: S608 - a constant


class BusyError(UnavailableError):
    """Another process holds the database for the moment."""


def head_path(path: Path) -> Path:
    """Return where the head of the log at `path` is kept."""
    return path.with_name(path.name + ".head")


def record_of(row: Sequence[object]) -> Record:
    """Return a row of the table as it is: a column of a wrong type becomes text that no record has."""
    sequence, at_us, boundary, session_id, subject, agent, tool, decision, canonical, digest, seal = row
    return Record(
        sequence=_integer(sequence),
        at_us=_integer(at_us),
        boundary=_text(boundary),
        session_id=_text(session_id),
        subject=_text(subject),
        agent=_text(agent),
        tool=_text(tool),
        decision=_integer(decision),
        canonical=_text(canonical),
        hash=_text(digest),
        seal=_text(seal),
    )


def connect(path: Path, mode: Literal["rw", "ro"], timeout: float) -> sqlite3.Connection:
    """Return a connection that waits `timeout` seconds for a lock. Raises `sqlite3.Error`."""
    # Calls come from several threads, never at once: the writer's task awaits each.
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
    )
    # Bytes that are no text must reach the comparison with what was hashed, not end it.
    database.text_factory = lambda data: data.decode("utf-8", "replace")
    return database


def is_log(database: sqlite3.Connection) -> bool:
    """Return whether the database is as the sidecar made it: a table of another form may hide records."""
    statements = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return sorted(SCHEMA) == sorted(str(statement) for (statement,) in statements)


class AuditFile:
    """The log's files, opened for writing by this process alone. Not for two threads at once."""

    def __init__(self, path: Path, key: bytes, sync: Sync) -> None:
        self._path = path.resolve()
        self._key = key
        self._sync = sync
        self._database: sqlite3.Connection | None = None
        self._head_file = -1
        self._inode = 0

    def open(self) -> Head:
        """Make or open the files and return the newest record. Raises `ConfigError`."""
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            self._lock()
            self._connect(BUSY_SECONDS)
            return self._checked_tail()
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.Error):
                raise ConfigError([f"audit.path: `{self._path}` cannot be opened: {name_of(error)}"]) from None
            if isinstance(error, OSError):
                raise ConfigError([f"audit.path: `{self._path}` cannot be opened: {error.strerror}"]) from None
            raise

    def write(self, records: Sequence[Record]) -> None:
        """Keep `records`, all or none, and move the head to the last one.

        Raises `BusyError` when another process holds the database (nothing was changed; try again), and
        `UnavailableError` when it cannot be told what was kept: ask `recovered` before the next write.
        """
        with self._failures():
            database = self._connected()
            if len(records) == 1:
                database.execute(_INSERT, _row(records[0]))  # a transaction by itself, in one step
            else:
                with transaction(database):
                    database.executemany(_INSERT, [_row(record) for record in records])
            self._write_head(Head(records[-1].sequence, records[-1].hash))

    def recovered(self, known: Head) -> Head:
        """Return the newest record after a write that failed, `known` being the newest that was acknowledged.

        Raises `UnavailableError` while the files are still unusable, or do not continue `known`.
        """
        with self._failures():
            try:
                newest = self._newest(known)
            except sqlite3.Error:
                self._disconnect()
                self._connect(timeout=0)
                newest = self._newest(known)
            self._write_head(newest)
            return newest

    def checkpoint(self) -> None:
        """Move what the write-ahead log holds into the database, so that it does not grow for ever."""
        with self._failures():
            self._connected().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close the files and give up the lock; silent where there is nothing to close."""
        self._disconnect()
        if self._head_file >= 0:
            os.close(self._head_file)
            self._head_file = -1

    def _lock(self) -> None:
        self._head_file = os.open(head_path(self._path), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._head_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                [f"audit.path: another sidecar writes `{self._path}`: stop it, or give this one its own audit.path"]
            ) from None

    def _connect(self, timeout: float) -> None:
        make(self._path)
        self._inode = self._path.stat().st_ino
        self._database = database = connect(self._path, "rw", timeout)
        database.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        database.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[self._sync]}")
        database.execute("PRAGMA wal_autocheckpoint = 0")  # `checkpoint` does it, at a moment of the writer's choice
        with transaction(database):
            if not database.execute("SELECT 1 FROM sqlite_master").fetchone():
                for statement in SCHEMA:
                    database.execute(statement)
        if not is_log(database):
            raise ConfigError(
                [f"audit.path: `{self._path}` is no audit log of this version: give audit.path a new name"]
            )
        database.execute("PRAGMA busy_timeout = 0")  # the event loop never waits for a lock

    def _checked_tail(self) -> Head:
        data = os.pread(self._head_file, HEAD_BYTES + 1, 0)
        if not data and not self._connected().execute("SELECT 1 FROM records LIMIT 1").fetchone():
            self._write_head(Head(0, GENESIS))
            return Head(0, GENESIS)
        head = read_head(data, self._key)
        if head is None:
            raise ConfigError(
                [f"audit.key: the head of `{self._path}` is missing or not sealed with this key: {self._advice()}"]
            )
        anchor, records = self._tail(head)
        if found := first_break(records, head, self._key, after=anchor):
            what = f"record {found.sequence} of `{self._path}`: {found.message}"
            raise ConfigError([f"audit.path: {what}: {self._advice()}"])
        newest = Head(records[-1].sequence, records[-1].hash) if records else head
        self._write_head(newest)
        return newest

    def _tail(self, head: Head) -> tuple[Head | None, list[Record]]:
        """Return the last records, and the one before them, which is taken on trust."""
        first = head.sequence - TAIL_RECORDS
        records = list(self._records(first))
        if first < 1 or not records:
            return None, records
        if records[0].sequence != first:
            return Head(first - 1, GENESIS), records  # what stands there is missing, and is told so
        return Head(first, records[0].hash), records[1:]

    def _newest(self, known: Head) -> Head:
        records = list(self._records(known.sequence))
        anchor = known if known.sequence else None
        if anchor and not (records and (records[0].sequence, records[0].hash) == (known.sequence, known.hash)):
            raise UnavailableError("the audit log was changed while it was being written: run `sidecar audit verify`")
        later = records[1:] if anchor else records
        if first_break(later, None, self._key, after=anchor):
            raise UnavailableError("the audit log was changed while it was being written: run `sidecar audit verify`")
        return Head(later[-1].sequence, later[-1].hash) if later else known

    def _records(self, first: int) -> Iterator[Record]:
        return (record_of(row) for row in self._connected().execute(_SELECT, (first,)))

    def _write_head(self, head: Head) -> None:
        # Not synced: an older head after a loss of power only means that more records stand beyond it.
        data = head.sealed(self._key)
        if os.pwrite(self._head_file, data, 0) != len(data):
            raise OSError("short write")

    def _connected(self) -> sqlite3.Connection:
        if self._database is None:
            raise sqlite3.OperationalError("closed")
        return self._database

    def _disconnect(self) -> None:
        database, self._database = self._database, None
        if database:
            with contextlib.suppress(sqlite3.Error):
                database.close()

    def _advice(self) -> str:
        return (
            f"run `sidecar audit verify --db {self._path}`; to begin a new log, keep this one for whoever audits it "
            "by moving the database, its -wal and its .head file elsewhere"
        )

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn what SQLite and the disk raise into the sidecar's own error, without their text."""
        try:
            if self._path.stat().st_ino != self._inode:
                raise UnavailableError("the audit log was replaced while it was being written: restart the sidecar")
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0)
            kind = BusyError if code & 0xFF == _BUSY else UnavailableError
            raise kind(f"the audit log cannot be written: {name_of(error)}") from None
        except OSError as error:
            raise UnavailableError(f"the audit log cannot be written: {error.strerror}") from None


def _row(record: Record) -> tuple[object, ...]:
    return (
        record.sequence,
        record.at_us,
        record.boundary,
        record.session_id,
        record.subject,
        record.agent,
        record.tool,
        record.decision,
        record.canonical,
        record.hash,
        record.seal,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else f"not text: {value!r}"


def _integer(value: object) -> int:
    return value if isinstance(value, int) else -1
