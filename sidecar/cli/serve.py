"""`sidecar serve`: run until SIGTERM. SIGHUP reloads the rule packs."""

import asyncio
import gc
import signal
from pathlib import Path
from typing import Annotated

import typer

from sidecar.app import Sidecar, look_for_models
from sidecar.cli.options import Config
from sidecar.cli.running import command_line, run
from sidecar.config import Settings, load_settings
from sidecar.telemetry import logs
from sidecar.unreadable import become_unreadable


def serve(
    config: Config = None,
    trial: Annotated[
        Path | None,
        typer.Option("--trial", help="Make a folder with an issuer, keys and settings, once, and serve from it."),
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Check settings and rule packs, and exit.")] = False,
) -> None:
    """Run the sidecar until SIGTERM or Ctrl-C; SIGHUP reloads the rule packs.

    Settings come from the file and, on top, from SIDECAR_ variables: SIDECAR_SERVER__SOCKET is
    `server.socket`. An unknown key is an error.
    """
    become_unreadable()
    settings = load_settings(_trial(trial) if trial else config)
    logs.configure(settings.log.level, settings.log.format)
    if check:
        Sidecar(settings, dry=True)
        look_for_models(settings)
        typer.echo("settings and rule packs are good")
        return
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    sidecar = Sidecar(settings)
    await sidecar.start()
    gc.freeze()  # what was made so far stays: to look for garbage in it would hold up calls, for milliseconds
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    reloads: set[asyncio.Task[bool]] = set()  # the loop itself holds tasks only weakly

    def reload() -> None:
        task = asyncio.ensure_future(sidecar.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    try:
        await stop.wait()
    finally:
        await sidecar.stop()


def _trial(folder: Path) -> Path:
    """Return the settings of the trial in `folder`."""
    from sidecar.cli.serve_trial import trial_folder  # noqa: PLC0415 - only a trial has use for it, and for what it brings

    return trial_folder(folder)


def main() -> None:
    """Run the command line of who serves: this command alone, so that no other is in memory."""
    app = command_line()
    app.callback()(lambda: None)  # with one command and no callback its name would be no argument
    app.command("serve")(serve)
    run(app)
