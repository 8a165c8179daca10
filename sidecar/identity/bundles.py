"""SPIFFE bundles: the keys of one trust domain (SPIFFE Trust Domain and Bundle, section 4).

A bundle holds keys for several uses; only those for JWT-SVID and WIT-SVID count here. Without any, the trust domain has
taken all of them back. Bundles of two trust domains are never put together.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sidecar.errors import FetchError, JsonError, TokenError
from sidecar.identity.generations import Fetched
from sidecar.identity.keyfile import parsed_keys
from sidecar.identity.keys import KeySet
from sidecar.model.strict_json import Json, parse

USES: Final = frozenset({"jwt-svid", "wit-svid"})


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
    return Fetched(keys=keys, sequence=_sequence(body))


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
