"""Fit the weights of `sidecar/content/injection/weights.py`.

    python benchmarks/injections/fit.py DEV.jsonl.gz [--ordinary FILE.jsonl.gz ...] [--folder FOLDER ...] > weights.py

DEV has lines `{source, surface, label, text}`; where a line says which part of an attacked text is the attack
(`attack_str`, `attacker_instruction`), only passages there may stand for it. More ordinary texts come from
`--ordinary` (lines with `text` or `full_text`), from the documentation and sources in each `--folder`, and from the
descriptions of the installed packages and the sources of Python's own; orders of our own (orders.txt), as they are and
in frames (frames.txt), are put into them, and ordinary texts that sound like orders (ordinary.txt) or tell people what
to do (people.txt: kind, tab, text). Orders, ordinary texts, and what people write into records (values.txt: kind, tab,
text) are put into records as tools return them (records.txt). Requests of our own are in overruling.txt and asking.txt.
The order of lines and the choice of hosts are seeded.

The model is a logistic regression on the worst passage of each text: fit, look which passage is the worst, fit again.
Every source weighs as the root of its size, our own attacks three times as much, people.txt and values.txt together
twelve times, ordinary texts together twice as much as attacks. What is a sign of an order may only raise a score and
what is a sign of the contrary only lower it, so that no source teaches its accidents.

Where 0.5 lies is found on what the fit has not seen: each source in turn is left out with all its texts, and what is
left judges them; of people.txt and values.txt some kinds in turn. Of all that differ in their worst passage one in a
hundred may lie above, of requests, which are only labelled, two; and of people.txt and values.txt two and a half.
"""

import argparse
import gzip
import json
import random
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sidecar.content.injection.features import NAMES, cuts, features
from sidecar.content.injection.inspecting import pieces

Array = NDArray[np.float64]
HERE: Final = Path(__file__).parent
RIDGE: Final = 1.0
ROUNDS: Final = 6
STEPS: Final = 60
MAX_FILES: Final = 400  # of one folder
HARD: Final = 3  # the worst passages of an ordinary text count
OWN_ATTACKS: Final = 3.0  # what our own attacks count, beside a source of as many
OWN_PEOPLE: Final = 12.0  # the same of what people write; chosen, as the one above, by what sources left out lose
FOLDS: Final = 12  # of the kinds of people.txt and values.txt
HARD_ABOVE: Final = 0.025  # of these, each of a kind left out, may lie above 0.5
PEOPLE: Final = "people"
ORDINARY: Final = 2.0  # what ordinary texts count together, beside attacks
ABOVE: Final = {"data": 0.01, "request": 0.02}  # of ordinary texts, each of a source left out, may lie above 0.5
TOLD: Final = (0.05,)  # shares at which the bars are only told
MARGIN: Final = 0.05  # log odds, for what rounding does
LOWERS: Final = {  # what may only lower a score
    "data": frozenset(
        {"please", "short", "we", "exclaims", "greets", "condition", "courtesy", "long"}
        | {"small", "symbols", "reports", "cites", "told", "coded_act", "quotes_order", "on_attacks"}
    ),
    "request": frozenset(
        # what anybody writes who tells or asks something
        {"you", "your", "me", "we", "negates", "condition", "the_user", "greets", "courtesy", "long", "small"}
        | {"symbols", "short", "colon_end", "question", "asks", "asks_you", "orders_words", "orders_deeds", "lone_ask"}
        | {"orders_fetch", "orders_send", "orders_late", "only", "lets", "capitals", "address", "account", "link"}
        | {"reports", "chains_deeds", "any_verb_answer", "makes_text", "wants", "you_must_do", "deed_for_me"}
        | {"my_data", "on_tools", "done_before", "first_act", "last_act", "quoted_act", "cites", "told", "coded_act"}
        | {"quotes_order", "on_attacks", "machine_reads", "machine_must", "machine_gets", "machine_to", "unasked"}
        | {"user_agreed", "machine_asked", "for_machine", "if_any_machine", "if_machine_then", "lone_act", "lone_word"}
    ),
}
FREE: Final = {  # what may do either
    "data": frozenset(
        {"colon_end", "capitals", "negates", "you", "your", "me", "your_task", "prior_orders", "order_first"}
        | {"comment_act", "machine_reads"}
    ),
    "request": frozenset[str](),
}

# Who overrules in so many words is found, however many texts there are that only speak of it.
LEAST: Final = {"overrules_at_once": 2.9, "overrules_prior": 1.2}


@dataclass(slots=True)
class Example:
    """One text as a matrix of its passages; `rows` may stand for it."""

    source: str
    is_attack: bool
    matrix: Array
    rows: Array
    passages: list[str]
    weight: float = 1.0

    @property
    def group(self) -> str:
        """What is left out together: what one source or benchmark has in common."""
        return re.split(r"[ _/]", self.source)[0]

    @property
    def alike(self) -> tuple[str, bool]:
        """What weighs together."""
        return (PEOPLE if self.group == PEOPLE else self.source), self.is_attack


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("dev", type=Path)
    parser.add_argument("--ordinary", type=Path, nargs="*", default=[])
    parser.add_argument("--folder", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    print(_HEAD)
    print("WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {")
    for name, used in gathered(arguments.dev, arguments.ordinary, arguments.folder).items():
        weights = fit(used, signs(name))
        weights[-1] -= bar(used, signs(name), ABOVE[name])
        print(f'    "{name}": {{')
        for feature, weight in zip((*NAMES, "bias"), weights, strict=True):
            print(f'        "{feature}": {weight:.2f},')
        print("    },")
        print(name, Counter(e.alike for e in used), file=sys.stderr)
    print("}")


def gathered(dev: Path, ordinary: list[Path], folders: list[Path]) -> dict[str, list[Example]]:
    """Return the examples of each table."""
    chance = random.Random(7)  # noqa: S311 - a seeded choice of examples
    texts = _lines(dev)
    hosts = [{"source": "description", "text": text} for text in _descriptions(chance)]
    for folder in (*folders, Path(sysconfig.get_path("stdlib"))):
        hosts += [{"source": f"folder {folder.name}", "text": text} for text in _files(folder, chance)]
    more = (row for file in ordinary for row in _lines(file))
    hosts += [{"source": row.get("source", "host"), "text": row.get("full_text") or row["text"]} for row in more]
    data = [_example(row) for row in texts if row["surface"] != "user"] + _own(hosts, chance) + _people()
    data += _in_records(random.Random(11))  # noqa: S311 - as above
    requests = [_example(row) for row in texts if row["surface"] == "user"] + _asked()
    return {"data": [e for e in data if len(e.matrix)], "request": [e for e in requests if len(e.matrix)]}


def signs(table: str) -> Array:
    """Return for each name in `NAMES` what its weight may be: 1 for not below nought, -1 for not above, 0 for any."""
    return np.array([-1.0 if n in LOWERS[table] else 0.0 if n in FREE[table] else 1.0 for n in NAMES])


def fit(examples: list[Example], allowed: Array) -> Array:
    """Return a weight for each name in `NAMES`, with the signs that are `allowed`, and the bias."""
    sizes = Counter(e.alike for e in examples)
    for e in examples:
        e.weight = sizes[e.alike] ** -0.5
        if e.group == PEOPLE or (e.group == "own" and e.is_attack):
            e.weight *= OWN_PEOPLE if e.group == PEOPLE else OWN_ATTACKS
    for side in (True, False):
        total = sum(e.weight for e in examples if e.is_attack is side)
        for e in examples:
            if e.is_attack is side:
                e.weight *= len(examples) / 2 / total * (1.0 if side else ORDINARY)
    known: dict[bytes, int] = {}
    places = [np.array([known.setdefault(row.tobytes(), len(known)) for row in e.matrix]) for e in examples]
    distinct = np.frombuffer(b"".join(known)).reshape(len(known), -1)
    weights: Array = np.zeros(len(NAMES) + 1)
    for turn in range(ROUNDS):
        counts = np.zeros((2, len(distinct)))  # of ordinary ones, of attacks
        scores = distinct @ weights[:-1]
        for e, at in zip(examples, places, strict=True):
            for i, count in _chosen(e, scores[at], first=turn == 0):
                counts[int(e.is_attack), at[i]] += count * e.weight
        used = counts.sum(axis=0) > 0
        weights = _regression(distinct[used], counts[:, used], weights, allowed)
    return weights


def bar(examples: list[Example], allowed: Array, above: float) -> float:
    """Return the log odds that the share `above` of the ordinary texts exceed, each judged without its source; tell it.

    Texts whose worst passages are the same count once: a mail is in every listing of its inbox.
    """
    scores: dict[tuple[str, bool], list[float]] = {}
    distinct: dict[bytes, float] = {}
    for group in sorted({e.group for e in examples} - {"own", PEOPLE}):
        weights = fit([e for e in examples if e.group != group], allowed)
        for e in (e for e in examples if e.group == group):
            found = e.matrix @ weights[:-1] + weights[-1]
            scores.setdefault((group, e.is_attack), []).append(float(found.max()))
            if not e.is_attack:
                distinct[e.matrix[found.argmax()].tobytes()] = float(found.max())
    ranked = sorted(distinct.values(), reverse=True)
    bars = [ranked[int(chance * len(ranked))] for chance in (above, *TOLD)]
    if hard := sorted(_hard(examples, allowed), reverse=True):
        bars.insert(1, hard[int(HARD_ABOVE * len(hard))])
        shares = ", ".join(f"{np.mean(np.array(hard) > bar):.3f}" for bar in bars)
        print(f"{PEOPLE}, kinds left out: of {len(hard)} ordinary above the bars: {shares}", file=sys.stderr)
    for (group, is_attack), some in sorted(scores.items()):
        shares = ", ".join(f"{np.mean(np.array(some) > bar):.3f}" for bar in bars)
        what = "attacks" if is_attack else "ordinary"
        print(f"{group} left out: of {len(some)} {what} above the bars: {shares}", file=sys.stderr)
    print("the bars:", [round(bar, 2) for bar in bars], file=sys.stderr)
    return max(bars[: len(bars) - len(TOLD)]) + MARGIN


def _hard(examples: list[Example], allowed: Array) -> Iterator[float]:
    """Yield the log odds of each text that people write, judged by what was fit without its kind."""
    kinds = sorted({e.source for e in examples if e.group == PEOPLE})
    for fold in range(FOLDS if kinds else 0):
        out = frozenset(kinds[fold::FOLDS])
        weights = fit([e for e in examples if e.source not in out], allowed)
        yield from (float((e.matrix @ weights[:-1]).max() + weights[-1]) for e in examples if e.source in out)


def _chosen(e: Example, scores: Array, *, first: bool) -> list[tuple[int, float]]:
    """Return which rows stand for `e`, whose rows have `scores`, and how much each of them counts."""
    if first:
        used = e.rows if e.is_attack else np.arange(len(scores))
        return [(int(i), 1 / len(used)) for i in used]
    if e.is_attack:
        return [(int(e.rows[np.argmax(scores[e.rows])]), 1.0)]
    return [(int(i), 1.0) for i in np.argsort(-scores)[:HARD]]


def _regression(rows: Array, counts: Array, start: Array, allowed: Array) -> Array:
    """Newton's method with halved steps; what would get a sign that is not `allowed` stays at nought."""
    x = np.hstack([rows, np.ones((len(rows), 1))])
    every, attacks = counts.sum(axis=0), counts[1]
    ridge = np.full(x.shape[1], RIDGE)
    ridge[-1] = 0.01
    least = np.array([*(LEAST.get(name, 0.0) for name in NAMES), 0.0])
    low = np.where(np.append(allowed, 0.0) > 0, least, -np.inf)
    high = np.where(np.append(allowed, 0.0) < 0, 0.0, np.inf)

    def cost(w: Array) -> float:
        z = x @ w
        return float((every * np.logaddexp(0, z) - attacks * z).sum() + 0.5 * (ridge * w * w).sum())

    weights = np.clip(start, low, high)
    before = cost(weights)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (every * p - attacks) + ridge * weights
        free = ~(((weights <= low) & (gradient > 0)) | ((weights >= high) & (gradient < 0)))
        some = x[:, free]
        step = np.zeros(len(weights))
        curve = (some * (every * p * (1 - p))[:, None]).T @ some + np.diag(ridge[free])
        step[free] = np.linalg.solve(curve, gradient[free])
        size = 1.0
        while size > 1e-4 and cost(np.clip(weights - size * step, low, high)) > before:  # noqa: PLR2004 - as good as none
            size /= 2
        weights = np.clip(weights - size * step, low, high)
        after = cost(weights)
        if before - after < 1e-6 * abs(before):
            break
        before = after
    return weights


def _example(row: dict[str, str]) -> Example:
    text = row["text"]
    part = row.get("attack_str") or row.get("attacker_instruction") or ""
    at = text.find(part[:40]) if part else -1
    found: list[list[float]] = []
    rows, said = list[int](), list[str]()
    for piece in pieces(text):  # as the sidecar looks at it
        inside = text[piece.start : piece.end]
        cut = list(cuts(inside))
        for c, values in zip(cut, features(inside, cut, piece.edges), strict=True):
            if at != -1 and c.start + piece.start < at + len(part) and c.end + piece.start > at:
                rows.append(len(found))
            found.append([values.get(name, 0.0) for name in NAMES])
            said.append(inside[c.start : c.end])
    source = f"{row['source']} {row.get('task', '')}"
    return Example(source, row["label"] == "attack", np.array(found), np.array(rows or range(len(found))), said)


def _asked() -> list[Example]:
    return [
        _example({"source": "own", "label": label, "text": line})
        for name, label in (("overruling.txt", "attack"), ("asking.txt", "benign"))
        for line in _own_lines(name)
    ]


def _own(given: list[dict[str, str]], chance: random.Random) -> list[Example]:
    """Return ordinary texts, and such with one of our own lines within."""
    orders, ordinary = _own_lines("orders.txt"), _own_lines("ordinary.txt")
    frames = [line for line in _own_lines("frames.txt") if "{}" in line]
    made = [{**host, "label": "benign"} for host in given]
    hosts = [host["text"] for host in given if host["source"].split()[0] in _HOSTS] + ordinary * 3
    for source, lines in (("own", orders), ("own framed", [_framed(line, frames, chance) for line in orders])):
        for line in lines:
            text = _within(line, hosts, chance)
            made.append({"source": source, "label": "attack", "text": text, "attack_str": line})
    for line in ordinary * 2:
        more = "\n\n".join(chance.sample(ordinary, 2))
        text = chance.choice((f"{line}\n{more}", _within(line, hosts, chance)))
        made.append({"source": "own", "label": "benign", "text": text})
    return [_example(row) for row in made]


def _people() -> list[Example]:
    return [_example({"source": f"{PEOPLE} {k}", "label": "benign", "text": t}) for k, _, t in _kinds("people.txt")]


def _in_records(chance: random.Random) -> list[Example]:
    """Return our own orders and ordinary texts, and values.txt, each as one value of a record."""
    templates = _own_lines("records.txt")
    frames = [line for line in _own_lines("frames.txt") if "{}" in line]
    orders = (chance.choice((line, _framed(line, frames, chance))) for line in _own_lines("orders.txt"))
    rows = [("own record", "attack", line) for line in orders]
    rows += [("own", "benign", line) for line in _own_lines("ordinary.txt")]
    rows += [(f"{PEOPLE} {kind}", "benign", text) for kind, _, text in _kinds("values.txt")]
    return [
        _example({"source": source, "label": label, "text": _record(chance.choice(templates), text, chance)})
        for source, label, text in rows
    ]


def _record(template: str, text: str, chance: random.Random) -> str:
    """Return `template` with `text` for its `{}`, as JSON or as Python writes it."""
    value = json.loads(template.replace('"{}"', json.dumps(text)))
    return chance.choice((repr(value), repr(value), json.dumps(value), json.dumps(value, indent=2)))


def _kinds(name: str) -> list[tuple[str, str, str]]:
    return [line.partition("\t") for line in _own_lines(name)]


def _own_lines(name: str) -> list[str]:
    return [line.replace("\\n", "\n") for line in (HERE / name).read_text("utf-8").splitlines()]


def _framed(line: str, frames: list[str], chance: random.Random) -> str:
    """Return `line` in one of the `frames` where it orders a deed."""
    is_deed = any("orders_deeds" in values for values in features(line, list(cuts(line))))
    return chance.choice(frames).format(line) if is_deed else line


def _within(line: str, hosts: list[str], chance: random.Random) -> str:
    """Return one of `hosts` with `line` before it, behind it, behind a sentence, or as a value in quotes."""
    host = chance.choice(hosts)[:2_500]
    values = [match.end() for match in re.finditer(r"[:,] ?\"(?=[A-Z])", host)]
    if values and chance.random() < 0.5:  # noqa: PLR2004 - half of those where it can be
        at = chance.choice(values)
        end = max(host.find('"', at), at)
        return host[:at] + line + chance.choice(("", " " + host[at:end])) + host[end:]
    gap = chance.choice(("\n", "\n\n", " "))
    at = chance.choice((0, len(host), host.find(". ", chance.randrange(len(host))) + 2 or len(host)))
    return gap.join(part for part in (host[:at], line, host[at:]) if part)


def _descriptions(chance: random.Random) -> list[str]:
    """Return pieces of what the installed packages say of themselves."""
    found: list[str] = []
    for _, body in sorted({d.metadata["Name"]: d.read_text("METADATA") or "" for d in distributions()}.items()):
        about = body.partition("\n\n")[2]
        pieces = (about[at : at + chance.randint(250, 3_000)] for at in range(0, min(len(about), 9_000), 3_000))
        found.extend(piece for piece in pieces if len(piece) > 250)  # noqa: PLR2004 - no text to speak of
    return found


def _files(folder: Path, chance: random.Random) -> list[str]:
    """Return a piece of each of some files in `folder` that hold text: documentation and sources."""
    found: list[str] = []
    names = sorted(file for file in folder.rglob("*") if _TEXTUAL.search(file.name) and "test" not in file.parts)
    chance.shuffle(names)
    for file in names[:MAX_FILES]:
        with suppress(OSError, UnicodeDecodeError):
            text = file.read_text("utf-8")
            start = text.find("\n\n", chance.randrange(max(1, len(text) - 2_500))) + 1
            if len(piece := text[start : start + chance.randint(300, 3_000)]) > 250:  # noqa: PLR2004 - as above
                found.append(piece)
    return found


_TEXTUAL: Final = re.compile(r"(?i)\.(?:md|txt|html|py|js|json|yaml)$|^(?:readme|news|todo)")
_HOSTS: Final = frozenset({"description", "folder"})  # sources that orders of our own are put into


def _lines(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        return [json.loads(line) for line in lines]


_HEAD: Final = '''\
"""What each feature of a passage counts, in log odds. Made by `benchmarks/injections/fit.py`, which tells how.

The bias is set so that above 0.5 lie at most one in a hundred ordinary texts of data, two of requests, and two and a
half of texts that tell people what to do, each of a source or kind that was left out.
"""

from collections.abc import Mapping
from typing import Final
'''

if __name__ == "__main__":
    main()
