"""A part of a text, read word by word: where it ends of itself, and how far no finding begins in it.

What was read is not read again when more of the text has come: each word is looked at once, so that a piece of a
stream costs what it brings, and not what came before it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sidecar.content.lines import Line, begins_anew, ends_a_group, ends_a_line
from sidecar.content.naming import begins_no_name, is_mixed
from sidecar.content.plain import LISTED, Small, is_plain, is_quiet
from sidecar.content.telling import Telling

MAX_PART: Final = 320  # characters; a sentence has a hundred, an e-mail address at most 254
MIN_PART: Final = 30  # characters, unless a sentence or a line ends: each part costs as much as fifty characters more

WORD: Final = re.compile(r"[\S\x1c-\x1f]+")  # what separates files and records is space to Unicode alone
_STOP: Final = re.compile(r"[.!?\u2026]{1,3}[\"'\u201d\u2019)\]*_]{0,3}$")
_STOPPING: Final = frozenset(".!?\u2026\"'\u201d\u2019)]*_")  # what it can end with
_LETTERS: Final = re.compile(r"[\"'\u201c\u2018(]{0,2}(?:[^\W\d_]\.)+$")  # initials
_SHORT: Final = frozenset(
    {"approx.", "co.", "corp.", "dept.", "dr.", "e.g.", "etc.", "ext.", "fig.", "i.e.", "inc.", "jr.", "ltd.", "mr."}
    | {"mrs.", "ms.", "no.", "nr.", "prof.", "sr.", "st.", "tel.", "vs."}
    | {"al.", "apt.", "av.", "avda.", "ave.", "bd.", "blvd.", "os.", "pl.", "rd.", "ste.", "ul."}  # of an address
)
_LONE: Final = "."  # between numbers that are pulled apart: `10 . 0 . 0 . 7`
_STREET: Final = "str."  # `Lindenstr. 4`
_OPENING: Final = "\"'([{<*_\u201c\u2018"
_PAUSES: Final = frozenset(",;")
_PLUS: Final = "+"  # a number begins with it, none goes on with it behind a comma
_CLAUSE: Final = re.compile(r"\w[\"'\u201d\u2019)*_]{0,3}[,;]\Z")


@dataclass(frozen=True, slots=True)
class Within:
    """Where no part ends of itself.

    Between two words, in small letters the first one and the sign that the second begins with: `pairs`. `is_wide`:
    somebody's own recognizer may find something over the end of a clause, of a line of a program, of a field.
    """

    pairs: Collection[tuple[str, str]] = frozenset()
    is_wide: bool = False


NOWHERE: Final = Within()


def pair(word: str, following: str) -> tuple[str, str]:
    """Return what tells a pair of words: no more of the second than its sign, for the rest may not have come yet."""
    return word.lower().lstrip(_OPENING), following[0].lower()


class Reading:
    """One part, from `start` on, whose context begins at `low`; the text grows from question to question.

    `small` tells which words are plain, behind `run` small words it may end, nowhere `unended`.
    """

    def __init__(self, start: int, low: int, run: int, small: Small = LISTED, unended: Within = NOWHERE) -> None:
        self.low = low
        self.start = start
        self._run = run
        self._small = small
        self._unended = unended
        self._telling = Telling(low) if small.frees else None
        self._line: Line | None = None
        self._at = start  # where the word begins that was read last
        self._taken = -1  # where the last one began that was taken in
        self._quiet = 0  # how many words came last that are in small letters,
        self._plain = 0  # and how many that are plain
        self._is_single = False  # whether the last one is a single sign
        self._led = start

    def end(self, text: str, *, is_whole: bool) -> int:
        """Return the first place where the part may end of itself, with the next word in sight.

        0 where there is none, or more must be seen to know.
        """
        least, most = self.start + MIN_PART, self.start + MAX_PART
        before: re.Match[str] | None = None
        for match in WORD.finditer(text, self._at, most + 1):
            at = match.start()
            if before is not None and at <= most:
                is_end = self._ends(text, before, match, is_long=at >= least, is_whole=is_whole)
                if is_end is None:
                    return 0
                if is_end:
                    return at
                self._at = at
            before = match
        return 0

    def lead(self, text: str, *, is_whole: bool, stop: int | None = None, small: Small | None = None) -> int:
        """Return the end of the plain words that it begins with, as far as they are known to be such.

        Where `stop` is given it ends there. The last word of a whole counts where it does before some word: no more of
        a text is plain while it is written. `small` tells otherwise than for its end which words are plain: fewer.
        """
        small = small or self._small
        end = len(text) if stop is None else stop
        words = WORD.finditer(text, min(self._led, end), end)
        match = next(words, None)
        while match is not None:
            following = next(words, None)
            if not (is_whole or match.end() < end):
                break
            said = following[0] if following else ""
            is_known = is_plain(match[0], said or "a" * is_whole, small)
            if not (is_known or self._is_free(text, match, following, end, small, is_whole=is_whole)):
                break
            match = following
        self._led = match.start() if match else end
        return self._led

    def _is_free(
        self,
        text: str,
        word: re.Match[str],
        following: re.Match[str] | None,
        end: int,
        small: Small,
        *,
        is_whole: bool,
    ) -> bool:
        """Whether nothing begins with `word`, though it is on no list. What follows `end` tells only how it begins."""
        if self._telling is None or not small.frees:
            return False
        is_beside = following is None or self._is_beside(text, word, following)
        has_ended = is_beside and (is_whole or (following is not None and following.end() < end))
        said = following[0] if following else ""
        seen = said if is_beside else ""
        begun = "" if word[0][-1] in _PAUSES else seen  # where a clause ends is told by all of the next word
        if self._telling.frees(text, word, said if has_ended else None, begun) is not True:
            return False
        if small.is_formed:
            return True
        if following is None:
            seen = text[end : end + 1] if "\n" not in text[word.end() : end] else ""
        is_known = has_ended and following is not None
        return begins_no_name(text, self.low, word, seen, has_ended=is_known) is True

    def _is_beside(self, text: str, word: re.Match[str], following: re.Match[str]) -> bool:
        """Whether `word` may be judged by `following`: no part ends between them before that is seen."""
        is_early = word.start() - self.start < MAX_PART // 2  # what is later may be cut from it
        return is_early and "\n" not in text[word.end() : following.start()]

    def _ends(
        self, text: str, before: re.Match[str], match: re.Match[str], *, is_long: bool, is_whole: bool
    ) -> bool | None:
        """Whether the part ends between the two words; None where more must be seen to know."""
        word, first = before[0], match[0][0]
        gap = text[before.end() : match.start()]
        line = self._take(text, before)
        is_end: bool | None = is_long and self._lasts(text, match.start())
        may_go_on = self._unended.is_wide
        if not is_end and "\n" in gap:
            may_go_on = may_go_on or (not first.isalpha() and ends_a_group(text, self.start, before.end()))
            is_end = _ends_a_line(word, gap, first, line, may_go_on=may_go_on)
        is_end = is_end or _ends_a_sentence(word, first)
        if not is_end and not self._unended.is_wide:
            may_end = is_long and (first.islower() or first == _PLUS)
            if may_end and word[-1] in _PAUSES and _CLAUSE.search(word):
                is_end = self._goes_on_plainly(text, word, match, line, is_whole=is_whole)
            if is_end is False and "\n" in gap:
                is_end = begins_anew(text, line, match.start(), may_go_on=may_go_on, is_whole=is_whole)
        if is_end and self._unended.pairs and pair(word, first) in self._unended.pairs:
            is_end = False
        if is_end is False and "\n" in gap:
            self._line = Line(match.start())
        return is_end

    def _goes_on_plainly(
        self, text: str, word: str, match: re.Match[str], line: Line, *, is_whole: bool
    ) -> bool | None:
        """Whether what follows a clause is no part of it: None where the next word has not come to its end."""
        if (line.is_code and word[-1] == ";") or match[0][0] == _PLUS:
            return True
        return is_plain(match[0], "a", self._small) if is_whole or match.end() < len(text) else None

    def _take(self, text: str, before: re.Match[str]) -> Line:
        """Take in a word that has come to its end, once; return its line."""
        line = self._line = self._line or Line.at(text, self.start)
        if before.start() > self._taken:
            self._taken = before.start()
            is_pulled = len(before[0]) == 1 and self._is_single  # `a d a @ e x a m p l e . o r g`
            self._is_single = len(before[0]) == 1
            self._quiet = self._quiet + 1 if is_quiet(before[0]) and not is_pulled else 0
            self._plain = self._plain + 1 if is_plain(before[0], "a", self._small) else 0
            line.add(before[0])
        return line

    def _lasts(self, text: str, at: int) -> bool:
        """Whether so many small words came last, with nothing told in them, that the part may end at `at`."""
        if self._quiet < self._run:
            return False
        if self._telling is None:
            return self._plain > 1
        if self._telling.is_used(text, at):
            return False
        is_told = self._small.is_named and not is_mixed(text[self.low : at])  # a name in small letters may go on
        return self._plain > 1 or not (is_told or self._telling.tells(text, at))


def _ends_a_line(word: str, gap: str, first: str, line: Line, *, may_go_on: bool) -> bool:
    """Whether a line or a paragraph ends with `word`. Digits on both sides may be one number."""
    if first.isdigit() and any(map(str.isdigit, word)):
        return False
    return gap.count("\n") > 1 or ends_a_line(word, first, line, may_go_on=may_go_on)


def _ends_a_sentence(word: str, first: str) -> bool:
    """Whether a sentence ends with `word`, likewise."""
    if word[-1] not in _STOPPING or first.islower() or not _STOP.search(word):
        return False
    if first.isdigit() and (word == _LONE or any(map(str.isdigit, word))):
        return False
    low = word.lower()
    return not (low in _SHORT or low.endswith(_STREET) or _LETTERS.match(word))
