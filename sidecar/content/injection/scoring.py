"""How much does a passage of a text address the model?

A logistic regression over the features of a passage (`features.py`), with one table of weights for what a tool,
a page or a mail says, where an order to the reader is itself a sign, and one for what somebody asks the model to
do, where it is the normal case and only overruling, prying and new persons are. A text is as suspicious as its
most suspicious passage. 0.5 is where the shipped rules begin (`weights.py` tells what that costs).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log
from typing import Final

from sidecar.content.injection.features import cuts, features
from sidecar.content.injection.weights import WEIGHTS

LEAST: Final = 1e-6  # of a score and of what lacks to certainty: its logit stays finite


class Reader(StrEnum):
    """As what the model reads a text: to report on it, or to do what it asks."""

    DATA = "data"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Passage:
    """`text[start:end]` addresses the model with `score`, from 0 to 1; `signs` are its weightiest features."""

    start: int
    end: int
    score: float
    signs: tuple[str, ...] = ()


def passages(text: str, reader: Reader = Reader.DATA, edges: tuple[bool, bool] = (True, True)) -> tuple[Passage, ...]:
    """Return the passages of `text` that hold a word, in order, each with how much it addresses the model.

    `edges` say whether `text` begins and ends where the whole does of which it may be a part.
    """
    cut = list(cuts(text))
    judged = _judged(features(text, cut, edges), reader)
    return tuple(Passage(p.start, p.end, *values) for p, values in zip(cut, judged, strict=True))


def score(found: Sequence[Passage]) -> float:
    """Return how suspicious a text with these passages is: as its worst."""
    return max((passage.score for passage in found), default=0.0)


def logit(probability: float) -> float:
    """Return the log odds of `probability`, which is kept off 0 and 1."""
    bounded = min(max(probability, LEAST), 1 - LEAST)
    return log(bounded / (1 - bounded))


def logistic(value: float) -> float:
    """Return the probability of the log odds `value`."""
    return 1 / (1 + exp(-max(min(value, 30.0), -30.0)))


def _judged(rows: Sequence[dict[str, float]], reader: Reader) -> Iterator[tuple[float, tuple[str, ...]]]:
    weights = WEIGHTS[reader.value]
    bias = weights["bias"]
    for row in rows:
        value = bias
        for name, amount in row.items():
            value += weights[name] * amount
        probability = logistic(value)
        signs: tuple[str, ...] = ()
        if value > _TOLD:
            parts = sorted(row, key=lambda name: weights[name] * row[name], reverse=True)
            signs = tuple(name for name in parts[:_SIGNS] if weights[name] * row[name] > 0)
        yield probability, signs


_SIGNS: Final = 3
_TOLD: Final = -3.0  # log odds below which nobody asks why
