"""Held against Presidio's own enhancer: the same findings, the same scores, for any text."""

import spacy
from hypothesis import given
from hypothesis import strategies as st
from presidio_analyzer import AnalysisExplanation, PatternRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

from sidecar.content.presidio.context_words import ID, LazyArtifacts, LinearContextEnhancer

WORDS = st.sampled_from(
    [
        "card",
        "Card:",
        "my credit-card",
        "identities",
        "the",
        "be",
        "BE",
        "a:b",
        ":",
        "number",
        "\n\n",
        " ",
        "12",
        "US",
        "phone#1",
        "(",
        "x@y.org",
        "Ärger",
        "be:card",
        "is",
        "policies",
    ]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=25).map(" ".join)
CONTEXTS = st.lists(st.sampled_from(["card", "number", "policy", "identity", "be", ":", "a", "ÄRG", "us"]), max_size=3)


class Engine(SpacyNlpEngine):
    def __init__(self) -> None:
        super().__init__(ner_model_configuration=NerModelConfiguration())
        self.nlp = {"en": spacy.blank("en")}  # type: ignore[assignment]  # its base says None


ENGINE = Engine()
NLP = spacy.blank("en")


def recognizer(context: list[str]) -> PatternRecognizer:
    return PatternRecognizer("X", deny_list=["x"], context=context)


def result(found_by: str, start: int, end: int, score: float) -> RecognizerResult:
    return RecognizerResult("X", start, end, score, AnalysisExplanation("x", score), {ID: found_by})


@given(TEXTS, CONTEXTS, st.data())
def test_scores_are_those_of_presidios_enhancer(text: str, context: list[str], data: st.DataObject) -> None:
    by, silent = recognizer(context), recognizer([])
    starts = data.draw(st.lists(st.integers(0, max(len(text.rstrip()) - 1, 0)), max_size=4))
    scores = data.draw(st.lists(st.sampled_from([0.01, 0.4, 0.85, 1.0]), min_size=len(starts), max_size=len(starts)))
    results = [result(by.id, start, start + 1, score) for start, score in zip(starts, scores, strict=True)]
    results += [result(silent.id, 0, 1, 0.1), result("nobody", 0, 1, 0.1)]
    artifacts = LazyArtifacts(lambda: NLP.make_doc(text), lambda _: [], ENGINE)

    ours = LinearContextEnhancer().enhance_using_context(text, results, artifacts, [by, silent])
    theirs = LemmaContextAwareEnhancer().enhance_using_context(text, results, artifacts, [by, silent])

    assert [(r.start, r.score) for r in ours] == [(r.start, r.score) for r in theirs]


@given(CONTEXTS)
def test_words_that_come_with_a_request_count_too(context: list[str]) -> None:
    by = recognizer(["card"])
    results = [result(by.id, 0, 1, 0.3)]
    artifacts = LazyArtifacts(lambda: NLP.make_doc("1"), lambda _: [], ENGINE)

    [ours] = LinearContextEnhancer().enhance_using_context("1", results, artifacts, [by], context)
    [theirs] = LemmaContextAwareEnhancer().enhance_using_context("1", results, artifacts, [by], context)

    assert ours.score == theirs.score


def test_artifacts_are_made_when_they_are_asked_for() -> None:
    made: list[str] = []

    def document() -> spacy.tokens.Doc:
        made.append("tokens")
        return NLP.make_doc("the cards be a:b")

    artifacts = LazyArtifacts(document, lambda doc: [doc[1:2]], ENGINE)
    assert made == []

    assert artifacts.keywords == ["cards", "b"]
    assert artifacts.tokens_indices == [0, 4, 10, 13, 14, 15]
    assert [entity.text for entity in artifacts.entities] == ["cards"]
    assert artifacts.scores == [0.85]
    assert made == ["tokens"]
    assert not hasattr(artifacts, "unknown")
