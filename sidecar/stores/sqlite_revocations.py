"""State that survives `kill -9`, in SQLite: what is revoked, and which security events were taken in.

What is looked up stands in memory; the file is written before a change is acknowledged, and read at the start. What the
disk does not take is in force all the same, whoever revoked it is told, and it is written until it is kept. Values
stand in clear, in a file of mode 0600: were they digests under a key, a lost key would take back every revocation.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from sidecar.errors import ConfigError, OverloadError, SidecarError, UnavailableError
from sidecar.model.chain import VerifiedChain
from sidecar.model.revocation import FOREVER, MAX_REVOCATIONS, DenySet, Kind, Mark, Revocation, Selector
from sidecar.sqlite_file import BUSY_SECONDS, connect, name_of, prepare, told, transaction
from sidecar.stores.memory import EVENT_SECONDS, MAX_EVENTS
from sidecar.tasks import ended

VERSION: Final = 1  # of the tables
AGAIN_S: Final = 1.0  # until what was not kept is written again; each time twice as long
MOST_AGAIN_S: Final = 30.0

_SCHEMA: Final = (
    (
        "CREATE TABLE IF NOT EXISTS revocations (kind TEXT NOT NULL, issuer TEXT NOT NULL, value TEXT NOT NULL, "
        "until REAL NOT NULL, issued_before REAL, PRIMARY KEY (kind, issuer, value)) WITHOUT ROWID"
    ),
    "CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS epoch (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL)",
)

T = TypeVar("T")


class SqliteRevocations:
    """`Revocations` that outlive the process. `start` before anything else, `stop` last."""

    def __init__(
        self,
        path: Path,
        capacity: int = MAX_REVOCATIONS,
        events: int = MAX_EVENTS,
        busy_seconds: float = BUSY_SECONDS,
        again_s: float = AGAIN_S,
    ) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._again_s = again_s
        self._set = DenySet(capacity)
        self._capacity = capacity
        self._most_events = events
        self._database: sqlite3.Connection | None = None
        self._one_at_a_time = asyncio.Lock()
        self.kept_epoch = 0  # up to where the file goes: a disk may have failed since
        self.is_out = False  # whether what was changed last is not kept
        self._unkept: dict[Mark, Revocation] = {}  # no more than are in force
        self._again: asyncio.Task[None] | None = None

    @property
    def epoch(self) -> int:
        return self._set.epoch

    async def start(self, at: float) -> None:
        """Open the file and put into force what it holds. Raises `ConfigError`, which says what to do."""
        self._set = await asyncio.to_thread(self._opened, at)

    async def stop(self) -> None:
        """Close the file, once more after trying to keep what was not kept; silent where it is not open."""
        await ended(self._again)
        with suppress(UnavailableError):  # whoever revoked it was told
            await self.settle()
        async with self._one_at_a_time:
            self._close()

    def reason(self, chain: VerifiedChain, at: float) -> str:
        return self._set.reason(chain, at)

    async def add(self, revocations: Collection[Revocation], at: float, *, event: str = "") -> bool:
        async with self._one_at_a_time:
            known = bool(event) and await self._kept(lambda database: self._is_known(database, event, at))
            if known:
                return False
            merged = self._set.checked(revocations, at)
            # First in memory: whatever becomes of the disk, what is to be cut off is cut off now.
            self._set.add(revocations, at)
            self._unkept = {mark: one for mark, one in self._unkept.items() if at < one.until} | merged
            await self._all_kept(event, at)
            return True

    async def knows(self, event: str) -> bool:
        async with self._one_at_a_time:
            return await self._kept(lambda database: _has(database, event))

    async def replace_list(self, revocations: Collection[Revocation]) -> None:
        async with self._one_at_a_time:  # the list itself outlives a restart, so that only the epoch is kept
            self._set.replace_list(revocations)
            await self._all_kept()

    async def settle(self) -> None:
        """Keep what is not kept yet. Raises `UnavailableError` where that cannot be."""
        async with self._one_at_a_time:
            if self.is_out:
                await self._all_kept()

    async def _all_kept(self, event: str = "", at: float = 0.0) -> None:
        """Write whatever the file has not, in one transaction; where it cannot be, go on trying."""
        unkept, epoch = self._unkept, self._set.epoch
        self.is_out = True  # until it is known to be kept, also where whoever waits for it is gone
        try:
            await self._kept(lambda database: self._write(database, unkept.values(), event, at))
        except UnavailableError:
            if self._again is None or self._again.done():
                self._again = asyncio.create_task(self._kept_again(), name="keep what was revoked")
            raise
        self._unkept, self.kept_epoch, self.is_out = {}, epoch, False

    async def _kept_again(self) -> None:
        pause = self._again_s
        while self.is_out:
            await asyncio.sleep(pause)
            pause = min(2 * pause, MOST_AGAIN_S)
            with suppress(UnavailableError):  # whoever revoked it was told, and the status says so
                await self.settle()

    async def _kept(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await asyncio.to_thread(self._in_transaction, work)
        except sqlite3.Error as error:
            advice = "it is in force, and tried again until it is kept: see state.path"
            message = f"what was revoked is not kept over a restart yet: {name_of(error)}: {advice}"
            raise UnavailableError(message) from None

    def _in_transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._database is None:
            raise UnavailableError("the state file is not open")
        with transaction(self._database):
            return work(self._database)

    def _is_known(self, database: sqlite3.Connection, event: str, at: float) -> bool:
        if _has(database, event):
            return True
        database.execute("DELETE FROM events WHERE until <= ?", (at,))
        (held,) = database.execute("SELECT count(*) FROM events").fetchone()
        if held >= self._most_events:
            raise OverloadError(f"{self._most_events} security events within a day", reason="revocations_full")
        return False

    def _write(self, database: sqlite3.Connection, revocations: Iterable[Revocation], event: str, at: float) -> None:
        database.execute("DELETE FROM revocations WHERE until <= ?", (at,))
        database.executemany("INSERT OR REPLACE INTO revocations VALUES (?, ?, ?, ?, ?)", map(_row, revocations))
        if event:
            database.execute("INSERT INTO events VALUES (?, ?)", (event, at + EVENT_SECONDS))
        self._write_epoch(database)

    def _write_epoch(self, database: sqlite3.Connection) -> None:
        database.execute("INSERT OR REPLACE INTO epoch VALUES (1, ?)", (self._set.epoch,))

    def _opened(self, at: float) -> DenySet:
        try:
            self._database = connect(self._path, "FULL", self._busy_seconds)  # rare, and it must outlive the machine
            prepare(self._database, VERSION, _SCHEMA)
            return self._read(self._database, at)
        except (sqlite3.Error, OSError, ValueError, SidecarError) as error:
            self._close()
            raise ConfigError([f"state.path: `{self._path}` cannot be read: {told(error)}"]) from None

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _read(self, database: sqlite3.Connection, at: float) -> DenySet:
        rows = database.execute("SELECT kind, issuer, value, until, issued_before FROM revocations").fetchall()
        epoch = database.execute("SELECT value FROM epoch").fetchone()
        self.kept_epoch = epoch[0] if epoch else 0
        held = DenySet(self._capacity, self.kept_epoch)
        if rows:
            held.add([_revocation(row) for row in rows], at)
        return held


def _has(database: sqlite3.Connection, event: str) -> bool:
    return database.execute("SELECT 1 FROM events WHERE id = ?", (event,)).fetchone() is not None


def _row(one: Revocation) -> tuple[str, str, str, float, float | None]:
    before = None if one.issued_before == FOREVER else one.issued_before
    return (one.selector.kind.value, one.selector.issuer, one.selector.value, one.until, before)


def _revocation(row: tuple[str, str, str, float, float | None]) -> Revocation:
    kind, issuer, value, until, before = row
    return Revocation(Selector(Kind(kind), value, issuer), until, FOREVER if before is None else before)
