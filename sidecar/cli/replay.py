"""`sidecar replay`: recorded agent runs, judged as if they happened now."""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, time
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sidecar.cli.replay_drive import Replay, Tell
from sidecar.cli.replay_report import Crossed, as_json
from sidecar.cli.replay_runs import Run, read_runs
from sidecar.cli.replay_table import show
from sidecar.cli.temporary import own_sidecar
from sidecar.errors import ConfigError, EvidenceError
from sidecar.identity.issuers.keyfile import read
from sidecar.identity.trial import TrialIssuer
from sidecar.model.scope import MAX_TOOLS
from sidecar.model.strict_json import Json, parse
from sidecar.policy.importing import imported
from sidecar.telemetry import logs

DEFAULT_CONCURRENCY: Final = 16
MAX_CONCURRENCY: Final = 200  # below the calls that a sidecar takes at once
BASELINE: Final = "baseline"
NO_TOOL: Final = "none"  # a session is for at least one tool; a run that calls none gets this name


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to replay, and against what. `catalogues` are lists of tools by suite."""

    runs: Sequence[Run]
    packs: Sequence[str] = ()
    catalogues: Mapping[str, Path] = field(default_factory=dict)
    address: str = ""
    issuer: TrialIssuer | None = None
    concurrency: int = DEFAULT_CONCURRENCY


def replay(
    files: Annotated[list[Path], typer.Argument(help="Recordings: JSON Lines, plain or gzip.", show_default=False)],
    *,
    pack: Annotated[
        list[str] | None, typer.Option("--pack", "-p", help="A rule pack beside `baseline`; repeat for more.")
    ] = None,
    tools: Annotated[
        list[Path] | None,
        typer.Option(help="A list of tool definitions. Up to its first dot the file's name is the suite it is for."),
    ] = None,
    address: Annotated[
        str, typer.Option(help="A running sidecar, as unix:PATH; needs --key. Without it one is started.")
    ] = "",
    key: Annotated[
        Path | None, typer.Option(help="The file of an issuer that the sidecar at --address trusts: issuer.key.json.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=MAX_CONCURRENCY, help="Runs at once.")] = DEFAULT_CONCURRENCY,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many runs.")] = None,
    report: Annotated[str, typer.Option("--json", help="Write the report as JSON to a file, or to - .")] = "",
    by_run: Annotated[bool, typer.Option("--by-run", help="Show a line for each run, too.")] = False,
) -> None:
    """Replay recorded agent runs over gRPC, many at once, and report what the rule packs make of them.

    A recording cannot react: after a denial the replay goes on with what was
    recorded. Runs of a suite that --tools gives a catalogue for are judged
    with it, in a sidecar of their own, since two suites may know different
    tools by one name. Exits with 1 when a crossing got no verdict, and with
    2 when a file cannot be read.

    A recording has one run per line:
    {"id": string, "suite": string, "model": string, "events": list}
    Its events, in the order in which they happened:
    {"t": "user", "text": string}                         -> user_input
    {"t": "llm", "text": string}                          -> llm_output
    {"t": "tool_call", "id": string, "name": string,
    "args": object}                                       -> tool_call
    {"t": "tool_result", "id": string, "name": string,
    "text": string, "error": string}                      -> tool_response
    suite, model, the id of a call and error may be left out; error is what
    a failed tool said in place of text. Other members are read over.
    """
    if bool(address) != bool(key):
        raise ConfigError(
            ["--address and --key go together: a running sidecar takes only tokens of issuers that it trusts"]
        )
    logs.configure("error", "auto")
    asked = Asked(
        runs=read_runs(files, limit),
        packs=tuple(pack or ()),
        catalogues=by_suite(tools or ()),
        address=address,
        issuer=read_issuer(key) if key else None,
        concurrency=concurrency,
    )
    crossed, seconds = asyncio.run(_with_progress(asked))
    if report:
        _write(report, json.dumps(as_json(crossed, seconds=seconds), indent=2) + "\n")
    if report != "-":
        show(Console(highlight=False), crossed, seconds=seconds, each_run=by_run)
    raise typer.Exit(1 if any(each.error for each in crossed) else 0)


async def replayed(asked: Asked, tell: Tell) -> float:
    """Replay everything, tell of each crossing, and return how many seconds it took without starting sidecars."""
    seconds = 0.0
    grouped: dict[Path | None, list[Run]] = defaultdict(list)
    for run in asked.runs:
        grouped[asked.catalogues.get(run.suite)].append(run)
    for catalogue, runs in grouped.items():
        async with _judge(asked, catalogue) as (address, issuer):
            began = perf_counter()
            mint = Minting(issuer)
            await Replay(address=address, mint=mint, concurrency=asked.concurrency, tell=tell).drive(runs)
            seconds += perf_counter() - began
    return seconds


@dataclass(frozen=True, slots=True)
class Minting:
    """Makes a fresh token for each run, since a long replay outlives a token.

    It grants the tools that the run calls, so that it is the rule packs that judge.
    """

    issuer: TrialIssuer

    def __call__(self, run: Run) -> Sequence[str]:
        granted = sorted(run.tools)[:MAX_TOOLS] or [NO_TOOL]
        scope: dict[str, Json] = {"tools": {tool: {} for tool in granted}}
        return self.issuer.mint(user="replay", agents=["recorded-agent"], scope=scope, at=time())


@asynccontextmanager
async def _judge(asked: Asked, catalogue: Path | None) -> AsyncIterator[tuple[str, TrialIssuer]]:
    """Yield the address of the sidecar that judges, and an issuer that it trusts."""
    if asked.issuer is not None:
        yield asked.address, asked.issuer
        return
    with TemporaryDirectory(prefix="sidecar-") as folder:
        packs = [BASELINE, *asked.packs]
        if catalogue is not None:
            packs.append(str(imported(catalogue, Path(folder) / "imported")))
        async with own_sidecar(packs) as own:
            yield own.address, own.issuer


async def _with_progress(asked: Asked) -> tuple[list[Crossed], float]:
    """Replay everything under a progress bar; return each crossing, and the seconds that it took."""
    crossed: list[Crossed] = []
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("crossings", total=sum(len(run.events) for run in asked.runs))

        def tell(one: Crossed) -> None:
            crossed.append(one)
            progress.advance(bar)

        seconds = await replayed(asked, tell)
    return crossed, seconds


def read_issuer(path: Path) -> TrialIssuer:
    """Return the issuer of a key file. Raises `ConfigError`."""
    try:
        return TrialIssuer.from_file(parse(read(path).decode()))
    except (EvidenceError, UnicodeDecodeError):
        raise ConfigError([f"--key {path}: not an issuer's file: make one by `sidecar tokens keygen`"]) from None


def _write(target: str, text: str) -> None:
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"--json {target}: {error.strerror}"]) from None


def by_suite(files: Iterable[Path]) -> dict[str, Path]:
    """Return lists of tools by the suite that they are for. Raises `ConfigError` for two of one suite."""
    catalogues: dict[str, Path] = {}
    for file in files:
        suite = file.name.partition(".")[0]
        if suite in catalogues:
            raise ConfigError([f"--tools {file}: `{suite}` already has {catalogues[suite]}"])
        catalogues[suite] = file
    return catalogues
