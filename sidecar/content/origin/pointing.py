"""Where does the user point without naming it? To the newest or the first of what a tool lists, or to what he keeps.

`Pay the invoice in my newest mail` means one record of what a look-up without arguments finds; `his number is in my
notes` means all that a tool for notes finds, unless those are where strangers write unbidden, as in mail.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.normal import words
from sidecar.content.origin.speech import NO_ORDER, is_verb, stem
from sidecar.content.origin.wishes import kinds
from sidecar.model.steps import Steps

FIRST: Final = "first"
NEWEST: Final = "newest"
MAX_ENDS: Final = 16  # of one user that are remembered
MAX_STORES: Final = 64  # words for what a user keeps
LONGEST: Final = 40  # characters of a time

_OWNED: Final = r"(?:my|our|his|her|their|the|\w+'s)"
_AT: Final = {
    FIRST: r"top(?:most)?|first|uppermost",
    NEWEST: r"newest|latest|last|most recent|freshest|youngest",
}
_KIND: Final = r"(?:(?:unread|new|open|unpaid|incoming|received|single|posted|saved|search)\s+){0,2}"
_ENDS: Final = "|".join(f"(?P<{end}>{said})" for end, said in _AT.items())
_END: Final = re.compile(rf"\b{_OWNED} (?:very )?(?:{_ENDS}) {_KIND}(?P<thing>[^\W\d_]{{3,20}})\b")
_ANY: Final = frozenset(map(stem, ("one", "result", "hit", "match", "entry", "item", "record")))
# What somebody keeps, and where something is taken from: `the number is in my notes`.
_STORE: Final = re.compile(
    r"\b(?:in|from|out of|among|by|per|according to|consult|see|check|use|look (?:\w+ ){0,2}?(?:in|into|through|at)) "
    r"(?:my|our) (?:own )?([\w-]+(?: [\w-]+)?)"
)
# What is paid as it says, where a tool lists such things: `pay the energy bill`, `pay everything that is due`.
_PAID: Final = re.compile(
    r"\b(?:pay|paid|paying|settle)(?: (?!(?:to|into|for|from|in|on|with|by|of)\b)[\w'-]+){0,4}? "
    r"(?P<thing>bills?|invoices?|dues?|due|unpaid|outstanding|open)\b(?! (?:in|at|behind|under)\b)"
)
_UNPAID: Final = frozenset(map(stem, ("due", "unpaid", "outstanding", "open")))
# What is paid by what it says: one of them, or whatever many.
BILL: Final = re.compile(r"\b(?:bill|invoice)\b")
BILLS: Final = re.compile(r"\b(?:bills?|invoices?|all|every|each|both|everything|others?)\b")
BILL_WORDS: Final = frozenset(map(stem, ("bill", "invoice", "due")))
_STRANGERS: Final = frozenset({"message", "page", "group", "review", "task", "event", "file", "goods"})
_DIGIT: Final = re.compile(r"\d")
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2})?\S{0,12})?|\d{10,13}")


# What tells that something is there, came, or was written: it describes which one is meant.
_THERE: Final = re.compile(
    r"\b(?:there (?:is|are|was|were)|there's|came|comes|arrived|wrote|writes|left|sent|mailed|asked|asks|names|named|"
    r"mentions|mentioned|posted|shared|clipped|saved|complained|complains|reported|reports|offers|offered|applied|"
    r"signed up|got in touch)\b"
)
_SENTENCE: Final = re.compile(r"[^.!?;]+")
DESCRIBED: Final = 2  # words of a description that a record must have
MAX_DESCRIBED: Final = 16  # descriptions of one user that are remembered
LEAST_LETTERS: Final = 3


@dataclass(slots=True)
class Pointing:
    """What one user pointed at. Not a value: it grows."""

    _ends: list[tuple[str, str, str]] = field(default_factory=list, repr=False)
    _described: list[frozenset[str]] = field(default_factory=list, repr=False)
    _stores: dict[str, None] = field(default_factory=dict, repr=False)
    _paid: set[str] = field(default_factory=set, repr=False)

    def hearing(self, said: str) -> Steps[None]:
        """Take in a folded piece of what the user said, and yield after each step."""
        self._ends = [*self._ends, *_ends(said)][-MAX_ENDS:]
        yield
        for paid in _PAID.finditer(said):
            thing = stem(paid["thing"])
            self._paid |= BILL_WORDS if thing in _UNPAID else {thing}
        yield
        told = (each.group() for each in _SENTENCE.finditer(said) if _THERE.search(each.group()))
        self._described = [*self._described, *map(_content, told)][-MAX_DESCRIBED:]
        yield
        for store in _STORE.finditer(said):
            held = frozenset(stem(word) for word in store[1].split() if word not in NO_ORDER)
            if kinds(held).isdisjoint(_STRANGERS):
                self._stores |= dict.fromkeys(sorted(held))
        while len(self._stores) > MAX_STORES:
            del self._stores[next(iter(self._stores))]
        yield

    @property
    def describes(self) -> bool:
        """Return whether the user told of something that is there."""
        return bool(self._described)

    @property
    def describing(self) -> Callable[[Iterable[str]], int] | None:
        """Return what tells how like a description a record is, where the user described one."""
        return self.likeness if self._described else None

    def likeness(self, texts: Iterable[str]) -> int:
        """Return how many words of a description of the user's stand in a record of these folded texts."""
        held = frozenset[str]().union(*map(_content, texts))
        return max((len(each & held) for each in self._described), default=0)

    def ends(self, done: Deed) -> dict[str, str]:
        """Return which end of what such a tool lists is meant, and in which words."""
        return {phrase: end for end, thing, phrase in self._ends if _lists(done, thing)}

    def has_paid(self, done: Deed) -> bool:
        """Return whether the user has paid what such a tool lists or opens, and nothing else is called so."""
        return not self._paid.isdisjoint(done.things)

    def keeps(self, done: Deed) -> bool:
        """Return whether the user said to take something from what such a tool lists, as his own."""
        return not self._stores.keys().isdisjoint(done.things)


def _content(said: str) -> frozenset[str]:
    return frozenset(
        stem(word) for word in words(said) if len(word) >= LEAST_LETTERS and word not in NO_ORDER and not is_verb(word)
    )


def _ends(said: str) -> Iterator[tuple[str, str, str]]:
    for found in _END.finditer(said):
        yield next(end for end in _AT if found[end]), stem(found["thing"]), found.group()


def _lists(done: Deed, thing: str) -> bool:
    if thing in _ANY or thing in done.things:
        return True
    return not kinds(frozenset({thing})).isdisjoint(kinds(done.things))


def time_of(text: str) -> str:
    """Return a folded text that is a time, so that the later is the greater; of any other, nothing."""
    return text if len(text) <= LONGEST and _TIME.fullmatch(text) else ""


def chosen(end: str, records: list[int], times: dict[int, str]) -> int | None:
    """Return which of the records stands at this end: the newest by its time, where all have one of one form."""
    if not records:
        return None
    if end == FIRST or len(records) == 1:
        return records[0]
    told = [times.get(each, "") for each in records]
    if all(told) and len({_DIGIT.sub("0", time) for time in told}) == 1:
        return max(records, key=lambda each: times[each])
    return None
