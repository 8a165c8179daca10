"""What a session remembers of what was released to it and by it, besides the texts: labels and facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from sidecar.model.session import Usage
from sidecar.model.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Which facts a crossing adds to a session, by id, and which nobody can tell of from now on."""

    held: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


NOTHING: Final = Happened()


_UNUSED: Final = Usage()
_NONE: Final[Mapping[str, Tally]] = MappingProxyType({})


class Past(NamedTuple):
    """What a session remembers when it is asked about: its labels, its facts by id, those that are unknown.

    `usage` is what it has done before this crossing, `region` where the model is that is asked, as far as packs say.

    The tallies are the session's own, which go on counting: read them at once. A tuple: every call makes some.
    """

    labels: frozenset[str] = frozenset()
    tallies: Mapping[str, Tally] = _NONE
    unknown: frozenset[str] = frozenset()
    usage: Usage = _UNUSED
    region: str = ""


FORGETFUL: Final = Past()
