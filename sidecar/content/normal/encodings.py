"""Texts written in other signs: URL-encoding, HTML entities, escapes of programs, Base64 and hexadecimal digits.

The first three are read in place, each character for itself. A run of Base64 or hexadecimal digits that is text when
it is decoded is a text of its own, whose characters stand where their octets do: what is found in it takes no more of
the run than holds it. Of Base64 that is whole groups of four digits, so that what is left is still read as it was.
"""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final
from unicodedata import category

from sidecar.content.normal.view import Edit, Run

MAX_RUNS: Final = 64  # of one text that are decoded
SHORTEST: Final = 12  # eight characters of text
CUT: Final = 3  # octets of a character of UTF-8 at most, where a fourth is missing
CUT_RUN: Final = 40  # digits of a run at the beginning of a text that may have been cut anywhere: a window of a stream
GROUP: Final = 4  # digits of Base64, of so many octets:
OCTETS: Final = 3
PRINTABLE: Final = 0.95  # of what is text when it is decoded
LEAST: Final = 5  # characters of it: of random digits every tenth run has some that are octets of a text

_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,31});?")
_ESCAPE = re.compile(r"\\(?:u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|U[0-9A-Fa-f]{8})")
_ROW = re.compile(
    r"(?:\\[01][0-7]{2}(?![0-9A-Fa-f])){3,}|(?:\\0{2,4}[0-9A-Fa-f]{2}(?![0-9A-Fa-f])[ ]?){3,}"
)  # of shells, of CSS
_OF_ROW = re.compile(r"\\([0-9A-Fa-f]{3,6})[ ]?")
_OCTAL: Final = 3  # digits
_PLUS = re.compile(r"(?<=[\d)])\+(?=[\d(])")  # a space in a URL's query
_BASE64 = re.compile(  # of a word that is too short only its beginning is looked at
    r"(?<![A-Za-z0-9+/_-])(?=[A-Za-z0-9+/_-]{12})(?:[A-Za-z0-9+/_-]|(?<=[A-Za-z0-9+/]{60})\r?\n(?=[A-Za-z0-9+/])){12,65536}={0,2}"
)
_HEX = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:0x|\A[0-9A-Fa-f])?[0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2}){5,32767}(?:[0-9A-Fa-f]\Z)?"  # cut
    r"|[0-9A-Fa-f]{2}(?:[ :-][0-9A-Fa-f]{2}){5,32767}"
    r"|0x[0-9A-Fa-f]{2}(?:(?:,[ ]?|[ ])0x[0-9A-Fa-f]{2}){5,8191})(?![0-9A-Za-z])"
)
_PAIRS = re.compile(r"(?:[0-9A-Fa-f]{2}[ :-]){5}")
_SPACES: Final = " :\r\n"
_SPACING: Final = str.maketrans("", "", _SPACES)
_BETWEEN = re.compile(r"0x|[ ,:-]")  # of hexadecimal digits
_OCTET = re.compile(r"(?:0x)?[0-9A-Fa-f]{2}")


def unescaped(text: str) -> Iterator[Edit]:
    """Yield what URL-encoding, HTML entities and escapes stand for, in order."""
    edits: list[Edit] = []
    if "%" in text:
        edits += (edit for match in _PERCENT.finditer(text) for edit in _octets(match))
        if edits and "+" in text:
            edits += (Edit(*plus.span(), " ") for plus in _PLUS.finditer(text))
    if "&" in text:
        for match in _ENTITY.finditer(text):
            said = html.unescape(match[0])
            if said != match[0] and len(said) == 1:
                edits.append(Edit(match.start(), match.end(), said))
    if "\\" in text:
        for match in _ESCAPE.finditer(text):
            point = int(match[0][2:].strip("{}"), 16)
            if point < 0x110000 and not 0xD800 <= point < 0xE000:  # noqa: PLR2004 - Unicode's end, and its surrogates
                edits.append(Edit(match.start(), match.end(), chr(point)))
        edits += (edit for row in _ROW.finditer(text) for edit in _points(row))
    return iter(sorted(edits))


def decoded(text: str) -> Iterator[Run]:
    """Yield runs of Base64 and hexadecimal digits that are texts."""
    count = 0
    is_long = max(map(len, text.split()), default=0) >= SHORTEST
    for may_begin, pattern, skips, decode in _DECODERS:
        for match in pattern.finditer(text) if is_long or may_begin(text) else ():
            count += 1
            if count > MAX_RUNS:
                return
            for skip in skips(match):
                if run := decode(match[0][skip:], match.start() + skip):
                    yield run
                    break


def _points(row: re.Match[str]) -> Iterator[Edit]:
    """Yield the characters of a row of escapes that are one number each: three octal digits, or hexadecimal ones."""
    for match in _OF_ROW.finditer(row.string, *row.span()):
        point = int(match[1], 8 if len(match[1]) == _OCTAL else 16)
        if point:
            yield Edit(*match.span(), chr(point))


def _octets(match: re.Match[str]) -> Iterator[Edit]:
    """Yield the characters of octets in UTF-8, each with its own octets; octets that are none are left."""
    octets = bytes.fromhex(match[0].replace("%", ""))
    at = 0
    while at < len(octets):
        size = next(
            (n for n, least in ((1, 0x80), (0, 0xC0), (2, 0xE0), (3, 0xF0), (4, 0xF8)) if octets[at] < least), 0
        )
        try:
            said = octets[at : at + size].decode() if size else ""
        except UnicodeDecodeError:
            said = ""
        if said:
            yield Edit(match.start() + 3 * at, match.start() + 3 * (at + size), said)
        at += max(size, 1) if said else 1


def _from_base64(run: str, at: int) -> Run | None:
    """Return what `run`, which begins at `at`, says."""
    plain = run.translate(_SPACING).rstrip("=").replace("-", "+").replace("_", "/")
    if plain.isdigit() or (plain.isalpha() and (plain.islower() or plain.isupper())):
        return None  # a number or a word
    plain = plain[: len(plain) - 1] if len(plain) % GROUP == 1 else plain
    try:
        octets = base64.b64decode(plain + "=" * (-len(plain) % GROUP))
    except (binascii.Error, ValueError):
        return None
    digits = [n for n, sign in enumerate(run, at) if sign not in _SPACES]

    def place(first: int, until: int) -> tuple[int, int]:
        end = (until + OCTETS - 1) // OCTETS * GROUP
        return digits[first // OCTETS * GROUP], digits[min(end, len(digits)) - 1] + 1

    return _read(octets, at, at + len(run), place)


def _from_hex(run: str, at: int) -> Run | None:
    """Return what `run`, which begins at `at`, says."""
    digits = _BETWEEN.sub("", run)
    digits = digits[: len(digits) // 2 * 2]
    starts = [pair.start() + at for pair in _OCTET.finditer(run)]
    ends = [pair.end() + at for pair in _OCTET.finditer(run)]
    return _read(bytes.fromhex(digits), at, at + len(run), lambda first, until: (starts[first], ends[until - 1]))


def _read(octets: bytes, start: int, end: int, place: Callable[[int, int], tuple[int, int]]) -> Run | None:
    """Return the run at `start` to `end` that says `octets`; None where they are no text.

    `place` tells where in the text some of the octets stand.
    """
    cut, said = _text(octets)
    if len(said) < LEAST:
        return None
    edges = list(accumulate((len(character.encode()) for character in said), initial=cut))
    places = [place(*pair) for pair in pairwise(edges)]
    starts = [first for first, _ in places]
    ends = [until for _, until in places]
    starts[0], ends[-1] = start, end  # with what was cut off there
    return Run(start, end, said, starts, ends)


def _text(octets: bytes) -> tuple[int, str]:
    """Return `octets` as text, from which octet on; nothing where they are none.

    A cut may go through the first and last character.
    """
    begin = next((n for n, octet in enumerate(octets[: CUT + 1]) if not 0x80 <= octet < 0xC0), 0)  # noqa: PLR2004 - of UTF-8: it begins no character
    try:
        said = octets[begin:].decode()
    except UnicodeDecodeError as error:
        if len(octets) - begin - error.start > CUT:
            return 0, ""
        said = octets[begin : begin + error.start].decode()
    readable = sum(c.isprintable() or c in "\t\r\n" or category(c) == "Cf" for c in said)  # what nobody sees, too
    return begin, said if said and readable >= PRINTABLE * len(said) else ""


def _cuts(match: re.Match[str]) -> Sequence[int]:
    """Return how many digits before the first group a run of Base64 may have: a cut goes through a group, too."""
    return range(GROUP) if match.start() == 0 and len(match[0]) >= CUT_RUN else (0,)


def _words(match: re.Match[str]) -> Sequence[int]:
    """Return how many signs before the first octet a run may have: half of one, or two letters that are a word.

    So has `cc 34 31`.
    """
    if match[0][2:3] == " ":
        return 0, 3
    return (0, 1) if match.start() == 0 and len(match[0]) >= CUT_RUN else (0,)


def _has_pairs(text: str) -> bool:
    return "0x" in text or _PAIRS.search(text) is not None


def _never(text: str) -> bool:
    """Whether there may be a run in a text without a long word."""
    del text
    return False


_DECODERS: Final = ((_never, _BASE64, _cuts, _from_base64), (_has_pairs, _HEX, _words, _from_hex))
