"""Which predicates does a crossing meet? An index by boundary, tool and effect, and one expression for many.

A predicate is met only by the crossings that it can be true of: by boundary, and by the tools or the effect that it
requires. Those that are met together are one CEL expression, `a || b || …`, which is false only when each of them is
false: in the ordinary case, where none holds, one evaluation tells. Otherwise each is asked. Predicates that look at
facts are together with those of their own pack only: a fact's name means another one in another pack.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, Generic, Protocol, TypeVar

from cel_expr_python import cel

from sidecar.model.crossing import Boundary
from sidecar.policy.catalogue import Tool
from sidecar.policy.expressions import ExpressionError, Program, Terms, program

MAX_TOGETHER: Final = 16  # predicates in one expression: keeps it far below the limits of CEL's parser


class Predicate(Protocol):
    """What is met: where, when, and by which expression that is."""

    @property
    def pack(self) -> str:
        """The pack that it is from."""

    @property
    def on(self) -> frozenset[Boundary]:
        """The boundaries at which it is asked."""

    @property
    def text(self) -> str:
        """The expression."""

    @property
    def program(self) -> Program:
        """The expression, compiled."""

    @property
    def terms(self) -> Terms:
        """What must hold of the tool for it to be true."""


P = TypeVar("P", bound=Predicate)


@dataclass(frozen=True, slots=True)
class Group(Generic[P]):
    """Predicates that are met together, and the one expression that tells whether any of them needs to be asked."""

    pack: str  # whose facts it looks at
    held: tuple[tuple[int, P], ...]
    any: Program

    def asked(self, given: cel.Activation) -> list[tuple[int, P, bool | None]]:
        """Return those that hold, and with None those that err; each with its position."""
        together = self.any.holds(given)
        if together is False:
            return []
        if len(self.held) == 1:
            return [(*self.held[0], together)]
        judged = [(position, one, one.program.holds(given)) for position, one in self.held]
        return [each for each in judged if each[2] is not False]


@dataclass(frozen=True, slots=True)
class Look(Generic[P]):
    """What a crossing meets of one pack, and the names and facts that this looks at."""

    pack: str
    groups: tuple[Group[P], ...]
    names: frozenset[str]
    facts: frozenset[str]


class Index(Generic[P]):
    """All predicates of one kind, found by what crosses."""

    def __init__(self, all_: Sequence[P] = ()) -> None:
        self._rows = {
            boundary: _Row([(n, one) for n, one in enumerate(all_) if boundary in one.on]) for boundary in Boundary
        }

    def met(self, boundary: Boundary, name: str, tool: Tool | None) -> tuple[Look[P], ...]:
        """Return what a crossing meets at `boundary`, pack by pack; `tool` is the catalogue's entry for `name`."""
        return self._rows[boundary].met(name, tool)

    def read(self, boundary: Boundary) -> frozenset[str]:
        """Return every name that something at `boundary` looks at, whatever the tool."""
        return frozenset[str]().union(*(group.any.names for group in self._rows[boundary].all))


class _Row(Generic[P]):
    """The predicates of one boundary: those for any tool, for one tool, for tools with one effect."""

    def __init__(self, numbered: Sequence[tuple[int, P]]) -> None:
        general: list[tuple[int, P]] = []
        by_tool: dict[str, list[tuple[int, P]]] = {}
        by_effect: dict[str, list[tuple[int, P]]] = {}
        for position, one in numbered:
            if one.terms.tools is not None:
                for name in one.terms.tools:
                    by_tool.setdefault(name, []).append((position, one))
            elif one.terms.effects:
                by_effect.setdefault(min(one.terms.effects), []).append((position, one))
            else:
                general.append((position, one))
        self._general = _groups(general)
        self._by_tool = {name: _groups(part) for name, part in by_tool.items()}
        self._by_effect = {effect: _groups(part) for effect, part in by_effect.items()}
        self._met: dict[tuple[str, tuple[str, ...]], tuple[Look[P], ...]] = {}  # as many as the catalogue has tools

    @property
    def all(self) -> list[Group[P]]:
        parts = [self._general, *self._by_tool.values(), *self._by_effect.values()]
        return [group for groups in parts for group in groups]

    def met(self, name: str, tool: Tool | None) -> tuple[Look[P], ...]:
        kind = name if name in self._by_tool else "", tool.effects if tool else ()
        met = self._met.get(kind)
        if met is None:
            met = self._met[kind] = _looks(self._found(*kind))
        return met

    def _found(self, name: str, effects: Iterable[str]) -> list[Group[P]]:
        groups = [*self._general, *self._by_tool.get(name, ())]
        for effect in effects:
            groups += self._by_effect.get(effect, ())
        return groups


def _looks(groups: Sequence[Group[P]]) -> tuple[Look[P], ...]:
    """Return `groups` pack by pack; those that look at no facts are of whichever comes first."""
    if not groups:
        return ()
    first, *others = dict.fromkeys(group.pack for group in groups if group.pack) or ("",)
    looks = []
    for pack in (first, *others):
        mine = tuple(group for group in groups if group.pack == pack or (pack == first and not group.pack))
        names, facts = (group.any.names for group in mine), (group.any.facts for group in mine)
        looks.append(Look(pack, mine, frozenset[str]().union(*names), frozenset[str]().union(*facts)))
    return tuple(looks)


def _groups(numbered: Sequence[tuple[int, P]]) -> tuple[Group[P], ...]:
    by_pack: dict[str, list[tuple[int, P]]] = {}
    for position, one in numbered:
        by_pack.setdefault(one.pack if one.program.facts else "", []).append((position, one))
    return tuple(group for pack, held in by_pack.items() for part in _parts(held) for group in _together(pack, part))


def _parts(numbered: Sequence[tuple[int, P]]) -> Iterable[Sequence[tuple[int, P]]]:
    return (numbered[at : at + MAX_TOGETHER] for at in range(0, len(numbered), MAX_TOGETHER))


def _together(pack: str, held: Sequence[tuple[int, P]]) -> tuple[Group[P], ...]:
    try:
        return (Group(pack, tuple(held), program(*(one.text for _, one in held))),)
    except ExpressionError:  # each is within the limits of CEL's parser, all together are too long
        return tuple(Group(pack, (each,), each[1].program) for each in held)


def asked(
    looks: Sequence[Look[P]], given: Callable[[str, frozenset[str], frozenset[str]], cel.Activation]
) -> list[tuple[P, bool | None]]:
    """Return which predicates of `looks` hold (True) or err (None), in the order that they were given in.

    `given` makes what they look at: of a pack, the names and the facts that are wanted. It is asked once for each pack.
    """
    found: list[tuple[int, P, bool | None]] = []
    for look in looks:
        activation = given(look.pack, look.names, look.facts)
        for group in look.groups:
            found += group.asked(activation)
    return [(one, held) for _, one, held in sorted(found, key=itemgetter(0))]
