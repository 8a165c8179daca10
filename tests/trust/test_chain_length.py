"""How long a chain of linked tokens may be is for the settings to say."""

import time
from pathlib import Path

import pytest

from tests.running import running
from tests.trust.trusting import opened

TOO_LONG = "identity: limit_chain_hops"


@pytest.mark.parametrize(
    ("setting", "reasons"),
    [
        pytest.param("", ["", TOO_LONG, TOO_LONG], id="N012 four, if nothing is set"),
        pytest.param("max_links = 8", ["", "", TOO_LONG], id="eight, where that is set"),
    ],
)
async def test_a_chain_is_as_long_as_the_settings_say(setting: str, reasons: list[str], tmp_path: Path) -> None:
    async with running(tmp_path, identity=f'proofs = "off"\n{setting}') as run:
        told = []
        for links in (4, 8, 9):
            agents = [f"agent-{index}" for index in range(links)]
            chain = run.issuer.mint_linked(user="ann", agents=agents, scope={"tools": {"echo": {}}}, at=time.time())
            told.append((await opened(run, *chain))[1])
    assert told == reasons
