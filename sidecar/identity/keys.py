"""Which keys are fit to be trusted, and for which one algorithm (identity-spec 2.9).

What PyJWT and OpenSSL load without a word is refused here: private parts, RSA moduli that one key can write in many
ways, points of low order under which anyone signs anything. A key is known by its RFC 7638 thumbprint, which is
computed here and never taken from outside.
"""

import hashlib
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurve,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sidecar.errors import TokenError
from sidecar.model.strict_json import Json

THUMBPRINT_URI: Final = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"  # RFC 9278
MAX_KEYS: Final = 100  # of one set
MAX_KEY_ID: Final = 256  # characters
RSA_BITS: Final = range(2048, 8192 + 1)
RSA_EXPONENT: Final = range(65537, 1 << 32)

KEPT_KEYS: Final = 512  # of holders: a few kilobytes each
_KEPT_CHARACTERS: Final = 2048  # of a key that is kept; what is larger is read anew each time

_TEXTS: Final = frozenset({"crv", "x", "y", "n", "e", "alg", "kid"})
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

# Curve25519 in Edwards form has these points of order 1, 2, 4 and 8; a key among them verifies what nobody signed.
ED25519_PRIME: Final = 2**255 - 19
ED25519_LOW_ORDER: Final = frozenset(
    {
        0,
        1,
        ED25519_PRIME - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey

_B64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_PADDING: Final = (b"", b"", b"==", b"=")  # by the length of the text modulo 4; 1 cannot be
# The last character carries 2 or 4 bits that name nothing: canonical text leaves them zero.
_LAST: Final = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """A public key that passed admission, and the one algorithm it is used with."""

    algorithm: str
    thumbprint: str
    public_key: PublicKey = field(repr=False)
    key_id: str = ""

    @property
    def thumbprint_uri(self) -> str:
        """The issuer that a token signed with this key names (RFC 9278)."""
        return THUMBPRINT_URI + self.thumbprint


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """The keys of one issuer. `refused` maps the ids of keys that cannot be used to the reason."""

    keys: tuple[TrustedKey, ...]
    refused: Mapping[str, str] = field(default_factory=dict)


def admit(jwk: Json, *, rsa_algorithm: str = "", uses: Collection[str] = ("sig",)) -> TrustedKey:
    """Return the public key that `jwk` is.

    `rsa_algorithm` is what an RSA key without `alg` is used with; RSA needs one. Raises `TokenError` with reason
    key_invalid, key_unsupported, key_private_or_symmetric, key_weak, key_use_mismatch or alg_key_mismatch.
    """
    body = _members(jwk)
    kind = _KINDS.get((body["kty"], body.get("crv", "") if body["kty"] != "RSA" else ""))
    if kind is None:
        raise TokenError("the key's type is not supported: use Ed25519, P-256, P-384 or RSA", reason="key_unsupported")
    public_key = kind.load(body)
    algorithm = _algorithm(body, kind.algorithms, rsa_algorithm)
    _usable(jwk if isinstance(jwk, Mapping) else {}, uses)
    return TrustedKey(
        algorithm=algorithm,
        thumbprint=thumbprint(body, kind.members),
        public_key=public_key,
        key_id=body.get("kid", ""),
    )


def admit_holder(jwk: Json) -> TrustedKey:
    """Return `admit(jwk)`, kept for the next credential of the same holder; raises as `admit`.

    To load a key and use it for the first time costs as much as to read all the rest of a link. Nothing but the
    members decides, and a key that is refused is never kept.
    """
    if type(jwk) is not dict:
        return admit(jwk)
    size = 0
    for name, value in jwk.items():
        if type(value) is not str:
            return admit(jwk)
        size += len(name) + len(value)
    return _kept(tuple(jwk.items())) if size <= _KEPT_CHARACTERS else admit(jwk)


@lru_cache(KEPT_KEYS)
def _kept(members: tuple[tuple[str, Json], ...]) -> TrustedKey:
    return admit(dict(members))


def admit_set(jwks: Json, *, rsa_algorithm: str = "", uses: Collection[str] = ("sig",)) -> KeySet:
    """Return the usable keys of a JWK set (RFC 7517); those that are not usable are told apart by their id.

    One private key poisons the whole set: its issuer is compromised. Two keys with one id are both unusable.
    Raises `TokenError` jwks_malformed, jwks_too_large or key_private_or_symmetric.
    """
    entries = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(entries, list | tuple):
        raise TokenError("not a JWK set: it needs an array `keys`", reason="jwks_malformed")
    if len(entries) > MAX_KEYS:
        raise TokenError(f"a JWK set of more than {MAX_KEYS} keys", reason="jwks_too_large")
    keys: list[TrustedKey] = []
    refused: dict[str, str] = {}
    seen: set[str] = set()
    for entry in entries:
        key_id = entry.get("kid") if isinstance(entry, Mapping) else None
        name = key_id if isinstance(key_id, str) else ""
        if name and name in seen:
            refused[name] = "key_ambiguous"
        seen.add(name)
        try:
            keys.append(admit(entry, rsa_algorithm=rsa_algorithm, uses=uses))
        except TokenError as error:
            if error.reason == "key_private_or_symmetric":
                raise
            refused.setdefault(name, error.reason)
    return KeySet(keys=tuple(key for key in keys if not key.key_id or key.key_id not in refused), refused=refused)


def with_ids(keys: KeySet) -> KeySet:
    """Return `keys` with the thumbprint as id of each that has none."""
    return replace(keys, keys=tuple(replace(key, key_id=key.key_id or key.thumbprint) for key in keys.keys))


def members(key: TrustedKey) -> dict[str, Json]:
    """Return `key` as a JWK that `admit` reads again, with its `alg` and `kid`."""
    public = key.public_key
    if isinstance(public, Ed25519PublicKey):
        body = {"kty": "OKP", "crv": "Ed25519", "x": encoded(public.public_bytes_raw())}
    elif isinstance(public, EllipticCurvePublicKey):
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
        size = len(point) // 2
        body = {"kty": "EC", "crv": f"P-{public.key_size}", "x": encoded(point[:size]), "y": encoded(point[size:])}
    else:
        numbers = public.public_numbers()
        body = {"kty": "RSA", "n": _unsigned(numbers.n), "e": _unsigned(numbers.e)}
    return {**body, "alg": key.algorithm, **({"kid": key.key_id} if key.key_id else {})}


def _unsigned(number: int) -> str:
    return encoded(number.to_bytes((number.bit_length() + 7) // 8))


def thumbprint(body: Mapping[str, str], members: Sequence[str]) -> str:
    """Return the RFC 7638 thumbprint of a key that was loaded; `members` are the required ones, sorted.

    What was loaded is base64url or the name of a curve: nothing in it needs escaping.
    """
    text = ",".join([f'"{name}":"{body[name]}"' for name in members])
    return encoded(hashlib.sha256(f"{{{text}}}".encode()).digest())


def encoded(octets: bytes) -> str:
    """Return base64url without padding (RFC 7515, section 2)."""
    return b2a_base64(octets, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def decoded(text: str) -> bytes | None:
    """Return the octets of canonical base64url without padding; None for any other text."""
    return unpacked(text.encode("ascii")) if _B64URL.fullmatch(text) else None


def unpacked(text: bytes) -> bytes | None:
    """Return the octets of `text`, in which only characters of base64url are; None where it is not canonical."""
    rest = len(text) % 4
    if rest and text[-1] not in _LAST[rest]:
        return None
    return a2b_base64(text.translate(_TO_STANDARD) + _PADDING[rest])


def _members(jwk: Json) -> dict[str, str]:
    """Return the members that are strings, once nothing private is among them."""
    if not isinstance(jwk, Mapping):
        raise TokenError("a key must be an object", reason="key_invalid")
    if jwk.get("kty") == "oct" or not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise TokenError("a key holds private parts: publish public keys only", reason="key_private_or_symmetric")
    body = {name: value for name, value in jwk.items() if isinstance(value, str)}
    if "kty" not in body or (len(body) < len(jwk) and not _TEXTS.isdisjoint(jwk.keys() - body.keys())):
        raise TokenError("a key's members must be strings", reason="key_invalid")
    if len(body.get("kid", "")) > MAX_KEY_ID:
        raise TokenError(f"a key's id is longer than {MAX_KEY_ID} characters", reason="key_invalid")
    return body


def _algorithm(body: Mapping[str, str], algorithms: Collection[str], rsa_algorithm: str) -> str:
    named = body.get("alg") or (rsa_algorithm if body["kty"] == "RSA" else next(iter(algorithms)))
    if named == "EdDSA" and "Ed25519" in algorithms:
        named = "Ed25519"  # the older name, for the key only: a header must be allowed to use it
    if named not in algorithms:
        raise TokenError("a key's `alg` does not fit its type: name one that does", reason="alg_key_mismatch")
    return named


def _usable(jwk: Mapping[str, Json], uses: Collection[str]) -> None:
    operations = jwk.get("key_ops")
    permitted = operations is None or (isinstance(operations, list | tuple) and "verify" in operations)
    signing = isinstance(operations, list | tuple) and "sign" in operations
    if ("use" in jwk and jwk["use"] not in uses) or not permitted or signing:
        raise TokenError("a key is not meant for verifying: see its `use` and `key_ops`", reason="key_use_mismatch")


def _octets(body: Mapping[str, str], member: str) -> bytes:
    octets = decoded(body.get(member, ""))
    if octets is None:
        raise TokenError(f"a key's `{member}` is not base64url without padding", reason="key_invalid")
    return octets


def _load_ed25519(body: Mapping[str, str]) -> PublicKey:
    octets = _octets(body, "x")
    if len(octets) != 32:  # noqa: PLR2004 - RFC 8032, section 5.1.5
        raise TokenError("an Ed25519 key has 32 octets", reason="key_invalid")
    y = int.from_bytes(octets, "little") & ~(1 << 255)  # the highest bit is the sign of x
    if y >= ED25519_PRIME or y in ED25519_LOW_ORDER:
        raise TokenError("an Ed25519 key of low order, or not reduced: make a new one", reason="key_weak")
    return Ed25519PublicKey.from_public_bytes(octets)


def _load_ec(curve: EllipticCurve) -> Callable[[Mapping[str, str]], PublicKey]:
    def load(body: Mapping[str, str]) -> PublicKey:
        x, y = _octets(body, "x"), _octets(body, "y")
        size = (curve.key_size + 7) // 8
        if len(x) != size or len(y) != size:
            raise TokenError(f"a coordinate of {curve.name} has {size} octets", reason="key_invalid")
        try:
            return EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + x + y)  # SEC 1, section 2.3.3
        except ValueError:
            raise TokenError("a key is not a point of its curve", reason="key_invalid") from None

    return load


def _load_rsa(body: Mapping[str, str]) -> PublicKey:
    modulus, exponent = _octets(body, "n"), _octets(body, "e")
    if modulus[0] == 0 or exponent[0] == 0:
        # Else one key would have many thumbprints, and a revoked one could come back.
        raise TokenError("an RSA number has leading zeros", reason="key_invalid")
    n, e = int.from_bytes(modulus), int.from_bytes(exponent)
    if n.bit_length() not in RSA_BITS or n % 2 == 0 or e not in RSA_EXPONENT or e % 2 == 0:
        raise TokenError("an RSA key needs 2048 to 8192 bits and an odd exponent from 65537", reason="key_weak")
    try:
        return RSAPublicNumbers(e, n).public_key()
    except ValueError:  # pragma: no cover - all that is known to raise is refused above
        raise TokenError("not an RSA key", reason="key_invalid") from None


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type of key: what it may sign with, what its thumbprint covers, and how it is loaded."""

    algorithms: tuple[str, ...]
    members: tuple[str, ...]
    load: Callable[[Mapping[str, str]], PublicKey]


_KINDS: Final[Mapping[tuple[str, str], _Kind]] = {
    ("OKP", "Ed25519"): _Kind(("Ed25519",), ("crv", "kty", "x"), _load_ed25519),
    ("EC", "P-256"): _Kind(("ES256",), ("crv", "kty", "x", "y"), _load_ec(SECP256R1())),
    ("EC", "P-384"): _Kind(("ES384",), ("crv", "kty", "x", "y"), _load_ec(SECP384R1())),
    ("RSA", ""): _Kind(("RS256", "PS256"), ("e", "kty", "n"), _load_rsa),
}
