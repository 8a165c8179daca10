"""What cannot be written is told of, and no longer than that is so."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from sidecar.app.disk import Disk, has_room
from sidecar.audit.log import SqliteAudit
from sidecar.errors import UnavailableError
from sidecar.stores.base import Datum, Drawer
from sidecar.stores.keep import Row
from sidecar.stores.sealing import Sealer
from sidecar.stores.sqlite_vault import SqliteVault
from sidecar.stores.state_file import StateFile
from tests.audit.samples import KEY, entry
from tests.chains import NOW


@dataclass
class Part:
    """Something that writes."""

    is_out: bool


async def test_what_is_out_is_told_until_it_is_written_or_there_is_room(tmp_path: Path) -> None:
    parts = {"a": Part(is_out=True), "b": Part(is_out=True), "c": Part(is_out=True), "d": Part(is_out=False)}
    disk = Disk(parts, {"a": tmp_path, "b": tmp_path / "nowhere", "d": tmp_path / "nowhere"})
    before = disk.degraded

    await disk.look()

    assert [sorted(before), sorted(disk.degraded)] == [["a", "b", "c"], ["b", "c"]]


def test_where_there_is_room_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "no folder").write_text("", encoding="ascii")

    assert [has_room(tmp_path), has_room(tmp_path / "no folder")] == [True, False]
    assert [path.name for path in tmp_path.iterdir()] == ["no folder"]


async def test_an_audit_log_says_whether_its_last_record_was_written(tmp_path: Path) -> None:
    log = SqliteAudit(tmp_path / "audit.db", KEY)
    await log.start()
    await log.append(entry())  # from here on the writer waits, so that the next is written at once
    found = [log.is_out]
    moved = (tmp_path / "audit.db").rename(tmp_path / "elsewhere")
    for _ in range(2):  # at once, and by the writer
        with pytest.raises(UnavailableError):
            await log.append(entry())
        found.append(log.is_out)
        log.is_out = False
    moved.rename(tmp_path / "audit.db")
    log.is_out = True
    await log.append(entry())
    found.append(log.is_out)
    await log.stop()

    assert found == [False, True, True, False]


async def test_a_state_file_says_whether_what_changed_last_is_kept(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "live.db")
    file.put("room", Row("key", "value", NOW + 9))
    with pytest.raises(UnavailableError):
        await file.kept()
    before = file.is_out
    file.start(NOW)
    await file.kept()

    assert (before, file.is_out) == (True, False)
    await file.stop()


async def test_a_vault_says_whether_what_it_took_last_is_kept(tmp_path: Path) -> None:
    vault = SqliteVault(tmp_path / "vault.db", Sealer(b"k" * 32))
    await vault.start(NOW)
    assert vault._database
    found = []
    for mode in ("ON", "OFF"):
        vault._database.execute(f"PRAGMA query_only = {mode}")
        try:
            await vault.tokens(Drawer(session_id="s", until=NOW + 9), [Datum("EMAIL", "a@b.example")], NOW)
        except UnavailableError:
            found.append("unavailable")
        found.append(str(vault.is_out))
    await vault.stop()

    assert found == ["unavailable", "True", "False"]
