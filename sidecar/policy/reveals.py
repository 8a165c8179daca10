"""What does each tool get back for tokens, and where in its arguments?

By kind, the packs' privacy.yaml decides whose word counts. Where one names tools (`reveal_to: [charge]`), only these
get the kind's values back: where such a tool's entry says which arguments take the kind, in those, else in all of them.
Where none names tools, what an entry's `takes` says holds; and where a pack says `reveal_to: declared`, the schema's
word, too (`takes.py`). That word is not enough for a tool that writes to somebody (`message`, `egress`): to whom is for
the call to choose, so that its entry must say it. `reveal_to: []` is nobody, whatever else is said.

Beyond that, `declared` lets a value go where the session's own user means it to (`wished`; `checks.giving` tells when),
unless the tool's entry speaks by `takes`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.policy.catalogue import Catalogue, Effect, Tool
from sidecar.policy.privacy import Privacy
from sidecar.policy.takes import FieldPattern, called

Path = tuple[str | int, ...]

_WRITES_TO_SOMEBODY: Final = frozenset({Effect.MESSAGE, Effect.EGRESS})
_NONE: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Reveal:
    """What one tool gets back: kinds `everywhere`, kinds in some `places`, and kinds `by_name` of the argument.

    Of the kinds that are `wished` it gets in the rest of its arguments what the session's user means it to have.
    """

    everywhere: frozenset[str] = _NONE
    places: Mapping[FieldPattern, frozenset[str]] = field(default_factory=dict)
    by_name: frozenset[str] = _NONE
    wished: frozenset[str] = _NONE

    def __bool__(self) -> bool:
        """Return whether it gets anything back."""
        return bool(self.everywhere or self.by_name or self.places or self.wished)

    def at(self, path: Path) -> frozenset[str]:
        """Return the kinds whose values may stand at `path` of its arguments."""
        kinds = self.everywhere
        for place, some in self.places.items():
            if _covers(place, path):
                kinds |= some
        if self.by_name:
            name = next((segment for segment in reversed(path) if isinstance(segment, str)), "")
            kinds |= self.by_name & called(name)
        return kinds


NOTHING: Final = Reveal()


@dataclass(frozen=True, slots=True)
class Reveals:
    """What each tool gets back. `kinds` are those that any tool does."""

    privacy: Privacy = field(default_factory=Privacy)
    catalogue: Catalogue = field(default_factory=Catalogue)
    kinds: frozenset[str] = field(init=False)
    _known: Mapping[str, Reveal] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Work out what each tool that is spelt out gets."""
        known = {tool.name: _reveal(self.privacy, tool.name, tool) for tool in self.catalogue.tools}
        object.__setattr__(self, "_known", known)
        object.__setattr__(self, "kinds", frozenset(self._any()))

    def to(self, name: str) -> Reveal:
        """Return what the tool `name` gets."""
        if (known := self._known.get(name)) is not None:
            return known
        return _reveal(self.privacy, name, self.catalogue.find(name)) if self.kinds else NOTHING

    def _any(self) -> Iterable[str]:
        yield from (kind for kind, tools in self.privacy.reveal_to.items() if tools)
        for tool in self.catalogue.entries:
            yield from self.privacy.declared
            yield from (kind for kinds in (tool.takes or {}).values() for kind in kinds & self.privacy.taken)


def _reveal(privacy: Privacy, name: str, tool: Tool | None) -> Reveal:
    named = frozenset(kind for kind, tools in privacy.reveal_to.items() if name in tools)
    if tool is None:
        return Reveal(named) if named else NOTHING
    if tool.takes is not None:
        told = frozenset[str]().union(*tool.takes.values())
        return Reveal(named - told, _only(tool.takes, named | privacy.taken))
    if not privacy.declared or not _WRITES_TO_SOMEBODY.isdisjoint(tool.effects):
        return Reveal(named, wished=privacy.declared)
    if tool.arguments is None:
        return Reveal(named, by_name=privacy.declared, wished=privacy.declared)
    return Reveal(named, _only(tool.declares, privacy.declared), wished=privacy.declared)


def _only(taken: Mapping[FieldPattern, frozenset[str]], kinds: frozenset[str]) -> dict[FieldPattern, frozenset[str]]:
    return {place: some for place, told in taken.items() if (some := told & kinds)}


def _covers(place: FieldPattern, path: Path) -> bool:
    """Whether `path` is at `place`, or beneath it."""
    above = path[: len(place)]
    return len(above) == len(place) and all(
        wanted in {"*", str(segment)} for wanted, segment in zip(place, above, strict=True)
    )
