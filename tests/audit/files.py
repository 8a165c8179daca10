"""A log in a folder, and what can be done to it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from sidecar.audit.chain import Record
from sidecar.audit.file import AuditFile, Sync
from sidecar.audit.log import SqliteAudit
from sidecar.audit.query import EVERYTHING, AuditReader
from tests.audit.samples import KEY, chained, entry


def records(path: Path) -> list[Record]:
    """Return what the log holds, as anyone may read it meanwhile."""
    with AuditReader(path) as reader:
        return list(reader.select(EVERYTHING))


def written(path: Path, count: int) -> list[Record]:
    """Write a log of `count` records and return them."""
    file = AuditFile(path, KEY, "commit")
    file.open()
    made = chained([entry(i) for i in range(count)])
    if made:
        file.write(made)
    file.close()
    return made


def tamper(path: Path, *statements: str) -> None:
    """Do `statements` to the database, as who can write to the file may."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


@asynccontextmanager
async def logging(path: Path, sync: Sync = "commit", *, backlog: int = 4096) -> AsyncIterator[SqliteAudit]:
    """Run a log for the length of the block."""
    log = SqliteAudit(path, KEY, sync, backlog=backlog)
    await log.start()
    try:
        yield log
    finally:
        await log.stop()
