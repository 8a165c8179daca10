"""What finding personal data costs, and what is found: the worker beside Presidio's AnalyzerEngine as it comes.

Both have the same spaCy model, the same kinds and the same texts, each text once, so that nothing is answered
from memory, but for the conversations, where that is the question. The worker's time includes the way to its
process and back; Presidio runs in this process, without one. Presidio gets its list of public suffixes from the
disk, too: as it comes, it asks the network for it. Then comes what everyone pays where the policy names no kind for
a boundary, what a megabyte does to those who have no text, and, for files of labelled texts, what is found in them.

A file of labelled texts (`.jsonl`, also `.jsonl.gz`) has one JSON object a line, with `text` and `spans`; a span has
`start`, `end` (offsets in characters) and `label`: a kind of ours or of Presidio's, or what data sets call it
(`benchmarks/contents/quality.py` has the list). What is labelled as something else is left out. A file whose lines
are `{source, surface, label, text}`, with the label `attack` or `benign`, is one of injections: it is given to the
judges of `benchmarks/injection.py`.

--secrets FILE prints what is left of secrets, ours beside detect-secrets where that is installed; texts to begin
with are printed by `benchmarks/contents/secret_texts.py 2000`. With files alone (--only) nothing is timed.
"""

import asyncio
from pathlib import Path

from contents import labelled
from contents.load import load
from contents.quality import KINDS, quality
from contents.secrets import compare
from contents.speed import FORMS, NAMES, QUICK, QUICK_TURNS, SIZES, THRESHOLD, TURNS, history, presidio, speed
from injection import judge_files
from measure import Row, options, report, rows, side_by_side

from sidecar.checks.personal_data import PersonalData
from sidecar.content.detection import NoDetector, Wanted
from sidecar.content.operators import leftovers
from sidecar.content.worker.detector import WorkerDetector
from sidecar.model.crossing import Boundary, Crossing
from sidecar.policy.privacy import Privacy

QUICK_TEXTS = 20  # of a file of labelled texts


async def without_kinds(rounds: int) -> list[Row]:
    """Measure the check where the policy asks for nothing, beside a call of nothing at all."""
    check = PersonalData(NoDetector(), Privacy(), leftovers((), {}), b"")
    crossing = Crossing(boundary=Boundary.TOOL_CALL, session_id="s", at=0.0, body={"path": "a.txt"}, is_json=True)

    async def nothing() -> None:
        """Be awaited."""

    times = await side_by_side({"nothing": nothing, "no kind asked for": lambda: check(crossing)}, rounds)
    return rows(times, "nothing")


async def started(kinds: tuple[str, ...]) -> WorkerDetector:
    """Return a worker that is warm."""
    detector = WorkerDetector(Wanted(thresholds=dict.fromkeys(kinds, THRESHOLD)), deadline_s=60)
    await detector.start()
    return detector


async def times(*, quick: bool) -> list[Row]:
    """Return all rows of times."""
    engine = presidio()
    measured: list[Row] = []
    for what, kinds in (("forms", FORMS), ("forms and names", FORMS + NAMES)):
        detector = await started(kinds)
        measured += await speed(what, detector, engine, kinds, QUICK if quick else SIZES)
        await detector.stop()
    detector = await started(FORMS + NAMES)
    measured += await history(detector, engine, FORMS + NAMES, QUICK_TURNS if quick else TURNS)
    await detector.stop()
    return measured + await without_kinds(100 if quick else 10_000)


async def findings(files: list[Path], *, quick: bool) -> None:
    """Print what is found in each of `files`."""
    engine, detector = presidio(), await started(tuple(KINDS))
    for path in files:
        await quality(path, detector, engine, QUICK_TEXTS if quick else None)
    await detector.stop()


def is_of_injections(path: Path) -> bool:
    """Whether the lines of a file are texts that are attacks or not, and have no spans."""
    return "surface" in labelled.first(path)


def main() -> None:
    """Measure and report."""
    more = {
        "--secrets": "texts with secrets: one JSON object a line, with `text` and `spans`",
        "--only": "labelled texts, as FILE; nothing is timed",
    }
    chosen = options(__doc__ or "", "labelled texts: one JSON object a line, with `text` and `spans`", more)
    if not (chosen.only or (chosen.secrets and not chosen.files)):
        measured = asyncio.run(times(quick=chosen.quick)) + load(quick=chosen.quick)
        report(measured, "benchmarks/content.py", chosen.json)
    files = [*chosen.files, *chosen.only]
    injections = [path for path in files if is_of_injections(path)]
    if others := [path for path in files if path not in injections]:
        asyncio.run(findings(others, quick=chosen.quick))
    if injections:
        judge_files(injections, QUICK_TEXTS if chosen.quick else 0)
    for path in chosen.secrets:
        compare(path, QUICK_TEXTS if chosen.quick else None)


if __name__ == "__main__":
    main()
