"""spaCy's hash-embedding CNN ("tok2vec"), with the arithmetic that inference needs and no more.

The same weights, the same result up to the last bits of a float. What differs from thinc's: a word's own
vector (which depends on its NORM, PREFIX, SUFFIX and SHAPE alone, two fifths of the work) is kept for the next
time; pieces of a maxout lie one behind the other, so that their maximum is one pass; nothing is kept for a
backward pass; all arrays of a batch lie in one. A model of another make is left to thinc.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import intify_attr
from spacy.tokens import Doc
from thinc.api import Model

Floats = NDArray[np.float32]
Keys = NDArray[np.uint64]
Thinc = Model[Any, Any]

MAX_WORDS: Final = 16_384  # 6 MB of vectors at a width of 96; a long English text has 5,000 different words
FEW: Final = 48  # rows, below which a product in three parts is faster than in one
_EPSILON: Final = np.float32(1e-8)  # thinc's, in its layer norm
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, near 2^64 divided by the golden ratio: spreads over all bits
_SHIFT: Final = np.uint64(29)


def parameter(model: Thinc, name: str) -> Floats:
    """Return a parameter of `model`."""
    return np.asarray(model.get_param(name), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Layer:
    """A maxout with its layer norm: `weights` [inputs, pieces * width], pieces outermost."""

    weights: Floats
    bias: Floats
    pieces: int
    gain: Floats
    shift: Floats
    mean: Floats  # the same weight for each of `width`

    @classmethod
    def of(cls, maxout: Thinc, norm: Thinc) -> Self:
        """Return the layer with the weights of thinc's two."""
        weights, bias = parameter(maxout, "W"), parameter(maxout, "b")  # [width, pieces, inputs], [width, pieces]
        width, pieces, inputs = weights.shape
        return cls(
            np.ascontiguousarray(weights.transpose(2, 1, 0).reshape(inputs, pieces * width)),
            np.ascontiguousarray(bias.T.reshape(pieces * width)),
            pieces,
            parameter(norm, "G"),
            parameter(norm, "b"),
            np.full(width, 1 / width, dtype=np.float32),
        )

    def __call__(self, inputs: Floats) -> Floats:
        """Return [n, width] for [n, inputs]. For few rows each call of numpy's counts: all is done in place."""
        return self._finished(inputs @ self.weights)

    def windows(self, rows: Floats) -> Floats:
        """Return [n - 2, width] for [n, inputs / 3]: of each row between its neighbours.

        A linear-algebra library multiplies small matrices without copying the large one to where it likes it, and
        whole it is too large for that.
        """
        if len(rows) > FEW:
            return self(np.concatenate((rows[:-2], rows[1:-1], rows[2:]), axis=1))
        size = rows.shape[1]
        sums: Floats = rows[:-2] @ self.weights[:size]
        sums += rows[1:-1] @ self.weights[size : 2 * size]
        sums += rows[2:] @ self.weights[2 * size :]
        return self._finished(sums)

    def _finished(self, sums: Floats) -> Floats:
        """Return the layer's answer to what its weights make of the inputs."""
        width = len(self.gain)
        sums += self.bias
        most: Floats = np.maximum(sums[:, :width], sums[:, width : 2 * width])
        for start in range(2 * width, self.pieces * width, width):
            np.maximum(most, sums[:, start : start + width], out=most)
        most -= (most @ self.mean)[:, None]
        spread = np.einsum("ij,ij->i", most, most)
        spread /= np.float32(width)
        spread += _EPSILON
        most /= np.sqrt(spread)[:, None]
        most *= self.gain
        most += self.shift
        return most


class Hashes:
    """spaCy's hash embeddings of a word's attributes, side by side: each is the sum of four rows of its table."""

    def __init__(self, parts: Sequence[Thinc]) -> None:
        """Take over the tables of `parts`, one for each attribute."""
        self._ops = parts[0].ops
        self._parts = [(parameter(part, "E"), int(part.attrs["seed"]), int(part.attrs["column"])) for part in parts]

    def __call__(self, attributes: Keys) -> Floats:
        """Return [n, attributes * width] for [n, attributes]."""
        found = []
        for table, seed, column in self._parts:
            keys = np.ascontiguousarray(attributes[:, column])
            rows = self._ops.hash(keys, seed) % len(table)  # type: ignore[arg-type]  # unsigned ones are ints to it
            found.append(table[rows].sum(axis=1))
        return np.concatenate(found, axis=1)


class Vectors:
    """Vectors of tokens in their context: what `tok2vec.predict` returns, all documents' tokens in one array."""

    def __init__(self, model: Thinc) -> None:
        """Take over the weights of `model`. Raises `ValueError` where it is not the Tok2Vec of spaCy's small models."""
        leaves = [part for part in model.walk(order="dfs_pre") if not part.layers]
        names = [part.name for part in leaves]
        columns: list[str] = leaves[0].attrs.get("columns", [])
        depth = names.count("expand_window")
        if model.name != _name(len(columns), depth) or any(
            part.attrs["window_size"] != 1 for part in leaves if part.name == "expand_window"
        ):
            raise ValueError("a model of another make")
        self._hashed = Hashes([part for part in leaves if part.name == "hashembed"])
        self._attributes = [intify_attr(column) for column in columns]
        stacks = [Layer.of(part, leaves[at + 1]) for at, part in enumerate(leaves) if part.name == "maxout"]
        self._mix, self._layers = stacks[0], stacks[1:]
        self._width = len(self._mix.gain)
        self._pad = depth  # rows of zeros between documents, as thinc has them: what a token can see
        self._rows: dict[int, int] = {}  # of words that are known, in `_known`
        self._known = np.zeros((MAX_WORDS, self._width), dtype=np.float32)

    def __call__(self, docs: Sequence[Doc]) -> Floats:
        """Return [tokens of all `docs`, width]. No document is empty."""
        lengths = [len(doc) for doc in docs]
        words = self._words(np.concatenate([doc.to_array(self._attributes) for doc in docs]))
        inside = np.arange(self._pad, self._pad + len(words))
        inside += np.repeat(np.arange(0, self._pad * len(docs), self._pad), lengths)
        found = np.zeros((sum(lengths) + self._pad * (len(docs) + 1), self._width), dtype=np.float32)
        found[inside] = words
        for layer in self._layers:  # each sees one row further, so that the outermost are of no use to the next
            more = layer.windows(found)
            more += found[1:-1]
            found = more
        kept: Floats = found[inside - self._pad]
        return kept

    def _words(self, attributes: Keys) -> Floats:
        """Return the vector of each word by itself."""
        mixed = attributes[:, 0].copy()
        for column in range(1, attributes.shape[1]):
            mixed = (mixed ^ (mixed >> _SHIFT)) * _MIX + attributes[:, column]
        keys: list[int] = mixed.tolist()
        new = {key: at for at, key in enumerate(keys) if key not in self._rows}
        if len(new) + len(self._rows) > MAX_WORDS:
            self._rows.clear()
            new = {key: at for at, key in enumerate(keys)}
            if len(new) > MAX_WORDS:
                return self._alone(attributes)
        if new:
            start = len(self._rows)
            self._known[start : start + len(new)] = self._alone(attributes[list(new.values())])
            self._rows |= {key: row for row, key in enumerate(new, start)}
        found: Floats = self._known[[self._rows[key] for key in keys]]
        return found

    def _alone(self, attributes: Keys) -> Floats:
        return self._mix(self._hashed(attributes))


def _name(columns: int, depth: int) -> str:
    """Return the name that thinc makes of the layers of spaCy's Tok2Vec."""
    hashes = "|".join(["ints-getitem>>hashembed"] * columns)
    layers = ">>".join(["residual(expand_window>>maxout>>layernorm>>dropout)"] * depth)
    embed = f"extract_features>>list2ragged>>with_array({hashes})>>with_array(maxout>>layernorm>>dropout)>>ragged2list"
    return f"{embed}>>with_array({layers})"
