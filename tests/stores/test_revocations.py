"""The suite that every store of revocations passes, and what the one in a file outlives."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidecar.errors import ConfigError, OverloadError, UnavailableError
from sidecar.model.revocation import FOREVER, Kind, Revocation, Selector
from sidecar.stores.memory import EVENT_SECONDS, MemoryRevocations
from sidecar.stores.sqlite import SqliteRevocations
from tests.chains import NOW, chain

USER = Revocation(Selector(Kind.SUBJECT, "user"), NOW + 100)
OTHER = Revocation(Selector(Kind.SUBJECT, "other"), NOW + 100)
Store = MemoryRevocations | SqliteRevocations


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryRevocations(capacity=2, events=2)
        return
    held = SqliteRevocations(tmp_path / "state.db", capacity=2, events=2)
    await held.start(NOW)
    yield held
    await held.stop()


async def reopened(path: Path, at: float = NOW) -> SqliteRevocations:
    held = SqliteRevocations(path)
    await held.start(at)
    return held


async def test_what_is_added_is_refused_until_it_ends(store: Store) -> None:
    before = store.epoch

    assert await store.add([USER], NOW)

    assert [store.reason(chain(), at) for at in (NOW, NOW + 99, NOW + 100)] == ["subject_revoked"] * 2 + [""]
    assert store.epoch > before


async def test_a_list_is_replaced_whole(store: Store) -> None:
    await store.add([OTHER], NOW)
    await store.replace_list([USER])
    first = store.reason(chain(), NOW)
    await store.replace_list([])

    assert (first, store.reason(chain(), NOW)) == ("subject_revoked", "")


async def test_an_event_is_taken_in_once(store: Store) -> None:
    assert await store.add([OTHER], NOW, event="e1")
    epoch = store.epoch

    assert not await store.add([USER], NOW, event="e1")

    assert (store.epoch, store.reason(chain(), NOW)) == (epoch, "")


async def test_events_are_remembered_until_they_are_too_old_to_come_again(store: Store) -> None:
    for event in ("e1", "e2"):
        await store.add([OTHER], NOW, event=event)

    with pytest.raises(OverloadError) as full:
        await store.add([USER], NOW + 1, event="e3")

    assert (full.value.reason, store.reason(chain(), NOW)) == ("revocations_full", "")
    assert await store.add([USER], NOW + EVENT_SECONDS, event="e3")


async def test_when_it_is_full_nothing_is_changed(store: Store) -> None:
    await store.add([OTHER], NOW)
    epoch = store.epoch

    with pytest.raises(OverloadError):
        await store.add([USER, Revocation(Selector(Kind.AGENT, "x"), NOW + 100)], NOW, event="e1")

    assert (store.epoch, store.reason(chain(), NOW)) == (epoch, "")
    assert await store.add([], NOW, event="e1")  # and the event may come again


async def test_what_is_revoked_is_kept_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.db"
    first = await reopened(path)
    await first.add([Revocation(USER.selector, NOW + 100, NOW - 1), OTHER], NOW, event="e1")
    await first.add([OTHER], NOW)
    epoch = first.epoch
    await first.stop()

    second = await reopened(path)
    known = not await second.add([USER], NOW, event="e1")
    reason = second.reason(chain(), NOW)
    await second.add([Revocation(USER.selector, NOW + 100, FOREVER)], NOW)
    await second.stop()
    third = await reopened(path)

    assert (known, reason, third.reason(chain(), NOW)) == (True, "", "subject_revoked")
    assert second.epoch > epoch
    assert third.epoch >= second.epoch
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await third.stop()


async def test_a_list_moves_the_epoch_over_a_restart_too(tmp_path: Path) -> None:
    first = await reopened(tmp_path / "state.db")
    for _ in range(3):
        await first.replace_list([USER])
    await first.stop()

    second = await reopened(tmp_path / "state.db")
    await second.stop()

    assert second.epoch >= first.epoch
    assert second.reason(chain(), NOW) == ""  # the list itself is read anew


async def test_what_has_run_out_is_forgotten(tmp_path: Path) -> None:
    first = await reopened(tmp_path / "state.db")
    await first.add([USER], NOW)
    await first.add([Revocation(OTHER.selector, NOW + 500)], NOW + 200)
    await first.stop()

    with sqlite3.connect(tmp_path / "state.db") as database:
        (held,) = database.execute("SELECT group_concat(value) FROM revocations").fetchone()
    database.close()

    assert held == "other"


async def test_a_disk_that_fails_fails_the_answer_and_not_the_revocation(tmp_path: Path) -> None:
    held = await reopened(tmp_path / "state.db")
    assert held._database
    held._database.execute("PRAGMA query_only = ON")

    with pytest.raises(UnavailableError) as refused:
        await held.add([USER], NOW)

    assert "SQLITE_READONLY" in str(refused.value)
    assert held.reason(chain(), NOW) == "subject_revoked"
    await held.stop()


async def test_a_store_that_is_not_open_says_so() -> None:
    held = SqliteRevocations(Path("nowhere"))

    with pytest.raises(UnavailableError):
        await held.add([USER], NOW)
    await held.stop()

    assert held.reason(chain(), NOW) == "subject_revoked"


async def test_two_sidecars_do_not_share_a_file(tmp_path: Path) -> None:
    first = await reopened(tmp_path / "state.db")
    second = SqliteRevocations(tmp_path / "state.db", busy_seconds=0.05)

    with pytest.raises(ConfigError, match=r"state\.path"):
        await second.start(NOW)

    await first.stop()


@pytest.mark.parametrize("content", [b"not a database" * 100, b""], ids=["no database", "an empty file"])
async def test_a_file_that_is_none_is_told_and_an_empty_one_is_new(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)

    if content:
        with pytest.raises(ConfigError, match="SQLITE_NOTADB"):
            await reopened(path)
    else:
        await (await reopened(path)).stop()


async def test_a_file_of_another_version_is_told(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()

    with pytest.raises(ConfigError, match="another version"):
        await reopened(tmp_path / "state.db")


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="ascii")

    with pytest.raises(ConfigError, match="File exists"):
        await reopened(tmp_path / "file" / "state.db")


async def test_many_at_once_are_all_kept(tmp_path: Path) -> None:
    first = await reopened(tmp_path / "state.db")
    await asyncio.gather(
        *(first.add([Revocation(Selector(Kind.SUBJECT, f"s{i}"), NOW + 9)], NOW, event=f"e{i % 10}") for i in range(40))
    )
    await first.stop()

    second = await reopened(tmp_path / "state.db")
    known = [not await second.add([], NOW, event=f"e{i}") for i in range(10)]
    await second.stop()

    assert known == [True] * 10
