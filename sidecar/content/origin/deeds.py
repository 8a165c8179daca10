"""What does a tool do, as its name tells, and who speaks of it?

Names are of two kinds: those whose verb stands for an act that has many words (`send_mail`: who says `let her know`
means it), and those whose verb nobody listed (`prescribe_drug`): those are told by the verb itself, and, where a user
gives an order in a word that nobody knows, by the thing that it is about (`bring her prescription up to date`,
`refill_prescription`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from sidecar.content.origin.normal import words
from sidecar.content.origin.speech import (
    ADDRESSED,
    MAX_WORDS,
    NOTHING,
    Own,
    acts,
    acts_of,
    is_alike,
    is_order,
    is_verb,
    speaks_of,
    stem,
)
from sidecar.content.origin.vocabulary import (
    ANSWERING,
    BOOKED,
    BRINGING,
    BUYING,
    DELETED,
    EFFECTS,
    FETCHING,
    FILLING,
    GENERAL,
    INVITING,
    KEEPING,
    KEPT,
    MADE,
    MAKING,
    NOTING,
    OTHERWISE,
    PAID,
    PAYING,
    PAYMENTS,
    RAISING,
    SECURING,
    SENDING,
    SET,
    SHORTEST,
    STAYING,
    TAKING,
    TELLING,
    TELLING_EFFECTS,
    USUAL,
    VERIFYING,
    VISITED,
    VISITING,
    WRITING,
    is_for_another,
    is_published,
    is_state,
    is_word_for,
    parted,
    verb_of,
    written,
)
from sidecar.content.origin.wishes import Sentence, exchanges, is_timed, kinds, moves

SPOKEN_OF: Final = 2  # how well a tool fits what was said: its things were spoken of, it has none, they were not
ANYTHING: Final = 1
UNSPOKEN: Final = 0
MAX_RIVALS: Final = 64  # tools that may do the same that are looked at
MAX_FITTED: Final = 256  # pairs of a deed and a sentence of which it is remembered how well they fit
THING: Final = 3  # letters of one by which tools that do the same are told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a tool does: acts, the words of its own name, and what else may be meant where somebody speaks of it."""

    acts: frozenset[str] = frozenset()
    own: Own = NOTHING
    made: frozenset[str] = frozenset()  # stems of verbs for what it makes: `deliver` of `schedule_delivery`
    meant: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()  # of all that its name speaks of
    written: str = ""  # its name, where only programs write it so
    is_grave: bool = False
    only_writes: bool = False  # nothing leaves by it, and nobody is let in, paid or told
    pays_besides: bool = False  # its verb alone does not tell that it pays
    is_special: bool = False  # what it is done to tells it from others that do the same
    among: "Repertoire | None" = field(default=None, compare=False, repr=False)

    @property
    def tells(self) -> bool:
        """Return whether it tells somebody something."""
        return "send" in self.acts | self.meant

    @property
    def pays(self) -> bool:
        """Return whether something is paid by it, or bought."""
        return not PAID.isdisjoint(self.acts | self.meant)

    @property
    def verifies(self) -> bool:
        """Return whether it says that somebody is who he says, or meant what he did."""
        return self.own.verb in VERIFYING

    @property
    def _means(self) -> frozenset[str]:
        """Return what may be meant by it: who raises what is paid has it changed."""
        return self.meant | (RAISING if "change" in self.acts and "pay" in self.meant else frozenset())

    @property
    def stays(self) -> bool:
        """Return whether nobody but the user himself asks for it: it deletes, opens, or runs something."""
        return not self.meant.isdisjoint(STAYING)

    @property
    def costs(self) -> frozenset[str]:
        """Return what it does besides, by whatever verb: it pays, or it is done to what somebody is let in by."""
        return (self.meant & PAYING) | (SECURING if "secret" in kinds(self.things) else frozenset())

    def verbs(self, said: frozenset[str]) -> list[str]:
        """Return which of the words with these stems speak of it."""
        return [each for each in said if self.is_own(each) or self._may_be_meant_by(each)]

    def _may_be_meant_by(self, verb: str) -> bool:
        """Return whether a word for an act is one for this: who gives lets nobody in, who books writes nothing."""
        shared = self.acts & (known := acts_of(verb))
        if is_for_another(verb, shared, self.acts) or ("admit" in self.acts - shared and self.own.verb in INVITING):
            return False
        if self.own.verb == WRITING and "send" not in self.meant and shared <= SENDING:
            return False
        is_booked = "book" in known and kinds(self.things).isdisjoint(SET)
        return not shared <= (FILLING if is_booked else frozenset())

    def is_own(self, verb: str) -> bool:
        """Return whether the word with this stem is its verb, and no word for an act."""
        return is_word_for(self.own.verb, verb) or verb in self.made

    def is_asked_in(self, sentence: Sentence) -> bool:
        """Return whether a sentence of the user's asks for it, and not rather for what another tool does.

        What one is let in by is changed for nobody who does not speak of it: `update my details` changes no password;
        and what pays by another verb (`send_money`, `schedule_payment`) pays for nobody who speaks of no money.
        """
        if not self._is_spoken_of(sentence):
            return False
        verbs = self.verbs(sentence.said)
        return any(self.among is None or self.among.leaves(self, verb, sentence) for verb in verbs)

    def _is_spoken_of(self, sentence: Sentence) -> bool:
        if self.pays_besides and not sentence.is_priced and acts(sentence.said).isdisjoint(PAYING):
            return bool(self.things & sentence.said or kinds(self.things) & kinds(sentence.said))
        return "secret" not in kinds(self.things) or fitness(self, sentence) == SPOKEN_OF

    def is_meant_in(self, sentence: Sentence) -> bool:
        """Return whether a sentence of the user's may ask for it, in words that nobody knows."""
        if not self._is_spoken_of(sentence) or (self.among is not None and self.among.is_served(sentence)):
            return False
        if self.among is not None and self.among.is_exchanged(self, sentence):
            return True
        left = self.among.left_open(sentence) if self.among is not None else frozenset()
        known = {verb for verb in left if verb[:1] != "#" or verb in DELETED} if self.stays else left
        if any(acts_of(verb) & self._means for verb in known):
            return True
        if "send" in self.acts | self.meant and not self.is_grave and any(map(self._may_tell, left)):
            return True
        told = acts(said for said in sentence.said if said[:1] == "#")  # who says it in more than one word says what
        is_told = not told or not told.isdisjoint(self.acts | self._means)
        return is_told and self.is_about(sentence.orders, sentence.nouns)

    def may_be_wished_in(self, sentence: Sentence) -> bool:
        """Return whether a sentence of the user's wants something, and no tool does what any of its words says."""
        if not sentence.orders or "delete" in self.meant or self.among is None:
            return False
        return not any(self.among.does(verb, sentence) for verb in sentence.orders | sentence.said)

    def parting(self, sentence: Sentence) -> frozenset[str]:
        """Return by which verbs a sentence of the user's may want something gone: none where one is for another act."""
        verbs = (sentence.orders | sentence.goes) - {""}
        known = acts(verbs | {said for said in sentence.said if said[:1] == "#"})
        is_anothers = self.among is not None and any(self.among.does(verb, sentence) for verb in verbs)
        return frozenset() if is_anothers or not known <= self._means | self.acts else verbs

    def _may_tell(self, verb: str) -> bool:
        is_known = self.among is None or verb[:1] == "#" or bool(self.among.of(verb))
        return verb in BRINGING or not is_known

    def is_in(self, said: AbstractSet[str]) -> bool:
        """Return whether words with these stems speak of it; how many there are makes no difference to the cost."""
        return self.own.verb in said or not self.made.isdisjoint(said) or speaks_of(said, self.acts)

    def is_ordered_in(self, said: AbstractSet[str]) -> bool:
        """Return whether an order of words with these stems is one for it.

        Another language's verbs meet few tools', and one for sending may be one for publishing; what is ordered of a
        machine is what the machine is about to do.
        """
        if self._is_another(said):
            return False
        meant = self.meant | (SENDING if "upload" in self.acts else frozenset())
        return self.is_in(said) or ADDRESSED in said or any(f"#{act}" in said for act in meant)

    def _is_another(self, said: AbstractSet[str]) -> bool:
        """Return whether an order of words with these stems books what this does not: a table is no event."""
        if self.acts.isdisjoint(MADE) or self.own.verb in said:
            return False
        own = kinds(self.things) & BOOKED
        booked = kinds(frozenset(said)) & BOOKED if own else own
        return bool(booked) and booked.isdisjoint(own)

    def is_of(self, other: "Deed") -> bool:
        """Return whether it is done to a thing that the other one is done to, or is the verb for: booking, book."""
        return self is not other and not self.things.isdisjoint(other.things | {other.own.verb})

    def is_about(self, verbs: frozenset[str], said: frozenset[str]) -> bool:
        """Return whether a sentence with these stems orders something with the thing that it is done to.

        A word that nobody knows may be a word for it; a word for another act is none.
        """
        meant = self.meant | (RAISING if "change" in self.acts else frozenset())
        is_meant = any(not (known := acts({verb})) or known & meant for verb in verbs)
        if is_meant and self.acts & MADE and kinds(self.things) & kinds(said) & BOOKED:
            return True  # who takes a room for some nights has a stay booked
        return is_meant and any(is_alike(thing, word) for thing in self.own.things for word in said)


@dataclass(frozen=True, slots=True, eq=False)
class Repertoire:
    """The tools of a catalogue that do more than read, by the acts and the verbs of their names.

    A tool whose own things nobody spoke of is not meant where another one does the same with what was spoken of, or
    with nothing in particular: who wants somebody told of something asks for a message, and for no gift. Nor is one
    that deletes, opens or runs where another has just the verb that was said: a call that is moved changes no profile.
    """

    by_act: Mapping[str, tuple[Deed, ...]]
    by_verb: Mapping[str, tuple[Deed, ...]]
    given_up: tuple[Deed, ...] = ()  # deletes what is for a time, and what others of these make, and none changes

    def deed(self, name: str, effects: frozenset[str]) -> Deed:
        """Return what a tool does, one among these."""
        return replace(deed(name, effects), among=self)

    def leaves(self, done: Deed, verb: str, sentence: Sentence) -> bool:
        """Return whether none of these does rather what the verb of the sentence says."""
        fit, is_own = fitness(done, sentence), done.is_own(verb)
        if not is_own and self._makes_another(done, verb, sentence):
            return False
        is_ordered = not is_own and verb in sentence.opened
        is_anothers = is_ordered and any(each.own.verb == verb for each in self.by_verb.get(verb, ()))
        is_less = fit < SPOKEN_OF
        is_done = is_anothers and (is_less or done.is_grave) and self._does(verb, sentence)
        if fit > UNSPOKEN and not (is_done or (is_less and is_anothers and done.stays)):
            return True
        if is_anothers:
            return False
        if is_timed(sentence) and not kinds(done.things).isdisjoint(SET):
            fit = ANYTHING  # what has a day is for a time, whatever it is called: `Thursday's physio`
        rivals = (each for each in self.of(verb) if each.own.verb == verb or not each.acts.isdisjoint(done.acts))
        rivals = (each for each in rivals if each.verbs(frozenset({verb})))
        others = replace(sentence, nouns=sentence.nouns - {verb})  # who reserves a seat speaks of no booking to share
        return all(
            fitness(each, sentence if each.own.verb == verb else others) <= fit
            for each in rivals
            if not is_own or each.is_own(verb)
        )

    def _makes_another(self, done: Deed, verb: str, sentence: Sentence) -> bool:
        """Return whether what is made by this verb is what another one makes: `make a note with the hotels`."""
        made = next((things for each, things in sentence.made if each == verb), frozenset[str]())
        return bool(made) and not fits(done, made) and any(fits(each, made) for each in self.of(verb))

    def _does(self, verb: str, sentence: Sentence) -> bool:
        """Return whether the verb of one of these is said of what it is done to: a file is shared by `share_file`."""
        own = (each for each in self.by_verb.get(verb, ())[:MAX_RIVALS] if each.own.verb == verb)
        return any(fitness(each, sentence) == SPOKEN_OF for each in own)

    def is_served(self, sentence: Sentence) -> bool:
        """Return whether one of these does what the sentence orders, with what it speaks of."""
        return any(self._best(verb, sentence) == SPOKEN_OF for verb in sentence.orders)

    def does(self, verb: str, sentence: Sentence) -> bool:
        """Return whether one of these may do what the verb of the sentence says."""
        return self._best(verb, sentence) > UNSPOKEN

    def left_open(self, sentence: Sentence) -> frozenset[str]:
        """Return the verbs by which the sentence orders something that none of these fits."""
        verbs = sentence.opened | {said for said in sentence.said if said[:1] == "#"}
        return frozenset(verb for verb in verbs if self._best(verb, sentence) == UNSPOKEN)

    def is_exchanged(self, done: Deed, sentence: Sentence) -> bool:
        """Return whether the sentence has exchanged or moved what is given up and made anew by such as `done`.

        What some tool changes is not, nor what is not for a time, as an appointment is.
        """
        if not (self.given_up and exchanges(sentence)):
            return False
        parts = [each for each in self.given_up if each == done or (done.acts & MADE and each.is_of(done))]
        return any(self._is_moved(each, sentence) for each in parts)

    def _is_moved(self, done: Deed, sentence: Sentence) -> bool:
        is_booked = "booking" in kinds(done.things) and not kinds(sentence.nouns).isdisjoint(BOOKED)
        if is_booked or fitness(done, sentence) == SPOKEN_OF:
            return True
        return len(self.given_up) == 1 and moves(sentence)

    def of(self, verb: str) -> tuple[Deed, ...]:
        """Return the first MAX_RIVALS of those that the word with this stem may mean, those of its own verb first."""
        found = [*self.by_verb.get(verb, ())]
        for act in sorted(acts_of(verb)):
            found += self.by_act.get(act, ())
        return tuple(found[:MAX_RIVALS])

    def _best(self, verb: str, sentence: Sentence) -> int:
        return max((fitness(each, sentence) for each in self.of(verb)), default=UNSPOKEN)


def repertoire(tools: Iterable[tuple[str, frozenset[str]]]) -> Repertoire:
    """Return the repertoire of the tools with these names and effects."""
    by_act: dict[str, list[Deed]] = defaultdict(list)
    by_verb: dict[str, list[Deed]] = defaultdict(list)
    for name, effects in tools:
        done = deed(name, effects)
        by_verb[done.own.verb].append(done)
        for act in done.acts:
            by_act[act].append(done)
    return Repertoire(
        {k: tuple(v) for k, v in by_act.items()}, {k: tuple(v) for k, v in by_verb.items()}, _given_up(by_act)
    )


def _given_up(by_act: Mapping[str, list[Deed]]) -> tuple[Deed, ...]:
    """Return the deeds that delete what is for a time, and what others make, where none changes it."""
    made = [each for act in sorted(MADE) for each in by_act.get(act, [])[:MAX_RIVALS]]
    changing = [each for each in by_act.get("change", [])[:MAX_RIVALS] if each.acts.isdisjoint(MADE)]
    given_up = [each for each in by_act.get("delete", [])[:MAX_RIVALS] if kinds(each.things) & SET]
    return tuple(each for each in given_up if any(map(each.is_of, made)) and not any(map(each.is_of, changing)))


@lru_cache(MAX_FITTED)
def fitness(done: Deed, sentence: Sentence) -> int:
    """Return how well what was said fits the things that the deed is done to."""
    if fits(done, sentence.nouns):
        return SPOKEN_OF
    return UNSPOKEN if done.is_special else ANYTHING


def fits(done: Deed, said: frozenset[str]) -> bool:
    """Return whether words with these stems are for the things that the deed is done to."""
    if done.things & said or kinds(done.things) & kinds(said):
        return True
    return any(word.startswith(thing) for thing in done.things if len(thing) >= SHORTEST for word in said)


@lru_cache(maxsize=1_024)
def deed(name: str, effects: frozenset[str] = frozenset()) -> Deed:
    """Return what the tool of this name and these effects does."""
    parts = [each for each in words(parted(name))[:MAX_WORDS] if not is_state(each)]
    verbs = (part for part in parts if is_verb(part) and stem(part) not in VISITED)
    head = next(filter(is_order, parts), next(verbs, parts[0] if parts else ""))
    keeps = stem(head) == WRITING and effects & KEPT and "message" not in effects
    done = acts({stem(head)}) | (KEEPING if keeps else frozenset())
    telling = frozenset() if done & TAKING else frozenset(map(stem, parts)) & TELLING
    things = frozenset(stem(each) for each in parts if each != head and len(each) >= SHORTEST) - GENERAL
    only_writes = "write" in effects and effects <= NOTING
    told_of = acts(telling) - (SENDING if only_writes and not done else frozenset())  # who marks a message sends none
    means = done | told_of
    if not done & TAKING and PAYMENTS & {" ".join(pair) for pair in pairwise(parts)}:
        means = means - BUYING | PAYING
    if not means and "message" in effects and effects <= TELLING_EFFECTS:
        means = SENDING  # whatever its verb, it is what words for telling ask for
    told = means | (VISITING if effects == FETCHING else frozenset())
    named = frozenset(stem(each) for each in parts if each != head and len(each) >= THING)
    return Deed(
        acts=told if effects.isdisjoint(OTHERWISE) and not is_published(done) else told - VISITING,
        own=Own(verb=stem(head), things=things),
        made=frozenset(filter(None, map(verb_of, things))) if done & MAKING else frozenset(),
        meant=frozenset().union(*(EFFECTS.get(effect, frozenset()) for effect in effects)),
        things=named,
        written=written(name),
        only_writes=only_writes,
        is_grave=not effects.isdisjoint({"delete", "account", "code", "money"}),
        pays_besides="money" in effects and "pay" in means and "pay" not in done,
        is_special=stem(head) not in ANSWERING and any(_is_special(thing, means) for thing in named),
    )


def _is_special(thing: str, done: frozenset[str]) -> bool:
    kind = kinds(frozenset({thing}))
    if not kind:
        return thing not in GENERAL
    return kind.isdisjoint(frozenset().union(*(USUAL.get(act, frozenset()) for act in done)))
