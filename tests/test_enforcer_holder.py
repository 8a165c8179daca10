"""The one path, seen from who opens a session: proofs count once, before any policy; peers; a clock set back."""

import asyncio
from collections.abc import Callable

import pytest

from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry, Recorder
from sidecar.checks.base import never
from sidecar.checks.session import SessionCheck
from sidecar.enforcer import EFFECTFUL, Enforcer
from sidecar.errors import UnavailableError
from sidecar.identity.delegation import Delegation
from sidecar.identity.holders.peers import PeerRule
from sidecar.identity.holders.proving import Asked, proof, proof_to_open
from sidecar.identity.opening import OPEN_SESSION, Opener, Opening
from sidecar.identity.trial import Order
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.session import Peer
from sidecar.model.verdict import Decision
from sidecar.stores.memory import MemoryRevocations, MemorySessions
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.trial import memory_stores
from tests.identity.crafting import HOLDERS, RES, STS, USER, VERIFIER, A, B, C, Claims, Step, T, chain_b

SCOPE: Claims = {"tools": {"read": {}, "list": {}}}
TOKENS = tuple(chain_b(*[Step(scope=SCOPE)] * 3))
HOLDER = HOLDERS[2]
PEER = Peer(pid=7, uid=1000, gid=1000)
RULE = PeerRule(uid=1000, agent=C, key=HOLDER.public.thumbprint)


class Log:
    def __init__(self) -> None:
        self.entries: list[Entry] = []

    async def append(self, entry: Entry) -> str:
        self.entries.append(entry)
        return f"r{len(self.entries)}"


class Lost:
    async def take(self, thumbprint: str, token_id: str, until: float, at: float) -> None:
        raise UnavailableError("gone")


def enforcer(
    *,
    proofs: MemoryProofs | Lost | None = None,
    peers: tuple[PeerRule, ...] = (),
    back: Callable[[], bool] = never,
) -> Enforcer:
    sessions, revocations = MemorySessions(), MemoryRevocations()
    return Enforcer(
        rows={boundary: (SessionCheck(sessions, revocations, VERIFIER.trust),) for boundary in Boundary},
        policy_version="v",
        stores=memory_stores(sessions=sessions, revocations=revocations),
        opener=Opener(verifier=VERIFIER, peers=peers, since=T - 100),
        audit=Log(),
        recorder=Recorder(vocabulary=frozenset(), pseudonyms=Pseudonyms(b"k" * 32), policy_version="v"),
        deadline=1.0,
        fault=lambda *_what, **_where: None,
        proofs=MemoryProofs() if proofs is None else proofs,
        sightings=MemorySightings(),
        rolled_back=back,
    )


def asking(*, tools: tuple[str, ...] = (), peer: Peer | None = None, at: float = T) -> Opening:
    plain = Opening(tokens=TOKENS, tools=tools, task="work")
    return Opening(
        tokens=TOKENS, tools=tools, task="work", peer=peer, proof=proof_to_open(HOLDER, TOKENS, plain, at, audience=RES)
    )


async def reasons(house: Enforcer, opening: Opening, at: float = T) -> list[str]:
    """Return why no session is opened, as the record has it; empty where one is."""
    opened = await house.open(opening, at)
    assert (opened.session is None) == bool(opened.findings)
    assert isinstance(house.audit, Log)
    return [finding.reason for finding in house.audit.entries[-1].findings if finding.reason]


async def test_p03_of_three_agents_the_last_acts_and_all_are_recorded() -> None:
    (token,) = STS.minted(Order(user=USER, agents=[A, B, C], scope=SCOPE, at=T, audience=RES), HOLDER)
    made = proof(HOLDER, [token], Asked(audience=RES, tool=OPEN_SESSION, arguments={}, at=T))
    house = enforcer(peers=(PeerRule(uid=1000, agent=C),))

    opened = await house.open(Opening(tokens=(token,), proof=made, peer=PEER), T)

    assert isinstance(house.audit, Log)
    assert opened.session is not None
    assert (opened.session.chain.principal.agent, sorted(opened.session.scope.tools)) == (C, ["list", "read"])
    hops = house.audit.entries[0].details["hops"]
    assert isinstance(hops, list)
    assert [(hop["actor"], hop["assurance"]) for hop in hops[1:]] == [(A, "asserted"), (B, "asserted"), (C, "issuer")]


async def test_n171_a_proof_opens_one_session() -> None:
    house, opening = enforcer(), asking()

    assert await reasons(house, opening) == []
    assert await reasons(house, opening) == ["replay_detected"]
    assert await reasons(house, asking()) == []


async def test_n171_of_64_at_once_one_passes() -> None:
    house, opening = enforcer(), asking()

    opened = await asyncio.gather(*[house.open(opening, T) for _ in range(64)])

    assert isinstance(house.audit, Log)
    assert sum(one.session is not None for one in opened) == 1
    assert sum(entry.findings[0].reason == "replay_detected" for entry in house.audit.entries) == 63


async def test_a_call_that_policy_refuses_burns_its_proof() -> None:
    house, opening = enforcer(), asking(tools=("delete",))

    assert await reasons(house, opening) == ["scope_tool_added"]
    assert await reasons(house, opening) == ["replay_detected"]


async def test_n174_what_nobody_signed_burns_nothing() -> None:
    proofs = MemoryProofs()
    house, good = enforcer(proofs=proofs), asking()
    head, claims, signature = good.proof.split(".")
    for forged in (f"{head}.{claims}.{signature[:-4]}AAAA", f"{head}.{claims}.{'A' * 86}", ""):
        changed = Opening(tokens=TOKENS, task="work", proof=forged)
        assert await reasons(house, changed) == ["pop_invalid" if forged else "pop_missing"]

    assert len(proofs) == 0
    assert await reasons(house, good) == []


async def test_n168_what_is_asked_for_may_not_change_after_the_proof() -> None:
    good = asking(tools=("read",))
    changed = Opening(tokens=TOKENS, task="work", tools=("read", "list"), proof=good.proof)

    assert await reasons(enforcer(), changed) == ["pop_args_mismatch"]


async def test_a_store_that_is_out_opens_nothing() -> None:
    house = enforcer(proofs=Lost())
    with pytest.raises(UnavailableError):
        await house.open(asking(), T)

    assert await house.stores.sessions.list(T) == ()


@pytest.mark.parametrize(
    ("rules", "peer", "expected"),
    [
        pytest.param((), None, [], id="no rules"),
        pytest.param((RULE,), PEER, [], id="the agent's own key"),
        pytest.param((RULE,), None, ["peer_unauthenticated"], id="N175 nobody said who"),
        pytest.param((RULE,), Peer(pid=7, uid=1001, gid=1000), ["peer_key_unbound"], id="another user"),
        pytest.param((PeerRule(uid=1000, agent=C),), PEER, ["peer_key_unbound"], id="a name alone"),
    ],
)
async def test_n175_a_peer_is_asked_for_where_it_is_configured(
    rules: tuple[PeerRule, ...], peer: Peer | None, expected: list[str]
) -> None:
    assert await reasons(enforcer(peers=rules), asking(peer=peer)) == expected


async def test_who_asked_and_what_was_proven_is_recorded_without_the_proof() -> None:
    house, opening = enforcer(peers=(RULE,)), asking(peer=PEER)
    await house.open(opening, T)
    assert isinstance(house.audit, Log)
    details = house.audit.entries[-1].details

    assert details["process"] == {"pid": 7, "uid": 1000, "gid": 1000}
    assert isinstance(details["pop"], dict)
    assert (details["pop"]["iat"], details["pop"]["key"]) == (T, HOLDER.public.thumbprint)
    assert opening.proof.split(".")[1] not in str(details)


@pytest.mark.parametrize("boundary", list(Boundary))
async def test_n234_while_the_clock_is_back_nothing_with_effects_is_allowed(boundary: Boundary) -> None:
    is_back = False
    house = enforcer(back=lambda: is_back)
    handle = (await house.open(asking(), T)).handle
    is_back = True

    verdict, _ = await house.decide(Crossing(boundary=boundary, session_id=handle, at=T, body="x"))

    expected = ["clock_rollback"] if boundary in EFFECTFUL else []
    assert isinstance(house.audit, Log)
    assert [finding.reason for finding in house.audit.entries[-1].findings if finding.reason] == expected
    assert verdict.decision is (Decision.DENY if expected else Decision.ALLOW)
    assert verdict.crossing.session is not None
    assert await reasons(house, asking()) == ["clock_rollback"]
    await house.narrow(handle, Opening(scope_json="{}"), T)
    await house.delegate(handle, Delegation(agent="b", audience="x", scope_json="{}", confirmation_jwk="{}"), T)
    assert [one.findings[0].reason for one in house.audit.entries[-2:]] == ["clock_rollback"] * 2
