"""What does the user leave to somebody else's words, and to do what with it?

`Pay what she asks for` leaves the sum and the account to her text, but only for paying: a deletion that stands there,
too, is nobody's wish. It is told by the verb of the user's own sentence, and by a clause that speaks of what another
one said, or of a thing in what he wrote.
"""

import re
from typing import Final

from sidecar.content.origin.normal import words
from sidecar.content.origin.places import BY_TEXT
from sidecar.content.origin.speech import acts, is_order, sayings, stem

_SPEAKING: Final = (
    r"(?:asks?|asked|wants?|wanted|needs?|needed|says?|said|propose[sd]?|suggest(?:s|ed)?|request(?:s|ed)?|"
    r"demand(?:s|ed)?|wish(?:es|ed)?|writes?|wrote|mentions?|mentioned|names?|named|gives?|gave|sent|mailed|"
    r"recommend(?:s|ed)?|describe[sd]?|specif(?:y|ies|ied)|list(?:s|ed)?)"
)
_WRITTEN: Final = (
    r"(?:e-?mails?|mails?|messages?|letters?|notes?|requests?|tickets?|invoices?|bills?|comments?|reports?|posts?|"
    r"files?|documents?|pages?|sites?|profiles?|forms?|notices?|instructions?|texts?|repl(?:y|ies)|\w+\.[a-z]{2,5})"
)
_LEFT: Final = re.compile(
    rf"\b(?:what(?:ever)?|where(?:ver)?|who(?:m|ever)?|when|that|which|as|everything|all)\s+(?!i\b|we\b|you\b)"
    rf"(?:[\w'.-]+\s+){{1,4}}?{_SPEAKING}\b"
    r"|\baccordingly\b|\baccording to\b"
    rf"|\b(?:in|from|with|on|by|of)\s+(?:the|his|her|its|their|this|that|[\w.-]+'s)\s+(?:[\w'-]+\s+){{0,3}}?{_WRITTEN}\b"
)
_SENTENCE: Final = re.compile(r"[^.!?;\n]+(?:[.!?;](?! )[^.!?;\n]*)*")


def left(said: str) -> frozenset[str]:
    """Return the acts whose objects a folded request leaves to what somebody wrote: of `pay what she asks for`."""
    found: set[str] = set()
    for sentence in _SENTENCE.finditer(said):
        text = sentence.group()
        if _LEFT.search(text):
            verbs = [stem(word) for word in words(text) if is_order(word)]
            found |= acts(verbs) | {each.removeprefix("#") for each in sayings(text)}
    return BY_TEXT & found
