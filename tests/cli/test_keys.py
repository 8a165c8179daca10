"""`sidecar keys`: what is trusted, by the record of the sidecar and by a fetch."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.keys import app
from sidecar.cli.tokens import app as tokens_app
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from tests.running import minted, written
from tests.trust.loopback import Page, Server, served

TRIAL, NEW = TrialIssuer.generate(), TrialIssuer.generate()
ID, NEW_ID = TRIAL.key.public.thumbprint, NEW.key.public.thumbprint


@pytest.fixture
def server() -> Iterator[Server]:
    with served() as made:
        made.pages["/jwks"] = Page(body=json.dumps(NEW.jwks()).encode())
        yield made


@pytest.fixture
def config(tmp_path: Path, server: Server) -> Path:
    path = written(tmp_path, TRIAL, identity='allow_private_hosts = ["localhost"]')
    corp = f'[[identity.issuers]]\nname = "corp"\nissuer = "https://c.test"\nkeys = {{url = "{server.url}/jwks"}}\n'
    path.write_text(path.read_text(encoding="utf-8") + corp, encoding="utf-8")
    return path


def run(command: str, config: Path, *more: str) -> Result:
    return CliRunner().invoke(app, [command, "--config", str(config), *more], env={"COLUMNS": "250"})


def told(command: str, config: Path) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = json.loads(run(command, config, "--json").stdout)["issuers"]
    return found


def record(config: Path, source: str, *, keys: object = (), health: str = "", due: int = 3700) -> None:
    now = int(time.time())
    corp = {"name": "corp", "issuer": "https://c.test", "source": source, "health": health, "keys": keys}
    value = {"written_at": now, "issuers": [{**corp, "loaded_at": now - 90, "due_at": now + due, "refused": {}}]}
    config.with_name("trust.json").write_text(json.dumps(value), encoding="utf-8")


def test_without_a_record_files_are_read_and_nothing_is_fetched(config: Path, server: Server) -> None:
    trial, corp = told("show", config)
    shown = run("show", config)

    assert (trial["health"], trial["keys"]) == ("", [{"kid": ID, "thumbprint": ID, "alg": "Ed25519"}])
    assert (corp["health"], corp["keys"], corp["loaded_at"]) == ("trust_not_loaded", [], None)
    assert shown.exit_code == 1
    assert all(word in shown.stdout for word in ("trial", ID, "good", "trust_not_loaded", "never"))
    assert server.asked == []


def test_the_record_says_how_old_keys_are_and_how_they_do(config: Path, server: Server) -> None:
    keys = [{"kid": "a", "thumbprint": "t", "alg": "ES256"}]
    record(config, f"{server.url}/jwks", keys=keys, health="jwks_unavailable")
    shown = run("show", config)

    assert told("show", config)[1]["keys"] == keys
    assert all(word in shown.stdout for word in ("a t ES256", "1 min", "1 h 1 min", "jwks_unavailable"))
    assert server.asked == []


def test_a_key_file_that_broke_while_a_sidecar_runs_is_shown_as_that_one_recorded_it(tmp_path: Path) -> None:
    config = written(tmp_path, TRIAL)
    (issuer,) = told("show", config)
    (tmp_path / "jwks.json").write_text("{", encoding="utf-8")
    unknown = run("show", config)
    issuer["health"] = "jwks_malformed"
    record = {"written_at": int(time.time()), "issuers": [issuer]}
    (tmp_path / "trust.json").write_text(json.dumps(record), encoding="utf-8")

    assert unknown.exit_code != 0
    assert told("show", config) == [issuer]
    assert run("show", config).exit_code == 1


def test_a_fetch_that_is_overdue_is_called_so(config: Path, server: Server) -> None:
    record(config, f"{server.url}/jwks", due=-5)
    shown = run("show", config)
    assert ("overdue" in shown.stdout, shown.exit_code) == (True, 0)


def test_the_record_of_other_settings_is_not_taken(config: Path) -> None:
    record(config, "https://elsewhere.test/jwks", keys=[{"kid": "a"}])
    assert told("show", config)[1]["keys"] == []


@pytest.mark.parametrize("text", ["", "[]", '{"issuers": 7}', '{"issuers": [7, {}]}', "\udcff"])
def test_a_record_that_cannot_be_read_is_none(text: str, config: Path) -> None:
    config.with_name("trust.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert [one["health"] for one in told("show", config)] == ["", "trust_not_loaded"]


def test_a_fetch_tells_what_came_and_what_went(config: Path, server: Server) -> None:
    keys = [{"kid": "old", "thumbprint": "t", "alg": "ES256"}]
    record(config, f"{server.url}/jwks", keys=keys)
    changed = told("refresh", config)[1]
    shown = run("refresh", config)

    assert changed["added"] == [{"kid": NEW_ID, "thumbprint": NEW_ID, "alg": "Ed25519"}]
    assert (changed["removed"], changed["kept"], changed["recorded"]) == (keys, 0, True)
    assert f"  + {NEW_ID} Ed25519\n  - old t ES256\n" in shown.stdout
    assert "trial: good" in shown.stdout
    assert (shown.exit_code, len(server.asked)) == (0, 2)


def test_a_fetch_that_changes_nothing_says_so(config: Path, server: Server) -> None:
    record(config, f"{server.url}/jwks", keys=[{"kid": NEW_ID, "thumbprint": NEW_ID, "alg": "Ed25519"}])
    assert "1 unchanged" in run("refresh", config).stdout


@pytest.mark.parametrize(
    ("page", "health"),
    [
        pytest.param(Page(status=500), "trust_not_loaded", id="down"),
        pytest.param(Page(body=b"<html>"), "jwks_malformed", id="a page"),
    ],
)
def test_a_fetch_that_fails_is_told_and_found(page: Page, health: str, config: Path, server: Server) -> None:
    server.pages["/jwks"] = page
    shown = run("refresh", config)
    assert (shown.exit_code, f"corp: {health}" in shown.stdout) == (1, True)


def test_a_key_that_cannot_be_used_is_named_as_a_terminal_may_show_it(config: Path, server: Server) -> None:
    bad = {**TRIAL.key.public_jwk(), "kid": "bad\u001b[31m", "use": "enc"}
    server.pages["/jwks"] = Page(body=json.dumps({"keys": [*NEW.jwks()["keys"], bad]}).encode())  # type: ignore[misc]  # a list of JSON
    shown = run("refresh", config)
    assert "! bad\N{REPLACEMENT CHARACTER}[31m: key_use_mismatch" in shown.stdout
    assert "\u001b[31m" not in shown.stdout


def test_inspect_fetches_the_keys_that_the_settings_name(config: Path, server: Server) -> None:
    (token,) = minted(TrialIssuer("https://c.test", NEW.key), ["echo"])
    shown = CliRunner().invoke(tokens_app, ["inspect", token, "--config", str(config), "--json"])
    assert (json.loads(shown.stdout)["verified"], server.count("/jwks")) == (True, 1)
