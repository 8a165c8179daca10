"""A text as a model reads it: without what nobody sees, with plain letters for those that only look like them.

Each character stays one, but for what is taken out, and places in the folded text lead back to those in the text.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.content.injection.hidden import Hidden, stripped

# Cyrillic and Greek letters that are drawn like Latin ones, and which.
_DRAWN_ALIKE: Final = (
    ("\u0430\u0410\u0435\u0415\u043e\u041e\u0440\u0420\u0441\u0421\u0443\u0445", "aAeEoOpPcCyx"),
    ("\u0425\u0456\u0406\u0458\u0455\u0405\u0422\u0412\u041d\u041a\u041c\u039d", "XiIjsSTBHKMN"),
    ("\u03b1\u03bf\u03c1\u03b5\u03b9\u03ba\u03bd\u03c5\u0391\u0392\u0395\u0396\u0397", "aopeikvuABEZH"),
    ("\u0399\u039a\u039c\u039f\u03a1\u03a4\u03a5\u03a7\u0501\u0261\u04bb\u04cf\u051b\u051d", "IKMOPTYXdghlqw"),
)
_LOOKALIKES: Final = {ord(c): to for drawn, latin in _DRAWN_ALIKE for c, to in zip(drawn, latin, strict=True)}


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is what is read; `_at` and `_by` are the places behind which characters were taken out, and how many."""

    text: str
    _at: tuple[int, ...] = ()
    _by: tuple[int, ...] = ()

    def place(self, index: int) -> int:
        """Return the place in the original of what stands at `index` in `text`."""
        found = bisect_right(self._at, index)
        return index + (self._by[found - 1] if found else 0)


def folded(text: str, found: Sequence[Hidden]) -> Folded:
    """Return `text` without what was `found` hidden in it, in plain letters."""
    if text.isascii() and not found:
        return Folded(text)
    at: list[int] = []
    by: list[int] = []
    gone = 0
    for run in found:
        at.append(run.start - gone)
        gone += run.end - run.start
        by.append(gone)
    plain = stripped(text, tuple(found))
    return Folded(plain if plain.isascii() else _plain(plain), tuple(at), tuple(by))


def _plain(text: str) -> str:
    """Letters of other widths and styles become plain; lookalikes only in words that mix scripts."""
    styled = {c for c in set(text) if ord(c) > 0x2000}  # noqa: PLR2004 - below stand letters of their own right
    table = {ord(c): _single(c) for c in styled}
    text = text.translate(table)
    if not any(ord(c) in _LOOKALIKES for c in set(text)):
        return text
    return " ".join(_unmixed(word) for word in text.split(" "))


def _single(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


def _unmixed(word: str) -> str:
    if word.isascii():
        return word
    plain = word.translate(_LOOKALIKES)
    return plain if any("a" <= c <= "z" or "A" <= c <= "Z" for c in word) or plain.isascii() else word
