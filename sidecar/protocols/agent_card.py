"""An Agent Card of A2A 0.3 or 1.0: what it calls itself, and what its signatures are over.

A signature is a JWS over the canonical form (RFC 8785) of the card without its `signatures` (A2A 1.0, section 8.4).
Signers that hold cards in Protocol Buffers leave out members that are empty before they sign; a card that was signed so
and sent in full is the same card, so that both forms are looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import rfc8785

from sidecar.errors import EvidenceError, JsonError
from sidecar.model.strict_json import Json, parse

MAX_CARD: Final = 256 * 1024  # characters
MAX_DEPTH: Final = 32
MAX_SIGNATURES: Final = 8
REASON: Final = "card_invalid"

_INTERFACES: Final = ("supportedInterfaces", "additionalInterfaces")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: its protected header and itself, both in base64url as they came."""

    protected: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card as it came. `names` is what it calls itself: its name, and its URLs. `forms` is what may be signed."""

    names: frozenset[str]
    forms: tuple[bytes, ...] = field(repr=False)
    signatures: tuple[Signature, ...] = field(repr=False)


def read(text: str) -> Card:
    """Return the card in `text`. Raises `EvidenceError` card_invalid."""
    if len(text) > MAX_CARD:
        raise EvidenceError(f"the Agent Card is longer than {MAX_CARD} characters", reason=REASON)
    try:
        body = parse(text, max_depth=MAX_DEPTH)
    except JsonError:
        raise EvidenceError("the Agent Card is not strict JSON", reason=REASON) from None
    if not isinstance(body, dict):
        raise EvidenceError("the Agent Card is not a JSON object", reason=REASON)
    plain = {name: value for name, value in body.items() if name != "signatures"}
    full, spare = rfc8785.dumps(plain), rfc8785.dumps(_filled(plain) or {})
    return Card(
        names=frozenset(_names(plain)),
        forms=(full,) if full == spare else (full, spare),
        signatures=_signatures(body.get("signatures")),
    )


def _names(card: Mapping[str, Json]) -> list[str]:
    listed = [entry for name in _INTERFACES for entry in _list(card.get(name)) if isinstance(entry, Mapping)]
    named = [card.get("name"), card.get("url"), *(entry.get("url") for entry in listed)]
    return [name for name in named if isinstance(name, str) and name]


def _signatures(value: Json) -> tuple[Signature, ...]:
    listed = _list(value)
    if (value is not None and not isinstance(value, list)) or len(listed) > MAX_SIGNATURES:
        raise EvidenceError(f"`signatures` must be an array of at most {MAX_SIGNATURES}", reason=REASON)
    found = []
    for entry in listed:
        protected, signature = (_text(entry, name) for name in ("protected", "signature"))
        if not protected or not signature:
            raise EvidenceError("a signature needs `protected` and `signature` as strings", reason=REASON)
        found.append(Signature(protected, signature))
    return tuple(found)


def _text(entry: Json, name: str) -> str:
    value = entry.get(name) if isinstance(entry, Mapping) else None
    return value if isinstance(value, str) else ""


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _filled(value: Json) -> Json:
    """Return `value` without empty strings, arrays and objects, None where nothing is left. Depth is bounded."""
    if isinstance(value, Mapping):
        return {name: kept for name, member in value.items() if (kept := _filled(member)) is not None} or None
    if isinstance(value, list):
        return [kept for item in value if (kept := _filled(item)) is not None] or None
    return None if value == "" else value
