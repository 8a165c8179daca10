"""A token that was given to this agent does not leave it, whatever it is written in: over the wire."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidecar.identity.holders.holder import SigningKey
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from tests.chains import put_in
from tests.running import AUDIENCE, Running, running

HELLO: dict[str, Json] = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "hello"}]}
HELPER = SigningKey.generate()


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    (tmp_path / "helper.jwks.json").write_text(json.dumps({"keys": [HELPER.public_jwk()]}), encoding="utf-8")
    cards = 'cards = [{peer = "helper", keys = "helper.jwks.json"}]'
    async with running(tmp_path, identity=cards) as it:
        yield it


def reasons(answer: pb.Verdict) -> list[str]:
    return [finding.reason for finding in answer.findings if finding.reason]


def outbound(handle: str, message: Json, **fields: str) -> pb.A2aMessage:
    text = json.dumps(message)
    return pb.A2aMessage(
        session_id=handle, direction=pb.A2aMessage.OUTBOUND, peer="helper", message_json=text, **fields
    )


async def test_n227_a_token_leaves_by_no_boundary_of_any_session(sidecar: Running) -> None:
    tokens = sidecar.tokens()
    await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens))
    other = await sidecar.session()

    verdicts = [
        await sidecar.guard.CheckToolCall(
            pb.ToolCall(session_id=other, tool="echo", arguments_json=json.dumps({"text": tokens[0], "n": 1}))
        ),
        await sidecar.guard.CheckLlmRequest(
            pb.LlmRequest(session_id=other, messages=[pb.Message(role="user", content=f"use {tokens[0]}==")])
        ),
        await sidecar.guard.CheckA2aMessage(outbound(other, {**HELLO, "parts": [{"text": tokens[0]}]})),
    ]

    assert [(v.decision, reasons(v), v.payload) for v in verdicts] == [
        (pb.DENY, ["call_token_passthrough"], "") for _ in verdicts
    ]


async def test_a_token_that_opened_nothing_is_only_text(sidecar: Running) -> None:
    handle = await sidecar.session()
    stranger = sidecar.tokens()[0]

    verdict = await sidecar.guard.CheckLlmRequest(
        pb.LlmRequest(session_id=handle, messages=[pb.Message(role="user", content=stranger)])
    )

    assert verdict.decision == pb.ALLOW


async def test_a_chain_that_a_message_carries_does_not_leave_with_it(sidecar: Running) -> None:
    handle = await sidecar.session()

    verdict = await sidecar.guard.CheckA2aMessage(outbound(handle, put_in(HELLO, ["a.b.c"])))

    assert (verdict.decision, reasons(verdict)) == (pb.REDACT, ["chain_removed"])
    assert json.loads(verdict.payload) == HELLO


async def test_an_inbound_message_brings_its_chain_along(sidecar: Running) -> None:
    handle = await sidecar.session()
    chain = sidecar.issuer.mint(user="user", agents=["helper"], scope={}, audience=AUDIENCE, at=_now())
    message = json.dumps(put_in(HELLO, chain))

    verdict = await sidecar.guard.CheckA2aMessage(
        pb.A2aMessage(session_id=handle, direction=pb.A2aMessage.INBOUND, peer="helper", message_json=message)
    )

    assert (verdict.decision, reasons(verdict)) == (pb.REDACT, ["chain_removed"])
    assert json.loads(verdict.payload) == HELLO


async def test_the_card_of_a_pinned_peer_is_signed(sidecar: Running) -> None:
    handle = await sidecar.session()
    card: dict[str, Json] = {"name": "helper", "version": "1"}
    head, _, signature = HELPER.sign(card, "JOSE", header={"kid": HELPER.public.thumbprint}).split(".")
    signed = {**card, "signatures": [{"protected": head, "signature": signature}]}

    verdicts = [
        await sidecar.guard.CheckA2aMessage(outbound(handle, HELLO, card_json=json.dumps(each)))
        for each in (signed, card, {**signed, "version": "2"}, {**signed, "name": "other"})
    ]

    assert [reasons(v) for v in verdicts] == [[], ["card_unsigned"], ["card_invalid"], ["card_mismatch"]]


async def test_n228_a_task_of_one_user_is_not_taken_into_anothers_session(sidecar: Running) -> None:
    first = await sidecar.session()
    ben = sidecar.issuer.mint(user="ben", agents=["agent"], scope={"tools": {"echo": {}}}, audience=AUDIENCE, at=_now())
    second = (await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=ben))).session_id
    message = {**HELLO, "taskId": "t1"}

    verdicts = [await sidecar.guard.CheckA2aMessage(outbound(handle, message)) for handle in (first, second, first)]

    assert [reasons(v) for v in verdicts] == [[], ["session_principal_changed"], []]


def _now() -> int:

    return int(time.time())
