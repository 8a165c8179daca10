"""What a command is given to prove or to verify with: tokens, keys, and the verifier of the settings."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sidecar.app import opener
from sidecar.app.issuers import loaded_trust
from sidecar.config import load_settings
from sidecar.errors import ConfigError, EvidenceError, JsonError
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.issuers.keyfile import load_keys, read
from sidecar.identity.trial import TRIAL_ISSUER
from sidecar.identity.trust import Issuer
from sidecar.identity.verifier import DEFAULT_AUDIENCE, Verifier
from sidecar.model.strict_json import Json, parse
from sidecar.telemetry.fault import fault

MAX_INPUT: Final = 1 << 20  # characters of standard input or a file
MAX_PATH: Final = 255  # characters: a longer argument is a token
_ALGORITHMS: Final = frozenset({"Ed25519", "ES256", "ES384", "PS256", "RS256"})


def verifier(
    config: Path | None, jwks: Path | None = None, issuer: str = TRIAL_ISSUER, audience: str = DEFAULT_AUDIENCE
) -> Verifier:
    """Return the verifier of the settings, with keys fetched from where they say; with `jwks`, one of that file's.

    Raises `ConfigError`.
    """
    if jwks is None:
        settings = load_settings(config)
        return opener(settings, asyncio.run(loaded_trust(settings, fault)).store).verifier
    keys = load_keys(jwks, _ALGORITHMS)
    return Verifier.of([Issuer(name=issuer, issuer=issuer, keys=keys, algorithms=_ALGORITHMS)], [audience])


def text(path: Path) -> str:
    """Return what a file holds. Raises `ConfigError`."""
    try:
        return read(path).decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: not UTF-8"]) from None


def one_line(path: Path) -> str:
    """Return what a file holds, without white space around it. Raises `ConfigError`."""
    return text(path).strip()


def json_of(path: Path) -> Json:
    """Return the JSON value in a file. Raises `ConfigError`."""
    try:
        return parse(text(path))
    except JsonError:
        raise ConfigError([f"{path}: not strict JSON"]) from None


def signing_key(path: Path) -> SigningKey:
    """Return the private key in the file at `path`. Raises `ConfigError`."""
    try:
        return SigningKey.from_jwk(parse(text(path)))
    except EvidenceError:
        raise ConfigError([f"{path}: not a private JWK of Ed25519 or P-256, as mint --holder-out writes it"]) from None


def kept(path: Path | None, existing: Path | None) -> tuple[SigningKey, str]:
    """Return the key to bind a token to, a new one unless it is in `existing`, and its file's text where it is new."""
    if path and existing:
        raise ConfigError(["give either --bind, a key that is there, or --holder-out, the file of a new one"])
    if existing:
        return signing_key(existing), ""
    made = SigningKey.generate()
    return made, json.dumps(made.private_jwk()) + "\n"


def given_tokens(given: Sequence[str]) -> list[str]:
    """Return the tokens given, or those in a file or on standard input: a JSON list, or one a line.

    Raises `ConfigError`.
    """
    if list(given) == ["-"]:
        return _listed("standard input", sys.stdin.read(MAX_INPUT + 1))
    if len(given) == 1 and len(given[0]) <= MAX_PATH and Path(given[0]).is_file():
        return tokens_in(Path(given[0]))
    if any("/" in one for one in given):  # not told as it is: it may be a token in another alphabet
        raise ConfigError(["no file of this name is there, and a token holds no slash: name one file, or give tokens"])
    return list(given)


def tokens_in(path: Path) -> list[str]:
    """Return the tokens in a file: a JSON list, or one a line. Raises `ConfigError`."""
    return _listed(str(path), text(path))


def _listed(source: str, said: str) -> list[str]:
    if len(said) > MAX_INPUT:
        raise ConfigError([f"{source}: more than {MAX_INPUT} characters"])
    if not said.lstrip().startswith("["):
        return said.split()
    try:
        listed = parse(said)
    except JsonError:
        raise ConfigError([f"{source}: neither a JSON list nor one token a line"]) from None
    tokens = [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
    if not isinstance(listed, list) or len(tokens) != len(listed):
        raise ConfigError([f"{source}: the JSON list must hold tokens"])
    return tokens
