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
REQUIRED_DERIVED: Final = ("iss", "exp", "iat", "jti")

_DATES: Final = ("exp", "iat", "nbf")
_NAMES: Final = ("iss", "sub", "client_id", "jti", "txn")


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
    return _name(_present(claims, "iss"), "iss", limits)


def registered(claims: Mapping[str, Json], required: Collection[str], limits: Limits) -> Registered:
    """Return the registered claims; step 16. Raises `TokenError` claim_missing, claim_type or aud_invalid."""
    for name in required:
        _present(claims, name)
    names = {name: _name(value, name, limits) for name in _NAMES if (value := claims.get(name)) is not None}
    dates = {name: _date(value, name) for name in _DATES if (value := claims.get(name)) is not None}
    audience = claims.get("aud")
    return Registered(
        issuer=names["iss"],
        subject=names.get("sub", ""),
        client=names.get("client_id", ""),
        token_id=names["jti"],
        issued_at=dates["iat"],
        expires_at=dates["exp"],
        not_before=dates.get("nbf"),
        audience=None if audience is None else _audience(audience, limits),
        transaction=names.get("txn", ""),
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


def _present(claims: Mapping[str, Json], name: str) -> Json:
    value = claims.get(name)
    if value is None:
        raise TokenError(f"the claim `{name}` is missing", reason="claim_missing")
    return value


def _name(value: Json, name: str, limits: Limits) -> str:
    if not isinstance(value, str) or not is_identifier(value, limits.token_id if name == "jti" else limits.identifier):
        raise TokenError(f"the claim `{name}` must be a short string without control characters", reason="claim_type")
    return value


def _date(value: Json, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LATEST_DATE:
        raise TokenError(f"the claim `{name}` must be whole seconds since the epoch", reason="claim_type")
    return value


def _audience(value: Json, limits: Limits) -> frozenset[str]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed:
        raise TokenError("`aud` must be a string or an array of strings", reason="aud_invalid")
    names = [item for item in listed if isinstance(item, str) and is_identifier(item, limits.json_string)]
    if len(names) != len(listed):
        raise TokenError("`aud` must be a string or an array of strings", reason="aud_invalid")
    return frozenset(names)
