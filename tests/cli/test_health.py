"""Who is not served is told where nobody answered; what is served is asked over a real socket in tests/server."""

import json
from pathlib import Path

from typer.testing import CliRunner

from sidecar.cli.root import app


def test_where_nobody_answers_is_told(tmp_path: Path) -> None:
    nowhere = f"unix:{tmp_path}/guard.sock"

    told = CliRunner().invoke(app, ["health", "--address", nowhere])
    read = CliRunner().invoke(app, ["health", "--address", nowhere, "--json"])

    assert (told.exit_code, told.stdout, told.stderr) == (1, "", f"not serving: nobody answers at {nowhere}\n")
    assert (read.exit_code, json.loads(read.stdout)["problem"]) == (1, f"nobody answers at {nowhere}")
