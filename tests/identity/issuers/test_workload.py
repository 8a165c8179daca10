"""A trust domain's keys from a Workload API, over its real protocol on a Unix socket."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from sidecar.errors import FetchError
from sidecar.identity.issuers.generations import Fetched
from sidecar.identity.issuers.workload import WorkloadApi
from sidecar.workload.v1.workload_pb2 import DESCRIPTOR
from tests.identity.crafting import STS, STS2
from tests.trust.workload_api import WorkloadAgent, serving

ONE, TWO = "spiffe://one.test", "spiffe://two.test"


def jwks(*issuers: object) -> bytes:
    made = [{k: v for k, v in one.items() if k not in {"use", "alg"}} for one in issuers if isinstance(one, dict)]
    return json.dumps({"keys": made}).encode()


FIRST, SECOND = jwks(STS.key.public_jwk()), jwks(STS2.key.public_jwk())


def ids(fetched: Fetched) -> list[str]:
    return [key.key_id for key in fetched.keys.keys]


def api(folder: Path, domain: str = ONE) -> WorkloadApi:
    return WorkloadApi(socket=folder / "agent.sock", trust_domain=domain, algorithms=frozenset({"Ed25519"}))


@asynccontextmanager
async def streamed(folder: Path, agent: WorkloadAgent) -> AsyncIterator[AsyncIterator[Fetched]]:
    async with serving(agent, folder / "agent.sock"), aclosing(api(folder).updates()) as updates:
        yield updates


async def test_the_bundle_of_the_trust_domain_comes_at_once_and_at_each_change(tmp_path: Path) -> None:
    agent = WorkloadAgent({ONE: FIRST, TWO: SECOND})
    async with streamed(tmp_path, agent) as updates:
        seen = [ids(await anext(updates))]
        for bundles in ({ONE: SECOND, TWO: FIRST}, {ONE: jwks()}, {TWO: FIRST}):
            await agent.tell(bundles)
            seen.append(ids(await anext(updates)))

    assert seen == [[STS.key.public.thumbprint], [STS2.key.public.thumbprint], [], []]
    assert agent.callers == 1


@pytest.mark.parametrize(
    ("bundle", "reason"),
    [
        pytest.param(b"no json", "jwks_malformed", id="malformed"),
        pytest.param(b" " * (257 << 10), "jwks_too_large", id="too large"),
    ],
)
async def test_a_bundle_that_cannot_be_used_ends_the_stream(bundle: bytes, reason: str, tmp_path: Path) -> None:
    async with streamed(tmp_path, WorkloadAgent({ONE: bundle})) as updates:
        with pytest.raises(FetchError) as refused:
            await anext(updates)
    assert refused.value.reason == reason


async def test_an_agent_that_goes_away_is_an_outage(tmp_path: Path) -> None:
    agent = WorkloadAgent({ONE: FIRST})
    async with serving(agent, tmp_path / "agent.sock"):
        updates = api(tmp_path).updates()
        await anext(updates)
    with pytest.raises(FetchError) as refused:
        await anext(updates)
    assert refused.value.reason == "jwks_unavailable"


async def test_an_agent_that_is_not_there_is_an_outage(tmp_path: Path) -> None:
    with pytest.raises(FetchError) as refused:
        await anext(api(tmp_path).updates())
    assert refused.value.reason == "jwks_unavailable"


def test_the_messages_are_on_the_wire_as_the_specification_has_them() -> None:
    response = DESCRIPTOR.message_types_by_name["FetchJWTBundlesResponse"]
    assert [(f.number, f.name) for f in response.fields] == [(1, "bundles")]
    assert list(DESCRIPTOR.message_types_by_name["FetchJWTBundlesRequest"].fields) == []
