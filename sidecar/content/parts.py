"""A text in parts that can be judged while it is being written.

What a model writes is judged part by part, the whole text no other than the stream, so that both come to the same.
Where a part ends is decided from left to right, by what stands there and a few characters behind it, never by how the
text arrived. A part ends with a sentence, a line, or, within a sentence, where only small words have followed for a
while: enough for the model that names persons to have seen what it looks at. It is never longer than `MAX_PART`.

A part is looked at together with what stands before it (`window`). Its first plain words are its `lead`: no finding
begins there, so that they can be released before the part has ended.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.plain import is_plain, is_quiet

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
_LINE_END: Final = (".", "!", "?", ":", ";")
_LISTED: Final = frozenset("-*#\u2022|>+")
_IDEOGRAPHIC_STOPS: Final = frozenset("\u3002\uff01\uff1f")


# Pairs of words, in small letters, between which no part ends: the first one, and the sign that the second begins with.
Within = Collection[tuple[str, str]]
NOWHERE: Final[Within] = frozenset()


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


def within(terms: Iterable[str]) -> Within:
    """Return where no part ends of itself: between two words that stand so in one of `terms` (`Yahoo! Inc.`)."""
    return frozenset(_pair(*words) for term in terms for words in pairwise(_WORD.findall(term)))


def _pair(word: str, following: str) -> tuple[str, str]:
    """Return what tells a pair of words: no more of the second than its sign, for the rest may not have come yet."""
    return word.lower().lstrip(_OPENING), following[0].lower()


def parts(text: str, run: int, named: Collection[str] = (), unended: Within = NOWHERE) -> Iterator[Part]:
    """Yield the parts of a whole text. `run` is one of `RUN_OF_FORMS` and `RUN_OF_NAMES`.

    `named` are plain words, in small letters, that a finding may begin with all the same; `unended` is where no part
    ends of itself.
    """
    start = 0
    while part := next_part(text, start, run, is_whole=True, named=named, unended=unended):
        yield part
        start = part.end


def given_parts(text: str, ends: Sequence[int], start: int = 0, named: Collection[str] = ()) -> Iterator[Part]:
    """Yield the parts from `start` on that end at `ends`, whatever stands behind them."""
    for end in ends:
        plain = min(lead(text, start, is_whole=True, end=end, named=named), end)
        yield Part(start, end, _window_start(text, start), end, plain)
        start = end


def clipped(spans: Sequence[Span], part: Part) -> tuple[Span, ...]:
    """Return what of `spans`, offsets in the part's window, stands in the part behind its lead: offsets in the text."""
    by = part.window_start
    moved = (Span(max(s.start + by, part.lead), min(s.end + by, part.end), s.entity, s.score) for s in spans)
    return tuple(span for span in moved if span.start < span.end)


def next_part(
    text: str, start: int, run: int, *, is_whole: bool, named: Collection[str] = (), unended: Within = NOWHERE
) -> Part | None:
    """Return the part that begins at `start`; None where there is none, or more of the text must be seen first.

    Of `text` no more than the last `CONTEXT` characters before `start` are looked at.
    """
    end = _natural_end(text, start, run, unended)
    if end:
        return _part(text, start, end, end, named)
    if len(text) - start > MAX_PART and (is_whole or len(text) - start >= HOLD_BACK):
        end = _forced_end(text, start)
        return _part(text, start, end, min(end + AHEAD, len(text)), named)
    return _part(text, start, len(text), len(text), named) if is_whole and start < len(text) else None


def lead(text: str, start: int, *, is_whole: bool, end: int | None = None, named: Collection[str] = ()) -> int:
    """Return the end of the plain words at `start`, as far as they are known to be such; of `text[:end]` if given."""
    stop = len(text) if end is None else end
    for match in _WORD.finditer(text, start, stop):
        if not (is_whole or match.end() < stop) or not is_plain(match[0], named):
            return match.start()
    return stop


def _part(text: str, start: int, end: int, window_end: int, named: Collection[str]) -> Part:
    plain = lead(text, start, is_whole=end == len(text), named=named)
    return Part(start, end, _window_start(text, start), window_end, min(plain, end))


def _window_start(text: str, start: int) -> int:
    """Return where the context begins: with a word, in the same paragraph."""
    least = max(0, start - CONTEXT)
    paragraph = text.rfind("\n\n", least, start)
    if paragraph >= 0:
        return paragraph + 2
    gap = _GAP.search(text, least, start) if least else None
    return gap.end() if gap else least


def _natural_end(text: str, start: int, run: int, unended: Within) -> int:
    """Return the first place where a part may end of itself, with the next word in sight; 0 where there is none."""
    before: re.Match[str] | None = None
    quiet = plain = 0
    for match in _WORD.finditer(text, start, start + MAX_PART + 1):
        if before is not None and match.start() <= start + MAX_PART:
            word = before[0]
            quiet = quiet + 1 if is_quiet(word) else 0
            plain = plain + 1 if is_plain(word) else 0
            is_lull = quiet >= run and plain > 1 and match.start() - start >= MIN_PART
            is_end = is_lull or _ends(word, text[before.end() : match.start()], match[0][0])
            if is_end and not (unended and _pair(word, match[0]) in unended):
                return match.start()
        before = match
    return 0


def _ends(word: str, gap: str, following: str) -> bool:
    """Whether a sentence or a line ends with `word`. Digits on both sides may be one number."""
    if following.isdigit() and any(map(str.isdigit, word)):
        return False
    if gap.count("\n") > 1:
        return True
    if "\n" in gap and (following in _LISTED or word.endswith(_LINE_END)):
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
