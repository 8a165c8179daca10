"""Characters that nobody sees, that look like others, or that are others in another dress.

What is not seen is left out; full-width, mathematical and circled letters, and the digits of all scripts, become
plain ones (NFKC); letters of Greek, Cyrillic and Armenian that look like Latin ones become those, but only in a word
that has Latin letters, digits or an at sign, too: who writes Russian means Russian. In a number, `O` is a nought and
`l` is a one.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from sidecar.content.injection.invisible import CLASS
from sidecar.content.normal.view import Edit

_PAIRS = (
    (
        "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408\u050c\u04ae\u04c0",
        "ABEKMHOPCTYXSIJGYI",
    ),
    (
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u0501\u051b\u051d\u04bb\u04cf\u0432\u043a\u043c\u0442\u0433\u0475",
        "aeopcyxsijdqwhlbkmtrv",
    ),
    ("\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03f9", "ABEZHIKMNOPTYXC"),
    ("\u03b1\u03bf\u03c1\u03c5\u03bd\u03b9\u03ba\u03c4\u03c7\u03f2\u03b3\u03c9\u03f3\u03b5", "aopuviktxcywje"),
    ("\u0585\u057d\u0578\u0570\u0581\u0566\u0561\u056c\u0555\u054f\u054d", "ounhgqwiOSU"),
    ("\u0131\u0251\u0261\u01c0\u0269\u028f\u1d0f\u1d1c\u1d20\u1d22\u026a\u0280", "iagliyouvziR"),
    ("\u0417\u0437\u0431\u04e0", "3363"),
)
CONFUSABLE: Final = {ord(a): b for look, latin in _PAIRS for a, b in zip(look, latin, strict=True)}

_MARKS = "\u0300-\u036f\u20d0-\u20ff\ufe20-\ufe2f"  # struck through and circled; of `e\u0301` the letter is left
_DRESSED = (
    "\u00aa\u00b2\u00b3\u00b9\u00ba\u0660-\u0669\u06f0-\u06f9\u07c0-\u07c9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef\u0b66-\u0b6f"
    "\u0be6-\u0bef\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0e50-\u0e59\u0ed0-\u0ed9\u0f20-\u0f29\u1040-\u1049\u17e0-\u17e9\u1810-\u1819"
    "\u2024\u2070-\u209c\u2100-\u214f\u2150-\u217f\u2460-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf\ufb00-\ufb06\ufe50-\ufe6b\uff01-\uff5e"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001f189\U0001fbf0-\U0001fbf9"
)
_SPACES = "\xa0\u2000-\u200a\u202f\u205f\u3000"
_SPACE = rf"(?<=\d)[{_SPACES}]|[{_SPACES}](?=\d)|(?<=(?<!\S)\S)[{_SPACES}](?=\S(?!\S))"  # of numbers, of spelling
_STOP = r"(?<=[A-Za-z0-9])[\u3002\uff61](?=[A-Za-z0-9])"  # the full stop of Chinese: browsers take it for a dot
_ODD = re.compile(f"[{CLASS}{_MARKS}]+|[{_DRESSED}]|{_SPACE}|{_STOP}")
_TURNED = re.compile("\u202e([^\u202c\u202e\n]{2,512})\u202c?")  # from right to left, whatever it is
_LOOKALIKE = re.compile(f"[{''.join(map(re.escape, map(chr, CONFUSABLE)))}]")
_RUN = re.compile(r"\S+")
_LATIN = re.compile(r"[A-Za-z0-9@]")
_NUMBER = re.compile(r"[\dOoIl](?<![A-Za-z0-9].)[\dOoIl .-]{5,30}[\dOoIl](?![A-Za-z0-9])")
_SENTENCE = re.compile(r"\.[ ]I(?=[ '\u2019][a-z])")  # that follows: `in 2013. I would`
_NOUGHTS: Final = str.maketrans("OoIl", "0011")
_NOT_SEEN: Final = frozenset({"Mn", "Me", "Mc", "Cf", "Cc", "Cn", "Co", "Lo"})  # letters: Hangul's fillers
_FULL_STOPS: Final = frozenset("\u3002\uff61")
LETTERS: Final = 4  # of a number, in a group
MOSTLY: Final = 0.4  # of the signs of a number are digits


def folded(text: str) -> Iterator[Edit]:
    """Yield what is not seen, and what is a plain character in another dress."""
    for odd in _ODD.finditer(text):
        said = _plain(odd[0])
        if said != odd[0]:
            yield Edit(odd.start(), odd.end(), said)


def turned(text: str) -> Iterator[Edit]:
    """Yield what is written backwards and shown forwards."""
    for match in _TURNED.finditer(text) if "\u202e" in text else ():
        yield Edit(*match.span(), match[1][::-1])


def latin(text: str) -> Iterator[Edit]:
    """Yield the look-alikes of Latin letters in words that are Latin otherwise."""
    for run in _RUN.finditer(text) if _LOOKALIKE.search(text) else ():
        if _LATIN.search(run[0]) or _is_beside_digits(text, run):
            for match in _LOOKALIKE.finditer(text, run.start(), run.end()):
                yield Edit(match.start(), match.end(), CONFUSABLE[ord(match[0])])


def _is_beside_digits(text: str, run: re.Match[str]) -> bool:
    """Whether `run` is letters of a number, as of `PT 77 79 97 C`."""
    start, end = run.span()
    if end - start > LETTERS or run[0].lower() == run[0]:
        return False
    return (text[start - 2 : start - 1].isdigit() and start > 1) or text[end + 1 : end + 2].isdigit()


def numeric(text: str) -> Iterator[Edit]:
    """Yield numbers in which letters stand for digits."""
    for match in _NUMBER.finditer(text):
        number = match[0][:-1].rstrip(" .-") if _SENTENCE.match(text, match.end() - 3) else match[0]
        signs = [c for c in number if c not in " .-"]
        if MOSTLY * len(signs) <= sum(map(str.isdigit, signs)) < len(signs):
            yield Edit(match.start(), match.start() + len(number), number.translate(_NOUGHTS))


def _plain(odd: str) -> str:
    """Return `odd` in plain characters: a letter, the digit of any script, a space, nothing for what is not seen."""
    if odd.isspace():
        return " "
    if unicodedata.category(odd[0]) in _NOT_SEEN:
        return ""
    if odd in _FULL_STOPS:
        return "."
    digit = unicodedata.digit(odd, None) if len(odd) == 1 else None  # of a digit in brackets, too
    return unicodedata.normalize("NFKC", odd).strip() if digit is None else str(digit)
