"""`sidecar autonomy`: what agents may do alone, and a level given by hand. Speaks to the control socket."""

import json
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from sidecar.cli.control import TIMEOUT_SECONDS, control, identified
from sidecar.cli.options import Address, Config, Lines, Operator, Words
from sidecar.cli.screen import moment, screen
from sidecar.errors import ConfigError
from sidecar.model.scope import HIGHEST_AUTONOMY
from sidecar.v1 import sidecar_pb2 as pb

ALL: Final = "*"  # that one first delegate has below it
LEVELS: Final = {str(level): f"level {level}" for level in range(HIGHEST_AUTONOMY + 1)}

Task = Annotated[str | None, typer.Option("--task-type", help="Of this type of task; empty: of sessions without one.")]
Level = Annotated[
    int,
    typer.Argument(
        help="0 (each call needs approval) to 4.",
        min=0,
        max=HIGHEST_AUTONOMY,
        autocompletion=lambda: list(LEVELS.items()),
    ),
]

Under = Annotated[
    list[str] | None,
    typer.Option(help="Who has named this sub-agent, where no issuer did; once for each, the first delegate first."),
]

app = typer.Typer(help="See what agents may do alone, and move one by hand.", no_args_is_help=True)


@app.command()
def show(
    agent: Annotated[str, typer.Argument(help="One agent, by the name that its tokens give it.")] = "",
    task_type: Task = None,
    address: Address = "",
    config: Config = None,
    *,
    as_lines: Lines = False,
) -> None:
    """Show the level of each agent for each type of task, and what it is counted by."""
    with control(address, config) as stub:
        request = pb.ListAutonomyRequest(agent=agent, task_type=task_type)
        found = stub.ListAutonomy(request, timeout=TIMEOUT_SECONDS).standings
    if as_lines:
        for one in found:
            typer.echo(json.dumps(_told(one)))
    elif found:
        table = Table("agent", "task type", "level", "since", "clean", "denied", "failed", "issuer")
        for one in found:
            since = moment(one.since.seconds)
            names, counts = (_named(one), one.task_type), (one.clean, one.denied, one.failed)
            table.add_row(*map(escape, names), str(one.level), since, *map(str, counts), escape(one.issuer))
        screen().print(table)
    elif not agent:
        typer.echo("no agent has worked yet: levels are earned where a pack has autonomy.yaml")
    if agent and not found:
        typer.echo("error: nothing is known of this agent: it has the level that `start` says", err=True)
        raise typer.Exit(1)


@app.command("set")
def set_(
    agent: Annotated[str, typer.Argument(help="By the name that its tokens give it; `*`: all --under the first one.")],
    level: Level,
    task_type: Annotated[str, typer.Option(help="The type of task; empty: sessions without one.")] = "",
    issuer: Annotated[str, typer.Option(help="Whose agent it is, where several issuers may be meant.")] = "",
    under: Under = None,
    reason: Words = "",
    *,
    address: Address = "",
    config: Config = None,
    token_file: Operator = None,
    as_lines: Lines = False,
) -> None:
    """Move an agent to a level: a lower one holds at once, a higher one for sessions opened from now on."""
    if agent == ALL and not under:
        raise ConfigError(["`*` is all below one first delegate: name that with --under, or each agent by its name"])
    request = pb.SetAutonomyRequest(
        agent="" if under and agent == ALL else agent,
        level=level,
        task_type=task_type,
        issuer=issuer,
        reason=reason,
        above=under or (),
    )
    who = identified(address, config, token_file)
    with control(address, config) as stub:
        if not stub.ListAutonomy(pb.ListAutonomyRequest(agent=agent), timeout=TIMEOUT_SECONDS).standings:
            typer.echo("note: nothing was known of an agent of this name before", err=True)
        done = stub.SetAutonomy(request, timeout=TIMEOUT_SECONDS, metadata=who)
    typer.echo(json.dumps(_told(done)) if as_lines else f"{_named(done)}: level {done.level}")


def _named(one: pb.Autonomy) -> str:
    return " > ".join((*one.above, one.agent or ALL))


def _told(one: pb.Autonomy) -> dict[str, object]:
    return {
        "issuer": one.issuer,
        "agent": one.agent,
        "above": list(one.above),
        "task_type": one.task_type,
        "level": one.level,
        "since": one.since.seconds,
        "clean": one.clean,
        "denied": one.denied,
        "failed": one.failed,
    }
