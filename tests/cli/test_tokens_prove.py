"""`sidecar tokens prove`, and tokens that are minted bound to a key."""

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.root import app
from sidecar.errors import EvidenceError
from sidecar.identity.issuers.keyfile import load_keys
from sidecar.identity.opening import Opener, Opening
from sidecar.identity.trial import TRIAL_ISSUER
from sidecar.identity.trust import Issuer
from sidecar.identity.verifier import Verifier


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(app, ["tokens", *arguments], input=given)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    assert run("keygen", "--out", str(tmp_path)).exit_code == 0
    return tmp_path


def mint(keys: Path, *more: str) -> Result:
    key = str(keys / "issuer.key.json")
    return run("mint", "--key", key, "--user", "ann", "--agent", "bot", "--tools", "pay", "--json", *more)


def reason(keys: Path, opening: Opening) -> str:
    issuer = Issuer(name="trial", issuer=TRIAL_ISSUER, keys=load_keys(keys / "issuer.jwks.json"))
    try:
        Opener(verifier=Verifier.of([issuer])).opened(opening, "s", time.time())
    except EvidenceError as error:
        return error.reason
    return "opened"


@pytest.mark.parametrize("form", ["a", "b"])
@pytest.mark.parametrize("kept", ["--holder-out", "--bind"])
def test_what_is_minted_bound_opens_with_the_proof_alone(keys: Path, form: str, kept: str) -> None:
    holder = keys / "holder.json"
    if kept == "--bind":
        assert mint(keys, "--holder-out", str(holder)).exit_code == 0
    made = mint(keys, "--form", form, kept, str(holder))
    tokens = tuple(json.loads(made.stdout))
    proof = run("prove", "--holder", str(holder), "--task", "rent", "--tools", "pay", given=made.stdout).stdout.strip()

    assert f"tokens prove --holder {holder}" in made.stderr
    assert proof not in made.stderr
    assert reason(keys, Opening(tokens=tokens, task="rent", tools=("pay",))) == "pop_missing"
    assert reason(keys, Opening(tokens=tokens, task="rent", tools=("pay",), proof=proof)) == "opened"
    other = reason(keys, Opening(tokens=tokens, task="more rent", tools=("pay",), proof=proof))
    assert other == ("opened" if form == "a" else "pop_args_mismatch")  # DPoP does not cover what is asked for


def test_a_chain_whose_key_nobody_keeps_is_told(keys: Path) -> None:
    assert "nobody has the last agent's key" in mint(keys, "--form", "b").stderr
    assert mint(keys).stderr == ""


def test_a_file_that_is_no_key_and_a_text_that_is_no_token_are_told(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"kty":"OKP"}', encoding="utf-8")
    assert mint(keys, "--holder-out", str(keys / "holder.json")).exit_code == 0

    assert "not a private JWK" in str(run("prove", "--holder", str(tmp_path / "x.json"), "a.b.c").exception)
    for text in ("x", "a.b.c", "ü.ü.ü", "....", "eyJ.eyJ.x"):
        ran = run("prove", "--holder", str(keys / "holder.json"), text)
        assert "not a token" in str(ran.exception)
        assert text not in str(ran.exception) or text == "x"
