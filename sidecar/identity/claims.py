"""Registered claims, by the clock of the request (identity-spec 2.6 D).

PyJWT takes dates as strings, floats and booleans, and audiences in many ways (4.2); here a date is an integer and a
name is compared byte by byte. `exp` has no leeway.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.errors import TokenError
from sidecar.identity.jws import is_identifier
from sidecar.identity.limits import Limits
from sidecar.model.strict_json import Json

LATEST_DATE: Final = 253_402_300_799  # the end of the year 9999

REQUIRED_A: Final = ("iss", "sub", "aud", "exp", "iat", "jti", "client_id")  # RFC 9068, section 2.2
REQUIRED_ROOT: Final = ("iss", "sub", "exp", "iat", "jti")
REQUIRED_TRANSACTION: Final = ("iss", "sub", "aud", "exp", "iat", "txn", "scope", "req_wl")
REQUIRED_DERIVED: Final = ("iss", "exp", "iat", "jti")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The registered claims of one signed token, of the right types. Empty string: not there."""

    issuer: str
    subject: str
    client: str
    token_id: str
    issued_at: int
    expires_at: int
    not_before: int | None
    audience: frozenset[str] | None  # None: not there
    transaction: str


def peeked_issuer(claims: Mapping[str, Json], limits: Limits) -> str:
    """Return `iss` of a payload that nobody has verified, as a look-up key only; step 11."""
    value = claims.get("iss")
    if value is None:
        raise _missing("iss")
    return _name(value, "iss", limits.identifier)


def registered(claims: Mapping[str, Json], required: Collection[str], limits: Limits) -> Registered:
    """Return the registered claims; step 16. Raises `TokenError` claim_missing, claim_type or aud_invalid."""
    claim = claims.get
    for name in required:
        if claim(name) is None:
            raise _missing(name)
    longest, before, audience = limits.identifier, claim("nbf"), claim("aud")
    return Registered(
        issuer=_name(claim("iss"), "iss", longest),
        subject=_optional(claim("sub"), "sub", longest),
        client=_optional(claim("client_id"), "client_id", longest),
        token_id=_name(claim("jti"), "jti", limits.token_id),
        transaction=_optional(claim("txn"), "txn", longest),
        expires_at=_date(claim("exp"), "exp"),
        issued_at=_date(claim("iat"), "iat"),
        not_before=None if before is None else _date(before, "nbf"),
        audience=None if audience is None else _audience(audience, limits),
    )


def in_time(token: Registered, at: float, longest: int, limits: Limits) -> None:
    """Return where `token` is valid at `at` and no longer than `longest` seconds; step 18.

    Raises `TokenError` time_expired, time_not_yet_valid, time_iat_in_future or time_lifetime_exceeded.
    """
    if at >= token.expires_at:
        raise TokenError("the token has expired: get a new one", reason="time_expired")
    if token.not_before is not None and token.not_before > at + limits.skew:
        raise TokenError("the token is not valid yet", reason="time_not_yet_valid")
    if token.issued_at > at + limits.skew:
        raise TokenError("the token was issued in the future: compare clocks", reason="time_iat_in_future")
    if not 0 < token.expires_at - token.issued_at <= longest:
        raise TokenError(f"the token lives longer than {longest} s", reason="time_lifetime_exceeded")


def addressed(token: Registered, ours: frozenset[str], *, single: bool, limits: Limits) -> None:
    """Return where `token` is meant for one of `ours`; step 19. An absent `aud` is the profile's to judge.

    `single`: for us and nobody else. Raises `TokenError` aud_mismatch or aud_too_broad.
    """
    if token.audience is None:
        return
    if not token.audience & ours:
        raise TokenError("the token is meant for another audience: get one for this agent", reason="aud_mismatch")
    if len(token.audience) > (1 if single else limits.audiences):
        raise TokenError("the token is meant for too many audiences: get one for this agent", reason="aud_too_broad")


def _missing(name: str) -> TokenError:
    return TokenError(f"the claim `{name}` is missing", reason="claim_missing")


def _optional(value: Json, name: str, longest: int) -> str:
    return "" if value is None else _name(value, name, longest)


def _name(value: Json, name: str, longest: int) -> str:
    if is_identifier(value, longest):
        return value
    raise TokenError(f"the claim `{name}` must be a short string without control characters", reason="claim_type")


def _date(value: Json, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LATEST_DATE:
        raise TokenError(f"the claim `{name}` must be whole seconds since the epoch", reason="claim_type")
    return value


def _audience(value: Json, limits: Limits) -> frozenset[str]:
    if is_identifier(value, limits.json_string):
        return frozenset((value,))
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed:
        raise TokenError("`aud` must be a string or an array of strings", reason="aud_invalid")
    names = [item for item in listed if isinstance(item, str) and is_identifier(item, limits.json_string)]
    if len(names) != len(listed):
        raise TokenError("`aud` must be a string or an array of strings", reason="aud_invalid")
    return frozenset(names)
