"""What an issuer answers when it is asked about its own token (RFC 7662): one more check, never more authority.

What the reply says must be what the token says. One that leaves out who acts is no proof that nobody does: some
issuers forget `act` here. Nothing here does I/O or reads a clock.

Where the settings ask for it the reply must be signed by the issuer, for us, a moment ago (RFC 9701): then whoever
stands between can neither forge nor keep one.
"""

import base64
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import quote

import rfc8785

from sidecar.errors import TokenError
from sidecar.identity.jws import parsed, strict_object, verified
from sidecar.identity.limits import KIB, Limits
from sidecar.identity.trust import Issuer
from sidecar.model.strict_json import Json

ACCEPT: Final = "application/json"
SIGNED_TYPE: Final = "token-introspection+jwt"
ACCEPT_SIGNED: Final = f"application/{SIGNED_TYPE}"
MAX_AGE: Final = 60  # seconds since a signed reply was made: an old one would hide what was revoked since
MAX_REPLY: Final = 64 * KIB  # octets

_OK: Final = 200

# A member must be as in the token, also where both have none; these may be left out of a reply.
_ALIKE: Final = ("sub", "client_id", "act")
_IF_TOLD: Final = ("iss", "jti", "exp", "iat")
_LIMITS: Final = Limits()


def asked(token: str) -> Mapping[str, str]:
    """Return the form of the request (RFC 7662, section 2.1)."""
    return {"token": token, "token_type_hint": "access_token"}


def answer(status: int, media_type: str, body: bytes, accept: str = ACCEPT) -> bytes:
    """Return the body of a reply that is an answer; of any other nothing, which is none. `media_type` in lower case."""
    return body if (status, media_type) == (_OK, accept) else b""


def authorization(credentials: str) -> str:
    """Return the header for `client_id:client_secret` (RFC 6749, section 2.3.1). Raises `ValueError`."""
    client, colon, secret = credentials.strip().partition(":")
    if not colon or not client or not secret or not credentials.strip().isprintable():
        raise ValueError("one line, client_id:client_secret, is needed")
    pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode("ascii")).decode("ascii")


def judge(reply: bytes, claims: Mapping[str, Json]) -> None:
    """Return where `reply` says that the token with `claims`, which are verified, is active and what it says.

    Raises `TokenError` introspection_inactive, introspection_mismatch, or status_unknown for what is no answer.
    """
    if len(reply) > MAX_REPLY:
        raise TokenError(f"the issuer's reply is larger than {MAX_REPLY} octets", reason="status_unknown")
    try:
        told = strict_object(reply.strip(), _LIMITS.json_depth, _LIMITS.json_members, _LIMITS)
    except TokenError:
        raise TokenError("the issuer's reply is not strict JSON", reason="status_unknown") from None
    _judge(told, claims)


def judge_signed(reply: bytes, claims: Mapping[str, Json], issuer: Issuer, ours: Collection[str], at: float) -> None:
    """Return where `reply`, signed by `issuer` for one of `ours` a moment before `at`, says the same as `judge` asks.

    Raises `TokenError` as `judge`, status_unknown for what is not signed so (RFC 9701, section 5).
    """
    try:
        jws = parsed(reply.decode("ascii").strip(), replace(_LIMITS, token=MAX_REPLY, json_string=MAX_REPLY))
        if jws.typ != SIGNED_TYPE or jws.own_keys or jws.algorithm not in issuer.algorithms:
            raise _unsigned()
        signed = verified(jws, issuer.key(jws.key_id), _LIMITS)
    except (TokenError, UnicodeDecodeError):
        raise _unsigned() from None
    audience, made, told = signed.get("aud"), signed.get("iat"), signed.get("token_introspection")
    named = [audience] if isinstance(audience, str) else audience
    is_ours = isinstance(named, list | tuple) and any(one in ours for one in named if isinstance(one, str))
    is_now = isinstance(made, int) and not isinstance(made, bool) and at - MAX_AGE <= made <= at + _LIMITS.skew
    if signed.get("iss") != issuer.issuer or not is_ours or not is_now or not isinstance(told, Mapping):
        raise TokenError("the issuer's reply is not one to us, made just now", reason="status_unknown")
    _judge(told, claims)


def _judge(told: Mapping[str, Json], claims: Mapping[str, Json]) -> None:
    active = told.get("active")
    if not isinstance(active, bool):
        raise TokenError("the issuer's reply does not say whether the token is active", reason="status_unknown")
    if not active:
        raise TokenError("the issuer says that the token is not active: get a new one", reason="introspection_inactive")
    alike = all(_same(told.get(name), claims.get(name)) for name in _ALIKE)
    if_told = all(_same(told[name], claims.get(name)) for name in _IF_TOLD if name in told)
    words = _words(told)
    if not alike or not if_told or words is None or words != _words(claims):
        message = "what the issuer says of the token is not what the token says: look at the issuer's settings"
        raise TokenError(message, reason="introspection_mismatch")


def _unsigned() -> TokenError:
    return TokenError("the issuer's reply is not signed as RFC 9701 asks", reason="status_unknown")


def _same(one: Json, other: Json) -> bool:
    """Return whether two values are equal as canonical JSON (RFC 8785): `true` is not 1."""
    return rfc8785.dumps(one) == rfc8785.dumps(other)


def _words(claims: Mapping[str, Json]) -> frozenset[str] | None:
    """Return the words of `scope`; None where it is no string."""
    scope = claims.get("scope", "")
    return frozenset(scope.split(" ")) - {""} if isinstance(scope, str) else None
