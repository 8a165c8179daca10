"""`sidecar`: one module per noun. Exit codes: 0 as it should be, 1 something was found, 2 it could not be done."""

from typing import Annotated

import typer

from sidecar import __version__
from sidecar.cli import approvals, audit, autonomy, keys, rules, sessions, tokens
from sidecar.cli.demo import demo
from sidecar.cli.health import health
from sidecar.cli.replay import replay
from sidecar.cli.running import command_line, run
from sidecar.cli.serve import serve
from sidecar.cli.tokens_exchange import delegate, exchange
from sidecar.cli.tokens_redeem import redeem
from sidecar.cli.tokens_revoke import revoke

app = command_line()
app.command("serve")(serve)
app.command("demo")(demo)
app.command("health")(health)
app.command("replay")(replay)
app.add_typer(rules.app, name="rules")
app.add_typer(audit.app, name="audit")
for command in (delegate, exchange, redeem, revoke):
    tokens.app.command()(command)
app.add_typer(tokens.app, name="tokens")
app.add_typer(keys.app, name="keys")
app.add_typer(sessions.app, name="sessions")
app.add_typer(approvals.app, name="approvals")
app.add_typer(autonomy.app, name="autonomy")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Judges everything that crosses an AI agent's trust boundaries."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def main() -> None:
    """Run the command line."""
    run(app)
