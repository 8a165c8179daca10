"""spaCy's hash-embedding CNN ("tok2vec"), with the arithmetic that inference needs and no more.

The same weights, the same result up to the last bits of a float. What differs from thinc's: a word's own
vector (which depends on its NORM, PREFIX, SUFFIX and SHAPE alone, two fifths of the work) is kept for the next
time, and so is what the first of the layers makes of it (another sixth); pieces of a maxout lie one behind the
other, so that their maximum is one pass; nothing is kept for a backward pass; all arrays of a batch lie in one,
and the weights on large pages.
A model of another make is left to thinc.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IS_SPACE, intify_attr
from spacy.tokens import Doc
from thinc.api import Model

Floats = NDArray[np.float32]
Attributes = NDArray[np.uint64]
Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]
Thinc = Model[Any, Any]

MAX_WORDS: Final = 6_144  # 24 MB at a width of 96; a long English text has 5,000 different words
ROWS: Final = 4  # of its table that a hash embedding is the sum of
ROOM: Final = 1 << 20  # numbers; numpy asks for large pages for 4 MB and more, the small models' weights have 2 MB
LINE: Final = 16  # numbers of a processor's cache line
AT_ONCE: Final = 64  # words that are new: sixteen rows of a table each, a megabyte
FEW: Final = 48  # rows, below which a product in three parts is faster than in one
_EPSILON: Final = 1e-8  # thinc's, in its layer norm


def parameter(model: Thinc, name: str) -> Floats:
    """Return a parameter of `model`."""
    return np.asarray(model.get_param(name), dtype=np.float32)


class Pages:
    """Room for weights side by side: numpy asks for large pages for it, whose place a processor has at hand."""

    def __init__(self) -> None:
        room = np.zeros(ROOM + LINE, dtype=np.float32)
        self._free = room[-room.ctypes.data % (LINE * room.itemsize) // room.itemsize :]

    def keep(self, weights: Floats) -> Floats:
        """Return a copy of `weights` that begins with a cache line; in here, as long as there is room."""
        if weights.size > len(self._free):
            return np.ascontiguousarray(weights)
        kept = self._free[: weights.size].reshape(weights.shape)
        kept[...] = weights
        self._free = self._free[weights.size + -weights.size % LINE :]
        return kept


@dataclass(frozen=True, slots=True)
class Layer:
    """A maxout with its layer norm: `weights` [inputs, pieces * width], pieces outermost."""

    weights: Floats
    bias: Floats
    pieces: int
    gain: Floats  # of thinc's, times the root of `width`
    shift: Floats
    mean: Floats  # the same weight for each of `width`
    thirds: tuple[Floats, Floats, Floats]  # of the weights: for the row before, the row itself, the row behind it
    abreast: Floats  # the thirds, side by side

    @classmethod
    def of(cls, maxout: Thinc, norm: Thinc, pages: Pages) -> Self:
        """Return the layer with the weights of thinc's two."""
        weights, bias = parameter(maxout, "W"), parameter(maxout, "b")  # [width, pieces, inputs], [width, pieces]
        width, pieces, inputs = weights.shape
        ordered = pages.keep(weights.transpose(2, 1, 0).reshape(inputs, pieces * width))
        size = inputs // 3
        thirds = (ordered[:size], ordered[size : 2 * size], ordered[2 * size :])
        return cls(
            ordered,
            np.ascontiguousarray(bias.T.reshape(pieces * width)),
            pieces,
            parameter(norm, "G") * np.sqrt(np.float32(width)),
            parameter(norm, "b"),
            np.full(width, 1 / width, dtype=np.float32),
            thirds,
            np.concatenate(thirds, axis=1),
        )

    def __call__(self, inputs: Floats) -> Floats:
        """Return [n, width] for [n, inputs]. For few rows each call of numpy's counts: all is done in place."""
        return self.of_products(inputs.dot(self.weights))

    def of_products(self, sums: Floats) -> Floats:
        """Return [n, width] for the products of inputs with the weights, whose place it takes."""
        sums += self.bias
        return self._finished(sums)

    def windows(self, rows: Floats) -> Floats:
        """Return [n - 2, width] for [n, inputs / 3]: of each row between its neighbours.

        A linear-algebra library multiplies small matrices without copying the large one to where it likes it, and
        whole it is too large for that.
        """
        if len(rows) > FEW:
            return self(np.concatenate((rows[:-2], rows[1:-1], rows[2:]), axis=1))
        before, at, behind = self.thirds
        sums: Floats = rows[:-2].dot(before)
        sums += rows[1:-1].dot(at)
        sums += rows[2:].dot(behind)
        return self.of_products(sums)

    def of_words(self, words: "Words", numbers: Numbers) -> Floats:
        """Return what `windows` returns for `words`, in the order of `numbers`."""
        sums: Floats = words.at.take(numbers[1:-1], axis=0)
        sums += words.before.take(numbers[:-2], axis=0)
        sums += words.behind.take(numbers[2:], axis=0)
        return self._finished(sums)

    def _finished(self, sums: Floats) -> Floats:
        """Return the layer's answer to what its weights and bias make of the inputs."""
        width = len(self.gain)
        most: Floats = np.maximum(sums[:, :width], sums[:, width : 2 * width])
        for start in range(2 * width, self.pieces * width, width):
            np.maximum(most, sums[:, start : start + width], out=most)
        most -= most.dot(self.mean)[:, None]
        spread = np.vecdot(most, most)  # `width` times the variance: what that makes too small is in `gain`
        spread += _EPSILON * width
        np.sqrt(spread, out=spread)
        most /= spread[:, None]
        most *= self.gain
        most += self.shift
        return most


class Hashes:
    """spaCy's hash embeddings of a word's attributes, as the `layer` behind them takes them.

    Each embedding is the sum of four rows of its table, and the layer's product with a sum is the sum of its products:
    with the tables they are made once, so that for a new word there is nothing to multiply.
    """

    def __init__(self, parts: Sequence[Thinc], layer: Layer) -> None:
        """Take over the tables of `parts`, one for each attribute, all of a width."""
        self._ops = parts[0].ops
        tables = [parameter(part, "E") for part in parts]
        weights = np.split(layer.weights, len(tables))
        self._table = np.concatenate([table @ part for table, part in zip(tables, weights, strict=True)])
        sizes = [len(table) for table in tables]
        self._sizes = np.repeat(sizes, ROWS)
        self._offsets = np.repeat(np.cumsum([0, *sizes[:-1]]), ROWS)
        self._ones = np.ones(len(self._sizes), dtype=np.float32)
        self._parts = [(int(part.attrs["seed"]), int(part.attrs["column"])) for part in parts]

    def __call__(self, attributes: Attributes) -> Floats:
        """Return the layer's [n, pieces * width] for [n, attributes], without its bias."""
        keys = attributes.T.copy()
        hashes = np.concatenate([self._ops.hash(keys[column], seed) for seed, column in self._parts], axis=1)
        rows = hashes % self._sizes + self._offsets
        if len(rows) <= AT_ONCE:
            return self._sums(rows)
        return np.concatenate([self._sums(rows[start : start + AT_ONCE]) for start in range(0, len(rows), AT_ONCE)])

    def _sums(self, rows: Numbers) -> Floats:
        summed: Floats = self._ones @ self._table.take(rows, axis=0)
        return summed


@dataclass(frozen=True, slots=True)
class Words:
    """Of each word: its vector, and what a layer makes of it, by where it stands in a window; bias is in `at`.

    Row 0 is no word's: it is what stands between documents.
    """

    vectors: Floats
    before: Floats
    at: Floats
    behind: Floats

    @classmethod
    def room(cls, count: int, layer: Layer) -> Self:
        """Return room for `count` words: all of it taken now, so that it is not the texts by which memory grows."""
        inputs, outputs = len(layer.gain), len(layer.bias)
        made = cls(*(np.full((count + 1, size), 0, dtype=np.float32) for size in (inputs, outputs, outputs, outputs)))
        made.at[0] = layer.bias
        return made

    def fill(self, start: int, vectors: Floats, layer: Layer) -> None:
        """Put words with `vectors` into the rows from `start` on."""
        end, wide = start + len(vectors), len(layer.bias)
        made = vectors.dot(layer.abreast)
        self.vectors[start:end] = vectors
        self.before[start:end] = made[:, :wide]
        np.add(made[:, wide : 2 * wide], layer.bias, out=self.at[start:end])
        self.behind[start:end] = made[:, 2 * wide :]


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
        self._attributes = [*map(intify_attr, columns), IS_SPACE]
        self._key = np.dtype((np.void, np.dtype(np.uint64).itemsize * len(self._attributes)))  # all of a word as one
        pages = Pages()
        stacks = [Layer.of(part, leaves[at + 1], pages) for at, part in enumerate(leaves) if part.name == "maxout"]
        self._mix, self._layers = stacks[0], stacks[1:]
        self._hashed = Hashes([part for part in leaves if part.name == "hashembed"], self._mix)
        self._pad = depth  # rows of zeros between documents, as thinc has them: what a token can see
        self._rows: dict[Hashable, int] = {}  # of words that are known, in `_known`, by their attributes
        self._known = Words.room(MAX_WORDS, self._layers[0])

    @property
    def attributes(self) -> Sequence[int]:
        """What it reads of a token."""
        return self._attributes

    def __call__(self, docs: Sequence[Doc]) -> tuple[Floats, Flags]:
        """Return [tokens of all `docs`, width], and which tokens are white space. No document is empty."""
        lengths = [len(doc) for doc in docs]
        arrays = [np.asarray(doc.to_array(self._attributes), dtype=np.uint64) for doc in docs]
        attributes = np.concatenate(arrays) if len(docs) > 1 else arrays[0]
        words, rows = self._words(attributes)
        numbers = np.zeros(len(rows) + self._pad * (len(docs) + 1), dtype=np.intp)
        inside: Numbers | slice = slice(self._pad, -self._pad)
        if len(docs) > 1:
            gaps = np.repeat(np.arange(self._pad, self._pad * (len(docs) + 1), self._pad), lengths)
            inside = np.arange(len(rows)) + gaps
        numbers[inside] = rows
        found = self._layers[0].of_words(words, numbers)
        found += words.vectors.take(numbers[1:-1], axis=0)
        for layer in self._layers[1:]:  # each sees one row further: the outermost are of no use to the next
            more = layer.windows(found)
            more += found[1:-1]
            found = more
        return (found if isinstance(inside, slice) else found[inside - self._pad]), attributes[:, -1] != 0

    def _words(self, attributes: Attributes) -> tuple[Words, Sequence[int]]:
        """Return words, and which of them stand in the rows of `attributes`."""
        keys: Sequence[Hashable] = attributes.view(self._key).reshape(-1).tolist()
        rows = [self._rows.get(key, 0) for key in keys]
        if 0 not in rows:
            return self._known, rows
        new = {key: at for at, key in enumerate(keys) if not rows[at]}
        if len(new) + len(self._rows) > MAX_WORDS:
            self._rows.clear()
            new = {key: at for at, key in enumerate(keys)}
            if len(new) > MAX_WORDS:
                alone = Words.room(len(keys), self._layers[0])
                alone.fill(1, self._alone(attributes), self._layers[0])
                return alone, range(1, len(keys) + 1)
        start = len(self._rows) + 1
        self._known.fill(start, self._alone(attributes[list(new.values())]), self._layers[0])
        self._rows |= zip(new, range(start, start + len(new)), strict=True)
        return self._known, [self._rows[key] for key in keys]

    def _alone(self, attributes: Attributes) -> Floats:
        return self._mix.of_products(self._hashed(attributes))


def _name(columns: int, depth: int) -> str:
    """Return the name that thinc makes of the layers of spaCy's Tok2Vec."""
    hashes = "|".join(["ints-getitem>>hashembed"] * columns)
    layers = ">>".join(["residual(expand_window>>maxout>>layernorm>>dropout)"] * depth)
    embed = f"extract_features>>list2ragged>>with_array({hashes})>>with_array(maxout>>layernorm>>dropout)>>ragged2list"
    return f"{embed}>>with_array({layers})"
