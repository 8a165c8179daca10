"""What does a tool do, as its name tells, and who speaks of it?

Names are of two kinds: those whose verb stands for an act that has many words (`send_mail`: who says `let her know`
means it), and those whose verb nobody listed (`prescribe_drug`): those are told by the verb itself, and, where a user
gives an order in a word that nobody knows, by the thing that it is about (`bring her prescription up to date`,
`refill_prescription`).
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sidecar.content.origin.normal import words
from sidecar.content.origin.speech import MAX_WORDS, NOTHING, Own, acts, is_alike, is_order, is_verb, speaks_of, stem

# Things that tell an act by themselves (`schedule_transaction`), unless the verb does something else with them.
_TELLING_WORDS: Final = (
    "money transaction payment transfer reservation booking message email mail comment invitation review purchase "
    "order refund checkout cart deposit password key ssh credential account login permission role access ownership "
    "owner collaborator participant member webpage website page link url post reply dm text collaborators form"
)
_TELLING: Final = frozenset(map(stem, _TELLING_WORDS.split()))
_TAKING: Final = frozenset({"change", "delete", "stop", "reject", "close", "lock", "raise", "return"})
# Things of many tools, by which none is told.
_GENERAL_WORDS: Final = (
    "account app data detail details document email entry event file info information item items list mail message "
    "name object page result service setting settings state status system text thing tool user value website"
)
_GENERAL: Final = frozenset(map(stem, _GENERAL_WORDS.split()))
_EFFECTS: Final = {
    "money": frozenset({"pay", "buy", "book", "return"}),
    "delete": frozenset({"delete", "stop", "reject", "close"}),
    "message": frozenset({"send"}),
    "code": frozenset({"run"}),
    "account": frozenset({"admit", "secure", "change"}),
    "write": frozenset({"create", "change"}),
}
_FETCHING: Final = frozenset({"read", "egress"})  # of a tool that reads what lies elsewhere
_VISITING: Final = frozenset({"browse"})
SHORTEST: Final = 4  # letters of a thing's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a tool does: acts, the words of its own name, and what else may be meant where somebody speaks of it."""

    acts: frozenset[str] = frozenset()
    own: Own = NOTHING
    meant: frozenset[str] = frozenset()

    def is_in(self, said: AbstractSet[str]) -> bool:
        """Return whether words with these stems speak of it; how many there are makes no difference to the cost."""
        return self.own.verb in said or speaks_of(said, self.acts)

    def is_ordered_in(self, said: AbstractSet[str]) -> bool:
        """Return whether an order of words with these stems is one for it; another language's verbs meet few tools'."""
        return self.is_in(said) or any(f"#{act}" in said for act in self.meant)

    def is_about(self, verbs: frozenset[str], said: frozenset[str]) -> bool:
        """Return whether a sentence with these stems orders something with the thing that it is done to.

        A word that nobody knows may be a word for it; a word for another act is none.
        """
        if any(_is_root(verb, thing) for verb in verbs for thing in self.own.things):
            return True
        is_meant = any(not (known := acts({verb})) or known & self.meant for verb in verbs)
        return is_meant and any(is_alike(thing, word) for thing in self.own.things for word in said)


def _is_root(verb: str, thing: str) -> bool:
    return len(verb) >= SHORTEST and thing.startswith(verb)  # `deliver` and `delivery`


@lru_cache(maxsize=1_024)
def deed(name: str, effects: frozenset[str] = frozenset()) -> Deed:
    """Return what the tool of this name and these effects does."""
    parts = words(_parted(name))[:MAX_WORDS]
    head = next(filter(is_order, parts), next(filter(is_verb, parts), parts[0] if parts else ""))
    done = acts({stem(head)})
    telling = frozenset() if done & _TAKING else frozenset(map(stem, parts)) & _TELLING
    things = frozenset(stem(each) for each in parts if each != head and len(each) >= SHORTEST) - _GENERAL
    return Deed(
        acts=done | acts(telling) | (_VISITING if effects == _FETCHING else frozenset()),
        own=Own(verb=stem(head), things=things),
        meant=frozenset().union(*(_EFFECTS.get(effect, frozenset()) for effect in effects)),
    )


def _parted(name: str) -> str:
    """Return the words of a tool's name: `createEvent` and `mcp:github/create-event` have some."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", name).casefold()
