"""A process of its own that appends to a log as fast as it can, for tests that kill it or fill its disk.

Usage: appender.py DATABASE SYNC [LIMIT]. Prints the id of each record once it is acknowledged. With LIMIT, files may
not grow beyond so many bytes, as if the disk were full; it then prints `full`, lifts the limit, and goes on a little.
"""

import asyncio
import resource
import signal
import sys
from pathlib import Path

from sidecar.audit.log import SqliteAudit
from sidecar.errors import UnavailableError
from tests.audit.samples import KEY, entry

CALLERS = 16
AFTERWARDS = 20  # records once the disk has room again


async def _append(log: SqliteAudit, number: int) -> None:
    _say(await log.append(entry(number)))


def _say(line: str) -> None:
    # One write per line: a kill leaves whole lines, of which each was acknowledged.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _under_load(log: SqliteAudit) -> None:
    async def caller(first: int) -> None:
        for number in range(first, 1_000_000, CALLERS):
            await _append(log, number)

    await asyncio.gather(*(caller(first) for first in range(CALLERS)))


async def _until_full(log: SqliteAudit, limit: int) -> None:
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
    number = 0
    try:
        for number in range(1_000_000):
            await _append(log, number)
    except UnavailableError as error:
        _say(f"full: {error}")
    for _ in range(3):
        try:
            await _append(log, number)
        except UnavailableError:
            _say("still full")
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    for later in range(AFTERWARDS):
        await _append(log, number + later)
    await log.stop()


async def main() -> None:
    """Run as the arguments say."""
    path, sync, *limit = sys.argv[1:]
    log = SqliteAudit(Path(path), KEY, "disk" if sync == "disk" else "commit")
    await log.start()
    _say("started")
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        await _until_full(log, int(limit[0]))
    else:
        await _under_load(log)


if __name__ == "__main__":
    asyncio.run(main())
