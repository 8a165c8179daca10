"""A pack's instructions.yaml: the system prompts that are approved, by layer and digest, and the sum of all packs'.

Each pack's layers count. A layer that several packs have holds what all of them approve in it, and is as strict as the
strictest of them.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from sidecar.model.instructions import Instructions, Layer
from sidecar.policy.document import Document
from sidecar.policy.files import Text, Word

MAX_APPROVED: Final = 1_000  # texts of one layer
MAX_LAYERS: Final = 50

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class ApprovedPart(Document):
    """One text, with words for people."""

    digest: Digest
    note: Text = ""


class LayerPart(Document):
    """One layer. Without `role` any role may say its texts that instructs the model."""

    approved: Annotated[tuple[Digest | ApprovedPart, ...], Field(max_length=MAX_APPROVED)]
    role: Literal["system", "developer"] | None = None
    required: bool = False

    @property
    def layer(self) -> Layer:
        """The layer as it is asked."""
        digests = frozenset(one.digest if isinstance(one, ApprovedPart) else one for one in self.approved)
        return Layer(approved=digests, role=self.role or "", required=self.required)


class InstructionsFile(Document):
    """instructions.yaml. A layer may be the list of its digests alone."""

    unapproved: Literal["deny", "alert"] = "deny"
    layers: Annotated[dict[Word, LayerPart], Field(min_length=1, max_length=MAX_LAYERS)]

    @field_validator("layers", mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value  # pydantic words the refusal
        return {name: _whole(part) for name, part in value.items()}


def _whole(part: object) -> object:
    """Return a layer with its texts under their key. What was JSON is Python from here on, so that a list is none."""
    whole = {"approved": part} if isinstance(part, list) else part
    if isinstance(whole, dict) and isinstance(texts := whole.get("approved"), list):
        return {**whole, "approved": tuple(texts)}
    return whole


def combine(files: Sequence[InstructionsFile]) -> Instructions:
    """Return the sum of all packs."""
    layers: dict[str, Layer] = {}
    for file in files:
        for name, part in file.layers.items():
            layers[name] = _both(layers[name], part.layer) if name in layers else part.layer
    return Instructions(layers=layers, denies=any(file.unapproved == "deny" for file in files))


def _both(one: Layer, other: Layer) -> Layer:
    roles = {one.role, other.role} - {""}
    approved = one.approved & other.approved if len(roles) < len(("one", "other")) else frozenset[str]()
    return Layer(approved=approved, role=min(roles, default=""), required=one.required or other.required)
