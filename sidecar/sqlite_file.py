"""A SQLite file of the sidecar's: nobody else may read it, and what belongs together is written whole or not at all.

What fails is told by SQLite's name of it: its own text may quote a statement.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

CACHE_KIB: Final = 1_024  # of pages that a file has in memory: half of SQLite's, which took thousands of calls to fill
BUSY_SECONDS: Final = 5.0  # to wait, when a file is opened, for another process that writes or copies it


def make(path: Path) -> None:
    """Make an empty file, and its folder, where there is none. Raises `OSError`.

    Here, not by SQLite, for the mode: the write-ahead log gets the mode of the database. One that is there is not
    opened: closing a file that SQLite has open in this process would drop its locks.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def connect(path: Path, sync: Literal["NORMAL", "FULL"], busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Return a connection to the file at `path`, made where there is none, that no other process has meanwhile.

    It may be used by several threads, never at once. With `sync` NORMAL a loss of power may take what was written
    last, with FULL it does not. Raises `sqlite3.Error`, `OSError`.
    """
    make(path)
    database = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")  # what another sidecar writes would not be seen here
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        database.execute(f"PRAGMA synchronous = {sync}")
    except BaseException:
        database.close()
        raise
    return database


def prepare(database: sqlite3.Connection, version: int, tables: Iterable[str]) -> None:
    """Make the `tables` of this version where there are none. Raises `sqlite3.Error`, `ValueError`."""
    with transaction(database):
        (held,) = database.execute("PRAGMA user_version").fetchone()
        if held not in {0, version}:
            raise ValueError("it is of another version of the sidecar: start that one, or set another path")
        for statement in tables:
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {version}")


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Keep all that is done within, or nothing where it raises."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def name_of(error: sqlite3.Error) -> str:
    """Return SQLite's name of the error."""
    return str(getattr(error, "sqlite_errorname", type(error).__name__))


def told(error: BaseException) -> str:
    """Return what is wrong with a file that is the sidecar's alone, and what to do."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if not isinstance(error, sqlite3.Error):
        return str(error)
    name = name_of(error)
    if name.startswith("SQLITE_BUSY"):
        return "another process serves on it: set another path"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        advice = "put back the newest copy; without one, remove all files whose names begin so: what they held is lost"
        return f"{name}: {advice}"
    return name
