"""spaCy's entity recognizer, decoded many tokens at a time.

spaCy decides token by token, in calls of a linear-algebra library that take longer to enter than to run. But
outside an entity its decision about a token depends on that token alone, so all of those are made at once; and
within one, on the token, the one before and the entity's first, so all entities that could begin are followed
side by side, some tokens at a time. Then a walk takes the first, goes to its end, takes the next: the same
entities, in a tenth of the time. A pipeline of another make (a beam, rules before the recognizer, other features)
is left to spaCy.
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

from sidecar.content.presidio.vectors import Floats, Thinc, Vectors, parameter

FEATURES: Final = 3  # of a state: the next token, its entity's first, its entity's last so far
STRIDE: Final = 4  # tokens behind its first that an entity is followed at once; most are shorter
MAX_ABREAST: Final = 3 * STRIDE  # tokens of entities that are followed side by side; longer ones go on alone
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

    @property
    def attributes(self) -> Sequence[int] | None:
        """What it reads of a token; None where that is not known."""
        return self._vectors.attributes if isinstance(self._vectors, Vectors) else None

    def __call__(self, docs: Sequence[Doc]) -> list[list[Named]]:
        """Return what is named in each of `docs`, in order."""
        full = [doc for doc in docs if len(doc)]
        if not full:
            return [[] for _ in docs]
        vectors, spaces = self._vectors(full)
        found = iter(self._decoder(vectors, [len(doc) for doc in full], spaces))
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
        self._label = [labels.index(move[2:]) if move[2:] in labels else -1 for move in moves]
        self._begins = [move[:2] == "B-" for move in moves]
        self._never_last = np.where(self._begins, _NEVER, np.float32(0)).astype(np.float32)
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
        found = self._walk(features, last, self._first(features, ends - 1, spaces))
        start = 0
        for end in ends.tolist():
            named = []
            while found and found[-1].start < end:
                one = found.pop()
                named.append(Named(one.start - start, one.end - start, one.label))
            yield named
            start = end

    def _first(self, features: Floats, last: Numbers, spaces: Flags) -> list[int]:
        """Return each token's move where no entity is open; `last` are the documents' last tokens."""
        scores = self._most(features[:, 0] + self._outside) @ self._scoring
        scores += self._starting
        scores[last] += self._never_last
        best: Numbers = scores.argmax(axis=1)
        best[spaces] = self._out
        moves: list[int] = best.tolist()
        return moves

    def _walk(self, features: Floats, last: Flags, best: Sequence[int]) -> list[Named]:
        """Return what is named, last first."""
        starts = [at for at, move in enumerate(best) if move != self._out]
        opened = [at for at in starts if self._begins[best[at]]]
        labels = [self._label[best[at]] for at in opened]
        ends = dict(zip(opened, self._followed(features, last, opened, labels, MAX_ABREAST), strict=True))
        found, reach = [], 0
        for start in starts:
            if start < reach:
                continue
            label = self._label[best[start]]
            reach = ends.get(start, start + 1)
            if reach == _UNKNOWN:
                reach = self._followed(features, last, [start], [label], len(features))[0]
            found.append(Named(start, reach, self._labels[label]))
        return found[::-1]

    def _followed(
        self, features: Floats, last: Flags, starts: Sequence[int], labels: Sequence[int], steps: int
    ) -> list[int]:
        """Return where entities end that begin at `starts`; `_UNKNOWN` for those longer than `steps`."""
        ends = [_UNKNOWN] * len(starts)
        active = list(range(len(starts)))
        for done in range(1, steps + 1, STRIDE):
            if not active:
                break
            begun = np.array([starts[number] for number in active])
            label = [labels[number] for number in active]
            at = np.minimum(begun[:, None] + np.arange(done, done + STRIDE), len(features) - 1)
            sums = features[at, 0]
            sums += features[begun, 1][:, None]
            sums += features[at - 1, 2]
            sums += self._bias
            closed = np.vecdot(self._most(sums), self._going_on[label][:, None]) < self._least[label][:, None]
            closed |= last[at]
            for number, is_last in zip(active, closed.tolist(), strict=True):
                if True in is_last:
                    ends[number] = starts[number] + done + is_last.index(True) + 1
            active = [number for number in active if ends[number] == _UNKNOWN]
        return ends

    def _most(self, sums: Floats) -> Floats:
        hidden = self._hidden
        most: Floats = np.maximum(sums[..., :hidden], sums[..., hidden : 2 * hidden])
        for start in range(2 * hidden, sums.shape[-1], hidden):
            np.maximum(most, sums[..., start : start + hidden], out=most)
        return most


def _vectors(model: Thinc) -> tuple[Callable[[list[Doc]], tuple[Floats, Flags]], Thinc | None]:
    """Return the function of `model`, which is a tok2vec and a linear layer, and what of it is left to be done.

    It returns the vectors of all documents' tokens, and which of these are white space.
    """
    tok2vec, _, linear = model.layers
    try:
        return Vectors(tok2vec), linear
    except ValueError:
        return lambda docs: (model.predict(docs), np.concatenate([doc.to_array(IS_SPACE) for doc in docs]) != 0), None
