"""Presidio's recognizers of e-mail and web addresses, looking only where one can be.

Its own try their patterns, one with a thousand alternatives, at every character, and the one for e-mail
addresses asks the network for the list of public suffixes at its first match. Here a pattern meets only words
that hold what it cannot do without, and the list is the one that comes with tldextract. What is found is the same.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import tldextract
from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import EmailRecognizer, UrlRecognizer

MAX_DOMAINS: Final = 4096  # that are remembered, each with whether it can exist
MAX_WORD: Final = 1_000  # characters; in longer ones an address is looked for around its `@`
MAX_PART: Final = 320  # characters on each side of an `@`; a mail server takes 64 and 255

_WORD_WITH_AT = re.compile(r"(?<!\S)[^\s@]*@\S*")
_WORD_WITH_DOT = re.compile(r"(?<!\S)[^\s.]*\.\S*")
_DOT = re.compile(r"\.[^\W_]")

SUFFIXES: Final = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


class WordwiseEmailRecognizer(EmailRecognizer):
    """Finds what Presidio's finds; in words of more than `MAX_WORD` characters, of its `MAX_PART` on each side.

    And those in the query of a URL (`/?to=ada@example.org`), where Presidio's takes what stands first for the domain.
    """

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """Return all addresses in `text`."""
        analyze = super().analyze
        return [
            _moved(result, start)
            for start, end in _around_at(text)
            for result in analyze(text[start:end], entities, nlp_artifacts, regex_flags)
        ]

    def validate_result(self, pattern_text: str) -> bool:
        """Return whether the address ends in a domain that can exist."""
        return _exists(pattern_text.rpartition("@")[2])


class WordwiseUrlRecognizer(UrlRecognizer):
    """Finds what Presidio's finds."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """Return all addresses in `text`."""
        analyze = super().analyze
        return [
            _moved(result, word.start())
            for word in _WORD_WITH_DOT.finditer(text)
            if _DOT.search(word[0])
            for result in analyze(word[0], entities, nlp_artifacts, regex_flags)
        ]


def _around_at(text: str) -> Iterator[tuple[int, int]]:
    for word in _WORD_WITH_AT.finditer(text):
        start, end = word.span()
        if end - start <= MAX_WORD:
            yield start, end
            continue
        at = text.find("@", start, end)
        while at != -1:
            low, high = max(at - MAX_PART, start), min(at + MAX_PART, end)
            yield max(low, text.rfind("@", low, at) + 1), high
            at = text.find("@", at + 1, end)


def _moved(result: RecognizerResult, by: int) -> RecognizerResult:
    result.start += by
    result.end += by
    return result


@lru_cache(MAX_DOMAINS)
def _exists(domain: str) -> bool:
    return SUFFIXES(domain).fqdn != ""
