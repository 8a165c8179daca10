"""The sidecar's public key in its file: whole, for everybody to read, and nothing that serving depends on."""

import json
from pathlib import Path

from sidecar.app.publishing import HOLDER_FILE, publish
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.keys import admit

KEY = SigningKey.generate()


def test_the_public_half_is_there_for_everybody(tmp_path: Path) -> None:
    (tmp_path / HOLDER_FILE).write_text("an older one")

    publish(KEY, tmp_path / "control.sock")

    written = tmp_path / HOLDER_FILE
    assert admit(json.loads(written.read_text())).thumbprint == KEY.public.thumbprint
    assert "d" not in json.loads(written.read_text())
    assert written.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == [HOLDER_FILE]


def test_a_folder_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    publish(KEY, tmp_path / "none" / "control.sock")

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_by_a_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / HOLDER_FILE).mkdir()

    publish(KEY, tmp_path / "control.sock")

    assert [path.name for path in tmp_path.iterdir()] == [HOLDER_FILE]


def test_without_a_key_there_is_nothing_to_show(tmp_path: Path) -> None:
    publish(None, tmp_path / "control.sock")

    assert list(tmp_path.iterdir()) == []
