"""Who did what? Reads the log while the sidecar writes it, and when it is down.

Reading goes in portions, each a short transaction of its own: one that lasted as long as its reader would keep the
write-ahead log from being shortened. Records are only ever added, so that the portions fit together.
"""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar

from sidecar.audit.chain import GENESIS, HEAD_BYTES, RECORD_ID_DIGITS, Break, Head, Record, first_break, read_head
from sidecar.audit.export import from_json_lines
from sidecar.audit.file import COLUMNS, connect, head_path, is_log, record_of
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.errors import UnavailableError
from sidecar.model.verdict import Decision
from sidecar.sqlite_file import BUSY_SECONDS, name_of

PORTION: Final = 500  # records at a time: 5 ms
DEFAULT_LIMIT: Final = 1000  # records of one query that names no limit
POLL_SECONDS: Final = 0.2  # between looks for new records

_EARLIEST, _LATEST = -(2**63), 2**63 - 1  # what SQLite's integers hold: no record is overlooked for its number

T = TypeVar("T")
_SELECT: Final = f"SELECT {COLUMNS} FROM records WHERE"  # noqa: S608 - a constant
_PORTION: Final = _SELECT + " {where} AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?"
_SPAN: Final = "SELECT min(sequence), max(sequence) FROM records WHERE at_us >= ? AND at_us < ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which records; what is left empty does not restrict.

    `session` may be a handle, of which only the public id is looked at. `subject` and `tool` are in clear, as the
    log has them or not. `since` and `until` are seconds since the epoch, the first included, the second not.
    """

    session: str = ""
    subject: str = ""
    agent: str = ""
    tool: str = ""
    at_least: Decision = Decision.ALLOW
    since: float | None = None
    until: float | None = None


EVERYTHING: Final = Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How many records were looked at, the newest of them, and where the log is broken, if it is."""

    records: int
    newest: Head | None
    found: Break | None


class AuditReader:
    """A read-only connection to the log at `path`; a context manager. `key` finds persons and unknown tools."""

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        self._path = path
        self._pseudonyms = Pseudonyms(key) if key else None
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Open the log. Raises `UnavailableError` where there is none that can be read."""
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect. Raises `UnavailableError` where there is no log that can be read."""
        if not self._path.is_file():
            raise UnavailableError(f"there is no audit log at `{self._path}`: name it by --db or audit.path")
        try:
            self._database = connect(self._path, "ro", BUSY_SECONDS)
            known = is_log(self._database)
        except sqlite3.Error as error:
            self.close()
            raise _unreadable(error) from None
        if not known:
            self.close()
            raise UnavailableError(
                f"`{self._path}` is no audit log of this version: name another by --db or audit.path"
            )

    def close(self) -> None:
        """Disconnect; silent where it is not open."""
        database, self._database = self._database, None
        if database:
            database.close()

    def interrupt(self) -> None:
        """End what another thread is reading."""
        if self._database:
            self._database.interrupt()

    def newest(self) -> int:
        """Return the sequence of the newest record, 0 where there is none."""
        (row,) = self._rows("SELECT coalesce(max(sequence), 0) FROM records")
        return int(str(row[0]))

    def select(self, which: Filter, *, after: int = 0, until: int | None = None) -> Iterator[Record]:
        """Yield the records of `which` after the sequence `after` up to `until`, oldest first.

        Raises `UnavailableError` where the file cannot be read on.
        """
        after, end = self.span(which, after, self.newest() if until is None else until)
        while portion := self.portion(which, after=after, until=end):
            yield from portion
            after = portion[-1].sequence

    def portion(self, which: Filter, *, after: int, until: int) -> list[Record]:
        """Return the first `PORTION` of what `select` yields. Raises `UnavailableError`."""
        where, values = self._where(which)
        rows = self._rows(_PORTION.format(where=where), *values, after, until, PORTION)
        return [record_of(row) for row in rows]

    def span(self, which: Filter, after: int, until: int) -> tuple[int, int]:
        """Return `after` and `until` brought together as far as the times of `which` allow."""
        if which.since is None and which.until is None:
            return after, until
        since_us, until_us = _microseconds(which.since, _EARLIEST), _microseconds(which.until, _LATEST)
        ((first, last),) = self._rows(_SPAN, since_us, until_us)
        if not isinstance(first, int) or not isinstance(last, int):
            return until, until
        return max(after, first - 1), min(until, last)

    def last(self, which: Filter, count: int) -> list[Record]:
        """Return the newest `count` records of `which`, oldest first. Raises `UnavailableError`."""
        where, values = self._where(which)
        rows = self._rows(f"{_SELECT} {where} AND sequence > 0 ORDER BY sequence DESC LIMIT ?", *values, count)
        return [record_of(row) for row in reversed(rows)]

    def one(self, name: str) -> Record | None:
        """Return the record of this id, or with this number in the log; None where there is none.

        Reads the whole log where it is an id. Raises `UnavailableError`.
        """
        if name.isascii() and name.isdecimal() and len(name) < RECORD_ID_DIGITS:
            rows = self._rows(f"{_SELECT} sequence = ? LIMIT 1", min(int(name), _LATEST))
        else:
            rows = self._rows(f"{_SELECT} substr(hash, 1, {RECORD_ID_DIGITS}) = ? LIMIT 1", name[:RECORD_ID_DIGITS])
        return record_of(rows[0]) if rows else None

    def damage(self) -> str:
        """Return what SQLite finds wrong with the file, the empty string where all is well.

        An index that lacks a record hides it from every query, though the record stands in the table.
        """
        found = self._rows("PRAGMA integrity_check(1)")
        return "" if found == [("ok",)] else "an index does not agree with the records: queries may miss some"

    def _where(self, which: Filter) -> tuple[str, tuple[object, ...]]:
        clauses: list[str] = ["1"]
        values: list[object] = []
        for column, forms in self._words(which):
            present = [form for form in forms if self._has(column, form)] or list(forms[:1])
            clauses.append(_among(column, len(present)))
            values += present
        if which.at_least > Decision.ALLOW:
            severe = [int(decision) for decision in Decision if decision >= which.at_least]
            clauses.append(f"decision > 1 AND {_among('decision', len(severe))}")  # `> 1` names the partial index
            values += severe
        if which.since is not None or which.until is not None:
            clauses.append("+at_us >= ? AND +at_us < ?")  # `+`: not by its index, out of order; `span` has used that
            values += (_microseconds(which.since, _EARLIEST), _microseconds(which.until, _LATEST))
        return " AND ".join(clauses), tuple(values)

    def _words(self, which: Filter) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield columns and the forms in which what is looked for may stand there: in clear and as a pseudonym."""
        session = which.session.partition(".")[0]
        for column, word in (("session_id", session), ("tool", which.tool)):
            if word:
                yield column, (word, self._pseudonyms.unknown(word)) if self._pseudonyms else (word,)
        for column, word in (("subject", which.subject), ("agent", which.agent)):
            if word:
                yield column, (word, self._pseudonyms.subject(word)) if self._pseudonyms else (word,)

    def _has(self, column: str, word: str) -> bool:
        return bool(self._rows(f"SELECT 1 FROM records WHERE {column} = ? LIMIT 1", word))  # noqa: S608 - our column

    def _rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        if self._database is None:
            raise UnavailableError("the audit log is not open")
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise _unreadable(error) from None


def verify(path: Path, key: bytes, progress: Callable[[int], None] = lambda _: None) -> Verification:
    """Verify the whole log at `path`, its head and its indexes.

    `progress` is told how many records were looked at. Raises `UnavailableError` where there is no log to read.
    """
    # The head first: the records that it names were there before it, whatever is written meanwhile.
    head = _head(path, key)
    walked = Head(0, GENESIS)

    def walk(records: Iterator[Record]) -> Iterator[Record]:
        nonlocal walked
        for record in records:
            yield record
            walked = Head(record.sequence, record.hash)
            progress(record.sequence)

    with AuditReader(path) as reader:
        try:
            found = first_break(walk(reader.select(EVERYTHING, after=_EARLIEST)), head, key)
        except UnavailableError as error:
            found = Break(walked.sequence + 1, "damaged", str(error))
        if not found and head is None:
            message = "the head is missing or not sealed with this key: whether the end was cut cannot be told"
            found = Break(walked.sequence + 1, "cut", message)
        if not found and (damage := reader.damage()):
            found = Break(walked.sequence, "damaged", damage)
    return Verification(records=walked.sequence, newest=walked if walked.sequence else None, found=found)


def verify_export(lines: Iterable[str], key: bytes) -> Verification:
    """Verify the records of an export, which may begin anywhere in the log; what stood behind it is not known.

    Raises `UnavailableError` where a line is no record.
    """
    walked: Head | None = None
    found: Break | None = None
    count = 0
    try:
        for record, before in from_json_lines(lines):
            if found := first_break([record], None, key, after=walked or before):
                break
            walked = Head(record.sequence, record.hash)
            count += 1
    except ValueError as error:
        raise UnavailableError(str(error)) from None
    return Verification(records=count, newest=walked, found=found)


async def stream(
    path: Path, key: bytes, which: Filter, *, limit: int = 0, follow: bool = False
) -> AsyncGenerator[Record, None]:
    """Yield at most `limit` records of `which` (0: `DEFAULT_LIMIT`, or no end with `follow`), oldest first.

    With `follow`, what comes later too, until the caller closes it. Raises `UnavailableError`.
    """
    left = limit if limit > 0 else (sys.maxsize if follow else DEFAULT_LIMIT)
    after = 0
    reader = AuditReader(path, key)
    try:
        # In a thread: a filter that no index serves reads the whole table, and verdicts must not wait for that.
        await _in_thread(reader, reader.open)
        while True:
            newest = await _in_thread(reader, reader.newest)
            after, until = await _in_thread(reader, partial(reader.span, which, after, newest))
            while portion := await _in_thread(reader, partial(reader.portion, which, after=after, until=until)):
                for record in portion[:left]:
                    yield record
                left -= len(portion)
                if left <= 0:
                    return
                after = portion[-1].sequence
            if not follow:
                return
            after = newest
            await asyncio.sleep(POLL_SECONDS)
    finally:
        reader.close()


async def _in_thread(reader: AuditReader, read: Callable[[], T]) -> T:
    """Return what `read` does. It has ended when this returns, even by a hang-up: only then may the reader close."""
    reading = asyncio.ensure_future(asyncio.to_thread(read))
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        reader.interrupt()
        await asyncio.wait([reading])
        raise


def _head(path: Path, key: bytes) -> Head | None:
    try:
        with head_path(path).open("rb") as file:
            return read_head(file.read(HEAD_BYTES + 1), key)
    except OSError:
        return None


def _among(column: str, count: int) -> str:
    """Return the clause of one word, which its index gives in order, or of several, which must be sorted."""
    return f"{column} = ?" if count == 1 else f"{column} IN ({', '.join('?' * count)})"


def _microseconds(at: float | None, otherwise: int) -> int:
    return otherwise if at is None else min(max(round(at * 1_000_000), _EARLIEST), _LATEST)


def _unreadable(error: sqlite3.Error) -> UnavailableError:
    return UnavailableError(f"the audit log cannot be read: {name_of(error)}")
