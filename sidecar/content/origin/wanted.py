"""What does the user want of the agent, and does what a tool does belong to it?

Bounded as a trail is: what was said longest ago is forgotten, and then was not asked for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from sidecar.content.origin.asking import fulfils
from sidecar.content.origin.deeds import SPOKEN_OF, Deed, fitness
from sidecar.content.origin.index import Index
from sidecar.content.origin.leaving import counted, leaves, leaves_account, leaves_address, leaves_where, roles
from sidecar.content.origin.named import called
from sidecar.content.origin.normal import words
from sidecar.content.origin.passages import newest
from sidecar.content.origin.places import ACCORDINGLY, BY_TEXT, DEBIT, is_only_one, left_to, wanted_of
from sidecar.content.origin.pointing import BILL, BILL_WORDS, BILLS, Pointing
from sidecar.content.origin.speech import (
    NO_ORDER,
    acts_of,
    entrusts,
    hands_over,
    keeps_list,
    sayings,
    speaks_of,
    stem,
    stems,
)
from sidecar.content.origin.tongues import tongues
from sidecar.content.origin.values import first_values
from sidecar.content.origin.vocabulary import INVITING
from sidecar.content.origin.wishes import Sentence, kinds, sentences, spoken
from sidecar.model.origin import Origin
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json

MAX_REQUESTS: Final = 16  # of the user's that are searched for what is wanted of a thing
MAX_SAID: Final = 4_096  # stems of the user's words, and of words that the user told to follow
MAX_SENTENCES: Final = 64  # of the user's
MAX_READ: Final = 64  # deeds of which it is known what each sentence says of them
MAX_KNOWN: Final = 1_024  # deeds of which it is known whether they were asked for
PAID: Final = "#pay"  # pseudo stem of what asks for a payment in more than one word
MAX_WHOM: Final = 4  # values by which somebody is looked up
MAX_PAID: Final = 64  # people whose accounts were found
SHORTEST: Final = 4  # characters of a text that names something
LONGEST: Final = 60

_OWN: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS})
_LINKS: Final = frozenset(map(stem, ("link", "url", "website", "webpage", "site", "article", "blog")))
_UNTOLD: Final = frozenset[str]()  # by which words: by one that is known
_FUNCTION: Final = frozenset(map(stem, NO_ORDER))
_SOMEBODY: Final = frozenset({"person", "group"})
_NO_ROLE_WORDS: Final = (
    "list address name number day date time week month year place room house sum price question problem report "
    "form account copy word way thing"
)
_NO_ROLES: Final = frozenset(map(stem, _NO_ROLE_WORDS.split()))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a deed: what speaks of it, whether that or a text to follow asks for it, or it may be meant.

    `spoken`: it is, and what it is done to was spoken of.
    """

    speaking: tuple[Sentence, ...]
    named: bool
    asked: bool
    meant: bool
    spoken: bool


@dataclass(frozen=True, slots=True)
class _Read:
    """What one sentence says of a deed: whether it speaks of it, asks for it, or may, and with what it is done to."""

    speaks: bool
    asks: bool
    may_mean: bool
    is_spoken: bool


def _taken(done: Deed, sentence: Sentence) -> _Read:
    speaks, may_mean = bool(done.verbs(sentence.said)), done.is_meant_in(sentence)
    is_spoken = may_mean and fitness(done, sentence) == SPOKEN_OF
    return _Read(speaks, speaks and done.is_asked_in(sentence), may_mean, is_spoken)


def _is_role(noun: str) -> bool:
    """Return whether a word with this stem may be for somebody: no thing, nor what one does."""
    return noun not in _NO_ROLES and not acts_of(noun) and kinds(frozenset({noun})) <= _SOMEBODY


@dataclass(slots=True)
class Wanted:
    """What the user of one session said. Not a value: it grows."""

    requests: list[str] = field(default_factory=list, repr=False)
    _by_text: dict[str, frozenset[str]] = field(
        default_factory=dict, repr=False
    )  # what leaves it to a thing, its words
    said: dict[str, None] = field(default_factory=dict, repr=False)
    handed_over: bool = False
    follows: bool = False
    follows_own: bool = False
    leaves: bool = False
    leaves_where: bool = False
    tongues: frozenset[str] = frozenset()
    pointing: Pointing = field(default_factory=Pointing, repr=False)
    _sentences: list[Sentence] = field(default_factory=list, repr=False)
    _entrusted: dict[str, None] = field(default_factory=dict, repr=False)
    _paid: set[frozenset[str]] = field(default_factory=set, repr=False)
    _owed: set[str] = field(default_factory=set, repr=False)  # accounts, since the newest request
    _pays_one: bool = False
    _known: dict[Deed, _Known] = field(default_factory=dict, repr=False)
    _read: dict[Deed, dict[Sentence, _Read]] = field(default_factory=dict, repr=False)  # of `_sentences`

    def hearing(self, said: str) -> Steps[None]:
        """Take in a folded piece of what the user said, and yield after each step."""
        self._known.clear()
        newest(self.said, (yield from spoken(said)), MAX_SAID)
        yield
        newest(self.said, sayings(said), MAX_SAID)
        yield
        is_paying = ACCORDINGLY in said or DEBIT in said or speaks_of(stems(said), BY_TEXT)
        for sentence in sentences(said):
            is_paying = is_paying or PAID in sentence.said
            self._sentences = [*self._sentences, sentence][-MAX_SENTENCES:]
            yield
        yield from self.pointing.hearing(said)
        self.handed_over |= hands_over(said)
        yield
        self.follows |= (is_followed := entrusts(said) or fulfils(said))
        self.follows_own |= is_followed and keeps_list(said)
        yield
        self.leaves |= leaves(said)
        yield
        self.leaves_where |= leaves_where(said)
        yield
        self.tongues |= tongues(said)
        yield
        self._owed.clear()
        self._pays_one = len(BILLS.findall(said)) == 1 == len(BILL.findall(said))
        self._known.clear()
        self.requests = [*self.requests, said][-MAX_REQUESTS:]
        if is_paying:
            self._by_text.pop(said, None)
            self._by_text[said] = frozenset(words(said))
            if len(self._by_text) > MAX_REQUESTS:
                del self._by_text[next(iter(self._by_text))]
        yield

    @property
    def pays(self) -> bool:
        """Return whether the user spoke of paying something."""
        return speaks_of(self.said.keys(), BY_TEXT)

    def tells(self, done: Deed) -> bool:
        """Return whether the user has somebody told something by this deed, and not only invited."""
        told = (verb for each in self._of(done).speaking for verb in done.verbs(each.said))
        return any(verb not in INVITING and (done.is_own(verb) or "send" in acts_of(verb)) for verb in told)

    @property
    def counts(self) -> frozenset[int]:
        """Return how many of something the user speaks of: `the two guests`."""
        return frozenset().union(*map(counted, self.requests))

    @property
    def leaves_address(self) -> bool:
        """Return whether the user speaks of an address to which something goes, and does not say which."""
        return any(map(leaves_address, self.requests))

    @property
    def roles(self) -> frozenset[str]:
        """Return by which words the user calls those for whom something is, as what they are: `her midwife`."""
        said = frozenset().union(*map(roles, self.requests))
        return frozenset(each for each in said if _is_role(stem(each)))

    @property
    def leaves_account(self) -> bool:
        """Return whether the user leaves it to some text into which account something is paid."""
        return any(map(leaves_account, self.requests))

    @property
    def tells_of_page(self) -> bool:
        """Return whether the user spoke of a page or of a link to one."""
        return "page" in kinds(frozenset(self.said))

    @property
    def tells_of_link(self) -> bool:
        """Return whether the user spoke of a link, or of a site, and not only of a page."""
        return not _LINKS.isdisjoint(self.said)

    def wishes_for(self, done: Deed) -> bool:
        """Return whether the user wants something in words that fit no tool, so that it may be any."""
        return any(done.may_be_wished_in(sentence) for sentence in self._sentences)

    @property
    def leaves_acts(self) -> bool:
        """Return whether a request of the user's may leave an act to what stands in some thing."""
        return bool(self._by_text)

    def left_to(self, thing: str) -> frozenset[str]:
        """Return the acts that the user's requests leave to what stands in a thing of this folded name."""
        if not self._by_text:
            return frozenset()
        named = frozenset(words(thing))
        meant = [said for said, held in self._by_text.items() if named and named <= held]
        if not meant and self._has_paid(called(thing)):
            return BY_TEXT
        return frozenset[str]().union(*(wanted_of(said, thing) | left_to(said, thing) for said in meant))

    def _has_paid(self, words_of: frozenset[str]) -> bool:
        """Return whether the user has the bill paid that is called by these words: `get my water bill and pay it`."""
        if words_of.isdisjoint(BILL_WORDS):
            return False
        return any(words_of <= each.nouns and speaks_of(each.opened, BY_TEXT) for each in self._sentences)

    def whom(self, given: list[str | float], ends: Iterable[str]) -> frozenset[str]:
        """Return the stems of the words by which a call looks something up, or somebody; of many there are none."""
        if len(given) > MAX_WHOM:
            return frozenset()
        return stems(" ".join([*ends, *(each for each in given if isinstance(each, str) and len(each) <= LONGEST)]))

    def pay(self, whom: frozenset[str]) -> None:
        """Take in that an account was found for somebody of whom these stems tell."""
        if whom and len(self._paid) < MAX_PAID:
            self._paid.add(whom)

    def has_paid(self, told: frozenset[str], done: Deed) -> bool:
        """Return whether an account was found for whom the user names where he wants a deed done.

        Or, where he names what was looked up with words of these stems, there.
        """
        if not self._paid:
            return False
        meant = [each for each in self._sentences if told and told <= each.nouns] or self._of(done).speaking
        return any(whom <= sentence.nouns for whom in self._paid for sentence in meant)

    def owe(self, accounts: Iterable[str]) -> None:
        """Take in the keys of accounts in a text to which the user leaves a payment."""
        self._owed |= {key for key in accounts if key.startswith("i:") and len(self._owed) < MAX_PAID}

    @property
    def owes_one_of_several(self) -> bool:
        """Return whether the user has one bill paid, and the texts to which he leaves it name several accounts."""
        return self._pays_one and bool(self._owed) and not is_only_one(0, self._owed)

    def means(self, thing: str) -> bool:
        """Return whether a sentence of the user's has the words of a thing's folded name: `the house rules`."""
        words_of = called(thing)
        return bool(words_of) and any(words_of <= sentence.nouns for sentence in self._sentences)

    def entrust(self, text: str) -> None:
        """Take in a folded text that the user told to follow."""
        newest(self._entrusted, stems(text) | sayings(text), MAX_SAID)
        self._known.clear()

    def asked_for(self, done: Deed) -> bool:
        """Return whether the user's words ask for it, or the text that the user told to follow does."""
        return self._of(done).asked

    def names(self, done: Deed) -> bool:
        """Return whether the user's own words ask for it."""
        return self._of(done).named

    def fits(self, done: Deed) -> bool:
        """Return whether the user's words speak of it, and of what it is done to: of a profile, a guest, a payment."""
        return any(fitness(done, each) == SPOKEN_OF for each in self._of(done).speaking)

    def tells_of(self, done: Deed) -> bool:
        """Return whether any sentence of the user's speaks of what it is done to."""
        return any(fitness(done, each) == SPOKEN_OF for each in self._sentences)

    def asked_with(self, done: Deed, arguments: Json, index: Index) -> bool:
        """Return whether the user's words speak of it, and of something that it is done with; a grave one: of all.

        What a look-up found for the user's words, by the session's `index`, counts beside something that is named.
        """
        speaking = self._of(done).speaking
        given = [each for each in first_values(arguments) if isinstance(each, str)] if speaking else []
        least, are_named = (1, all) if done.is_grave else (SHORTEST, any)
        held = {each: stems(each) for each in given if least <= len(each) <= LONGEST}
        return bool(held) and any(
            any(words_of <= sentence.nouns for words_of in held.values())
            and are_named(
                words_of <= sentence.nouns or not _OWN.isdisjoint(index.origins(each))
                for each, words_of in held.items()
            )
            for sentence in speaking
        )

    def parting(self, done: Deed, *, is_urged: bool) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
        """Yield the stems of the sentences by which the user may want to part with something, and by which verbs.

        Where one is known, with the sentence before, and no verbs; where strangers speak of the deed, no other counts.
        """
        before = frozenset[str]()
        for each in self._sentences:
            if done.verbs(each.said):
                yield each.nouns | before, _UNTOLD
            elif not is_urged and (verbs := done.parting(each)):
                yield each.nouns, verbs
            before = each.nouns

    def leaves_to(self, done: Deed) -> bool:
        """Return whether the user's own words ask for it, and leave some of it to what somebody else said."""
        return self.leaves and self.names(done)

    def calls(self, title: str, done: Deed) -> bool:
        """Return whether the user's words speak of it, and of half of what this folded title tells of."""
        held = stems(title) - _FUNCTION
        held -= set(done.verbs(held))
        return any(len(held & sentence.nouns) * 2 >= len(held) for sentence in self._of(done).speaking)

    def calls_it(self, thing: str, done: Deed) -> bool:
        """Return whether the user's words that speak of the deed have the word with this stem."""
        return any(thing in sentence.nouns for sentence in self._of(done).speaking)

    def may_be_asked_for(self, done: Deed) -> bool:
        """Return whether the user ordered something with what it is done to, in a word that may mean it."""
        return self._of(done).meant

    def wants(self, done: Deed) -> bool:
        """Return whether the user's own words ask for it, or may and speak of its things: `enter the rents`."""
        known = self._of(done)
        return known.named or known.spoken

    def is_asked(self, done: Deed) -> bool:
        """Return whether the user asked for it, or may have."""
        return self.asked_for(done) or self.may_be_asked_for(done)

    def speaks_of(self, done: Deed) -> bool:
        """Return whether a word of the user's, or of a text that is to be followed, may mean it, whatever else may."""
        return done.is_in(self.said.keys()) or done.is_in(self._entrusted.keys())

    def _of(self, done: Deed) -> _Known:
        """Return what is known of the deed, which is found out once for what was said."""
        known = self._known.get(done)
        if known is None:
            read = self._reading(done)
            speaking = tuple(each for each in self._sentences if read[each].speaks)
            named = any(each.asks for each in read.values())
            asked = named or (not done.stays and done.is_in(self._entrusted.keys()))
            meant = any(each.may_mean for each in read.values())
            known = _Known(speaking, named, asked, meant, any(each.is_spoken for each in read.values()))
            if len(self._known) < MAX_KNOWN:
                self._known[done] = known
        return known

    def _reading(self, done: Deed) -> dict[Sentence, _Read]:
        """Return what each sentence says of the deed: who says more has only that read anew."""
        before = self._read.get(done, {})
        if done not in self._read and len(self._read) >= MAX_READ:
            del self._read[next(iter(self._read))]
        self._read[done] = read = {
            each: before[each] if each in before else _taken(done, each) for each in dict.fromkeys(self._sentences)
        }
        return read
