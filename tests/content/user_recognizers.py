"""What a user of Presidio has in a package of his own."""

from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts


class BadgeRecognizer(PatternRecognizer):
    """Finds badges, surer where somebody says so."""

    def __init__(self) -> None:
        super().__init__("BADGE", patterns=[Pattern("badge", r"B\d{4}", 0.3)], context=["badge"])


class ShoutRecognizer(EntityRecognizer):
    """Finds words in capitals beside names, and raises their score by itself."""

    def __init__(self) -> None:
        super().__init__(supported_entities=["SHOUT"], name="shouts")

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """Return the words in capitals, one for each name that the model found."""
        del entities
        return [
            RecognizerResult("SHOUT", token.idx, token.idx + len(token), 0.1 * len(nlp_artifacts.entities))
            for token in nlp_artifacts.tokens
            if token.is_upper and text
        ]

    def enhance_using_context(
        self,
        text: str,
        raw_recognizer_results: list[RecognizerResult],
        other_raw_recognizer_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """Be surer where somebody else found something."""
        del text, nlp_artifacts, context
        for result in raw_recognizer_results:
            result.score += 0.5 * len(other_raw_recognizer_results)
            result.recognition_metadata[RecognizerResult.IS_SCORE_ENHANCED_BY_CONTEXT_KEY] = True
        return raw_recognizer_results


class FussyRecognizer(EntityRecognizer):
    """Finds nothing, and fails on what it cannot read."""

    def __init__(self) -> None:
        super().__init__(supported_entities=["FUSS"], name="fussy")

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """Return nothing. Raises `ValueError` where the text says that it is unreadable."""
        del entities, nlp_artifacts
        if "unreadable" in text:
            raise ValueError
        return []


class GreedyRecognizer(FussyRecognizer):
    """Finds nothing, and takes as much memory as a text asks for."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """Return nothing. Raises `MemoryError` where there is not as much."""
        del entities, nlp_artifacts
        return [RecognizerResult("FUSS", 0, 1, 0.0 * len(bytearray(int(text)))) for _ in text[:1] if text.isdigit()]


class NoRecognizer:
    """Is none."""
