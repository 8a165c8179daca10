"""One compact JWS: what is refused before its signature is looked at, and the signature (identity-spec 2.6 A to C).

PyJWT does the signature and nothing else, with a key object and exactly one algorithm. All that it lets pass is
refused before or after: padding, duplicate members, NaN, `crit`, a `typ` of another kind (4.2).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import jwt
from jwt.algorithms import OKPAlgorithm

from sidecar.errors import JsonError, TokenError
from sidecar.identity.keys import MAX_KEY_ID, TrustedKey, decoded
from sidecar.identity.limits import Limits
from sidecar.model.strict_json import Json, parse

ALGORITHMS: Final = frozenset({"ES256", "ES384", "PS256", "RS256", "Ed25519"})
LEGACY_ALGORITHM: Final = "EdDSA"  # names two curves at once (RFC 9864): only for issuers that are told to use it

FORBIDDEN_PARAMETERS: Final = frozenset({"crit", "b64", "zip", "enc", "p2c", "p2s", "epk", "apu", "apv"})
KEY_PARAMETERS: Final = frozenset({"jwk", "jku", "x5u", "x5c"})

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_JWE_DOTS = 4
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# A private registry: nothing symmetric is in it, so no public key can ever be taken for a secret.
_JWS = jwt.PyJWS(algorithms=["ES256", "ES384", "PS256", "RS256"])
_JWS.register_algorithm("Ed25519", OKPAlgorithm())
_JWS.register_algorithm(LEGACY_ALGORITHM, OKPAlgorithm())

_JSON_REASONS: Final[Mapping[str, str]] = {
    "json_malformed": "token_json_invalid",
    "json_surrogate": "token_json_invalid",
    "json_duplicate_member": "token_json_duplicate_member",
    "json_number": "token_json_number",
    "json_depth": "limit_json_depth",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Jws:
    """A well-formed token whose signature nobody has looked at yet: only `issuer` of its payload is read."""

    raw: str = field(repr=False)
    header: Mapping[str, Json] = field(repr=False)
    payload: bytes = field(repr=False)
    signing_input: bytes = field(repr=False)
    algorithm: str
    typ: str  # lower case, without `application/`; empty where there is none
    key_id: str  # empty where there is none


def parsed(token: object, limits: Limits) -> Jws:
    """Return the parts of `token`; steps 2 to 8, and 10. Parameters that bring a key are the caller's to refuse.

    Raises `TokenError` with a reason of 10xx, 11xx or 19xx.
    """
    raw, segments = _segments(token, limits)
    header = _header(segments[0], limits)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        raise TokenError("the header needs `alg` as a string", reason="alg_invalid")
    if algorithm not in ALGORITHMS and algorithm != LEGACY_ALGORITHM:
        raise TokenError("the header's `alg` is not allowed", reason="alg_not_allowed")
    return Jws(
        raw=raw,
        header=header,
        payload=segments[1],
        signing_input=raw.rpartition(".")[0].encode("ascii"),
        algorithm=algorithm,
        typ=_typ(header),
        key_id=_key_id(header),
    )


def verified(token: Jws, key: TrustedKey, limits: Limits) -> Mapping[str, Json]:
    """Return the claims, once the signature holds under `key`; steps 13 to 15.

    Raises `TokenError` alg_key_mismatch, sig_invalid, internal_error, or for JSON that is not strict.
    """
    algorithm = "Ed25519" if token.algorithm == LEGACY_ALGORITHM else token.algorithm
    if algorithm != key.algorithm:
        raise TokenError("the header's `alg` is not the key's", reason="alg_key_mismatch")
    try:
        answer = _JWS.decode_complete(token.raw, key=key.public_key, algorithms=[token.algorithm])
    except jwt.PyJWTError:
        raise TokenError("the signature does not hold", reason="sig_invalid") from None
    except Exception:  # noqa: BLE001 - step 14: whatever goes wrong is a refusal, and its text may quote the token
        raise TokenError("the signature could not be checked", reason="internal_error") from None
    payload = answer["payload"]
    if payload != token.payload:
        raise TokenError("the signature covers another payload", reason="internal_error")
    return strict_object(token.payload, limits.json_depth, limits.json_members, limits)


def strict_object(octets: bytes, depth: int, members: int, limits: Limits) -> Mapping[str, Json]:
    """Return the one JSON object that `octets` are. Raises `TokenError` (the paragraph on strict JSON in 2.6)."""
    try:
        value = parse(octets.decode("utf-8"), max_depth=depth)
    except UnicodeDecodeError:
        raise TokenError("not UTF-8", reason="token_json_invalid") from None
    except JsonError as error:
        raise TokenError("not strict JSON", reason=_JSON_REASONS[error.reason]) from None
    if not octets.startswith(b"{") or not isinstance(value, Mapping):
        raise TokenError("not a JSON object", reason="token_json_invalid")
    # No string is longer than its text, and each member has a colon: that spares the walk for nearly every token.
    if len(octets) > limits.json_string or octets.count(b":") > members:
        _bounded(value, members, limits)
    return value


def is_identifier(value: Json, longest: int) -> bool:
    """Return whether `value` is a string of 1 to `longest` characters without control characters."""
    return isinstance(value, str) and 0 < len(value) <= longest and not _CONTROL.search(value)


def media_type(typ: str) -> str:
    """Return `typ` in lower case, without `application/`."""
    return typ.lower().removeprefix("application/")


def _segments(token: object, limits: Limits) -> tuple[str, tuple[bytes, ...]]:
    if not isinstance(token, str):
        raise TokenError("a token must be a string")
    if len(token) > limits.token:
        raise TokenError(f"a token is longer than {limits.token} characters", reason="limit_token_size")
    if token.count(".") == _JWE_DOTS:
        raise TokenError("an encrypted token is not accepted: send a signed one", reason="token_jwe_not_accepted")
    match = _COMPACT.fullmatch(token)
    if match is None:
        raise TokenError("not a compact JWS: send the token alone, without `Bearer`, padding or white space")
    segments = tuple(octets for part in match.groups() if (octets := decoded(part)) is not None)
    if len(segments) != len(match.groups()):
        raise TokenError("a segment is not canonical base64url", reason="token_encoding")
    return token, segments


def _header(octets: bytes, limits: Limits) -> Mapping[str, Json]:
    if len(octets) > limits.header:
        raise TokenError(f"the header is larger than {limits.header} octets", reason="limit_header_size")
    header = strict_object(octets, limits.header_depth, limits.header_members, limits)
    nested = header.get("cty")
    if FORBIDDEN_PARAMETERS & header.keys() or (isinstance(nested, str) and nested.upper() == "JWT"):
        raise TokenError("the header has a parameter that is not accepted", reason="header_forbidden_param")
    return header


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
