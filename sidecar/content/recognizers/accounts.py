"""Bank accounts with check digits (IBAN, ISO 13616) and addresses of machines (IP), which prove themselves."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from string import hexdigits
from typing import Final

from sidecar.content.checksums import IBAN_LENGTHS, iban
from sidecar.content.detection import Span

ENTITIES: Final = frozenset({"IBAN_CODE", "IP_ADDRESS"})
REPLACES: Final = ENTITIES

SURE: Final = 1.0
FORM: Final = 0.6
WEAK: Final = 0.3

_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}[ \t\xa0.-]?\d{2}(?:[ \t\xa0.\u2010-\u2015-]?[A-Za-z0-9]){11,30}")
# What stands before a digit is asked behind it: where none stands, a search has nothing to ask.
_V4 = re.compile(r"\d(?<![^\W_]\d)(?<!\d\.\d)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?:/\d{1,2})?(?![^\W_]|\.\d)")
_IBAN_REST = re.compile(r"\d{2}(?:[ \t\xa0.\u2010-\u2015-]?[A-Za-z0-9]){11}")  # without it there is none
_COLONS = re.compile(r":[0-9A-Fa-f]{0,4}:")
_V6 = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}"
    r"|[0-9A-Fa-f]{1,4})?(?:%[\w.-]{1,16})?(?:/\d{1,3})?(?![\w:]|\.\d)"
)
_VERSION = re.compile(
    r"(?:\bv|\bver(?:sion)?s?|\brelease|\brev(?:ision)?|\bbuild|\w{0,24}version"
    r"|(?<![\w</.-])[\w.-]{1,32}(?:[=~<>!^]=|(?<!-)[<>~^]))"  # `<td>` is none, and `->` an arrow
    r"[ \t:=\"']{0,3}\Z",
    re.IGNORECASE,
)
_BEFORE: Final = 40
COUNTRY: Final = 2  # letters
DOTS: Final = 3  # of an address
HEXTET: Final = 4


def find(text: str) -> Iterator[Span]:
    """Yield the accounts and the addresses of machines in `text`."""
    yield from _ibans(text)
    for match in _V4.finditer(text) if text.count(".") >= DOTS else ():
        if _is_v4(match[0].partition("/")[0]) and not _VERSION.search(
            text, max(0, match.start() - _BEFORE), match.start()
        ):
            yield Span(*match.span(), "IP_ADDRESS", FORM)
    yield from _v6s(text)


def _ibans(text: str) -> Iterator[Span]:
    match = _IBAN.search(text) if _IBAN_REST.search(text) else None
    while match:
        if end := _iban_end(match[0]):
            after = match.start() + end
            if not text[after : after + 1].isalnum():
                yield Span(match.start(), after, "IBAN_CODE", SURE)
        # What follows may be the next account, and what looked like one may only stand before it.
        match = _IBAN.search(text, match.start() + (end or COUNTRY))


def _iban_end(written: str) -> int:
    """Return where the account ends that `written` begins with; 0 where it begins with none."""
    length = IBAN_LENGTHS.get(written[:COUNTRY].upper(), len(written) + 1)
    places = [i for i, c in enumerate(written) if c.isalnum()][:length]
    is_one = len(places) == length and iban("".join(written[i] for i in places).upper())
    return places[-1] + 1 if is_one else 0


def _is_v4(written: str) -> bool:
    try:
        return bool(IPv4Address(written))
    except AddressValueError:
        return False


def _v6s(text: str) -> Iterator[Span]:
    end = 0
    for colons in _COLONS.finditer(text) if text.count(":") > 1 else ():
        start = colons.start()
        while start > max(end, colons.start() - HEXTET) and text[start - 1] in hexdigits:
            start -= 1
        match = _V6.match(text, start)
        if start >= end and match:
            end = match.end()
            if score := _v6(match):
                yield Span(start, end, "IP_ADDRESS", score)


def _v6(match: re.Match[str]) -> float:
    """Return how sure `match` is one: two colons alone are punctuation more often than an address."""
    written = match[0].partition("%")[0].partition("/")[0]
    try:
        IPv6Address(written)
    except AddressValueError:
        return 0.0
    return FORM if any(c.isalnum() for c in written) and (len(written) > 4 or written[-1] == "1") else WEAK  # noqa: PLR2004 - `a::b` is C++
