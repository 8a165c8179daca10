"""A change of a pack's files is noticed, and nothing else is looked at for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sidecar.policy.watch import watching

PATIENCE_S = 20.0
NEIGHBOURS = 40


@asynccontextmanager
async def watched(*packs: Path) -> AsyncIterator[asyncio.Event]:
    """Watch `packs` within the block; the event is set when something changed."""
    stop, told = asyncio.Event(), asyncio.Event()

    async def changed() -> None:
        told.set()

    before = _watches()
    task = asyncio.create_task(watching(packs, stop, changed))
    async with asyncio.timeout(PATIENCE_S):
        while _watches() < before + 2 * len(packs):  # noqa: ASYNC110 - the kernel sets no event; the folder and the pack
            await asyncio.sleep(0.01)
    yield told
    stop.set()
    await task


@pytest.mark.slow
async def test_a_change_deep_in_a_pack_is_told(tmp_path: Path) -> None:
    (tmp_path / "pack" / "schemas").mkdir(parents=True)
    async with watched(tmp_path / "pack") as told:
        (tmp_path / "pack" / "schemas" / "new.json").write_text("{}", encoding="utf-8")
        await asyncio.wait_for(told.wait(), PATIENCE_S)


@pytest.mark.slow
async def test_a_link_that_points_elsewhere_is_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / "versions" / name).mkdir(parents=True)
    (tmp_path / "pack").symlink_to(tmp_path / "versions" / "one")
    (tmp_path / "next").symlink_to(tmp_path / "versions" / "two")
    async with watched(tmp_path / "pack") as told:
        (tmp_path / "next").rename(tmp_path / "pack")
        await asyncio.wait_for(told.wait(), PATIENCE_S)


@pytest.mark.slow
async def test_what_lies_beside_a_pack_is_neither_watched_nor_told(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    for number in range(NEIGHBOURS):
        (tmp_path / "state" / str(number)).mkdir(parents=True)
    before = _watches()
    async with watched(tmp_path / "pack") as told:
        assert _watches() - before < NEIGHBOURS
        (tmp_path / "state" / "0" / "audit.db").write_bytes(b"a verdict")
        (tmp_path / "beside.db").write_bytes(b"a verdict")
        await asyncio.sleep(1)
        assert not told.is_set()


def _watches() -> int:
    """Return how many files and folders this process has asked the kernel to watch."""
    found = 0
    for info in Path("/proc/self/fdinfo").iterdir():
        try:
            found += info.read_text(encoding="ascii").count("inotify wd:")
        except FileNotFoundError:  # closed meanwhile
            continue
    return found
