"""What a session has been told, by whom, and so where a value comes from.

A passage is one text of one source: what the user said, or one field of a tool's response. Where a value stands in
several, the most trusted counts; where only strangers said it, the worst of them.

A stranger's value counts as `referred` when it is what the user pointed at: the look-up was made with something that
the user named, or the record that holds it holds something that the user named, or the look-up itself was made with a
referred value. It does not where the passage orders what the tool is about to do with it, or orders something that the
user never spoke of: then a stranger decides in the user's place. A passage in which an injection was found makes its
values `suspicious`, whoever pointed at it.

The trail is bounded: when it is full, what it does not hold counts as a stranger's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.content.origin.choosing import NONE_LED, is_chosen_by_strangers, led_by, looked_up_through
from sidecar.content.origin.deciding import decides, is_entrusted, is_passed_on, smuggled
from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.dictating import spells_out
from sidecar.content.origin.index import FEW, Index
from sidecar.content.origin.mere import is_merely_told
from sidecar.content.origin.named import NOTHING_NAMED, Named, affine, bounded, is_telling, terms, things
from sidecar.content.origin.normal import by_lines, folded, host, identifier, is_day, is_url, words
from sidecar.content.origin.passages import Ordered, Passage, is_chosen, is_one_of_several, newest, orders_in, pieces
from sidecar.content.origin.places import BY_TEXT, is_account, is_code, named_in_order, ordered
from sidecar.content.origin.reaching import is_left
from sidecar.content.origin.records import Records, titles
from sidecar.content.origin.said import NOBODY, Asked, Said
from sidecar.content.origin.sown import Sown
from sidecar.content.origin.urging import Heard, urging
from sidecar.content.origin.values import MAX_VALUES, Given, first_values, is_id, is_place, parts, phrases, references
from sidecar.content.origin.wanted import Wanted
from sidecar.model.origin import STRANGE, Origin, best, worst
from sidecar.model.steps import Steps, finished
from sidecar.model.strict_json import Json

MAX_CHARACTERS: Final = 1 << 19  # of all passages of one session
MAX_PASSAGES: Final = 20_000
MAX_PHRASES: Final = 256  # of one argument that are looked up
LEAST_PHRASES: Final = 4  # of each of its texts
MAX_REFERENCES: Final = 64  # addresses within one text
TITLE: Final = 60  # characters of a text that says what a record is about
LONGEST_TITLE: Final = 240  # with the addresses in it
MAX_TERMS: Final = 1_024  # that the user named, of one session; what is forgotten is nobody's word for anything
MAX_SUSPICIOUS: Final = 64  # passages that are searched for orders, whatever they are about
LEAST_DIGITS: Final = 3  # of a number that tells by itself
LEAST_TELLING: Final = 4  # characters of a text that tells by itself where it was taken from
HALF: Final = 2  # at least one in so many phrases of a text is a stranger's: the text is
_OWN: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS})


@dataclass(slots=True)
class Trail:
    """The passages of one session. Not a value: it grows, and belongs to one session."""

    terms: dict[str, None] = field(default_factory=dict)
    things: frozenset[str] = frozenset()
    wanted: Wanted = field(default_factory=Wanted)
    index: Index = field(default_factory=Index)
    sown: Sown = field(default_factory=Sown)
    given: Given = field(default_factory=Given, repr=False)
    _heard: Heard = field(default_factory=Heard, repr=False)
    _named: Named = NOTHING_NAMED
    _suspicious: list[Passage] = field(default_factory=list, repr=False)
    _characters: int = 0
    is_full: bool = False

    def user(self, text: str) -> None:
        """Take in what the user said."""
        finished(self.hearing(text))

    def hearing(self, text: str) -> Steps[None]:
        """Do what `user` does, and yield after each step, as `adding` does."""
        named: frozenset[str] = frozenset()
        for piece in pieces(text):
            named = bounded(named | terms(piece))
            yield
            said = folded(piece)
            self.things = bounded(self.things | things(said))
            yield
            yield from self.wanted.hearing(said)
            yield from self._adding(Passage(origin=Origin.USER, text=said))
            yield
        newest(self.terms, named, MAX_TERMS)
        self._named = Named.of(self.terms)

    def add(self, said: Sequence[Said], asked: Asked = NOBODY) -> None:
        """Take in the texts of one source: a response to a call, instructions, another agent's message."""
        finished(self.adding(said, asked))

    def adding(self, said: Sequence[Said], asked: Asked = NOBODY) -> Steps[None]:
        """Do what `add` does, and yield after each step: no look at LONGEST characters takes half a millisecond."""
        self.sown.sow(asked.sown)
        held: list[tuple[Said, str, tuple[int, ...]]] = []
        points, tongues = self.wanted.pointing.describing, self.wanted.tongues
        pays = self.wanted.pays or self.wanted.leaves_address or bool(self.wanted.roles)
        leaves = pays and self.wanted.leaves_account
        records = Records(asked, self._names, len(self.index.passages), pays, points, tongues, leaves)
        room = MAX_CHARACTERS - self._characters
        for each, piece in ((one, piece) for one in said for piece in pieces(one.text)):
            if len(piece) > room:  # of a long text most would be folded for nothing
                self.is_full = True
                continue
            text, lines = by_lines(piece)
            room -= len(text)
            held.append((each, text, lines))
            if each.origin not in STRANGE and asked.whom and is_account(identifier(text)):
                self.wanted.pay(asked.whom)
            records.hear(each, text)
            yield
        records.heard()
        held.reverse()
        while held:  # let go of one by one
            each, text, lines = held.pop()
            if self.wanted.follows and each.origin is Origin.UNTRUSTED and records.is_followed(each):
                self.wanted.entrust(text)
            if text:
                yield from self._adding(records.passage(each, text, lines))
            yield

    def taken(self, said: Sequence[Said]) -> Sequence[Said]:
        """Return what of `said` is worth a look: all, but of a full trail only what it has room for still."""
        return said if not self.is_full else [one for one in said if len(one.text) <= MAX_CHARACTERS - self._characters]

    def asking(self, arguments: Json, done: Deed, *, acts: bool = False) -> Steps[Asked]:
        """Come to what a call of this deed with `arguments` asks: kept until its response comes."""
        hosts, sites = set[str](), set[str]()
        ends, is_paid = self.wanted.pointing.ends(done), self.wanted.pointing.has_paid(done)
        wanted = set[str]().union(*map(self.wanted.left_to, ends))
        wanted |= BY_TEXT if is_paid else frozenset()
        is_referred = is_paid or self.wanted.pointing.keeps(done)
        is_told = bool(self.index.passages or self.terms)  # else there is nothing that could be pointed at
        given, leaves_acts = self.given.of(arguments), self.wanted.leaves_acts  # asked once: a call has many values
        for at, each in enumerate(given):
            if isinstance(each, str):
                if is_url(each):
                    hosts.add(host(each))
                    sites |= {host(each)} if "://" in each else set()
                wanted |= self.wanted.left_to(each) if leaves_acts else frozenset()
            if not at % FEW:
                yield
            if is_told and not is_referred:
                found = self.index.find(each.lstrip("@#") if isinstance(each, str) else each)
                is_referred = (yield from self._is_pointed_at(each, done, found)) if found else self._is_named(each)
            wanted |= self.index.left_with(each) if leaves_acts and is_referred else frozenset()
        is_led = self._heard.is_any and not acts
        led = (yield from led_by(given, self.wanted, self.index, self.terms, done)) if is_led else NONE_LED
        return Asked(
            is_referred=is_referred and not led,
            hosts=frozenset(hosts),
            homes=frozenset(sites),
            acts=frozenset(wanted),
            whom=self.wanted.whom(given, ends) if wanted or self.wanted.pays else frozenset(),
            ends=frozenset(ends.values()),
            led=led,
            through=looked_up_through(given, self.index, self._is_named) if self.wanted.follows else NONE_LED,
        )

    def ordering(self, arguments: Json, done: Deed) -> Steps[Ordered]:
        """Come to whether a stranger's passage orders this deed with something that the user did not name.

        Where an injection was found, it need not name anything. Looked at are all arguments and the addresses in them:
        whoever says what is to be written to whom decides in the user's place, also where the user wanted to write.
        """
        found = Ordered.NOT
        if not self._heard.is_any:
            return found
        given = [each for each in self.given.of(arguments) if isinstance(each, str) or self._heard.tells(each)]
        passes_on = self.wanted.leaves and "send" in done.acts  # asked once: a call has many values
        for text in [each for each in given if isinstance(each, str) and "." in each]:  # as each address has
            if len(given) >= MAX_VALUES:
                break
            if passes_on and self._is_passed_on(text, done):
                continue
            given += [each for each in references(text)[:MAX_VALUES] if each != text]
            yield
        standing = yield from self.index.standing(given[:MAX_VALUES])
        for value, held in standing:
            dictated = yield from self._dictated(value, done, held)
            found = max(found, dictated, (yield from self._called(value, done, held)))
        is_filed = not found and any(is_id(value) for value, _ in standing)
        if is_filed and (yield from spells_out(arguments, done, self.wanted, self.index, self._is_own)):
            return Ordered.WITH_THIS
        for passage in self._suspicious:
            if found or orders_in(passage, done)[1]:
                return found or Ordered.SO
            yield
        return found

    def _is_own(self, value: str | float) -> Steps[bool]:
        """Come to whether the user said it, or the tools' instructions did, or it bears a name that the user gave."""
        if any(each.origin in _OWN for each in self._sources(value, self.index.find(value))):
            return True
        yield
        return (yield from affine(value, self.terms))

    def _is_passed_on(self, text: str, done: Deed) -> bool:
        """Return whether a text is what the user wants told of somebody's words: addresses in it are no choice."""
        return not is_url(text) and any(
            each.origin is Origin.UNTRUSTED and is_passed_on(self.wanted, text, each, done)
            for each in self.index.find(text)
        )

    def urging(self, arguments: Json, done: Deed) -> Steps[bool]:
        """Come to whether a stranger's text speaks of the deed, or names something that it is done with."""
        if not self._heard.is_any:
            return self.is_full
        return self.is_full or (yield from urging(arguments, done, self._heard.said, self.index.origins))

    def choosing(self, arguments: Json, done: Deed) -> Steps[bool]:
        """Come to whether only strangers name where something goes, or what it is done to."""
        return (yield from is_chosen_by_strangers(arguments, self.index, self.terms, self.wanted, done))

    def _dictated(self, value: str | float, done: Deed, found: list[Passage]) -> Steps[Ordered]:
        if not (strange := [passage for passage in found if passage.origin in STRANGE]):
            return Ordered.NOT
        origin = best(passage.origin for passage in self._sources(value, found))
        is_known_day = origin is Origin.TRUSTED and is_day(str(value))  # as today is
        if is_one := origin in _OWN and is_one_of_several(found, origin, self.index.passages):
            origin = Origin.TRUSTED  # which of them is nobody's word yet
        if is_known_day or origin in _OWN or (yield from affine(value, self.terms)):
            return Ordered.NOT
        if any(passage.origin is Origin.SUSPICIOUS for passage in strange):
            return Ordered.SO if len(str(value)) >= LEAST_TELLING else Ordered.NOT
        is_known = origin is not Origin.UNTRUSTED or len(str(value)) < LEAST_TELLING
        for passage in strange:
            if self._dictates(passage, value, done, is_known=is_known, is_vouched=origin is not Origin.UNTRUSTED):
                is_listed = origin is Origin.TRUSTED and (is_one or is_chosen(passage, found))
                return Ordered.WITH_THIS if is_listed or "upload" in done.acts else Ordered.SO
            yield
        return Ordered.NOT

    def _called(self, value: str | float, done: Deed, listed: list[Passage]) -> Steps[Ordered]:
        """Come to whether a stranger orders the deed with what a tool lists under this id, by what it is called."""
        is_own = self.sown.has_made(value) or any(each.origin in _OWN for each in listed)
        for title in titles(value, listed) if not is_own else ():
            for each in self.index.find(title) if not self.wanted.calls(title, done) else ():
                if each.origin not in STRANGE or each.text == title or (each.is_meant and self.wanted.leaves_to(done)):
                    continue
                if self._dictates(each, title, done, is_known=True, is_vouched=True):
                    return Ordered.WITH_THIS if is_chosen(each, listed) else Ordered.SO
                yield
        return Ordered.NOT

    def _dictates(self, passage: Passage, value: str | float, done: Deed, *, is_known: bool, is_vouched: bool) -> bool:
        """Return whether `passage` orders it; what a tool answers for, too, only where the order itself names it."""
        if not (given := orders_in(passage, done)[1]) or passage.is_at_home(value):
            return False
        if is_entrusted(self.wanted, value, passage, done, is_known=is_vouched):
            return False
        if done.verifies and is_code(value, passage.text) and self.wanted.is_asked(done):
            return False  # who has something done means the code by which the house asks whether it was he
        is_sum = not isinstance(value, str) and len(str(value)) >= LEAST_DIGITS
        if is_sum and passage.is_referred and (self.wanted.speaks_of(done) or self.wanted.may_be_asked_for(done)):
            return False  # who asks to settle what a text tells of means its sums
        if is_known and not (
            "delete" in done.meant and is_id(value)
        ):  # what is gone is gone: the sentence before counts
            return bool(named_in_order(value, passage.text, given))
        return bool(ordered(value, passage.text, given, passage.lines))

    def tracing(self, argument: Json, done: Deed, kind: str = "") -> Steps[Origin]:
        """Come to where the worst of the values in an argument of this deed comes from.

        What has a `kind` leads nowhere, in what the user asked for: told by a stranger it is referred, unless ordered.
        """
        given = first_values(argument)
        yield
        most = max(MAX_PHRASES // max(len(given), 1), LEAST_PHRASES)
        found = set()
        for value in given:
            origin = yield from self._of(value, done, most)
            is_told = kind and origin is Origin.UNTRUSTED and not self.is_full
            is_told = is_told and (yield from is_merely_told(value, done, kind, most, self.index, self.wanted))
            found.add(Origin.REFERRED if is_told else origin)
        return worst(found)

    def _of(self, value: str | float, done: Deed, most: int) -> Steps[Origin]:
        found = self.index.find(value)
        yield
        if found or not isinstance(value, str):
            origin = yield from self._judged(value, found, done)
            is_part = isinstance(value, str) and all(each.text != value for each in found)  # not all that was told
            is_sent = is_part and origin is Origin.REFERRED and done.tells
            return Origin.UNTRUSTED if is_sent and self._smuggles(str(value), done) else origin
        listed = parts(value)[:MAX_VALUES]
        if len(listed) > 1 or listed != [value]:
            held: list[tuple[str, list[Passage]]] = []
            for piece in listed:
                held.append((piece, self.index.find(piece)))
                yield
                if not held[-1][1]:
                    break
            else:
                return (yield from self._worst(held, done))
        if self._heard.is_any and is_place(value) and not (yield from affine(value, self.terms)):
            return Origin.UNTRUSTED  # whoever can read it out of a stranger's text can write it there in disguise
        return worst([self._nowhere(), *(yield from self._inside(value, done, most))])

    def _worst(self, held: Iterable[tuple[str, Sequence[Passage]]], done: Deed) -> Steps[Origin]:
        origins = set()
        for value, found in held:
            origins.add((yield from self._judged(value, found, done)))
        return worst(origins)

    def _inside(self, text: str, done: Deed, most: int) -> Steps[set[Origin]]:
        """Come to the origins of what a text holds that is nowhere as a whole: its addresses, and what it repeats.

        Of a long text `most` phrases are looked up, evenly spread; one with too many addresses has one of a stranger's.
        """
        named = references(text)
        origins = {Origin.UNTRUSTED} if len(named) > MAX_REFERENCES else set()
        for each in named[:MAX_REFERENCES]:
            found = self.index.find(each) or (self.index.find(host(each)) if is_url(each) else [])
            if (is_smuggled := self._heard.is_any and smuggled(self.wanted, each, found, done)) or found:
                origins.add(Origin.UNTRUSTED if is_smuggled else (yield from self._judged(each, found, done)))
            yield
        for key in self.index.accounts(text):
            origins.add((yield from self._judged(key.removeprefix("i:"), self.index.by(key), done)))
        runs = phrases(text, most)
        taken: list[tuple[str, list[Passage]]] = []
        for run in runs:
            if (found := self.index.find(run)) and best(p.origin for p in found) in STRANGE:
                taken.append((run, found))
            yield
        if len(taken) * HALF > len(runs) or any(each.is_led for _, found in taken for each in found):
            origins.add((yield from self._worst(taken, done)))
        return origins

    def _smuggles(self, text: str, done: Deed) -> bool:
        """Return whether a text that stands as a whole where the user pointed has a link that he did not speak of."""
        named = references(text)[: MAX_REFERENCES + 1]
        return any(smuggled(self.wanted, each, self.index.find(each), done) for each in named)

    def _nowhere(self) -> Origin:
        return Origin.UNTRUSTED if self.is_full else Origin.MODEL

    def _sources(self, value: str | float, found: Sequence[Passage]) -> Sequence[Passage]:
        """Return the passages by which a value counts: what tools say back of what was put there is not one."""
        return [each for each in found if each.origin is not Origin.TRUSTED] if self.sown.holds(value) else found

    def _judged(self, value: str | float, found: Sequence[Passage], done: Deed) -> Steps[Origin]:
        found = self._sources(value, found)
        origin = best(passage.origin for passage in found)
        if origin is None:
            return self._nowhere()
        if origin is not Origin.UNTRUSTED:
            return origin
        is_affine = yield from affine(value, self.terms)
        for passage in found:
            if decides(self.wanted, value, passage, done, is_named=is_affine):
                return Origin.UNTRUSTED
            yield
        referred = any(is_left(self.wanted, value, each, done, is_named=is_affine) for each in found)
        return Origin.REFERRED if referred else Origin.UNTRUSTED

    def _names(self, text: str) -> bool:
        """Return whether a folded text holds something that the user named."""
        held = None
        for term in self.terms:
            if term in text:
                held = frozenset(words(text.replace("_", " "))) if held is None else held
                if term in held or not term.isalnum():
                    return True
        if len(text) > LONGEST_TITLE or self.things.isdisjoint(words(text)):
            return False
        return len(text) <= TITLE or len(text) - sum(map(len, references(text))) <= TITLE  # it leads there

    def _is_named(self, value: str | float) -> bool:
        return isinstance(value, str) and (self._named.holds(value) or self.wanted.means(value))

    def _is_pointed_at(self, value: str | float, done: Deed, found: list[Passage]) -> Steps[bool]:
        if isinstance(value, str) and self._named.holds(value):
            return True
        if isinstance(value, str) and len(value) > LONGEST_TITLE:
            yield  # where it is short, the caller's step takes both
        if any(p.is_referred and p.origin is Origin.TRUSTED and p.text == str(value) for p in found):
            return True  # a tool lists it in the record that the user pointed at
        if isinstance(value, str) and best(each.origin for each in found) not in STRANGE and self.wanted.means(value):
            return True  # the user calls it so, and not only strangers do
        tells = is_telling(value) if isinstance(value, str) else len(str(value)) >= LEAST_DIGITS
        if tells and any(passage.origin is Origin.USER for passage in found):
            return True
        return (yield from self._judged(value, found, done)) is Origin.REFERRED

    def _adding(self, passage: Passage) -> Steps[None]:
        size = len(passage.text)
        if self._characters + size > MAX_CHARACTERS or len(self.index.passages) >= MAX_PASSAGES:
            self.is_full = True
            return
        self._characters += size
        if passage.origin in STRANGE:
            yield from self._heard.hearing(passage.text)
            self.wanted.owe(passage.payees if "pay" in passage.acts else ())
        if passage.origin is Origin.SUSPICIOUS:
            self._suspicious = [*self._suspicious, passage][-MAX_SUSPICIOUS:]
        yield from self.index.adding(passage)
