"""What do the texts of one record tell of each other: does it name what the user named, who answers in it, who is paid?

A stranger may write into any field of a record: what one of them says counts for what stands in the others.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.normal import homes, identifier, is_url
from sidecar.content.origin.passages import Passage, Piece, orders_of
from sidecar.content.origin.places import MAX_PAYEES, is_account, is_only_one, payees, sentences_of
from sidecar.content.origin.pointing import DESCRIBED, chosen, time_of
from sidecar.content.origin.said import Asked, Said
from sidecar.content.origin.values import references
from sidecar.model.origin import STRANGE, Origin

TITLE: Final = 60  # characters of a text by which people call what has an id
LEAST_TITLE: Final = 4
MAX_TITLES: Final = 8  # of one record; one with more calls many things
MAX_BESIDE: Final = 16  # passages of a record that are looked at; what is longer says too much to mean one thing
_KNOWN: Final = frozenset({Origin.TRUSTED, Origin.USER, Origin.INSTRUCTIONS})  # fields that the tool answers for


@dataclass(slots=True)
class Records:
    """The records of one response, by their numbers. `names`: whether a text holds what the user named.

    `pays`: the user has something paid. `described`: how many words of a description of the user's some texts have.
    """

    asked: Asked
    names: Callable[[str], bool]
    answer: int = 0
    pays: bool = False
    described: Callable[[Iterable[str]], int] | None = None
    tongues: frozenset[str] = frozenset()  # in which the user writes
    leaves_account: bool = False  # he has something paid into an account that some text tells
    _seen: set[int] = field(default_factory=set)
    _pointed: set[int] = field(default_factory=set)
    _homes: dict[int, frozenset[str]] = field(default_factory=dict)
    _titles: dict[int, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _accounts: dict[int, frozenset[str]] = field(default_factory=dict, repr=False)
    _payees: dict[int, frozenset[str]] = field(default_factory=dict, repr=False)
    _texts: dict[int, list[str]] = field(default_factory=dict, repr=False)
    _times: dict[int, str] = field(default_factory=dict, repr=False)
    _by: set[int] = field(default_factory=set)
    _calling: dict[str, int] = field(default_factory=dict, repr=False)
    _shared: set[str] = field(default_factory=set, repr=False)
    _said: dict[int, list[Piece]] = field(default_factory=dict, repr=False)

    def hear(self, said: Said, text: str) -> None:
        """Take in a folded piece of one of the texts, all of them before the first passage is made."""
        record = said.record
        self._seen.add(record)
        is_known = said.origin in _KNOWN
        if is_known and (home := homes(text)):
            self._homes[record] = self._homes.get(record, frozenset()) | home
        if (record not in self._pointed or is_known) and self.names(text):
            self._pointed.add(record)
            self._by |= {record} if is_known else set()
        if self.asked.ends and record not in self._times and (time := time_of(text)):
            self._times[record] = time
        if self.described and not self._pointed:
            self._texts.setdefault(record, []).append(text)
        titles = self._titles.get(record, ())
        if LEAST_TITLE <= len(text) <= TITLE and any(map(str.isalpha, text)) and len(titles) <= MAX_TITLES:
            self._titles[record] = (*titles, text)
            if is_known and self._calling.setdefault(text, record) != record:
                self._shared.add(text)
        if self.pays and len(text) <= TITLE and is_account(key := identifier(text)):
            self._accounts[record] = self._accounts.get(record, frozenset()) | {key}
        if (self.asked.acts or self.pays) and said.origin in STRANGE:
            held = self._payees.get(record, frozenset())
            self._payees[record] = held if len(held) > MAX_PAYEES else held | payees(text)

    def heard(self) -> None:
        """Take in that all was heard: now it can be told which of them is the newest."""
        for end in self.asked.ends:
            meant = chosen(end, sorted(self._seen), self._times)
            self._pointed |= set() if meant is None else {meant}
        if self.described and not self._pointed and not self.asked.is_referred:
            self._pointed |= self._like(self.described)

    def _like(self, described: Callable[[Iterable[str]], int]) -> set[int]:
        """Return the record that is more like a description than every other one, if there is one."""
        found = {record: described(texts) for record, texts in self._texts.items()}
        most = max(found.values(), default=0)
        best = {record for record, words in found.items() if words == most}
        return best if most >= DESCRIBED and len(best) == 1 else set()

    def is_followed(self, said: Said) -> bool:
        """Return whether a user who follows what was pointed at means this one: it is by whom he named, if any is."""
        if self.asked.through and said.record not in self._pointed:
            return False
        return self.is_referred(said) and (not self._by or said.record in self._by)

    def is_referred(self, said: Said) -> bool:
        """Return whether the user pointed at the record of this text, or at what the whole response is about."""
        return self.asked.is_referred or said.record in self._pointed

    def passage(self, said: Said, text: str, lines: tuple[int, ...]) -> Passage:
        """Return the passage of a folded piece. What is wanted of one of several is wanted of those pointed at."""
        record, asked = said.record, self.asked
        is_meant = record in self._pointed or len(self._seen) == 1
        passage = Passage(
            origin=Origin.UNTRUSTED if self._is_expected(said, text) else said.origin,
            text=text,
            is_referred=self.is_referred(said),
            is_meant=is_meant,
            is_followed=self.is_followed(said),
            is_by=record in self._by,
            is_led=bool(asked.led),
            answer=self.answer,
            record=record,
            hosts=asked.hosts,
            homes=asked.homes | self._homes.get(record, frozenset()),
            acts=asked.acts if is_meant else frozenset(),
            whom=asked.whom if is_meant and asked.acts else frozenset(),
            payees=self._payees.get(record, frozenset()),
            accounts=self._accounts.get(record, frozenset()),
            lines=lines,
            tongues=self.tongues,
            called=self._called(record) if said.origin is Origin.TRUSTED and _is_id(text) else (),
            beside=self._said.setdefault(record, []) if is_meant and asked.acts else [],
        )
        if said.origin in STRANGE:
            passage.beside.append(Piece(text, lines, self.tongues))
        return passage

    def _is_expected(self, said: Said, text: str) -> bool:
        """Return whether a text seems to give orders, and does what the user expects of it: it says into which account.

        It is by the one whom he named, and names nobody and nothing else that something could go to.
        """
        if said.origin is not Origin.SUSPICIOUS or not self.leaves_account or said.record not in self._by:
            return False
        return not references(text) and is_only_one(0, self._payees.get(said.record, frozenset()))

    def _called(self, record: int) -> tuple[str, ...]:
        """Return what people call a record: nothing that the tool says of several, as of their state or channel."""
        titles = self._titles.get(record, ())
        return titles if len(titles) > MAX_TITLES else tuple(each for each in titles if each not in self._shared)


def _is_id(text: str) -> bool:
    """Return whether a folded text tells nobody what it stands for: `v25`."""
    return len(text) <= TITLE and " " not in text and any(map(str.isdigit, text)) and not ("@" in text or is_url(text))


def titles(value: str | float, found: Iterable[Passage]) -> frozenset[str]:
    """Return what people call the thing that a tool lists under just this value, an id; `found` are those that hold it.

    A record with MAX_TITLES or more has none.
    """
    listed = (each.called for each in found if each.called and each.text == str(value))
    return frozenset(title for called in listed if len(called) <= MAX_TITLES for title in called) - {str(value)}


def is_one_order(passage: Passage, done: Deed) -> bool:
    """Return whether strangers order the deed in one sentence of its record, and so mean one thing by it."""
    if len(passage.beside) > MAX_BESIDE:
        return False
    return sum(len(sentences_of(each.text, each.lines, orders_of(each, done)[1])) for each in passage.beside) == 1
