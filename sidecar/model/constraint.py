"""How a constraint on one argument is written, and its normal form (identity-spec 2.7.3).

A constraint as written is a tree: `all` and `any` over atoms. Its normal form is a conjunction of disjunctions of
atoms; in that form "narrower" is transitive and the meet of two constraints is both lists together.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from sidecar.errors import ScopeError
from sidecar.model.atoms import (
    Atom,
    Contains,
    HostIn,
    MaxLength,
    NotOneOf,
    OneOf,
    PathUnder,
    Range,
    Subset,
    is_plain_host,
    is_plain_path,
    within,
)
from sidecar.model.strict_json import Json, pointer

MAX_DEPTH: Final = 8  # of `all` and `any` in each other
MAX_NODES: Final = 1024  # constraints of one scope, nested ones included
MAX_STEPS: Final = 200_000  # atom comparisons of one "is it narrower"; milliseconds
MAX_CLAUSES: Final = 256  # of one normal form: `any` of `all` multiplies out
MAX_ATOMS: Final = 4096  # of one normal form
MAX_EGRESS: Final = 256  # host patterns of one list

Clause = tuple[Atom, ...]
Path = tuple[str | int, ...]


@dataclass(slots=True)
class Budget:
    """Work left for one document or one comparison."""

    left: int

    def spend(self, amount: int = 1) -> None:
        """Take `amount`. Raises `ScopeError` limit_scope_size when there is no more."""
        self.left -= amount
        if self.left < 0:
            raise ScopeError("the scope is too large: name fewer constraints", reason="limit_scope_size")


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Anything."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """An atom as written; `exact` keeps apart what the AAT table keeps apart."""

    atom: Atom
    exact: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every part accepts."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part accepts."""

    parts: tuple["Node", ...]


Node = Wildcard | Leaf | All | AnyOf


@dataclass(frozen=True, slots=True)
class Constraint:
    """A conjunction of disjunctions of atoms. No clause at all is "anything"."""

    clauses: tuple[Clause, ...] = ()

    def accepts(self, value: Json) -> bool:
        """Return whether `value` may be passed."""
        for clause in self.clauses:
            for atom in clause:
                if atom.accepts(value):
                    break
            else:
                return False
        return True


ANYTHING: Final = Constraint()
_NOBODY: Final[frozenset[str]] = frozenset()


def narrower_constraint(child: Constraint, parent: Constraint, budget: Budget) -> bool:
    """Return whether `child` is certain to accept nothing that `parent` refuses.

    Sound, reflexive and transitive; linear in the product of both sizes.
    """
    return all(any(_clause_within(c, p, budget) for c in child.clauses) for p in parent.clauses)


def both(a: Constraint, b: Constraint) -> Constraint:
    """Return what `a` and `b` both accept. Raises `ScopeError` limit_scope_size."""
    budget = Budget(MAX_STEPS)
    kept: list[Clause] = []
    for clause in (*a.clauses, *b.clauses):
        if any(_clause_within(other, clause, budget) for other in kept):
            continue  # says nothing that is not said already
        kept = [other for other in kept if not _clause_within(clause, other, budget)]
        kept.append(clause)
    return _bounded(kept)


def normal(node: Node) -> Constraint:
    """Return the normal form of a constraint as written. Raises `ScopeError` limit_scope_size."""
    match node:
        case Leaf(atom):
            return Constraint(((atom,),))
        case Wildcard():
            return ANYTHING
        case All(parts):
            return _bounded([clause for part in parts for clause in normal(part).clauses])
    return _disjunction([normal(part).clauses for part in node.parts])


def _disjunction(parts: list[tuple[Clause, ...]]) -> Constraint:
    count = 1
    for clauses in parts:
        count *= len(clauses)
        if count > MAX_CLAUSES:
            raise ScopeError("`any` over `all` is too large when multiplied out", reason="limit_scope_size")
    return _bounded([tuple(dict.fromkeys(a for clause in chosen for a in clause)) for chosen in product(*parts)])


def _bounded(clauses: list[Clause]) -> Constraint:
    unique = tuple(dict.fromkeys(clauses))
    if len(unique) > MAX_CLAUSES or sum(map(len, unique)) > MAX_ATOMS:
        raise ScopeError("a constraint is too large: name fewer alternatives", reason="limit_scope_size")
    return Constraint(unique)


def _clause_within(child: Clause, parent: Clause, budget: Budget) -> bool:
    budget.spend(len(child) * len(parent))
    return all(any(within(c, p) for p in parent) for c in child)


# ---- how it is written -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Reading:
    """One document being read: which types it may name, and how many constraints are left."""

    extensions: bool  # our own atoms: in our own entry only, since AAT registers its types with IANA
    budget: Budget = field(default_factory=lambda: Budget(MAX_NODES))


def parse_constraint(value: Json, reading: Reading, path: Path = (), depth: int = 1) -> Node:
    """Return the tree that `value` writes; `optional` is the caller's to take off first.

    Raises `ScopeError` with reason scope_malformed, scope_unknown_type, scope_unknown_member,
    limit_constraint_depth or limit_scope_size.
    """
    if depth > MAX_DEPTH:
        raise ScopeError(
            f"constraints nest deeper than {MAX_DEPTH}", reason="limit_constraint_depth", path=pointer(path)
        )
    reading.budget.spend()
    body = dict(expect_object(value, path))
    kind = body.pop("constraint_type", None)
    if not isinstance(kind, str):
        raise ScopeError("a constraint needs `constraint_type`", reason="scope_unknown_type", path=pointer(path))
    if kind in {"all", "any"}:
        parts = tuple(
            parse_constraint(part, reading, (*path, "constraints", i), depth + 1)
            for i, part in enumerate(_items(_only(body, ("constraints",), path)["constraints"], path))
        )
        return All(parts) if kind == "all" else AnyOf(parts)
    read = (_OURS if reading.extensions else _DRAFT).get(kind)
    if read is None:
        raise ScopeError("a constraint_type is not known", reason="scope_unknown_type", path=pointer(path))
    return read(body, path)


def expect_object(value: Json, path: Path) -> Mapping[str, Json]:
    """Return `value` if it is an object. Raises `ScopeError` scope_malformed."""
    if type(value) is not dict and not isinstance(value, Mapping):  # the first is all that a parser makes, and quick
        raise ScopeError("must be an object", path=pointer(path))
    return value


def expect_count(value: Json, path: Path) -> int:
    """Return `value` if it is a whole number from 0 up. Raises `ScopeError` scope_malformed."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ScopeError("must be a whole number from 0 up", path=pointer(path))
    return value


def expect_names(value: Json, path: Path) -> frozenset[str]:
    """Return `value` as a set if it is an array of strings that are not empty. Raises `ScopeError`."""
    if not isinstance(value, list | tuple):
        raise ScopeError("must be an array of strings", path=pointer(path))
    if not value:
        return _NOBODY
    names = [item for item in value if isinstance(item, str) and item]
    if len(names) != len(value):
        raise ScopeError("must be an array of strings", path=pointer(path))
    return frozenset(names)


def expect_hosts(value: Json, path: Path) -> frozenset[str]:
    """Return `value` as a set of host patterns: `api.example` or `*.example`. Raises `ScopeError`."""
    names = expect_names(value, path)
    if len(names) > MAX_EGRESS:
        raise ScopeError(f"more than {MAX_EGRESS} host patterns", reason="limit_scope_size", path=pointer(path))
    for name in names:
        if not is_plain_host(name.removeprefix("*.")):
            raise ScopeError("must be host names in lower case, or `*.` before one", path=pointer(path))
    return names


def refuse_others(body: Mapping[str, Json], known: Collection[str], path: Path) -> None:
    """Raise `ScopeError` scope_unknown_member where `body` has a member that is not known."""
    for name in body:
        if name not in known:
            raise ScopeError("a member is not known", reason="scope_unknown_member", path=pointer(path))


def _only(body: Mapping[str, Json], names: tuple[str, ...], path: Path) -> Mapping[str, Json]:
    refuse_others(body, names, path)
    if len(body) != len(names):
        raise ScopeError(f"needs {', '.join(f'`{name}`' for name in names)}", path=pointer(path))
    return body


def _items(value: Json, path: Path, least: int = 1) -> Sequence[Json]:
    if not isinstance(value, list | tuple) or len(value) < least:
        raise ScopeError("must be an array that is not empty" if least else "must be an array", path=pointer(path))
    return value


def _exact(body: Mapping[str, Json], path: Path) -> Node:
    return Leaf(OneOf((_only(body, ("value",), path)["value"],)), exact=True)


def _exact_scalar(body: Mapping[str, Json], path: Path) -> Node:
    """AAT knows no `exact` object or array: other verifiers refuse the chain that holds one."""
    if isinstance(body.get("value"), Mapping | list | tuple):
        raise ScopeError("`value` must be a string, a number, true, false or null", path=pointer(path))
    return _exact(body, path)


def _values(make: Callable[[tuple[Json, ...]], Atom], member: str, least: int = 0) -> "Reader":
    return lambda body, path: Leaf(make(tuple(_items(_only(body, (member,), path)[member], path, least))))


def _range(body: Mapping[str, Json], path: Path) -> Node:
    refuse_others(body, ("min", "max", "min_inclusive", "max_inclusive"), path)
    (low, low_inclusive), (high, high_inclusive) = _bound(body, "min", path), _bound(body, "max", path)
    if low is not None and high is not None and low > high:
        raise ScopeError("`min` is above `max`", path=pointer(path))
    return Leaf(Range(low=low, high=high, low_inclusive=low_inclusive, high_inclusive=high_inclusive))


def _bound(body: Mapping[str, Json], name: str, path: Path) -> tuple[float | None, bool]:
    """Return a bound, None where there is none, and whether it is within the range."""
    flag = f"{name}_inclusive"
    if name not in body and flag not in body:
        return None, True
    value, inclusive = body.get(name), body.get(flag, True)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScopeError("a bound must be a number", path=pointer(path))
    if not isinstance(inclusive, bool):
        raise ScopeError("must be true or false", path=pointer(path))
    return value, inclusive


def _wildcard(body: Mapping[str, Json], path: Path) -> Node:
    _only(body, (), path)
    return Wildcard()


def _path_under(body: Mapping[str, Json], path: Path) -> Node:
    folder = _only(body, ("dir",), path)["dir"]
    if not isinstance(folder, str) or not is_plain_path(folder):
        raise ScopeError("`dir` must be an absolute path without `..`, `%` or a final slash", path=pointer(path))
    return Leaf(PathUnder(folder))


def _host_in(body: Mapping[str, Json], path: Path) -> Node:
    patterns = expect_hosts(_only(body, ("patterns",), path)["patterns"], path)
    if not patterns:
        raise ScopeError("must be an array that is not empty", path=pointer(path))
    return Leaf(HostIn(patterns))


def _max_len(body: Mapping[str, Json], path: Path) -> Node:
    return Leaf(MaxLength(expect_count(_only(body, ("max",), path)["max"], path)))


Reader = Callable[[Mapping[str, Json], Path], Node]

# Which types an AAT entry may name, well-formed as the draft has it (its section 3.4), and which our own may.
_DRAFT: Final[Mapping[str, Reader]] = {
    "exact": _exact_scalar,
    "range": _range,
    "one_of": _values(OneOf, "values", least=1),
    "not_one_of": _values(NotOneOf, "excluded"),
    "contains": _values(Contains, "required"),
    "subset": _values(Subset, "allowed"),
    "wildcard": _wildcard,
}
_OURS: Final[Mapping[str, Reader]] = {
    **_DRAFT,
    "exact": _exact,
    "path_under": _path_under,
    "host_in": _host_in,
    "max_len": _max_len,
}
