"""The texts of a body, and the body with other texts in their places.

What comes out has the shape of what went in: the same members and elements in the same order, and every
string is still one. A number that is replaced becomes a string: there is no number that says "redacted". A
member whose name is replaced keeps its value, and where two names become one they are told apart by `_2`,
`_3`, ...: nothing is lost.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.model.steps import BATCH, Steps
from sidecar.model.strict_json import Json, pointer

Path = tuple[str | int, ...]

_CODE: Final = re.compile(
    r"(?:^|[_ .-]|(?<=[a-z])(?=[A-Z]))(?i:pin(?:[_ -]?code)?|pass[_ -]?code|cv[vc]2?|plz|zip(?:[_ -]?code)?"
    r"|post(?:al)?[_ -]?code|postleitzahl)$"
)

MIN_DIGITS: Final = 7  # in a number: a telephone number without its area has as many
SHORTEST_CODE: Final = 3  # digits of what its member's name tells to be a code: on the back of a card
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


def rewriting(body: Json, texts: Mapping[Path, str], names: Mapping[Path, str]) -> Steps[Json]:
    """Come to `body` with `texts` in the places of values, and `names` (see `renaming`) in those of members' names.

    What nothing is replaced in is the same object.
    """
    within = yield from _around((*texts, *names))
    return (yield from _rewritten(body, (), within, texts, names))


def renaming(body: Json, names: Mapping[Path, str]) -> Steps[dict[Path, str]]:
    """Come to `names` with each made unique within its object."""
    unique: dict[Path, str] = {}
    if names:
        within = yield from _around(names)
        yield from _unique(body, (), within, names, unique)
    return unique


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
            least = SHORTEST_CODE if path and _CODE.search(lead) else MIN_DIGITS
            if least <= len(text := _whole(value)) <= MAX_DIGITS:
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


def _around(paths: Iterable[Path]) -> Steps[set[Path]]:
    """Come to the paths of all that holds what stands at `paths`."""
    within: set[Path] = set()
    for number, path in enumerate(paths, 1):
        above = path[:-1]
        while path and above not in within:
            within.add(above)
            path, above = above, above[:-1]  # noqa: PLW2901 - up to the root
        if not number % BATCH:
            yield
    return within


def _rewritten(
    value: Json, path: Path, within: set[Path], texts: Mapping[Path, str], names: Mapping[Path, str]
) -> Steps[Json]:
    if isinstance(value, str) or path not in within:
        return texts.get(path, value)
    is_object = isinstance(value, Mapping)
    members: dict[str, Json] = {}
    items: list[Json] = []
    for number, (key, member) in enumerate(_held(value), 1):
        here = (*path, key)
        new = (yield from _rewritten(member, here, within, texts, names)) if here in within else texts.get(here, member)
        if is_object:
            members[names.get(here, str(key))] = new
        else:
            items.append(new)
        if not number % BATCH:
            yield
    return members if is_object else items


def _held(value: Json) -> Iterable[tuple[str | int, Json]]:
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _unique(
    value: Json, path: Path, within: set[Path], names: Mapping[Path, str], unique: dict[Path, str]
) -> Steps[None]:
    is_object = isinstance(value, Mapping)
    taken: set[str | int] = set()
    for number, (key, _) in enumerate(_held(value) if is_object else (), 1):
        if (*path, key) not in names:
            taken.add(key)
        if not number % BATCH:
            yield
    counts: dict[str, int] = {}  # without it, n equal names would take n² steps
    for number, (key, member) in enumerate(_held(value), 1):
        here = (*path, key)
        if is_object and (wanted := names.get(here)):
            unique[here] = _free(wanted, taken, counts)
        if here in within:
            yield from _unique(member, here, within, names, unique)
        if not number % BATCH:
            yield


def _free(wanted: str, taken: set[str | int], counts: dict[str, int]) -> str:
    name = wanted
    while name in taken:
        counts[wanted] = counts.get(wanted, 1) + 1
        name = f"{wanted}_{counts[wanted]}"
    taken.add(name)
    return name
