"""Key files that change while the sidecar runs: in place, by a link, for the worse."""

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from sidecar.identity.issuers.refresh import stamp
from sidecar.identity.trial import TrialIssuer
from tests.running import minted
from tests.trust.trusting import becomes, called, degraded, opened, trusting

OLD = TrialIssuer.generate("https://sts.example")
NEW = TrialIssuer.generate(OLD.url)
SECONDS = 10.0  # far below the half minute after which a file is looked at in any case


def settings(path: Path) -> str:
    return f'[[identity.issuers]]\nname = "corp"\nissuer = "{OLD.url}"\nkeys = {json.dumps(str(path))}\n'


def swap(folder: Path, name: str, issuer: TrialIssuer) -> None:
    """Put other keys in place as a mounted volume does: a new folder, and a link that is replaced."""
    (folder / name).mkdir(parents=True)
    (folder / name / "jwks.json").write_text(json.dumps(issuer.jwks()), encoding="utf-8")
    (folder / f"{name}.link").symlink_to(name)
    (folder / f"{name}.link").replace(folder / "..data")
    if not (folder / "jwks.json").is_symlink():
        (folder / "jwks.json").symlink_to("..data/jwks.json")


async def test_a_key_that_is_taken_from_a_mounted_file_ends_its_sessions_within_moments(tmp_path: Path) -> None:
    swap(tmp_path / "keys", "..1", OLD)
    async with trusting(tmp_path, settings(tmp_path / "keys" / "jwks.json")) as run:
        handle, _ = await opened(run, *minted(OLD, ["echo"]))
        before = await called(run, handle)
        swap(tmp_path / "keys", "..2", NEW)
        await becomes(run, handle, "session: key_unknown_kid")
        after = (await opened(run, *minted(NEW, ["echo"])))[1]
    assert (before, after) == ("", "")


def is_watched(folder: Path) -> bool:
    """Return whether this process is told of what changes in `folder`, by what the kernel says of its watches."""
    told = [each.read_text(encoding="ascii") for each in Path("/proc/self/fdinfo").iterdir() if each.exists()]
    return f"ino:{folder.stat().st_ino:x} " in "".join(told)


def test_only_what_is_done_to_the_file_itself_shows(tmp_path: Path) -> None:
    swap(tmp_path, "..1", OLD)
    path = tmp_path / "jwks.json"
    before = stamp(path)
    (tmp_path / "audit.db").write_text("what lies beside it", encoding="utf-8")
    assert stamp(path) == before
    path.write_text("in place", encoding="utf-8")
    assert stamp(path) != before


def test_a_link_that_is_replaced_is_another_file(tmp_path: Path) -> None:
    swap(tmp_path, "..1", OLD)
    before = stamp(tmp_path / "jwks.json")
    swap(tmp_path, "..2", NEW)
    assert stamp(tmp_path / "jwks.json") != before


def test_a_file_that_is_gone_has_nothing_to_show_and_shows_when_it_is_back(tmp_path: Path) -> None:
    assert stamp(tmp_path / "jwks.json") is None
    swap(tmp_path, "..1", OLD)
    assert stamp(tmp_path / "jwks.json") is not None


@pytest.mark.skipif(sys.platform != "linux", reason="how watches are told")
async def test_nobody_is_woken_by_what_is_written_beside_a_key_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(OLD.jwks()), encoding="utf-8")
    async with trusting(tmp_path, settings(path)) as run:
        assert (await opened(run, *minted(OLD, ["echo"])))[1] == ""  # its state is beside the keys
        assert not is_watched(tmp_path)


async def test_a_file_that_cannot_be_read_any_more_changes_nothing_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(OLD.jwks()), encoding="utf-8")
    async with trusting(tmp_path, settings(path)) as run:
        path.write_text("{", encoding="utf-8")
        end = time.monotonic() + SECONDS
        while await degraded(run) != ["trust:corp"] and time.monotonic() < end:  # noqa: ASYNC110 - another task's state
            await asyncio.sleep(0.02)
        assert await degraded(run) == ["trust:corp"]
        assert (await opened(run, *minted(OLD, ["echo"])))[1] == ""


async def test_the_record_says_from_the_start_how_keys_are_and_writing_it_causes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(OLD.jwks()), encoding="utf-8")
    async with trusting(tmp_path, settings(path)) as run:
        record = run.settings.audit.path.with_name("trust.json")
        first = record.stat().st_mtime_ns
        await asyncio.sleep(0.6)  # longer than changes take to be seen
        assert record.stat().st_mtime_ns == first
