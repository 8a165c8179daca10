"""SPIFFE bundles: the keys of one trust domain (SPIFFE Trust Domain and Bundle, section 4).

A bundle holds keys for several uses; only those for JWT-SVID and WIT-SVID count here. Without any, the trust domain has
taken all of them back. Bundles of two trust domains are never put together. The authorities for X.509-SVID in it say
only who may serve the bundle itself (SPIFFE Federation, section 5.2, https_spiffe).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sidecar.errors import FetchError, JsonError, TokenError
from sidecar.identity.issuers.generations import Fetched
from sidecar.identity.issuers.keyfile import parsed_keys
from sidecar.identity.keys import KeySet
from sidecar.model.strict_json import Json, parse

USES: Final = frozenset({"jwt-svid", "wit-svid"})
X509_USE: Final = "x509-svid"


def bundle(octets: bytes, algorithms: frozenset[str], *, needs_use: bool) -> Fetched:
    """Return the JWT keys of the bundle `octets`; none is what an emptied bundle holds.

    `needs_use`: a key without `use` is for nothing, as in a bundle of all keys; the Workload API sends JWT keys alone,
    and says so of none. Raises `FetchError` jwks_malformed, jwks_too_large or key_private_or_symmetric.
    """
    try:
        document = parse(octets.decode("utf-8"))
        keys = parsed_keys(octets, algorithms, uses=USES)
    except (UnicodeDecodeError, JsonError):
        raise FetchError("the bundle is not a JWK set", reason="jwks_malformed") from None
    except TokenError as error:
        raise FetchError("the bundle is refused as a whole", reason=error.reason) from None
    body = document if isinstance(document, Mapping) else {}
    if needs_use:
        keys = _with_use(keys, body)
    return Fetched(keys=keys, max_age=_hint(body), sequence=_sequence(body))


def x509_roots(octets: bytes) -> tuple[bytes, ...]:
    """Return the authorities for X.509-SVIDs in a bundle that was read before, each as the DER of its certificate.

    Raises `FetchError` jwks_malformed.
    """
    try:
        document = parse(octets.decode("utf-8"))
        entries = document.get("keys") if isinstance(document, Mapping) else None
        listed = entries if isinstance(entries, list | tuple) else ()
        ours = [one for one in listed if isinstance(one, Mapping) and one.get("use") == X509_USE]
        return tuple(_certificate(one.get("x5c")) for one in ours)
    except (UnicodeDecodeError, JsonError, binascii.Error):
        raise FetchError("the bundle's authorities cannot be read", reason="jwks_malformed") from None


def _certificate(chain: Json) -> bytes:
    """Return the one certificate of `x5c` (RFC 7517, section 4.7), which an authority has."""
    first = chain[0] if isinstance(chain, list | tuple) and len(chain) == 1 else None
    if not isinstance(first, str) or not first.isascii():
        raise FetchError("an authority of the bundle has no certificate", reason="jwks_malformed")
    return base64.b64decode(first, validate=True)


def _with_use(keys: KeySet, body: Mapping[str, Json]) -> KeySet:
    entries = body.get("keys")
    listed = entries if isinstance(entries, list | tuple) else ()
    named = {entry.get("kid") for entry in listed if isinstance(entry, Mapping) and entry.get("use") in USES}
    useless = {key.key_id: "key_use_mismatch" for key in keys.keys if key.key_id not in named}
    usable = tuple(key for key in keys.keys if key.key_id and key.key_id not in useless)
    return replace(keys, keys=usable, refused={**keys.refused, **useless})


def _sequence(body: Mapping[str, Json]) -> int | None:
    """Return the bundle's sequence. Raises `FetchError`: one that cannot be read could hide a step back."""
    value = body.get("spiffe_sequence")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FetchError("the bundle's `spiffe_sequence` is not a whole number", reason="jwks_malformed")
    return value


def _hint(body: Mapping[str, Json]) -> float | None:
    """Return after how many seconds the trust domain wants to be asked again. Raises `FetchError`."""
    value = body.get("spiffe_refresh_hint")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FetchError("the bundle's `spiffe_refresh_hint` is not a number of seconds", reason="jwks_malformed")
    return float(value)
