"""`sidecar tokens delegate` and `exchange`: what they print verifies, and what they refuse says why."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.root import app
from sidecar.errors import ConfigError
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.trial import TrialIssuer
from tests.running import written
from tests.trust.loopback import Page, served

NEXT = SigningKey.generate()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["tokens", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an issuer, a chain that may become longer, its holder's key, and what is delegated."""
    assert run("keygen", "--out", tmp_path).exit_code == 0
    minted = run(
        *("mint", "--key", tmp_path / "issuer.key.json", "--user", "ann", "--agent", "first", "--form", "b"),
        *("--tools", "read,write", "--holder-out", tmp_path / "first.key", "--deeper", 2),
    )
    assert minted.exit_code == 0, minted.output
    (tmp_path / "chain").write_text(minted.stdout)
    (tmp_path / "next.jwk").write_text(json.dumps(NEXT.public_jwk()))
    (tmp_path / "scope.json").write_text('{"tools": {"read": {}}}')
    return tmp_path


def delegate(folder: Path, **changes: object) -> Result:
    options: dict[str, object] = {
        "chain": folder / "chain",
        "holder": folder / "first.key",
        "to": folder / "next.jwk",
        "scope": folder / "scope.json",
        "agent": "next",
        "jwks": folder / "issuer.jwks.json",
        **changes,
    }
    given = {name: value for name, value in options.items() if value is not None}
    return run("delegate", *(part for name, value in given.items() for part in (f"--{name}", value)))


def test_a_chain_becomes_one_link_longer_and_grants_less(folder: Path) -> None:
    made = delegate(folder)

    assert made.exit_code == 0, made.output
    shown = CliRunner().invoke(
        app, ["tokens", "inspect", "--json", "--jwks", str(folder / "issuer.jwks.json")], input=made.stdout
    )
    told = json.loads(shown.stdout)
    assert [hop["tools"] for hop in told["hops"]] == [["read", "write"], ["read"]]
    assert told["agent"] == "next"


def test_keys_are_fetched_from_where_the_settings_say(folder: Path) -> None:
    with served() as server:
        server.pages["/jwks"] = Page(body=(folder / "issuer.jwks.json").read_bytes())
        other = TrialIssuer.generate(issuer="https://other.example")
        config = written(folder, other, identity='allow_private_hosts = ["localhost"]')
        issuer = json.loads((folder / "issuer.key.json").read_text())["issuer"]
        there = f'name = "there"\nissuer = "{issuer}"\nkeys = {{url = "{server.url}/jwks"}}\n'
        config.write_text(f"{config.read_text()}[[identity.issuers]]\n{there}")

        made = delegate(folder, config=config, jwks=None)

    assert made.exit_code == 0, made.output


def test_a_chain_may_be_a_json_list(folder: Path) -> None:
    (folder / "chain").write_text(json.dumps((folder / "chain").read_text().split()))

    assert delegate(folder).exit_code == 0


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        pytest.param("scope.json", '{"tools": {"delete": {}}}', "mint_wider_than_verified", id="N230 wider"),
        pytest.param("scope.json", "{", "scope_malformed", id="no scope"),
        pytest.param("next.jwk", "{}", "key_invalid", id="no key"),
        pytest.param("chain", "a.b.c", "token_encoding", id="no chain"),
        pytest.param("first.key", json.dumps(NEXT.private_jwk()), "mint_root_forbidden", id="N231 another's key"),
    ],
)
def test_a_refusal_says_why_and_ends_with_one(folder: Path, name: str, text: str, reason: str) -> None:
    (folder / name).unlink()
    (folder / name).write_text(text)

    refused = delegate(folder)

    assert (refused.exit_code, refused.stderr.split(":")[1].strip()) == (1, reason)
    assert refused.stdout == ""  # which goes into a file of tokens


@pytest.mark.parametrize(
    ("name", "octets"), [("chain", b"[1]"), ("chain", b"["), ("scope.json", b"\xff"), ("first.key", b"x")]
)
def test_a_file_that_cannot_be_read_is_named(folder: Path, name: str, octets: bytes) -> None:
    (folder / name).write_bytes(octets)

    refused = delegate(folder)

    assert isinstance(refused.exception, ConfigError)
    assert name in str(refused.exception)


def test_an_exchange_needs_an_issuer_that_answers_over_tls(folder: Path) -> None:
    token = run("mint", "--key", folder / "issuer.key.json", "--user", "ann", "--agent", "us", "--tools", "read").stdout
    (folder / "token").write_text(token)

    def exchange(endpoint: str, *more: object) -> Result:
        known = ("--token", folder / "token", "--resource", "https://x.example", "--jwks", folder / "issuer.jwks.json")
        return run("exchange", *known, "--agent", "us", "--endpoint", endpoint, *more)

    assert "exchange_failed" in exchange("http://127.0.0.1:1/token").stderr
    assert "https only" in exchange("http://sts.example/token").stderr
    more = ("--scope", folder / "scope.json", "--holder", folder / "first.key", "--actor", folder / "token")
    assert "act_not_permitted" in exchange("http://127.0.0.1:1/token", *more).stderr
    assert token.strip() not in exchange("http://127.0.0.1:1/token").output
