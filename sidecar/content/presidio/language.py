"""One language: its tokens, and its names where there is a spaCy model for it.

Of a model's pipeline only the parts that name entities are loaded, from its directory, as data: a package's code is
not run for it. spaCy remembers every word it has met for ever; here it learns a number of them, and then begins again
with an empty vocabulary, so that memory does not grow with the texts. Its own way of forgetting
(`memory_zone`) is left to pipelines that need the vocabulary they came with: its tables of words keep a place for each
word that was ever forgotten, and words that come often are learnt anew for each text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Final

import spacy
from spacy.attrs import IS_PUNCT, IS_SPACE, IS_STOP
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc, Span
from spacy.util import load_config, load_model_from_path
from spacy.vocab import Vocab

from sidecar.content.presidio.entity_recognizer import Named, Namer
from sidecar.content.presidio.tokenizer import quicken

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
MAX_LEARNT: Final = 8_000  # strings: words, their shapes, their ends; some seven hundred pages hold as many
MAX_TOKENS: Final = 1_000  # of the documents that are named together: what they need stays in a processor's cache
CONTEXT: Final = frozenset({IS_PUNCT, IS_SPACE, IS_STOP})  # what tells whether a word counts beside a finding
Getters = dict[int, Callable[[str], object]]
_WORD = re.compile(r"[^\W\d_]+")


class Tongue:
    """A language and its model; without one, nothing is named."""

    def __init__(self, code: str, model: Path | None, *, is_read: bool = True) -> None:
        """Load. Raises `ValueError` where `model` names nothing, `OSError` where it is none.

        `is_read`: others may ask a word whatever spaCy knows of it.
        """
        self.code = code
        self.nlp = spacy.blank(code) if model is None else _loaded(model)
        self._names = model is not None
        if self._names and isinstance(self.nlp.tokenizer, Tokenizer):
            quicken(self.nlp.tokenizer)
        self._namer = _namer(self.nlp) if self._names else None
        self._stop_words = self.nlp.Defaults.stop_words
        self._renews = _is_alike(self.nlp, self._namer)
        self._getters = _getters(self.nlp, self._namer, is_read=is_read)
        self._most = 0
        self._begin()

    @property
    def is_full(self) -> bool:
        """Whether it has learnt as many words as it may."""
        return len(self.nlp.vocab.strings) >= self._most

    def rest(self) -> None:
        """Forget what was learnt, where it is full: between two batches, since it takes a twentieth of a second."""
        if self.is_full and self._renews:
            self._begin()

    def _begin(self) -> None:
        """Begin to learn words."""
        if self._renews:
            _forget(self.nlp, self._getters)
        for label in chain(LABELS.values(), *self.nlp.pipe_labels.values()):
            self.nlp.vocab.strings.add(label)
        self._most = len(self.nlp.vocab.strings) + MAX_LEARNT

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Within this, words beyond those that are learnt are forgotten at its end, and so must be all documents."""
        if self._renews or not self.is_full:
            yield
        else:
            with self.nlp.memory_zone():
                yield

    def document(self, text: str) -> Doc:
        """Return `text` as tokens."""
        return self.nlp.make_doc(text)

    def named(self, documents: Sequence[Doc]) -> list[list[Named]]:
        """Return what is named in each of `documents`, by Presidio's kinds."""
        if not self._names:
            return [[] for _ in documents]
        if self._namer is None:
            return [_told(self._by_spacy(document)) for document in documents]
        return [_told(names) for group in _groups(documents) for names in self._namer(group)]

    def share(self, text: str) -> float:
        """Return which part of the words of `text` are the small words of this language."""
        words = _WORD.findall(text.lower())
        return sum(word in self._stop_words for word in words) / len(words) if words else 0.0

    def _by_spacy(self, document: Doc) -> list[Named]:
        for _, part in self.nlp.pipeline:
            document = part(document)
        return [Named(entity.start, entity.end, entity.label_) for entity in document.ents]


def spoken(tongues: Sequence[Tongue], text: str) -> list[Tongue]:
    """Return those of `tongues` that `text` may be written in: all where it is hard to tell."""
    if len(tongues) == 1:
        return list(tongues)
    shares = [tongue.share(text) for tongue in tongues]
    return [tongue for tongue, share in zip(tongues, shares, strict=True) if share * 2 >= max(shares)]


def spans(document: Doc, names: Sequence[Named]) -> list[Span]:
    """Return `names` as spaCy has them."""
    return [Span(document, name.start, name.end, label=name.label) for name in names]


def _told(names: Sequence[Named]) -> list[Named]:
    return [Named(name.start, name.end, LABELS[name.label]) for name in names if name.label in LABELS]


def _groups(documents: Sequence[Doc]) -> Iterator[list[Doc]]:
    group: list[Doc] = []
    size = 0
    for document in documents:
        if group and size + len(document) > MAX_TOKENS:
            yield group
            group, size = [], 0
        group.append(document)
        size += len(document)
    if group:
        yield group


def _namer(nlp: Language) -> Namer | None:
    try:
        return Namer(nlp)
    except ValueError:
        return None


def _is_alike(nlp: Language, namer: Namer | None) -> bool:
    """Whether another vocabulary serves `nlp` as well: one with vectors, other parts, other tokens needs its own."""
    is_plain = type(nlp.tokenizer) is Tokenizer and not len(nlp.vocab.vectors)
    return is_plain and (namer is not None or not nlp.pipe_names)


def _getters(nlp: Language, namer: Namer | None, *, is_read: bool) -> Getters:
    """Return what makes what is known of a word that is new: twenty things, of which all but a few are for others."""
    known: Getters = nlp.vocab.lex_attr_getters  # type: ignore[attr-defined]  # spaCy's own stubs have it not
    needed = namer.attributes if namer else ()
    if is_read or needed is None:
        return known
    return {number: getter for number, getter in known.items() if number in {*needed, *CONTEXT}}


def _forget(nlp: Language, getters: Getters) -> None:
    """Give `nlp` an empty vocabulary, which learns of a word what `getters` make.

    What is left of the old one goes with its documents.
    """
    old, before = nlp.tokenizer, nlp.vocab
    if not isinstance(old, Tokenizer):
        raise TypeError("only spaCy's own tokenizer can be made again")
    nlp.vocab = Vocab(
        lex_attr_getters=getters,  # type: ignore[arg-type]  # its keys are numbers, whatever the stubs say
        lookups=before.lookups,
        writing_system=before.writing_system,
        get_noun_chunks=before.get_noun_chunks,
    )
    nlp.tokenizer = Tokenizer(
        nlp.vocab,
        old.rules,
        old.prefix_search,
        old.suffix_search,
        old.infix_finditer,
        old.token_match,
        old.url_match,
        old.faster_heuristics,
        old.max_cache_size,
    )


def _loaded(model: Path) -> Language:
    """Load the parts of `model` that name entities."""
    config = load_config(model / "config.cfg")
    parts = config["nlp"]["pipeline"]
    if "ner" not in parts:
        raise ValueError("the model's pipeline has no part `ner`")
    kept = {"ner", "entity_ruler", "transformer"}
    if "Listener" in str(config["components"]["ner"]["model"].get("tok2vec", {}).get("@architectures", "")):
        kept.add("tok2vec")  # otherwise `ner` has vectors of its own, and this is work for nobody
    return load_model_from_path(model, exclude=[part for part in parts if part not in kept])
