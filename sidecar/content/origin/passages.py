"""One text of one source as it is looked up: what it orders, its pieces, and the keys under which it stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple

from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.normal import (
    LONGEST_DATE,
    address,
    dates,
    homes,
    host,
    identifier,
    is_email,
    is_url,
    number,
)
from sidecar.content.origin.speech import ADDRESSED, MAX_READ, Order, done_in, orders
from sidecar.content.origin.tongues import unread
from sidecar.model.origin import Origin

LONGEST: Final = 1_536  # characters of one passage; a longer text is several, each a millisecond of work
OVERLAP: Final = 384
MAX_BESIDE: Final = 256  # passages of one answer that are looked at


class Ordered(IntEnum):
    """Whether a stranger orders a deed.

    `WITH_THIS`: by the name of a thing that a tool lists, or of what is published, and the user did not name it.
    """

    NOT = 0
    SO = 1
    WITH_THIS = 2


class Piece(NamedTuple):
    """What tells what a folded text orders.

    Passages know those beside them as these, and not each other: a session that ends leaves no garbage.
    """

    text: str
    lines: tuple[int, ...]  # where they begin
    tongues: frozenset[str]  # in which the user writes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passage:
    """One text, folded. `hosts` and `acts` are those of the call it answers.

    `is_referred`: the user pointed at it, or at all that the call asked for; `is_meant`: at its own record, or it is
    the only one; `is_followed`: its record is what a user means who says to follow it; `is_by`: by what a tool answers
    for, it is by or of what the user named; `is_led`: a stranger told to look for it. `answer` and `record` tell which
    ones came with it, and in which part.
    """

    origin: Origin
    text: str = field(repr=False)
    is_referred: bool = False
    is_meant: bool = False
    is_followed: bool = False
    is_by: bool = False
    is_led: bool = False
    answer: int = 0
    record: int = 0
    hosts: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()
    payees: frozenset[str] = frozenset()  # keys of the accounts and addresses in its record, where something is wanted
    whom: frozenset[str] = frozenset()  # stems of what was asked, where the user wants it paid
    accounts: frozenset[str] = frozenset()  # keys of those that are a field of its record, where the user pays
    homes: frozenset[str] = frozenset()  # domains of those whom the tool answers for in its record
    lines: tuple[int, ...] = ()  # where lines begin
    tongues: frozenset[str] = frozenset()  # in which the user writes, whatever is ordered in them
    called: tuple[str, ...] = ()  # of what a tool answers for: short texts of its record, by which people call it
    beside: list[Piece] = field(default_factory=list, repr=False)  # its record's, where something is wanted of it

    def is_at_home(self, value: str | float) -> bool:
        """Return whether it is a site's link to a page of its own, or its or a sender's own address, pointed at."""
        if not isinstance(value, str) or not (self.hosts or self.homes):
            return False
        if is_url(value):
            return host(value) in self.hosts or (self.is_referred and _lies_in(host(value), self.homes))
        return self.is_referred and is_email(value) and not homes(value).isdisjoint(self.hosts | self.homes)


def _lies_in(site: str, homes: frozenset[str]) -> bool:
    """Return whether a host is one of these domains, or below it."""
    return any(site == home or site.endswith(f".{home}") for home in homes)


def orders_in(passage: Passage, done: Deed) -> tuple[tuple[Order, ...], tuple[Order, ...]]:
    """Return what the passage orders, and what of it is the deed."""
    return orders_of(Piece(passage.text, passage.lines, passage.tongues), done)


@lru_cache(MAX_READ)
def orders_of(piece: Piece, done: Deed) -> tuple[tuple[Order, ...], tuple[Order, ...]]:
    """Return what the piece orders, and what of it is the deed."""
    found = orders(piece.text, piece.lines, done.own)
    meant = [one for one in found if done.is_ordered_in(frozenset(one[1]))]
    told: list[Order] = [(at, (verb,)) for at, verb in done_in(piece.text, piece.lines) if done.is_in({verb})]
    told += [(at, (ADDRESSED,)) for at in unread(piece.text, piece.tongues)]
    told += called_as_programs_do(piece.text, done)
    return (*found, *told), (*meant, *told)


def called_as_programs_do(text: str, done: Deed) -> Iterator[Order]:
    """Yield as orders to a machine where a folded text names the deed's tool as only programs write it: `send_mail`."""
    at = text.find(done.written) if done.written else -1
    while at >= 0:
        yield at, (ADDRESSED,)
        at = text.find(done.written, at + len(done.written))


def is_chosen(order: Passage, found: Iterable[Passage]) -> bool:
    """Return whether it is a stranger's choice in an `order` for what was `found`, which a tool lists.

    It is unless the user meant the order's own record, or where that is one of the list, and the thing another.
    """
    beside = (each for each in found if each.origin is Origin.TRUSTED and each.answer == order.answer)
    return not order.is_meant or any(each.record != order.record for each in beside)


def is_one_of_several(found: Iterable[Passage], origin: Origin, told: Sequence[Passage]) -> bool:
    """Return whether what counts as the user's own was only found for his words, and others were found beside it.

    `told` are all passages, in the order in which they came: those of one answer lie together.
    """
    own = [each for each in found if each.origin is origin]
    return bool(own) and all(
        each.answer
        and any(
            other.answer == each.answer and other.origin is origin and other.record != each.record
            for other in told[each.answer : each.answer + MAX_BESIDE]
        )
        for each in own
    )


def pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces that overlap, so that a value at a seam stands whole in one of them."""
    for start in range(0, max(len(text) - OVERLAP, 1), LONGEST - OVERLAP):
        yield text[start : start + LONGEST]


def exact_keys(value: str) -> Iterator[str]:
    """Yield the keys under which a folded value stands wherever it is written, in whatever way."""
    if is_email(value):
        yield f"e:{value}"
    elif is_url(value):
        yield f"u:{address(value)}"
        if address(value) == host(value):
            yield f"h:{host(value)}"
    elif key := identifier(value):
        yield key
    if any(map(str.isdigit, value)):
        yield number(value) or "-"
        if len(value) <= LONGEST_DATE:
            yield from dates(value)


def newest(held: dict[str, None], more: Iterable[str], most: int) -> None:
    """Put `more` behind what is held, and forget of it what was said longest ago, down to `most`."""
    for each in sorted(more):
        held.pop(each, None)
        held[each] = None
    while len(held) > most:
        del held[next(iter(held))]
