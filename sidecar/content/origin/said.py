"""What a source said, and what the call asked that it answers."""

from dataclasses import dataclass
from typing import Final

from sidecar.model.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One text of a source, as it was written. `record` tells which texts of one response belong together."""

    text: str
    origin: Origin
    record: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The call that a response answers: what it was made with, and whether that was what the user pointed at."""

    is_referred: bool = False
    hosts: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()  # of those the hosts of whole URLs: a file's name may look like a host's
    acts: frozenset[str] = frozenset()  # what the user wants done with it: `pay` of `pay the bill in bill.txt`
    sown: frozenset[str] = frozenset()  # keys of what calls put into the world until it came, see `sown`
    ends: frozenset[str] = frozenset()  # which of what it lists the user meant: `newest`, see `pointing`

    led: frozenset[str] = frozenset()  # what a stranger told to look for, see `choosing`
    whom: frozenset[str] = frozenset()  # stems of what was asked, where something is paid
    through: frozenset[str] = frozenset()  # all by which it was looked up, where only a text to follow names that


NOBODY: Final = Asked()
