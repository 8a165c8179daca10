"""What a log outlives: the death of its process at any moment, and a full disk."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidecar.audit.query import verify
from tests.audit.files import records
from tests.audit.samples import KEY

ROOT = Path(__file__).parents[2]
KILLS = 5


def command(path: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.audit.appender", str(path), *arguments]


@pytest.mark.slow
@pytest.mark.parametrize("sync", ["commit", "disk"])
def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path: Path, sync: str) -> None:
    path = tmp_path / "audit.db"
    acknowledged: list[str] = []
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    for _ in range(KILLS):
        with subprocess.Popen(command(path, sync), stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "started\n"
            # The pipe is read on: a full one would stop the load.
            until = time.monotonic() + chance.uniform(0.01, 0.2)
            while time.monotonic() < until:
                acknowledged.append(process.stdout.readline().strip())
            process.kill()
            acknowledged += process.stdout.read().split()

    assert len(acknowledged) > KILLS
    assert set(acknowledged) <= {record.record_id for record in records(path)}
    assert verify(path, KEY).found is None


@pytest.mark.slow
@pytest.mark.parametrize("sync", ["commit", "disk"])
def test_a_full_disk_is_told_and_the_chain_goes_on_when_there_is_room(tmp_path: Path, sync: str) -> None:
    path = tmp_path / "audit.db"

    done = subprocess.run(
        command(path, sync, "400000"),
        capture_output=True,
        cwd=ROOT,
        text=True,
        timeout=30,
        check=True,
        env=dict(os.environ),
    )

    started, *lines = done.stdout.splitlines()
    full = [line for line in lines if "full" in line]
    ids = [line for line in lines if "full" not in line]
    assert started == "started"
    assert full[0].startswith("full: the audit log cannot be written: SQLITE_")
    assert full[1:] == ["still full"] * 3
    assert [record.record_id for record in records(path)] == ids
    assert verify(path, KEY).found is None
