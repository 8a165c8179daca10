"""Held against spaCy's own patterns: the same matches, in any word of any language."""

import re
from collections.abc import Callable

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokenizer import Tokenizer

from sidecar.content.presidio.language import Tongue
from sidecar.content.presidio.model_files import located
from sidecar.content.presidio.tokenizer import quicken, quickened

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of spaCy's dependencies, in their own code

LANGUAGES = ("en", "de", "es", "nl", "xx")
WORDS = st.text(
    st.sampled_from("aMkmgS09.,:;-+'%$\u20ac\u00b0C\u00b2/@<>()\u2026\u2019\u2014\u00e9\u05d0\n"), max_size=12
)
WRITTEN = st.lists(
    st.sampled_from(["ada9@example.org.", "12km", "U.S.", "5\u20ac", "Anna's", "a-b", "x...", "4\u00b0C.", "(e.g.),"]),
    max_size=4,
).map("".join)


def tokenizer(language: str) -> Tokenizer:
    found = spacy.blank(language).tokenizer
    assert isinstance(found, Tokenizer)
    return found


def pattern(method: Callable[..., object]) -> re.Pattern[str]:
    found: re.Pattern[str] = getattr(method, "__self__")  # noqa: B009 - of `re.compile(...).search`
    return found


OF_SPACY = [
    pattern(method)
    for language in LANGUAGES
    for method in (tokenizer(language).suffix_search, tokenizer(language).infix_finditer)
]


@given(of_spacy=st.sampled_from(OF_SPACY), word=WORDS | WRITTEN)
def test_what_is_found_is_the_same(of_spacy: re.Pattern[str], word: str) -> None:
    quick = quickened(of_spacy) or of_spacy

    assert [match.span() for match in quick.finditer(word)] == [match.span() for match in of_spacy.finditer(word)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(r"\.$|,$|(?<=[0-9])(?:km|\$)$", True, id="signs, and units behind a digit"),
        pytest.param(r"\.\.+|(?<=[a-z])-(?=[a-z])", True, id="signs between letters"),
        pytest.param(r"[.,]", True, id="one alternative"),
        pytest.param(r"\.$|km$", False, id="letters behind anything"),
        pytest.param(r"\.$|(?<=[0-9])[0-9]$", False, id="digits behind a digit"),
        pytest.param(r"k(?<=[0-9])m|,", False, id="a digit that is asked for too late"),
        pytest.param(r"\.$|$", False, id="nothing"),
        pytest.param(r",?a|;", False, id="a sign that may be left out"),
        pytest.param(r"\.$|\w$", False, id="a class"),
        pytest.param(r"[^,]|;", False, id="all but"),
        pytest.param(r"[,-a]|;", False, id="a range that has digits"),
        pytest.param(r"(?i)\.|,", False, id="in any case"),
    ],
)
def test_only_what_is_certain_is_quickened(written: str, *, expected: bool) -> None:
    assert (quickened(re.compile(written)) is not None) is expected


def test_a_search_in_a_word_of_letters_tries_no_alternative() -> None:
    quick = quickened(re.compile(r"(?<=[a-z])-(?=[a-z])|(?<=[0-9])(?:km|m)$"))

    assert quick is not None
    assert quick.pattern.startswith("(?:(?=[^a-zA-Z0-9])|(?<=[0-9])(?=[^0-9]))(?:")


def test_english_is_quickened() -> None:
    own = Tongue("en", located()).nlp.tokenizer

    assert isinstance(own, Tokenizer)
    assert pattern(own.suffix_search).pattern.startswith("(?:(?=[^a-zA-Z0-9])")
    assert own("don't")[1].norm_ == "not"  # of the tokenizer's own rules
    assert pattern(own.infix_finditer).pattern.startswith("(?=[^a-zA-Z0-9])")


@given(text=st.lists(WORDS | WRITTEN, max_size=8).map(" ".join))
def test_tokens_are_spacys(text: str) -> None:
    assert [token.text for token in QUICK(text)] == [token.text for token in SPACYS(text)]


SPACYS, QUICK = tokenizer("en"), tokenizer("en")
quicken(QUICK)
