"""Which passages hold a value, in whatever writing: an index of words and keys, whose cost does not grow with it.

What was looked up since the last passage came is remembered: each value of a call is asked for several times, and so
are those of a call that is made again.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.content.origin.normal import identifiers, keys_by_kind, number, words
from sidecar.content.origin.passages import Passage, exact_keys
from sidecar.content.origin.places import holds, is_account
from sidecar.model.origin import STRANGE, Origin
from sidecar.model.steps import Steps

MAX_CANDIDATES: Final = 64  # passages that are searched for one value
MAX_ACCOUNTS: Final = 16  # in one text that are looked at
LEAST_DIGITS: Final = 7  # of the number of an account
FEW: Final = 4  # values that are looked up in one step
MAX_REMEMBERED: Final = 512  # values whose passages are known
MAX_REMEMBERED_CHARACTERS: Final = 256  # of such a value


@dataclass(slots=True)
class Index:
    """The passages of one session, in the order in which they came. It grows, and forgets none."""

    passages: list[Passage] = field(default_factory=list)
    _at: dict[str, tuple[int, ...] | list[int]] = field(default_factory=dict, repr=False)
    _found: dict[str | tuple[type, float], list[Passage]] = field(default_factory=dict, repr=False)

    def adding(self, passage: Passage) -> Steps[None]:
        """Take in one more, and yield after each step. It is found once all are done."""
        found = set(words(passage.text))
        yield
        for more in keys_by_kind(passage.text):
            found |= more
            yield
        at = len(self.passages)
        self.passages.append(passage)
        self._found.clear()
        for key in found:
            held = self._at.get(key, ())
            if isinstance(held, list):
                held.append(at)
            else:  # no search for garbage walks tuples of numbers; most words stand in few passages
                self._at[key] = (*held, at) if len(held) < MAX_CANDIDATES else [*held, at]

    def find(self, value: str | float) -> list[Passage]:
        """Return the passages that hold a folded text or a number: at most `MAX_CANDIDATES`. The list is not yours."""
        if not self.passages:
            return []
        place = value if isinstance(value, str) else (type(value), value)  # what is equal may be written in two ways
        found = self._found.get(place)
        if found is None:
            found = self._searched(value) if isinstance(value, str) else self.by(number(value))
            if not isinstance(value, str) or len(value) <= MAX_REMEMBERED_CHARACTERS:
                if len(self._found) >= MAX_REMEMBERED:
                    self._found.clear()
                self._found[place] = found
        return found

    def standing(self, values: Sequence[str | float]) -> Steps[list[tuple[str | float, list[Passage]]]]:
        """Come to those of `values` that stand somewhere, and the passages: most values of most calls do not."""
        found = []
        for at, value in enumerate(values):
            if held := self.find(value):
                found.append((value, held))
            if not at % FEW:
                yield
        return found

    def origins(self, value: str | float) -> set[Origin]:
        """Return of whom the passages are that hold it."""
        return {passage.origin for passage in self.find(value)}

    def by(self, key: str) -> list[Passage]:
        """Return the first passages that hold something with this key."""
        found = self._at.get(key)
        return _once([self.passages[at] for at in found[:MAX_CANDIDATES]]) if found else []

    def accounts(self, text: str) -> list[str]:
        """Return the keys of the accounts in a folded text that somebody named before."""
        if sum(map(str.isdigit, text)) < LEAST_DIGITS:
            return []
        held = {key for key in identifiers(text) if key in self._at and is_account(key)}
        return sorted(key for key in held if not any(key != other and key[2:] in other for other in held))[
            :MAX_ACCOUNTS
        ]

    def beside(self, passage: Passage, most: int) -> list[Passage]:
        """Return the first passages of the record that this one belongs to, `most` of them at most."""
        place = (passage.answer, passage.record)
        at = bisect_left(self.passages, place, key=_place)
        return [each for each in self.passages[at : at + most] if _place(each) == place]

    def left_with(self, value: str | float) -> frozenset[str]:
        """Return the acts that the user leaves to what a tool lists under just this value: to a bill's own file."""
        found = (each for each in self.find(value) if each.acts and each.origin is Origin.TRUSTED)
        return frozenset[str]().union(*(each.acts for each in found if each.text == str(value)))

    def origins_by(self, key: str) -> set[Origin]:
        """Return of whom the first passages are that hold something with this key."""
        return {self.passages[at].origin for at in self._at.get(key, ())[:MAX_CANDIDATES]}

    def _searched(self, value: str) -> list[Passage]:
        exact = next((key for key in exact_keys(value) if key in self._at), "")
        if exact:
            return self.by(exact)
        postings = [self._at.get(word, ()) for word in set(words(value))]
        if not postings or not all(postings):
            return []
        rarest = min(postings, key=len)[:MAX_CANDIDATES]
        return _once([self.passages[at] for at in rarest if holds(self.passages[at].text, value)])


def _place(passage: Passage) -> tuple[int, int]:
    return passage.answer, passage.record


def _once(found: list[Passage]) -> list[Passage]:
    """Return the passages without those that were read again where the user pointed at them, or left something to them.

    Who lists his mail before he searches it knows no more of it, and no less.
    """
    if len(found) < 2:  # noqa: PLR2004 - one
        return found
    most: dict[str, tuple[bool, bool]] = {}
    for each in found:
        most[each.text] = max(most.get(each.text, (False, False)), _pointed(each))
    return [each for each in found if each.origin not in STRANGE or _pointed(each) == most[each.text]]


def _pointed(passage: Passage) -> tuple[bool, bool]:
    return passage.is_referred, bool(passage.acts)
