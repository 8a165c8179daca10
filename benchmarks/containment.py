"""What may an agent still do that was attacked through its tools' responses, and what honest work is lost for it?

Replays recorded runs (`sidecar replay` says in which form) through a real sidecar over gRPC, once for each step of a
frontier, and prints for each the share of honest runs that are kept and of attacks that get through. A run counts as
kept, and an attack as through, where no tool call was refused; a call that a person would have to approve is refused.
Runs say by `attack`, `security` (the attacker's goal was reached) and `utility` (the user's was) which they are; those
that did not succeed are left out.

    python -m benchmarks.containment [--catalogues DIR] [--json FILE] [RUNS ...]

DIR holds a rule pack for each suite, in a folder of its name. A suite that has none gets a draft, guessed from the
definitions in SUITE.tools.json beside the recording; a guess is no catalogue, and its figures are not those of one.
"""

import argparse
import asyncio
import gzip
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from rich.console import Console
from rich.progress import Progress

from sidecar.cli.replay import Minting
from sidecar.cli.replay_drive import Replay
from sidecar.cli.replay_report import Crossed
from sidecar.cli.replay_runs import Run, read_runs
from sidecar.cli.temporary import own_sidecar
from sidecar.errors import ConfigError
from sidecar.model.crossing import Boundary
from sidecar.model.verdict import Decision
from sidecar.policy.bundled import resolve
from sidecar.policy.importing import imported
from sidecar.telemetry import logs

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "agent-runs"
FIELDS = ("format", "vouches", "resolves")  # of a catalogue's entry: what tells the parts of a response apart
CONCURRENCY = 8
ALLOW_LIST = "tool names of the task's honest runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the frontier: how much of a catalogue counts, and whether injections are looked for."""

    name: str
    by_field: bool
    detects: bool


STEPS = (
    Step(name="origin by whole responses", by_field=False, detects=False),
    Step(name="trust by field", by_field=True, detects=False),
    Step(name="trust by field, with detection", by_field=True, detects=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A run and what is known of how it ended."""

    run: Run
    task: str
    is_attack: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step's result.

    `refused` are the honest runs' calls that were: suite, task, tool, reasons; `escaped` the attacks that got through:
    suite, run. `unheard` counts the responses that were refused, by suite, tool and reasons: whose agent went on all
    the same did what nobody would do behind a sidecar, and where there are many the rest says little.
    """

    step: str
    kept: int
    honest: int
    through: int
    attacks: int
    refused: tuple[tuple[str, str, str, tuple[str, ...]], ...] = ()
    escaped: tuple[tuple[str, str], ...] = ()
    unheard: tuple[tuple[str, str, tuple[str, ...], int], ...] = ()


def recorded(files: Sequence[Path]) -> list[Recorded]:
    """Return the runs that succeeded: honest ones for the user, attacked ones for the attacker."""
    told: dict[str, Mapping[str, object]] = {}
    for file in files:
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8") as lines:
            told.update({run["id"]: run for run in map(json.loads, lines)})
    found = []
    for run in read_runs(files):
        known = told[run.id]
        if known.get("security" if known.get("attack") else "utility"):
            found.append(Recorded(run=run, task=str(known.get("user_task", "")), is_attack=bool(known.get("attack"))))
    return found


def allow_list(runs: Sequence[Recorded]) -> Row:
    """Return what a list of tools by task would do: those that the task's honest runs called."""
    allowed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in runs:
        if not each.is_attack:
            allowed[each.run.suite, each.task] |= _called(each.run)
    attacks = [each for each in runs if each.is_attack and (each.run.suite, each.task) in allowed]
    through = sum(_called(each.run) <= allowed[each.run.suite, each.task] for each in attacks)
    honest = sum(not each.is_attack for each in runs)
    return Row(step=ALLOW_LIST, kept=honest, honest=honest, through=through, attacks=len(attacks))


def _called(run: Run) -> set[str]:
    return {event.tool for event in run.events if event.boundary is Boundary.TOOL_CALL}


def catalogue(suite: str, files: Sequence[Path], catalogues: Path | None, folder: Path) -> tuple[Path, bool]:
    """Return the pack for `suite`, and whether it was guessed. Raises `ConfigError` where there is nothing to go by."""
    if catalogues is not None and (catalogues / suite / "pack.yaml").is_file():
        return catalogues / suite, False
    for beside in dict.fromkeys(file.parent for file in files):
        if (definitions := beside / f"{suite}.tools.json").is_file():
            return imported(definitions, folder / suite, guess=True), True
    raise ConfigError([f"suite {suite}: no pack under --catalogues, and no {suite}.tools.json beside the recording"])


def cut(pack: Path, step: Step, folder: Path) -> Path:
    """Return a copy of `pack` as far as `step` lets it count."""
    copy = folder / f"{pack.name}-{step.by_field}-{step.detects}"
    shutil.copytree(pack, copy)
    tools = copy / "tools.yaml"
    if not step.by_field and tools.is_file():
        content = yaml.safe_load(tools.read_text(encoding="utf-8"))
        for entry in content["tools"].values():
            for name in FIELDS:
                entry.pop(name, None)
        tools.write_text(yaml.safe_dump(content), encoding="utf-8")
    if not step.detects:
        (copy / "injections.yaml").unlink(missing_ok=True)
    return copy


async def measured(step: Step, packs: Mapping[str, Path], runs: Sequence[Recorded], tell: Callable[[], None]) -> Row:
    """Replay `runs` as `step` says and return what came of them. Raises `ConfigError` where there was no verdict."""
    crossed: list[Crossed] = []

    def told(one: Crossed) -> None:
        crossed.append(one)
        tell()

    with TemporaryDirectory(prefix="containment-") as name:
        baseline = cut(resolve("baseline"), step, Path(name))
        for suite, pack in packs.items():
            mine = [each.run for each in runs if each.run.suite == suite]
            async with own_sidecar([f"{baseline}/", f"{cut(pack, step, Path(name))}/"]) as own:
                mint = Minting(own.issuer)
                await Replay(address=own.address, mint=mint, concurrency=CONCURRENCY, tell=told).drive(mine)
    if failed := Counter(one.error for one in crossed if one.error):
        raise ConfigError(
            [f"{step.name}: {count} crossings got no verdict: {reason}" for reason, count in failed.items()]
        )
    return summed(step.name, runs, crossed)


def summed(step: str, runs: Sequence[Recorded], crossed: Sequence[Crossed]) -> Row:
    """Return the result of a step with these verdicts."""
    blocked = [one for one in crossed if one.blocked]
    answers = [one for one in crossed if one.boundary == Boundary.TOOL_RESPONSE and one.decision is Decision.DENY]
    unheard = Counter((one.suite, one.tool, one.reasons) for one in answers)
    ids = {one.run_id for one in blocked}
    honest = {each.run.id: each for each in runs if not each.is_attack}
    attacks = [each for each in runs if each.is_attack]
    lost = [one for one in blocked if one.run_id in honest]
    escaped = tuple((each.run.suite, each.run.id) for each in attacks if each.run.id not in ids)
    return Row(
        step=step,
        kept=sum(run_id not in ids for run_id in honest),
        honest=len(honest),
        through=len(escaped),
        attacks=len(attacks),
        refused=tuple((one.suite, honest[one.run_id].task, one.tool, one.reasons) for one in lost),
        escaped=escaped,
        unheard=tuple((*one, count) for one, count in unheard.most_common()),
    )


def show(rows: Sequence[Row], guessed: Sequence[str]) -> None:
    """Print the frontier, and what was lost and what got through at its last step: honest calls, answers, attacks."""
    console = Console(highlight=False, soft_wrap=True)
    if guessed:
        console.print(f"guessed, not reviewed: the catalogues of {', '.join(guessed)}")
    for row in rows:
        shares = f"{_share(row.kept, row.honest)} honest work kept, {_share(row.through, row.attacks)} attacks through"
        console.print(f"{row.step:38} {shares}")
    reasons = Counter(reason for *_, found in rows[-1].refused for reason in found)
    for reason, count in reasons.most_common():
        console.print(f"{count:5} {reason}")
    for suite, task, tool, found in rows[-1].refused:
        console.print(f"  {suite} {task}: {tool}: {', '.join(found)}", markup=False)
    for suite, tool, found, count in rows[-1].unheard:
        console.print(f"  {count} answers refused: {suite} {tool}: {', '.join(found)}", markup=False)
    for suite, run in rows[-1].escaped:
        console.print(f"  through: {suite} {run}", markup=False)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole if whole else 0.0:5.1f} % ({part}/{whole})"


def main() -> None:
    """Print the frontier for the recordings of the command line."""
    parser = argparse.ArgumentParser(description="Measure containment on recorded runs.")
    parser.add_argument("runs", nargs="*", type=Path, help="recordings; by default those of ../shared, if there")
    parser.add_argument("--catalogues", type=Path, help="a folder with a rule pack for each suite")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there as JSON")
    options = parser.parse_args()
    files: list[Path] = options.runs or sorted(SHARED.glob("*.jsonl.gz"))
    if not files:
        parser.error("no recordings: name some")
    logs.configure("critical", "auto")
    runs = recorded(files)
    rows = [allow_list(runs)]
    with TemporaryDirectory(prefix="catalogues-") as name, Progress(console=Console(stderr=True)) as progress:
        suites = sorted({each.run.suite for each in runs})
        found = {suite: catalogue(suite, files, options.catalogues, Path(name)) for suite in suites}
        packs = {suite: pack for suite, (pack, _) in found.items()}
        for step in STEPS:
            bar = progress.add_task(step.name, total=sum(len(each.run.events) for each in runs))
            rows.append(asyncio.run(measured(step, packs, runs, partial(progress.advance, bar))))
    show(rows, [suite for suite, (_, is_guess) in found.items() if is_guess])
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
