"""What a session has been told, by whom, and so where a value comes from.

A passage is one text of one source: what the user said, or one field of a tool's response. Where a value stands in
several, the most trusted counts; where only strangers said it, the worst of them.

A stranger's value counts as `referred` when it is what the user pointed at: the look-up was made with something that
the user named, or the record that holds it holds something that the user named, or the look-up itself was made with a
referred value. It does not where the passage orders what the tool is about to do with it, or orders something that the
user never spoke of: then a stranger decides in the user's place. A passage in which an injection was found makes its
values `suspicious`, whoever pointed at it.

Look-ups go through an index of words and keys, so that they cost the same on the thousandth call. The trail is
bounded: when it is full, what it does not hold counts as a stranger's.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.content.origin.named import bounded, is_telling, is_within, terms
from sidecar.content.origin.normal import (
    address,
    dates,
    folded,
    host,
    identifier,
    is_email,
    is_url,
    keys,
    number,
    words,
)
from sidecar.content.origin.places import holds, is_only_one, named_in_order, ordered, wanted_of
from sidecar.content.origin.speech import acts, entrusts, hands_over, spoken, stems, tool_acts
from sidecar.content.origin.values import MAX_VALUES, parts, phrases, references, values
from sidecar.model.origin import STRANGE, Origin, best, worst
from sidecar.model.strict_json import Json

MAX_CHARACTERS: Final = 1 << 19  # of all passages of one session
MAX_PASSAGES: Final = 20_000
LONGEST: Final = 1_536  # characters of one passage; a longer text is several, each a millisecond of work
OVERLAP: Final = 384
MAX_CANDIDATES: Final = 64  # passages that are searched for one value
LEAST_AFFINE: Final = 4  # characters of a term that count inside a longer word
MAX_REQUESTS: Final = 16  # of the user's that are searched for what is wanted of a thing
LEAST_TELLING: Final = 4  # characters of a text that tells by itself where it was taken from
LONGEST_DATE: Final = len("september 30th, 2024 ")
HALF: Final = 2  # at least one in so many phrases of a text is a stranger's: the text is


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One text of a source, as it was written. `record` tells which texts of one response belong together."""

    text: str
    origin: Origin
    record: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The call that a response answers: what it was made with, and whether that was what the user pointed at."""

    is_referred: bool = False
    hosts: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()  # what the user wants done with it: `pay` of `pay the bill in bill.txt`


NOBODY: Final = Asked()
_GRAVE: Final = frozenset({"delete", "pay", "secure"})  # acts that nobody leaves to a text without a word of it
_OWN: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passage:
    origin: Origin
    text: str = field(repr=False)
    is_referred: bool = False
    hosts: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()


@dataclass(slots=True)
class Trail:
    """The passages of one session. Not a value: it grows, and belongs to one session."""

    passages: list[_Passage] = field(default_factory=list)
    terms: frozenset[str] = frozenset()
    _index: dict[str, list[int]] = field(default_factory=dict, repr=False)
    _said: frozenset[str] = frozenset()
    _handed_over: bool = False
    _follows: bool = False
    _entrusted: frozenset[str] = frozenset()
    _requests: list[str] = field(default_factory=list, repr=False)
    _characters: int = 0
    is_full: bool = False

    def user(self, text: str) -> None:
        """Take in what the user said."""
        for _ in self.hearing(text):
            pass

    def hearing(self, text: str) -> Iterator[None]:
        """Do what `user` does, and yield after each step, as `adding` does."""
        named: frozenset[str] = frozenset()
        for piece in _pieces(text):
            named = bounded(named | terms(piece))
            said = folded(piece)
            self._said |= spoken(said)
            self._handed_over |= hands_over(said)
            self._follows |= entrusts(said)
            self._requests = [*self._requests, said][-MAX_REQUESTS:]
            yield
            self._add(_Passage(origin=Origin.USER, text=said))
            yield
        self.terms |= named

    def add(self, said: Sequence[Said], asked: Asked = NOBODY) -> None:
        """Take in the texts of one source: a response to a call, instructions, another agent's message."""
        for _ in self.adding(said, asked):
            pass

    def adding(self, said: Sequence[Said], asked: Asked = NOBODY) -> Iterator[None]:
        """Do what `add` does, and yield after each step of at most LONGEST characters, so that others get a turn."""
        held: list[tuple[Said, str]] = []
        pointed: set[int] = set()
        for each, piece in ((one, piece) for one in said for piece in _pieces(one.text)):
            text = folded(piece)
            held.append((each, text))
            if not asked.is_referred and each.record not in pointed and self._names(text):
                pointed.add(each.record)
            yield
        for each, text in held:
            is_referred = asked.is_referred or each.record in pointed
            if is_referred and self._follows and each.origin is Origin.UNTRUSTED:
                self._entrusted |= stems(text)
            if text:
                passage = _Passage(
                    origin=each.origin, text=text, is_referred=is_referred, hosts=asked.hosts, acts=asked.acts
                )
                self._add(passage)
            yield

    def asking(self, arguments: Json, tool: str) -> Asked:
        """Return what a call of `tool` with `arguments` asks: kept until its response comes."""
        given = [each for each in _bounded(values(arguments)) if isinstance(each, str)]
        hosts = frozenset(host(each) for each in given if is_url(each))
        wanted = frozenset().union(*(wanted_of(said, each) for said in self._requests for each in given))
        return Asked(is_referred=any(self._is_pointed_at(each, tool) for each in given), hosts=hosts, acts=wanted)

    def asked_for(self, tool: str) -> bool:
        """Return whether the user's words speak of what `tool` does, or the text that the user told to follow does."""
        return bool(tool_acts(tool) & acts(self._said | self._entrusted))

    def is_ordered(self, arguments: Json, tool: str) -> bool:
        """Return whether a stranger's passage orders what `tool` does with a text that the user did not name.

        Looked at are all arguments, also those that are no sinks, and the addresses in them: whoever says what is to be
        written to whom decides in the user's place, even where the user wanted something written.
        """
        given = [each for each in _bounded(values(arguments)) if isinstance(each, str)]
        inside = [each for text in given for each in references(text)[:MAX_VALUES] if each != text]
        return any(self._is_dictated(value, tool) for value in [*given, *inside][:MAX_VALUES])

    def _is_dictated(self, value: str, tool: str) -> bool:
        found = self._found(value)
        origin = best(passage.origin for passage in found)
        if origin in _OWN or self._is_affine(value):
            return False
        strange = [passage for passage in found if passage.origin in STRANGE]
        if any(passage.origin is Origin.SUSPICIOUS for passage in strange):
            return len(value) >= LEAST_TELLING
        is_known = origin is not Origin.UNTRUSTED or len(value) < LEAST_TELLING
        return any(self._dictates(passage, value, tool, is_known=is_known) for passage in strange)

    def _dictates(self, passage: _Passage, value: str, tool: str, *, is_known: bool) -> bool:
        """Return whether `passage` orders it; what a tool answers for, too, only where the order itself names it."""
        if self._is_own_link(value, passage) or self._is_entrusted(value, passage, tool):
            return False
        said = named_in_order(value, passage.text) if is_known else ordered(value, passage.text)
        return bool(acts(said) & tool_acts(tool))

    def origin(self, argument: Json, tool: str) -> Origin:
        """Return where the worst of the values in an argument of `tool` comes from."""
        return worst(self._of(value, tool) for value in _bounded(values(argument)))

    def _of(self, value: str | float, tool: str) -> Origin:
        found = self._found(value)
        if found or not isinstance(value, str):
            return self._judged(value, found, tool)
        pieces = parts(value)
        if len(pieces) > 1 or pieces != [value]:
            held = [(piece, self._found(piece)) for piece in pieces[:MAX_VALUES]]
            if all(passages for _, passages in held):
                return worst(self._judged(piece, passages, tool) for piece, passages in held)
        return worst([self._nowhere(), *self._inside(value, tool)])

    def _inside(self, text: str, tool: str) -> Iterator[Origin]:
        """Yield the origins of what a text holds that is nowhere as a whole: its addresses, and what it repeats."""
        for each in references(text)[:MAX_VALUES]:
            if found := self._found(each) or (self._found(host(each)) if is_url(each) else []):
                yield self._judged(each, found, tool)
        runs = phrases(text)[:MAX_VALUES]
        taken = [
            (run, found) for run in runs if (found := self._found(run)) and best(p.origin for p in found) in STRANGE
        ]
        if len(taken) * HALF > len(runs):
            yield worst(self._judged(run, found, tool) for run, found in taken)

    def _nowhere(self) -> Origin:
        return Origin.UNTRUSTED if self.is_full else Origin.MODEL

    def _judged(self, value: str | float, found: Sequence[_Passage], tool: str) -> Origin:
        origin = best(passage.origin for passage in found)
        if origin is None:
            return self._nowhere()
        if origin is not Origin.UNTRUSTED:
            return origin
        if not self._is_affine(value) and any(self._is_ordered(value, passage, tool) for passage in found):
            return Origin.UNTRUSTED
        return Origin.REFERRED if any(passage.is_referred for passage in found) else Origin.UNTRUSTED

    def _is_ordered(self, value: str | float, passage: _Passage, tool: str) -> bool:
        """Return whether the passage orders what `tool` does with the value, or what the user did not speak of."""
        if self._is_own_link(value, passage) or self._is_entrusted(value, passage, tool):
            return False
        said = ordered(value, passage.text)
        return bool(said) and (bool(acts(said) & tool_acts(tool)) or not (self._handed_over or self.asked_for(tool)))

    def _is_entrusted(self, value: str | float, passage: _Passage, tool: str) -> bool:
        """Return whether the user left it to this very text: told to follow it, or to do with it what `tool` does.

        `Pay the bill in bill.txt`: then the bill may say to pay, as long as it names one account, and no other. Who is
        told to follow a text need not follow it to an account or an address.
        """
        if not passage.is_referred:
            return False
        is_place = isinstance(value, str) and bool(identifier(value) or references(value))
        if self._follows and not is_place and not tool_acts(tool) & _GRAVE - acts(self._said):
            return True
        return bool(passage.acts & tool_acts(tool)) and is_only_one(value, passage.text)

    def _is_own_link(self, value: str | float, passage: _Passage) -> bool:
        """Return whether it is a site's link to a page of its own: those are how one gets about there."""
        return isinstance(value, str) and is_url(value) and host(value) in passage.hosts

    def _is_affine(self, value: str | float) -> bool:
        """Return whether the value bears a name that the user gave: `alice@…` where the user said Alice."""
        if not isinstance(value, str):
            return False
        held = frozenset(words(value.replace("_", " ")))
        return any(term in held or (len(term) >= LEAST_AFFINE and term in value) for term in self.terms)

    def _names(self, text: str) -> bool:
        """Return whether a folded text holds something that the user named."""
        held = None
        for term in self.terms:
            if term in text:
                held = frozenset(words(text)) if held is None else held
                if term in held or not term.isalnum():
                    return True
        return False

    def _is_pointed_at(self, value: str, tool: str) -> bool:
        if any(is_within(value, term) for term in self.terms):
            return True
        found = self._found(value)
        if is_telling(value) and any(passage.origin is Origin.USER for passage in found):
            return True
        return self._judged(value, found, tool) is Origin.REFERRED

    def _found(self, value: str | float) -> list[_Passage]:
        """Return the passages that hold the value, in whatever writing."""
        if not isinstance(value, str):
            return [self.passages[at] for at in self._index.get(number(value), ())[:MAX_CANDIDATES]]
        exact = next((key for key in _exact(value) if key in self._index), "")
        if exact:
            return [self.passages[at] for at in self._index[exact][:MAX_CANDIDATES]]
        postings = [self._index.get(word, ()) for word in set(words(value))]
        if not postings or not all(postings):
            return []
        rarest = min(postings, key=len)[:MAX_CANDIDATES]
        return [self.passages[at] for at in rarest if holds(self.passages[at].text, value)]

    def _add(self, passage: _Passage) -> None:
        size = len(passage.text)
        if self._characters + size > MAX_CHARACTERS or len(self.passages) >= MAX_PASSAGES:
            self.is_full = True
            return
        self._characters += size
        at = len(self.passages)
        self.passages.append(passage)
        for key in keys(passage.text).union(words(passage.text)):
            self._index.setdefault(key, []).append(at)


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces that overlap, so that a value at a seam stands whole in one of them."""
    for start in range(0, max(len(text) - OVERLAP, 1), LONGEST - OVERLAP):
        yield text[start : start + LONGEST]


def _exact(value: str) -> Iterator[str]:
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


def _bounded(held: Iterable[str | int | float]) -> list[str | int | float]:
    return [each for each, _ in zip(held, range(MAX_VALUES), strict=False)]
