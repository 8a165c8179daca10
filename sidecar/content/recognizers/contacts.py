"""E-mail addresses (RFC 5321, with the letters of RFC 6531), addresses of the web, names of users.

An e-mail address is found from its `@` outwards. `git@host:path` and `user@1.2.3` are none: the one is a
repository, the other a release. A bare domain counts where its end is one that people use; `main.py` and
`README.md` are files.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import tldextract

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import holds, words

ENTITIES: Final = frozenset({"EMAIL_ADDRESS", "URL", "USERNAME"})
REPLACES: Final = frozenset({"EMAIL_ADDRESS", "URL"})

SURE: Final = 1.0
FORM: Final = 0.6
WEAK: Final = 0.5

# RFC 2606, RFC 6762 and its appendix G: names of examples and of private networks.
RESERVED: Final = frozenset(
    {"example", "test", "invalid", "localhost", "local", "internal", "intranet", "lan", "corp", "home", "private"}
)

_DOMAIN = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?P<top>[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?!\w|-[\w-])", re.IGNORECASE
)
_LITERAL = re.compile(r"\[(?:\d{1,3}\.){3}\d{1,3}\]")
_REMOTE = re.compile(r":[\w./~-]")
_WEB = re.compile(r"[^\s<>\"'`{}|\\^\[\]\xa0]{2,2048}")
_SCHEME = re.compile(r"(?<![\w@])(?:https?|ftps?|sftp|wss?)\Z", re.IGNORECASE)
_TOP = re.compile(
    r"\.(?:com|org|net|edu|gov|info|biz|io|co|app|dev|me|tv|xyz|online|site|shop|store|blog|cloud|tech|ai|eu|us|uk"
    r"|de|fr|nl|be|es|it"
    r"|ch|at|ca|au|nz|jp|cn|in|br|se|no|dk|fi|pl|cz|ie|pt|gr|hu|ro|ru|za|mx|ar|kr|tr|il|sg"
    r"|hk)(?P<path>/[\w./?=&%#~+-]{0,512})?"
    r"(?![\w@(-]|\.\w)"
)
_HOST = re.compile(
    r"(?<![\w@./\\-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,6}[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z"
)
_LONGEST: Final = 253  # characters of a host, RFC 1035
INDENT: Final = 32  # white space before a decorator
_TAIL: Final = ".,;:!?)*_'"
_HANDLE = re.compile(r"@(?<![\w@/.]@)[A-Za-z_][A-Za-z0-9_]{2,29}(?![\w@./(-])")
_USER_CUE = words(r"user ?names?|user ?id|login(?: name)?|screen ?name|nick ?name|handle")
_USER_WORDS: Final = ("user", "login", "screen", "nick", "handle")
_USER = re.compile(r"(?:[ \t]?(?:is|=|:)[ \t]{0,3}|[ \t])[\"'`]?(?P<name>[A-Za-z][\w.-]{2,31})(?![\w@(\[])")


def find(text: str) -> Iterator[Span]:
    """Yield the addresses and names in `text`."""
    if "@" in text:
        yield from _emails(text)
        yield from (Span(*m.span(), "USERNAME", WEAK) for m in _HANDLE.finditer(text) if not _is_decorator(text, m))
    if "." in text or "://" in text:
        yield from _sites(text)
    low = text.lower()
    for cue in _USER_CUE.finditer(text) if holds(low, _USER_WORDS) else ():
        if (name := _USER.match(text, cue.end())) and any(map(str.isdigit, name["name"])):
            yield Span(*name.span("name"), "USERNAME", WEAK)


def _is_decorator(text: str, handle: re.Match[str]) -> bool:
    """Whether `handle` has a line of its own: so Python and Java write what is no name."""
    before = text[max(0, handle.start() - INDENT) : handle.start()]
    is_first = not before.rpartition("\n")[2].strip() and ("\n" in before or handle.start() <= INDENT)
    return is_first and text[handle.end() : handle.end() + 1] == "\n"


def _emails(text: str) -> Iterator[Span]:
    at = text.find("@")
    while at != -1:
        if found := _email(text, at):
            yield Span(*found, "EMAIL_ADDRESS", SURE)
        at = text.find("@", at + 1)


def _email(text: str, at: int) -> tuple[int, int] | None:
    start = at
    while start > at - 64 and start and _is_local(text[start - 1]):
        start -= 1
    start = max(start, 1 + max(text.rfind(sign, start, at) for sign in "=/|"))  # a parameter's name, a path
    while start < at and text[start] in ".'`*-{}~&?+":  # quotes and markup before it
        start += 1
    domain = _LITERAL.match(text, at + 1) or _DOMAIN.match(text, at + 1)
    if (
        start == at
        or text[at - 1] == "."
        or not domain
        or not _is_top(domain)
        or (text[start:at] == "git" and _REMOTE.match(text, domain.end()))
    ):
        return None
    return start, domain.end()


def _is_top(domain: re.Match[str]) -> bool:
    """Whether `domain` ends as one of the public or a private network does; a number in brackets needs no name."""
    top = domain["top"].lower() if domain.lastgroup == "top" else ""
    return not top or top in RESERVED or top in _public()


@cache
def _public() -> frozenset[str]:
    """Return the last labels of all public suffixes, from the list that comes with tldextract."""
    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tops = {suffix.rpartition(".")[2] for suffix in extract.tlds}
    return frozenset(tops | {top.encode("idna").decode() for top in tops if not top.isascii()})


def _is_local(character: str) -> bool:
    return character.isalnum() or character in "!#$%&'*+-/=?^_`{|}~."


def _sites(text: str) -> Iterator[Span]:
    for start, begin in _beginnings(text):
        if web := _WEB.match(text, begin):
            yield Span(start, begin + len(web[0].rstrip(_TAIL)), "URL", FORM)
    for top in _TOP.finditer(text):
        if host := _HOST.search(text, max(0, top.start() - _LONGEST, text.rfind(" ", 0, top.start())), top.start()):
            yield Span(host.start(), top.start() + len(top[0].rstrip(_TAIL)), "URL", WEAK)


def _beginnings(text: str) -> Iterator[tuple[int, int]]:
    """Yield where addresses of the web begin, and where what follows the scheme does."""
    at = text.find("://")
    while at != -1:
        if scheme := _SCHEME.search(text, max(0, at - 6), at):
            yield scheme.start(), at + 3
        at = text.find("://", at + 3)
    low = text.lower()
    at = low.find("www.")
    while at != -1:
        if not at or not (text[at - 1].isalnum() or text[at - 1] in "_@/"):
            yield at, at + 4
        at = low.find("www.", at + 4)
