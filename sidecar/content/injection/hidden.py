"""Where does a text hold characters that nobody sees, and what do they say?

All of them are found (`invisible.py`), but for those that honest writing needs, which their neighbours tell:
joiners within emoji, Arabic and Indic words, variation selectors behind what has variants, flags spelled in
tags, direction marks where there is text from right to left, a hyphen that may break a word, a byte order
mark at the beginning. Each of these is honest once; a run of them is a code, and so are all of a text together
where they spell words.

What tags, variation selectors and zero-width characters spell is decoded, so that it can be judged as text.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sidecar.content.injection.invisible import CLASS, REGIONS, Kind, kind_of

MAX_FLAGS: Final = 16  # of parts of countries, in one text: each spells three letters that nobody reads
MAX_SPELLED: Final = 20_000  # characters of a decoded message
MIN_SPELLED: Final = 3  # below it, chance makes letters
MIN_CARRIED: Final = 12  # the same, of letters that stand where honest writing may have such characters
MIN_DISTINCT: Final = 6  # of these: what a list repeats spells one word again and again
MANY: Final = 8  # in a row: no accident leaves so many

_BLACK_FLAG: Final = "\U0001f3f4"
_CANCEL: Final = "\U000e007f"
_TAGS: Final = 0xE0000
_SELECTORS: Final = 0xFE00
_FIRST_SELECTORS: Final = frozenset(map(chr, range(_SELECTORS, _SELECTORS + 16)))
_MORE_SELECTORS: Final = 0xE0100
_EMOJI_STYLE: Final = frozenset("\ufe0e\ufe0f")
_OVERRIDES: Final = frozenset("\u202d\u202e")
_TURNING: Final = frozenset("\u202a\u202b\u2066\u2067")  # without a use where all runs from left to right
_REVERSING: Final = frozenset("\u202b\u2067")
_OPENERS: Final = frozenset("\u202a\u202b\u2066\u2067\u2068")
_KEYCAP: Final = "\u20e3"
_ZERO: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\u180e\u2061\u2062\u2063\u2064\u200e\u200f")
_KEYS: Final = frozenset("0123456789#*")
_VARIANT_SYMBOLS: Final = frozenset({"So", "Sm", "Sk"})
_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")

_UNSEEN: Final = re.compile(f"[{CLASS}]+")
_SEEN: Final = bytes(point for point in range(0x80) if kind_of(chr(point)) is None)  # of ASCII, white space included
_COLOURS: Final = re.compile(r"\x1b\[(?!0*8[;m]|[0-9;]{0,16};0*8[;m])[0-9;]{0,16}[mK]")  # 8 conceals
_FLAG: Final = re.compile(r"[\U000e0061-\U000e007a]{2}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,3}\U000e007f")
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# Scripts whose words have joiners within, and those that put a zero-width space between words.
_JOINING: Final = re.compile(
    "[\u0600-\u061b\u061d-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1b00-\u1bff\ua840-\ua9df\ufb50-\ufdff\ufe70-\ufefc]"
)
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff]")
_MONGOLIAN: Final = re.compile("[\u1800-\u18af]")
_JAMO: Final = re.compile("[\u1100-\u11ff]")
_BLANK: Final = "\u2800"
_BRAILLE: Final = re.compile("[\u2801-\u28ff]")
_IDEOGRAPH: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PICTURE: Final = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Hidden:
    """`text[start:end]` is not seen. `says` is what it spells, empty where it spells nothing."""

    start: int
    end: int
    kinds: frozenset[Kind]
    says: str = ""

    @property
    def is_deliberate(self) -> bool:
        """Whether no accident of copying or formatting leaves such characters behind."""
        return bool(self.says) or bool(self.kinds & {Kind.TAG, Kind.BIDI}) or self.end - self.start >= MANY


def hidden(text: str, *, begins: bool = True) -> tuple[Hidden, ...]:
    """Return where `text` holds characters that nobody sees and honest writing does not need, in order.

    `begins` says whether the text begins where the whole does of which it may be a part.
    """
    if text.isascii() and not text.encode().translate(None, _SEEN):
        return ()
    context = _Context(text, begins)
    found: list[Hidden] = []
    honest: list[tuple[int, int]] = []
    flags = 0
    for match in _UNSEEN.finditer(text):
        if _is_flag(text, match) and flags < MAX_FLAGS:
            flags += 1
        elif context.is_honest(match.start(), match.end()):
            honest.append(match.span())
        else:
            run = match.group()
            kinds = _kinds(run)
            if kinds == {Kind.BIDI} and context.line(match.start()).is_idle:
                kinds = frozenset({Kind.FORMAT})
            found.append(Hidden(match.start(), match.end(), kinds, _spelled(run)))
    if len(honest) >= MIN_CARRIED and (said := _carried("".join(text[start:end] for start, end in honest))):
        found += (Hidden(start, end, _kinds(text[start:end]), said) for start, end in honest)
        found.sort(key=lambda h: h.start)
    return tuple(found)


def _kinds(run: str) -> frozenset[Kind]:
    return frozenset(kind for c in set(run) if (kind := kind_of(c)))


def stripped(text: str, found: tuple[Hidden, ...]) -> str:
    """Return `text` without what was `found` in it."""
    if not found:
        return text
    ends = [0, *(h.end for h in found)]
    starts = [*(h.start for h in found), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def messages(text: str, found: tuple[Hidden, ...]) -> tuple[str, ...]:
    """Return what is spelled by `found` in `text`: by each run, by each kind over all runs, and in bits."""
    told = dict.fromkeys(h.says for h in found if h.says)
    unseen = "".join(text[h.start : h.end] for h in found)[: 8 * MAX_SPELLED]
    told |= dict.fromkeys(said for said in (_tags(unseen), _bytes(unseen), *_bits(unseen)) if said)
    return tuple(told)


def _is_flag(text: str, match: re.Match[str]) -> bool:
    if text[max(0, match.start() - 1) : match.start()] != _BLACK_FLAG or not _FLAG.fullmatch(match.group()):
        return False
    return " " + "".join(chr(ord(c) - _TAGS) for c in match.group()[:2]) + " " in REGIONS


@dataclass(frozen=True, slots=True)
class _Line:
    """`text[start:end]` is a line; what its direction controls do in it."""

    start: int = 0
    end: int = 0
    is_honest: bool = False  # it closes what it opens, overrides nothing, and has a use for it
    is_idle: bool = False  # it turns nothing round: programs put such controls around numbers and names


@dataclass(slots=True)
class _Context:
    """A text in which runs are judged; what takes a look at all of it is looked up once."""

    text: str
    begins: bool
    _is_right_to_left: bool | None = None
    _is_braille: bool | None = None
    _line: _Line = _Line()

    def is_honest(self, start: int, end: int) -> bool:
        """Whether the run is what its neighbours make of it. Two in a row have one honest form."""
        before, run, after = self.text[max(0, start - 1) : start], self.text[start:end], self.text[end : end + 1]
        if run.strip(_BLANK) == "":  # as pictures made of Braille have them
            ends = (
                not before.strip() or bool(_BRAILLE.match(before)),
                not after.strip() or bool(_BRAILLE.match(after)),
            )
            return all(ends) and self.is_braille
        if len(run) > 1:
            is_styled_joiner = run[0] in _EMOJI_STYLE and run[1:] == "\u200d"
            return is_styled_joiner and bool(_PICTURE.match(before)) and bool(_PICTURE.match(after))
        match kind_of(run):
            case Kind.CONTROL:
                honest = run == "\x1b" and _COLOURS.match(self.text, start) is not None
            case Kind.MARK:
                honest = self.is_right_to_left
            case Kind.BIDI:
                honest = self.line(start).is_honest
            case Kind.ZERO_WIDTH:
                honest = _joins(run, before, after, is_first=self.begins and not start)
            case Kind.VARIATION:
                honest = _varies(run, before, after)
            case Kind.HYPHEN:
                near = self.text[max(0, start - 2) : start] + self.text[end : end + 2]
                # a word may break, but not each letter of it, and not behind its first or before its last
                honest = len(near) == 4 and all(c.isalpha() or unicodedata.combining(c) for c in near)  # noqa: PLR2004
            case Kind.FILLER:
                honest = _fills(run, before, after)
            case _:
                honest = False
        return honest

    @property
    def is_braille(self) -> bool:
        """Whether some of the text is Braille, or a picture made of it."""
        if self._is_braille is None:
            self._is_braille = _BRAILLE.search(self.text) is not None
        return self._is_braille

    @property
    def is_right_to_left(self) -> bool:
        """Whether some of the text runs from right to left."""
        if self._is_right_to_left is None:
            self._is_right_to_left = _RIGHT_TO_LEFT.search(self.text) is not None
        return self._is_right_to_left

    def line(self, at: int) -> _Line:
        """Return the line around `at`."""
        if not self._line.start <= at < self._line.end:
            start, end = self.text.rfind("\n", 0, at) + 1, self.text.find("\n", at)
            self._line = _line(self.text, start, len(self.text) if end == -1 else end)
        return self._line


def _line(text: str, start: int, end: int) -> _Line:
    line = text[start:end]
    depth = 0
    for match in _DIRECTIONS.finditer(line):
        depth += 1 if match.group() in _OPENERS else -1
        if depth < 0 or match.group() in _OVERRIDES:
            return _Line(start, end)
    if depth:
        return _Line(start, end)
    is_used = _RIGHT_TO_LEFT.search(line) is not None or not any(c in line for c in _TURNING)
    return _Line(start, end, is_honest=is_used, is_idle=not any(c in line for c in _REVERSING))


def _joins(run: str, before: str, after: str, *, is_first: bool) -> bool:
    match run:
        case "\ufeff":
            return is_first
        case "\u180e":
            return bool(_MONGOLIAN.match(before))
        case "\u200b":
            return bool(_UNSPACED.match(before)) and bool(_UNSPACED.match(after))
        case "\u200d" if _PICTURE.match(after):
            return bool(_PICTURE.match(before))
        case "\u200c" | "\u200d":
            return bool(_JOINING.match(before)) and (bool(_JOINING.match(after)) or not after.isalnum())
    return False


def _fills(run: str, before: str, after: str) -> bool:
    return run in "\u115f\u1160" and bool(_JAMO.match(before) or _JAMO.match(after))


def _varies(run: str, before: str, after: str) -> bool:
    if "\u180b" <= run <= "\u180f":
        return bool(_MONGOLIAN.match(before))
    if run in _EMOJI_STYLE and (_PICTURE.match(before) or (before in _KEYS and after == _KEYCAP)):
        return bool(before)
    is_symbol = run < "\ufe0e" and bool(before) and unicodedata.category(before) in _VARIANT_SYMBOLS
    return is_symbol or bool(_IDEOGRAPH.match(before))


def _spelled(run: str) -> str:
    return next((said for said in (_tags(run), _bytes(run), *_bits(run)) if said), "")


def _carried(unseen: str) -> str:
    """Return what is spelled by characters that stand where honest writing may have them: letters, in earnest."""
    told = (_bytes(unseen), *_bits(unseen[: 8 * MAX_SPELLED]))
    long = (said for said in told if len(said) >= MIN_CARRIED and len(set(said)) >= MIN_DISTINCT)
    return next((said for said in long if said.isascii()), "")


def _tags(run: str) -> str:
    return _readable("".join(chr(ord(c) - _TAGS) for c in run if _TAGS + 0x20 <= ord(c) < ord(_CANCEL)))


def _bytes(run: str) -> str:
    """Return what variation selectors spell: the first sixteen and those of the supplementary plane are a byte each."""
    octets = bytes(
        ord(c) - _SELECTORS if c in _FIRST_SELECTORS else ord(c) - _MORE_SELECTORS + len(_FIRST_SELECTORS)
        for c in run
        if c in _FIRST_SELECTORS or _MORE_SELECTORS <= ord(c) < _MORE_SELECTORS + 0xF0
    )
    return _readable(octets.decode("utf-8", "ignore"))


def _bits(run: str) -> Iterator[str]:
    """Yield what two kinds of zero-width characters spell, as bits of characters of eight or seven, either way."""
    digits = [c for c in run if c in _ZERO]
    kinds = sorted(set(digits), key=lambda c: (-digits.count(c), c))[:3]
    if len(kinds) < 2:  # noqa: PLR2004 - bits
        return
    for one, zero in ((a, b) for a in kinds for b in kinds if a != b):
        bits = "".join("1" if c == one else "0" for c in digits if c in (one, zero))
        for width in (8, 7):
            codes = [int(bits[i : i + width], 2) for i in range(0, len(bits) - width + 1, width)]
            if said := _readable("".join(map(chr, codes))):
                yield said


def _readable(said: str) -> str:
    """Return `said` where it can be text, else nothing."""
    is_text = len(said) >= MIN_SPELLED and sum(c.isprintable() or c.isspace() for c in said) >= 0.9 * len(said)
    has_words = sum(c.isalnum() or c == " " for c in said) >= 0.7 * len(said)
    return said[:MAX_SPELLED] if is_text and has_words else ""
