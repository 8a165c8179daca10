"""The texts of a body, and the body with other texts in their places.

What comes out has the shape of what went in: the same members and elements in the same order, and every
string is still one. A number that is replaced becomes a string: there is no number that says "redacted". A
member whose name is replaced keeps its value, and where two names become one they are told apart by `_2`,
`_3`, ...: nothing is lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.model.strict_json import Json, pointer

Path = tuple[str | int, ...]

MIN_DIGITS: Final = 7  # in a number: a telephone number without its area has as many
MAX_DIGITS: Final = 20  # beyond them a double holds no digits to recognise
MAX_LEAD: Final = 64  # characters of a member's name that are shown to the detector before its value

MAX_LED: Final = 64  # characters of a value that does not say by itself what it is about


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of a body: a string, a number as it is written, or (`is_name`) the name of a member.

    `lead` is the name of the member that holds it: it says what the text is about, and is no part of it.
    """

    path: Path
    text: str
    lead: str = ""
    is_name: bool = False
    is_number: bool = False

    @property
    def asked(self) -> str:
        """The text as a detector is asked about it: a short value behind its `lead`, prose as it is."""
        return f"{self.lead}: {self.text}" if self.lead and len(self.text) <= MAX_LED else self.text


def pieces(body: Json) -> Iterator[Piece]:
    """Yield every text of `body`, outermost first, in order. The nesting of `body` is bounded by who parsed it.

    Left out is what can hold no datum: texts without a letter or digit, true, false, null, numbers that are
    short or have a fraction. Left out, too, are names that are identifiers of a program (`user_id`): that one
    may be a person's (`Ada`) is the price for not asking about every name of every object.
    """
    return _walk(body, (), "")


def rewrite(body: Json, texts: Mapping[Path, str], names: Mapping[Path, str]) -> Json:
    """Return `body` with `texts` in the places of values, and `names` (see `renamed`) in those of members' names."""
    return _rewritten(body, (), texts, names)


def renamed(body: Json, names: Mapping[Path, str]) -> dict[Path, str]:
    """Return `names` with each made unique within its object."""
    return dict(_unique(body, (), names)) if names else {}


def place(path: Path, names: Mapping[Path, str]) -> str:
    """Return the JSON Pointer of `path` in the rewritten body: the datum in a member's name is not in it."""
    if not names:
        return pointer(path)
    return pointer([names.get(path[: i + 1], segment) for i, segment in enumerate(path)])


def is_identifier(text: str) -> bool:
    """Whether `text` is shaped like a name in a program: one word without spaces and digits."""
    is_word = len(text) <= MAX_LEAD and text.replace("-", "_").replace(".", "_").isidentifier()
    return is_word and not any(map(str.isdigit, text))


def _walk(value: Json, path: Path, lead: str) -> Iterator[Piece]:
    match value:
        case str():
            if any(map(str.isalnum, value)):
                yield Piece(path, value, lead)
        case bool() | None:
            return
        case int() | float():
            if MIN_DIGITS <= len(text := _whole(value)) <= MAX_DIGITS:
                yield Piece(path, text, lead, is_number=True)
        case Mapping():
            for name, member in value.items():
                if not is_identifier(name) and any(map(str.isalnum, name)):
                    yield Piece((*path, name), name, is_name=True)
                yield from _walk(member, (*path, name), name[:MAX_LEAD])
        case _:
            for index, item in enumerate(value):
                yield from _walk(item, (*path, index), lead)


def _whole(value: float) -> str:
    return str(abs(int(value))) if value == int(value) else ""


def _rewritten(value: Json, path: Path, texts: Mapping[Path, str], names: Mapping[Path, str]) -> Json:
    match value:
        case Mapping():
            return {
                names.get((*path, name), name): _rewritten(member, (*path, name), texts, names)
                for name, member in value.items()
            }
        case Sequence() if not isinstance(value, str):
            return [_rewritten(item, (*path, i), texts, names) for i, item in enumerate(value)]
        case _:
            return texts.get(path, value)


def _unique(value: Json, path: Path, names: Mapping[Path, str]) -> Iterator[tuple[Path, str]]:
    match value:
        case Mapping():
            taken = {name for name in value if (*path, name) not in names}
            counts: dict[str, int] = {}  # without it, n equal names would take n² steps
            for name, member in value.items():
                here = (*path, name)
                if wanted := names.get(here):
                    yield here, _free(wanted, taken, counts)
                yield from _unique(member, here, names)
        case Sequence() if not isinstance(value, str):
            for i, item in enumerate(value):
                yield from _unique(item, (*path, i), names)
        case _:
            return


def _free(wanted: str, taken: set[str], counts: dict[str, int]) -> str:
    name = wanted
    while name in taken:
        counts[wanted] = counts.get(wanted, 1) + 1
        name = f"{wanted}_{counts[wanted]}"
    taken.add(name)
    return name
