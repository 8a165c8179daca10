"""Does a number follow from what the user said: what is left of 80 where 64 were due, half of it, three times 18?

Nobody else can choose it: what a stranger writes stands in his own text.
"""

import re
from collections.abc import Iterable
from itertools import permutations
from typing import Final

from sidecar.content.origin.normal import number, number_places
from sidecar.model.steps import Steps

MAX_NUMBERS: Final = 12  # of the newest requests that are reckoned with
HUNDRED: Final = 100.0
_KEY: Final = "n:"
_WORDS: Final = (
    ("half halves both two twice double", 2),
    ("third three thrice triple", 3),
    ("quarter four", 4),
    ("fifth five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve dozen", 12),
)
_SPOKEN: Final = {word: number for said, number in _WORDS for word in said.split()}
_WORD: Final = re.compile(rf"\b(?:{'|'.join(_SPOKEN)})\b")


def reckoned(requests: Iterable[str]) -> Steps[frozenset[str]]:
    """Come to what follows from two numbers of the user's folded requests, and what all of them come to.

    Worked out once for all numbers of a call, and with a step behind each request, which may be long.
    """
    found: list[float] = []
    for text in requests:
        found += [float(key.removeprefix(_KEY)) for _, key in number_places(text)]
        found += [float(_SPOKEN[match.group()]) for match in _WORD.finditer(text)]
        yield
    said = list(dict.fromkeys(found))[-MAX_NUMBERS:]  # the newest
    follow = {sum(said)} if said else set()
    for one, other in permutations(said, 2):
        follow |= {one + other, one - other, one * other, one * other / HUNDRED}
        follow |= {one * (1 - other / HUNDRED), one * (1 + other / HUNDRED)}
        follow |= {one / other} if other else set()
    yield
    return frozenset(number(round(each, 2)) for each in follow)


def is_reckoned(value: float, known: frozenset[str]) -> bool:
    """Return whether `value` is one of those that are `known` to follow from what the user said."""
    return number(round(value, 2)) in known
