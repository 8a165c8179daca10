"""Which instructions a model may be given: the texts that somebody has approved, by layer, each told by its digest.

Whoever speaks as the system rules the model, so such a message must be one that is known. What the user, the model and
its tools say is none; every other role is taken for one that instructs, for providers make new ones.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PREFIX: Final = "sha256:"
SPEAKERS: Final = frozenset({"user", "assistant", "tool", "function", "model"})  # those whose words instruct nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer: the digests of its texts, of which a prompt may hold any, and must hold one where it is `required`.

    `role` is the only one that may say them, empty where any may that instructs.
    """

    approved: frozenset[str]
    role: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What all packs approve; without layers nothing is looked at. `denies` what is not approved, or only tells."""

    layers: Mapping[str, Layer] = field(default_factory=dict)
    denies: bool = True

    def layers_of(self, digest: str, role: str) -> frozenset[str]:
        """Return the layers in which the text of this digest is approved, where `role` says it."""
        return frozenset(
            name
            for name, layer in self.layers.items()
            if digest in layer.approved and layer.role in {"", normal_role(role)}
        )

    @property
    def required(self) -> frozenset[str]:
        """The layers of which a prompt must hold a text."""
        return frozenset(name for name, layer in self.layers.items() if layer.required)


def normal_role(role: str) -> str:
    """Return a role as it is compared."""
    return role.strip().casefold()


def instructs(role: str) -> bool:
    """Return whether a message of `role` tells the model what to do."""
    return normal_role(role) not in SPEAKERS


def digest_of(text: str) -> str:
    """Return the digest of a text, without regard to how its lines end and to empty space around it."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return PREFIX + hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
