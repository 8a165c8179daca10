"""The file of issuers' keys: for its owner alone, replaced whole, believed whole or not at all."""

import json
import os
import stat
from pathlib import Path

import pytest

from sidecar.app.kept_keys import MAX_BYTES, KeptKeys
from sidecar.identity.issuers.generations import Generation
from sidecar.identity.issuers.kept import Kept
from tests.identity.crafting import STS
from tests.trust.simulated import keys

ONE = Kept(name="sts", issuer=STS.url, source="u", loaded_at=5.0, generation=Generation(keys=keys(STS)))


def file(path: Path, faults: list[str] | None = None) -> KeptKeys:
    told: list[str] = [] if faults is None else faults
    return KeptKeys(path, lambda what, error, **_: told.append(f"{what}: {type(error).__name__}"))


async def test_it_is_written_whole_for_its_owner_alone(tmp_path: Path) -> None:
    path, faults = tmp_path / "keys.json", list[str]()
    path.write_text("damaged", encoding="utf-8")
    path.chmod(0o666)
    for _ in range(2):
        await file(path, faults).keep([ONE])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["keys.json"]  # noqa: PTH208 - no pathlib in a coroutine
    (again,) = file(path, faults).read()
    assert (again.name, again.loaded_at, len(again.generation.keys.keys)) == ("sts", 5.0, 1)
    assert faults == []


def test_where_there_is_none_nothing_is_told(tmp_path: Path) -> None:
    faults: list[str] = []
    assert (file(tmp_path / "keys.json", faults).read(), faults) == ((), [])


@pytest.mark.parametrize(
    ("octets", "mode"),
    [
        pytest.param(b"", 0o600, id="empty"),
        pytest.param(b"\xff", 0o600, id="not UTF-8"),
        pytest.param(b'{"version": 1', 0o600, id="cut"),
        pytest.param(b'{"version": 1, "issuers": [{}]}', 0o600, id="not what is kept"),
        pytest.param(b" " * (MAX_BYTES + 1), 0o600, id="too large"),
        pytest.param(b'{"version": 1, "issuers": []}', 0o620, id="others may write it"),
        pytest.param(b'{"version": 1, "issuers": []}', 0o604, id="others may read it"),
    ],
)
def test_a_damaged_file_is_as_good_as_none_and_told(tmp_path: Path, octets: bytes, mode: int) -> None:
    faults: list[str] = []
    path = tmp_path / "keys.json"
    path.write_bytes(octets)
    path.chmod(mode)

    assert file(path, faults).read() == ()
    assert len(faults) == 1


async def test_a_file_that_cannot_be_written_is_told_once_until_it_can(tmp_path: Path) -> None:
    faults: list[str] = []
    kept = file(tmp_path / "none" / "keys.json", faults)
    for _ in range(2):
        await kept.keep([ONE])
    (tmp_path / "none").mkdir()
    await kept.keep([ONE])
    assert faults == ["issuers' keys are not kept over a restart: FileNotFoundError"]
    assert json.loads((tmp_path / "none" / "keys.json").read_text(encoding="utf-8"))["issuers"]
