"""What finding injections costs, and how many are found: by our own scores, with the extra, and by the extra alone.

    python benchmarks/injection.py [FILE.jsonl.gz ...]

"Alone" is the classifier as its own package runs it, with that package's chunks, clean-up and calibration.
Files have lines `{source, surface, label, text}`: surface `user` is judged as what somebody asks, every other as what
tools and pages say; label `attack` or `benign`. Told are, for each source, the share of attacks above the score that
one and five in a hundred ordinary texts of its surface exceed, and that of the source's own ordinary texts where
there are at least 40; and the share of texts above the shipped threshold. A text's score is its worst of all kinds
but stray characters and addresses. Without files only the cost is told, beside a look for one word in the same text.
"""

import asyncio
import gzip
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from measure import Row, options, report, rows, side_by_side

from sidecar.content.injection.classifier import WorkerClassifier
from sidecar.content.injection.inspecting import Inspector
from sidecar.content.injection.scoring import Reader
from sidecar.content.injection.signals import Signal
from sidecar.errors import ConfigError
from sidecar.model.injection import Kind

ROUNDS: Final = 200
QUICK: Final = 5
SIZES: Final = (300, 3_000, 30_000)  # characters
SHIPPED: Final = 0.5
ENOUGH: Final = 40  # ordinary texts of one source: fewer set no threshold
CHANCE: Final = {"1 %": 0.01, "5 %": 0.05}
WORD: Final = "one word looked for"
SENTENCES: Final = (
    "The train leaves at nine and arrives before noon. {n} people have booked, and the last seats are in the rear.",
    "Please bring your own cup. If the door is locked, call the office on the second floor, room {n}.",
    "| {n} | green | 4.50 |\n| {n} | blue | 3.90 |",
    "Version {n} mends a fault in the importer; see the notes for what to change in your settings.",
)


class Judged(NamedTuple):
    """One text of a file, and its score."""

    source: str
    surface: str
    is_attack: bool
    score: float


def main() -> None:
    """Measure, and judge the files that are named."""
    given = options("find injections", "texts with labels, as JSON lines, plain or gzip")
    asyncio.run(_measured(QUICK if given.quick else ROUNDS, given.json))
    for name, classifier in (("own scores", ""), ("with the classifier of the extra", "bundled")):
        if given.files:
            asyncio.run(_told(name, given.files, classifier))
    if given.files:
        _alone([row for file in given.files for row in _lines(file)])


async def _measured(rounds: int, file: Path | None) -> None:
    measured: list[Row] = []
    inspector = Inspector()
    for size in SIZES:
        text = _filling(size)
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            f"{WORD}, {size} characters": partial(_searched, text),
            f"all kinds, {size} characters": partial(inspector.inspect, [text], Reader.DATA),
        }
        timed = await side_by_side(calls, max(QUICK, rounds * SIZES[0] // size))
        measured += rows(timed, f"{WORD}, {size} characters")
    report(measured, "python benchmarks/injection.py", file)


async def _told(name: str, files: Sequence[Path], classifier: str) -> None:
    worker = WorkerClassifier(classifier, deadline_s=60.0) if classifier else None
    if worker:
        try:
            await worker.start()
        except ConfigError as error:
            print(f"\n{name}: {error}")
            return
    inspector = Inspector(worker)
    judged = [await _judged(row, inspector) for file in files for row in _lines(file)]
    if worker:
        await worker.stop()
    _table(name, judged)


def _alone(texts: Sequence[dict[str, str]]) -> None:
    """Tell what the classifier finds without us: its package's chunks, clean-up and calibration."""
    try:
        from stackone_defender.classifiers.tier2_classifier import Tier2Classifier  # noqa: PLC0415 - the extra's
    except ImportError:
        print("\nthe classifier alone: the extra is not installed")
        return
    judge = Tier2Classifier()
    judged = [
        Judged(r["source"], r["surface"], r["label"] == "attack", float(judge.classify_by_chunks(r["text"])["score"]))
        for r in texts
    ]
    _table("the classifier alone, as its package runs it", judged)


def _table(name: str, judged: Sequence[Judged]) -> None:
    print(f"\n{name}: {len(judged)} texts")
    print(f"{'':34}  {'n':>5}  {'at 1 %':>7}  {'at 5 %':>7}  {'own 1 %':>7}  {'own 5 %':>7}  {'shipped':>7}")
    for key in sorted({(one.is_attack, one.surface, one.source) for one in judged}, reverse=True):
        print(_line(key, judged))
    for is_request in (False, True):
        for is_attack in (True, False):
            some = [j for j in judged if (j.surface == "user") is is_request and j.is_attack is is_attack]
            what = f"all {'attacks' if is_attack else 'ordinary'}, {'requests' if is_request else 'data'}"
            print(_shares(what, some, [j for j in judged if (j.surface == "user") is is_request], []))


def _line(key: tuple[bool, str, str], judged: Sequence[Judged]) -> str:
    is_attack, surface, source = key
    alike = [one for one in judged if (one.surface == "user") == (surface == "user")]
    own = [one for one in judged if one.source == source and one.surface == surface]
    what = f"{'attack' if is_attack else 'ordinary'} {source}"
    return _shares(what, [one for one in own if one.is_attack is is_attack], alike, own)


def _shares(what: str, some: Sequence[Judged], alike: Sequence[Judged], own: Sequence[Judged]) -> str:
    shares = [_above(some, _threshold(others, chance)) for others in (alike, own) for chance in CHANCE.values()]
    shown = "  ".join(f"{share:7.3f}" if share >= 0 else "      -" for share in [*shares, _above(some, SHIPPED)])
    return f"{what[:34]:34}  {len(some):5}  {shown}"


def _threshold(judged: Sequence[Judged], chance: float) -> float:
    """Return the score that `chance` of the ordinary texts exceed; below 0 where there are too few."""
    scores = sorted((one.score for one in judged if not one.is_attack), reverse=True)
    return scores[int(chance * len(scores))] if len(scores) >= ENOUGH else -1.0


def _above(judged: Sequence[Judged], threshold: float) -> float:
    if threshold < 0 or not judged:
        return -1.0
    return sum(one.score > threshold for one in judged) / len(judged)


async def _judged(row: dict[str, str], inspector: Inspector) -> Judged:
    reader = Reader.REQUEST if row["surface"] == "user" else Reader.DATA
    (found,) = await inspector.inspect([row["text"]], reader)
    return Judged(row["source"], row["surface"], row["label"] == "attack", max(map(_counted, found), default=0.0))


def _counted(signal: Signal) -> float:
    is_stray = signal.kind is Kind.HIDDEN_CHARACTERS and signal.score < SHIPPED
    return 0.0 if signal.kind is Kind.URL or is_stray else signal.score


def _lines(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


async def _searched(text: str) -> object:
    return re.search("parcel", text)


def _filling(size: int) -> str:
    lines = [sentence.format(n=n) for n in range(size // 60 + 1) for sentence in SENTENCES]
    return "\n\n".join(lines)[:size]


if __name__ == "__main__":
    main()
