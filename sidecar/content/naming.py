"""spaCy's entity recognizer, decoded many tokens at a time.

spaCy decides token by token, in calls of a linear-algebra library that take longer to enter than to run. But
outside an entity its decision about a token depends on that token alone, so all of those are made at once; and
within one, on the token, the one before and the entity's first, so all entities that could begin are followed
side by side. Then a walk takes the first, goes to its end, takes the next: the same entities, in a tenth of
the time. A pipeline of another make (a beam, rules before the recognizer, other features) is left to spaCy.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IS_SPACE
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc

from sidecar.content.vectors import Floats, Thinc, Vectors, parameter

FEATURES: Final = 3  # of a state: the next token, its entity's first, its entity's last so far
MAX_ABREAST: Final = 12  # tokens of entities that are followed side by side; longer ones go on alone
_NEVER: Final = np.float32(-np.inf)
_UNKNOWN: Final = -1

Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Named:
    """Tokens `start` to `end` (exclusive) of a document are a `label`, one of spaCy's."""

    start: int
    end: int
    label: str


class Namer:
    """Names what the pipeline it was made of would name."""

    def __init__(self, nlp: Language) -> None:
        """Take over the weights of `nlp`'s recognizer. Raises `ValueError` where they are of another make."""
        ner = nlp.get_pipe("ner")
        if nlp.pipe_names != ["ner"] or not isinstance(ner, EntityRecognizer) or ner.cfg["beam_width"] != 1:
            raise ValueError("a pipeline of another make")
        model = ner.model
        if not model.attrs["has_upper"] or model.attrs["unseen_classes"]:
            raise ValueError("a recognizer of another make")
        self._vectors, linear = _vectors(model.get_ref("tok2vec"))
        moves = [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)]
        self._decoder = Decoder(model.get_ref("lower"), model.get_ref("upper"), moves, linear)

    def __call__(self, docs: Sequence[Doc]) -> list[list[Named]]:
        """Return what is named in each of `docs`, in order."""
        full = [doc for doc in docs if len(doc)]
        if not full:
            return [[] for _ in docs]
        spaces = np.concatenate([doc.to_array(IS_SPACE) for doc in full]).astype(bool)
        found = iter(self._decoder(self._vectors(full), [len(doc) for doc in full], spaces))
        return [next(found) if len(doc) else [] for doc in docs]


class Decoder:
    """From vectors of tokens to names. `moves` are what it chooses among: `B-X`, `I-X`, `L-X`, `U-X`, `O`.

    A `linear` layer that stands before `lower`, with nothing between them, is one with it.
    """

    def __init__(self, lower: Thinc, upper: Thinc, moves: Sequence[str], linear: Thinc | None = None) -> None:
        weights = parameter(lower, "W")  # [features, hidden, pieces, inputs]
        if lower.get_dim("nF") != FEATURES:
            raise ValueError("a recognizer of another make")
        self._hidden = weights.shape[1]
        self._lower = np.ascontiguousarray(weights.transpose(3, 0, 2, 1).reshape(weights.shape[3], -1))
        padding = parameter(lower, "pad")[0].transpose(0, 2, 1).reshape(FEATURES, -1)
        self._bias = parameter(lower, "b").T.reshape(-1)
        self._outside = self._bias + padding[1] + padding[2]
        if linear:
            more = (parameter(linear, "b") @ self._lower).reshape(FEATURES, -1)
            self._bias, self._outside = self._bias + more.sum(axis=0), self._outside + more[0]
            self._lower = np.ascontiguousarray(parameter(linear, "W").T @ self._lower)
        self._upper = parameter(upper, "W")
        self._scoring = np.ascontiguousarray(self._upper.T)
        self._offsets = parameter(upper, "b")
        labels = sorted({move[2:] for move in moves if move[:2] == "B-"})
        self._labels = labels
        self._label = np.array([labels.index(move[2:]) if move[2:] in labels else -1 for move in moves])
        self._begins = np.array([move[:2] == "B-" for move in moves])
        self._never_last = np.where(self._begins, _NEVER, np.float32(0))
        allowed = np.array([move == "O" or (move[:2] in {"B-", "U-"} and move[2:] != "") for move in moves])
        self._starting = np.where(allowed, self._offsets, _NEVER)  # where no entity is open
        self._out = moves.index("O")
        on = [moves.index(f"I-{label}") for label in labels]
        off = [moves.index(f"L-{label}") for label in labels]
        self._going_on = self._upper[on] - self._upper[off]  # by label: whether an entity goes on
        self._least = self._offsets[off] - self._offsets[on]

    def __call__(self, vectors: Floats, lengths: Sequence[int], spaces: NDArray[np.bool_]) -> Iterator[list[Named]]:
        """Yield what is named in each document; `vectors` and `spaces` are of all their tokens, one after the other."""
        features = vectors.dot(self._lower).reshape(len(vectors), FEATURES, -1)
        ends = np.cumsum(lengths)
        last = np.zeros(len(vectors), dtype=bool)
        last[ends - 1] = True
        best = self._first(features, last, spaces)
        found = self._walk(features, last, best)
        start = 0
        for end in ends.tolist():
            named = []
            while found and found[-1].start < end:
                one = found.pop()
                named.append(Named(one.start - start, one.end - start, one.label))
            yield named
            start = end

    def _first(self, features: Floats, last: Flags, spaces: Flags) -> Numbers:
        """Return each token's move where no entity is open."""
        scores = self._most(features[:, 0] + self._outside) @ self._scoring
        scores += self._starting
        scores[last] += self._never_last
        best: Numbers = scores.argmax(axis=1)
        best[spaces] = self._out
        return best

    def _walk(self, features: Floats, last: Flags, best: Numbers) -> list[Named]:
        """Return what is named, last first."""
        starts = np.flatnonzero(best != self._out)
        ends = starts + 1
        if not len(starts):
            return []
        opened = np.flatnonzero(self._begins[best[starts]])
        labels = self._label[best[starts]]
        ends[opened] = self._followed(features, last, starts[opened], labels[opened], MAX_ABREAST)
        found, reach = [], 0
        for start, end, label in zip(starts.tolist(), ends.tolist(), labels.tolist(), strict=True):
            if start < reach:
                continue
            reach = end
            if end == _UNKNOWN:
                alone = self._followed(features, last, np.array([start]), np.array([label]), len(features))
                reach = int(alone[0])
            found.append(Named(start, reach, self._labels[label]))
        return found[::-1]

    def _followed(self, features: Floats, last: Flags, starts: Numbers, labels: Numbers, steps: int) -> Numbers:
        """Return where entities end that begin at `starts`; `_UNKNOWN` for those longer than `steps`."""
        ends = np.full(len(starts), _UNKNOWN)
        active = np.arange(len(starts))
        for step in range(1, steps + 1):
            if not len(active):
                break
            begun, label = starts[active], labels[active]
            at = begun + step
            sums = features[at, 0]
            sums += features[begun, 1]
            sums += features[at - 1, 2]
            sums += self._bias
            closed = np.vecdot(self._most(sums), self._going_on[label]) < self._least[label]
            closed |= last[at]
            ends[active[closed]] = at[closed] + 1
            active = active[~closed]
        return ends

    def _most(self, sums: Floats) -> Floats:
        hidden = self._hidden
        most: Floats = np.maximum(sums[:, :hidden], sums[:, hidden : 2 * hidden])
        for start in range(2 * hidden, sums.shape[1], hidden):
            np.maximum(most, sums[:, start : start + hidden], out=most)
        return most


def _vectors(model: Thinc) -> tuple[Callable[[list[Doc]], Floats], Thinc | None]:
    """Return the function of `model`, which is a tok2vec and a linear layer, and what of it is left to be done."""
    tok2vec, _, linear = model.layers
    try:
        return Vectors(tok2vec), linear
    except ValueError:
        return model.predict, None
