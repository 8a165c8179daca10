"""Keys from files: what is read at start and at reload, never because of a request.

A file is a JWK set, or public keys in PEM; what stands in it decides. Each problem is told with the file it is in.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sidecar.errors import ConfigError, JsonError, TokenError
from sidecar.identity.keys import MAX_KEYS, KeySet, admit_set, encoded, with_ids
from sidecar.model.strict_json import Json, parse

MAX_BYTES: Final = 256 * 1024  # of one file (identity-spec 2.10)

_PEM: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,64})-----[^-]{1,65536}-----END \1-----")
_PUBLIC: Final = b"PUBLIC KEY"


def load_keys(path: Path, algorithms: Iterable[str] = ()) -> KeySet:
    """Return the usable keys in the file at `path`: a JWK set (RFC 7517), or public keys in PEM.

    `algorithms` are those that the issuer may sign with: an RSA key that names none is used with the one of RS256 and
    PS256 that is among them. A PEM key's id is its thumbprint. Raises `ConfigError`.
    """
    octets = read(path)
    try:
        keys = parsed_keys(octets, algorithms)
    except JsonError:
        raise ConfigError([f"{path}: neither a JWK set nor PEM"]) from None
    except TokenError as error:
        raise ConfigError([f"{path}: {error}"]) from None
    if not keys.keys:
        told = ", ".join(sorted(set(keys.refused.values()))) or "it holds none"
        raise ConfigError([f"{path}: no usable key: {told}"])
    return keys


def parsed_keys(octets: bytes, algorithms: Iterable[str] = (), *, uses: Collection[str] = ("sig",)) -> KeySet:
    """Return the usable keys in `octets`: a JWK set, or public keys in PEM. `algorithms` as in `load_keys`.

    Raises `JsonError` for what is neither, `TokenError` for a set that is refused as a whole.
    """
    pem = b"-----BEGIN" in octets
    try:
        jwks = _from_pem(octets) if pem else parse(octets.decode("utf-8"))
    except UnicodeDecodeError:
        raise JsonError("not UTF-8") from None
    keys = admit_set(jwks, rsa_algorithm=_rsa_algorithm(frozenset(algorithms)), uses=uses)
    return with_ids(keys) if pem else keys


def read(path: Path) -> bytes:
    """Return what the file at `path` holds, at most `MAX_BYTES`. Raises `ConfigError`."""
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None
    if len(octets) > MAX_BYTES:
        raise ConfigError([f"{path}: larger than {MAX_BYTES} bytes"])
    return octets


def _rsa_algorithm(algorithms: frozenset[str]) -> str:
    usable = algorithms & {"RS256", "PS256"}
    return next(iter(usable)) if len(usable) == 1 else ""


def _from_pem(octets: bytes) -> Json:
    """Return PEM blocks as a JWK set, so that they pass the same admission. Raises `TokenError`."""
    blocks = list(_PEM.finditer(octets))
    if len(blocks) > MAX_KEYS:
        raise TokenError(f"more than {MAX_KEYS} keys", reason="jwks_too_large")
    if len(blocks) != octets.count(b"-----BEGIN") or any(block[1] != _PUBLIC for block in blocks):
        raise TokenError(
            "holds PEM blocks that are not `PUBLIC KEY`: publish public keys only", reason="key_private_or_symmetric"
        )
    return {"keys": [_jwk(block[0]) for block in blocks]}


def _jwk(block: bytes) -> dict[str, Json]:
    try:
        key = load_pem_public_key(block)
    except Exception:  # noqa: BLE001 - OpenSSL's reasons are many, and its text may quote the key
        raise TokenError("holds a PEM block that is no key", reason="key_invalid") from None
    match key:
        case Ed25519PublicKey():
            return {"kty": "OKP", "crv": "Ed25519", "x": encoded(key.public_bytes_raw())}
        case EllipticCurvePublicKey(curve=SECP256R1() | SECP384R1()):
            numbers, size = key.public_numbers(), (key.curve.key_size + 7) // 8
            crv = "P-256" if isinstance(key.curve, SECP256R1) else "P-384"
            x, y = encoded(numbers.x.to_bytes(size)), encoded(numbers.y.to_bytes(size))
            return {"kty": "EC", "crv": crv, "x": x, "y": y}
        case RSAPublicKey():
            public = key.public_numbers()
            return {"kty": "RSA", "n": _integer(public.n), "e": _integer(public.e)}
        case _:
            return {"kty": "unsupported"}


def _integer(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8))
