"""Social security and taxpayer numbers of the United States: three, two and four digits.

Nothing checks them but their form, so bare nine digits need a word that says what they are. Numbers that were
never given out (000 and 666 in front, zeros in a group) are none; those from 900 on are a taxpayer's by their
second group, and a social security number where somebody says so.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import Cues, words

ENTITIES: Final = frozenset({"US_SSN", "US_ITIN"})
REPLACES: Final = ENTITIES

SAID: Final = 0.95
FORM: Final = 0.6
WEAK: Final = 0.45
UNSURE: Final = 0.2  # nine digits: below any usual threshold

_TAX_GROUPS: Final = {*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)}  # given out by the IRS

_FORM = re.compile(
    r"\d(?<![^\W_]\d)(?<!\d[.,:/-]\d)(?<![+#]\d)"
    r"\d{2}(?P<gap>[ .\xa0\u2010-\u2015\u2212-]?)\d{2}(?P=gap)\d{4}(?![^\W_]|[-./,:]\d)"
)
# With dashes it is one also where a cell of a table, a path or another number stands beside it.
_DASHED = re.compile(
    r"\d(?<![^\W_]\d)(?<![.+-]\d)\d{2}(?P<gap>[\u2010-\u2015\u2212-])\d{2}(?P=gap)\d{4}(?![^\W_]|[-.]\d)"
)
_CUE = words(r"ss[ns]|ssns|ss#|ssn#|social|socials?[ -]?security(?:[ -]?(?:number|no|num|nr|#))?|ssid")
_TAX_CUE = words(r"itin|tax(?:payer)?(?:[ -]?id(?:entification)?(?: number)?)?|tin")


def find(text: str) -> Iterator[Span]:
    """Yield the social security and taxpayer numbers in `text`."""
    forms = list({form.span(): form for pattern in (_FORM, _DASHED) for form in pattern.finditer(text)}.values())
    if not forms:
        return
    social, tax = Cues(text, _CUE), Cues(text, _TAX_CUE)
    for form in forms:
        yield from _judged(form, is_social=social.before(form.start()), is_tax=tax.before(form.start()))


def _judged(form: re.Match[str], *, is_social: bool, is_tax: bool) -> Iterator[Span]:
    digits = "".join(filter(str.isdigit, form[0]))
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    is_said = is_social or is_tax
    if group == "00" or serial == "0000" or len(set(digits)) == 1 or (area in {"000", "666"} and not is_said):
        return
    is_plain = form["gap"] in {"", "."} or (form["gap"] == " " and area >= "900")
    if area < "900" or is_social or not is_tax:
        score = SAID if is_said else UNSURE if is_plain else FORM if area < "900" else WEAK
        yield Span(*form.span(), "US_SSN", score)
    if area >= "900" and int(group) in _TAX_GROUPS and (is_tax or not is_social):
        yield Span(*form.span(), "US_ITIN", SAID if is_tax else UNSURE if is_plain else FORM)
