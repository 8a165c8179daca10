"""A checked CEL expression as a tree, so that the loader can see what a rule speaks of.

The runtime hands its syntax tree out only as a serialised `cel.expr.CheckedExpr`. Reading its few messages from
the wire format (protobuf encoding, "varint" and "length-delimited" records) takes fewer lines than shipping
generated code for them, and names no version of it.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

# Numbers of fields in google.protobuf.Any and cel.expr.CheckedExpr, and kinds of records on the wire.
_ANY_VALUE, _CHECKED_EXPR = 2, 4
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_MORE: Final = 0x80  # set on every byte of a varint but the last

Wire = dict[int, list["int | bytes"]]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: null, a boolean, a number, a string or bytes."""

    value: bool | int | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name, declared or bound by a macro."""

    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.member`, or `has(operand.member)` when `presence`."""

    operand: "Expr"
    member: str
    presence: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator on its arguments, the receiver first."""

    function: str
    arguments: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class Items:
    """A list literal, or the keys and values of a map literal in turn."""

    items: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A macro such as `exists`: `name` takes each value in `over`; `parts` is the rest, in which it is bound."""

    name: str
    over: "Expr"
    parts: "tuple[Expr, ...]"


Expr = Constant | Identifier | Select | Call | Items | Comprehension


def read(serialized: bytes) -> Expr:
    """Return the tree in a serialised expression (`Expression.serialize()` of cel-expr-python).

    Raises `ValueError` where it holds what this reader does not know.
    """
    checked = _message(_bytes(_message(serialized), _ANY_VALUE))
    return _expr(_bytes(checked, _CHECKED_EXPR))


def walk(expr: Expr) -> Iterator[Expr]:
    """Yield `expr` and everything below it."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(below(node))


def below(node: Expr) -> "tuple[Expr, ...]":
    """Return what stands directly below `node`."""
    match node:
        case Select(operand=operand):
            return (operand,)
        case Call(arguments=arguments):
            return arguments
        case Items(items=items):
            return items
        case Comprehension(over=over, parts=parts):
            return (over, *parts)
        case _:
            return ()


def _expr(raw: bytes) -> Expr:
    fields = _message(raw)
    for number, build in _KINDS.items():
        if number in fields:
            return build(_message(_bytes(fields, number)))
    raise ValueError("an expression of a kind that is not known")


def _constant(part: Wire) -> Constant:
    number, (*_, value) = next(iter(part.items()))
    match number, value:
        case 1, _:
            return Constant(None)
        case 2 | 3 | 4, int():
            signed = value - (1 << 64) if value >> 63 and number == 3 else value  # noqa: PLR2004 - int64_value
            return Constant(bool(value) if number == 2 else signed)  # noqa: PLR2004 - bool_value
        case 5, int():
            return Constant(float(struct.unpack("<d", value.to_bytes(8, "little"))[0]))
        case 6 | 7, bytes():
            return Constant(value.decode() if number == 6 else value)  # noqa: PLR2004 - string_value
    raise ValueError("a constant of a kind that is not known")


def _identifier(part: Wire) -> Identifier:
    return Identifier(_text(part, 1))


def _select(part: Wire) -> Select:
    return Select(_expr(_bytes(part, 1)), _text(part, 2), presence=bool(part.get(3)))


def _call(part: Wire) -> Call:
    return Call(_text(part, 2), tuple(_expr(each) for each in [*_all(part, 1), *_all(part, 3)]))


def _list(part: Wire) -> Items:
    return Items(tuple(_expr(each) for each in _all(part, 1)))


def _struct(part: Wire) -> Items:
    entries = [_message(entry) for entry in _all(part, 2)]
    return Items(tuple(_expr(each) for entry in entries for number in (3, 4) for each in _all(entry, number)))


def _comprehension(part: Wire) -> Comprehension:
    parts = tuple(_expr(each) for number in (4, 5, 6, 7) for each in _all(part, number))
    return Comprehension(_text(part, 1), _expr(_bytes(part, 2)), parts)


# By the number of the field in cel.expr.Expr.
_KINDS: Final[Mapping[int, Callable[[Wire], Expr]]] = {
    3: _constant,
    4: _identifier,
    5: _select,
    6: _call,
    7: _list,
    8: _struct,
    9: _comprehension,
}


def _message(raw: bytes) -> Wire:
    """Return the records of one protobuf message by field number, in order."""
    fields: Wire = {}
    at = 0
    while at < len(raw):
        key, at = _varint(raw, at)
        kind = key & 7
        value: int | bytes
        if kind == _VARINT:
            value, at = _varint(raw, at)
        elif kind in {_FIXED64, _FIXED32}:
            size = 8 if kind == _FIXED64 else 4
            value, at = int.from_bytes(raw[at : at + size], "little"), at + size
        elif kind == _LENGTH:
            size, at = _varint(raw, at)
            value, at = raw[at : at + size], at + size
        else:
            raise ValueError("a record of a kind that is not known")
        fields.setdefault(key >> 3, []).append(value)
    return fields


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < _MORE:
            return value, at


def _bytes(fields: Wire, number: int) -> bytes:
    return _all(fields, number)[-1]


def _all(fields: Wire, number: int) -> list[bytes]:
    return [value for value in fields.get(number, []) if isinstance(value, bytes)]


def _text(fields: Wire, number: int) -> str:
    return (_all(fields, number) or [b""])[-1].decode()
