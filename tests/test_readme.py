"""The README's examples run as they stand there, and what it names is there."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sidecar.cli.root import app
from sidecar.cli.serve_trial import trial_folder
from sidecar.client import ApprovalRequired, Json, Sidecar
from sidecar.config import IssuerSettings, Settings, load_settings
from tests.running import START_SECONDS, Served

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
REFUND: dict[str, Json] = {"order_id": "A-1", "amount": 250, "currency": "EUR", "reason": "late"}
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, holding: str) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return next(text for text in blocks if holding in text)


def test_the_example_runs_as_it_stands_in_the_readme(tmp_path: Path) -> None:
    settings = trial_folder(tmp_path / "run")
    mint = block("sh", "tokens mint").replace(".venv/bin/sidecar", f"{sys.executable} -m sidecar")
    served = Served(settings)
    try:
        served.ready()
        subprocess.run(mint, shell=True, cwd=tmp_path, env=ENVIRONMENT, check=True, timeout=START_SECONDS)  # noqa: S602 - our README
        ran = subprocess.run(
            [sys.executable, "-c", block("python", "sidecar.client")],
            cwd=tmp_path,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
    finally:
        served.stop()

    assert ran.returncode == 0, ran.stderr
    assert "the tool may be called with {'query': 'where is my parcel'}" in ran.stdout
    assert "refused: " in ran.stdout
    assert "tool_not_granted" in ran.stdout


def test_a_tool_is_called_as_the_readme_shows_with_a_persons_consent(tmp_path: Path) -> None:
    settings = trial_folder(tmp_path / "run")
    ann, eve = mints("--user ann --agent support --tools search_orders,refund"), mints("--user eve")
    approve = block("sh", "--token-file").splitlines()[-1].replace(".venv/bin/sidecar", f"{sys.executable} -m sidecar")
    served = Served(settings)
    names: dict[str, object] = {}
    exec(block("python", "def call_tool"), names)  # noqa: S102 - our README
    call_tool = names["call_tool"]
    assert callable(call_tool)
    try:
        served.ready()
        for name, command in (("token", ann), ("eve", eve)):
            subprocess.run(f"{command} > run/{name}", shell=True, cwd=tmp_path, env=ENVIRONMENT, check=True)  # noqa: S602 - our README
        token = (tmp_path / "run" / "token").read_text().strip()
        with Sidecar(f"unix:{tmp_path / 'run' / 'guard.sock'}") as sidecar, sidecar.session(token) as session:

            def refund(**arguments: object) -> str:
                return f"paid {arguments['amount']}"

            def search_orders(**_arguments: object) -> str:
                raise ConnectionError

            tools = {"refund": refund, "search_orders": search_orders}
            with pytest.raises(ConnectionError):
                call_tool(session, tools, "search_orders", {"query": "A-1"}, "c1")
            with pytest.raises(ApprovalRequired) as asked:
                session.tool_call("refund", REFUND)
            command = approve.replace("apr_0123456789abcdef01", asked.value.approval_id)
            subprocess.run(command, shell=True, cwd=tmp_path, env=ENVIRONMENT, check=True)  # noqa: S602 - our README
            paid = call_tool(session, tools, "refund", REFUND, "c2")
    finally:
        served.stop()

    assert paid == "paid 250"


def mints(words: str) -> str:
    return f"{sys.executable} -m sidecar tokens mint --key run/issuer.key.json {words}"


def test_the_settings_are_those_in_the_readme(tmp_path: Path) -> None:
    shown = block("toml", "[server]")
    (tmp_path / "sidecar.toml").write_text(shown, encoding="utf-8")
    defaults = Settings()

    named = {table: set(keys) for table, keys in tomllib.loads(shown).items()}
    assert named == {table: set(keys) for table, keys in defaults.model_dump().items()}
    assert load_settings(tmp_path / "sidecar.toml", environment={}) == defaults


def test_an_issuers_settings_are_those_in_the_readme() -> None:
    (shown,) = tomllib.loads(block("toml", "[[identity.issuers]]"))["identity"]["issuers"]
    least = {key: shown[key] for key in ("name", "issuer", "keys")}

    assert IssuerSettings(**least).model_dump(mode="json", exclude={"token_use", "introspection"}) == shown


PAGES = [
    ROOT / name
    for name in ("README.md", "sidecar/identity/README.md", "deploy/README.md", "SECURITY.md", "rules/README.md")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_shown_has_these_options(page: Path) -> None:
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    lines = [line.partition("#")[0] for text in blocks for line in text.replace("\\\n", "").splitlines()]
    commands = [line.partition("sidecar ")[2].split() for line in lines if re.match(r"(\S*/)?sidecar ", line)]
    wrong = [" ".join(words) for words in commands if not knows(words)]

    assert commands or page.name == "SECURITY.md"
    assert not wrong


def knows(words: list[str]) -> bool:
    """Whether the command line has this command, with these options."""
    options = [word for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word)]
    named = words[: words.index(options[0])] if options else words
    told = CliRunner(env={"COLUMNS": "300"}).invoke(app, [*named, "--help"])
    return told.exit_code == 0 and all(re.search(rf"(?<!\S){option}(?!\S)", told.stdout) for option in options)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_linked_is_there(page: Path) -> None:
    linked = re.findall(r"\]\((?!https?:)([\w./-]+)[#)]", page.read_text("utf-8"))

    assert [name for name in linked if not (page.parent / name).exists()] == []
