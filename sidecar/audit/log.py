"""The audit log as the sidecar writes it: one task, one transaction for all that wait.

A caller that hangs up neither cuts a record short nor loses it, for it only waits; the task writes. Whatever the disk
does, an entry is answered: by its record's id, or by `UnavailableError`, and then there is no verdict either.

With sync = "commit" a transaction is written on the event loop itself. Choice: 30 µs on the loop. Alternative: a
thread, as sync = "disk" uses, where an fsync would stop the loop for milliseconds. Price of the choice: while the
kernel makes this process wait to write its pages, the loop waits too; price of the alternative: measured in
benchmarks/audit.py, the hop to the thread and back makes one append take two to three times as long. What takes
milliseconds, moving the write-ahead log into the database, is always done in the thread.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from sidecar.audit.chain import GENESIS, Head, Record, follow
from sidecar.audit.file import AuditFile, BusyError, Sync
from sidecar.audit.record import Entry
from sidecar.errors import UnavailableError

MAX_BACKLOG: Final = 4096  # entries waiting: half a second's worth at full load; beyond it the disk does not keep up
MAX_BATCH: Final = 256  # entries of one transaction: 8 ms, so that the first does not wait long for the last
BUSY_SECONDS: Final = 1.0  # to wait for a process that holds the database, before those waiting are told
BUSY_PAUSE_SECONDS: Final = 0.01
CHECKPOINT_PAGES: Final = 4000  # 16 MB of write-ahead log: each page is written once however often it was changed
_PAGES_PER_COMMIT: Final = 8  # a leaf of the table and of each index
_RECORDS_PER_PAGE: Final = 3
_UNWRITABLE: Final = "the entry cannot be written as JSON"

T = TypeVar("T")
_Waiting = tuple[Entry, "asyncio.Future[str]"]


class SqliteAudit:
    """An `AuditLog` in SQLite. `start` before the first `append`, `stop` after the last."""

    def __init__(self, path: Path, key: bytes, sync: Sync = "commit", *, backlog: int = MAX_BACKLOG) -> None:
        self._file = AuditFile(path, key, sync)
        self._key = key
        self._inline = sync == "commit"
        self._head = Head(0, GENESIS)
        self._doubtful = False  # whether the last write failed, so that what the file holds must be read first
        self._pages = 0  # written since the last checkpoint
        self._waiting: asyncio.Queue[_Waiting | None] = asyncio.Queue(backlog)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit")
        self._writer: asyncio.Task[None] | None = None
        self._open = False
        self._idle = False  # whether the writer waits for entries
        self.is_out = False  # whether the last write failed

    @property
    def head(self) -> Head:
        """The newest record."""
        return self._head

    async def start(self) -> None:
        """Open the log and verify its end. Raises `ConfigError`, which says what to do."""
        self._head = await self._in_thread(self._file.open)
        self._open = True
        self._writer = asyncio.create_task(self._write(), name="audit")

    async def stop(self) -> None:
        """Keep what waits, then close. Silent where it was not started."""
        self._open = False
        if self._writer:
            await self._waiting.put(None)
            await asyncio.wait([self._writer])
            self._writer = None
            await self._in_thread(self._file.close)
        self._thread.shutdown(wait=False)

    async def append(self, entry: Entry) -> str:
        if not self._open:
            raise UnavailableError("the audit log is not open")
        if self._is_free and (record_id := self._kept_at_once(entry)):
            return record_id
        kept: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((entry, kept))
        except asyncio.QueueFull:
            raise UnavailableError("the audit backlog is full: send less, or raise audit.backlog") from None
        return await kept

    @property
    def _is_free(self) -> bool:
        """Whether an entry may be written at once: no other waits or is being written, and nothing is due before it.

        To go through the writer's task and back takes longer than the transaction itself.
        """
        free = self._inline and self._idle and self._waiting.empty()
        return free and not self._doubtful and self._pages < CHECKPOINT_PAGES

    def _kept_at_once(self, entry: Entry) -> str:
        """Return the record's id, or the empty string where another process holds the database: then it is to wait.

        Raises `UnavailableError`.
        """
        try:
            record = follow(self._head.hash, self._head.sequence + 1, entry, self._key)
        except ValueError:
            raise UnavailableError(_UNWRITABLE) from None
        self._doubtful = True  # until it is known to have gone well
        try:
            self._file.write([record])
        except BusyError:
            self._doubtful = False
            return ""
        except UnavailableError:
            self.is_out = True
            raise
        self._settle([record])
        return record.record_id

    def _settle(self, records: Sequence[Record]) -> None:
        """Take over that `records` are kept."""
        self._head = Head(records[-1].sequence, records[-1].hash)
        self._doubtful = self.is_out = False
        self._pages += _PAGES_PER_COMMIT + len(records) // _RECORDS_PER_PAGE

    async def _write(self) -> None:
        """Write until stopped. Only being cancelled ends it early, and then nobody is left waiting."""
        batch: list[_Waiting] = []
        try:
            while True:
                batch, last = await self._next_batch()
                if batch:
                    await self._keep(batch)
                if last:
                    return
                await self._checkpoint()
        finally:
            self._open = False
            while not self._waiting.empty():
                if item := self._waiting.get_nowait():
                    batch.append(item)
            _fail(batch, "the audit log was stopped")

    async def _next_batch(self) -> tuple[list[_Waiting], bool]:
        """Return all that waits, at least one, and whether it is the last."""
        batch: list[_Waiting] = []
        self._idle = True
        item = await self._waiting.get()
        self._idle = False
        while item is not None:
            batch.append(item)
            if len(batch) == MAX_BATCH or self._waiting.empty():
                return batch, False
            item = self._waiting.get_nowait()
        return batch, True

    async def _keep(self, batch: list[_Waiting]) -> None:
        try:
            if self._doubtful:
                self._head = await self._in_thread(lambda: self._file.recovered(self._head))
                self._doubtful = False
            records, waiting = self._chained(batch)
            if records:
                await self._commit(records)
        except UnavailableError as error:
            self.is_out = True
            _fail(batch, str(error))
        except Exception as error:  # noqa: BLE001 - a bug must not leave callers waiting, nor end the log
            self._doubtful = self.is_out = True
            _fail(batch, f"the audit log cannot be written: {type(error).__name__}")
        else:
            for record, kept in zip(records, waiting, strict=True):
                if not kept.done():  # its caller has hung up
                    kept.set_result(record.record_id)

    def _chained(self, batch: Sequence[_Waiting]) -> tuple[list[Record], list["asyncio.Future[str]"]]:
        """Return the records that follow the head; an entry that cannot be written fails alone."""
        records: list[Record] = []
        waiting: list[asyncio.Future[str]] = []
        head = self._head
        for item in batch:
            entry, kept = item
            try:
                record = follow(head.hash, head.sequence + 1, entry, self._key)
            except ValueError:
                _fail([item], _UNWRITABLE)
                continue
            head = Head(record.sequence, record.hash)
            records.append(record)
            waiting.append(kept)
        return records, waiting

    async def _commit(self, records: Sequence[Record]) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + BUSY_SECONDS
        self._doubtful = True  # until it is known to have gone well, even if this task is cancelled here
        while True:
            try:
                if self._inline:
                    self._file.write(records)
                else:
                    await self._in_thread(lambda: self._file.write(records))
                break
            except BusyError:
                if loop.time() > until:
                    raise
                await asyncio.sleep(BUSY_PAUSE_SECONDS)
        self._settle(records)

    async def _checkpoint(self) -> None:
        """Shorten the write-ahead log when it is long. Where that fails, so will the next write, and tell it."""
        if self._pages >= CHECKPOINT_PAGES:
            self._pages = 0
            with contextlib.suppress(UnavailableError):
                await self._in_thread(self._file.checkpoint)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _fail(batch: Sequence[_Waiting], message: str) -> None:
    for _, kept in batch:
        if not kept.done():
            kept.set_exception(UnavailableError(message))
            kept.exception()  # seen: a caller that hangs up now leaves nobody to look at it
