"""How old somebody is, and when somebody was born; moments to the minute, and days whose month is spelt.

Other dates are for Presidio to find.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import Cues, holds, words

ENTITIES: Final = frozenset({"AGE", "DATE_OF_BIRTH", "DATE_TIME"})
REPLACES: Final = frozenset({"AGE", "DATE_OF_BIRTH"})

FORM: Final = 0.7

_AGED = re.compile(
    r"\d{1,3}(?=[ -]?(?:(?:years?|yrs?|months?|weeks?|days?)[ -](?:old|of age)|y/?o|yo|yrs? old)\b)", re.IGNORECASE
)
_NUMBER = re.compile(
    r"\d(?<=[ :=]\d)(?:(?<=1)\d{1,2}|\d?)(?![\w%$€£:/-]|[.,]\d|[ ](?:percent|am|pm|minutes?|hours?|seconds?|days"
    r"|weeks|months|miles|km|of|times))",
    re.IGNORECASE,
)
_AGE_CUE = re.compile(
    r"\b(?:aged?|at the age of|age is|turn(?:s|ed|ing)?|is now|i am|i'm|i\u2019m|he's|she's|(?:he|she"
    r"|i) was)[ :=]{1,2}\Z",
    re.IGNORECASE,
)
_BEFORE: Final = 18
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = re.compile(
    rf"(?<![^\W_])(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[ -](?:of )?{_MONTH},?[ -]\d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd"
    rf"|th)?,? \d{{4}})(?![^\W_]|[-/]\d)",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[T ]\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[ ]?[+-]\d\d:?\d\d)?(?!\d)"
)
_SPELT = re.compile(
    rf"(?<![\w.-])(?:\d{{1,2}}(?:st|nd|rd|th|\.)?(?:[ ]of)?[ -]{_MONTH},?[ -](?:19|20)?\d\d"
    rf"|{_MONTH}[ ]\d{{1,2}}(?:st|nd|rd|th)?,?[ ](?:19|20)\d\d)(?![\w-])",
    re.IGNORECASE,
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BORN = words(
    r"born(?: on| in)?|dob|d\.o\.b|date[ -]?of[ -]?birth|birth[ _-]?da(?:te|y)|birthday is|geburtsdatum"
    r"|date de naissance"
)
_AGED_WORDS: Final = ("old", "of age", "yo", "y/o")  # without one of them nothing is
_BORN_WORDS: Final = ("born", "birth", "dob", "d.o.b", "geburt", "naissance")
OLDEST: Final = 120


def find(text: str) -> Iterator[Span]:
    """Yield the ages and dates of birth in `text`."""
    low = text.lower()
    is_aged = holds(low, _AGED_WORDS)
    for match in _AGED.finditer(text) if is_aged else ():
        before = text[match.start() - 1 : match.start()]
        if int(match[0]) <= OLDEST and not (before.isalnum() or before in set("_.,$€£-") - {""}):
            yield Span(*match.span(), "AGE", FORM)
    for match in _NUMBER.finditer(text):
        if int(match[0]) <= OLDEST and _AGE_CUE.search(text, max(0, match.start() - _BEFORE), match.start()):
            yield Span(*match.span(), "AGE", FORM)
    if ":" in text:
        yield from (Span(*stamp.span(), "DATE_TIME", FORM) for stamp in _STAMP.finditer(text))
    if holds(low, _MONTHS):
        yield from (Span(*day.span(), "DATE_TIME", FORM) for day in _SPELT.finditer(text))
    if holds(low, _BORN_WORDS):
        cues = Cues(text, _BORN)
        yield from (
            Span(*date.span(), "DATE_OF_BIRTH", FORM) for date in _DATE.finditer(text) if cues.before(date.start())
        )
