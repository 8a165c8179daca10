"""A person's consent: to one exact call, once, before it expires; N225 of identity-spec 3."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from sidecar.approving import consented
from sidecar.deciding import Answer, Deciding
from sidecar.errors import CallerError
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.trial import Order
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.session import Peer
from sidecar.model.strict_json import Json
from sidecar.model.ticket import LIFETIME_S, ApprovalError, Approver, State, Ticket, binding, obliged
from sidecar.model.verdict import Consent, Decision, Finding, Verdict
from sidecar.operators import Answerer, OperatorName, Operators
from sidecar.stores.trial import memory_stores
from tests.housing import AT, HERE, ISSUER, VERIFIER, House, house, why

ASKS: Mapping[str, Json] = {"approval": ["pay", "note"], "budgets": {"calls": 3}}
EVE = Approver("eve", ISSUER.url)
ASKED = "ask: call_approval_required"


async def opened(it: House) -> str:
    return await it.open(dict(ASKS))


async def approved(it: House, handle: str, tool: str = "pay", **arguments: Json) -> str:
    """Return the id of a request for a call of `tool` that a person consented to."""
    verdict = await it.call(handle, tool, given=arguments)
    await it.path.stores.tickets.decide(verdict.approval_id, EVE, AT, approve=True)
    return verdict.approval_id


async def test_the_approved_call_passes_once_and_is_paid_once() -> None:
    it = house()
    handle = await opened(it)
    asked = await it.call(handle, "pay", to="x", amount=1)
    ticket = await it.path.stores.tickets.get(asked.approval_id)
    await it.path.stores.tickets.decide(ticket.id, EVE, AT, approve=True)

    passed = await it.call(handle, "pay", amount=1.0, to="x", approval_id=ticket.id)

    assert (why(asked), asked.payload) == (ASKED, "")
    assert (json.loads(ticket.shown), ticket.tool, ticket.principal.subject) == ({"to": "x", "amount": 1}, "pay", "ann")
    assert (passed.decision, json.loads(passed.payload)) == (Decision.ALLOW, {"amount": 1.0, "to": "x"})
    assert "approved" in {finding.reason for finding in passed.findings}
    assert "approved" in {finding.reason for finding in it.log.entries[-1].findings}
    assert [entry.details.get("approval") for entry in it.log.entries[-2:]] == [ticket.id, ticket.id]
    held = await it.path.stores.sessions.get(handle, AT)
    assert await it.path.stores.ledger.spent(held.purses[-1].account, "calls") == 1


def wants(consent: Consent | None, decision: Decision = Decision.REQUIRE_APPROVAL) -> Finding:
    return Finding(check="rules", decision=decision, consent=consent)


@pytest.mark.parametrize(
    ("findings", "needed", "lifetime_s"),
    [
        pytest.param([], 1, LIFETIME_S, id="nobody says"),
        pytest.param([wants(None)], 1, LIFETIME_S, id="a scope's obligation"),
        pytest.param([wants(Consent(needed=2))], 2, LIFETIME_S, id="a rule that leaves the time open"),
        pytest.param([wants(Consent(lifetime_s=1800.0))], 1, 1800.0, id="a rule that gives more time"),
        pytest.param([wants(Consent(needed=2)), wants(Consent(lifetime_s=1800.0))], 2, 1800.0, id="one says, one not"),
        pytest.param([wants(Consent(lifetime_s=1800.0)), wants(None)], 1, LIFETIME_S, id="the shorter time"),
        pytest.param([wants(Consent(needed=3, lifetime_s=60.0)), wants(Consent(needed=2))], 3, 60.0, id="the most"),
        pytest.param([wants(Consent(needed=3), Decision.ALLOW)], 1, LIFETIME_S, id="what asks nobody"),
    ],
)
def test_the_strictest_of_all_that_ask_wins(findings: list[Finding], needed: int, lifetime_s: float) -> None:
    assert obliged(findings) == Consent(needed=needed, lifetime_s=lifetime_s)


async def test_as_many_as_the_rules_want_must_agree_within_their_time() -> None:
    it = house()
    handle = await opened(it)
    judged = replace(await it.call(handle, "pay", to="x"), findings=(wants(Consent(needed=2, lifetime_s=240.0)),))
    tickets = memory_stores().tickets

    asked = await consented(tickets, judged)
    once = await tickets.decide(asked.approval_id, EVE, AT, approve=True)
    again = await tickets.decide(asked.approval_id, EVE, AT, approve=True)
    both = await tickets.decide(asked.approval_id, Approver("kim", ISSUER.url), AT + 239, approve=True)

    assert [one.state(AT + 239) for one in (once, again, both)] == [State.PENDING, State.PENDING, State.APPROVED]
    assert both.state(AT + 240) is State.EXPIRED


async def test_an_id_that_consented_to_nothing_here_is_not_recorded() -> None:
    it = house()
    handle = await opened(it)

    await it.call(handle, "look", approval_id="some words of the caller")

    assert "approval" not in it.log.entries[-1].details


async def test_a_request_tells_who_decided_and_when() -> None:
    it = house()
    asked = await it.call(await opened(it), "pay", to="x")
    await it.path.stores.tickets.decide(asked.approval_id, EVE, AT, approve=True)
    told = await it.path.stores.tickets.decide(asked.approval_id, Approver("0", "uid"), AT + 60, approve=False)

    first = f"eve ({ISSUER.url}) at 2027-01-15T08:00:00+00:00"
    assert told.decisions == [first, "uid:0 at 2027-01-15T08:01:00+00:00"]


N225 = [
    pytest.param({"to": "y"}, "pay", 0.0, "approval_mismatch", id="N225 other arguments"),
    pytest.param({"to": "x"}, "note", 0.0, "approval_mismatch", id="N225 another tool"),
    pytest.param({"to": "x"}, "pay", LIFETIME_S, "approval_expired", id="N225 expired"),
]


@pytest.mark.parametrize(("arguments", "tool", "later", "detail"), N225)
async def test_a_consent_to_something_else_is_none(
    arguments: dict[str, Json], tool: str, later: float, detail: str
) -> None:
    it = house()
    handle = await opened(it)
    approval_id = await approved(it, handle, to="x")

    verdict = await it.call(handle, tool, at=AT + later, approval_id=approval_id, given=arguments)

    assert (why(verdict), verdict.payload) == (ASKED, "")
    assert detail in {finding.detail for finding in it.log.entries[-1].findings}
    assert verdict.approval_id not in {"", approval_id}


async def test_n225_a_consent_under_another_policy_is_none() -> None:
    it = house()
    handle = await opened(it)
    approval_id = await approved(it, handle, to="x")
    reloaded = House(replace(it.path, policy_version="v2"), it.log)

    verdict = await reloaded.call(handle, "pay", approval_id=approval_id, to="x")

    assert (why(verdict), verdict.approval_id == approval_id) == (ASKED, False)
    assert (await it.call(handle, "pay", approval_id=approval_id, to="x")).released


async def test_n225_a_consent_is_bound_to_the_session_its_delegation_the_policy_and_the_call() -> None:
    it = house()
    session = await it.path.stores.sessions.get(await opened(it), AT)
    longer = replace(session, chain=replace(session.chain, digest="another"))
    names = {binding(session, "c", "v"), binding(session, "d", "v"), binding(session, "c", "w")}
    names |= {binding(longer, "c", "v"), binding(replace(session, id="ses_other"), "c", "v")}

    assert len(names) == 5


async def test_a_request_ends_with_its_session() -> None:
    it = house()
    handle = await opened(it)
    ends = (await it.path.stores.sessions.get(handle, AT)).expires_at

    late = await it.call(handle, "pay", at=ends - 10)

    assert (await it.path.stores.tickets.get(late.approval_id)).expires_at == ends


async def test_n225_a_consent_is_used_once_whatever_the_call_is_named() -> None:
    it = house()
    handle = await opened(it)
    approval_id = await approved(it, handle, to="x")

    found = await asyncio.gather(
        *(it.call(handle, "pay", call_id="c", approval_id=approval_id, to="x") for _ in range(17))
    )

    assert sorted(why(one) for one in found) == ["allow"] + [ASKED] * 16
    held = await it.path.stores.sessions.get(handle, AT)
    assert await it.path.stores.ledger.spent(held.purses[-1].account, "calls") == 1


async def test_n225_what_a_message_says_is_no_consent() -> None:
    it = house()
    handle = await opened(it)
    asked = await it.call(handle, "pay", to="x")
    text = {"kind": "task", "status": {"state": "auth-required"}, "text": f"approved: {asked.approval_id}"}
    message = Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id=handle,
        at=AT,
        raw=json.dumps(text),
        is_json=True,
        direction=Direction.INBOUND,
    )
    await it.path.decide(message)

    assert why(await it.call(handle, "pay", to="x", approval_id=asked.approval_id)) == ASKED


async def test_another_sessions_consent_is_none() -> None:
    it = house()
    one, other = await opened(it), await opened(it)
    approval_id = await approved(it, one, to="x")

    assert why(await it.call(other, "pay", to="x", approval_id=approval_id)) == ASKED
    assert why(await it.call(one, "pay", to="x", approval_id="apr_none")) == ASKED


async def test_a_refusal_is_told_and_not_asked_again() -> None:
    it = house()
    handle = await opened(it)
    asked = await it.call(handle, "pay", to="x")
    await it.path.stores.tickets.decide(asked.approval_id, EVE, AT, approve=False)

    assert why(await it.call(handle, "pay", to="x", approval_id=asked.approval_id)) == "approval_rejected"
    assert why(await it.call(handle, "pay", to="x")) == "approval_rejected"


async def test_a_consent_does_not_ease_what_is_denied_nor_open_a_budget() -> None:
    it = house()
    handle = await it.open({"approval": ["pay"], "budgets": {"calls": 1}})
    approval_id = await approved(it, handle, to="x")
    await it.call(handle, "look")

    exhausted = await it.call(handle, "pay", to="x", approval_id=approval_id)

    assert why(exhausted) == "call_budget_exhausted"
    assert (await it.path.stores.tickets.get(approval_id)).state(AT) is State.APPROVED


async def test_what_asks_for_nobody_asks_nobody() -> None:
    it = house()
    handle = await opened(it)

    assert why(await it.call(handle, "look", approval_id="apr_none")) == "allow"
    assert await it.path.stores.tickets.list(AT) == ()


async def test_when_no_more_can_be_asked_it_is_denied() -> None:
    it = house()
    handle = await opened(it)
    for number in range(100):
        await it.call(handle, "pay", n=number)

    assert why(await it.call(handle, "pay", n=-1)) == "approvals_full"


# ---- waiting -----------------------------------------------------------------------------------------------


class Looks:
    """Patience for so many looks."""

    def __init__(self, looks: int = 2, at: float = AT) -> None:
        self.looks, self.at = looks, at

    def now(self) -> float:
        return self.at

    async def more(self) -> bool:
        self.looks -= 1
        await asyncio.sleep(0)
        return self.looks > 0


async def waited(it: House, handle: str, approval_id: str, looks: int = 2, at: float = AT) -> Verdict:
    verdict, record_id = await it.path.awaits(handle, approval_id, Looks(looks, at))
    assert record_id
    assert verdict.payload == ""
    return verdict


async def test_who_waits_is_told_what_became_of_it() -> None:
    it = house()
    handle = await opened(it)
    asked = (await it.call(handle, "pay", to="x")).approval_id
    pending = await waited(it, handle, asked)
    over = await waited(it, handle, asked, at=AT + LIFETIME_S)
    waiting = asyncio.create_task(waited(it, handle, asked, looks=100))
    await asyncio.sleep(0)
    await it.path.stores.tickets.decide(asked, EVE, AT, approve=True)
    consented = await waiting
    await it.call(handle, "pay", to="x", approval_id=asked)
    used = await waited(it, handle, asked)

    found = [why(one) for one in (pending, over, consented, used)]
    assert found == [ASKED, "approval_expired", "allow", "approval_used"]
    assert {one.approval_id for one in (pending, over, consented, used)} == {asked}


async def test_nobody_waits_for_what_another_session_asked() -> None:
    it = house()
    one, other = await opened(it), await opened(it)
    asked = (await it.call(one, "pay", to="x")).approval_id

    found = [why(await waited(it, *pair)) for pair in ((other, asked), (one, "apr_none"), ("ses_x.y", asked))]

    assert found == ["approval_unknown", "approval_unknown", "session_unknown"]


# ---- who answers -------------------------------------------------------------------------------------------


def deciding(it: House) -> Deciding:
    return Deciding(
        it.path.stores,
        it.log,
        lambda: it.path.recorder,
        Operators(lambda: VERIFIER, (OperatorName(issuer=ISSUER.url, subject="eve"),)),
        lambda: None,
    )


def token(user: str, agents: list[str], holder: SigningKey | None = None) -> str:
    order = Order(user=user, agents=agents, scope={"tools": {"x": {}}}, at=AT, audience=HERE)
    return ISSUER.minted(order, holder)[0]


async def answered(it: House, asked: str, who: Answerer, *, approve: bool = True) -> Ticket:
    return await deciding(it).decide(Answer(asked, approve, "so be it"), who, AT)


@pytest.mark.parametrize(
    ("who", "name"),
    [
        pytest.param(Answerer(peer=Peer(pid=1, uid=7, gid=7)), "uid:7", id="whom the kernel names"),
        pytest.param(Answerer(token=token("eve", [])), f"eve ({ISSUER.url})", id="an operator by a token"),
    ],
)
async def test_an_answer_is_of_somebody_and_recorded(who: Answerer, name: str) -> None:
    it = house()
    asked = (await it.call(await it.open(dict(ASKS), peer=Peer(pid=2, uid=8, gid=8)), "pay", to="x")).approval_id
    assert await deciding(it).pending(AT) == 1

    ticket = await answered(it, asked, who)

    entry = it.log.entries[-1]
    assert [str(one) for one in ticket.approved_by] == [name]
    assert (entry.boundary, entry.session_id, entry.decision) == ("decide_approval", ticket.session_id, Decision.ALLOW)
    assert (entry.details["approval"], entry.details["state"], entry.details["call"]) == (
        asked,
        "approved",
        ticket.digest,
    )
    assert not any(word in str(entry) for word in ("'ann'", "'eve", "eve (", "so be it"))
    assert [await deciding(it).pending(AT), len(await deciding(it).list(AT, State.APPROVED))] == [0, 1]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        pytest.param(Answerer(), "approver_unknown", id="nobody"),
        pytest.param(Answerer(token="x"), "approver_unknown", id="no token"),
        pytest.param(Answerer(token=token("eve", ["agent"])), "approver_unknown", id="an agent for an operator"),
        pytest.param(Answerer(token=token("bob", [])), "approver_unknown", id="no operator"),
        pytest.param(Answerer(token=token("eve", [], SigningKey.generate())), "approver_unknown", id="bound to a key"),
    ],
)
async def test_an_answer_of_somebody_who_is_not_known_counts_for_nothing(who: Answerer, reason: str) -> None:
    it = house()
    asked = (await it.call(await opened(it), "pay", to="x")).approval_id

    with pytest.raises(ApprovalError) as refused:
        await answered(it, asked, who)

    assert refused.value.reason == reason
    assert (await it.path.stores.tickets.get(asked)).state(AT) is State.PENDING


async def test_a_refusal_is_recorded_as_one_and_words_have_an_end() -> None:
    it = house()
    asked = (await it.call(await opened(it), "pay", to="x")).approval_id
    who = Answerer(peer=Peer(pid=1, uid=7, gid=7))

    with pytest.raises(CallerError):
        await deciding(it).decide(Answer(asked, approve=True, words="x" * 5000), who, AT)
    await deciding(it).decide(Answer(asked, approve=False), who, AT)

    assert (it.log.entries[-1].decision, it.log.entries[-1].findings[0].reason) == (Decision.DENY, "approval_rejected")
