"""A command line, and how it ends: 0 as it should be, 1 something was found, 2 it could not be done."""

import sys

import typer

from sidecar.errors import ConfigError, SidecarError


def command_line() -> typer.Typer:
    """Return a command line without commands."""
    return typer.Typer(
        name="sidecar",
        help="Judges everything that crosses an AI agent's trust boundaries.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # a traceback with local values would show payload
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def run(app: typer.Typer) -> None:
    """Run `app`; problems that a user can mend are told line by line, without a traceback."""
    try:
        app()
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        sys.exit(2)
    except SidecarError as error:
        typer.echo(f"error: {error.reason}: {error}", err=True)
        sys.exit(2)
