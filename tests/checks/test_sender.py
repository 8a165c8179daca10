"""Who sends an A2A message, and where one may go."""

from dataclasses import replace

import pytest

from sidecar.checks.base import Known, Ports, Sizes
from sidecar.checks.sender import SenderCheck, build, host_of
from sidecar.content.detection import NoDetector
from sidecar.identity.opening import Opener, Opening
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.revocation import Kind, Revocation, Selector
from sidecar.model.throttle import FAILURES
from sidecar.model.verdict import Answer, Decision
from sidecar.policy.policy import Policy
from sidecar.stores.memory import MemoryRevocations
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.trial import memory_stores
from tests.identity.crafting import EVIL, RES, STS, VERIFIER, Step, T, chain_b, drop, token_a

OPEN = Opener(verifier=VERIFIER).opened(
    Opening(tokens=tuple(STS.mint(user="ann", agents=["a"], scope={"tools": {"t": {}}}, at=T, audience=RES))), "s", T
)
LIMITED = replace(OPEN, scope=replace(OPEN.scope, egress=frozenset({"*.example", "peer.test"})))


async def judged(
    direction: Direction | None,
    peer: str,
    tokens: list[str] | None = None,
    *,
    limited: bool = False,
    revoked: Selector | None = None,
) -> Answer:
    crossing = Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id="s",
        at=T,
        body={},
        is_json=True,
        peer=peer,
        direction=direction,
        tokens=tuple(tokens or ()),
        session=LIMITED if limited else OPEN,
    )
    revocations = MemoryRevocations()
    if revoked:
        await revocations.add([Revocation(revoked, T + 1)], T)
    return await SenderCheck(VERIFIER, revocations, MemoryProofs())(crossing)


def inbound(tokens: list[str], session: str, at: float = T) -> Crossing:
    return Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id=session,
        at=at,
        body={},
        is_json=True,
        peer="helper",
        direction=Direction.INBOUND,
        tokens=tuple(tokens),
        session=replace(OPEN, id=session),
    )


async def test_n242_senders_of_rubbish_are_not_heard_after_a_while_and_other_sessions_are() -> None:
    check, good = SenderCheck(VERIFIER, MemoryRevocations(), MemoryProofs()), minted("helper")

    async def exact(crossing: Crossing) -> str:
        return (await check(crossing)).findings[0].detail

    assert {await exact(inbound(good, "s")) for _ in range(FAILURES + 1)} == {""}
    told = [await exact(inbound(["rubbish"], "s")) for _ in range(FAILURES + 2)]
    assert told == ["token_malformed"] * FAILURES + ["limit_rate"] * 2
    assert await exact(inbound(good, "s")) == "limit_rate"
    assert await exact(inbound(good, "other")) == ""
    assert await exact(inbound(good, "s", T + 1)) == ""


def test_a_reload_forgives_no_sender() -> None:
    ports = Ports(
        stores=memory_stores(),
        proofs=MemoryProofs(),
        known=Known(sightings=MemorySightings()),
        policy=Policy(),
        verifier=VERIFIER,
        detector=NoDetector(),
        sizes=Sizes(text=1, arguments=1, depth=1),
    )
    assert build(ports).failures is build(ports).failures is ports.known.throttle


def minted(*agents: str) -> list[str]:
    return STS.mint(user="ann", agents=agents, scope={}, at=T, audience=RES)


INBOUND = [
    pytest.param("helper", minted("planner", "helper"), "", id="the current actor"),
    pytest.param("batch", STS.mint(user="batch", agents=[], scope={}, at=T, audience=RES), "", id="acts for itself"),
    pytest.param("agent-a", chain_b()[:1], "sender_unverified", id="a root without a proof of its key"),
    pytest.param("planner", minted("planner", "helper"), "sender_mismatch", id="N083 an inner actor"),
    pytest.param("ann", minted("helper"), "sender_mismatch", id="the person"),
    pytest.param("Helper", minted("helper"), "sender_mismatch", id="another case"),
    pytest.param("", minted("helper"), "sender_mismatch", id="nobody"),
    pytest.param("helper", [], "sender_unverified", id="no token"),
    pytest.param("helper", ["x.y.z"], "sender_unverified", id="no token at all"),
    pytest.param(
        "helper",
        EVIL.mint(user="a", agents=["helper"], scope={}, at=T, audience=RES),
        "sender_unverified",
        id="a stranger's issuer",
    ),
    pytest.param(
        "helper",
        STS.mint(user="a", agents=["helper"], scope={}, at=T, audience="x"),
        "sender_unverified",
        id="meant for another",
    ),
    pytest.param("agent-b", [token_a(drop("act"))], "sender_unverified", id="N080 N081 without act"),
    pytest.param("agent-c", chain_b(), "sender_unverified", id="only its delegator says so"),
    pytest.param(
        "agent-c", chain_b(Step(), Step(drop("client_id"))), "sender_unverified", id="no proof of the last key"
    ),
]


@pytest.mark.parametrize(("peer", "tokens", "reason"), INBOUND)
async def test_a_message_comes_from_whom_it_says(peer: str, tokens: list[str], reason: str) -> None:
    answer = await judged(Direction.INBOUND, peer, tokens)
    assert (answer.findings[0].check, answer.findings[0].reason) == ("sender", reason)
    assert (answer.decision is Decision.ALLOW) == (reason == "")


async def test_the_tokens_own_reason_is_for_the_record_and_none_of_its_text_is_told() -> None:
    answer = await judged(Direction.INBOUND, "helper", ["canary"])
    assert (answer.findings[0].detail, "token_malformed" in answer.findings[0].message) == ("token_malformed", False)
    assert "canary" not in answer.findings[0].message


async def test_a_message_without_direction_is_denied() -> None:
    answer = await judged(None, "helper", minted("helper"))
    assert (answer.decision, answer.findings[0].reason) == (Decision.DENY, "direction_missing")


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        pytest.param("https://a.example/x", True, id="URL"),
        pytest.param("https://a.example:8443", True, id="port"),
        pytest.param("a.example", True, id="host"),
        pytest.param("peer.test", True, id="exact"),
        pytest.param("spiffe://a.example/agent", True, id="SPIFFE"),
        pytest.param("https://example/", False, id="the domain itself"),
        pytest.param("https://evil-a.example.test", False, id="another domain"),
        pytest.param("https://a.example@evil.test/", False, id="N222 user information"),
        pytest.param("https://evil.test\\@a.example", False, id="backslash"),
        pytest.param("https://A.example", False, id="N222 upper case"),
        pytest.param("https://a.example.", False, id="N222 final dot"),
        pytest.param("https://a.example:x/", False, id="port no number"),
        pytest.param("https://[::1/", False, id="broken address"),
        pytest.param("//a.example/x", False, id="no scheme"),
        pytest.param("a.example/x", False, id="no URL"),
        pytest.param("https://a.example\n", False, id="line break"),
        pytest.param("https://ä.example", False, id="not ASCII"),
        pytest.param("helper", False, id="a name"),
        pytest.param("", False, id="nothing"),
    ],
)
async def test_a_message_goes_to_hosts_of_the_scope(peer: str, allowed: bool) -> None:  # noqa: FBT001 - a table's column
    limited, unlimited = await judged(Direction.OUTBOUND, peer, limited=True), await judged(Direction.OUTBOUND, peer)
    assert limited.findings[0].reason == ("" if allowed else "egress_denied")
    assert unlimited.decision is Decision.ALLOW


async def test_a_sender_whose_chain_is_revoked_is_not_heard() -> None:
    tokens = minted("planner", "helper")

    answers = [
        await judged(Direction.INBOUND, "helper", tokens, revoked=Selector(Kind.AGENT, name))
        for name in ("planner", "other")
    ]

    assert [(one.decision, one.findings[0].reason) for one in answers] == [
        (Decision.DENY, "sender_unverified"),
        (Decision.ALLOW, ""),
    ]


def test_the_host_of_a_url_is_without_its_port() -> None:
    assert host_of("https://a.example:8443/x?y#z") == "a.example"
