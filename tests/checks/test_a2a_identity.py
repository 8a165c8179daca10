"""What an A2A message carries besides what it says: a chain, a card, a task, and tokens that are not its own."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from sidecar.checks.base import Known
from sidecar.checks.card import CardCheck
from sidecar.checks.carried import CarriedCheck
from sidecar.checks.passthrough import PassthroughCheck
from sidecar.checks.sender import SenderCheck
from sidecar.checks.task import REMEMBERED, TaskCheck
from sidecar.identity.cards import NO_PINS, Pinned, Pins
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.peers import PeerRule
from sidecar.identity.holders.proving import Asked, proof
from sidecar.identity.keys import KeySet
from sidecar.identity.opening import Opener, Opening
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Answer, Decision
from sidecar.protocols.a2a.authz import EXTENSION, MESSAGE_TOOL
from sidecar.protocols.passthrough import marks
from sidecar.stores.memory import MemoryRevocations
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sightings import MemorySightings
from tests.chains import put_in
from tests.identity.crafting import HOLDERS, RES, STS, VERIFIER, A, B, C, Step, T, chain_b, drop, put, token_a

PEER = "https://helper.example/a2a"
HELLO: dict[str, Json] = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "hi"}]}
CHAIN = chain_b()
KNOWS = Pins.of([Pinned(peer=PEER, keys=KeySet(keys=(HOLDERS[0].public,)), is_verifier=True)])


def minted(user: str = "ann", agent: str = "agent-b") -> tuple[str, ...]:
    return tuple(STS.mint(user=user, agents=[agent], scope={"tools": {"t": {}}}, at=T, audience=RES))


OURS = minted()
SESSION = Opener(verifier=VERIFIER, proofs="off").opened(Opening(tokens=OURS), "ses_1", T)


def crossing(body: Json, direction: Direction | None = Direction.INBOUND, **changes: object) -> Crossing:
    made = Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id="s",
        at=T,
        body=body,
        is_json=True,
        peer=PEER,
        direction=direction,
        session=SESSION,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the fields of a table's row


def told(answer: Answer) -> list[str]:
    return [f"{finding.decision.name} {finding.reason}".strip() for finding in answer.findings]


# ---- carried ---------------------------------------------------------------------------------------------


async def test_a_chain_becomes_the_senders_and_does_not_cross() -> None:
    answer = await CarriedCheck(NO_PINS)(crossing(put_in(HELLO, CHAIN, "p.o.p")))

    assert told(answer) == ["REDACT chain_removed"]
    assert answer.onward is not None
    assert (answer.onward.body, answer.onward.tokens, answer.onward.proof) == (HELLO, tuple(CHAIN), "p.o.p")


@pytest.mark.parametrize(
    ("made", "pins", "expected"),
    [
        pytest.param(crossing(HELLO), NO_PINS, ["ALLOW"], id="nothing carried"),
        pytest.param(crossing(HELLO, tokens=OURS), NO_PINS, ["ALLOW"], id="tokens beside it"),
        pytest.param(
            crossing(put_in(HELLO, CHAIN), tokens=tuple(CHAIN)), NO_PINS, ["REDACT chain_removed"], id="the same twice"
        ),
        pytest.param(
            crossing(put_in(HELLO, CHAIN), tokens=OURS), NO_PINS, ["DENY token_ambiguous"], id="N228 two that differ"
        ),
        pytest.param(
            crossing({**HELLO, "metadata": {EXTENSION: {}}}), NO_PINS, ["DENY token_malformed"], id="no chain"
        ),
        pytest.param(
            crossing(put_in(HELLO, CHAIN), Direction.OUTBOUND),
            NO_PINS,
            ["REDACT chain_removed"],
            id="outbound to anybody",
        ),
        pytest.param(
            crossing(put_in(HELLO, CHAIN), Direction.OUTBOUND), KNOWS, ["ALLOW"], id="outbound to who verifies it"
        ),
        pytest.param(crossing(put_in(HELLO, CHAIN)), KNOWS, ["REDACT chain_removed"], id="inbound from who does"),
        pytest.param(crossing(put_in(HELLO, CHAIN), None), KNOWS, ["REDACT chain_removed"], id="nobody says which way"),
    ],
)
async def test_n228_one_chain_and_never_in_what_crosses(made: Crossing, pins: Pins, expected: list[str]) -> None:
    answer = await CarriedCheck(pins)(made)

    assert told(answer) == expected
    if answer.onward is not None:
        assert answer.onward.body == HELLO
        assert (answer.onward.tokens == tuple(CHAIN)) == (made.direction is Direction.INBOUND)


# ---- sender, with a proof --------------------------------------------------------------------------------

LINKED = chain_b(Step(), Step(), Step(drop("client_id")))
NAME = HOLDERS[2].public.thumbprint_uri


def proved(message: Mapping[str, Json], tool: str = MESSAGE_TOOL, key: SigningKey = HOLDERS[2]) -> str:
    return proof(key, LINKED, Asked(audience=RES, tool=tool, arguments=message, at=T))


async def test_a_proof_makes_the_last_holder_of_a_chain_sure_and_counts_once() -> None:
    check = SenderCheck(VERIFIER, MemoryRevocations(), MemoryProofs())
    made = crossing(HELLO, peer=NAME, tokens=tuple(LINKED), proof=proved(HELLO))

    first, again = await check(made), await check(made)

    assert (told(first), told(again)) == (["ALLOW"], ["DENY sender_unverified"])
    assert first.onward is not None
    assert first.onward.sender is not None
    assert first.onward.sender.principal.agent == NAME


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="none"),
        pytest.param(proved({**HELLO, "parts": [{"text": "ho"}]}), id="of another message"),
        pytest.param(proved(HELLO, tool="a2a:other"), id="of another tool"),
        pytest.param(proved(HELLO, key=HOLDERS[1]), id="of another holder"),
        pytest.param("a.b.c", id="no proof at all"),
    ],
)
async def test_without_a_proof_that_holds_the_last_holder_is_not_sure(text: str) -> None:
    check = SenderCheck(VERIFIER, MemoryRevocations(), MemoryProofs())

    answer = await check(crossing(HELLO, peer=NAME, tokens=tuple(LINKED), proof=text))

    assert answer.decision is Decision.DENY


BOUND_A = (token_a(put(cnf={"jkt": HOLDERS[2].public.thumbprint})),)
ROOT = tuple(chain_b(agents=[A]))
NAMED = tuple(chain_b())
COURIER = Known(sightings=MemorySightings(), peers=(PeerRule(agent=C, key=HOLDERS[2].public.thumbprint),))


def proven(tokens: tuple[str, ...], key: SigningKey) -> str:
    return proof(key, tokens, Asked(audience=RES, tool=MESSAGE_TOOL, arguments=HELLO, at=T))


@pytest.mark.parametrize(
    ("peer", "tokens", "text", "known", "expected"),
    [
        pytest.param(B, BOUND_A, "", None, "DENY sender_unverified", id="N162 a bound token that was read somewhere"),
        pytest.param(B, BOUND_A, proven(BOUND_A, HOLDERS[2]), None, "ALLOW", id="a bound token from its holder"),
        pytest.param(A, ROOT, "", None, "DENY sender_unverified", id="N162 a root that was read somewhere"),
        pytest.param(A, ROOT, proven(ROOT, HOLDERS[0]), None, "ALLOW", id="a root from its holder"),
        pytest.param(C, NAMED, proven(NAMED, HOLDERS[2]), None, "DENY sender_unverified", id="a name of a delegator"),
        pytest.param(C, NAMED, proven(NAMED, HOLDERS[2]), COURIER, "ALLOW", id="a name that its key is configured for"),
        pytest.param(C, NAMED, "", COURIER, "DENY sender_unverified", id="that name without the key"),
    ],
)
async def test_who_sends_a_bound_chain_proves_to_hold_its_key(
    peer: str, tokens: tuple[str, ...], text: str, known: Known | None, expected: str
) -> None:
    check = SenderCheck(VERIFIER, MemoryRevocations(), MemoryProofs(), known=known)

    assert told(await check(crossing(HELLO, peer=peer, tokens=tokens, proof=text))) == [expected]


# ---- card ------------------------------------------------------------------------------------------------


def card(by: SigningKey | None = HOLDERS[0], **members: Json) -> str:
    body: dict[str, Json] = {"name": "helper", "url": PEER, **members}
    if by is not None:
        head, _, signature = by.sign(body, "JOSE", header={"kid": HOLDERS[0].public.thumbprint}).split(".")
        body["signatures"] = [{"protected": head, "signature": signature}]
    return json.dumps(body)


@pytest.mark.parametrize(
    ("text", "pins", "expected", "verified"),
    [
        pytest.param("", KNOWS, ["ALLOW"], False, id="none was sent"),
        pytest.param(card(), KNOWS, ["ALLOW"], True, id="signed"),
        pytest.param(card(), NO_PINS, ["ALLOW"], False, id="signed by whom nobody pinned"),
        pytest.param(card(None), NO_PINS, ["ALLOW"], False, id="unsigned, of whom nobody pinned"),
        pytest.param(card(None), KNOWS, ["DENY card_unsigned"], False, id="unsigned"),
        pytest.param(card(HOLDERS[1]), KNOWS, ["DENY card_invalid"], False, id="signed by another"),
        pytest.param(card(url="https://x.example"), KNOWS, ["DENY card_mismatch"], False, id="another's"),
        pytest.param("{", NO_PINS, ["DENY card_invalid"], False, id="no card"),
    ],
)
async def test_a_card_is_judged_as_it_comes(text: str, pins: Pins, expected: list[str], verified: bool) -> None:  # noqa: FBT001 - a table's column
    answer = await CardCheck(pins)(crossing(HELLO, card=text))

    assert told(answer) == expected
    assert (answer.onward is not None and answer.onward.card_verified) == verified


# ---- passthrough -----------------------------------------------------------------------------------------

SENDER = VERIFIER.verify(minted("ann", "helper"), T)


async def seen(*tokens: str) -> PassthroughCheck:
    sightings = MemorySightings()
    await sightings.keep(marks(tokens), T + 600.0, T)
    return PassthroughCheck(sightings)


@pytest.mark.parametrize(
    ("body", "direction", "boundary"),
    [
        pytest.param({"q": f"Bearer {OURS[0]}"}, None, Boundary.TOOL_CALL, id="N227 a tool's arguments"),
        pytest.param([{"role": "user", "content": OURS[0]}], None, Boundary.LLM_REQUEST, id="a prompt"),
        pytest.param({**HELLO, "parts": [{"text": OURS[0]}]}, Direction.OUTBOUND, Boundary.A2A_MESSAGE, id="a message"),
        pytest.param(put_in(HELLO, [OURS[0]]), Direction.OUTBOUND, Boundary.A2A_MESSAGE, id="a chain that ends in it"),
    ],
)
async def test_n227_a_token_that_was_given_to_us_does_not_leave(
    body: Json, direction: Direction | None, boundary: Boundary
) -> None:
    check = await seen(*OURS)

    answer = await check(crossing(body, direction, boundary=boundary))

    assert told(answer) == ["DENY call_token_passthrough"]
    assert OURS[0] not in str(answer)


@pytest.mark.parametrize(
    ("body", "direction"),
    [
        pytest.param({"q": "hello"}, None, id="no token"),
        pytest.param({"q": token_a()}, None, id="another token"),
        pytest.param({**HELLO, "parts": [{"text": OURS[0]}]}, Direction.INBOUND, id="it comes in"),
        pytest.param(put_in(HELLO, [OURS[0], token_a()]), Direction.OUTBOUND, id="a chain that goes on from it"),
    ],
)
async def test_what_is_ours_to_send_leaves(body: Json, direction: Direction | None) -> None:
    check = await seen(*OURS)

    assert told(await check(crossing(body, direction))) == ["ALLOW"]


async def test_the_tokens_of_a_proven_sender_are_remembered() -> None:
    check = await seen()
    theirs = minted("ann", "helper")
    out = crossing({"q": theirs[0]}, None)

    await check(crossing(HELLO, tokens=theirs))  # nobody proved them
    before = await check(out)
    await check(crossing(HELLO, tokens=theirs, sender=SENDER))
    after = await check(out)
    over = await check(replace(out, at=float(SENDER.expires_at)))

    assert [told(each) for each in (before, after, over)] == [["ALLOW"], ["DENY call_token_passthrough"], ["ALLOW"]]


# ---- task ------------------------------------------------------------------------------------------------

BEN = Opener(verifier=VERIFIER, proofs="off").opened(Opening(tokens=minted("ben")), "ses_2", T)
FROM_BEN = VERIFIER.verify(minted("ben", "helper"), T)


def of_task(**ids: Json) -> dict[str, Json]:
    return {**HELLO, **ids}


async def test_n228_a_task_stays_with_the_principal_that_began_it() -> None:
    check = TaskCheck(MemorySightings())
    began = crossing(of_task(taskId="t1", contextId="c1"), Direction.OUTBOUND)

    answers = [
        await check(began),
        await check(began),
        await check(replace(began, session=BEN)),
        await check(replace(began, session=BEN, body=of_task(contextId="c1"))),
        await check(replace(began, session=BEN, body=of_task(taskId="t2"))),
        await check(replace(began, session=BEN, peer="https://another.example")),
        await check(replace(began, session=BEN, body=HELLO)),
        await check(replace(began, session=BEN, at=T + REMEMBERED)),
    ]

    refused = ["DENY session_principal_changed"]
    allowed = ["ALLOW"]
    assert [told(a) for a in answers] == [allowed, allowed, refused, refused, allowed, allowed, allowed, allowed]


async def test_n228_a_task_stays_with_the_sender_that_began_it() -> None:
    check = TaskCheck(MemorySightings())
    came = crossing(of_task(taskId="t1"), sender=SENDER)

    answers = [await check(came), await check(replace(came, sender=FROM_BEN)), await check(came)]

    assert [told(a) for a in answers] == [["ALLOW"], ["DENY session_principal_changed"], ["ALLOW"]]


async def test_the_answer_to_a_task_is_under_the_task_of_the_request() -> None:
    check = TaskCheck(MemorySightings())
    await check(crossing(of_task(taskId="t1"), Direction.OUTBOUND))
    answered: Json = {"jsonrpc": "2.0", "id": 1, "result": {"task": {"id": "t1", "status": {"state": 1}}}}

    answer = await check(crossing(answered, session=BEN, sender=FROM_BEN))

    assert told(answer) == ["DENY session_principal_changed"]
