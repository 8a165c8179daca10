"""Held against spaCy's own recognizer: the same names, in any text and any batch."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_model_from_path

from sidecar.content.presidio import vectors
from sidecar.content.presidio.entity_recognizer import MAX_ABREAST, Named, Namer
from sidecar.content.presidio.model_files import located

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of spaCy's dependencies, in their own code

WORDS = st.sampled_from(
    [
        "Anna",
        "Keller",
        "moved",
        "from",
        "New",
        "York",
        "to",
        "the",
        "Bank",
        "of",
        "England",
        "in",
        "March",
        "2019",
        ",",
        "three",
        "million",
        "dollars",
        "on",
        "Tuesday",
        "morning",
        "\n\n",
        "  ",
        "user_id",
        "S3",
        "Dr.",
        "O'Neil",
        "£5",
        "-",
    ]
)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)


@pytest.fixture(scope="module")
def nlp() -> Language:
    parts = ["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
    return load_model_from_path(located(), exclude=parts)


@pytest.fixture(scope="module")
def namer(nlp: Language) -> Namer:
    return Namer(nlp)


def by_spacy(nlp: Language, text: str) -> list[Named]:
    return [Named(entity.start, entity.end, entity.label_) for entity in nlp(text).ents]


@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@settings(max_examples=60)
def test_names_are_those_of_spacy(nlp: Language, namer: Namer, texts: list[str]) -> None:
    assert namer([nlp.make_doc(text) for text in texts]) == [by_spacy(nlp, text) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("Paris", id="one token"),
        pytest.param("\n", id="white space alone"),
        pytest.param("the " + "International " * 40 + "Bank", id="a name longer than are followed abreast"),
        pytest.param("between one hundred and " * 30 + "two million dollars", id="long quantities"),
    ],
)
def test_at_the_edges_names_are_those_of_spacy(nlp: Language, namer: Namer, text: str) -> None:
    assert namer([nlp.make_doc(text)]) == [by_spacy(nlp, text)]


def test_some_names_are_longer_than_are_followed_abreast(nlp: Language) -> None:
    names = by_spacy(nlp, "the " + "International " * 40 + "Bank") + by_spacy(
        nlp, "one hundred and " * 30 + "two dollars"
    )

    assert max(name.end - name.start for name in names) > MAX_ABREAST


def test_words_beyond_those_that_are_remembered_are_named_alike(nlp: Language, namer: Namer) -> None:
    text = " ".join(f"Anna{number} Keller moved to Berlin{number} ." for number in range(9_000))
    document = nlp.make_doc(text)

    assert len({token.text for token in document}) > vectors.MAX_WORDS
    assert namer([document]) == [by_spacy(nlp, text[:0]) or _named(nlp, document)]
    assert namer([nlp.make_doc("Anna Keller moved to Berlin.")]) == [by_spacy(nlp, "Anna Keller moved to Berlin.")]


def _named(nlp: Language, document: Doc) -> list[Named]:
    return [Named(entity.start, entity.end, entity.label_) for entity in nlp.get_pipe("ner")(document).ents]


def test_a_pipeline_with_other_parts_is_left_to_spacy() -> None:
    other = load_model_from_path(located(), exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])

    with pytest.raises(ValueError, match="another make"):
        Namer(other)
