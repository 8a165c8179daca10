r"""Which plain words may a datum of a pack's own recognizers begin with?

A stream lets plain words go at once (`content.plain`), since nothing that the sidecar knows begins with one. A pack may
know better: `First Light` on a deny list, `case \d{6}`. Such words wait for what follows them, as any other word does.
A class of Python (`type: installed`) cannot be asked: what it finds counts from its first word that is not plain.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Final

import regex  # type: ignore[import-untyped]  # it ships no types

from sidecar.content.plain import MARKS, OPENINGS, WORDS
from sidecar.policy.recognizers import RecognizerPart

TIMEOUT_S: Final = 0.02  # for one look; a pattern that takes longer may begin with the word
FLAGS: Final = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE  # as Presidio's registry sets them
_BEHIND: Final = re.compile(r"(?<!\\)\(\?<[=!][^()\[\]]*\)")  # what must, or must not, stand before: that may be so
_FIRST: Final = re.compile(r"[^\w]*((?:[^\W\d_]|'){1,20})")


def beginnings(recognizers: Iterable[RecognizerPart]) -> frozenset[str]:
    """Return those of `WORDS` that something which one of `recognizers` finds may begin with."""
    return frozenset(word for recognizer in recognizers for word in _begun(recognizer))


def _begun(recognizer: RecognizerPart) -> Iterator[str]:
    for term in recognizer.deny_list:
        first = _FIRST.match(term.lower().replace("\u2019", "'"))
        if first and first[1] in WORDS:
            yield first[1]
    for each in recognizer.patterns:
        with warnings.catch_warnings():  # on style; it was compiled before
            warnings.simplefilter("ignore")
            pattern = regex.compile(_BEHIND.sub("", each.regex), FLAGS)
        opened = ("", *(mark for mark in OPENINGS if _is_first(pattern, mark)))  # `«le \w+»` begins with the mark
        yield from (word for word in WORDS if any(_may_begin(pattern, mark + word) for mark in opened))


def _may_begin(pattern: "regex.Pattern[str]", word: str) -> bool:
    """Whether a match of `pattern` may begin in `word` and go on behind it, or end with it."""
    try:
        return any(
            pattern.match(f" {word}", at, partial=True, timeout=TIMEOUT_S)
            and any(_reaches(pattern, f" {word}{mark}", at) for mark in MARKS)
            for at in range(1, len(word) + 1)
        )
    except TimeoutError:
        return True


def _is_first(pattern: "regex.Pattern[str]", mark: str) -> bool:
    """Whether a match of `pattern` may begin with `mark`."""
    try:
        return pattern.match(mark, partial=True, timeout=TIMEOUT_S) is not None
    except TimeoutError:
        return True


def _reaches(pattern: "regex.Pattern[str]", text: str, at: int) -> bool:
    match = pattern.match(text, at, partial=True, timeout=TIMEOUT_S)
    return match is not None and match.end() > at
