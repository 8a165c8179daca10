"""What rules/README.md shows is a pack: it loads, and its cases hold."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sidecar.cli.rules import app

PAGE = (Path(__file__).parent.parent / "rules" / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```(?:yaml|json)\n(?:#|//) (\S+\.(?:yaml|json))\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return a folder with each file as it is shown."""
    for name, text in SHOWN:
        path = tmp_path / "acme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "acme"


def test_every_file_that_a_pack_may_have_is_shown() -> None:
    named = re.findall(r"^\| (.*?) \|", PAGE[PAGE.index("| file |") :].partition("\n\n")[0], re.MULTILINE)
    kinds = {name for cell in named for name in re.findall(r"`([\w/*.]+)`", cell)}

    assert kinds == {re.sub(r"^(schemas|tests)/\w+", r"\1/*", name) for name, _ in SHOWN}


def test_what_is_shown_loads_without_a_problem(pack: Path) -> None:
    result = CliRunner().invoke(app, ["lint", "baseline", str(pack)])

    assert result.exit_code == 0, result.output


def test_the_cases_that_are_shown_hold(pack: Path) -> None:
    result = CliRunner().invoke(app, ["test", str(pack), "--with", "baseline"])

    assert result.exit_code == 0, result.output
    assert "2 held, 0 did not" in result.output
