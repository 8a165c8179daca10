"""Does a word that tells what a value is stand before it?

A cue counts where it ends within `REACH` characters before a value: `SSN: 1`, `my passport number is 1`, and a
question whose answer follows.
"""

import re
from collections.abc import Iterable
from typing import Final

REACH: Final = 40  # characters between a cue's end and its value: "security number, for the record?\nA: "
LONGEST: Final = 32  # characters of a cue
FAR: Final = 1 << 30
_ALIKE: Final = str.maketrans("\u017f\u0130\u0131\u212a", "siik")  # what a pattern takes for these in any case


class Cues:
    """The words of `pattern` in `text`. Only what stands before a value is looked at."""

    def __init__(self, text: str, pattern: re.Pattern[str]) -> None:
        self._text = text
        self._pattern = pattern

    def distance(self, at: int) -> int:
        """Return how many characters lie between the last cue before `at` and `at`; `FAR` beyond `REACH`."""
        end = -FAR
        for match in self._pattern.finditer(self._text, max(0, at - REACH - LONGEST), at):
            end = match.end()
        return at - end if at - end <= REACH else FAR

    def before(self, at: int) -> bool:
        """Whether a cue ends at most `REACH` characters before `at`."""
        return self.distance(at) < FAR


def lowered(text: str) -> str:
    """Return `text` in small letters: what it does not hold, no pattern of ASCII letters in any case finds in it."""
    return text.lower() if text.isascii() else text.translate(_ALIKE).lower()


def holds(low: str, hints: Iterable[str]) -> bool:
    """Whether a text in small letters holds one of `hints`: in one step, however many there are."""
    for hint in hints:  # noqa: SIM110 - a generator takes a step for each
        if hint in low:
            return True
    return False


def words(alternatives: str) -> re.Pattern[str]:
    """Return the pattern of any of `alternatives` (of a regular expression) as whole words, in any case.

    Each begins with a letter of ASCII, or a space before one: at signs and digits, which most texts with numbers are
    full of, none needs to be tried.
    """
    return re.compile(rf"(?<![^\W_])(?=[ a-z])(?:{alternatives})(?![^\W\d_])", re.IGNORECASE)


def listed(text: str) -> frozenset[str]:
    """Return the words of `text`; in each, `_` stands for a space."""
    return frozenset(word.replace("_", " ") for word in text.split())
