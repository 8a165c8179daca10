"""A real sidecar that trusts issuers of its own choice, and what its audit log says of refusals."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from tests.running import ECHO, Running, serving, written

LOCAL = 'allow_private_hosts = ["localhost"]'
EVERY = 1_000_000  # records: a query begins with the oldest, and what is asked for is the newest
SECONDS = 10.0  # far below the half minute after which a file is looked at in any case
QUICK = "interval_seconds = 1\nunknown_key_seconds = 1"


@asynccontextmanager
async def trusting(folder: Path, issuers: str, refresh: str = "") -> AsyncIterator[Running]:
    """Serve from `folder` for the length of the block; `issuers` are tables of the settings."""
    trial = TrialIssuer.generate()
    path = written(folder, trial, identity=LOCAL, **{"identity.refresh": refresh})
    path.write_text(path.read_text(encoding="utf-8") + issuers, encoding="utf-8")
    async with serving(path, trial) as run:
        yield run


async def becomes(run: Running, handle: str, reason: str) -> None:
    """Wait until a call of the session gets this reason."""
    end = time.monotonic() + SECONDS
    for _ in count():
        found = await called(run, handle)
        if found == reason:
            return
        assert time.monotonic() < end, found
        await asyncio.sleep(0.02)


async def opened(run: Running, *tokens: str) -> tuple[str, str]:
    """Return the handle of a new session, or why there is none, by the audit log."""
    session = await run.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))
    return session.session_id, "" if session.session_id else await recorded(run, session.record_id)


async def called(run: Running, handle: str) -> str:
    """Return why a call in a session is denied, by the audit log; empty where it is allowed."""
    verdict = await run.guard.CheckToolCall(pb.ToolCall(session_id=handle, tool="echo", arguments_json=ECHO))
    return "" if verdict.decision == pb.ALLOW else await recorded(run, verdict.record_id)


async def recorded(run: Running, record_id: str) -> str:
    """Return the reason of the denial that the audit log keeps under `record_id`."""
    seen = 0
    async for record in run.control.QueryAudit(pb.QueryAuditRequest(limit=EVERY)):
        if record.record_id == record_id:
            return next(f"{f.check}: {f.reason}" for f in record.findings if f.decision == pb.DENY)
        seen += 1
    raise AssertionError(f"none of {seen} records is {record_id!r}")


async def degraded(run: Running) -> list[str]:
    """Return what the sidecar's status calls degraded."""
    status = await run.control.GetStatus(pb.GetStatusRequest())
    return list(status.degraded)
