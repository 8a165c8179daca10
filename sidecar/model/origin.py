"""Where did a value enter the session? Ordered by how far whoever wrote it there is to be trusted."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Origin(StrEnum):
    """Who first said a value, the most trusted first.

    `referred` is a stranger's value that stands where the user pointed, as data; `model` is one that stands nowhere.
    """

    USER = "user"
    INSTRUCTIONS = "instructions"
    TRUSTED = "trusted"
    AGENT = "agent"
    REFERRED = "referred"
    MODEL = "model"
    UNTRUSTED = "untrusted"
    SUSPICIOUS = "suspicious"


RANK: Final = {origin: rank for rank, origin in enumerate(Origin)}
STRANGE: Final = frozenset({Origin.UNTRUSTED, Origin.SUSPICIOUS})


def best(origins: Iterable[Origin]) -> Origin | None:
    """Return what a value counts as that has several `origins`: the most trusted; of strangers' only, the worst."""
    held = frozenset(origins)
    if not held:
        return None
    return max(held, key=RANK.__getitem__) if held <= STRANGE else min(held, key=RANK.__getitem__)


def worst(origins: Iterable[Origin]) -> Origin:
    """Return what an argument counts as that is put together of values with `origins`; of none, the user's."""
    return max(origins, key=RANK.__getitem__, default=Origin.USER)
