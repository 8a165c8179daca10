"""Pinned peers from the settings: their keys are read from files at start."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sidecar.errors import ConfigError
from sidecar.identity.cards import Pinned, Pins
from sidecar.identity.issuers.keyfile import load_keys

ALGORITHMS: Final = ("Ed25519", "ES256", "ES384", "PS256")  # an RSA key that names none signs cards with PS256


def load_pins(entries: Iterable[tuple[str, Path, bool]]) -> Pins:
    """Return the pins of `entries`: a peer, the file of its keys, and whether it verifies chains.

    Raises `ConfigError` with every problem.
    """
    pinned: list[Pinned] = []
    problems: list[str] = []
    for peer, path, is_verifier in entries:
        try:
            pinned.append(Pinned(peer=peer, keys=load_keys(path, ALGORITHMS), is_verifier=is_verifier))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return Pins.of(pinned)
