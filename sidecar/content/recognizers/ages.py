"""How old somebody is, and when somebody was born. Other dates are told by their form, and by the model."""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import Cues, words

ENTITIES: Final = frozenset({"AGE", "DATE_OF_BIRTH"})
REPLACES: Final = ENTITIES

FORM: Final = 0.7

_AGE = re.compile(
    r"(?<![\w.,$€£-])(?P<before>\d{1,3})[ -]?(?:years?|yrs?|months?|weeks?|days?)[ -](?:old|of age)\b"
    r"|(?<![\w.,-])(?P<short>\d{1,3})[ -]?(?:y/?o|yo|yrs? old)\b"
    r"|\b(?:aged?|at the age of|age is|turn(?:s|ed|ing)?|is now|i am|i'm|i\u2019m|he's|she's|(?:he|she|i) was)[ :=]{1,2}"
    r"(?P<after>1?\d\d|\d)(?![\w%$€£:/-]|[.,]\d|[ ](?:percent|am|pm|minutes?|hours?|seconds?|days|weeks|months|miles|km|of|times))",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = re.compile(
    rf"(?<![^\W_])(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[ -](?:of )?{_MONTH},?[ -]\d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})(?![^\W_]|[-/]\d)",
    re.IGNORECASE,
)
_BORN = words(
    r"born(?: on| in)?|dob|d\.o\.b|date[ -]?of[ -]?birth|birth[ _-]?da(?:te|y)|birthday is|geburtsdatum|date de naissance"
)
OLDEST: Final = 120


def find(text: str) -> Iterator[Span]:
    """Yield the ages and dates of birth in `text`."""
    for match in _AGE.finditer(text):
        group = match.lastgroup or ""
        if int(match[group]) <= OLDEST:
            yield Span(*match.span(group), "AGE", FORM)
    dates = list(_DATE.finditer(text))
    if dates:
        cues = Cues(text, _BORN)
        yield from (Span(*date.span(), "DATE_OF_BIRTH", FORM) for date in dates if cues.before(date.start()))
