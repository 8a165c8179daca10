"""The one JSON parser, for tokens, arguments and messages alike.

It reads only what every parser reads alike (RFC 8259 as narrowed by I-JSON, RFC 7493): a sidecar that
checks one value while the tool behind it reads another has checked nothing. Refused are duplicate members
at any depth, NaN and the infinities, numbers that a double cannot hold, lone surrogates, byte order marks,
trailing text, and nesting beyond a depth that is counted before the parser is entered.

What a tool answers may hold the identifiers of 64 bits that databases and chats count by (`WIDE`). An integer is never
rounded here: it crosses digit by digit, rules and schemas see it exactly, and nothing of it goes into RFC 8785's form.
"""

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, NoReturn

from sidecar.errors import JsonError

# A recursive type: JSON as Python's own parser gives it.
Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

MAX_DEPTH: Final = 64
MAX_INTEGER: Final = 2**53 - 1  # RFC 7493, section 2.2: what a double holds exactly
WIDE: Final = range(-(2**63), 2**64)  # what integers of 64 bits hold, with a sign or without
MAX_NUMBER_CHARACTERS: Final = 64  # longer literals cost time to compare and name no number that survives
_WHITE_SPACE: Final = " \t\n\r"  # RFC 8259, section 2; the empty text is part of it, too
_SURE_DIGITS: Final = 15  # any decimal of so many digits survives a double (IEEE 754 binary64)

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,5}", re.ASCII)  # more digits are a member's name: somebody's number
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(octet for octet in range(256) if octet not in b"[]{}")


def parse(text: str, *, max_depth: int = MAX_DEPTH, wide: bool = False) -> Json:
    """Return the one JSON value that `text` is; where `wide`, its integers may have 64 bits.

    Raises `JsonError` with reason json_malformed, json_duplicate_member, json_number, json_surrogate or
    json_depth. Takes linear time.
    """
    if nesting(text, stop=max_depth) > max_depth:
        raise JsonError(f"nested deeper than {max_depth}", reason="json_depth")
    try:
        value = _decoded(text, _WIDE_DECODER if wide else _DECODER)
    except (ValueError, RecursionError):
        raise JsonError("not one JSON value") from None
    check_encodes(text)
    if holds_surrogate_escape(text):
        check_encodes(compact(value))
    return value


def _decoded(text: str, decoder: json.JSONDecoder) -> Json:
    """Return the value that `text` is. What is nothing but the value spares the search for white space around it."""
    if text[:1] not in _WHITE_SPACE:
        value: Json
        value, end = decoder.raw_decode(text)
        if end == len(text):
            return value
    value = decoder.decode(text)
    return value


def compact(value: Json) -> str:
    """Return `value` as JSON without white space: what crosses is written from what was checked."""
    return _ENCODER.encode(value)


def pointer(segments: Sequence[str | int]) -> str:
    """Return the JSON Pointer (RFC 6901, section 3) of a path of keys and indexes."""
    return "".join("/" + str(s).replace("~", "~0").replace("/", "~1") for s in segments)


def members(written: str) -> tuple[str, ...]:
    """Return the names and indexes that a JSON Pointer goes through. Raises `ValueError` where it is none."""
    if written and not written.startswith("/"):
        raise ValueError("expected a JSON Pointer, as /a/0, or /*/id where any member may stand")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in written.split("/")[1:])


def known_part(path: str, names: Collection[str]) -> str:
    """Return the JSON Pointer `path` up to the first segment that is neither one of `names` nor an index.

    What only the payload names is payload: a finding tells the nearest place around it.
    """
    known: list[str] = []
    for segment in path.split("/")[1:]:
        if not _INDEX.fullmatch(segment) and segment.replace("~1", "/").replace("~0", "~") not in names:
            break
        known.append("/" + segment)
    return "".join(known)


def nesting(text: str, *, stop: int) -> int:
    """Return how deep brackets nest outside strings, or a depth beyond `stop` as soon as it is passed.

    Exact for JSON; for anything else no less than the depth at which a parser would stop. Takes at most `stop`
    passes over the brackets.
    """
    if text.count("[") + text.count("{") <= stop:
        return 0  # cannot be deeper; spares the walk for nearly every call
    # Strings end at the next quote once escaped backslashes and quotes are gone, and the rest is every other piece.
    if "\\" in text:
        text = text.replace("\\\\", "").replace('\\"', "")
    outside = "".join(text.split('"')[::2])
    left = outside.encode("utf-8", "surrogatepass").translate(_ONE_KIND, _NO_BRACKETS)
    depth = 0
    while left and depth <= stop:
        inner = left
        left = inner.replace(b"[]", b"")  # the innermost pair of every branch
        if left == inner:
            return depth + left.count(b"[")
        depth += 1
    return depth


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonError("an object names a member twice", reason="json_duplicate_member")
    return members


def _integer(literal: str) -> int:
    if len(literal) <= _SURE_DIGITS:
        return int(literal)
    if len(literal) > MAX_NUMBER_CHARACTERS or abs(value := int(literal)) > MAX_INTEGER:
        raise JsonError("an integer beyond 2^53-1", reason="json_number")
    return value


def _wide_integer(literal: str) -> int:
    if len(literal) > MAX_NUMBER_CHARACTERS or (value := int(literal)) not in WIDE:
        raise JsonError("an integer of more than 64 bits", reason="json_number")
    return value


def _number(literal: str) -> float:
    if len(literal) > MAX_NUMBER_CHARACTERS:
        raise JsonError("a number that does not survive", reason="json_number")
    value = float(literal)
    if math.isinf(value):
        raise JsonError("a number beyond the range of a double", reason="json_number")
    plain = len(literal) <= _SURE_DIGITS and "e" not in literal and "E" not in literal
    if not plain and not _holds(value, literal):
        raise JsonError("a number that a double does not hold", reason="json_number")
    return value


def _constant(_literal: str) -> NoReturn:
    raise JsonError("NaN and Infinity are not JSON", reason="json_number")


def _holds(value: float, literal: str) -> bool:
    try:
        return Decimal(literal) == Decimal(repr(value))
    except InvalidOperation:  # an exponent beyond what a decimal can have
        return False


def holds_surrogate_escape(text: str) -> bool:
    """Return whether a value that `text` says may hold a surrogate though `text` does not."""
    return _SURROGATE_ESCAPE.search(text) is not None


def check_encodes(text: str) -> None:
    """Raise `JsonError` json_surrogate where `text` holds a lone surrogate."""
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise JsonError("a lone surrogate", reason="json_surrogate") from None


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_number, parse_constant=_constant
)
_WIDE_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_wide_integer, parse_float=_number, parse_constant=_constant
)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
