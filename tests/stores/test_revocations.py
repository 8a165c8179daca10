"""The suite that every store of revocations passes, and what the one in a file outlives."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from sidecar.errors import ConfigError, OverloadError, UnavailableError
from sidecar.model.revocation import FOREVER, Kind, Revocation, Selector
from sidecar.stores.memory import EVENT_SECONDS, MemoryRevocations
from sidecar.stores.sqlite_revocations import SqliteRevocations
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


def disk(held: SqliteRevocations, *, takes: bool) -> None:
    """Let the disk take what is written, or nothing."""
    assert held._database
    held._database.execute(f"PRAGMA query_only = {'OFF' if takes else 'ON'}")


async def test_what_the_disk_did_not_take_is_written_until_it_is_kept(tmp_path: Path) -> None:
    held = SqliteRevocations(tmp_path / "state.db", again_s=0.01)
    await held.start(NOW)
    disk(held, takes=False)
    for one in (OTHER, USER):
        with pytest.raises(UnavailableError):
            await held.add([one], NOW)
    with pytest.raises(UnavailableError):
        await held.replace_list([])
    await asyncio.sleep(0.05)
    before = (held.is_out, held.kept_epoch < held.epoch)
    disk(held, takes=True)
    async with asyncio.timeout(5):
        while held.is_out:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
    second = SqliteRevocations(tmp_path / "copy.db")  # as after a kill: the first one is not closed
    for end in ("", "-wal"):
        (tmp_path / f"copy.db{end}").write_bytes((tmp_path / f"state.db{end}").read_bytes())
    await second.start(NOW)

    assert before == (True, True)
    assert held.kept_epoch == held.epoch == second.kept_epoch
    assert [second.reason(chain(user=user), NOW) for user in ("user", "other")] == ["subject_revoked"] * 2
    await held.stop()
    await second.stop()


async def test_one_failure_is_enough_for_it_to_be_tried_again_and_the_pause_grows(tmp_path: Path) -> None:
    held = SqliteRevocations(tmp_path / "state.db", again_s=0.02)
    await held.start(NOW)
    disk(held, takes=False)
    with pytest.raises(UnavailableError):
        await held.add([USER], NOW)
    asked: list[str] = []
    assert held._database
    held._database.set_trace_callback(lambda statement: asked.append(statement) if "BEGIN" in statement else None)

    await asyncio.sleep(1.0)

    assert 2 <= len(asked) <= 6  # after 0.02, 0.06, 0.14, 0.3, 0.62 seconds
    await held.stop()


async def test_what_is_revoked_next_and_the_end_keep_what_was_not(tmp_path: Path) -> None:
    held = await reopened(tmp_path / "state.db")
    for one, takes in ((OTHER, False), (USER, True)):
        disk(held, takes=takes)
        with suppress(UnavailableError):
            await held.add([one], NOW)
    assert not held.is_out
    disk(held, takes=False)
    with pytest.raises(UnavailableError):
        await held.add([Revocation(Selector(Kind.SUBJECT, "third"), NOW + 100)], NOW)
    with pytest.raises(UnavailableError):
        await held.add([], NOW, event="e1")
    disk(held, takes=True)
    await held.stop()

    again = await reopened(tmp_path / "state.db")
    found = [again.reason(chain(user=user), NOW) for user in ("user", "other", "third")]
    assert not held._unkept
    assert (found, await again.knows("e1")) == (["subject_revoked"] * 3, False)  # the event is to come again
    await again.stop()


async def test_what_is_over_before_it_could_be_kept_is_not_held_for_it(tmp_path: Path) -> None:
    held = SqliteRevocations(tmp_path / "state.db", capacity=2)
    await held.start(NOW)
    disk(held, takes=False)
    for number in range(6):
        one = Revocation(Selector(Kind.SUBJECT, f"u{number}"), NOW + number + 1)
        with pytest.raises(UnavailableError):
            await held.add([one], NOW + number)

    assert len(held._unkept) == 1
    await held.stop()


async def test_a_commit_that_fails_leaves_nothing_open(tmp_path: Path) -> None:
    held = await reopened(tmp_path / "state.db")
    assert held._database
    for statement in (
        "CREATE TABLE other (id INTEGER PRIMARY KEY)",
        "CREATE TABLE broken (of INTEGER REFERENCES other (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER breaks AFTER INSERT ON revocations BEGIN INSERT INTO broken VALUES (1); END",
        "PRAGMA foreign_keys = ON",
    ):
        held._database.execute(statement)
    with pytest.raises(UnavailableError):
        await held.add([USER], NOW)
    held._database.execute("DROP TRIGGER breaks")

    await held.settle()

    assert not held.is_out
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
