"""`sidecar tokens redeem`: P23 as an operator runs it, at issuers on loopback."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.root import app
from tests.identity.crafting import put
from tests.identity.domains import CLIENT_AT_HOME, CLIENT_THERE, HOME, RESOURCE, THERE, Domain, serving


def settings(folder: Path, *domains: Domain) -> Path:
    """Write the settings that trust `domains`, and the credentials of both clients."""
    text = ""
    for one in domains:
        key = {**one.key.as_dict(private=False), "alg": "ES256"}
        (folder / f"{one.client}.json").write_text(json.dumps({"keys": [key]}), encoding="utf-8")
        (folder / one.client).write_text(f"{one.client}:secret\n", encoding="utf-8")
        text += f'[[identity.issuers]]\nname = "{one.client}"\nissuer = "{one.name}"\nkeys = "{one.client}.json"\n'
    path = folder / "sidecar.toml"
    path.write_text(text, encoding="utf-8")
    return path


def redeem(folder: Path, home: Domain, there: Domain) -> Result:
    (folder / "id.jwt").write_text(home.id_token(), encoding="utf-8")
    options = {
        "--config": settings(folder, home, there),
        "--id-token": folder / "id.jwt",
        "--client": CLIENT_AT_HOME,
        "--home": home.url,
        "--home-credentials": folder / CLIENT_AT_HOME,
        "--issuer-there": THERE,
        "--there": there.url,
        "--there-credentials": folder / CLIENT_THERE,
        "--resource": RESOURCE,
    }
    return CliRunner().invoke(app, ["tokens", "redeem", *(str(one) for pair in options.items() for one in pair)])


@pytest.mark.parametrize(("subject", "told"), [("ann", "eyJ"), ("ben", "refused: exchange_subject_changed")])
async def test_p23_the_token_of_another_domain_is_printed_for_the_same_person(
    tmp_path: Path, subject: str, told: str
) -> None:
    home = Domain(name=HOME, client=CLIENT_AT_HOME)
    there = Domain(name=THERE, client=CLIENT_THERE, trusts=home, token=put(sub=subject))
    async with serving(home, there):
        result = await asyncio.to_thread(redeem, tmp_path, home, there)
    assert (result.stdout or result.stderr).startswith(told), result.output
    assert result.exit_code == (told != "eyJ")


async def test_credentials_that_are_none_are_told_of(tmp_path: Path) -> None:
    home, there = Domain(name=HOME, client=CLIENT_AT_HOME), Domain(name=THERE, client="no")
    result = await asyncio.to_thread(redeem, tmp_path, home, there)
    assert "planner-there" in str(result.exception)
