"""A loss of power may take what was written earlier, and leave what came later: that is lost with it."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.stores.test_state_file import opened, row

COUNT = 6


@pytest.mark.parametrize("lost", [pytest.param(0, id="its newest octet"), pytest.param(1, id="all of it")])
async def test_what_comes_behind_a_gap_between_the_journals_is_lost_with_it(tmp_path: Path, lost: int) -> None:
    file = opened(tmp_path / "live.db")
    file._checkpoint_rows = 5  # two entries, and the third
    file._opened().execute("PRAGMA query_only = 1")  # nothing is folded: both journals hold something
    for number in range(COUNT):
        file.put("one", row(f"k{number}"))
        await file.kept()
        if file._folding is not None:
            await asyncio.wait([file._folding])
    older, newer = (layer.journal._path for layer in (file._older, file._newer))
    file._close()
    whole = older.stat().st_size, newer.stat().st_size
    os.truncate(older, 0 if lost else whole[0] - 1)
    again = opened(tmp_path / "live.db")
    found = [one.key for one in again.rows("one")]
    again.put("one", row("later"))
    await again.stop()
    after = opened(tmp_path / "live.db")

    assert min(whole) > 0
    assert found == ([] if lost else ["k0", "k1"])
    assert [one.key for one in after.rows("one")] == [*found, "later"]
    await after.stop()


async def test_numbers_go_on_over_restarts_so_that_a_journal_fits_its_file_alone(tmp_path: Path) -> None:
    for number in range(COUNT):
        file = opened(tmp_path / "live.db")
        file.put("one", row(f"k{number}"))
        await file.kept()
        await file.stop()

    last = opened(tmp_path / "live.db")
    assert last._number >= COUNT
    assert len(list(last.rows("one"))) == COUNT
    await last.stop()
