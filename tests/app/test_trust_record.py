"""What the running sidecar tells of its issuers' keys: once for each change, and nothing secret."""

import asyncio
import json
import os
from pathlib import Path

from structlog.testing import capture_logs

from sidecar.app.trust_record import TrustRecord, recorded
from sidecar.identity.issuers.refresh import Report
from sidecar.identity.keys import KeySet
from tests.identity.crafting import STS, STS2, trusted
from tests.trust.simulated import keys


def report(*, held: KeySet | None = None, health: str = "") -> Report:
    found = keys(STS) if held is None else held
    return Report(name="sts", issuer=trusted(keys=found), source="a file", age=5.0, due_in=60.0, health=health)


async def test_each_change_is_logged_once(tmp_path: Path) -> None:
    record = TrustRecord(tmp_path / "trust.json", lambda *_what, **_where: None)
    with capture_logs() as logs:
        for one in (report(), report(), report(health="jwks_stale"), report(held=keys(STS2))):
            await record.keep([one])

    assert [{k: v for k, v in line.items() if k != "issuer"} for line in logs] == [
        {"event": "an issuer's keys have changed", "came": 1, "went": 0, "log_level": "info"},
        {"event": "an issuer's keys", "health": "jwks_stale", "log_level": "warning"},
        {"event": "an issuer's keys have changed", "came": 1, "went": 1, "log_level": "info"},
        {"event": "an issuer's keys", "health": "good", "log_level": "info"},
    ]


async def test_the_file_holds_what_the_keys_are_called_and_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_text("{")
    await TrustRecord(path, lambda *_what, **_where: None).keep([report()])
    (issuer,) = json.loads(path.read_text(encoding="utf-8"))["issuers"]

    assert issuer["keys"] == [
        {"kid": STS.key.public.thumbprint, "thumbprint": STS.key.public.thumbprint, "alg": "Ed25519"}
    ]
    assert issuer["due_at"] - issuer["loaded_at"] in {64, 65, 66}
    assert recorded(path)["issuers"]
    assert os.listdir(tmp_path) == ["trust.json"]  # noqa: PTH208 - no pathlib in a coroutine


async def test_a_file_that_cannot_be_written_is_told_once_until_it_can(tmp_path: Path) -> None:
    faults: list[str] = []
    path = tmp_path / "none" / "trust.json"
    record = TrustRecord(path, lambda what, error, **_: faults.append(f"{what}: {type(error).__name__}"))
    for _ in range(3):
        await record.keep([report()])
    path.parent.mkdir()
    await record.keep([report()])
    path.unlink()
    path.parent.rmdir()
    await record.keep([report()])

    assert faults == ["the record of issuers' keys is not written: FileNotFoundError"] * 2


async def test_what_several_issuers_tell_at_once_is_written_one_after_the_other(tmp_path: Path) -> None:
    faults: list[str] = []
    path = tmp_path / "trust.json"
    record = TrustRecord(path, lambda what, error, **_: faults.append(f"{what}: {type(error).__name__}"))
    await asyncio.gather(*(record.keep([report()]) for _ in range(50)))

    assert (faults, len(recorded(path)["issuers"])) == ([], 1)  # type: ignore[arg-type]  # a list, as the record has it
