"""Pinned peers from files: every problem is told, with the file or the peer that it is of."""

import json
from pathlib import Path

import pytest

from sidecar.errors import ConfigError
from sidecar.identity.pinning import load_pins
from tests.identity.crafting import HOLDERS, RSA, rsa_jwk


def keys(folder: Path, *jwks: object) -> Path:
    path = folder / "keys.json"
    path.write_text(json.dumps({"keys": jwks}))
    return path


def test_a_peer_is_pinned_by_the_keys_of_its_file(tmp_path: Path) -> None:
    pins = load_pins([("helper", keys(tmp_path, HOLDERS[0].public_jwk(), rsa_jwk(RSA)), True)])

    assert {key.algorithm for key in pins.by_peer["helper"].keys.keys} == {"Ed25519", "PS256"}
    assert all(key.key_id for key in pins.by_peer["helper"].keys.keys)
    assert pins.is_verifier("helper")


def test_every_problem_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load_pins([("a", tmp_path / "none.json", False), ("b", keys(tmp_path), False)])

    assert [("none.json" in each, "no usable key" in each) for each in refused.value.problems] == [
        (True, False),
        (False, True),
    ]


def test_a_peer_is_pinned_once(tmp_path: Path) -> None:
    path = keys(tmp_path, HOLDERS[0].public_jwk())

    with pytest.raises(ConfigError, match="pinned twice"):
        load_pins([("a", path, False), ("a", path, True)])
