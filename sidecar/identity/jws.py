"""One compact JWS: what is refused before its signature is looked at, and the signature (identity-spec 2.6 A to C).

PyJWT does the signature and nothing else: its algorithm object gets the octets that were signed, a key object and the
signature. The token is taken apart here, once; PyJWT's own reading of it would take what 4.2 of the specification
lists (padding, duplicate members, NaN, `crit`, a `typ` of another kind) and costs as much again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeGuard

import jwt
from jwt.algorithms import OKPAlgorithm

from sidecar.errors import JsonError, TokenError
from sidecar.identity.keys import MAX_KEY_ID, TrustedKey, unpacked
from sidecar.identity.limits import Limits
from sidecar.model.strict_json import Json, parse

ALGORITHMS: Final = frozenset({"ES256", "ES384", "PS256", "RS256", "Ed25519"})
LEGACY_ALGORITHM: Final = "EdDSA"  # names two curves at once (RFC 9864): only for issuers that are told to use it

FORBIDDEN_PARAMETERS: Final = frozenset({"crit", "b64", "zip", "enc", "p2c", "p2s", "epk", "apu", "apv"})
KEY_PARAMETERS: Final = frozenset({"jwk", "jku", "x5u", "x5c"})

_BASE64URL: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_COMPACT: Final = b".."  # what is left of a signed token without them, and of an encrypted one
_ENCRYPTED: Final = b"...."
_NOT_CANONICAL: Final = "a segment is not canonical base64url"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# A private registry: nothing symmetric is in it, so no public key can ever be taken for a secret.
_REGISTRY: Final = jwt.PyJWS(algorithms=["ES256", "ES384", "PS256", "RS256"])
_REGISTRY.register_algorithm("Ed25519", OKPAlgorithm())
_SIGNATURES: Final = {name: _REGISTRY.get_algorithm_by_name(name) for name in ALGORITHMS}

_CACHED_HEADERS: Final = 256  # of at most 2 KiB each: an issuer's tokens differ in the payload, seldom in the header

_JSON_REASONS: Final[Mapping[str, str]] = {
    "json_malformed": "token_json_invalid",
    "json_surrogate": "token_json_invalid",
    "json_duplicate_member": "token_json_duplicate_member",
    "json_number": "token_json_number",
    "json_depth": "limit_json_depth",
}


@dataclass(frozen=True, slots=True)
class Header:
    """A header whose parameters are all acceptable so far. `typ` is in lower case, without `application/`.

    `typ` and `key_id` are empty where there is none.
    """

    algorithm: str
    typ: str
    key_id: str
    parameters: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Jws:
    """A well-formed token whose signature nobody has looked at yet: only `issuer` of its payload is read."""

    header: Header
    payload: bytes = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def algorithm(self) -> str:
        """What the header says that it is signed with."""
        return self.header.algorithm

    @property
    def typ(self) -> str:
        """The media type, in lower case and without `application/`; empty where there is none."""
        return self.header.typ

    @property
    def key_id(self) -> str:
        """The id of the key; empty where there is none."""
        return self.header.key_id

    @property
    def own_keys(self) -> frozenset[str]:
        """The parameters with which the header brings a key of its own."""
        return KEY_PARAMETERS & self.header.parameters.keys()


def parsed(token: object, limits: Limits) -> Jws:
    """Return the parts of `token`; steps 2 to 8, and 10. Parameters that bring a key are the caller's to refuse.

    Raises `TokenError` with a reason of 10xx, 11xx or 19xx.
    """
    if not isinstance(token, str):
        raise TokenError("a token must be a string")
    if len(token) > limits.token:
        raise TokenError(f"a token is longer than {limits.token} characters", reason="limit_token_size")
    octets = token.encode("utf-8", "replace")
    header, payload, signature = _segments(octets)
    unpacked_payload, unpacked_signature = unpacked(payload), unpacked(signature)
    if unpacked_payload is None or unpacked_signature is None:
        raise TokenError(_NOT_CANONICAL, reason="token_encoding")
    return Jws(_header(header, limits), unpacked_payload, octets[: -len(signature) - 1], unpacked_signature)


def verified(token: Jws, key: TrustedKey, limits: Limits) -> Mapping[str, Json]:
    """Return the claims, once the signature holds under `key`; steps 13 to 15.

    Raises `TokenError` alg_key_mismatch, sig_invalid, internal_error, or for JSON that is not strict.
    """
    check_signature(token, key)
    return claims_of(token, limits)


def check_signature(token: Jws, key: TrustedKey) -> None:
    """Return where the signature holds under `key`; steps 13 and 14.

    Raises `TokenError` alg_key_mismatch, sig_invalid or internal_error.
    """
    algorithm = "Ed25519" if token.algorithm == LEGACY_ALGORITHM else token.algorithm
    if algorithm != key.algorithm:
        raise TokenError("the header's `alg` is not the key's", reason="alg_key_mismatch")
    signatures = _SIGNATURES[algorithm]
    try:
        holds = signatures.verify(token.signing_input, signatures.prepare_key(key.public_key), token.signature)
    except jwt.PyJWTError:  # a key of another kind or curve
        raise TokenError("the key does not fit the signature", reason="sig_invalid") from None
    except Exception:  # noqa: BLE001 - step 14: whatever goes wrong is a refusal, and its text may quote the token
        raise TokenError("the signature could not be checked", reason="internal_error") from None
    if holds is not True:
        raise TokenError("the signature does not hold", reason="sig_invalid")


def claims_of(token: Jws, limits: Limits) -> Mapping[str, Json]:
    """Return the payload as strict JSON; step 15. Whether it is signed is the caller's to know."""
    return strict_object(token.payload, limits.json_depth, limits.json_members, limits)


def strict_object(octets: bytes, depth: int, members: int, limits: Limits) -> Mapping[str, Json]:
    """Return the one JSON object that `octets` are. Raises `TokenError` (the paragraph on strict JSON in 2.6)."""
    try:
        value = parse(octets.decode("utf-8"), max_depth=depth)
    except UnicodeDecodeError:
        raise TokenError("not UTF-8", reason="token_json_invalid") from None
    except JsonError as error:
        raise TokenError("not strict JSON", reason=_JSON_REASONS[error.reason]) from None
    if not octets.startswith(b"{") or type(value) is not dict:  # which is all that the parser makes of an object
        raise TokenError("not a JSON object", reason="token_json_invalid")
    # No string is longer than its text, and each member has a colon: that spares the walk for nearly every token.
    if len(octets) > limits.json_string or octets.count(b":") > members:
        _bounded(value, members, limits)
    return value


def is_identifier(value: Json, longest: int) -> TypeGuard[str]:
    """Return whether `value` is a string of 1 to `longest` characters without control characters."""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        return False
    return value.isprintable() or not _CONTROL.search(value)  # nothing printable is a control character


def media_type(typ: str) -> str:
    """Return `typ` in lower case, without `application/`."""
    return typ.lower().removeprefix("application/")


def _segments(octets: bytes) -> list[bytes]:
    """Return the three segments, in which only characters of base64url are."""
    segments = octets.split(b".")
    if octets.translate(None, _BASE64URL) != _COMPACT or not all(segments):
        if octets.count(b".") == len(_ENCRYPTED):
            raise TokenError("an encrypted token is not accepted: send a signed one", reason="token_jwe_not_accepted")
        raise TokenError("not a compact JWS: send the token alone, without `Bearer`, padding or white space")
    return segments


@lru_cache(_CACHED_HEADERS)
def _header(segment: bytes, limits: Limits) -> Header:
    """Return what a header says; what is left of step 5, 6 to 8, and 10. Nothing but the text decides: it is kept."""
    octets = unpacked(segment)
    if octets is None:
        raise TokenError(_NOT_CANONICAL, reason="token_encoding")
    if len(octets) > limits.header:
        raise TokenError(f"the header is larger than {limits.header} octets", reason="limit_header_size")
    header = strict_object(octets, limits.header_depth, limits.header_members, limits)
    nested = header.get("cty")
    if FORBIDDEN_PARAMETERS & header.keys() or (isinstance(nested, str) and nested.upper() == "JWT"):
        raise TokenError("the header has a parameter that is not accepted", reason="header_forbidden_param")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        raise TokenError("the header needs `alg` as a string", reason="alg_invalid")
    if algorithm not in ALGORITHMS and algorithm != LEGACY_ALGORITHM:
        raise TokenError("the header's `alg` is not allowed", reason="alg_not_allowed")
    return Header(algorithm, _typ(header), _key_id(header), MappingProxyType(dict(header)))


def _typ(header: Mapping[str, Json]) -> str:
    typ = header.get("typ", "")
    if not isinstance(typ, str):
        raise TokenError("`typ` must be a string", reason="typ_unexpected")
    return media_type(typ)


def _key_id(header: Mapping[str, Json]) -> str:
    if "kid" not in header:
        return ""
    key_id = header["kid"]
    if not isinstance(key_id, str) or not is_identifier(key_id, MAX_KEY_ID):
        raise TokenError("`kid` must be a string without control characters", reason="header_invalid")
    return key_id


def _bounded(value: Json, members: int, limits: Limits) -> None:
    """Hold the limits on members and strings; the depth is bounded already, so recursion is too."""
    if isinstance(value, str):
        if len(value.encode("utf-8")) > limits.json_string:
            raise TokenError(f"a string is longer than {limits.json_string} octets", reason="limit_string")
    elif isinstance(value, Mapping):
        if len(value) > members:
            raise TokenError(f"an object has more than {members} members", reason="limit_json_members")
        for name, member in value.items():
            _bounded(name, members, limits)
            _bounded(member, members, limits)
    elif isinstance(value, list | tuple):
        for item in value:
            _bounded(item, members, limits)
