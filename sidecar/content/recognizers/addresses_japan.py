"""Postal addresses of Japan, which begin with the largest part, or, in Latin letters, with the block and the house.

They have no street. In Japanese: prefecture, ward, quarter, and numbers that signs of their own divide; `〒` may stand
before them. In Latin letters: `1-2-3 Quarter, Ward-ku, Town 100-0001`, which counts where a ward or a postal code of
the country's form follows.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span

FORM: Final = 0.8

_SIGN = re.compile("[都道府県市区町村郡丁目番地]")
_CHARACTER = "[\u3041-\u309f\u30a0-\u30ff\u3005\u4e00-\u9fff]"
_DIGIT = "[0-9\uff10-\uff19一二三四五六七八九十]"
_JAPANESE = re.compile(
    r"(?:〒[ ]?\d{3}[-\u2010-\u2015\uff0d]?\d{4}[ \u3000\n]{0,2})?"
    rf"{_CHARACTER}{{1,8}}?[都道府県市区町村郡]{_CHARACTER}{{1,24}}?[ \u3000]?{_DIGIT}{{1,4}}"
    rf"(?:(?:丁目|番地?|号室?|[-\u2010-\u2015\u2212\uff0d\u30fcの]){_DIGIT}{{0,4}}){{1,5}}"
)
_NUMBERS = r"(?:\d{1,2}[ -]?(?i:ch[oō]me)[ -]?|\d{1,2}-)\d{1,3}(?:-\d{1,4})?"
_WORD = r"[A-Z][a-z]{1,20}(?:-[A-Za-z][a-z]{1,16})?"
_PLACE = rf"{_WORD}(?:[ ]{_WORD}){{0,2}}"
_LATIN = re.compile(
    rf"(?<![\w-]){_NUMBERS}(?![\w-]),?[ ]{_PLACE}(?P<more>(?:,[ ]{_PLACE}){{1,4}})"
    r"(?P<code>,?[ ]〒?\d{3}-\d{4}(?!\d))?(?:,[ ]Japan)?"
)
_WARD = re.compile(r"-(?:ku|shi|gun|machi|cho|son)\b|[ ](?:Ward|City|District|Prefecture)\b")


def find(text: str) -> Iterator[Span]:
    """Yield the addresses of Japan in `text`."""
    if not text.isascii() and _SIGN.search(text):
        yield from (Span(*match.span(), "STREET_ADDRESS", FORM) for match in _JAPANESE.finditer(text))
    for match in _LATIN.finditer(text):
        if match["code"] or _WARD.search(match["more"]):
            yield Span(*match.span(), "STREET_ADDRESS", FORM)
