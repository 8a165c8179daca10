"""The README's example runs as it stands there."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from sidecar.cli.trial import trial_folder
from sidecar.config import IssuerSettings, Settings, load_settings
from tests.running import START_SECONDS, Served

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, holding: str) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return next(text for text in blocks if holding in text)


def test_the_example_runs_as_it_stands_in_the_readme(tmp_path: Path) -> None:
    settings = trial_folder(tmp_path / "run")
    mint = block("sh", "tokens mint").replace(".venv/bin/sidecar", f"{sys.executable} -m sidecar")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    served = Served(settings)
    try:
        served.ready()
        subprocess.run(mint, shell=True, cwd=tmp_path, env=environment, check=True, timeout=START_SECONDS)  # noqa: S602 - our README
        ran = subprocess.run(
            [sys.executable, "-c", block("python", "sidecar.client")],
            cwd=tmp_path,
            env=environment,
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
