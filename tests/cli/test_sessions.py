"""`sidecar sessions` and `sidecar tokens revoke`, against a sidecar that serves."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.root import app
from sidecar.errors import ConfigError, UnavailableError
from tests.running import Running, running


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as it:
        yield it


async def ran(sidecar: Running, *arguments: str) -> Result:
    """Run a command in a thread: it waits for the sidecar that this loop serves."""
    address = f"unix:{sidecar.settings.server.control_socket}"
    invoke = CliRunner(env={"COLUMNS": ""}).invoke  # pytest sets it
    return await asyncio.to_thread(invoke, app, [*arguments, "--address", address])


async def listed(sidecar: Running) -> list[dict[str, object]]:
    result = await ran(sidecar, "sessions", "list", "--json")
    assert result.exit_code == 0
    return [json.loads(line) for line in result.output.splitlines()]


async def test_open_sessions_are_listed_without_their_secret(sidecar: Running) -> None:
    handle = await sidecar.session()

    (one,) = await listed(sidecar)
    table = await ran(sidecar, "sessions", "list")

    assert (one["session"], one["subject"], one["tools"]) == (handle.partition(".")[0], "user", ["echo", "lookup"])
    assert handle not in table.output
    assert table.exit_code == 0


async def test_what_is_cut_short_on_a_terminal_is_whole_in_a_file(sidecar: Running) -> None:
    assert (await ran(sidecar, "sessions", "list")).output == "no session is open\n"

    await sidecar.session()
    (one,) = await listed(sidecar)
    table = (await ran(sidecar, "sessions", "list")).output

    assert (await ran(sidecar, "approvals", "list")).output.startswith("nobody is asked for anything")
    assert "\N{HORIZONTAL ELLIPSIS}" not in table
    assert datetime.fromtimestamp(int(str(one["expires_at"])), UTC).strftime("%H:%M:%SZ") in table


async def test_a_session_is_cut_off(sidecar: Running) -> None:
    first, _ = await sidecar.session(), await sidecar.session()

    result = await ran(sidecar, "sessions", "revoke", first.partition(".")[0], "--reason", "lost")

    assert (result.exit_code, result.output[:27]) == (0, "revoked; sessions closed: 1")
    assert len(await listed(sidecar)) == 1


async def test_what_was_cut_off_and_decided_is_told_to_programs_too(sidecar: Running) -> None:
    first = await sidecar.session()
    by_id = await ran(sidecar, "sessions", "revoke", first.partition(".")[0], "--json")
    by_name = await ran(sidecar, "tokens", "revoke", "--subject", "nobody", "--json")
    health = await ran(sidecar, "health", "--json")

    told = [json.loads(one.output) for one in (by_id, by_name)]
    assert [one["sessions_closed"] for one in told] == [1, 0]
    assert len({one["record"] for one in told}) == 2
    assert (health.exit_code, json.loads(health.output)) == (0, {"serving": True, "problem": "", "out": []})


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        pytest.param(["--subject", "user"], 0, id="a subject"),
        pytest.param(["--agent", "agent"], 0, id="an agent"),
        pytest.param(["--token-id", "another"], 1, id="a token that nobody has shown"),
    ],
)
async def test_what_is_revoked_by_name_is_over(sidecar: Running, arguments: list[str], left: int) -> None:
    await sidecar.session()

    result = await ran(sidecar, "tokens", "revoke", *arguments)

    assert result.exit_code == 0
    assert len(await listed(sidecar)) == left


@pytest.mark.parametrize("arguments", [[], ["--subject", "a", "--agent", "b"]])
async def test_one_thing_is_revoked_at_a_time(sidecar: Running, arguments: list[str]) -> None:
    result = await ran(sidecar, "tokens", "revoke", *arguments)

    assert isinstance(result.exception, ConfigError)


async def test_what_the_sidecar_answers_is_told(sidecar: Running) -> None:
    result = await ran(sidecar, "sessions", "revoke", "ses_none")

    assert isinstance(result.exception, UnavailableError)
    assert "no open session has this id" in str(result.exception)


def test_a_sidecar_that_does_not_run_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["sessions", "list", "--address", f"unix:{tmp_path}/none.sock"])

    assert isinstance(result.exception, UnavailableError)
    assert "is the sidecar running" in str(result.exception)
