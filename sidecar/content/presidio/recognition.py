"""Presidio and spaCy, set up to look for what the policy asks for and for nothing else.

Imported by the worker process only: it costs a second and a hundred megabytes. Recognizers, context words and
scores are Presidio's, and its users' recognizers meet its own interfaces, so that all means what they know.

What differs from Presidio as it comes: recognizers run only for kinds that are asked for, and only where the
text holds what they cannot do without; of spaCy's pipeline only the part that names entities is loaded, and none
where no such kind is asked for; a text becomes tokens when somebody wants them; context words are
compared with words as they are written instead of with their lemmas, whose analyser is left out.
"""

import inspect
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Final, Self

import regex  # type: ignore[import-untyped]  # it ships no types
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult, predefined_recognizers
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer, UrlRecognizer
from spacy.tokens import Doc
from thinc.api import NumpyOps, set_current_ops

from sidecar.content.detection import Span, Wanted
from sidecar.content.normal import views
from sidecar.content.normal.gaps import evened
from sidecar.content.presidio.context_words import ID, NAME, LazyArtifacts, LinearContextEnhancer
from sidecar.content.presidio.domains import WordwiseEmailRecognizer, WordwiseUrlRecognizer
from sidecar.content.presidio.entity_recognizer import Named
from sidecar.content.presidio.language import LABELS, Tongue, spans, spoken
from sidecar.content.presidio.names import disowned, refined
from sidecar.content.presidio.prefilter import Held, Need, needs
from sidecar.content.presidio.products import without_products
from sidecar.content.presidio.telephone import WindowedPhoneRecognizer
from sidecar.content.recognizers import OWN, Recognizer
from sidecar.errors import ConfigError

LANGUAGE: Final = "en"
FLAGS: Final = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE  # Presidio's registry sets them for all of its own
NAMED: Final = frozenset(LABELS.values())
_HALF: Final = re.compile(r"[\ud800-\udfff]")  # of a pair: spaCy takes no text that is not UTF-8
NAMED_SCORE: Final = 0.85  # Presidio's for all that spaCy names: it does not tell how sure it is
_PRESIDIO: Final = "presidio_analyzer."  # where its own recognizers come from
MAX_CHOICES: Final = 64  # sets of kinds whose recognizers are remembered; a policy has one for each boundary
FASTER: Final[Mapping[type[EntityRecognizer], type[EntityRecognizer]]] = {
    EmailRecognizer: WordwiseEmailRecognizer,
    PhoneRecognizer: WindowedPhoneRecognizer,
    UrlRecognizer: WordwiseUrlRecognizer,
}


@dataclass(frozen=True, slots=True)
class Known:
    """A pattern, what a text `needs` to hold for it, and whether what it matches `is_in` a text, as far as is known.

    Presidio looks at the clock twice for each of them, and writes to a log.
    """

    pattern: Pattern
    needs: tuple[Need, ...]
    is_in: Callable[[str], object]

    @classmethod
    def of(cls, pattern: Pattern, recognizer: EntityRecognizer) -> Self:
        """Return what is known of a pattern of `recognizer`; one that does not look for it in the whole text may."""
        is_plain = type(recognizer).analyze is PatternRecognizer.analyze
        return cls(pattern, needs(pattern.regex), regex.compile(pattern.regex, FLAGS).search if is_plain else _may)


@dataclass(frozen=True, slots=True)
class Member:
    """One recognizer; `patterns` are its own, where it is one of Presidio's and they are all that it goes by."""

    recognizer: EntityRecognizer
    patterns: tuple[Known, ...] = ()

    def may_find_in(self, text: str, held: Held) -> bool:
        """Whether `text`, which holds `held`, can have anything for it; if so, it is left with what matches."""
        if not self.patterns:
            return True
        possible = [known.pattern for known in self.patterns if held.meets(known.needs) and known.is_in(text)]
        self.recognizer.patterns = possible  # type: ignore[attr-defined]  # only pattern recognizers have them
        return bool(possible)


class Recognition:
    """Finds `wanted` in texts. `models` are spaCy models' directories by language, loaded where names are asked for.

    `own` run beside Presidio's, and instead of those for what they replace.
    """

    def __init__(
        self, wanted: Wanted, models: Mapping[str, Path] | None = None, own: Sequence[Recognizer] = OWN
    ) -> None:
        """Load. Raises `ConfigError` where nobody finds what is wanted, and what models and users' code raise."""
        set_current_ops(NumpyOps(use_blis=False))
        self._thresholds = wanted.thresholds
        self._own = own
        named = models or {} if NAMED & wanted.thresholds.keys() else {}
        is_read = bool(wanted.installed)  # whose code may look at any part of a word
        tongues = [Tongue(code, model, is_read=is_read) for code, model in named.items()]
        self._tongues = tongues or [Tongue(LANGUAGE, None, is_read=is_read)]
        self._engine = _Engine(self._tongues)
        self._enhancer = LinearContextEnhancer()
        replaced = frozenset[str]().union(*(recognizer.REPLACES for recognizer in own))
        self._members = list(_members(wanted, replaced))
        found = NAMED.union(*(m.recognizer.supported_entities for m in self._members), *(r.ENTITIES for r in own))
        if unknown := sorted(wanted.thresholds.keys() - found):
            raise ConfigError([f"privacy.recognizers: no class named there finds `{name}`" for name in unknown])
        self._chosen = lru_cache(MAX_CHOICES)(self._choose)

    def find(self, texts: Sequence[str], entities: Collection[str] | None = None) -> list[list[Span]]:
        """Return every finding of `entities` in each text at or above its threshold; None is all that is wanted.

        A text that can be read in another way than it is written is looked at in both.
        """
        asked = frozenset(self._thresholds).intersection(self._thresholds if entities is None else entities)
        texts = [evened(text if text.isascii() else _HALF.sub("\ufffd", text)) for text in texts]
        readings = [(number, view) for number, text in enumerate(texts) for view in views(text)]
        found = self._found([*texts, *(view.text for _, view in readings)], asked)
        spans = found[: len(texts)]
        for (number, view), inside in zip(readings, found[len(texts) :], strict=True):
            spans[number] += [sent for span in inside if (sent := view.sent(span)).end > view.first]
        return spans

    def rest(self) -> None:
        """Forget what need not be kept; to be called between two batches."""
        for tongue in self._tongues:
            tongue.rest()

    def _found(self, texts: Sequence[str], asked: frozenset[str]) -> list[list[Span]]:
        if not any(tongue.is_full for tongue in self._tongues):
            return self._looked(texts, asked)
        with ExitStack() as stack:
            for tongue in self._tongues:
                stack.enter_context(tongue.bounded())
            return self._looked(texts, asked)

    def _looked(self, texts: Sequence[str], asked: frozenset[str]) -> list[list[Span]]:
        known = [self._artifacts(text) for text in texts]
        named = [[] for _ in texts] if NAMED.isdisjoint(asked) else self._named(texts, known)
        formed = (self._formed(text, asked, artifacts) for text, artifacts in zip(texts, known, strict=True))
        return [
            [
                span
                for span in without_products(text, disowned(text, (*refined(text, names, forms), *forms)))
                if self._counts(span, asked)
            ]
            for text, names, forms in zip(texts, named, formed, strict=True)
        ]

    def _counts(self, span: Span, asked: frozenset[str]) -> bool:
        return span.entity in asked and span.score >= self._thresholds[span.entity]

    def _artifacts(self, text: str) -> LazyArtifacts:
        first = self._tongues[0]
        return LazyArtifacts(
            partial(first.document, text),
            lambda document: spans(document, first.named([document])[0]),
            self._engine,
        )

    def _named(self, texts: Sequence[str], known: Sequence[LazyArtifacts]) -> list[list[Span]]:
        """Return what is named in each text, in any language that it may be written in."""
        found: list[list[Span]] = [[] for _ in texts]
        heard = [spoken(self._tongues, text) for text in texts]
        for tongue in self._tongues:
            numbers = [number for number, tongues in enumerate(heard) if tongue in tongues]
            is_first = tongue is self._tongues[0]
            documents = [known[n].tokens if is_first else tongue.document(texts[n]) for n in numbers]
            for number, document, names in zip(numbers, documents, tongue.named(documents), strict=True):
                found[number] += [_placed(document, name) for name in names]
        return found

    def _formed(self, text: str, asked: frozenset[str], artifacts: LazyArtifacts) -> list[Span]:
        """Return what recognizers find in `text`."""
        members, own = self._chosen(asked)
        held = Held.by(text)
        running = [member.recognizer for member in members if member.may_find_in(text, held)]
        results = [result for recognizer in running for result in _results(recognizer, text, asked, artifacts)]
        if results:
            results = self._enhanced(text, results, running, artifacts)
        found = [Span(r.start, r.end, r.entity_type, float(r.score)) for r in results]
        return _surest(found, (span for recognizer in own for span in recognizer.find(text)))

    def _enhanced(
        self,
        text: str,
        results: list[RecognizerResult],
        running: list[EntityRecognizer],
        artifacts: LazyArtifacts,
    ) -> list[RecognizerResult]:
        """Return `results` that count, as Presidio's AnalyzerEngine does it: scores by context, then what is best."""
        for recognizer in running:
            if type(recognizer).enhance_using_context is not EntityRecognizer.enhance_using_context:
                its = [result for result in results if result.recognition_metadata[ID] == recognizer.id]
                others = [result for result in results if result.recognition_metadata[ID] != recognizer.id]
                results = [*others, *recognizer.enhance_using_context(text, its, others, artifacts, None)]
        results = self._enhancer.enhance_using_context(text, results, artifacts, running)
        counted = [result for result in results if result.score >= self._thresholds.get(result.entity_type, 0.0)]
        best: list[RecognizerResult] = EntityRecognizer.remove_duplicates(counted)
        return best

    def _choose(self, asked: frozenset[str]) -> tuple[list[Member], list[Recognizer]]:
        members = [member for member in self._members if not asked.isdisjoint(member.recognizer.supported_entities)]
        return members, [recognizer for recognizer in self._own if not asked.isdisjoint(recognizer.ENTITIES)]


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


class _Engine(SpacyNlpEngine):
    """What Presidio's interfaces ask of an engine, of models that are loaded."""

    def __init__(self, tongues: Sequence[Tongue]) -> None:
        super().__init__(ner_model_configuration=NerModelConfiguration(model_to_presidio_entity_mapping=LABELS))
        self.nlp = {tongue.code: tongue.nlp for tongue in tongues}  # type: ignore[assignment]  # its base says None


def _results(
    recognizer: EntityRecognizer, text: str, asked: frozenset[str], artifacts: LazyArtifacts
) -> list[RecognizerResult]:
    """Return what `recognizer` finds, each with who found it."""
    found: list[RecognizerResult] = recognizer.analyze(text=text, entities=sorted(asked), nlp_artifacts=artifacts) or []
    if recognizer.COUNTRY_CODE is not None and type(recognizer).__module__.startswith(_PRESIDIO):
        found = [result for result in found if not _is_within_number(text, result.start, result.end)]
    for result in found:
        result.recognition_metadata = {ID: recognizer.id, NAME: type(recognizer).__name__} | (
            result.recognition_metadata or {}
        )
    return found


def _is_within_number(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` begins or ends within a row of digits: some of Presidio's national forms have no edges.

    One in ten such pieces of a time in milliseconds has the right check digit.
    """
    is_led = start > 0 and text[start - 1 : start + 1].isdecimal()
    return is_led or (end < len(text) and text[end - 1 : end + 1].isdecimal())


def _surest(*found: Iterable[Span]) -> list[Span]:
    """Return of those that tell the same of the same place the one that is surest."""
    best: dict[tuple[int, int, str], Span] = {}
    for span in chain.from_iterable(found):
        place = span.start, span.end, span.entity
        if place not in best or best[place].score < span.score:
            best[place] = span
    return list(best.values())


def _placed(document: Doc, name: Named) -> Span:
    last = document[name.end - 1]
    return Span(document[name.start].idx, last.idx + len(last), name.label, NAMED_SCORE)


def _may(text: str) -> bool:
    """Whether there may be something in any text."""
    del text
    return True


def _made(kind: type[EntityRecognizer]) -> EntityRecognizer:
    """Return a recognizer with the kinds and patterns of its class, for English text, whatever country it is of."""
    made = kind(supported_language=LANGUAGE)  # type: ignore[call-arg]  # each subclass has its own defaults
    if isinstance(made, PatternRecognizer):
        made.global_regex_flags = FLAGS
    return made


def _members(wanted: Wanted, replaced: frozenset[str]) -> Iterator[Member]:
    known = bundled()
    kinds = {kind: None for entity in wanted.thresholds if entity not in replaced for kind in known.get(entity, ())}
    for kind in kinds:
        made = _made(FASTER.get(kind, kind))
        patterns: tuple[Pattern, ...] = tuple(getattr(made, "patterns", ()))
        yield Member(made, tuple(Known.of(pattern, made) for pattern in patterns))
    for text in wanted.recognizers:
        yield Member(PatternRecognizer.from_dict(json.loads(text)))
    for name in wanted.installed:
        yield Member(_installed(name))


def _installed(name: str) -> EntityRecognizer:
    """Return the recognizer of a user's package, named as `package.module:Class`."""
    module, _, attribute = name.partition(":")
    try:
        kind = getattr(import_module(module), attribute)
    except (ImportError, AttributeError):
        raise ConfigError([f"privacy.recognizers: there is no class `{name}`: install its package"]) from None
    made = kind()
    if not isinstance(made, EntityRecognizer):
        raise ConfigError(
            [f"privacy.recognizers: `{name}` is no recognizer: it must be one of Presidio's EntityRecognizer"]
        )
    return made
