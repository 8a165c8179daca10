"""Fit `sidecar/content/injection/head.py`, by which the model of the extra `classifier` adds to our own scores.

    PYTHONPATH=.:benchmarks python -m injections.head DEV.jsonl.gz [--ordinary FILE ...] [--folder FOLDER ...] > head.py

The model makes a vector of each passage before its own heads judge it. The head is a logistic regression on that vector
beside what our own features say, so that it learns what they lack: their log odds are of a fit that has not seen the
text's source, kind or fold, and what the head says is added to them. Texts are those of `fit.py`; each stands for its
worst passage, an ordinary one for its two worst. The same counts as there: sources by the root of their size. The bias
is set as there, too, on what the head has not seen, once it is added to what `weights.py` says; but so that fewer
ordinary texts lie above 0.5: two that learnt from the same texts err together.
"""

import argparse
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
from injections import fit

from sidecar.content.injection.classifier_files import BUNDLED, located
from sidecar.content.injection.classifier_process import MOST as BOUND
from sidecar.content.injection.classifier_process import Model
from sidecar.content.injection.inspecting import CLASSIFIER_BIAS

MOST: Final = 350  # texts of a source that is left out, attacks or ordinary
RIDGE: Final = 200.0  # chosen by what sources left out gain
FOLDS: Final = {"own": 4, fit.PEOPLE: 6}
OWN: Final = {"own": 3.0, fit.PEOPLE: 6.0}  # as in `fit.py`
ABOVE: Final = 0.0075  # of ordinary texts, each of a source left out, may lie above 0.5
HARD_ABOVE: Final = 0.02  # of what people write, each of a fold left out
STEPS: Final = 30
A_LINE: Final = 14  # numbers

Chosen = tuple[fit.Example, list[int], fit.Array]  # a text, its passages that stand for it, and the log odds of all


def main() -> None:
    """Print the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("dev", type=Path)
    parser.add_argument("--ordinary", type=Path, nargs="*", default=[])
    parser.add_argument("--folder", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    examples = fit.gathered(given.dev, given.ordinary, given.folder)["data"]
    left_out = [_left_out(e, number) for number, e in enumerate(examples)]
    chosen: list[Chosen] = []
    for group in sorted(set(left_out)):
        weights = fit.fit([e for e, g in zip(examples, left_out, strict=True) if g != group], fit.signs("data"))
        mine = [e for e, g in zip(examples, left_out, strict=True) if g == group]
        random.Random(5).shuffle(mine)  # noqa: S311 - a seeded choice of examples
        for is_attack in (True, False):
            for e in [e for e in mine if e.is_attack is is_attack][:MOST]:
                odds = e.matrix @ weights[:-1] + weights[-1]
                rows = e.rows[np.argsort(-odds[e.rows])] if is_attack else np.argsort(-odds)
                chosen.append((e, [int(i) for i in rows[: 1 if is_attack else 2]], odds))
        print(group, len(mine), file=sys.stderr)
    model = Model(located(BUNDLED))
    vectors = np.array([model.vector(e.passages[i]) for e, rows, _ in chosen for i in rows])
    odds = np.array([odds[i] for _, rows, odds in chosen for i in rows])
    attacks = np.array([float(e.is_attack) for e, rows, _ in chosen for _ in rows])
    head = _fitted(vectors, odds, attacks, _weights(chosen))
    lowered = _bar(chosen, vectors, odds, attacks) - fit.bar(examples, fit.signs("data"), fit.ABOVE["data"])
    print("lowered by", lowered, file=sys.stderr)
    print(_HEAD)
    print(f"BIAS: Final = {head[-1] - lowered - CLASSIFIER_BIAS:.4f}")
    print('_NUMBERS: Final = """')
    for at in range(0, len(head) - 1, A_LINE):
        print(" ".join(f"{value:.4f}" for value in head[at : min(at + A_LINE, len(head) - 1)]))
    print('"""\nWEIGHTS: Final = tuple(map(float, _NUMBERS.split()))')


def _bar(chosen: list[Chosen], vectors: fit.Array, odds: fit.Array, attacks: fit.Array) -> float:
    """Return the sum of log odds that so few of the ordinary texts exceed, each judged without its group."""
    groups = np.array([_fold(e) for e, rows, _ in chosen for _ in rows])
    owners = np.array([number for number, (_, rows, _) in enumerate(chosen) for _ in rows])
    found: dict[bool, dict[str, float]] = {True: {}, False: {}}
    for group in sorted(set(groups) - {"own"}):
        rest = [c for c in chosen if _fold(c[0]) != group]
        head = _fitted(vectors[groups != group], odds[groups != group], attacks[groups != group], _weights(rest))
        some = (groups == group) & (attacks == 0)
        said = odds[some] + np.clip(vectors[some] @ head[:-1] + head[-1], -BOUND, BOUND)
        for owner in sorted(set(owners[some])):
            e = chosen[owner][0]
            worst = float(said[owners[some] == owner].max())
            found[e.group == fit.PEOPLE]["\n".join(e.passages)] = worst
    bars = []
    for is_people, above in ((False, ABOVE), (True, HARD_ABOVE)):
        ranked = sorted(found[is_people].values(), reverse=True)
        bars.append(ranked[int(above * len(ranked))])
    print("the bars with the head:", bars, file=sys.stderr)
    return max(bars) + fit.MARGIN


def _fold(e: fit.Example) -> str:
    return _left_out(e, 0) if e.group == fit.PEOPLE else e.group


def _left_out(e: fit.Example, number: int) -> str:
    if e.group == "own":
        return f"own {number % FOLDS['own']}"
    return f"{fit.PEOPLE} {sum(e.source.encode()) % FOLDS[fit.PEOPLE]}" if e.group == fit.PEOPLE else e.group


def _weights(chosen: list[Chosen]) -> fit.Array:
    """Return what each row counts; attacks together as much as ordinary texts."""
    kinds = [(e.group, e.is_attack) for e, _, _ in chosen]
    sizes = Counter(kinds)
    counts = [
        sizes[kind] ** -0.5 * (OWN.get(kind[0], 1.0) if kind != ("own", False) else 1.0)
        for kind, (_, rows, _) in zip(kinds, chosen, strict=True)
        for _ in rows
    ]
    sides = np.array([kind[1] for kind, (_, rows, _) in zip(kinds, chosen, strict=True) for _ in rows])
    weights = np.array(counts)
    for side in (True, False):
        weights[sides == side] *= len(weights) / 2 / weights[sides == side].sum()
    return weights


def _fitted(vectors: fit.Array, odds: fit.Array, attacks: fit.Array, weights: fit.Array) -> fit.Array:
    """Return a weight for each part of a vector, and the bias; by Newton's method over parts of equal spread."""
    middle, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    x = np.hstack([(vectors - middle) / spread, np.ones((len(vectors), 1))])
    ridge = np.full(x.shape[1], RIDGE)
    ridge[-1] = 0.01
    head = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ head + odds, -30, 30)))
        curve = (x * (weights * p * (1 - p))[:, None]).T @ x + np.diag(ridge)
        head = head - np.linalg.solve(curve, x.T @ (weights * (p - attacks)) + ridge * head)
    parts = head[:-1] / spread
    return np.append(parts, head[-1] - float(parts @ middle))


_HEAD: Final = '''\
"""What the vector that the extra's model makes of a passage adds to our own log odds, by its parts.

Made by `benchmarks/injections/head.py`, which tells how.
"""

from typing import Final
'''

if __name__ == "__main__":
    main()
