"""`sidecar tokens`: keys, tokens, and what they prove."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.tokens import app
from sidecar.config import load_settings
from sidecar.errors import ConfigError
from sidecar.identity.trial import SigningKey


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=given)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    assert run("keygen", "--out", str(tmp_path / "keys")).exit_code == 0
    return tmp_path / "keys"


def mint(keys: Path, *more: str) -> Result:
    return run("mint", "--key", str(keys / "issuer.key.json"), "--user", "ann", *more)


def inspect(keys: Path, *more: str, given: str = "") -> Result:
    return run("inspect", "--jwks", str(keys / "issuer.jwks.json"), *more, given=given)


def problems(result: Result) -> str:
    assert isinstance(result.exception, ConfigError), result.output
    return "; ".join(result.exception.problems)


def test_keygen_writes_a_private_file_and_settings_that_trust_it(tmp_path: Path) -> None:
    result = run("keygen", "--out", str(tmp_path / "k"), "--alg", "ES256", "--issuer", "https://me.example")
    (tmp_path / "sidecar.toml").write_text(result.stdout)
    issuers = load_settings(tmp_path / "sidecar.toml", environment={}).identity.issuers
    assert (tmp_path / "k" / "issuer.key.json").stat().st_mode & 0o777 == 0o600
    assert "d" not in json.loads((tmp_path / "k" / "issuer.jwks.json").read_text())["keys"][0]
    assert [(i.issuer, i.keys, i.algs) for i in issuers] == [
        ("https://me.example", tmp_path / "k" / "issuer.jwks.json", ("ES256",))
    ]


def test_keygen_overwrites_no_key(keys: Path) -> None:
    before = (keys / "issuer.key.json").read_text()
    assert "File exists" in problems(run("keygen", "--out", str(keys)))
    assert (keys / "issuer.key.json").read_text() == before


@pytest.mark.parametrize("form", ["a", "b"])
def test_what_is_minted_is_shown_as_proven(keys: Path, form: str) -> None:
    minted = mint(keys, "--agent", "planner", "--agent", "helper", "--tools", "pay, read", "--form", form)
    shown = inspect(keys, given=minted.stdout)
    told = json.loads(inspect(keys, "--json", given=minted.stdout).stdout)
    assert shown.exit_code == 0
    assert "planner" in shown.stdout
    assert "eyJ" not in shown.stdout
    assert (told["verified"], told["subject"], told["agent"]) == (True, "ann", "helper")
    assert sorted(told["scope"]["tools"]) == ["pay", "read"]
    assert told["hops"][-1]["tools"] == ["pay", "read"]


def test_a_chain_is_shown_link_by_link(keys: Path) -> None:
    minted = mint(keys, "--agent", "a", "--agent", "b", "--tools", "pay", "--form", "b", "--json")
    tokens = json.loads(minted.stdout)
    listed = json.loads(inspect(keys, "--json", given=minted.stdout).stdout)
    given = json.loads(inspect(keys, "--json", *tokens).stdout)
    assert len(tokens) == 2
    assert listed == given
    assert [(hop["actor"], hop["assurance"]) for hop in listed["hops"]] == [("a", "issuer"), ("b", "asserted")]


def test_a_refusal_says_why_and_quotes_nothing(keys: Path) -> None:
    token = mint(keys, "--agent", "a", "--tools", "pay").stdout.strip()
    shown = inspect(keys, "--audience", "https://other", given=token)
    told = inspect(keys, "--audience", "https://other", "--json", given=token)
    assert (shown.exit_code, told.exit_code) == (1, 1)
    assert "aud_mismatch" in shown.stdout
    assert json.loads(told.stdout)["reason"] == "aud_mismatch"
    assert token[:30] not in shown.stdout + told.stdout


def test_the_settings_say_whom_to_trust(keys: Path, tmp_path: Path) -> None:
    token = mint(keys, "--agent", "a", "--tools", "pay").stdout
    path = tmp_path / "sidecar.toml"
    path.write_text(
        '[[identity.issuers]]\nname = "t"\nissuer = "https://trial.sidecar.local"\nkeys = "keys/issuer.jwks.json"\n'
    )
    assert run("inspect", "--config", str(path), given=token).exit_code == 0


def test_a_scope_file_is_minted_as_it_is(keys: Path, tmp_path: Path) -> None:
    scope = {"tools": {"pay": {"args": {"amount": {"constraint_type": "range", "max": 9}}}}, "autonomy": 2}
    (tmp_path / "scope.json").write_text(json.dumps(scope))
    token = mint(keys, "--agent", "a", "--scope", str(tmp_path / "scope.json"), "--lifetime", "90s")
    assert json.loads(inspect(keys, "--json", given=token.stdout).stdout)["scope"] == scope


def test_the_last_holders_key_can_be_kept(keys: Path, tmp_path: Path) -> None:
    out = tmp_path / "holder.json"
    minted = mint(keys, "--agent", "a", "--tools", "pay", "--form", "b", "--holder-out", str(out))
    assert minted.exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert SigningKey.from_jwk(json.loads(out.read_text())).public.algorithm == "Ed25519"


BAD = [
    pytest.param(["--tools", "x", "--lifetime", "15"], "--lifetime", id="no unit"),
    pytest.param(["--tools", "x", "--lifetime", "0m"], "--lifetime", id="no time"),
    pytest.param(["--tools", "x", "--lifetime", "2h"], "time_lifetime_exceeded", id="too long"),
    pytest.param(["--agent", "bot"], "either --tools or --scope", id="nothing granted"),
    pytest.param(["--tools", "x", "--scope", "y"], "either --tools or --scope", id="both"),
    pytest.param(["--scope", "none.json"], "No such file", id="no scope file"),
    pytest.param(["--tools", "x", "--form", "b"], "at least one --agent", id="a chain of nobody"),
    pytest.param(["--tools", "x", "--holder-out", "y", "--bind", "z"], "either --bind", id="two holders"),
    pytest.param(["--tools", "x", "--bind", "none.json"], "No such file", id="no holder"),
    pytest.param(["--tools", "x", "--agent", "ann"], "act_self", id="an actor that is the subject"),
]


@pytest.mark.parametrize(("more", "told"), BAD)
def test_a_mint_that_cannot_be_is_told(keys: Path, more: list[str], told: str) -> None:
    assert told in problems(mint(keys, *more))


def test_an_operators_token_grants_nothing_and_is_inspected_in_its_file(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "eve").write_text(mint(keys).stdout)

    told = json.loads(inspect(keys, "--json", str(tmp_path / "eve")).stdout)

    assert (told["verified"], told["scope"]) == (True, {"tools": {}})


def test_a_scope_file_that_is_none_is_told(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"tools": {"t": {"args": {"a": {"constraint_type": "regex"}}}}}')
    assert "/tools/t/args/a" in problems(mint(keys, "--scope", str(tmp_path / "s.json")))
    (tmp_path / "s.json").write_text('{"tools": ')
    assert "not strict JSON" in problems(mint(keys, "--scope", str(tmp_path / "s.json")))


def test_another_file_is_no_key(keys: Path) -> None:
    jwks = str(keys / "issuer.jwks.json")
    assert "not an issuer file" in problems(run("mint", "--key", jwks, "--user", "u", "--tools", "t"))


@pytest.mark.parametrize(
    ("given", "code"),
    [pytest.param("", 1, id="nothing"), pytest.param("a b", 1, id="words")],
)
def test_input_that_holds_no_tokens_is_refused(keys: Path, given: str, code: int) -> None:
    assert inspect(keys, given=given).exit_code == code


def test_input_that_is_no_list_is_told(keys: Path) -> None:
    assert "neither a JSON list" in problems(inspect(keys, given="["))
    assert "must hold tokens" in problems(inspect(keys, given='["a.b.c", 1]'))
    assert "more than" in problems(inspect(keys, given="x" * (1 << 20) + "y"))


def test_a_file_that_is_not_there_is_not_taken_for_a_token(keys: Path) -> None:
    told = problems(inspect(keys, "run/tokn"))

    assert "no file of this name" in told
    assert "tokn" not in told  # it may be a token in another alphabet
