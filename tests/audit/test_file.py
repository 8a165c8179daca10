import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sidecar.audit.chain import GENESIS, Head, follow
from sidecar.audit.file import TAIL_RECORDS, AuditFile, BusyError, head_path
from sidecar.errors import ConfigError, UnavailableError
from tests.audit.files import records, tamper, written
from tests.audit.samples import KEY, chained, entry


def opened(path: Path, key: bytes = KEY) -> tuple[AuditFile, Head]:
    file = AuditFile(path, key, "commit")
    return file, file.open()


def test_a_new_log_begins_at_genesis_and_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "audit.db"
    file, head = opened(path)
    file.write(chained([entry()]))

    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    file.close()

    assert head == Head(0, GENESIS)
    assert modes == dict.fromkeys(("audit.db", "audit.db-wal", "audit.db-shm", "audit.db.head"), 0o600)


def test_a_log_is_taken_up_where_it_ended(tmp_path: Path) -> None:
    made = written(tmp_path / "audit.db", 3)

    file, head = opened(tmp_path / "audit.db")
    file.close()

    assert head == Head(3, made[-1].hash)
    assert records(tmp_path / "audit.db") == made


@pytest.mark.parametrize("count", [TAIL_RECORDS, TAIL_RECORDS + 1, TAIL_RECORDS + 20])
def test_the_end_of_a_long_log_is_verified(tmp_path: Path, count: int) -> None:
    made = written(tmp_path / "audit.db", count)

    file, head = opened(tmp_path / "audit.db")
    file.close()

    assert head == Head(count, made[-1].hash)


def test_a_crash_between_record_and_head_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    written(path, 2)
    head = head_path(path).read_bytes()
    file, known = opened(path)
    later = follow(known.hash, 3, entry(3), KEY)
    file.write([later])
    file.close()
    head_path(path).write_bytes(head)

    file, newest = opened(path)
    file.close()

    assert newest == Head(3, later.hash)
    assert head_path(path).read_bytes() == newest.sealed(KEY)


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        pytest.param(lambda p: tamper(p, "DELETE FROM records WHERE sequence = 9"), "record 9 .*missing", id="cut"),
        pytest.param(lambda p: tamper(p, "DELETE FROM records"), "record 1 .*missing", id="emptied"),
        pytest.param(lambda p: tamper(p, "DELETE FROM records WHERE sequence = 4"), "record 4 .*missing", id="removed"),
        pytest.param(lambda p: tamper(p, "UPDATE records SET tool = 'x' WHERE sequence = 2"), "record 2 ", id="edited"),
        pytest.param(
            lambda p: tamper(p, "UPDATE records SET tool = CAST(tool AS BLOB) WHERE sequence = 2"),
            "record 2 ",
            id="of another type",
        ),
        pytest.param(lambda p: head_path(p).unlink(), "head .* is missing", id="no head"),
        pytest.param(
            lambda p: head_path(p).write_bytes(Head(9, "0" * 64).sealed(bytes(32))), "head", id="a forged head"
        ),
        pytest.param(lambda p: p.unlink(), "record 1 .*missing", id="no database"),
        pytest.param(lambda p: p.write_bytes(b"no database" * 99), "SQLITE_NOTADB", id="no database at all"),
        pytest.param(
            lambda p: tamper(p, "DROP INDEX records_by_session"), "no audit log of this version", id="no index"
        ),
    ],
)
def test_a_broken_log_is_not_continued(tmp_path: Path, harm: Callable[[Path], None], problem: str) -> None:
    path = tmp_path / "audit.db"
    written(path, 9)
    harm(path)

    with pytest.raises(ConfigError, match=problem):
        opened(path)


def test_a_broken_anchor_of_a_long_log_is_found(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    written(path, TAIL_RECORDS + 20)
    tamper(path, "DELETE FROM records WHERE sequence = 20")

    with pytest.raises(ConfigError, match=r"record 20 .*missing"):
        opened(path)


def test_a_refusal_says_what_to_do_and_gives_up_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    written(path, 2)

    with pytest.raises(ConfigError, match=r"run `sidecar audit verify --db .*moving the database"):
        opened(path, bytes(32))
    file, _ = opened(path)
    file.close()


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    file, _ = opened(tmp_path / "audit.db")

    with pytest.raises(ConfigError, match="another sidecar writes"):
        opened(tmp_path / "audit.db")
    file.close()


def test_a_folder_that_cannot_be_made_is_a_problem_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match=r"audit\.path: .* cannot be opened: "):
        opened(tmp_path / "file" / "audit.db")


def test_another_process_that_writes_is_told_from_damage(tmp_path: Path) -> None:
    file, _ = opened(tmp_path / "audit.db")
    with closing(sqlite3.connect(tmp_path / "audit.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="SQLITE_BUSY"):
            file.write(chained([entry()]))
    file.write(chained([entry()]))
    file.close()

    assert len(records(tmp_path / "audit.db")) == 1


def test_all_records_of_a_write_are_kept_or_none(tmp_path: Path) -> None:
    file, head = opened(tmp_path / "audit.db")
    first, second = chained([entry(1), entry(2)])

    with pytest.raises(UnavailableError, match="SQLITE_CONSTRAINT"):
        file.write([first, second, first])

    assert file.recovered(head) == head
    file.write([first])
    file.close()
    assert records(tmp_path / "audit.db") == [first]


def test_records_whose_head_was_not_written_are_taken_up(tmp_path: Path) -> None:
    file, head = opened(tmp_path / "audit.db")
    made = chained([entry(i) for i in range(3)])
    file.write(made)

    assert file.recovered(head) == Head(3, made[-1].hash)
    assert file.recovered(Head(2, made[1].hash)) == Head(3, made[-1].hash)
    assert file.recovered(Head(3, made[2].hash)) == Head(3, made[-1].hash)
    file.close()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM records WHERE sequence = 2", id="cut"),
        pytest.param("UPDATE records SET hash = seal WHERE sequence = 2", id="replaced"),
        pytest.param("INSERT INTO records SELECT 3, 0, '', '', '', '', '', 1, '', '', ''", id="added"),
    ],
)
def test_a_log_that_was_changed_while_it_was_written_is_not_continued(tmp_path: Path, statement: str) -> None:
    file, _ = opened(tmp_path / "audit.db")
    made = chained([entry(i) for i in range(2)])
    file.write(made)
    tamper(tmp_path / "audit.db", statement)

    with pytest.raises(UnavailableError, match="changed while it was being written"):
        file.recovered(Head(2, made[-1].hash))
    file.close()


def test_a_log_that_was_replaced_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    file, _ = opened(path)
    (tmp_path / "copy").write_bytes(path.read_bytes())
    (tmp_path / "copy").rename(path)

    with pytest.raises(UnavailableError, match="replaced"):
        file.write(chained([entry()]))
    file.close()


def test_a_log_that_was_removed_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    file, _ = opened(path)
    path.unlink()

    with pytest.raises(UnavailableError, match="cannot be written: No such file"):
        file.write(chained([entry()]))
    file.close()


def test_a_closed_log_is_opened_again_by_recovery(tmp_path: Path) -> None:
    file, head = opened(tmp_path / "audit.db")
    file._disconnect()
    with pytest.raises(UnavailableError, match="cannot be written"):
        file.write(chained([entry()]))

    assert file.recovered(head) == head
    file.write(chained([entry()]))
    file.close()
