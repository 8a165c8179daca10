"""Tokens within what is said: a token that was given to us is not to be passed on (identity-spec 2.17).

A token is known by its payload segment, not by its text: the same token with padding, in the JSON serialisation, with
another signature that holds as well, or without one, is the same authority. Only what has the shape of such a segment
is looked at: base64 of a JSON object, long enough to hold claims.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from sidecar.model.steps import Steps

MIN_SEGMENT: Final = 32  # characters: no claims that name an issuer, a subject and a time are shorter
MAX_SEGMENT: Final = 64 * 1024  # characters: no token that is accepted is longer
SEARCHED: Final = 32_768  # characters of a text in one step: a quarter of a millisecond

# Base64 of `{` begins with `e` and one of four letters, whatever follows it. Both alphabets: some writers mix them.
_SEGMENT: Final = re.compile(rf"e[w-z][A-Za-z0-9_+/-]{{{MIN_SEGMENT - 2},}}")
_GAP: Final = re.compile(r"[^A-Za-z0-9_+/-]")
_STANDARD: Final = str.maketrans("+/", "-_")


def mark(token: str) -> str:
    """Return what `token`, a compact JWS, is known by: the digest of its payload segment; empty for no token."""
    parts = token.split(".")
    return _digest(parts[1].rstrip("=")) if len(parts) > 1 and parts[1] else ""


def marks(tokens: Iterable[str]) -> frozenset[str]:
    """Return what each of `tokens` is known by."""
    return frozenset(filter(None, map(mark, tokens)))


def marking(text: str) -> Steps[frozenset[str]]:
    """Come to the marks of all that has the shape of a token's payload in `text`, which is cut where no segment is.

    JSON may be looked at as one text: no character of a segment is written otherwise in it, and the quotation marks
    around strings keep them apart.
    """
    found: set[str] = set()
    start = 0
    while start < len(text):
        gap = _GAP.search(text, start + SEARCHED)
        end = gap.start() if gap else len(text)
        found |= {_digest(each) for each in _SEGMENT.findall(text, start, end) if len(each) <= MAX_SEGMENT}
        start = end
        yield
    return frozenset(found)


def _digest(segment: str) -> str:
    return hashlib.sha256(segment.translate(_STANDARD).encode("ascii", "replace")).hexdigest()
