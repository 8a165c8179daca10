"""What does a text say to who decodes it?

Base64, Base32, hexadecimal, bits, numbers of letters, percent signs, entities, escapes, letters that are spaced,
shifted by thirteen, turned round, moved to the end of their word or written as digits: what comes out is judged as
text by whoever asks. Bounded in what is tried and what comes out; one layer, or two where the outer was Base64 or
percent signs. An ordinary text yields nothing or little: what comes out must be readable.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import unquote

from sidecar.content.injection.lexicon import KNOWN

MAX_RUNS: Final = 64  # of each kind, in one text
MAX_RUN: Final = 16_000  # characters that are decoded of one
MIN_LETTERS: Final = 8  # of what comes out
_MIN_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Decoded:
    """`text[start:end]` says `says` once it is decoded from `how`."""

    start: int
    end: int
    how: str
    says: str


def _from_base64(run: str) -> str:
    plain = "".join(run.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _from_base32(run: str) -> str:
    try:
        return base64.b32decode(run.rstrip("=") + "=" * (-len(run.rstrip("=")) % 8)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _from_bits(run: str) -> str:
    digits = run.translate(_GAPS_OF_NUMBERS)
    return "".join(chr(int(digits[i : i + 8], 2)) for i in range(0, len(digits) - 7, 8))


def _from_numbers(run: str) -> str:
    return "".join(map(chr, map(int, run.replace(",", " ").split())))


def _from_hex(run: str) -> str:
    try:
        return bytes.fromhex(re.sub(r"\\x|0x|[\s:,]", "", run)).decode("utf-8")
    except ValueError:
        return ""


def _from_escapes(run: str) -> str:
    return re.sub(r"\\u\{?([0-9a-fA-F]{4})\}?", lambda m: chr(int(m[1], 16)), run)


def _from_spaced(run: str) -> str:
    return re.sub(r"[ .*_|-]{2,3}", "\0", run).translate(_GAPS).replace("\0", " ")


_GAPS_OF_NUMBERS: Final = {ord(c): "" for c in " ,\n"}
_GAPS: Final = {ord(c): "" for c in " .*_|-"}
# Each with what must stand in the text for it to be looked for at all, or how long its longest word must be.
_KINDS: Final[tuple[tuple[str, str | int, re.Pattern[str], Callable[[str], str]], ...]] = (
    (
        "base64",
        20,
        re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,16000}+={0,2}(?:\n[A-Za-z0-9+/]{4,100}={0,2}){0,200}"),
        _from_base64,
    ),
    (
        "hex",
        "",
        re.compile(
            r"[\\0-9a-fA-F](?<![0-9a-zA-Z].)(?:(?<!\\)[0-9a-fA-F]|(?<=[\\0])x[0-9a-fA-F]{2})"
            r"(?:[\s:,]?(?:\\x|0x)?[0-9a-fA-F]{2}){11,8000}+"
        ),
        _from_hex,
    ),
    ("base32", 24, re.compile(r"(?<![A-Za-z0-9])[A-Z2-7]{24,16000}+={0,6}(?![a-z])"), _from_base32),
    ("bits", "", re.compile(r"[01](?<![0-9][01])[01]{7}(?:[ ,\n]{0,2}[01]{8}){7,2000}+(?![0-9])"), _from_bits),
    (
        "numbers",
        "",
        re.compile(r"[0-9](?<![0-9.][0-9])[0-9]{1,2}(?:,?[ \n]?[0-9]{2,3}(?![0-9])){11,4000}+"),
        _from_numbers,
    ),
    (
        "percent",
        "%",
        re.compile(r"(?:%[0-9A-Fa-f]{2}){4,}|(?:[\w.,+-]{0,20}%[0-9A-Fa-f]{2}){3,2000}[\w.,+-]{0,20}"),
        unquote,
    ),
    ("entities", "&#", re.compile(r"(?:&#(?:\d{2,6}|x[0-9a-fA-F]{2,5});\s?){6,4000}"), unescape),
    ("escapes", "\\u", re.compile(r"(?:\\u\{?[0-9a-fA-F]{4}\}?){6,4000}"), _from_escapes),
    (
        "spaced",
        "",
        re.compile(r"(?<!\w)(?:\w[ .*_|-]{1,3}){7,2000}\w(?!\w)"),
        _from_spaced,
    ),
)
_FIGURE: Final = re.compile(r"[0-9]")
_MIN_FIGURES: Final = 6  # in each of these: one for each second byte of the shortest
_OF_FIGURES: Final = frozenset({"hex", "bits", "numbers"})
MAX_COUNTED: Final = 4_000  # characters
_SPACED: Final = re.compile(r"[ .*_|-]\w[ .*_|-]{1,3}\w[ .*_|-]")  # three letters of such a word
_LEET: Final = str.maketrans("013457@$!|", "oieastasil")
_MIXED: Final = re.compile(r"\b(?=[a-zA-Z]{0,20}[013457@$!])(?=[013457@$!]{0,20}[a-zA-Z])[a-zA-Z013457@$!]{4,20}\b")
_BESIDE: Final = re.compile(r"[013457@$!](?:(?=[a-zA-Z])|(?<=[a-zA-Z].))")  # what a mixed word has, and is found fast
_SHIFTED: Final = frozenset(
    ["gur", "naq", "gb", "lbh", "lbhe", "vtaber", "nyy", "cerivbhf", "vafgehpgvbaf", "cyrnfr", "fraq", "sbe", "jvgu"]
)
_TURNED: Final = frozenset(
    ["eht", "dna", "ot", "uoy", "ruoy", "erongi", "lla", "suoiverp", "snoitcurtsni", "esaelp", "dnes", "rof", "htiw"]
)
_AY: Final = 3  # letters of the shortest word that can be one
_MOVED: Final = re.compile(r"\b([a-z]{2,24})ay\b")
_MOST_MOVED: Final = 4  # consonants
_MIN_MIXED: Final = 2
_STOPS: Final = str.maketrans(dict.fromkeys(".,!?", " "))


def decoded(text: str) -> tuple[Decoded, ...]:
    """Return what parts of `text` say once they are decoded, in order of kind and place."""
    return (*_layers(text), *_disguised(text))


def _layers(text: str) -> Iterator[Decoded]:
    for found in _runs(text):
        yield found
        if found.how in ("base64", "percent"):
            for inner in _runs(found.says):
                yield Decoded(found.start, found.end, f"{found.how} {inner.how}", inner.says)


def _runs(text: str) -> Iterator[Decoded]:
    longest = max(map(len, text.split()), default=0)
    has_figures = len(_FIGURE.findall(text, 0, MAX_COUNTED)) >= _MIN_FIGURES or len(text) > MAX_COUNTED
    for how, needed, pattern, decode in _KINDS:
        if longest < needed if isinstance(needed, int) else needed not in text:
            continue
        if (how in _OF_FIGURES and not has_figures) or (how == "spaced" and not _SPACED.search(text)):
            continue
        for count, match in enumerate(pattern.finditer(text)):
            if count == MAX_RUNS:
                break
            says = decode(match.group()[:MAX_RUN])
            if _is_readable(says):
                yield Decoded(match.start(), match.end(), how, says)


def _disguised(text: str) -> Iterator[Decoded]:
    """Yield `text` as it reads with letters for digits, shifted and turned round, where it looks like that."""
    whole = text[:MAX_RUN]
    if _BESIDE.search(whole) and len(_MIXED.findall(whole)) >= _MIN_MIXED:
        yield Decoded(0, len(whole), "digits", whole.translate(_LEET))
    lowered = whole.lower()
    words = set(lowered.translate(_STOPS).split())
    if len(words & _SHIFTED) >= _MIN_WORDS:
        yield Decoded(0, len(whole), "rot13", codecs.encode(whole, "rot13"))
    if len(words & _TURNED) >= _MIN_WORDS:
        yield Decoded(0, len(whole), "reversed", whole[::-1])
    if lowered.count("ay") >= _MIN_WORDS and _is_moved(words):
        yield Decoded(0, len(whole), "moved", _MOVED.sub(_moved_back, lowered))


def _is_moved(words: Collection[str]) -> bool:
    return sum(len(word) > _AY and word.endswith("ay") for word in words) >= max(_MIN_WORDS, 0.6 * len(words))


def _moved_back(match: re.Match[str]) -> str:
    """Return a word of pig Latin as it was, where that is one that we know, else by its last letter."""
    stem = match[1]
    if stem[-1] in "wy" and stem[:-1] in KNOWN:
        return stem[:-1]
    turned = (stem[-size:] + stem[:-size] for size in range(1, _MOST_MOVED + 1))
    return next((word for word in turned if word in KNOWN), stem[-1] + stem[:-1])


def _is_readable(says: str) -> bool:
    letters = sum(map(str.isalpha, says))
    is_printable = all(c.isprintable() or c in "\n\r\t" for c in says)
    return letters >= MIN_LETTERS and is_printable and letters >= 0.6 * len(says)
