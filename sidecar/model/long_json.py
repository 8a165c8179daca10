"""Reading and writing long JSON in steps: the same value, the same text, and the same refusals as at once.

A megabyte of records takes twenty milliseconds to read and as many to write, which is ten calls of somebody else's.
Choice: a text is cut where its elements end, and the one parser reads some of them at a time. Alternative: a parser of
our own, which would be another reading of the same text. Price: brackets are looked for first, once more.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sidecar.errors import JsonError
from sidecar.model.steps import Steps
from sidecar.model.strict_json import MAX_DEPTH, Json, check_encodes, compact, holds_surrogate_escape, parse

SHORT: Final = 16_384  # characters that are read at once, in less than half a millisecond
WEIGHT: Final = 1_024  # values that are written at once, each long text counted by its length
TEXT: Final = 32  # characters that take as long to write as a value does
LOOKED: Final = 1_024  # signs that are looked at in one step

# What stands before a sign: no signs, and plain strings. A string with an escape, or a long one, is walked through.
_SIGN: Final = re.compile(r'(?:[^"\[\]{},]++|"[^"\\]{0,1024}+")*+["\[\]{},]')
_REST_OF_STRING: Final = re.compile(r'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SPACE: Final = " \t\n\r"


def writing(value: Json) -> Steps[str]:
    """Come to what `compact` returns."""
    parts: list[str] = []
    yield from _writing(value, parts)
    return "".join(parts)


def _writing(value: Json, parts: list[str]) -> Steps[None]:
    if _weight(value) <= WEIGHT or not isinstance(value, dict | list | tuple):
        parts.append(compact(value))
        yield
        return
    is_object = isinstance(value, dict)
    parts.append("{" if is_object else "[")
    start = len(parts)
    for some in _together(value.items() if isinstance(value, dict) else (("", item) for item in value)):
        if len(parts) > start:
            parts.append(",")
        if len(some) == 1:
            if is_object:
                parts.append(compact(some[0][0]) + ":")
            yield from _writing(some[0][1], parts)
        else:
            parts.append(compact(dict(some) if is_object else [item for _, item in some])[1:-1])
            yield
    parts.append("}" if is_object else "]")


def _together(members: Iterable[tuple[str, Json]]) -> Iterator[list[tuple[str, Json]]]:
    """Yield `members`, so many at once as are not too heavy together."""
    some: list[tuple[str, Json]] = []
    weight = 0
    for name, member in members:
        more = _weight(member) + len(name) // TEXT
        if some and weight + more > WEIGHT:
            yield some
            some, weight = [], 0
        some.append((name, member))
        weight += more
    if some:
        yield some


def _weight(value: Json) -> int:
    """Return what it takes to write `value`, or a number beyond `WEIGHT`."""
    weight, waiting = 0, [value]
    while waiting and weight <= WEIGHT:
        item = waiting.pop()
        weight += 1
        if isinstance(item, str):
            weight += len(item) // TEXT
        elif isinstance(item, dict):
            weight += len(item)
            waiting += item.values() if len(item) <= WEIGHT else ()
        elif isinstance(item, list | tuple):
            weight += len(item) if len(item) > WEIGHT else 0
            waiting += item if len(item) <= WEIGHT else ()
    return weight


def reading(text: str, *, max_depth: int = MAX_DEPTH, wide: bool = False) -> Steps[Json]:
    """Come to what `parse` returns. Raises as `parse`; of several faults of one text it may name another one."""
    if len(text) <= SHORT or text.lstrip(_SPACE)[:1] not in {"[", "{"}:
        return parse(text, max_depth=max_depth, wide=wide)
    value = yield from _Reader(text, max_depth, wide=wide).reading()
    if holds_surrogate_escape(text):
        check_encodes((yield from writing(value)))
    yield
    check_encodes(text)
    return value


@dataclass(slots=True)
class _Open:
    """An array or object whose end is still to come, at `at`; what stands before `start` is in `value`."""

    at: int
    start: int
    value: list[Json] | dict[str, Json]
    comma: int = -1  # the last one, behind `start`
    is_apart: bool = False  # its elements are read some at a time; else it is read with what is around it
    is_between: bool = False  # where a comma or the end is to come: what stands before `start` was apart


class _Reader:
    """Reads one array or object, of which so many elements are parsed at once as are `SHORT` together."""

    def __init__(self, text: str, max_depth: int, *, wide: bool) -> None:
        self._text = text
        self._max_depth = max_depth
        self._wide = wide
        self._open: list[_Open] = []

    def reading(self) -> Steps[Json]:
        """Come to the value. Raises `JsonError`."""
        at, looked = 0, 0
        while found := _SIGN.match(self._text, at):
            at = found.end()
            if (sign := self._text[at - 1]) == '"':
                at = self._behind_string(at)
            elif sign == ",":
                if self._at_comma(at - 1):
                    yield
            elif sign in "[{":
                self._opened(at - 1)
            elif self._closed(at - 1):
                yield
            if not self._open:
                return self._whole(at)
            looked += 1
            if not looked % LOOKED:
                yield
        raise _malformed()

    def _whole(self, at: int) -> Json:
        if self._text[at:].strip(_SPACE):
            raise _malformed()
        return self._root.value

    def _behind_string(self, at: int) -> int:
        """Return where the string ends that begins before `at`."""
        if (rest := _REST_OF_STRING.match(self._text, at)) is None:
            raise _malformed()
        return rest.end()

    def _opened(self, at: int) -> None:
        value: list[Json] | dict[str, Json] = [] if self._text[at] == "[" else {}
        self._open.append(_Open(at, at + 1, value))
        if len(self._open) == 1:
            self._root = self._open[0]
            self._root.is_apart = True
            self._check_blank(0, at)
        elif len(self._open) > self._max_depth:
            raise JsonError(f"nested deeper than {self._max_depth}", reason="json_depth")
        elif self._open[-2].is_between:
            raise _malformed()

    def _at_comma(self, at: int) -> bool:
        """Take note of a comma; return whether something was parsed."""
        inmost = self._open[-1]
        inmost.comma = at
        if inmost.is_between:
            self._check_blank(inmost.start, at)
            inmost.start, inmost.is_between = at + 1, False
        elif at - inmost.start >= SHORT:
            self._part(len(self._open) - 1)
            self._take(inmost, at)
            return True
        return False

    def _closed(self, at: int) -> bool:
        """Take note of a closing bracket; return whether something was parsed."""
        inmost = self._open.pop()
        if (self._text[at] == "]") != isinstance(inmost.value, list):
            raise _malformed()
        if not inmost.is_apart:
            return False
        if inmost.is_between:
            self._check_blank(inmost.start, at)
        elif inmost.value or self._text[inmost.start : at].strip(_SPACE):
            self._take(inmost, at)
        if self._open:
            around = self._open[-1]
            self._put(around, self._key(around, inmost.at), inmost.value)
            around.start, around.is_between = at + 1, True
        return True

    def _part(self, depth: int) -> None:
        """See that what is open down to `depth` is read apart: what stands before each of it is parsed now."""
        for around, inner in pairwise(self._open[: depth + 1]):
            if not inner.is_apart:
                if around.comma >= around.start:
                    self._take(around, around.comma)
                inner.is_apart = True

    def _take(self, one: _Open, end: int) -> None:
        """Parse the elements of `one` up to `end`. Raises `JsonError`."""
        part = self._text[one.start : end]
        one.start = end + 1
        if isinstance(one.value, list):
            items = parse(f"[{part}]", max_depth=self._max_depth, wide=self._wide)
            if not isinstance(items, list) or not items:
                raise _malformed()
            one.value += items
            return
        members = parse(f"{{{part}}}", max_depth=self._max_depth, wide=self._wide)
        if not isinstance(members, dict) or not members:
            raise _malformed()
        for name, member in members.items():
            self._put(one, name, member)

    def _key(self, around: _Open, end: int) -> str:
        """Return the name of the member whose value begins at `end`; an element has none."""
        if isinstance(around.value, list):
            self._check_blank(around.start, end)
            return ""
        member = parse(f"{{{self._text[around.start : end]}0}}")
        if not isinstance(member, dict) or len(member) != 1:
            raise _malformed()
        (name,) = member
        return str(name)

    def _put(self, around: _Open, name: str, value: Json) -> None:
        if isinstance(around.value, list):
            around.value.append(value)
        elif name in around.value:
            raise JsonError("an object names a member twice", reason="json_duplicate_member")
        else:
            around.value[name] = value

    def _check_blank(self, start: int, end: int) -> None:
        if self._text[start:end].strip(_SPACE):
            raise _malformed()


def _malformed() -> JsonError:
    return JsonError("not one JSON value")
