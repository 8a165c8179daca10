"""Presidio's recognizer of telephone numbers, looking only where a number can be.

Its own goes through the whole text once for each of eight regions, and lets libphonenumber parse every year
and price. Here the text is cut into runs of digits that one number could join (nothing longer than a
separator or the word for an extension between them), and a region is asked about a run only if the run's digits
can hold a number of that region, until one has found all of it. What it finds is the same; tests hold it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from phonenumbers import Leniency, PhoneNumberMatch, PhoneNumberMatcher
from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

from sidecar.content.recognizers.dialling import PLAIN, Region, region

MAX_SEPARATOR: Final = 4  # characters between digits of one number, by libphonenumber
MAX_LABEL: Final = 16  # without spaces: `extensión:`, a bracket, a hash
MAX_GAP: Final = 1_000  # with any number of spaces, by libphonenumber; nobody wrote so many
MARGIN: Final = 20  # characters around a run that decide about it: signs and brackets before, a time behind
MAX_GROUP: Final = 20  # digits; libphonenumber cuts longer ones
MAX_DIGITS: Final = 28  # of all that is dialled: a prefix, a country, a carrier, 17 digits
MIN_DIGITS: Final = 4  # of the shortest number that any country has, abroad one more

_DIGITS = re.compile(r"\d+")
_LABEL = re.compile(
    r"[x\uff58#\uff03~\uff5e,;]|int|\uff49\uff4e\uff54|\uff45|\u0434\u043e\u0431", re.IGNORECASE
)  # is in whatever precedes an extension
_BLANK = re.compile(r"[\s,-]+")
_PLUS = re.compile(r"[+\uff0b]")
_OTHERS = re.compile(r"\D")
_LETTERS = re.compile(r"(?:[x\uff58][^x\uff58]*){3}", re.IGNORECASE)  # three letters may stand for digits


@dataclass(frozen=True)
class Run:
    """`text[start:end]` begins and ends with a digit; `groups` are the digits in it, as 0 to 9."""

    text: str
    start: int
    end: int
    groups: tuple[str, ...]

    @cached_property
    def window(self) -> tuple[int, str]:
        """The run with all that decides about it, and where that starts."""
        start = max(self.start - MARGIN, 0)
        return start, self.text[start : self.end + MARGIN]

    @cached_property
    def is_free(self) -> bool:
        """Whether it could be of any country, or hold digits that are not written as such, or start anywhere."""
        _, window = self.window
        is_long = any(len(group) > MAX_GROUP for group in self.groups)
        return is_long or bool(_PLUS.search(window) or _LETTERS.search(window))

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """All that one could dial: the digits of neighbouring groups."""
        found = []
        for first, group in enumerate(self.groups):
            digits = group
            for next_group in self.groups[first + 1 :]:
                found.append(digits)
                digits += next_group
                if len(digits) > MAX_DIGITS:
                    break
            found.append(digits)
        return tuple(found)


def admits(region: Region, run: Run) -> bool:
    """Whether `run` could hold a number, for someone who dials in `region`."""
    return run.is_free or region.rewrites or any(map(region.dials, run.numbers))


class Matcher(PhoneNumberMatcher):
    """libphonenumber's, which parses only what its region could dial."""

    def __init__(self, text: str, region: Region, leniency: int) -> None:
        super().__init__(text, region.name, leniency=leniency)
        self._region = region

    def _parse_and_verify(self, candidate: str, offset: int) -> PhoneNumberMatch | None:
        if PLAIN.fullmatch(candidate) and not self._region.dials(_plain(_OTHERS.sub("", candidate))):
            return None
        match: PhoneNumberMatch | None = super()._parse_and_verify(candidate, offset)
        return match


class WindowedPhoneRecognizer(PhoneRecognizer):
    """Finds what Presidio's finds."""

    @cached_property
    def _regions(self) -> list[Region]:
        return [region(name) for name in self.supported_regions]

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Return all numbers in `text` that one of the regions knows."""
        del entities, nlp_artifacts
        found = [self._result(start, end) for run in runs(text) for start, end in self._numbers(run)]
        best: list[RecognizerResult] = EntityRecognizer.remove_duplicates(found)
        return best

    def _numbers(self, run: Run) -> set[tuple[int, int]]:
        found: set[tuple[int, int]] = set()
        offset, window = run.window
        leniency = Leniency.VALID if self.leniency is None else self.leniency
        for known in self._regions:
            if not admits(known, run):
                continue
            matcher = PhoneNumberMatcher(window, known.name, leniency=leniency)
            for match in matcher if run.is_free else Matcher(window, known, leniency):
                start, end = match.start + offset, match.end + offset
                if start < run.end and end > run.start:
                    found.add((start, end))
                if start <= run.start and end >= run.end:
                    return found  # the others could only find parts of it
        return found

    def _result(self, start: int, end: int) -> RecognizerResult:
        return RecognizerResult(
            self.supported_entities[0],
            start,
            end,
            self.SCORE,
            AnalysisExplanation(recognizer=type(self).__name__, original_score=self.SCORE),
            {RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id},
        )


def runs(text: str) -> Iterator[Run]:
    """Yield the runs of `text` with enough digits, in order."""
    group: list[re.Match[str]] = []
    for match in _DIGITS.finditer(text):
        if group and not _joins(text[group[-1].end() : match.start()]):
            yield from _run(text, group)
            group = []
        group.append(match)
    yield from _run(text, group)


def _run(text: str, group: list[re.Match[str]]) -> Iterator[Run]:
    groups = tuple(_plain(match[0]) for match in group)
    if sum(map(len, groups)) >= MIN_DIGITS:
        yield Run(text, group[0].start(), group[-1].end(), groups)


def _plain(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(unicodedata.digit(c)) for c in digits)


def _joins(gap: str) -> bool:
    """Whether one number could have digits on both sides of `gap`."""
    if len(gap) <= MAX_SEPARATOR:
        return True
    rest = len(_BLANK.sub("", gap)) if len(gap) <= MAX_GAP else MAX_LABEL + 1
    return rest == 0 or (rest <= MAX_LABEL and bool(_LABEL.search(gap)))
