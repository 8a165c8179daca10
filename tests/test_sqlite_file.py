"""What all files of SQLite have in common: nobody else reads them, and what belongs together is whole."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from sidecar.sqlite_file import connect, make, prepare, told, transaction

TABLE = "CREATE TABLE IF NOT EXISTS held (one TEXT UNIQUE)"


def held(database: sqlite3.Connection) -> list[str]:
    return [one for (one,) in database.execute("SELECT one FROM held ORDER BY one")]


def test_it_is_made_for_its_owner_alone_and_never_over_another(tmp_path: Path) -> None:
    make(tmp_path / "new" / "one.db")
    (tmp_path / "two.db").write_bytes(b"there")
    make(tmp_path / "two.db")

    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "one.db").stat().st_mode) == 0o600
    assert (tmp_path / "two.db").read_bytes() == b"there"


def test_of_a_transaction_all_is_kept_or_nothing(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "one.db", "NORMAL")) as database:
        prepare(database, 1, [TABLE])
        with transaction(database):
            database.execute("INSERT INTO held VALUES ('kept')")
        with pytest.raises(sqlite3.IntegrityError), transaction(database):
            database.executemany("INSERT INTO held VALUES (?)", [("lost",), ("kept",)])

        assert held(database) == ["kept"]


def test_nobody_else_has_it_meanwhile(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "one.db", "FULL")) as database:
        prepare(database, 1, [TABLE])
        with pytest.raises(sqlite3.OperationalError) as busy:
            connect(tmp_path / "one.db", "FULL", busy_seconds=0.0)

    assert told(busy.value) == "another process serves on it: set another path"


def test_another_version_is_left_as_it_is(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "one.db", "NORMAL")) as database:
        prepare(database, 1, [TABLE])
        prepare(database, 1, [TABLE])

        with pytest.raises(ValueError, match="another version"):
            prepare(database, 2, [TABLE, "DROP TABLE held"])
        assert held(database) == []
