"""Presidio and spaCy, set up to look for what the policy asks for and for nothing else.

Imported by the worker process only: it costs a second and a hundred megabytes. Everything goes through
Presidio's own interfaces, so that its recognizers, context words and scores mean what its users know.

What differs from Presidio as it comes: recognizers run only for kinds that are asked for; of spaCy's
pipeline only the part that names entities is loaded, and none at all where no such kind is asked for; context
words are compared with words as they are written instead of with their lemmas, whose analyser is left out;
e-mail domains are held against the list of public suffixes that comes with tldextract, never against the network.
"""

import inspect
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import regex  # type: ignore[import-untyped]  # it ships no types
import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, PatternRecognizer, predefined_recognizers
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer, SpacyRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistry
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_config, load_model_from_path
from thinc.api import NumpyOps, set_current_ops

from sidecar.content.detection import Span, Wanted
from sidecar.content.recognizers import OWN, Recognizer

LANGUAGE: Final = "en"
# Presidio's conf/spacy.yaml, but for organisations: there they are left out, here the policy says so.
LABELS: Final = {
    "PER": "PERSON",
    "PERSON": "PERSON",
    "NORP": "NRP",
    "FAC": "LOCATION",
    "LOC": "LOCATION",
    "LOCATION": "LOCATION",
    "GPE": "LOCATION",
    "ORG": "ORGANIZATION",
    "ORGANIZATION": "ORGANIZATION",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
}
FLAGS: Final = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE  # Presidio's registry sets them for all of its own
NAMED_SCORE: Final = 0.85  # Presidio's for all that spaCy names: it does not tell how sure it is
NAMED: Final = frozenset(LABELS.values())


class Recognition:
    """Finds `wanted` in texts. `model` is a spaCy model's directory, loaded where a named kind is asked for.

    `own` run beside Presidio's, and instead of those for what they replace.
    """

    def __init__(self, wanted: Wanted, model: Path | None, own: Sequence[Recognizer] = OWN) -> None:
        set_current_ops(NumpyOps(use_blis=False))
        self._thresholds = wanted.thresholds
        self._own = [recognizer for recognizer in own if not recognizer.ENTITIES.isdisjoint(wanted.thresholds)]
        replaced = frozenset[str]().union(*(recognizer.REPLACES for recognizer in own))
        self._entities = sorted(wanted.thresholds)
        engine = _Engine(model if NAMED & wanted.thresholds.keys() else None)
        recognizers = list(_recognizers(wanted, replaced))
        for recognizer in recognizers:
            recognizer.score_thresholds = {
                name: score for name, score in wanted.thresholds.items() if name in recognizer.supported_entities
            }
        registry = RecognizerRegistry(recognizers=recognizers, supported_languages=[LANGUAGE])
        self._analyzer = (  # none for none: it would load all that it knows
            AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[LANGUAGE])
            if recognizers
            else None
        )

    def find(self, text: str) -> list[Span]:
        """Return every finding in `text` at or above its threshold."""
        results = self._analyzer.analyze(text, LANGUAGE, entities=self._entities) if self._analyzer else []
        found = [Span(r.start, r.end, r.entity_type, float(r.score)) for r in results]
        found += [span for recognizer in self._own for span in recognizer.find(text) if self._counts(span)]
        return found

    def _counts(self, span: Span) -> bool:
        return span.entity in self._thresholds and span.score >= self._thresholds[span.entity]


def bundled() -> dict[str, list[type[EntityRecognizer]]]:
    """Return the classes of Presidio's own recognizers that need no model, by the kind they find.

    Where one of no country finds a kind, those of single countries for it are left out, as Presidio does.
    """
    found: dict[str, list[type[EntityRecognizer]]] = {}
    for _, kind in inspect.getmembers(predefined_recognizers, inspect.isclass):
        if issubclass(kind, PatternRecognizer | PhoneRecognizer) and kind is not PatternRecognizer:
            for entity in _made(kind).supported_entities:
                found.setdefault(entity, []).append(kind)
    return {entity: [kind for kind in kinds if kind.COUNTRY_CODE is None] or kinds for entity, kinds in found.items()}


class OfflineEmailRecognizer(EmailRecognizer):
    """Presidio's, with the public suffixes that come with tldextract: its own fetches them at the first match."""

    _suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        """Return whether the address ends in a domain that can exist."""
        return self._suffixes(pattern_text).fqdn != ""


class _Engine(SpacyNlpEngine):
    """Tokens, and names where `model` is given."""

    def __init__(self, model: Path | None) -> None:
        super().__init__(ner_model_configuration=NerModelConfiguration(model_to_presidio_entity_mapping=LABELS))
        self._model = model

    def load(self) -> None:
        """Load the model's directory as data: a package's code is not run for it."""
        named = spacy.blank(LANGUAGE) if self._model is None else _named(self._model)
        self.nlp = {LANGUAGE: named}  # type: ignore[assignment]  # its type is read off the base's first None

    def _doc_to_nlp_artifact(self, doc: Doc, language: str) -> NlpArtifacts:
        named = [entity for entity in doc.ents if entity.label_ in LABELS]
        entities, scores = self._get_updated_entities(named, [NAMED_SCORE] * len(named))
        return NlpArtifacts(
            entities=entities,
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.lemma_ or token.text for token in doc],
            nlp_engine=self,
            language=language,
            scores=scores,
        )


def _made(kind: type[EntityRecognizer]) -> EntityRecognizer:
    """Return a recognizer with the kinds and patterns of its class, for English text, whatever country it is of."""
    made = kind(supported_language=LANGUAGE)  # type: ignore[call-arg]  # each subclass has its own defaults
    if isinstance(made, PatternRecognizer):
        made.global_regex_flags = FLAGS
    return made


def _recognizers(wanted: Wanted, replaced: frozenset[str]) -> Iterator[EntityRecognizer]:
    known = bundled()
    for entity in wanted.thresholds:
        for kind in () if entity in replaced else known.get(entity, ()):
            yield _made(OfflineEmailRecognizer if kind is EmailRecognizer else kind)
    for text in wanted.recognizers:
        yield PatternRecognizer.from_dict(json.loads(text))
    if named := sorted(NAMED & wanted.thresholds.keys()):
        yield SpacyRecognizer(supported_language=LANGUAGE, supported_entities=named)


def _named(model: Path) -> Language:
    """Load the parts of `model` that name entities."""
    config = load_config(model / "config.cfg")
    parts = config["nlp"]["pipeline"]
    if "ner" not in parts:
        raise ValueError("the model's pipeline has no part `ner`")
    kept = {"ner", "entity_ruler", "transformer"}
    if "Listener" in str(config["components"]["ner"]["model"].get("tok2vec", {}).get("@architectures", "")):
        kept.add("tok2vec")  # otherwise `ner` has vectors of its own, and this is work for nobody
    return load_model_from_path(model, exclude=[part for part in parts if part not in kept])
