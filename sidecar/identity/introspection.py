"""What an issuer answers when it is asked about its own token (RFC 7662): one more check, never more authority.

What the reply says must be what the token says. One that leaves out who acts is no proof that nobody does: some
issuers forget `act` here. Nothing here does I/O or reads a clock.
"""

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import rfc8785

from sidecar.errors import TokenError
from sidecar.identity.jws import strict_object
from sidecar.identity.limits import KIB, Limits
from sidecar.model.strict_json import Json

ACCEPT: Final = "application/json"
MAX_REPLY: Final = 64 * KIB  # octets
MAX_CREDENTIALS: Final = 4 * KIB

_OK: Final = 200

# A member must be as in the token, also where both have none; these may be left out of a reply.
_ALIKE: Final = ("sub", "client_id", "act")
_IF_TOLD: Final = ("iss", "jti", "exp", "iat")
_LIMITS: Final = Limits()


def asked(token: str) -> Mapping[str, str]:
    """Return the form of the request (RFC 7662, section 2.1)."""
    return {"token": token, "token_type_hint": "access_token"}


def answer(status: int, media_type: str, body: bytes) -> bytes:
    """Return the body of a reply that is an answer; of any other nothing, which is none. `media_type` in lower case."""
    return body if (status, media_type) == (_OK, ACCEPT) else b""


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


def _same(one: Json, other: Json) -> bool:
    """Return whether two values are equal as canonical JSON (RFC 8785): `true` is not 1."""
    return rfc8785.dumps(one) == rfc8785.dumps(other)


def _words(claims: Mapping[str, Json]) -> frozenset[str] | None:
    """Return the words of `scope`; None where it is no string."""
    scope = claims.get("scope", "")
    return frozenset(scope.split(" ")) - {""} if isinstance(scope, str) else None
