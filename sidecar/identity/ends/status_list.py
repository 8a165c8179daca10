"""A token status list: thousands of tokens in a few bits each, signed by their issuer (draft-ietf-oauth-status-list).

A list is taken whole or not at all: whatever is odd about it makes the status of its tokens unknowable, and what
cannot be known is refused. It is inflated twice, first only to count: a kilobyte that inflates to a gigabyte costs
one buffer. Nothing here does I/O or reads a clock.
"""

import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from sidecar.errors import TokenError
from sidecar.identity.claims import LATEST_DATE
from sidecar.identity.jws import parsed, verified
from sidecar.identity.keys import decoded
from sidecar.identity.limits import KIB, Limits
from sidecar.identity.trust import Issuer
from sidecar.model.strict_json import MAX_INTEGER, Json

TYP: Final = "statuslist+jwt"
ACCEPT: Final = "application/statuslist+jwt"
MAX_COMPRESSED: Final = 1024 * KIB  # octets
MAX_INFLATED: Final = 16 * 1024 * KIB  # octets: 134 million tokens of one bit
MAX_TOKEN: Final = 2 * 1024 * KIB  # characters: base64url, twice, of what is compressed, and a little beside it
MAX_URI: Final = 2048
SHORTEST_TTL: Final = (
    30  # seconds that a list is used at least, however short its `ttl`: no list is fetched for each call
)
LONGEST_TTL: Final = 3600  # and at most
DEFAULT_TTL: Final = 300

# By status; another is one that is not understood, and refused.
_REASONS: Final[Mapping[int, str]] = {0: "", 1: "token_revoked", 2: "status_suspended"}
_BITS: Final = frozenset({1, 2, 4, 8})
_CHUNK: Final = 256 * KIB


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """Where a token says that its status stands."""

    uri: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """A list as its issuer signed it. Times are seconds since the epoch; `fresh_until` is when to fetch it anew.

    `usable_until` is when it has expired by its own word (infinite where it tells none).
    """

    uri: str
    issued_at: int
    fresh_until: float
    usable_until: float
    bits: int
    octets: memoryview = field(repr=False)

    def reason(self, index: int) -> str:
        """Return why the token of `index` is refused, or the empty string where it is valid.

        token_revoked, status_suspended, or status_invalid for another status and for an index beyond the list.
        """
        per_octet = 8 // self.bits
        if not 0 <= index < len(self.octets) * per_octet:
            return "status_invalid"
        place, within = divmod(index, per_octet)
        value = self.octets[place] >> (within * self.bits) & ((1 << self.bits) - 1)
        return _REASONS.get(value, "status_invalid")


def reference(claims: Mapping[str, Json]) -> Reference | None:
    """Return where the claims of a verified token point, None where they hold no `status`.

    Raises `TokenError` status_invalid for a `status` that is not understood: it may be a refusal.
    """
    status = claims.get("status")
    if status is None:
        return None
    listed = status.get("status_list") if isinstance(status, Mapping) else None
    if not isinstance(listed, Mapping):
        raise _invalid("the token's `status` is of a kind that is not known here")
    index, uri = listed.get("idx"), listed.get("uri")
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= MAX_INTEGER:
        raise _invalid("the index of the token's status is not a number of the list")
    if not isinstance(uri, str) or not 0 < len(uri) <= MAX_URI:
        raise _invalid("the token's status list has no URI")
    return Reference(uri, index)


def is_within(uri: str, origins: frozenset[str]) -> bool:
    """Return whether `uri` is of one of `origins` (scheme, host and port), compared as they stand."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.netloc) and f"{parts.scheme}://{parts.netloc}" in origins


def origin_of(uri: str) -> str:
    """Return scheme, host and port of a configured URI; empty where it has none, as `spiffe:` trust domains."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"https", "http"} and parts.netloc else ""


def read(octets: bytes, uri: str, issuer: Issuer, at: float, not_before: int = 0) -> StatusList:
    """Return the list that `octets`, fetched from `uri` at `at`, are, signed by `issuer`. Takes up to 0.2 s.

    `not_before` is when the newest list of this URI was issued: an older one would bring revoked tokens back.
    Raises `TokenError` status_invalid.
    """
    limits = replace(Limits(), token=MAX_TOKEN, json_string=MAX_TOKEN, json_depth=4)
    claims = _signed(octets, issuer, limits)
    if claims.get("sub") != uri:
        raise _invalid("the status list is another one than was asked for")
    issued_at = _date(claims, "iat")
    expires_at = float(_date(claims, "exp")) if "exp" in claims else math.inf
    if issued_at > at + limits.skew or at >= expires_at:
        raise _invalid("the status list has expired, or was issued in the future")
    if issued_at < not_before:
        raise _invalid("the status list is older than the one before")
    bits, packed = _packed(claims.get("status_list"))
    return StatusList(
        uri=uri,
        issued_at=issued_at,
        fresh_until=min(at + _ttl(claims), expires_at),
        usable_until=expires_at,
        bits=bits,
        octets=inflated(packed),
    )


def inflated(packed: bytes) -> memoryview:
    """Return what `packed` inflates to (zlib, RFC 1950), at most `MAX_INFLATED` octets. Raises `TokenError`."""
    if len(packed) > MAX_COMPRESSED:
        raise _invalid(f"the status list is larger than {MAX_COMPRESSED} octets")
    size = sum(len(chunk) for chunk in _chunks(packed))  # only counted: nothing is kept of what is too large
    whole, filled = bytearray(size), 0
    for chunk in _chunks(packed):
        whole[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
    return memoryview(whole).toreadonly()


def _chunks(packed: bytes) -> Iterator[bytes]:
    """Yield what `packed` inflates to, a buffer at a time. Raises `TokenError` beyond the limit or where it is cut."""
    inflate, left, size = zlib.decompressobj(), packed, 0
    while not inflate.eof:
        try:
            chunk = inflate.decompress(left, _CHUNK)
        except zlib.error:
            raise _invalid("the status list is not zlib") from None
        size += len(chunk)
        if size > MAX_INFLATED:
            raise _invalid(f"the status list inflates to more than {MAX_INFLATED} octets")
        if not chunk and not inflate.eof:
            raise _invalid("the status list is cut short")
        left = inflate.unconsumed_tail
        yield chunk
    if inflate.unused_data:
        raise _invalid("something stands behind the status list")


def _signed(octets: bytes, issuer: Issuer, limits: Limits) -> Mapping[str, Json]:
    """Return the claims of a list, once `issuer`'s signature holds. Raises `TokenError`."""
    try:
        jws = parsed(octets.decode("ascii").strip(), limits)
        if jws.typ != TYP or jws.own_keys or jws.algorithm not in issuer.algorithms:
            raise _invalid("not a status list")
        return verified(jws, issuer.key(jws.key_id), limits)
    except (TokenError, UnicodeDecodeError):
        raise _invalid("the status list is not a token that its issuer signed") from None


def _packed(listed: Json) -> tuple[int, bytes]:
    bits = listed.get("bits") if isinstance(listed, Mapping) else None
    text = listed.get("lst") if isinstance(listed, Mapping) else None
    octets = decoded(text) if isinstance(text, str) else None
    if isinstance(bits, bool) or not isinstance(bits, int) or bits not in _BITS or octets is None:
        raise _invalid("the status list has no `bits` and `lst` that can be read")
    return bits, octets


def _ttl(claims: Mapping[str, Json]) -> float:
    ttl = claims.get("ttl", DEFAULT_TTL)
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or ttl <= 0:
        raise _invalid("the `ttl` of the status list is not a number of seconds")
    return float(min(max(ttl, SHORTEST_TTL), LONGEST_TTL))


def _date(claims: Mapping[str, Json], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LATEST_DATE:
        raise _invalid(f"`{name}` of the status list is not whole seconds since the epoch")
    return value


def _invalid(message: str) -> TokenError:
    return TokenError(message, reason="status_invalid")
