"""Plain words that a pack's own data begin with wait for what follows them."""

import time

import pytest

from sidecar.checks.beginnings import beginnings
from sidecar.content.parts import RUN_OF_FORMS, next_part, parts, reading
from sidecar.content.plain import WORDS, Small
from sidecar.policy.recognizers import PatternPart, RecognizerPart


def listed(*terms: str) -> RecognizerPart:
    return RecognizerPart(name="l", supported_entity="ROOM", deny_list=terms)


def patterned(pattern: str) -> RecognizerPart:
    return RecognizerPart(
        name="p", supported_entity="ROOM", patterns=(PatternPart(name="p", regex=pattern, score=0.9),)
    )


@pytest.mark.parametrize(
    ("recognizer", "words"),
    [
        pytest.param(
            listed("First Light", "Blue Room", "just eat", "\u201cHere\u201d", "Nextel"),
            {"first", "just", "here"},
            id="terms",
        ),
        pytest.param(patterned("\u00abthe \\w+\u00bb"), {"the"}, id="a word behind a mark"),
        pytest.param(listed("F\u00fcr Elise", "\u00c9tant"), {"f\u00fcr", "\u00e9tant"}, id="other letters"),
        pytest.param(listed("DON\u2019T LOOK"), {"don't"}, id="another apostrophe"),
        pytest.param(patterned(r"case \d{6}"), {"case"}, id="a word and a number"),
        pytest.param(patterned(r"\b(?:case|issue):? #?\d+"), {"case", "issue"}, id="one of two"),
        pytest.param(patterned(r"(?<=the )way out"), {"away", "way"}, id="behind something else"),
        pytest.param(patterned(r"E-\d{6}"), set(), id="a letter and a sign"),
        pytest.param(patterned(r"\d{4}"), set(), id="digits"),
        pytest.param(patterned(r"\bHere\b"), {"here", "here's"}, id="one word"),
        pytest.param(patterned(r"\w+ Street"), set(WORDS), id="any word"),
        pytest.param(patterned(r"(?:[a-z]+)+\d\d\d#"), set(), id="a word that goes on with digits"),
    ],
)
def test_words_that_a_datum_may_begin_with(recognizer: RecognizerPart, words: set[str]) -> None:
    assert set(beginnings([recognizer])) == words


def test_many_are_asked_quickly() -> None:
    began = time.process_time()

    beginnings([patterned(rf"K{n}-\d{{6}}[a-z]+") for n in range(20)] + [listed(*map(str, range(5_000)))])

    assert time.process_time() - began < 2


@pytest.mark.parametrize(("named", "lead"), [(frozenset(), 12), (frozenset({"first"}), 6), (frozenset({"it"}), 0)])
def test_a_lead_ends_before_a_word_that_is_named(named: frozenset[str], lead: int) -> None:
    (part,) = parts("It is First Light.", RUN_OF_FORMS, Small(named))
    text = "It is First Light. And"
    begun = next_part(text, reading(text, 0, RUN_OF_FORMS, Small(named)), is_whole=False)

    assert part.lead == lead
    assert begun is not None
    assert begun.lead == lead
