"""A second language: a small model that is made here, of four sentences, and knows one town."""

import random
from pathlib import Path

import pytest
import spacy
from spacy.training import Example
from thinc.api import fix_random_seed

from sidecar.content.detection import Wanted
from sidecar.content.presidio.language import LABELS, MAX_LEARNT, Tongue, spans, spoken
from sidecar.content.presidio.model_files import located
from sidecar.content.presidio.recognition import Recognition

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of spaCy's dependencies, in their own code

SENTENCES = (
    ("Wir wohnen seit drei Jahren in Quedlinburg und sind zufrieden.", "Quedlinburg"),
    ("Der Zug nach Quedlinburg hat heute eine Stunde Verspätung.", "Quedlinburg"),
    ("Das ist nicht der Brief, den ich dir gestern gegeben habe.", ""),
    ("Morgen kommt die Post erst am Nachmittag.", ""),
)


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fix_random_seed(0)
    draw = random.Random(0)  # noqa: S311 - an order
    nlp = spacy.blank("de")
    nlp.add_pipe("ner")
    examples = []
    for text, town in SENTENCES:
        start = text.find(town)
        entities = [(start, start + len(town), "LOC")] if town else []
        examples.append(Example.from_dict(nlp.make_doc(text), {"entities": entities}))
    nlp.initialize(lambda: examples)
    for _ in range(40):
        draw.shuffle(examples)
        nlp.update(examples)
    path = tmp_path_factory.mktemp("models") / "de_small"
    nlp.to_disk(path)
    return path


@pytest.fixture(scope="module")
def recognition(german: Path) -> Recognition:
    return Recognition(Wanted(thresholds={"LOCATION": 0.4}), {"en": located(), "de": german}, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(SENTENCES[0][0], {"Quedlinburg"}, id="in its own language"),
        pytest.param("She has been living in Paris for a year and is happy.", {"Paris"}, id="in the first language"),
    ],
)
def test_each_text_is_named_in_its_language(recognition: Recognition, text: str, expected: set[str]) -> None:
    [spans] = recognition.find([text])

    assert {text[span.start : span.end] for span in spans} == expected


def test_texts_of_several_languages_are_told_apart_within_one_batch(recognition: Recognition) -> None:
    texts = ["The train to Boston is late, and so is the one from Rome.", SENTENCES[1][0]]

    found = recognition.find(texts)

    named = [{text[s.start : s.end] for s in spans} for text, spans in zip(texts, found, strict=True)]
    assert named == [{"Boston", "Rome"}, {"Quedlinburg"}]


def test_what_could_be_either_is_read_in_both(german: Path) -> None:
    tongues = [Tongue("en", None), Tongue("de", german)]

    assert spoken(tongues, "Quedlinburg 38, 2019") == tongues
    assert spoken(tongues, "the house of the seven") == tongues[:1]
    assert spoken(tongues, "das Haus der sieben und der anderen") == tongues[1:]
    assert spoken(tongues[:1], "das Haus") == tongues[:1]


def test_without_a_model_nothing_is_named() -> None:
    tongue = Tongue("en", None)

    assert tongue.named([tongue.document("Paris")]) == [[]]


def test_a_pipeline_with_rules_of_its_own_is_spacys(german: Path, tmp_path: Path) -> None:
    nlp = spacy.load(german)
    nlp.add_pipe("entity_ruler", before="ner").add_patterns([{"label": "PER", "pattern": "Zug"}])  # type: ignore[attr-defined]  # its type is any part's
    nlp.to_disk(tmp_path / "ruled")
    tongue = Tongue("de", tmp_path / "ruled")

    document = tongue.document(SENTENCES[1][0])
    [names] = tongue.named([document])

    assert [(name.text, name.label_) for name in spans(document, names)] == [
        ("Zug", "PERSON"),
        ("Quedlinburg", "LOCATION"),
    ]


def test_what_was_learnt_is_forgotten_between_two_batches_and_words_are_told_as_before() -> None:
    tongue = Tongue("en", located())
    text = "Don't say 3kg of U.S. tea (Anna Keller's, i.e. hers) can't go to New York :-)"
    document = tongue.document(text)
    before = [word.text for word in document], tongue.named([document]), len(tongue.nlp.vocab.strings)
    for number in range(3 * MAX_LEARNT // 2):
        tongue.document(f"w{number * 7919}x")
        if number % 50 == 0:
            tongue.rest()

    document = tongue.document(text)
    assert ([word.text for word in document], tongue.named([document])) == before[:2]
    assert len(tongue.nlp.vocab.strings) < before[2] + MAX_LEARNT


def test_of_a_word_only_so_much_is_learnt_as_somebody_reads_and_the_same_is_named() -> None:
    text = "Anna Keller flew to Boston on 3 May 2021, with https://example.org in 12 pages; she can't stay."
    whole, bare = Tongue("en", located()), Tongue("en", located(), is_read=False)
    known, told = whole.document(text), bare.document(text)

    assert [(w.text, w.is_stop, w.is_punct, w.is_space) for w in known] == [
        (w.text, w.is_stop, w.is_punct, w.is_space) for w in told
    ]
    assert whole.named([known]) == bare.named([told])
    assert (any(w.like_url for w in known), any(w.like_url for w in told)) == (True, False)


def test_while_less_than_that_is_learnt_nothing_is_forgotten() -> None:
    tongue = Tongue("en", None)
    tongue.document("a quokka")

    tongue.rest()

    assert "quokka" in tongue.nlp.vocab.strings


def test_a_pipeline_that_needs_its_vocabulary_keeps_it_and_learns_only_so_much(german: Path, tmp_path: Path) -> None:
    nlp = spacy.load(german)
    nlp.add_pipe("entity_ruler", before="ner")
    nlp.to_disk(tmp_path / "ruled")
    tongue = Tongue("de", tmp_path / "ruled")
    vocabulary = tongue.nlp.vocab
    for number in range(MAX_LEARNT):
        with tongue.bounded():
            tongue.document(f"neu{number} wort{number} hier")
        tongue.rest()

    assert tongue.nlp.vocab is vocabulary
    assert len(vocabulary.strings) < MAX_LEARNT * 2


def test_labels_are_presidios() -> None:
    assert set(LABELS.values()) == {"PERSON", "LOCATION", "NRP", "ORGANIZATION", "DATE_TIME"}
