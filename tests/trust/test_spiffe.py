"""Trust domains end to end: a bundle by the Workload API and in a file, emptied, refilled, never mixed."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from sidecar.identity.trial import TrialIssuer
from tests.running import minted
from tests.trust.trusting import becomes, called, degraded, opened, trusting
from tests.trust.workload_api import WorkloadAgent, serving

ONE, TWO = TrialIssuer.generate("spiffe://one.test"), TrialIssuer.generate("spiffe://two.test")
SECONDS = 10.0


def bundle(*issuers: TrialIssuer, use: str = "jwt-svid", sequence: int = 1) -> bytes:
    keys = [{**issuer.key.public_jwk(), "use": use} for issuer in issuers]
    return json.dumps({"keys": keys, "spiffe_sequence": sequence}).encode()


def issuers(socket: Path) -> str:
    return "".join(
        f'[[identity.issuers]]\nname = "{name}"\nissuer = "{one.url}"\nkeys = {{spiffe_socket = "{socket}"}}\n'
        for name, one in (("one", ONE), ("two", TWO))
    )


def token(issuer: TrialIssuer, *, by: TrialIssuer | None = None) -> str:
    """Return a token of `issuer`, signed with the key of `by` where one is named."""
    (made,) = minted(TrialIssuer(issuer.url, (by or issuer).key), ["echo"])
    return made


async def test_n209_a_bundle_that_is_emptied_ends_the_sessions_of_its_trust_domain_only(tmp_path: Path) -> None:
    agent = WorkloadAgent({ONE.url: bundle(ONE), TWO.url: bundle(TWO)})
    async with serving(agent, tmp_path / "agent.sock"), trusting(tmp_path, issuers(tmp_path / "agent.sock")) as run:
        handles = [(await opened(run, token(issuer)))[0] for issuer in (ONE, TWO)]
        before = [await called(run, handle) for handle in handles]
        await agent.tell({ONE.url: bundle(sequence=2), TWO.url: bundle(TWO)})
        await becomes(run, handles[0], "session: bundle_empty")
        emptied = (await opened(run, token(ONE)))[1], await called(run, handles[1]), await degraded(run)
        await agent.tell({ONE.url: bundle(ONE, sequence=3), TWO.url: bundle(TWO)})
        await becomes(run, handles[0], "")

    assert before == ["", ""]
    assert emptied == ("identity: bundle_empty", "", ["trust:one"])


@pytest.mark.parametrize(
    ("domains", "issuer", "by", "reason"),
    [
        pytest.param({ONE.url: bundle(ONE), TWO.url: bundle(TWO)}, ONE, ONE, "", id="P21 a key for JWT-SVIDs"),
        pytest.param(
            {ONE.url: bundle(ONE), TWO.url: bundle(TWO)}, TWO, ONE, "identity: key_unknown_kid", id="N209 mixed"
        ),
        pytest.param(
            {ONE.url: bundle(ONE, use="x509-svid"), TWO.url: bundle(TWO)},
            ONE,
            ONE,
            "identity: bundle_empty",
            id="N209 x509-svid alone",
        ),
        pytest.param({TWO.url: bundle(TWO)}, ONE, ONE, "identity: bundle_empty", id="a trust domain that is gone"),
        pytest.param(
            {ONE.url: bundle(ONE), TWO.url: bundle(ONE, TWO)}, TWO, ONE, "identity: key_ambiguous", id="one key for two"
        ),
    ],
)
async def test_which_key_vouches_for_whom(
    domains: dict[str, bytes], issuer: TrialIssuer, by: TrialIssuer, reason: str, tmp_path: Path
) -> None:
    agent = WorkloadAgent(domains)
    async with serving(agent, tmp_path / "agent.sock"), trusting(tmp_path, issuers(tmp_path / "agent.sock")) as run:
        assert (await opened(run, token(issuer, by=by)))[1] == reason


async def test_n209_one_unusable_key_among_good_ones_says_what_it_is(tmp_path: Path) -> None:
    mixed = json.loads(bundle(ONE))
    mixed["keys"].append({**TWO.key.public_jwk(), "use": "x509-svid"})
    agent = WorkloadAgent({ONE.url: json.dumps(mixed).encode(), TWO.url: bundle()})
    async with serving(agent, tmp_path / "agent.sock"), trusting(tmp_path, issuers(tmp_path / "agent.sock")) as run:
        assert (await opened(run, token(ONE, by=TWO)))[1] == "identity: key_use_mismatch"


async def test_a_lower_sequence_changes_nothing_and_is_told(tmp_path: Path) -> None:
    agent = WorkloadAgent({ONE.url: bundle(ONE, sequence=7), TWO.url: bundle(TWO)})
    async with serving(agent, tmp_path / "agent.sock"), trusting(tmp_path, issuers(tmp_path / "agent.sock")) as run:
        await agent.tell({ONE.url: bundle(sequence=6), TWO.url: bundle(TWO)})
        end = time.monotonic() + SECONDS
        while await degraded(run) != ["trust:one"] and time.monotonic() < end:  # noqa: ASYNC110 - another process's state
            await asyncio.sleep(0.02)
        assert await degraded(run) == ["trust:one"]
        assert (await opened(run, token(ONE)))[1] == ""


async def test_an_agent_that_restarts_is_found_again(tmp_path: Path) -> None:
    agent, socket = WorkloadAgent({ONE.url: bundle(ONE), TWO.url: bundle(TWO)}), tmp_path / "agent.sock"
    async with serving(agent, socket):
        starting = trusting(tmp_path, issuers(socket))
        run = await starting.__aenter__()
        handle, _ = await opened(run, token(ONE))
    try:
        down = [await called(run, handle), (await opened(run, token(ONE)))[1]]
        async with serving(agent, socket):
            end = time.monotonic() + SECONDS
            while await degraded(run) and time.monotonic() < end:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)
            assert await degraded(run) == []
    finally:
        await starting.__aexit__(None, None, None)
    assert down == ["", ""]


async def test_a_bundle_in_a_file_is_trusted_at_start(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(bundle(ONE))
    settings = f'[[identity.issuers]]\nname = "one"\nissuer = "{ONE.url}"\nkeys = {{spiffe_bundle = "one.json"}}\n'
    async with trusting(tmp_path, settings) as run:
        assert (await opened(run, token(ONE)))[1] == ""
