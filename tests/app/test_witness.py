"""State that is older than it was, or is none, is not begun with."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from sidecar.app.root import Sidecar
from sidecar.app.state import State, live_path
from sidecar.app.witness import LOST, Counts, Witness
from sidecar.config import Settings
from sidecar.config.settings import AuditSettings
from sidecar.errors import ConfigError
from sidecar.model.account import Account, Debit
from sidecar.model.strict_json import Json
from sidecar.stores.base import NO_VAULT
from sidecar.stores.keep import Row
from sidecar.stores.memory import MemoryRevocations
from sidecar.stores.standings import STANDINGS
from sidecar.v1 import sidecar_pb2 as pb
from tests.chains import NOW
from tests.running import AUDIENCE, running

BOOT = "this one"
PAID = Debit(Account("subject", "ann"), "calls", 1, 9, NOW + 900)


def seen(folder: Path, boot: str = BOOT) -> Witness:
    return Witness(folder / "audit.state", boot)


def checked(folder: Path, found: Counts, boot: str = BOOT) -> str:
    """Return what is told of files that count `found`, nothing where they are begun with."""
    try:
        seen(folder, boot).check(found, Path("live"), Path("revoked"))
    except ConfigError as error:
        return str(error)
    return ""


def test_a_file_that_was_kept_less_often_than_once_is_an_older_one(tmp_path: Path) -> None:
    seen(tmp_path).keep(Counts(7, 3))

    assert checked(tmp_path, Counts(7, 3)) == checked(tmp_path, Counts(9, 4)) == ""
    assert "`live` is not the newest: it was kept 6 times, and once 7" in checked(tmp_path, Counts(6, 3))
    assert "`revoked` is not the newest" in checked(tmp_path, Counts(7, 2))
    assert str(tmp_path / "audit.state") in checked(tmp_path, Counts(0, 0))


@pytest.mark.parametrize("boot", [pytest.param("another", id="started anew"), pytest.param("", id="nobody knows")])
def test_a_loss_of_power_may_take_a_little_of_what_changes_with_calls_and_nothing_else(
    tmp_path: Path, boot: str
) -> None:
    seen(tmp_path).keep(Counts(LOST + 5, 3))

    with capture_logs() as logs:
        assert checked(tmp_path, Counts(5, 3), boot) == ""

    assert logs[0]["steps"] == LOST
    assert "`live`" in checked(tmp_path, Counts(4, 3), boot)
    assert "`revoked`" in checked(tmp_path, Counts(LOST + 5, 2), boot)


def test_where_the_machine_is_not_told_apart_every_start_may_be_after_a_loss_of_power(tmp_path: Path) -> None:
    seen(tmp_path, "").keep(Counts(3, 0))

    assert checked(tmp_path, Counts(0, 0), "") == ""


def test_without_the_file_any_state_is_begun_with_and_one_that_is_none_is_told(tmp_path: Path) -> None:
    assert checked(tmp_path, Counts()) == ""

    for text in ("", "[]", '{"state": 1, "revoked": "1", "boot": "x"}', "\xff"):
        (tmp_path / "audit.state").write_text(text, encoding="latin-1")
        assert "remove it where the state beside it is the newest" in checked(tmp_path, Counts(9, 9))
    (tmp_path / "audit.state").unlink()
    (tmp_path / "audit.state").mkdir()
    assert "Is a directory" in checked(tmp_path, Counts(9, 9))


def state(folder: Path) -> State:
    return State(Settings(audit=AuditSettings(path=folder / "audit.db")), MemoryRevocations(), NO_VAULT)


async def paid(folder: Path, times: int, left: Path | None = None) -> None:
    """Spend so often, in as many steps; `left` is what a kill leaves."""
    it = state(folder)
    it.start(NOW)
    for _ in range(times):
        assert await it.stores.ledger.spend([PAID], NOW) is None
        await it.stores.keep.kept()
        await it.mark()
    await it.mark()  # nothing was kept since
    if left:
        shutil.copytree(folder, left)
    it.file._close()


async def test_each_step_keeps_what_a_full_disk_did_not_take(tmp_path: Path) -> None:
    it = state(tmp_path)
    it.start(NOW)
    it.file.put("room", Row("key", "value", NOW + 9))

    await it.mark()

    assert [row.key for row in it.file.rows("room")] == ["key"]
    await it.stop()


def lives(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith("state.db.live")]


def gone(folder: Path) -> None:
    for path in lives(folder):
        path.unlink()


def emptied(folder: Path) -> None:
    gone(folder)
    live_path(folder / "state.db").touch()


def without_its_log(folder: Path) -> None:
    for path in folder.glob("state.db.live?*"):  # the write-ahead log, and the journals
        path.unlink()


def older(folder: Path) -> None:
    gone(folder)
    for path in lives(folder.with_name("older")):
        shutil.copy(path, folder)


def edited(folder: Path) -> None:
    database = sqlite3.connect(live_path(folder / "state.db"))
    database.execute("INSERT OR REPLACE INTO state VALUES ('account', '[\"subject\",\"ann\",0]', '[', 9e9)")
    database.execute("INSERT OR REPLACE INTO state VALUES ('kept', 'kept', '3', 9e9)")
    database.commit()
    database.close()
    for path in folder.glob("state.db.live.j*"):
        path.unlink()


def no_file(folder: Path) -> None:
    gone(folder)
    live_path(folder / "state.db").write_bytes(b"no database" * 999)


@pytest.mark.parametrize(
    ("done", "told"),
    [
        pytest.param(gone, "is not the newest", id="gone"),
        pytest.param(emptied, "is not the newest", id="emptied"),
        pytest.param(without_its_log, "is not the newest", id="without what was written last"),
        pytest.param(older, "is not the newest", id="an older copy"),
        pytest.param(edited, "holds what no sidecar wrote", id="a row that is none"),
        pytest.param(no_file, "SQLITE_NOTADB: put back the newest copy", id="no database"),
    ],
)
async def test_state_that_would_forget_is_not_begun_with(
    tmp_path: Path, done: Callable[[Path], None], told: str
) -> None:
    first, folder = tmp_path / "first", tmp_path / "now"
    first.mkdir()
    await paid(first, 1, tmp_path / "older")
    await paid(first, 2, folder)
    shutil.copytree(folder, tmp_path / "sound")
    it = state(tmp_path / "sound")
    it.start(NOW)
    assert await it.stores.ledger.spent(PAID.account, "calls") == 3
    await it.stop()
    done(folder)

    it = state(folder)
    with pytest.raises(ConfigError, match=told):
        it.start(NOW)
    await it.stop()

    assert json.loads((folder / "audit.state").read_text())["state"] == 3  # a start that failed says nothing of it
    with pytest.raises(ConfigError, match=told):
        state(folder).start(NOW)


async def test_an_operator_may_go_on_with_what_there_is(tmp_path: Path) -> None:
    await paid(tmp_path, 2)
    gone(tmp_path)
    (tmp_path / "audit.state").unlink()
    it = state(tmp_path)

    it.start(NOW)

    assert await it.stores.ledger.spent(PAID.account, "calls") == 0
    await it.stop()


async def test_what_agents_have_lost_is_not_forgotten_with_a_key(tmp_path: Path) -> None:
    it = state(tmp_path)
    it.start(NOW)
    it.stores.keep.put(STANDINGS, Row("[]", b"sealed by another key", NOW + 9))
    await it.stop()

    with pytest.raises(ConfigError, match=r"put back `.*state\.db\.key`"):
        state(tmp_path).start(NOW)


async def test_a_sidecar_that_has_served_does_not_start_without_its_state(tmp_path: Path) -> None:
    async with running(tmp_path) as it:
        scope: dict[str, Json] = {"tools": {"echo": {}}}
        tokens = it.issuer.mint(user="ann", agents=["agent"], scope=scope, audience=AUDIENCE, at=time.time())
        opened = await it.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))
        assert opened.session_id
        await it.control.Revoke(pb.RevokeRequest(subject="bob"))
        settings = it.settings
    witness = json.loads(settings.audit.path.with_name("audit.state").read_text(encoding="ascii"))
    for path in settings.audit.path.parent.glob("state.db*"):
        if path.suffix != ".key":
            path.unlink()

    with pytest.raises(ConfigError) as told:
        await Sidecar(settings).start()

    assert (witness["state"], witness["revoked"]) == (1, 1)
    assert len(told.value.problems) == 2
