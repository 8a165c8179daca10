"""What is kept is there after the process is not; what cannot be kept is told."""

import asyncio
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import ConfigError, UnavailableError
from sidecar.stores import state_file
from sidecar.stores.keep import Row
from sidecar.stores.state_file import StateFile, on_disk
from tests.chains import NOW


def opened(path: Path, at: float = NOW) -> StateFile:
    file = StateFile(path, checkpoint_rows=2)
    file.start(at)
    return file


MANY = 65


def journals(folder: Path) -> list[int]:
    return [path.stat().st_size for path in sorted(folder.glob("live.db.j*"))]


def row(key: str, value: str | bytes = "v", until: float = 9.0) -> Row:
    return Row(key, value, NOW + until)


async def test_rows_come_back_by_room_as_they_were_last(tmp_path: Path) -> None:
    file = opened(tmp_path / "s" / "live.db")
    for one in (row("a"), row("b", b"\x00\xff"), row("a", "w"), row("c")):
        file.put("one", one)
    file.put("two", row("a", "other"))
    file.drop("one", "c")
    file.drop("one", "never")
    await file.kept()
    await file.kept()
    await file.stop()

    again = opened(tmp_path / "s" / "live.db")

    assert list(again.rows("one")) == [row("a", "w"), row("b", b"\x00\xff")]
    assert list(again.rows("two")) == [row("a", "other")]
    assert list(again.rows("three")) == []
    await again.stop()


async def test_what_was_not_kept_before_the_end_is_kept_by_stopping(tmp_path: Path) -> None:
    file = opened(tmp_path / "live.db")
    file.put("one", row("a"))
    await file.stop()
    await file.stop()

    again = opened(tmp_path / "live.db")
    assert list(again.rows("one")) == [row("a")]
    await again.stop()


async def test_what_changes_during_a_checkpoint_is_kept_after_it(tmp_path: Path) -> None:
    file = opened(tmp_path / "live.db")
    for number in range(40):
        file.put("one", row(f"k{number}"))
        await asyncio.gather(file.kept(), file.kept())
    await file.stop()

    again = opened(tmp_path / "live.db")
    assert len(list(again.rows("one"))) == 40
    await again.stop()


@pytest.mark.parametrize("rows", [pytest.param(4000, id="in the journal"), pytest.param(1, id="folded after each")])
async def test_what_was_changed_last_is_what_a_killed_process_leaves(tmp_path: Path, rows: int) -> None:
    file = StateFile(tmp_path / "live.db", checkpoint_rows=rows)
    file.start(NOW)
    for changed in (("a", "1"), ("b", "1"), ("a", "2"), ("b", None), ("c", "1"), ("c", None), ("c", "3")):
        key, value = changed
        file.drop("one", key) if value is None else file.put("one", row(key, value))
        await file.kept()
    file.put("cleared", row("a"))
    await file.kept()
    file.clear("cleared")
    file.put("cleared", row("b"))
    for number in range(MANY):
        file.put("many", row(str(number)))
    await file.kept()
    read = {room: list(file.rows(room)) for room in ("one", "cleared")}
    if file._folding:
        await file._folding
    file._close()  # nothing is folded by the end of a process

    again = opened(tmp_path / "live.db")

    assert list(again.rows("one")) == read["one"] == [row("a", "2"), row("c", "3")]
    assert list(again.rows("cleared")) == read["cleared"] == [row("b")]
    assert len(list(again.rows("many"))) == MANY
    assert journals(tmp_path) == [0, 0]
    await again.stop()


async def test_the_file_is_for_its_owner_alone_and_for_one_process(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    file = opened(path)
    file.put("one", row("a"))
    await file.kept()

    modes = {one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir()}  # noqa: ASYNC240 - a test may wait
    assert modes == dict.fromkeys(["live.db", "live.db-wal", "live.db.j0", "live.db.j1"], 0o600)
    other = sqlite3.connect(path, timeout=0)
    with pytest.raises(sqlite3.OperationalError):
        other.execute("SELECT * FROM state")
    other.close()
    await file.stop()


async def test_without_the_file_nothing_is_kept_and_it_is_told(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "live.db")
    file.put("one", row("a"))

    with pytest.raises(UnavailableError):
        await file.kept()
    with pytest.raises(UnavailableError):
        list(file.rows("one"))


async def test_what_the_disk_refused_is_tried_again(tmp_path: Path) -> None:
    file = opened(tmp_path / "live.db")
    journal = file._newer.journal
    writable, journal._file = journal._file, os.open(tmp_path / "live.db.j0", os.O_RDONLY)
    file.put("one", row("a"))
    file.put("one", row("b"))
    with pytest.raises(UnavailableError) as refused:
        await file.kept()
    journal.close()
    journal._file = writable
    await file.kept()
    await file.stop()
    again = opened(tmp_path / "live.db")

    assert "the state cannot be kept" in str(refused.value)
    assert [one.key for one in again.rows("one")] == ["a", "b"]
    await again.stop()


@pytest.mark.parametrize(
    "bounds", [pytest.param({"checkpoint_rows": 2}, id="rows"), pytest.param({"checkpoint_octets": 60}, id="octets")]
)
async def test_where_nothing_can_be_folded_it_is_kept_in_the_journals_and_soon_told(
    tmp_path: Path, bounds: dict[str, int]
) -> None:
    file = StateFile(tmp_path / "live.db", **bounds)
    file.start(NOW)
    file._opened().execute("PRAGMA query_only = 1")
    kept, told = 0, ""
    while not told and kept < MANY:
        file.put("one", row(f"k{kept:02}"))
        try:
            await file.kept()
            kept += 1
        except UnavailableError as error:
            told = str(error)
    shown = [one.key for one in file.rows("one")]
    with file._one_at_a_time:
        file._opened().execute("PRAGMA query_only = 0")
    await file.kept()
    await file.stop()
    again = opened(tmp_path / "live.db")

    assert "SQLITE_READONLY" in told
    assert 2 * state_file.MOST_BEHIND > kept > 2
    assert shown == [f"k{number:02}" for number in range(kept)]
    assert [one.key for one in again.rows("one")] == [*shown, f"k{kept:02}"]
    await again.stop()


async def test_state_that_cannot_be_kept_does_not_grow_for_ever(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "live.db")
    for number in range(state_file.MAX_UNKEPT):
        file.put("one", row(str(number)))

    with pytest.raises(UnavailableError):
        file.put("one", row("more"))


def test_a_file_that_is_none_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database, and long enough to be none at all" * 99, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    newer = sqlite3.connect(tmp_path / "newer")
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    problems = {}
    for name in ("text", "folder", "newer"):
        with pytest.raises(ConfigError) as told:
            StateFile(tmp_path / name).start(NOW)
        problems[name] = str(told.value).partition("cannot be used: ")[2]

    assert problems == {
        "text": "SQLITE_NOTADB: put back the newest copy; without one, remove all files whose names begin so: what "
        "they held is lost",
        "folder": "SQLITE_CANTOPEN",
        "newer": "it is of another version of the sidecar: start that one, or set another path",
    }


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError) as told:
        StateFile(tmp_path / "file" / "live.db").start(NOW)

    assert os.strerror(17) in str(told.value)


async def test_what_can_wait_is_kept_with_what_cannot(tmp_path: Path) -> None:
    file = opened(tmp_path / "live.db")
    file.put_later("one", row("a"))
    await file.kept()
    before = list(file.rows("one"))
    file.put("one", row("b"))
    file.put_later("one", row("c"))
    await file.kept()

    assert (before, list(file.rows("one"))) == ([], [row("a"), row("b"), row("c")])
    await file.stop()


async def test_what_can_wait_waits_no_longer_than_it_is_said(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "live.db", later_s=0.01)
    file.start(NOW)
    for number in range(3):
        file.put_later("one", row(f"k{number}"))
    for _ in range(500):
        if list(file.rows("one")):
            break
        await asyncio.sleep(0.01)

    assert len(list(file.rows("one"))) == 3
    await file.stop()


async def test_what_could_wait_is_kept_by_stopping(tmp_path: Path) -> None:
    file = opened(tmp_path / "live.db")
    file.put_later("one", row("a"))
    await file.stop()

    again = opened(tmp_path / "live.db")
    assert list(again.rows("one")) == [row("a")]
    await again.stop()


async def test_what_could_wait_and_changed_again_is_due_like_the_rest(tmp_path: Path) -> None:
    file = opened(tmp_path / "live.db")
    file.put_later("one", row("a"))
    file.put("one", row("a", "w"))
    await file.kept()

    assert list(file.rows("one")) == [row("a", "w")]
    await file.stop()


PLACES = st.tuples(st.sampled_from(["one", "two"]), st.sampled_from("abc"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), PLACES, st.text(max_size=3) | st.binary(max_size=3)),
        st.tuples(st.just("drop"), PLACES, st.just("")),
        st.tuples(st.just("clear"), PLACES, st.just("")),
        st.tuples(st.sampled_from(["kept", "folded", "killed"]), PLACES, st.just("")),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_happens_between_what_was_kept_is_there(steps: list[tuple[str, tuple[str, str], str | bytes]]) -> None:
    async def main(folder: Path) -> None:
        file = StateFile(folder / "live.db", checkpoint_rows=3)
        file.start(NOW)
        now: dict[tuple[str, str], str | bytes] = {}
        for step, (room, key), value in steps:
            match step:
                case "put":
                    file.put(room, row(key, value))
                    now[room, key] = value
                case "drop":
                    file.drop(room, key)
                    now.pop((room, key), None)
                case "clear":
                    file.clear(room)
                    now = {place: held for place, held in now.items() if place[0] != room}
                case _:
                    await file.kept()
                    if step == "folded" and file._folding:
                        await file._folding
                    if step == "killed":
                        if file._folding:
                            await asyncio.wait([file._folding])
                        file._close()
                        file = StateFile(folder / "live.db", checkpoint_rows=3)
                        file.start(NOW)
                    found = {(of, one.key): one.value for of in ("one", "two") for one in file.rows(of)}
                    assert found == now
        await file.stop()

    with tempfile.TemporaryDirectory() as name:
        asyncio.run(main(Path(name)))


async def test_a_crash_while_a_journal_is_folded_takes_nothing_back(tmp_path: Path) -> None:
    """The rows are folded, and the journal stands there still: what was written later is what counts."""
    file = StateFile(tmp_path / "live.db", checkpoint_rows=1)
    file.start(NOW)
    file.put("one", row("a", "old"))
    with file._one_at_a_time:  # it is not folded yet
        await file.kept()
        older = file._older.journal._path
        left = older.read_bytes()
    assert file._folding is not None
    await file._folding
    file._checkpoint_rows = 99
    file.put("one", row("a", "new"))
    await file.kept()
    file._close()
    older.write_bytes(left)  # as if it had not been cleared

    again = opened(tmp_path / "live.db")

    assert list(again.rows("one")) == [row("a", "new")]
    await again.stop()


async def test_what_was_written_while_nothing_could_be_folded_is_folded_in_its_order(tmp_path: Path) -> None:
    file = opened(tmp_path / "live.db")
    file._opened().execute("PRAGMA query_only = 1")
    for number in range(9):
        file.put("one", row("a", str(number)))
        await file.kept()
        if file._folding is not None:
            await asyncio.wait([file._folding])
    with file._one_at_a_time:
        file._opened().execute("PRAGMA query_only = 0")
    shown = [one.value for one in file.rows("one")]
    await file.stop()
    again = opened(tmp_path / "live.db")

    assert shown == [one.value for one in again.rows("one")] == ["8"]
    await again.stop()


def test_what_is_not_wholly_in_the_file_itself_is_told(tmp_path: Path) -> None:
    """A journal goes once what it holds is on the disk: that is so where nobody holds the write-ahead log."""
    file = tmp_path / "live.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as one, closing(sqlite3.connect(file)) as reader:
        one.execute("PRAGMA journal_mode = WAL")
        one.execute("CREATE TABLE t (x)")
        on_disk(one)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        one.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(OSError, match="busy"):
            on_disk(one)
        reader.rollback()
        on_disk(one)
