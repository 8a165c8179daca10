"""Does a word that tells what a value is stand before it?

A cue counts where it ends within `REACH` characters before a value: `SSN: 1`, `my passport number is 1`, and a
question whose answer follows. All are looked for in one pass.
"""

import re
from bisect import bisect_right
from typing import Final

REACH: Final = 40  # characters between a cue's end and its value: "security number, for the record?\nA: "
FAR: Final = 1 << 30


class Cues:
    """Where in `text` the words of `pattern` end."""

    def __init__(self, text: str, pattern: re.Pattern[str]) -> None:
        self._ends = [match.end() for match in pattern.finditer(text)]

    def distance(self, at: int) -> int:
        """Return how many characters lie between the last cue before `at` and `at`; `FAR` beyond `REACH`."""
        index = bisect_right(self._ends, at)
        gap = at - self._ends[index - 1] if index else FAR
        return gap if gap <= REACH else FAR

    def before(self, at: int) -> bool:
        """Whether a cue ends at most `REACH` characters before `at`."""
        return self.distance(at) < FAR


def words(alternatives: str) -> re.Pattern[str]:
    """Return the pattern of any of `alternatives` (of a regular expression) as whole words, in any case."""
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W\d_])", re.IGNORECASE)


def listed(text: str) -> frozenset[str]:
    """Return the words of `text`; in each, `_` stands for a space."""
    return frozenset(word.replace("_", " ") for word in text.split())
