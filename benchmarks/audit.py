"""What a record costs: what is told of a verdict, one append, many at once, and verifying.

A verdict of eight checks that passed on a tool call with 20 arguments; about 1 kB as recorded. `write` and `write in a
thread` are the same transaction on the event loop and in a thread: what sync = "commit" does, and what it would cost
otherwise (see sidecar/audit/log.py).
"""

import asyncio
import itertools
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import FULL, QUICK, Row, options, report, rows, side_by_side

from sidecar.audit.chain import GENESIS, Head, Record, first_break, follow
from sidecar.audit.file import AuditFile
from sidecar.audit.log import SqliteAudit
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry, Recorder
from sidecar.model.chain import Principal, VerifiedChain
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.scope import Scope
from sidecar.model.session import Session
from sidecar.model.verdict import Decision, Finding, Verdict

KEY = bytes(32)
AT = 1_800_000_000.0
ARGUMENTS = {f"p{i}": f"value {i}" for i in range(20)}
AT_ONCE = 32
VERIFIED = 100
CHECKS = ("session", "size", "form", "scope", "catalogue", "schema", "personal_data", "rules")
RECORDER = Recorder(vocabulary=frozenset({"work", *ARGUMENTS}), pseudonyms=Pseudonyms(KEY), policy_version="v" * 71)


def verdict() -> Verdict:
    """Return a verdict as the enforcer makes it: its findings are new ones each time."""
    principal = Principal(subject="user", issuer="https://sts.example.org", actors=("spiffe://example.org/agent",))
    chain = VerifiedChain(
        profile="at-jwt-act@1",
        principal=principal,
        hops=(),
        scope=Scope(),
        not_before=0,
        expires_at=2**31,
        audience=frozenset(),
        digest="c" * 71,
    )
    session = Session(id="ses_0123456789abcdef01", chain=chain, scope=Scope(), opened_at=AT, expires_at=AT + 600)
    crossing = Crossing(
        boundary=Boundary.TOOL_CALL,
        session_id=f"{session.id}.secret",
        at=AT,
        body=ARGUMENTS,
        is_json=True,
        session=session,
        tool="work",
        call_id="call-1",
    )
    findings = tuple(Finding(check=check, decision=Decision.ALLOW) for check in CHECKS)
    return Verdict(crossing=crossing, findings=findings, policy_version="v" * 71)


class Chain:
    """Records one after the other, for files that are written to directly."""

    def __init__(self, path: Path) -> None:
        self.file = AuditFile(path, KEY, "commit")
        self.head = self.file.open()

    def write(self, entry: Entry) -> None:
        """Write the record of `entry`."""
        record = follow(self.head.hash, self.head.sequence + 1, entry, KEY)
        self.file.write([record])
        self.head = Head(record.sequence, record.hash)


def chained(entry: Entry) -> list[Record]:
    """Return `VERIFIED` records."""
    records = [follow(GENESIS, 1, entry, KEY)]
    for sequence in range(2, VERIFIED + 1):
        records.append(follow(records[-1].hash, sequence, entry, KEY))
    return records


def awaited(call: Callable[[], object]) -> Callable[[], Awaitable[object]]:
    """Return `call` as something to await."""

    async def run() -> object:
        return call()

    return run


async def measure(folder: Path, rounds: int) -> list[Row]:
    """Return the rows of one run."""
    logs = {sync: SqliteAudit(folder / f"{sync}.db", KEY, sync) for sync in ("commit", "disk")}
    for log in logs.values():
        await log.start()
    inline, threaded = Chain(folder / "inline.db"), Chain(folder / "threaded.db")
    entry, judged, verified = RECORDER.crossing(verdict()), verdict(), chained(RECORDER.crossing(verdict()))
    numbers = itertools.count(1)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        times = await side_by_side(
            {
                "append, sync = commit": lambda: logs["commit"].append(entry),
                "append, sync = disk": lambda: logs["disk"].append(entry),
                f"{AT_ONCE} appends at once, commit": lambda: _many(logs["commit"], entry),
                f"{AT_ONCE} appends at once, disk": lambda: _many(logs["disk"], entry),
                "what is told of a verdict": awaited(lambda: RECORDER.crossing(judged)),
                "chain and seal": awaited(lambda: follow(GENESIS, next(numbers), entry, KEY)),
                "write": awaited(lambda: inline.write(entry)),
                "write in a thread": lambda: loop.run_in_executor(thread, threaded.write, entry),
                f"verify {VERIFIED} records": awaited(lambda: first_break(verified, None, KEY)),
            },
            rounds,
        )
    for log in logs.values():
        await log.stop()
    inline.file.close()
    threaded.file.close()
    return rows(times, "append, sync = commit")


async def _many(log: SqliteAudit, entry: Entry) -> None:
    await asyncio.gather(*(log.append(entry) for _ in range(AT_ONCE)))


def main() -> None:
    """Measure and report."""
    chosen = options(__doc__ or "")
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure(Path(folder), QUICK if chosen.quick else FULL))
    report(measured, "benchmarks/audit.py", chosen.json)


if __name__ == "__main__":
    main()
