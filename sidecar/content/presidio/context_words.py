"""Do words around a finding say what it is?

The answer of Presidio's LemmaContextAwareEnhancer, through the same interface, in one pass: its own walks the
text from the start for every finding, and compares each word with all the others. What it reads of a text
(tokens, words, names) is made when somebody asks for it: most texts hold nothing that needs a context.
"""

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

import numpy as np
from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer, LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from spacy.attrs import IDX, IS_PUNCT, IS_STOP, LENGTH
from spacy.tokens import Doc, Span

ID = RecognizerResult.RECOGNIZER_IDENTIFIER_KEY
NAME = RecognizerResult.RECOGNIZER_NAME_KEY
ENHANCED = RecognizerResult.IS_SCORE_ENHANCED_BY_CONTEXT_KEY
_BETWEEN = "\0"  # between words that are searched at once: in no word of a context


class LazyArtifacts(NlpArtifacts):
    """What Presidio's recognizers may ask about a text; each part is made when it is asked for first.

    A lemma is the word as it is written, but for the plurals whose singular is not a part of them (`identities`).
    """

    def __init__(self, document: Callable[[], Doc], named: Callable[[Doc], list[Span]], engine: SpacyNlpEngine) -> None:
        """`document` makes the text's tokens, `named` the names among them.

        Neither may know of these artifacts: so they go, and their tokens with them, as soon as nobody needs them.
        """
        self.nlp_engine = engine
        self._document = document
        self._named = named

    def __getattr__(self, name: str) -> object:
        value = self._made(name)
        setattr(self, name, value)
        return value

    def _made(self, name: str) -> object:
        match name:
            case "tokens":
                return self._document()
            case "entities":
                return self._named(self.tokens)
            case "scores":
                return [self.nlp_engine.ner_model_configuration.default_score] * len(self.entities)
            case "tokens_indices":
                return [token.idx for token in self.tokens]
            case "lemmas":
                return [_lemma(token.text) for token in self.tokens]
            case "keywords":
                return _keywords(self.tokens, self.lemmas)
        raise AttributeError(name)

    @cached_property
    def index(self) -> "WordIndex":
        """Where its words are."""
        return WordIndex(self)


class WordIndex:
    """The words of a text that count as context, by place.

    Presidio asks whether a word is among the text's keywords; that can be told of the word alone, since what
    leaves a word out (a stop word, a sign, a colon within) leaves out all that are spelt like it.
    """

    def __init__(self, artifacts: NlpArtifacts) -> None:
        self._lemmas: list[str] | None = None if isinstance(artifacts, LazyArtifacts) else artifacts.lemmas
        self._tokens = artifacts.tokens
        facts = self._tokens.to_array([IDX, LENGTH, IS_STOP, IS_PUNCT]).astype(np.int64)
        self._starts = facts[:, 0]
        self._ends = facts[:, 0] + facts[:, 1]
        self._counted = np.flatnonzero(facts[:, 2] + facts[:, 3] == 0)

    def around(self, start: int, before: int, behind: int) -> list[str]:
        """Return the words next to the token that `start` lies in or before.

        They are its own and `before` more, its own and `behind` more, where they count. Raises `ValueError` where all
        tokens end before `start`.
        """
        token = int(np.searchsorted(self._ends, start, side="right"))
        if token == len(self._ends):
            raise ValueError("a finding behind the last token")
        here = int(np.searchsorted(self._counted, token, side="right"))
        since = int(np.searchsorted(self._counted, token, side="left"))
        words = islice(self._words(self._counted[:here][::-1]), before + 1)
        return [*words, *islice(self._words(self._counted[since:]), behind + 1)]

    def _words(self, numbers: Iterable[int]) -> Iterator[str]:
        for number in numbers:
            word = self._lemmas[number] if self._lemmas else _lemma(self._tokens[int(number)].text)
            if ":" not in word:
                yield word.lower()


class LinearContextEnhancer(ContextAwareEnhancer):
    """Presidio's default enhancer with its default numbers: five words before, none behind, as parts of words."""

    def __init__(self) -> None:
        usual = LemmaContextAwareEnhancer()
        super().__init__(
            context_similarity_factor=usual.context_similarity_factor,
            min_score_with_context_similarity=usual.min_score_with_context_similarity,
            context_prefix_count=usual.context_prefix_count,
            context_suffix_count=usual.context_suffix_count,
        )

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """Return `raw_results`, those with a supportive word around them with a higher score."""
        if not raw_results:
            return []
        low = text.lower()
        given = [word.lower() for word in context or ()]
        words = {recognizer.id: [word.lower() for word in recognizer.context or ()] for recognizer in recognizers}
        if isinstance(nlp_artifacts, LazyArtifacts) and not given:
            words = {number: [word for word in some if _may_hold(low, word)] for number, some in words.items()}
        return [self._enhanced(result, words, nlp_artifacts, given) for result in raw_results]

    def _enhanced(
        self, result: RecognizerResult, words: dict[str, list[str]], artifacts: NlpArtifacts, given: list[str]
    ) -> RecognizerResult:
        metadata = result.recognition_metadata or {}
        supportive = words.get(metadata.get(ID, ""))
        if not supportive or metadata.get(ENHANCED):
            return result
        index = artifacts.index if isinstance(artifacts, LazyArtifacts) else WordIndex(artifacts)
        around = [*index.around(result.start, self.context_prefix_count, self.context_suffix_count), *given]
        joined = _BETWEEN.join(around)
        word = next((word for word in supportive if word in joined), None) if around else None
        if word is None:
            return result
        enhanced = copy.copy(result)
        raised = max(result.score + self.context_similarity_factor, self.min_score_with_context_similarity)
        enhanced.score = min(raised, self.MAX_SCORE)
        enhanced.analysis_explanation = copy.copy(result.analysis_explanation)
        enhanced.analysis_explanation.set_supportive_context_word(word)
        enhanced.analysis_explanation.set_improved_score(enhanced.score)
        return enhanced


def _keywords(tokens: Doc, lemmas: Sequence[str]) -> list[str]:
    """Return the words that count as context, as Presidio's NlpArtifacts chooses them."""
    kinds = tokens.to_array([IS_STOP, IS_PUNCT])
    counts = (kinds.sum(axis=1) == 0).tolist() if len(tokens) else []
    words = (lemma.lower() for lemma, is_word in zip(lemmas, counts, strict=True) if is_word and lemma != "be")
    return [part for word in words for part in word.split(":")]


def _may_hold(low: str, word: str) -> bool:
    """Whether a word whose lemma holds `word` may be in a text in small letters: most have none of a context's."""
    return not word.isascii() or word in low or ("y" in word and "ies" in low)


def _lemma(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word
