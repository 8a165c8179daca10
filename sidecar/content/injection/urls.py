"""Does the address of a picture or a link carry data away?

A picture is loaded by whoever shows the text, nobody has to click; what stands in its address has left. A score
says how likely an address carries words: a place that the model shall fill in, a readable text within it, a long
part that only a machine can read. Ordinary addresses have identifiers and signatures, so that length alone says
little, and of a link less than of a picture: somebody must follow it, and searches have words in them, too. Words that
were encoded first are no search. An address that stands in a text as it is may be anybody's, a place to fill in the
example of a manual: of it only encoded words count.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

MAX_URL: Final = 8_000  # characters of an address that are looked at
LONG: Final = 64  # characters of one part of an address: no name and no identifier
MAX_LABEL: Final = 32  # characters of one label of a host: names are shorter

PLACE_TO_FILL, ENCODED, READABLE, SCRIPT, OPAQUE = 0.95, 0.85, 0.8, 0.8, 0.6
_LINKED: Final = 0.6  # what a link counts beside a picture


@dataclass(frozen=True, slots=True)
class Carrier:
    """`text[start:end]` is the address of a picture or a link; `score` says how likely it carries data."""

    start: int
    end: int
    is_picture: bool
    score: float


_ADDRESS: Final = re.compile(
    r"(?P<mark>!?)\[[^\[\]\n]{0,300}\]\(\s{0,4}<?(?P<inline>[^\s()]{4,8000})"
    r"|(?m:^)[ \t]{0,3}\[[^\[\]\n]{1,100}\]:\s{0,4}<?(?P<reference>[^\s<>]{4,8000})"
    r"|<(?P<tag>img|image|iframe|source|script|link|embed|object|video|audio|a|area|form|base)\b[^<>]{0,2000}?"
    r"\b(?:src|href|data|action|poster|srcset)\s{0,4}=\s{0,4}[\"']?(?P<attribute>[^\s\"'<>]{4,8000})"
    r"|<meta\b[^<>]{0,200}?\bcontent\s{0,4}=\s{0,4}[\"']?\s{0,4}[\d.]{1,8}\s{0,4}[;,]\s{0,4}url\s{0,4}=\s{0,4}[\"']?"
    r"(?P<refresh>[^\s\"'<>]{4,8000})"
    r"|url\(\s{0,4}[\"']?(?P<style>[^\s\"')]{4,8000})"
    r"|\bhttps?://(?P<bare>[^\s\"'<>()\[\]]{4,8000})",
    re.IGNORECASE,
)
_FILL: Final = re.compile(
    r"\$?\{{1,2}\s?[A-Za-z_][\w .-]{0,60}\}{1,2}|<[A-Za-z_][\w -]{0,60}>|\[[A-Za-z_][\w -]{2,60}\]"
    r"|%7B[\w .%-]{1,60}?%7D"
    r"|(?:=|/)(?:YOUR|INSERT|REPLACE|DATA|SECRET|HISTORY|CONVERSATION|PASTE|CONTENTS?)[_A-Z]{0,40}(?=$|[&/#.])"
    r"|=%s|=\.\.\.$"
)
_KINDS: Final = ("inline", "reference", "attribute", "refresh", "style", "bare")
_CLICKED: Final = frozenset({"a", "area", "form", "base"})
_WORDS: Final = re.compile(
    r"(?:[A-Za-z][a-z']{1,15}[ ,.:;]{1,2}){3}[A-Za-z]{2}|[\w.+-]{2,40}@[\w-]{2,40}\.[a-z]{2,10}\b"
)
_TWO: Final = re.compile(r"[A-Za-z][a-z']{1,15}[ ,:;]{1,2}[A-Za-z]{2}")  # words enough where they were encoded
_OPAQUE: Final = re.compile(r"[A-Za-z0-9+/_=-]{64,}")


def carriers(text: str) -> tuple[Carrier, ...]:
    """Return the addresses in `text` that may carry data, in order; those that surely carry none are left out."""
    if "](" not in text and "]:" not in text and "=" not in text and "://" not in text and "url(" not in text.lower():
        return ()
    return tuple(carrier for carrier in _all(text) if carrier.score > 0)


def _all(text: str) -> Iterator[Carrier]:
    used_as_picture = "![" in text
    for match in _ADDRESS.finditer(text):
        kind = next(name for name in _KINDS if match[name])
        is_picture = {
            "inline": match["mark"] == "!",
            "reference": used_as_picture,
            "attribute": (match["tag"] or "").lower() not in _CLICKED,
            "refresh": True,
            "style": True,
            "bare": False,
        }[kind]
        value = suspicion(match[0] if kind == "bare" else match[kind])
        if kind != "bare" or value == ENCODED:
            start = match.start() if kind == "bare" else match.start(kind)
            yield Carrier(start, match.end(kind), is_picture, value if is_picture else value * _LINKED)


def suspicion(url: str) -> float:
    """Return how likely the address `url` carries data, from 0 to 1, if a picture has it."""
    start = url[:MAX_URL]
    scheme = start[:11].lower()
    if scheme.startswith("data:"):
        return SCRIPT if not start[5:10].lower().startswith(("image", "font/")) else 0.0
    if scheme.startswith(("javascript:", "vbscript:")):
        return SCRIPT
    if "://" not in start and not start.startswith("//"):
        return 0.0  # of the same page
    host, _, rest = start.partition("//")[2].partition("/")
    host, query_mark, query = host.partition("?")
    rest = rest + query_mark + query
    if _FILL.search(start):
        return PLACE_TO_FILL
    parts = re.split(r"[/?&#;]", rest)
    values = [part.partition("=")[2] or part for part in parts]
    if any(_is_readable(value) for value in values):
        return ENCODED if any(_is_encoded(value) for value in values) else READABLE
    is_long = any(len(value) > LONG and _OPAQUE.search(value) for value in values)
    return OPAQUE if is_long or any(len(label) > MAX_LABEL for label in host.split(".")) else 0.0


def _is_readable(value: str) -> bool:
    """Whether `value` is words, or an address of mail in a form that mails have it in themselves."""
    plain = unquote_plus(value)
    is_long = len(value) > 12  # noqa: PLR2004 - two words
    is_plain = is_long and _WORDS.search(plain) is not None
    return is_plain or any(map(_WORDS.search, _decoded(plain))) or _is_encoded(value)


def _is_encoded(value: str) -> bool:
    """Whether `value` is words that were encoded."""
    return any(text.isprintable() and _TWO.search(text) for text in _decoded(unquote_plus(value)))


def _decoded(value: str) -> Iterator[str]:
    if len(value) < 16:  # noqa: PLR2004 - no text of three words
        return
    padded = value.replace("-", "+").replace("_", "/").rstrip("=")
    for decode in (bytes.fromhex, _base64):
        with suppress(ValueError):
            yield decode(padded).decode("ascii")


def _base64(value: str) -> bytes:
    return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
