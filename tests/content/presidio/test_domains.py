"""Held against Presidio's own recognizers: the same addresses, in any text."""

import re

import regex  # type: ignore[import-untyped]  # it ships no types
from hypothesis import example, given
from hypothesis import strategies as st
from presidio_analyzer import PatternRecognizer
from presidio_analyzer.predefined_recognizers import EmailRecognizer, UrlRecognizer

from sidecar.content.presidio.domains import MAX_WORD, SUFFIXES, WordwiseEmailRecognizer, WordwiseUrlRecognizer

FLAGS = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE
SIGNS = ["@", "@", ".", ".", "-", "_", " ", "\n", "/a?b=c", '"', "'", "(", ")", "<", ">", ",", "\u00a0", "é"]
WORDS = ["ada", "example", "org", "co.uk", "+tag", "https://", "www.", "xn--80ak6aa92e", "nosuch", "10"]
PARTS = st.sampled_from([*SIGNS, *WORDS])
TEXTS = st.lists(PARTS, max_size=24).map("".join)


class OfflineEmail(EmailRecognizer):
    def validate_result(self, pattern_text: str) -> bool:
        return SUFFIXES(pattern_text).fqdn != ""


ENDS_A_HOST = re.compile(r"[/?#@]")  # what stands before it is all that Presidio looks at


def found(by: PatternRecognizer, text: str) -> set[tuple[int, int, float]]:
    by.global_regex_flags = FLAGS
    return {(r.start, r.end, r.score) for r in by.analyze(text, by.supported_entities)}


@given(TEXTS)
@example("write to ada@example.org, or bob@example.co.uk.")
@example("a@b.org@c.org")
@example("/a?b=c@_co.uk")
@example("see https://example.org/?to=ada@example.org")
def test_mail_addresses_are_those_of_presidio_and_those_that_it_takes_for_urls(text: str) -> None:
    ours, theirs = found(WordwiseEmailRecognizer(), text), found(OfflineEmail(), text)

    assert theirs <= ours
    assert all(ENDS_A_HOST.search(text[start:end].rpartition("@")[0]) for start, end, _ in ours - theirs)


@given(TEXTS)
@example('see "https://example.org/a" and example.com.')
def test_web_addresses_are_those_of_presidio(text: str) -> None:
    assert found(WordwiseUrlRecognizer(), text) == found(UrlRecognizer(), text)


def test_in_a_word_without_end_addresses_are_found_around_their_signs() -> None:
    filling = "," * MAX_WORD
    text = f"{filling}ada@example.org{filling}bob@example.org{filling}"

    spans = found(WordwiseEmailRecognizer(), text)

    assert {text[start:end] for start, end, _ in spans} == {"ada@example.org", "bob@example.org"}


def test_public_suffixes_come_without_a_network() -> None:
    assert SUFFIXES.suffix_list_urls == ()
