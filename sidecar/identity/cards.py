"""Is an Agent Card signed by whom we expect?

A peer's keys are pinned in the settings (`identity.cards`; identity-spec 2.17). A card brings neither keys nor a place
to get them from: `jku` and `jwk` in its header are not looked at. Of a peer that is not pinned a card says nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sidecar.errors import ConfigError, EvidenceError, TokenError
from sidecar.identity.jws import ALGORITHMS, check_signature, parsed
from sidecar.identity.keys import KeySet, TrustedKey, encoded, with_ids
from sidecar.identity.limits import Limits
from sidecar.protocols.agent_card import MAX_CARD, Card, Signature

REASON: Final = "card_invalid"
_LIMITS: Final = replace(Limits(), token=2 * MAX_CARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A peer by the name it goes by in messages, its keys, and whether it verifies chains that messages carry."""

    peer: str
    keys: KeySet
    is_verifier: bool = False


@dataclass(frozen=True, slots=True)
class Pins:
    """All peers that are pinned, by name."""

    by_peer: Mapping[str, Pinned]

    @classmethod
    def of(cls, pinned: Iterable[Pinned]) -> "Pins":
        """Return the pins. Raises `ConfigError` where a peer is pinned twice or has no key."""
        by_peer: dict[str, Pinned] = {}
        problems = []
        for one in pinned:
            if one.peer in by_peer:
                problems.append(f"identity.cards: `{one.peer}` is pinned twice")
            if not one.keys.keys:
                problems.append(f"identity.cards: `{one.peer}` has no usable key")
            by_peer[one.peer] = replace(one, keys=with_ids(one.keys))
        if problems:
            raise ConfigError(problems)
        return cls(by_peer)

    def is_verifier(self, peer: str) -> bool:
        """Return whether `peer` is known to verify a chain that a message carries."""
        return peer in self.by_peer and self.by_peer[peer].is_verifier

    def is_signed(self, card: Card, peer: str) -> bool:
        """Return whether `card` is signed with a key that is pinned for `peer`; False where none is.

        Raises `EvidenceError` card_mismatch where the card calls itself otherwise, card_unsigned where a pinned peer's
        has no signature, card_invalid where none of its signatures holds.
        """
        if peer not in card.names:
            raise EvidenceError("the Agent Card is another agent's than the one that is named", reason="card_mismatch")
        pinned = self.by_peer.get(peer)
        if pinned is None:
            return False
        if not card.signatures:
            raise EvidenceError("this peer's Agent Card must be signed: its keys are pinned", reason="card_unsigned")
        keys = {key.key_id: key for key in pinned.keys.keys}
        if any(_holds(one, card, keys) for one in card.signatures):
            return True
        raise EvidenceError("no signature of the Agent Card holds under this peer's pinned keys", reason=REASON)


NO_PINS: Final = Pins({})


def _holds(one: Signature, card: Card, keys: Mapping[str, TrustedKey]) -> bool:
    """Return whether a signature holds over one of the card's forms, under the key that it names."""
    for form in card.forms:
        try:
            token = parsed(f"{one.protected}.{encoded(form)}.{one.signature}", _LIMITS)
            if token.algorithm in ALGORITHMS and token.key_id in keys:
                check_signature(token, keys[token.key_id])
                return True
        except TokenError:
            continue
    return False
