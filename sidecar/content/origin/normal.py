"""The forms in which values are compared, so that one value is one however it is written.

Text is compared without regard to case, width, spacing and characters that nobody sees. Beside its words a text holds
keys: of numbers, dates, e-mail addresses, URLs and their hosts, and of long identifiers (IBANs, telephone and account
numbers) without their separators. Two writings of one value share a key. All of it takes linear time.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

MIN_IDENTIFIER: Final = 8  # characters of an identifier that is compared without its separators
MAX_IDENTIFIER: Final = 128  # characters of one, with its separators
BANK: Final = 4  # letters of a bank within an IBAN, a group of their own
MAX_GROUPS: Final = 10  # of one identifier: an IBAN of 34 characters in fours has nine
MAX_DIGITS: Final = 30  # of a number
MAX_KNOWN: Final = 64  # characters of a number whose key is remembered
MAX_NUMBERS: Final = 1_024  # whose keys are remembered
MAX_FOLDED: Final = 512  # texts of 8,192 characters at most: those of one call, which are looked at more than once
LONGEST_DATE: Final = len("september 30th, 2024 ")  # characters of a text that is looked up as a date
_THOUSAND: Final = 3  # digits of a group

_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_ESCAPES: Final = re.compile(r"\\+[nrt]|\\+(?=['\"])")  # of strings within a text that nobody parsed
# Where a sentence may begin: a line, or a capital in front of small letters that no stop precedes.
# What may begin a break comes first: a search for one of some characters passes over all others at once.
_BREAK: Final = re.compile(
    r"[\r\n\v\f\x85\u2028\u2029\\ ](?:(?<=[\r\n\v\f\x85\u2028\u2029])[\r\n\v\f\x85\u2028\u2029]*|(?<=\\)\\*[nr]|"
    r"(?<=\S )(?=[A-Z][a-z]{1,20} [a-z0-9\"'#@]))"
)
_LINE: Final = "\ue000"  # stands for a break while a text is folded; of no text's own
_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"(?<![\w.,])[-+]?\d{1,30}(?:[.,'\u2019]\d{1,30}){0,8}(?!\w)")
_BEGINS: Final = re.compile(r"[-+]?\.?\d")  # as a number does
_LOCAL: Final = 64  # characters of an e-mail address before its `@`
_EMAIL: Final = re.compile(rf"[\w.+-]{{1,{_LOCAL}}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}")
_DOTTED: Final = re.compile(r"\.[a-z_]{2}")  # of a host
_URL: Final = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}://(?:[^\s/@\"'<>]{1,64}@)?)?(?<![\w@.])(?:[\w-]{1,63}\.){1,8}[a-z_]{2,24}(?::\d{1,5})?(?:[/?#][^\s\"'<>)\]}]{0,2000})?"
)
_PROVIDERS: Final = (
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com me.com aol.com gmx.de gmx.net "
    "web.de mail.com proton.me protonmail.com zoho.com yandex.com mail.ru qq.com"
)
_EVERYBODYS: Final = frozenset(_PROVIDERS.split())
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]{1,15}://")
_IDENTIFIER: Final = re.compile(
    r"(?<!\w)(?:[a-z]{0,4}\d[a-z0-9]{0,33})(?:[ ./-]?(?:[a-z]{4}(?= \d)|[a-z0-9]{0,12}\d[a-z0-9]{0,12})){0,20}"
)
_GROUP: Final = re.compile(r"[a-z0-9]+")
_GROUPED: Final = re.compile(r"[a-z0-9]+(?:[ ./-][a-z0-9]+)*")
_FIRST: Final = re.compile(r"[a-z]{0,4}\d")
_DIGIT: Final = re.compile(r"\d")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1)
    for name in names.split()
}  # fmt: skip
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_MONTH_LIKE: Final = re.compile(rf"\b(?:{_MONTH})\b")
_DATE_LIKE: Final = re.compile(r"\d[-/.]\d{1,2}[-/.]\d")
_NUMERIC_DATES: Final = (
    re.compile(r"(?P<y>\d(?<!\d\d)\d{3})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?P<d>\d(?<!\d\d)\d?)[./](?P<m>\d{1,2})[./](?P<y>\d{4})(?!\d)"),
    re.compile(r"(?P<m>\d(?<!\d\d)\d?)/(?P<d>\d{1,2})/(?P<y>\d{4})(?!\d)"),
)
_SPOKEN_DATES: Final = (
    re.compile(rf"\b(?=[adfjmnos])(?P<n>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})(?!\d)"),
    re.compile(rf"(?P<d>\d(?<!\d\d)\d?)(?:st|nd|rd|th|\.)? (?:of )?(?P<n>{_MONTH})\.?,? (?P<y>\d{{4}})(?!\d)"),
)


@lru_cache(MAX_FOLDED)
def folded(text: str) -> str:
    """Return `text` in the form in which texts are compared."""
    plain = text.casefold() if text.isascii() else _visible(text)
    if "\\" in plain:
        plain = _ESCAPES.sub(" ", plain)
    return " ".join(plain.split())


def _visible(text: str) -> str:
    visible = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    # Folding cases can undo the normal form (Unicode, section 3.13), and makes escapes of capitals behind backslashes.
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", visible.casefold()))


def by_lines(text: str) -> tuple[str, tuple[int, ...]]:
    """Return `text` folded, and the offsets in it at which lines or sentences seem to begin behind its first."""
    if not _BREAK.search(text):
        return folded(text), ()
    found: list[str] = []
    starts: list[int] = []
    at = 0
    for line in folded(_BREAK.sub(_LINE, text)).split(_LINE):
        if said := line.strip():
            starts.append(at)
            found.append(said)
            at += len(said) + 1
    return " ".join(found), tuple(starts[1:])


def words(text: str) -> list[str]:
    """Return the words of a folded text, in order."""
    return _WORD.findall(text)


def emails(text: str) -> list[str]:
    """Return the e-mail addresses in a folded text."""
    return [text[start:end].rstrip(".-") for start, end in _mails(text)]


def _mails(text: str) -> Iterator[tuple[int, int]]:
    """Yield where e-mail addresses stand. None is looked for farther from an `@` than its name is long."""
    end = 0
    while (at := text.find("@", end)) >= 0:
        found = _EMAIL.search(text, max(at - _LOCAL, end))
        if found is None:
            return
        yield found.span()
        end = found.end()


def homes(text: str) -> frozenset[str]:
    """Return the domains of the e-mail addresses in a folded text; where anybody has one, the address itself."""
    return frozenset(
        each if domain in _EVERYBODYS else domain for each in emails(text) for domain in [each.rpartition("@")[2]]
    )


def urls(text: str) -> list[str]:
    """Return the URLs in a folded text, as they are written there; host names without a scheme are some, too."""
    if not _DOTTED.search(text):
        return []
    bare, at = "", 0
    for start, end in _mails(text):
        bare += text[at:start] + " "
        at = end
    return _URL.findall(bare + text[at:])


def is_url(text: str) -> bool:
    """Return whether a folded text is one URL."""
    return "." in text and _URL.fullmatch(text) is not None and not is_email(text)


def is_email(text: str) -> bool:
    """Return whether a folded text is one e-mail address."""
    return "@" in text and _EMAIL.fullmatch(text) is not None


def address(url: str) -> str:
    """Return the URL without what does not tell where it leads: scheme, `www.`, slashes and full stops at its end."""
    return _SCHEME.sub("", url).removeprefix("www.").rstrip("/.,;:!?")


def host(url: str) -> str:
    """Return the host that the URL leads to. What stands before an `@` is none of it (RFC 3986, section 3.2)."""
    authority = re.split(r"[/?#\\]", _SCHEME.sub("", url), maxsplit=1)[0]
    return authority.rpartition("@")[2].partition(":")[0].removeprefix("www.").rstrip(".")


def number(value: str | float) -> str:
    """Return the key of a number; of what is none, the empty string."""
    if isinstance(value, str) and not _BEGINS.match(value):
        return ""  # most texts are none, and to have that found out by an exception takes ten times as long
    return _known(value) if not isinstance(value, str) or len(value) <= MAX_KNOWN else _number(value)


def _number(value: str | float) -> str:
    try:
        plain = Decimal(str(value)).normalize()
    except InvalidOperation:
        return ""
    return f"n:{plain:f}" if plain.is_finite() and abs(plain.adjusted()) <= MAX_DIGITS else ""


_known = lru_cache(MAX_NUMBERS, typed=True)(_number)


def numbers(text: str) -> Iterator[str]:
    """Yield a key for each number in a folded text; `1.653` may be read in two ways, and so has two."""
    return (key for _, key in number_places(text))


def number_places(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the places of the numbers in a folded text, as offsets, each with its key."""
    for match in _NUMBER.finditer(text):
        written = match.group().replace("'", "").replace("\u2019", "")
        for point, group in ((".", ","), (",", ".")):
            whole, _, fraction = written.partition(point)
            groups = whole.split(group)
            if group not in fraction and point not in fraction and all(len(each) == _THOUSAND for each in groups[1:]):
                yield from ((match.span(), key) for key in [number(f"{''.join(groups)}.{fraction or 0}")] if key)


def dates(text: str) -> Iterator[str]:
    """Yield a key for each day in a folded text. Where day and month can be told apart in two ways, both."""
    return (key for _, key in date_places(text))


def date_places(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the places of the days in a folded text, as offsets, each with its key."""
    written = _NUMERIC_DATES if _DATE_LIKE.search(text) else ()
    spoken = _SPOKEN_DATES if _MONTH_LIKE.search(text) else ()
    for pattern in (*written, *spoken):
        for match in pattern.finditer(text):
            found = match.groupdict()
            month = _MONTHS[found["n"]] if "n" in found else int(found["m"])
            if 1 <= month <= 12 and 1 <= int(found["d"]) <= 31:  # noqa: PLR2004 - of a calendar
                yield match.span(), f"d:{int(found['y']):04}-{month:02}-{int(found['d']):02}"


def is_day(text: str) -> bool:
    """Return whether a folded text is one day."""
    return len(text) <= LONGEST_DATE and any(span == (0, len(text)) for span, _ in date_places(text))


def identifiers(text: str) -> Iterator[str]:
    """Yield a key for each long identifier in a folded text, without its separators.

    Where it ends cannot be seen (`… 0130 00 5 euros`), so that each run of its groups is one.
    """
    for match in _IDENTIFIER.finditer(text):
        groups = _GROUP.findall(match.group())
        for first in range(len(groups)):
            joined = ""
            for group in groups[first : first + MAX_GROUPS]:
                joined += group
                if len(joined) >= MIN_IDENTIFIER:
                    yield f"i:{joined}"


def identifier(text: str) -> str:
    """Return the key of a folded text that is one long identifier; of any other, the empty string."""
    bare = text.strip("+() ")
    return _identifier(bare) if len(bare) <= MAX_IDENTIFIER else ""


@lru_cache(MAX_FOLDED)
def _identifier(bare: str) -> str:
    if not _GROUPED.fullmatch(bare):
        return ""
    groups = _GROUP.findall(bare)
    joined = "".join(groups)
    is_one = _FIRST.match(joined) and all(_DIGIT.search(group) or len(group) == BANK for group in groups)
    return f"i:{joined}" if is_one and len(joined) >= MIN_IDENTIFIER else ""


def keys(text: str) -> set[str]:
    """Return the keys of everything in a folded text that can be written in more than one way."""
    return set[str]().union(*keys_by_kind(text))


def keys_by_kind(text: str) -> Iterator[set[str]]:
    """Yield the same kind by kind: of a long text they take a millisecond together."""
    yield from naming_by_kind(text)
    if _DIGIT.search(text):
        yield set(numbers(text))
        yield set(dates(text))


def naming_by_kind(text: str) -> Iterator[set[str]]:
    """Yield the keys of what something is found again by: a number or a day is in too many places."""
    yield {f"e:{each}" for each in emails(text)}
    yield {key for each in urls(text) for key in (f"u:{address(each)}", f"h:{host(each)}")}
    if _DIGIT.search(text):
        yield set(identifiers(text))
