"""What finding injections costs, and how many are found, by us and by what else a user could install.

Judges are: we without and with the extra, the extra's model alone, and the tools of rules that are installed.

    python benchmarks/injection.py [FILE.jsonl.gz ...] [--limit N] [--quick] [--json FILE]

Files have lines `{source, surface, label, text}`: surface `user` is judged as what somebody asks, every other as what
tools and pages say; label `attack` or `benign`. All judges see the same texts in the same run, each text once, and a
text that stands twice in the files is judged once. Told are, for each source, the share of attacks above the score
that one and five in a hundred ordinary texts of its surface (requests, or data) exceed, and above that of the
source's own ordinary texts where there are at least 40; and the share of attacks, and of ordinary texts, above the
score from which on each judge objects as it comes. `--limit` takes so many texts of each source and label, evenly.
How each source fares when it is left out of the fit is told by `benchmarks/injections/fit.py`.
Without files only the cost is told, beside a look for one word in the same text.
"""

import asyncio
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from contents import labelled
from injections.judges import Judge, alone, ours, rules
from measure import Row, options, report, rows, side_by_side

from sidecar.content.injection.classifier import WorkerClassifier
from sidecar.content.injection.inspecting import Inspector
from sidecar.content.injection.scoring import Reader
from sidecar.errors import ConfigError

ROUNDS: Final = 200
QUICK: Final = 5
SIZES: Final = (300, 3_000, 30_000)  # characters
ENOUGH: Final = 40  # ordinary texts of one source: fewer set no threshold
CHANCES: Final = (0.01, 0.05)
LABELS: Final = ("attack", "benign")
TOLD_S: Final = 15.0  # between two lines on how far it is
MOST_S: Final = 900.0  # for one judge; the table says how many texts it came to, spread over all
PATIENCE_S: Final = 60.0  # for one page of text that the classifier's process scores
WORD: Final = "one word looked for"
SENTENCES: Final = (
    "The train leaves at nine and arrives before noon. {n} people have booked, and the last seats are in the rear.",
    "Please bring your own cup. If the door is locked, call the office on the second floor, room {n}.",
    "| {n} | green | 4.50 |\n| {n} | blue | 3.90 |",
    "Version {n} mends a fault in the importer; see the notes for what to change in your settings.",
)


class Line(NamedTuple):
    """One text of a file."""

    source: str
    is_request: bool
    is_attack: bool
    text: str


class Judged(NamedTuple):
    """One text's source and kind, and what a judge says of it."""

    line: Line
    score: float


def main() -> None:
    """Measure, and judge the files that are named."""
    given = options("find injections", "texts with labels, as JSON lines, plain or gzip", is_limited=True)
    lines = [line for file in given.files for line in _lines(file)]  # before what takes long: one may be no such file
    asyncio.run(_measured(QUICK if given.quick else ROUNDS, given.json))
    if lines:
        asyncio.run(_compared(_limited(lines, given.limit)))


def judge_files(files: Sequence[Path], limit: int) -> None:
    """Print what each judge finds in `files`; at most `limit` texts of each source and label, all where it is 0."""
    asyncio.run(_compared(_limited([line for file in files for line in _lines(file)], limit)))


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
        timed[f"the loop is held at once, {size} characters"] = await _held(inspector, text, rounds)
        measured += rows(timed, f"{WORD}, {size} characters")
    report(measured, "python benchmarks/injection.py", file)


async def _compared(lines: Sequence[Line]) -> None:
    worker = WorkerClassifier("bundled", deadline_s=PATIENCE_S, batch_s=PATIENCE_S)
    judges = [ours("ours without the extra", Inspector())]
    try:
        await worker.start()
        judges.append(ours("ours with the extra", Inspector(worker)))
    except ConfigError as error:
        print(f"without the extra: {error}")
    if judge := alone():
        judges.append(judge)
    judges += rules()
    for surface in {"requests" if line.is_request else "data" for line in lines}:
        if sum(not line.is_attack and line.is_request is (surface == "requests") for line in lines) < ENOUGH:
            print(
                f"fewer than {ENOUGH} ordinary texts among {surface}: they set no bar, only what is as shipped is told"
            )
    for judge in judges:
        _table(judge, await _judged(judge, lines))
    await worker.stop()


async def _judged(judge: Judge, lines: Sequence[Line]) -> list[Judged]:
    known: dict[tuple[str, bool], float] = {}
    begun = told = time.monotonic()
    came: list[Line] = []
    for count, line in enumerate(random.Random(0).sample(lines, len(lines))):  # noqa: S311 - so that each source is met
        if time.monotonic() - begun > MOST_S:
            break
        came.append(line)
        key = (line.text, line.is_request)
        if key not in known:
            known[key] = await judge.score(line.text, Reader.REQUEST if line.is_request else Reader.DATA)
        if (now := time.monotonic()) - told > TOLD_S:
            told = now
            print(f"{judge.name}: {count} of {len(lines)} texts, {now - begun:.0f} s", file=sys.stderr, flush=True)
    return [Judged(line, known[line.text, line.is_request]) for line in came]


def _table(judge: Judge, judged: Sequence[Judged]) -> None:
    print(f"\n{judge.name}: {len(judged)} texts, objects from {judge.shipped:g} on")
    print(f"{'':34}  {'n':>5}  {'at 1 %':>7}  {'at 5 %':>7}  {'own 1 %':>7}  {'own 5 %':>7}  {'shipped':>7}")
    for is_attack in (True, False):
        for is_request in (False, True):
            alike = [one for one in judged if one.line.is_request is is_request]
            some = [one for one in alike if one.line.is_attack is is_attack]
            what = "attack" if is_attack else "ordinary"
            for source in sorted({one.line.source for one in some}):
                own = [one for one in alike if one.line.source == source]
                mine = [one for one in some if one.line.source == source]
                print(_shares(f"{what} {source}", mine, (alike, own), judge.shipped))
            print(_shares(f"all {what}, {'requests' if is_request else 'data'}", some, (alike, []), judge.shipped))


def _shares(what: str, some: Sequence[Judged], beside: Sequence[Sequence[Judged]], shipped: float) -> str:
    shares = [_above(some, _threshold(others, chance)) for others in beside for chance in CHANCES]
    shares.append(sum(one.score >= shipped for one in some) / len(some) if some else None)
    shown = "  ".join("      -" if share is None else f"{share:7.3f}" for share in shares)
    return f"{what[:34]:34}  {len(some):5}  {shown}"


def _threshold(judged: Sequence[Judged], chance: float) -> float | None:
    """Return the score that `chance` of the ordinary texts exceed; None where there are too few."""
    scores = sorted((one.score for one in judged if not one.line.is_attack), reverse=True)
    return scores[int(chance * len(scores))] if len(scores) >= ENOUGH else None


def _above(judged: Sequence[Judged], threshold: float | None) -> float | None:
    if threshold is None or not judged:
        return None
    return sum(one.score > threshold for one in judged) / len(judged)


def _lines(file: Path) -> Iterator[Line]:
    for number, row in enumerate(labelled.read(file, ("source", "surface", "label", "text")), 1):
        if row["label"] not in LABELS or not isinstance(row["text"], str):
            raise SystemExit(f"{file}, line {number}: expected `label` to be attack or benign, and `text` a string")
        yield Line(str(row["source"]), row["surface"] == "user", row["label"] == "attack", row["text"])


def _limited(lines: Sequence[Line], limit: int) -> list[Line]:
    """Return at most `limit` of each source and label, evenly over the files; all where `limit` is 0."""
    alike: defaultdict[tuple[str, bool, bool], list[Line]] = defaultdict(list)
    for line in lines:
        alike[line.source, line.is_request, line.is_attack].append(line)
    return [
        some[i] for some in alike.values() for i in range(0, len(some), max(1, -(-len(some) // (limit or len(some)))))
    ]


async def _held(inspector: Inspector, text: str, rounds: int) -> list[float]:
    """Return for each round the longest work, in microseconds of this thread's, before somebody else gets a turn."""
    holds = []
    for _ in range(max(QUICK, rounds * SIZES[0] // len(text))):
        asked = asyncio.ensure_future(inspector.inspect([text], Reader.DATA))
        longest, before = 0.0, time.thread_time()
        while not asked.done():
            await asyncio.sleep(0)
            now = time.thread_time()
            longest, before = max(longest, now - before), now
        holds.append(longest * 1e6)
    return holds


async def _searched(text: str) -> object:
    return re.search("parcel", text)


def _filling(size: int) -> str:
    lines = [sentence.format(n=n) for n in range(size // 60 + 1) for sentence in SENTENCES]
    return "\n\n".join(lines)[:size]


if __name__ == "__main__":
    main()
