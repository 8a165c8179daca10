"""A text in parts that can be judged while it is being written.

What a model writes is judged part by part, the whole text no other than the stream, so that both come to the same.
Where a part ends is decided from left to right, by what stands there and a few characters behind it, never by how the
text arrived. A part ends with a sentence, a line, or, within a sentence, where only small words have followed for a
while: enough for the model that names persons to have seen what it looks at. It is never longer than `MAX_PART`.
Lines of an address and of a wrapped sentence are one part; those of a program, of records that begin alike, of fields
with labels are not (`content.lines`).

A part is looked at together with what stands before it (`window`). Its first plain words are its `lead`: no finding
begins there, so that they can be released before the part has ended.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.lines import Line, begins_anew, ends_a_group, ends_a_line
from sidecar.content.plain import LISTED, Small, is_plain, is_quiet
from sidecar.content.telling import Telling

MAX_PART: Final = 320  # characters; a sentence has a hundred, an e-mail address at most 254
MIN_PART: Final = 30  # characters, unless a sentence or a line ends: each part costs as much as fifty characters more
AHEAD: Final = 64  # characters behind a part that had to be cut, which are looked at with it
CONTEXT: Final = 48  # characters before a part: the five words whose context counts have thirty
HOLD_BACK: Final = MAX_PART + AHEAD  # characters of a stream that may have to wait, never more
RUN_OF_FORMS: Final = 3  # small words after which a part may end: behind a form, no context counts
RUN_OF_NAMES: Final = 6  # as many as the model's view to the right has words, and two

_WORD: Final = re.compile(r"[\S\x1c-\x1f]+")  # what separates files and records is space to Unicode alone
_GAP: Final = re.compile(r"\s")
_STOP: Final = re.compile(r"[.!?\u2026]{1,3}[\"'\u201d\u2019)\]*_]{0,3}$")
_LETTERS: Final = re.compile(r"[\"'\u201c\u2018(]{0,2}(?:[^\W\d_]\.)+$")  # initials
_SHORT: Final = frozenset(
    {"approx.", "co.", "corp.", "dept.", "dr.", "e.g.", "etc.", "ext.", "fig.", "i.e.", "inc.", "jr.", "ltd.", "mr."}
    | {"mrs.", "ms.", "no.", "nr.", "prof.", "sr.", "st.", "tel.", "vs."}
)
_OPENING: Final = "\"'([{<*_\u201c\u2018"
_CLAUSE: Final = re.compile(r"\w[\"'\u201d\u2019)*_]{0,3}[,;]\Z")
_IDEOGRAPHIC_STOPS: Final = frozenset("\u3002\uff01\uff1f")


@dataclass(frozen=True, slots=True)
class Within:
    """Where no part ends of itself.

    Between two words, in small letters the first one and the sign that the second begins with: `pairs`. `is_wide`:
    somebody's own recognizer may find something over the end of a clause, of a line of a program, of a field.
    """

    pairs: Collection[tuple[str, str]] = frozenset()
    is_wide: bool = False


NOWHERE: Final = Within()


@dataclass(frozen=True, slots=True)
class Part:
    """`text[start:end]`, judged by what is found in `text[window_start:window_end]` from `lead` on."""

    start: int
    end: int
    window_start: int
    window_end: int
    lead: int

    @property
    def is_plain(self) -> bool:
        """Whether nothing can be found in it."""
        return self.lead >= self.end


def within(terms: Iterable[str], *, is_wide: bool = False) -> Within:
    """Return where no part ends of itself: between two words that stand so in one of `terms` (`Yahoo! Inc.`)."""
    return Within(frozenset(_pair(*words) for term in terms for words in pairwise(_WORD.findall(term))), is_wide)


def _pair(word: str, following: str) -> tuple[str, str]:
    """Return what tells a pair of words: no more of the second than its sign, for the rest may not have come yet."""
    return word.lower().lstrip(_OPENING), following[0].lower()


def parts(text: str, run: int, small: Small = LISTED, unended: Within = NOWHERE) -> Iterator[Part]:
    """Yield the parts of a whole text. `run` is one of `RUN_OF_FORMS` and `RUN_OF_NAMES`.

    `small` tells which words are plain; `unended` is where no part ends of itself.
    """
    start = 0
    while part := next_part(text, start, run, is_whole=True, small=small, unended=unended):
        yield part
        start = part.end


def given_parts(text: str, ends: Sequence[int], start: int = 0, small: Small = LISTED) -> Iterator[Part]:
    """Yield the parts from `start` on that end at `ends`, whatever stands behind them."""
    for end in ends:
        plain = min(lead(text, start, is_whole=True, end=end, small=small), end)
        yield Part(start, end, _window_start(text, start), end, plain)
        start = end


def clipped(spans: Sequence[Span], part: Part) -> tuple[Span, ...]:
    """Return what of `spans`, offsets in the part's window, stands in the part behind its lead: offsets in the text."""
    by = part.window_start
    moved = (Span(max(s.start + by, part.lead), min(s.end + by, part.end), s.entity, s.score) for s in spans)
    return tuple(span for span in moved if span.start < span.end)


def next_part(
    text: str, start: int, run: int, *, is_whole: bool, small: Small = LISTED, unended: Within = NOWHERE
) -> Part | None:
    """Return the part that begins at `start`; None where there is none, or more of the text must be seen first.

    Of `text` no more than the last `CONTEXT` characters before `start` are looked at.
    """
    end = _natural_end(text, start, run, unended, small, is_whole=is_whole)
    if end:
        return _part(text, start, end, end, small)
    if len(text) - start > MAX_PART and (is_whole or len(text) - start >= HOLD_BACK):
        end = _forced_end(text, start)
        return _part(text, start, end, min(end + AHEAD, len(text)), small)
    return _part(text, start, len(text), len(text), small) if is_whole and start < len(text) else None


def lead(text: str, start: int, *, is_whole: bool, end: int | None = None, small: Small = LISTED) -> int:
    """Return the end of the plain words at `start`, as far as they are known to be such; of `text[:end]` if given.

    The last word of a whole counts where it does before some word: no more of a text is plain while it is written.
    """
    stop = len(text) if end is None else end
    telling = Telling(text, _window_start(text, start)) if small.is_formed else None
    words = _WORD.finditer(text, start, stop)
    match = next(words, None)
    while match is not None:
        following = next(words, None)
        if not (is_whole or match.end() < stop):
            return match.start()
        if not is_plain(match[0], following[0] if following else "a" * is_whole, small):
            has_ended = is_whole or (following is not None and following.end() < stop)
            said = (following[0] if following else "") if has_ended else None
            if telling is None or not telling.frees(match, said):
                return match.start()
        match = following
    return stop


def _part(text: str, start: int, end: int, window_end: int, small: Small) -> Part:
    return Part(
        start, end, _window_start(text, start), window_end, lead(text, start, is_whole=True, end=end, small=small)
    )


def _window_start(text: str, start: int) -> int:
    """Return where the context begins: with a word, in the same paragraph."""
    least = max(0, start - CONTEXT)
    paragraph = text.rfind("\n\n", least, start)
    if paragraph >= 0:
        return paragraph + 2
    gap = _GAP.search(text, least, start) if least else None
    return gap.end() if gap else least


def _natural_end(text: str, start: int, run: int, unended: Within, small: Small, *, is_whole: bool) -> int:
    """Return the first place where a part may end of itself, with the next word in sight.

    0 where there is none, or more must be seen to know.
    """
    before: re.Match[str] | None = None
    line = Line.at(text, start)
    lull = _Lull(run, small, Telling(text, _window_start(text, start)) if small.is_formed else None)
    for match in _WORD.finditer(text, start, start + MAX_PART + 1):
        if before is not None and match.start() <= start + MAX_PART:
            word, gap = before[0], text[before.end() : match.start()]
            lull.add(word)
            line.add(word)
            is_long = match.start() - start >= MIN_PART
            is_end: bool | None = is_long and lull.lasts(match.start())
            has_number = "\n" in gap and not match[0][0].isalpha() and ends_a_group(text, start, before.end())
            may_go_on = has_number or unended.is_wide
            is_end = is_end or _ends(word, gap, match[0][0], line, may_go_on=may_go_on)
            is_known = is_end or unended.is_wide
            if not is_known and is_long and _CLAUSE.search(word) and match[0][0].islower():
                is_end = is_plain(match[0], "a", small) if is_whole or match.end() < len(text) else None
            if not is_known and is_end is False and "\n" in gap:
                is_end = begins_anew(text, line, match.start(), may_go_on=may_go_on, is_whole=is_whole)
            if is_end is None:
                return 0
            if is_end and not (unended.pairs and _pair(word, match[0]) in unended.pairs):
                return match.start()
            if "\n" in gap:
                line = Line(match.start())
        before = match
    return 0


@dataclass(slots=True)
class _Lull:
    """The small words that came last: behind `run` of them a part may end, if nothing is told of in them."""

    run: int
    small: Small
    telling: Telling | None
    quiet: int = 0
    plain: int = 0

    def add(self, word: str) -> None:
        """Take in the next word."""
        self.quiet = self.quiet + 1 if is_quiet(word) else 0
        self.plain = self.plain + 1 if is_plain(word, "a", self.small) else 0

    def lasts(self, at: int) -> bool:
        """Whether a part may end at `at`, behind these words."""
        if self.quiet < self.run:
            return False
        if self.telling is None:
            return self.plain > 1
        return not self.telling.is_used(at) and (self.plain > 1 or not self.telling.tells(at))


def _ends(word: str, gap: str, following: str, line: Line, *, may_go_on: bool) -> bool:
    """Whether a sentence or a line ends with `word`. Digits on both sides may be one number."""
    if following.isdigit() and any(map(str.isdigit, word)):
        return False
    if gap.count("\n") > 1:
        return True
    if "\n" in gap and ends_a_line(word, following, line, may_go_on=may_go_on):
        return True
    if not _STOP.search(word) or following.islower():
        return False
    return not (word.lower() in _SHORT or _LETTERS.match(word))


def _forced_end(text: str, start: int) -> int:
    """Return where a part ends that does not end of itself: between words, away from digits, or else anywhere."""
    least, most = start + MAX_PART // 2, start + MAX_PART
    gaps = [at for at in range(most, least, -1) if text[at - 1].isspace() or text[at - 1] in _IDEOGRAPHIC_STOPS]
    return next((at for at in gaps if not _has_digits_around(text, at)), gaps[0] if gaps else most)


def _has_digits_around(text: str, at: int) -> bool:
    return any(map(str.isdigit, text[max(0, at - 8) : at + 8]))
