import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.audit.chain import Head
from sidecar.audit.file import COLUMNS, AuditFile, head_path
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.query import _PORTION, DEFAULT_LIMIT, PORTION, AuditReader, Filter, stream, verify
from sidecar.audit.record import Entry
from sidecar.errors import UnavailableError
from sidecar.model.verdict import Decision, Finding
from tests.audit.files import logging, tamper, written
from tests.audit.samples import AGENT, CALL, CHAIN, KEY, NOW, RECORDER, SESSION, SUBJECT, chained, entry, verdict

BOB = replace(
    SESSION,
    id="ses_b",
    chain=replace(CHAIN, principal=replace(CHAIN.principal, subject="bob@example.org", actors=())),
)
DENIED = Finding(check="scope", decision=Decision.DENY, reason="tool_not_granted")
REDACTED = Finding(check="personal_data", decision=Decision.REDACT, reason="pii_redacted")
ENTRIES: Sequence[Entry] = (
    RECORDER.session("open_session", SESSION, NOW),
    RECORDER.crossing(verdict(replace(CALL, at=NOW + 1))),
    RECORDER.crossing(verdict(replace(CALL, at=NOW + 2, tool="shell"), DENIED)),
    RECORDER.crossing(verdict(replace(CALL, at=NOW + 3, session=BOB, session_id="ses_b.x"), REDACTED)),
    RECORDER.crossing(verdict(replace(CALL, at=NOW + 4, session=None, session_id=f"{SESSION.id}.wrong"), DENIED)),
    RECORDER.crossing(verdict(replace(CALL, at=NOW + 5, tool="", session=BOB, session_id="ses_b.x"))),
)


def kept(path: Path, entries: Sequence[Entry] = ENTRIES) -> Path:
    file = AuditFile(path, KEY, "commit")
    file.open()
    file.write(chained(entries))
    file.close()
    return path


@pytest.mark.parametrize(
    ("which", "found"),
    [
        pytest.param(Filter(), [1, 2, 3, 4, 5, 6], id="all"),
        pytest.param(Filter(session="ses_b"), [4, 6], id="session"),
        pytest.param(Filter(session="ses_b.secret"), [4, 6], id="a handle is cut"),
        pytest.param(Filter(session=SESSION.id), [1, 2, 3, 5], id="session, and who only knew its id"),
        pytest.param(Filter(subject=SUBJECT), [1, 2, 3], id="subject in clear"),
        pytest.param(Filter(subject=Pseudonyms(KEY).subject(SUBJECT)), [1, 2, 3], id="subject by pseudonym"),
        pytest.param(Filter(agent=AGENT), [1, 2, 3], id="agent"),
        pytest.param(Filter(agent="bob@example.org"), [4, 6], id="a subject that acts alone"),
        pytest.param(Filter(tool="search"), [2, 4, 5], id="tool"),
        pytest.param(Filter(tool="shell"), [3], id="a tool that the policy does not know"),
        pytest.param(Filter(tool="nothing"), [], id="a tool that nobody called"),
        pytest.param(Filter(at_least=Decision.REDACT), [3, 4, 5], id="at least redact"),
        pytest.param(Filter(at_least=Decision.DENY), [3, 5], id="deny"),
        pytest.param(Filter(since=NOW + 2), [3, 4, 5, 6], id="since, included"),
        pytest.param(Filter(until=NOW + 2), [1, 2], id="until, not included"),
        pytest.param(Filter(session="ses_b", at_least=Decision.REDACT, since=NOW), [4], id="all must hold"),
    ],
)
def test_a_filter_finds_its_records(tmp_path: Path, which: Filter, found: list[int]) -> None:
    with AuditReader(kept(tmp_path / "audit.db"), KEY) as reader:
        assert [r.sequence for r in reader.select(which)] == found
        assert [r.sequence for r in reader.last(which, 2)] == found[-2:]


def test_without_the_key_only_what_stands_in_the_log_is_found(tmp_path: Path) -> None:
    with AuditReader(kept(tmp_path / "audit.db")) as reader:
        assert not list(reader.select(Filter(subject=SUBJECT)))
        assert len(list(reader.select(Filter(subject=Pseudonyms(KEY).subject(SUBJECT))))) == 3


def test_records_come_in_portions_and_in_order(tmp_path: Path) -> None:
    count = 2 * PORTION + 1
    made = written(tmp_path / "audit.db", count)

    with AuditReader(tmp_path / "audit.db") as reader:
        assert reader.newest() == count
        assert list(reader.select(Filter())) == made
        assert list(reader.select(Filter(), after=5, until=7)) == made[5:7]


def test_a_filter_is_data_and_no_sql(tmp_path: Path) -> None:
    with AuditReader(kept(tmp_path / "audit.db"), KEY) as reader:
        assert not list(reader.select(Filter(tool="' OR 1 --", session="'", agent='"', subject="%")))


@pytest.mark.parametrize(
    ("which", "plan"),
    [
        pytest.param(Filter(session="ses_b"), "USING INDEX records_by_session (session_id=?", id="session"),
        pytest.param(Filter(at_least=Decision.DENY), "USING INDEX records_by_decision (decision=?", id="deny"),
        pytest.param(Filter(at_least=Decision.REDACT), "USING INDEX records_by_decision (decision=?", id="any denial"),
        pytest.param(Filter(since=NOW), "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", id="time, within its span"),
    ],
)
def test_a_filter_uses_its_index_and_keeps_the_order(tmp_path: Path, which: Filter, plan: str) -> None:
    with AuditReader(kept(tmp_path / "audit.db"), KEY) as reader:
        where, values = reader._where(which)
        rows = reader._rows(f"EXPLAIN QUERY PLAN {_PORTION.format(where=where)}", *values, 0, 9, 9)

    assert plan in str(rows)
    assert ("ORDER BY" in str(rows)) == (which.at_least is Decision.REDACT)


def test_times_narrow_what_is_looked_through(tmp_path: Path) -> None:
    with AuditReader(kept(tmp_path / "audit.db"), KEY) as reader:
        assert reader.span(Filter(), 1, 6) == (1, 6)
        assert reader.span(Filter(since=NOW + 2, until=NOW + 4), 0, 6) == (2, 4)
        assert reader.span(Filter(since=NOW + 2), 4, 5) == (4, 5)
        assert reader.span(Filter(since=NOW + 99), 0, 6) == (6, 6)
        assert reader.span(Filter(until=1e300), 0, 6) == (0, 6)


@pytest.mark.parametrize(
    ("prepare", "problem"),
    [
        pytest.param(lambda _: None, "there is no audit log", id="nothing"),
        pytest.param(lambda p: p.mkdir(), "there is no audit log", id="a folder"),
        pytest.param(lambda p: p.write_bytes(b"text" * 999), "SQLITE_NOTADB", id="no database"),
        pytest.param(lambda p: tamper(p, "CREATE TABLE x (y)"), "no audit log of this version", id="another database"),
    ],
)
def test_what_is_no_log_is_told(tmp_path: Path, prepare: Callable[[Path], None], problem: str) -> None:
    path = tmp_path / "audit.db"
    prepare(path)

    with pytest.raises(UnavailableError, match=problem), AuditReader(path):
        pass
    with pytest.raises(UnavailableError, match=problem):
        verify(path, KEY)


def test_a_reader_that_is_not_open_reads_nothing(tmp_path: Path) -> None:
    reader = AuditReader(tmp_path / "audit.db")
    reader.interrupt()

    with pytest.raises(UnavailableError, match="not open"):
        reader.newest()


async def test_the_log_is_read_while_it_is_written(tmp_path: Path) -> None:
    async with logging(tmp_path / "audit.db") as log:
        with AuditReader(tmp_path / "audit.db") as reader:
            for i in range(5):
                await log.append(entry(i))
                assert len(list(reader.select(Filter()))) == i + 1
            assert verify(tmp_path / "audit.db", KEY).found is None


def test_a_log_that_nobody_writes_is_whole(tmp_path: Path) -> None:
    made = written(tmp_path / "audit.db", PORTION + 1)
    told: list[int] = []

    result = verify(tmp_path / "audit.db", KEY, told.append)

    assert (result.records, result.found) == (PORTION + 1, None)
    assert result.newest == Head(PORTION + 1, made[-1].hash)
    assert told == list(range(1, PORTION + 2))


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    written(tmp_path / "audit.db", 0)

    result = verify(tmp_path / "audit.db", KEY)

    assert (result.records, result.newest, result.found) == (0, None, None)


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        pytest.param(
            "UPDATE records SET canonical = replace(canonical, 'search', 'shell') WHERE sequence = 3",
            (3, "edited"),
            id="a text",
        ),
        pytest.param("UPDATE records SET tool = 'shell' WHERE sequence = 3", (3, "edited"), id="a column"),
        pytest.param(
            "UPDATE records SET decision = '1' || '' WHERE sequence = 3", None, id="affinity makes it the same"
        ),
        pytest.param(
            "UPDATE records SET decision = 'one' WHERE sequence = 3", (3, "edited"), id="a column of another type"
        ),
        pytest.param("UPDATE records SET tool = x'ff' WHERE sequence = 3", (3, "edited"), id="bytes"),
        pytest.param("UPDATE records SET tool = CAST(x'ff' AS TEXT) WHERE sequence = 3", (3, "edited"), id="no UTF-8"),
        pytest.param("DELETE FROM records WHERE sequence = 3", (3, "removed"), id="removed"),
        pytest.param("DELETE FROM records WHERE sequence > 6", (7, "cut"), id="cut"),
        pytest.param("DELETE FROM records", (1, "cut"), id="emptied"),
        pytest.param("UPDATE records SET sequence = 99 WHERE sequence = 3", (3, "removed"), id="moved to the end"),
        pytest.param(
            f"INSERT INTO records SELECT 9, {COLUMNS.partition(', ')[2]} FROM records WHERE sequence = 3",  # noqa: S608
            (9, "moved"),
            id="added at the end",
        ),
        pytest.param(
            "INSERT INTO records SELECT 0, 0, '', '', '', '', '', 1, '', '', ''", (0, "moved"), id="added in front"
        ),
        pytest.param(
            "INSERT INTO records SELECT -7, 0, '', '', '', '', '', 1, '', '', ''", (-7, "moved"), id="negative"
        ),
    ],
)
def test_what_was_done_to_the_file_is_found(tmp_path: Path, harm: str, found: tuple[int, str] | None) -> None:
    path = tmp_path / "audit.db"
    written(path, 8)
    tamper(path, harm)
    broken = verify(path, KEY).found

    assert ((broken.sequence, broken.what) if broken else None) == found


def renumbered(old: int, new: int) -> str:
    return f"UPDATE records SET sequence = {new} WHERE sequence = {old}"  # noqa: S608 - two numbers


def test_a_record_that_was_removed_and_the_rest_renumbered_is_found(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    written(path, 8)
    tamper(path, "DELETE FROM records WHERE sequence = 5", *(renumbered(n, n - 1) for n in (6, 7, 8)))
    broken = verify(path, KEY).found

    assert broken
    assert (broken.sequence, broken.what) == (5, "moved")


def test_two_records_that_were_swapped_are_found(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    written(path, 8)
    tamper(path, renumbered(3, 99), renumbered(5, 3), renumbered(99, 5))
    broken = verify(path, KEY).found

    assert broken
    assert (broken.sequence, broken.what) == (3, "moved")
    assert broken.message == "record 5 stands in its place"


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda p: p.unlink(), id="removed"),
        pytest.param(lambda p: p.write_bytes(Head(8, "0" * 64).sealed(bytes(32))), id="forged"),
    ],
)
def test_without_its_head_a_log_cannot_be_told_to_be_whole(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    path = tmp_path / "audit.db"
    written(path, 8)
    harm(head_path(path))
    broken = verify(path, KEY).found

    assert broken
    assert (broken.sequence, broken.what) == (9, "cut")


def test_another_key_verifies_nothing(tmp_path: Path) -> None:
    written(tmp_path / "audit.db", 8)
    broken = verify(tmp_path / "audit.db", bytes(32)).found

    assert broken
    assert (broken.sequence, broken.what) == (1, "forged")


def redefined(old: str, new: str) -> Sequence[str]:
    change = f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}')"  # noqa: S608 - two constants
    return ("PRAGMA writable_schema = ON", change)


def test_an_index_that_hides_a_record_is_found(tmp_path: Path) -> None:
    path = kept(tmp_path / "audit.db")
    # As another index, which leaves denials out, it is filled; then it is given its old name for what it holds.
    tamper(path, *redefined("decision > 1", "decision > 4"))
    tamper(path, "REINDEX records_by_decision", *redefined("decision > 4", "decision > 1"))
    with AuditReader(path, KEY) as reader:
        assert not list(reader.select(Filter(at_least=Decision.DENY)))
    broken = verify(path, KEY).found

    assert broken
    assert broken.what == "damaged"
    assert "queries may miss some" in broken.message


def test_a_damaged_file_is_broken_where_it_can_no_longer_be_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    written(path, 200)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 3 * 4096] = bytes(3 * 4096)
    path.write_bytes(data)
    broken = verify(path, KEY).found

    assert broken


async def collected(path: Path, which: Filter, limit: int = 0) -> list[int]:
    return [r.sequence async for r in stream(path, KEY, which, limit=limit)]


async def test_a_stream_ends_at_its_limit(tmp_path: Path) -> None:
    written(tmp_path / "audit.db", DEFAULT_LIMIT + 1)

    assert await collected(tmp_path / "audit.db", Filter(), limit=3) == [1, 2, 3]
    assert len(await collected(tmp_path / "audit.db", Filter())) == DEFAULT_LIMIT
    assert len(await collected(tmp_path / "audit.db", Filter(), limit=-1)) == DEFAULT_LIMIT
    assert await collected(tmp_path / "audit.db", Filter(since=NOW + DEFAULT_LIMIT)) == [DEFAULT_LIMIT + 1]


async def test_a_stream_follows_what_comes(tmp_path: Path) -> None:
    async with logging(tmp_path / "audit.db") as log:
        await log.append(entry(0))
        async with aclosing(stream(tmp_path / "audit.db", KEY, Filter(tool="search"), follow=True)) as found:
            seen = [(await anext(found)).sequence]
            await log.append(replace(entry(1), tool="other"))
            await log.append(entry(2))
            seen.append((await anext(found)).sequence)
            later = asyncio.ensure_future(anext(found))
            await asyncio.sleep(0.01)
            await log.append(entry(3))
            seen.append((await later).sequence)

    assert seen == [1, 3, 4]


async def test_a_stream_that_is_hung_up_on_ends(tmp_path: Path) -> None:
    written(tmp_path / "audit.db", 3)
    seen: list[int] = []
    is_read = asyncio.Event()

    async def follow() -> None:
        async for record in stream(tmp_path / "audit.db", KEY, Filter(), follow=True):
            seen.append(record.sequence)
            if record.sequence == 3:
                is_read.set()

    for wait in (*map(asyncio.sleep, (0, 0, 0.001, 0.002, 0.005)), is_read.wait()):
        task = asyncio.create_task(follow())
        await wait
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert seen[-3:] == [1, 2, 3]


async def test_a_stream_of_nothing_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no audit log"):
        await collected(tmp_path / "audit.db", Filter())
