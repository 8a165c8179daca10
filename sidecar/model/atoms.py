"""What one argument may be: the atoms that constraints are built from (identity-spec 2.7.3).

An atom accepts a JSON value or does not; `within` says whether everything that one atom accepts is accepted by
another. It may say no where the answer is yes, never the other way round. Equality is that of RFC 8785: 1 is
1.0, true is not 1, the order of members is nothing. There are no regular expressions: whether one lies within
another cannot be decided in practice.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.model.strict_json import Json

FORBIDDEN_IN_PATHS: Final = ("\\", "\x00", "%")
MAX_HOST: Final = 253  # RFC 1035, section 2.3.4, in text without the final dot

_FORBIDDEN: Final = re.compile("[" + re.escape("".join(FORBIDDEN_IN_PATHS)) + "]")
_DETOURS: Final = frozenset({"", ".", ".."})
_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


def canonical(value: Json) -> Hashable:
    """Return a key that two values share exactly where their RFC 8785 texts are the same."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, int | float):
        return value  # Python compares and hashes 1 and 1.0 alike, and an integer within 2^53-1 exactly
    if isinstance(value, Mapping):
        return ("object", frozenset((name, canonical(member)) for name, member in value.items()))
    return ("array", tuple(canonical(item) for item in value))


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of the listed values; `exact` is a list of one."""

    values: tuple[Json, ...] = field(compare=False)
    keys: frozenset[Hashable] = field(init=False)

    def __post_init__(self) -> None:
        """Index the values once; `accepts` is on the way of every tool call."""
        object.__setattr__(self, "keys", _keys(self.values))

    def accepts(self, value: Json) -> bool:
        return canonical(value) in self.keys


@dataclass(frozen=True, slots=True)
class NotOneOf:
    """Anything but the listed values."""

    values: tuple[Json, ...] = field(compare=False)
    keys: frozenset[Hashable] = field(init=False)

    def __post_init__(self) -> None:
        """Index the values once."""
        object.__setattr__(self, "keys", _keys(self.values))

    def accepts(self, value: Json) -> bool:
        return canonical(value) not in self.keys


@dataclass(frozen=True, slots=True)
class Contains:
    """An array in which each of the listed values occurs."""

    values: tuple[Json, ...] = field(compare=False)
    keys: frozenset[Hashable] = field(init=False)

    def __post_init__(self) -> None:
        """Index the values once."""
        object.__setattr__(self, "keys", _keys(self.values))

    def accepts(self, value: Json) -> bool:
        return isinstance(value, list | tuple) and self.keys <= _keys(value)


@dataclass(frozen=True, slots=True)
class Subset:
    """An array that holds nothing but the listed values."""

    values: tuple[Json, ...] = field(compare=False)
    keys: frozenset[Hashable] = field(init=False)

    def __post_init__(self) -> None:
        """Index the values once."""
        object.__setattr__(self, "keys", _keys(self.values))

    def accepts(self, value: Json) -> bool:
        return isinstance(value, list | tuple) and _keys(value) <= self.keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A number between bounds; None is no bound."""

    low: float | None = None
    high: float | None = None
    low_inclusive: bool = True
    high_inclusive: bool = True

    def accepts(self, value: Json) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.low is not None and (value < self.low or (value == self.low and not self.low_inclusive)):
            return False
        return self.high is None or value < self.high or (value == self.high and self.high_inclusive)


@dataclass(frozen=True, slots=True)
class PathUnder:
    """An absolute path that is a folder or lies in it, written without detours: nothing is repaired."""

    folder: str

    def accepts(self, value: Json) -> bool:
        return isinstance(value, str) and is_plain_path(value) and _is_under(value, self.folder)


@dataclass(frozen=True, slots=True)
class HostIn:
    """A host name that one of the patterns covers."""

    patterns: frozenset[str]

    def accepts(self, value: Json) -> bool:
        return isinstance(value, str) and is_plain_host(value) and covered(value, self.patterns)


@dataclass(frozen=True, slots=True)
class MaxLength:
    """A string of at most so many characters."""

    characters: int

    def accepts(self, value: Json) -> bool:
        return isinstance(value, str) and len(value) <= self.characters


Atom = OneOf | NotOneOf | Contains | Subset | Range | PathUnder | HostIn | MaxLength


def within(child: Atom, parent: Atom) -> bool:  # noqa: PLR0911 - one line per kind of atom
    """Return whether it is certain that `parent` accepts everything that `child` accepts."""
    match child, parent:
        case OneOf(), _:
            return all(parent.accepts(value) for value in child.values)
        case NotOneOf(), NotOneOf():
            return child.keys >= parent.keys
        case Contains(), Contains():
            return child.keys >= parent.keys
        case Subset(), Subset():
            return child.keys <= parent.keys
        case Range(), Range():
            return range_within(child, parent)
        case PathUnder(), PathUnder():
            return _is_under(child.folder, parent.folder)
        case HostIn(), HostIn():
            return all(covered(pattern, parent.patterns) for pattern in child.patterns)
        case MaxLength(), MaxLength():
            return child.characters <= parent.characters
        case _:
            return False


def range_within(child: Range, parent: Range) -> bool:
    """Return whether every number of `child` is one of `parent`."""
    low = parent.low is None or (
        child.low is not None
        and (child.low > parent.low or (child.low == parent.low and (parent.low_inclusive or not child.low_inclusive)))
    )
    return low and (
        parent.high is None
        or (
            child.high is not None
            and (
                child.high < parent.high
                or (child.high == parent.high and (parent.high_inclusive or not child.high_inclusive))
            )
        )
    )


def covered(host: str, patterns: Iterable[str]) -> bool:
    """Return whether a host, or a pattern, lies under one of `patterns`: itself, or `*.x` for what ends in `.x`.

    `*.x` covers neither `x` nor `evilx`.
    """
    return any(host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:])) for pattern in patterns)


def is_plain_host(text: str) -> bool:
    """Return whether `text` is a host name in lower case, without port, final dot or empty label."""
    return len(text) <= MAX_HOST and _HOST.fullmatch(text) is not None


def is_plain_path(text: str) -> bool:
    """Return whether `text` is an absolute path that every reader resolves alike."""
    if text == "/":
        return True
    if not text.startswith("/") or _FORBIDDEN.search(text):
        return False
    return _DETOURS.isdisjoint(text[1:].split("/"))


def _is_under(path: str, folder: str) -> bool:
    return folder in {"/", path} or path.startswith(folder + "/")


def _keys(values: Iterable[Json]) -> frozenset[Hashable]:
    return frozenset(map(canonical, values))
