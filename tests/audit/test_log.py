import asyncio
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.audit.chain import Head, first_break
from sidecar.audit.file import Sync
from sidecar.audit.log import CHECKPOINT_PAGES, MAX_BATCH, SqliteAudit
from sidecar.errors import ConfigError, UnavailableError
from sidecar.model.strict_json import Json
from tests.audit.files import logging, records, written
from tests.audit.samples import CALL, KEY, RECORDER, entry, verdict

BOTH = pytest.mark.parametrize("sync", ["commit", "disk"])


class Faulty(Mapping[str, Json]):
    """Details with a bug."""

    def __getitem__(self, key: str) -> Json:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def __len__(self) -> int:
        return 1


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def soon() -> None:
    """Let every task that can run do so once."""
    await asyncio.sleep(0)


@BOTH
async def test_an_entry_is_kept_when_append_returns(tmp_path: Path, sync: Sync) -> None:
    path = tmp_path / "audit.db"
    async with logging(path, sync) as log:
        ids = [await log.append(entry(i)) for i in range(3)]

        assert [r.record_id for r in records(path)] == ids
        assert first_break(records(path), log.head, KEY) is None


@BOTH
async def test_all_that_come_at_once_are_kept_in_order(tmp_path: Path, sync: Sync) -> None:
    path = tmp_path / "audit.db"
    async with logging(path, sync) as log:
        ids = await asyncio.gather(*(log.append(entry(i)) for i in range(3 * MAX_BATCH)))

        assert [r.record_id for r in records(path)] == ids
        assert first_break(records(path), log.head, KEY) is None


async def test_a_restart_continues_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    async with logging(path) as log:
        await log.append(entry(0))
    async with logging(path) as log:
        await log.append(entry(1))

        assert first_break(records(path), Head(2, log.head.hash), KEY) is None


@BOTH
async def test_a_caller_that_hangs_up_loses_no_record(tmp_path: Path, sync: Sync) -> None:
    path = tmp_path / "audit.db"
    async with logging(path, sync) as log:
        callers = [asyncio.create_task(log.append(entry(i))) for i in range(20)]
        await soon()
        for caller in callers[::2]:
            caller.cancel()
        done = await asyncio.gather(*callers, return_exceptions=True)

    kept = [r.record_id for r in records(path)]
    assert len(kept) == 20
    assert done[1::2] == kept[1::2]


async def test_a_full_backlog_refuses_at_once(tmp_path: Path) -> None:
    async with logging(tmp_path / "audit.db", "disk", backlog=2) as log:
        done = await asyncio.gather(*(log.append(entry(i)) for i in range(3)), return_exceptions=True)

        assert [type(d) for d in done] == [str, str, UnavailableError]
        assert await log.append(entry(3))


async def test_a_log_that_is_not_open_keeps_nothing(tmp_path: Path) -> None:
    log = SqliteAudit(tmp_path / "audit.db", KEY)
    with pytest.raises(UnavailableError, match="not open"):
        await log.append(entry())
    await log.start()
    await log.stop()
    with pytest.raises(UnavailableError, match="not open"):
        await log.append(entry())
    await log.stop()


@BOTH
async def test_what_waits_is_kept_before_the_log_is_closed(tmp_path: Path, sync: Sync) -> None:
    log = SqliteAudit(tmp_path / "audit.db", KEY, sync)
    await log.start()
    callers = [asyncio.create_task(log.append(entry(i))) for i in range(20)]
    await soon()

    await log.stop()

    assert await asyncio.gather(*callers) == [r.record_id for r in records(tmp_path / "audit.db")]


async def test_a_log_that_is_torn_down_leaves_nobody_waiting(tmp_path: Path) -> None:
    log = SqliteAudit(tmp_path / "audit.db", KEY, "disk")
    await log.start()
    callers = [asyncio.create_task(log.append(entry(i))) for i in range(20)]
    await soon()
    await soon()
    callers += [asyncio.create_task(log.append(entry(i))) for i in range(5)]  # while the first are being written
    await soon()
    assert log._writer is not None
    log._writer.cancel()
    done = await asyncio.gather(*callers, return_exceptions=True)
    await log.stop()

    assert {type(d) for d in done} == {UnavailableError}


async def test_an_entry_that_json_cannot_hold_fails_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    entries = [entry(0), entry(1, details={"x": float("nan")}), entry(2), entry(3, details={"x": "\ud800"})]
    async with logging(path) as log:
        done = await asyncio.gather(*(log.append(e) for e in entries), return_exceptions=True)
        with pytest.raises(UnavailableError, match="cannot be written as JSON"):
            await log.append(entries[1])

        assert [type(d) for d in done] == [str, UnavailableError, str, UnavailableError]
        assert first_break(records(path), Head(2, log.head.hash), KEY) is None


async def test_a_bug_fails_those_that_wait_and_not_the_log(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    async with logging(path) as log:
        with pytest.raises(UnavailableError, match=r"cannot be written: RuntimeError$"):
            await log.append(replace(entry(), details=Faulty()))
        kept = await log.append(entry())

    assert [r.record_id for r in records(path)] == [kept]


async def test_a_second_sidecar_is_refused(tmp_path: Path) -> None:
    async with logging(tmp_path / "audit.db"):
        with pytest.raises(ConfigError, match="another sidecar"):
            await SqliteAudit(tmp_path / "audit.db", KEY).start()


@BOTH
async def test_a_short_lock_is_waited_out_without_stopping_the_loop(tmp_path: Path, sync: Sync) -> None:
    path = tmp_path / "audit.db"
    async with logging(path, sync) as log:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            caller = asyncio.create_task(log.append(entry()))
            await asyncio.sleep(0.05)
            assert not caller.done()
            other.execute("ROLLBACK")

        assert await caller == records(path)[0].record_id


@pytest.mark.slow
async def test_a_long_lock_is_told_and_the_log_recovers(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    async with logging(path) as log:
        await log.append(entry(0))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UnavailableError, match="SQLITE_BUSY"):
                await log.append(entry(1))
            other.execute("ROLLBACK")
        await log.append(entry(2))

        assert first_break(records(path), Head(2, log.head.hash), KEY) is None


async def test_a_log_that_was_replaced_gives_no_more_ids_until_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    async with logging(path) as log:
        await log.append(entry(0))
        path.rename(tmp_path / "moved")
        with pytest.raises(UnavailableError, match="cannot be written"):
            await log.append(entry(1))
        with pytest.raises(UnavailableError, match="cannot be written"):
            await log.append(entry(2))
        (tmp_path / "moved").rename(path)
        await log.append(entry(3))

        assert first_break(records(path), Head(2, log.head.hash), KEY) is None


async def test_records_that_somebody_else_added_end_the_log(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    async with logging(path) as log:
        await log.append(entry(0))
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("INSERT INTO records SELECT 2, 0, '', '', '', '', '', 1, '', '', ''")
        with pytest.raises(UnavailableError, match="SQLITE_CONSTRAINT"):
            await log.append(entry(1))
        with pytest.raises(UnavailableError, match="changed while it was being written"):
            await log.append(entry(2))


async def test_the_write_ahead_log_stays_short(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    async with logging(path) as log:
        for i in range(1500):
            await log.append(entry(i))

        assert (tmp_path / "audit.db-wal").stat().st_size < 1.5 * CHECKPOINT_PAGES * 4096


async def test_a_checkpoint_that_fails_is_left_to_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    async with logging(path) as log:
        log._pages = CHECKPOINT_PAGES
        path.rename(tmp_path / "moved")
        with suppress(UnavailableError):
            await log.append(entry(0))
        (tmp_path / "moved").rename(path)

        assert await log.append(entry(1))


async def test_nothing_that_a_caller_sent_is_in_any_file(tmp_path: Path) -> None:
    canary = "zq-canary-7731"
    crossing = replace(
        CALL,
        session_id=f"ses_x.{canary}",
        body={canary: canary},
        tool=f"tool {canary}",
        call_id=f"call {canary}",
        model=f"model {canary}",
        raw=f'{{"{canary}": 1}}',
    )
    async with logging(tmp_path / "audit.db") as log:
        for i in range(50):
            await log.append(RECORDER.crossing(verdict(replace(crossing, session=None)), f"{canary}{i}"))
        held = files(tmp_path)

    assert set(held) == {"audit.db", "audit.db-wal", "audit.db-shm", "audit.db.head"}
    assert not [name for name, data in held.items() if re.search(b"canary|ann@example|secret", data)]
    assert re.search(b"unknown:", held["audit.db-wal"])


async def test_a_log_that_is_broken_is_not_started(tmp_path: Path) -> None:
    written(tmp_path / "audit.db", 2)
    (tmp_path / "audit.db.head").unlink()
    log = SqliteAudit(tmp_path / "audit.db", KEY)

    with pytest.raises(ConfigError, match="sidecar audit verify"):
        await log.start()
    await log.stop()
