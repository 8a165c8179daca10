"""`sidecar rules`: what a security team does with its packs before they run."""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from sidecar.cli.rules_play import Chosen, Played, as_json, as_junit, choose, play
from sidecar.cli.rules_trial import rules_trial
from sidecar.config import load_settings
from sidecar.content.injection.tools import flaws
from sidecar.errors import ConfigError
from sidecar.model.injection import Kind
from sidecar.model.strict_json import parse
from sidecar.policy.approving import approved
from sidecar.policy.bundled import resolve, resolved
from sidecar.policy.importing import definitions, imported
from sidecar.policy.load import combined, read_packs
from sidecar.policy.packs import LoadedPack
from sidecar.policy.policy import Policy

app = typer.Typer(help="Check, test and import rule packs.", no_args_is_help=True)

Packs = Annotated[
    list[str], typer.Argument(help="Packs that come along, by name, or directories (with a slash).", show_default=False)
]
Under = Annotated[
    list[str] | None,
    typer.Option("--with", help="A pack that holds, too, but whose own cases are not played; repeat for more."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


@app.command()
def lint(packs: Packs, *, json_output: AsJson = False) -> None:
    """Load packs together and list everything that is wrong. Exit code 2 when anything is."""
    problems: list[str] = []
    loaded, policy = _loaded(packs, problems)
    if json_output:
        listed = [{"name": p.name, "version": p.version, "digest": p.digest} for p in policy.packs]
        typer.echo(json.dumps({"problems": problems, "packs": listed, "version": policy.version}, indent=2))
    else:
        for problem in problems:
            typer.echo(problem)
        typer.echo(f"{_many(len(problems), 'problem')} in {_contents(loaded)}", err=bool(problems))
    if problems:
        raise typer.Exit(2)


@app.command(name="test")
def run_cases(
    packs: Packs,
    *,
    under: Under = None,
    word: Annotated[str, typer.Option("-k", help="Only cases with this word in pack, file or note.")] = "",
    junit: Annotated[Path | None, typer.Option(help="Write the report as JUnit's XML, too.")] = None,
    json_output: AsJson = False,
) -> None:
    """Play the cases of packs through a real enforcer under all of them. Exit code 1 when one does not hold.

    Your own packs are best tried by what they are served with: sidecar rules test ./acme --with baseline
    """
    problems: list[str] = []
    loaded, policy = _loaded([*(under or ()), *packs], problems)
    if problems:
        raise ConfigError(problems)
    chosen = choose(loaded[len(under or ()) :], word)
    if not chosen:
        raise ConfigError(["no case was chosen: a pack keeps its cases in tests/*.yaml"])
    played = asyncio.run(_played(policy, chosen))
    if junit is not None:
        _write(junit, as_junit(played))
    if json_output:
        typer.echo(json.dumps(as_json(played), indent=2, ensure_ascii=False))
    else:
        _tell(played)
    if not all(one.held for one in played):
        raise typer.Exit(1)


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="A JSON list of tools, as OpenAI, MCP or Anthropic define them.")],
    *,
    out: Annotated[Path | None, typer.Option(help="The pack's directory; by default one of its name, here.")] = None,
    pack: Annotated[str, typer.Option(help="The pack's name; by default the file's.")] = "",
    guess: Annotated[
        bool, typer.Option("--guess", help="Guess effects, sinks and trust by names: a draft to review.")
    ] = False,
) -> None:
    """Make a rule pack of tool definitions: every effect, irreversible, untrusted, until a person narrows it."""
    directory = out or Path(pack or file.name.partition(".")[0])
    imported(file, directory, name=pack, guess=guess)
    for name, kinds in _speaking(file):
        what = ", ".join(kind.value.replace("_", " ") for kind in kinds)
        typer.echo(f"`{name}` may speak to the model of more than itself ({what}): read its definition", err=True)
    typer.echo(f"wrote {directory}: review `effects`, `reversible` and `trust` in tools.yaml; then: {_try(directory)}")


@app.command()
def approve(
    pack: Annotated[str, typer.Argument(help="A pack's directory (with a slash).")],
    text: Annotated[Path, typer.Argument(help="A file with one system prompt, as it is sent.")],
    *,
    layer: Annotated[str, typer.Option(help="The layer of instructions that it belongs to.")] = "system",
    note: Annotated[str, typer.Option(help="What it is, in words for people.")] = "",
) -> None:
    """Approve a system prompt: add its digest to the pack's instructions.yaml."""
    typer.echo(f"{approved(resolve(pack), text, layer, note)}: approved in the layer `{layer}`")


def _try(directory: Path) -> str:
    """Return the command that checks a pack: a folder is named with a slash."""
    return f"sidecar rules lint {directory if '/' in str(directory) else f'./{directory}'}"


def _speaking(file: Path) -> list[tuple[str, tuple[Kind, ...]]]:
    """Return the tools in `file`, which was imported just now, whose definitions are meant for more than their use."""
    tools = definitions(parse(file.read_text("utf-8")), str(file))
    judged = [(tool.name, flaws([tool.name, tool.description, tool.arguments, tool.result])) for tool in tools]
    return [(name, kinds) for name, kinds in judged if kinds]


def _loaded(names: Sequence[str], problems: list[str]) -> tuple[tuple[LoadedPack, ...], Policy]:
    loaded = read_packs(resolved(names, problems), problems)
    return loaded, combined(loaded, problems)


async def _played(policy: Policy, chosen: Sequence[Chosen]) -> list[Played]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    played: list[Played] = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("cases", total=len(chosen))
        async with rules_trial(policy, load_settings()) as sidecar:
            for each in chosen:
                played.append(await play(each, sidecar, time.time))
                progress.advance(bar)
    return played


def _tell(played: Sequence[Played]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for one in played:
        if one.held:
            continue
        console.print(f"[bold red]FAILED[/] {escape(one.chosen.words)}")
        for line in one.differences:
            style = {"- ": "green", "+ ": "red"}.get(line.lstrip()[:2], "default")
            console.print(f"  {escape(line)}", style=style)
    failed = sum(not one.held for one in played)
    seconds = sum(one.seconds for one in played)
    console.print(f"{len(played) - failed} held, {failed} did not, in {seconds:.2f} s")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None


def _contents(packs: Sequence[LoadedPack]) -> str:
    tools = sum(len(pack.tools.said.tools) for pack in packs if pack.tools)
    rules = sum(len(pack.rules.said.rules) for pack in packs if pack.rules)
    schemas = sum(len(pack.schemas) for pack in packs)
    cases = sum(len(file.cases) for pack in packs for file in pack.cases.values())
    counts = ((len(packs), "pack"), (tools, "tool"), (rules, "rule"), (schemas, "schema"), (cases, "case"))
    return ", ".join(_many(number, word) for number, word in counts)


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
