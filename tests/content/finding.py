"""A detector that is as simple as a detector can be: what matches a pattern is of that pattern's kind."""

import re
from collections.abc import Collection, Mapping, Sequence

from sidecar.content.detection import Span
from sidecar.errors import UnavailableError

CARD = r"4111 ?1111 ?1111 ?1111"
NAME = r"Ada|Lovelace"
MAIL = r"[a-z]+@[a-z]+\.[a-z]+"
HOST = r"[a-z]+\.[a-z]{2,3}"
PATTERNS: Mapping[str, str] = {"CREDIT_CARD": CARD, "PERSON": NAME, "EMAIL_ADDRESS": MAIL, "URL": HOST}


class Needles:
    """Finds `patterns`, each with its score, and remembers what it was asked."""

    def __init__(self, patterns: Mapping[str, str] = PATTERNS, scores: Mapping[str, float] | None = None) -> None:
        self.patterns = patterns
        self.scores = scores or {"CREDIT_CARD": 1.0}
        self.asked: list[str] = []
        self.kinds: list[frozenset[str]] = []

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        self.asked += texts
        self.kinds.append(frozenset(entities))
        return [self.spans(text) for text in texts]

    def spans(self, text: str) -> tuple[Span, ...]:
        return tuple(
            Span(*match.span(), entity, self.scores.get(entity, 0.85))
            for entity, pattern in self.patterns.items()
            for match in re.finditer(pattern, text)
        )


class Silent:
    """Never answers in time."""

    async def find(self, _texts: Sequence[str], _entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        raise UnavailableError("the detector did not answer in time")
