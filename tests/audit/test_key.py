import os
import stat
from pathlib import Path

import pytest

from sidecar.audit.key import KEY_BYTES, _make, key_path, load_key
from sidecar.errors import ConfigError


def test_a_key_is_made_once_and_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "audit.key"

    key = load_key(path, create=True)

    assert len(key) == KEY_BYTES
    assert load_key(path, create=True) == load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["audit.key"]  # noqa: PTH208 - names alone
    assert load_key(tmp_path / "other.key", create=True) != key


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        pytest.param(b"x" * KEY_BYTES, 0o640, "chmod 600", id="readable by the group"),
        pytest.param(b"x" * KEY_BYTES, 0o604, "chmod 600", id="readable by all"),
        pytest.param(b"x" * (KEY_BYTES - 1), 0o600, "32 bytes", id="short"),
        pytest.param(b"x" * (KEY_BYTES + 1), 0o600, "32 bytes", id="long"),
        pytest.param(None, 0o600, "does not exist", id="missing"),
    ],
)
def test_a_key_that_cannot_be_trusted_is_refused(
    tmp_path: Path, content: bytes | None, mode: int, problem: str
) -> None:
    path = tmp_path / "audit.key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)

    with pytest.raises(ConfigError, match=problem):
        load_key(path)


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        load_key(tmp_path)


def test_the_key_lies_beside_the_log_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    assert key_path(tmp_path / "audit.db") == tmp_path / "audit.key"
    assert key_path(tmp_path / "audit.db", tmp_path / "k") == tmp_path / "k"


def test_of_two_sidecars_that_begin_at_once_the_first_makes_the_key(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    key = load_key(path, create=True)

    _make(path)

    assert load_key(path) == key
    assert len(list(tmp_path.iterdir())) == 1


def test_who_only_asks_makes_no_key_and_is_told_what_who_makes_one_would_be(tmp_path: Path) -> None:
    assert len(load_key(tmp_path / "new" / "audit.key", create=True, dry=True)) == KEY_BYTES
    assert not list(tmp_path.iterdir())
    with pytest.raises(ConfigError, match="make the folder"):
        load_key(tmp_path / "a" / "b" / "audit.key", create=True, dry=True)
    kept = load_key(tmp_path / "audit.key", create=True)
    assert load_key(tmp_path / "audit.key", create=True, dry=True) == kept
