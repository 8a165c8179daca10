"""The suite that every store of tickets passes."""

import asyncio
import json
from dataclasses import replace

import pytest

from sidecar.errors import OverloadError
from sidecar.model.autonomy import Agent
from sidecar.model.chain import Principal
from sidecar.model.ticket import ApprovalError, Approver, State, Ticket
from sidecar.model.verdict import Decision, Finding, Severity
from sidecar.stores import ticket_form
from sidecar.stores.seal import Sealed
from sidecar.stores.tickets import MAX_OF_AGENT, MAX_OF_SESSION, MemoryTickets
from tests.chains import NOW
from tests.stores.conftest import Held, back

EVE = Approver("eve", "https://ops.example")
OPS = Approver("0", "uid")
FINDING = Finding(
    check="scope",
    decision=Decision.REQUIRE_APPROVAL,
    reason="call_approval_required",
    severity=Severity.HIGH,
    controls=("ASI02",),
)
ASKED = Ticket(
    id="apr_1",
    bound="b1",
    digest="sha256:1",
    session_id="ses_1",
    principal=Principal(subject="ann", issuer="https://i.example", actors=("planner", "worker")),
    tool="pay",
    shown='{"to":"<IBAN>"}',
    findings=(FINDING,),
    opener=1000,
    agent=Agent(issuer="https://i.example", name="worker", task_type="bills", above=("planner",)),
    requested_at=NOW,
    expires_at=NOW + 300,
)


@pytest.fixture
def tickets(held: Held) -> MemoryTickets:
    return MemoryTickets(held.keep, held.seal)


async def test_one_consent_is_good_for_one_call(tickets: MemoryTickets) -> None:
    await tickets.open(ASKED)
    approved = await tickets.decide("apr_1", EVE, NOW, approve=True)
    used = await tickets.use("apr_1", "b1", NOW)

    assert (approved.state(NOW), used.state(NOW)) == (State.APPROVED, State.USED)
    with pytest.raises(ApprovalError) as refused:
        await tickets.use("apr_1", "b1", NOW)
    assert refused.value.reason == "approval_used"


async def test_of_many_at_once_one_uses_it(tickets: MemoryTickets) -> None:
    await tickets.open(ASKED)
    await tickets.decide("apr_1", EVE, NOW, approve=True)

    found = await asyncio.gather(*(tickets.use("apr_1", "b1", NOW) for _ in range(50)), return_exceptions=True)

    assert sum(isinstance(one, Ticket) for one in found) == 1


@pytest.mark.parametrize(
    ("decision", "bound", "after", "reason"),
    [
        pytest.param(None, "b1", 0, "approval_pending", id="nobody decided"),
        pytest.param(False, "b1", 0, "approval_rejected", id="rejected"),
        pytest.param(True, "b2", 0, "approval_mismatch", id="for something else"),
        pytest.param(True, "b1", 300, "approval_expired", id="at its end"),
    ],
)
async def test_what_is_no_consent_is_refused(
    tickets: MemoryTickets, *, decision: bool | None, bound: str, after: float, reason: str
) -> None:
    await tickets.open(ASKED)
    if decision is not None:
        await tickets.decide("apr_1", EVE, NOW, approve=decision)

    with pytest.raises(ApprovalError) as refused:
        await tickets.use("apr_1", bound, NOW + after)

    assert refused.value.reason == reason


async def test_it_can_be_used_until_its_end(tickets: MemoryTickets) -> None:
    await tickets.open(ASKED)
    await tickets.decide("apr_1", EVE, NOW + 299, approve=True)

    assert (await tickets.use("apr_1", "b1", NOW + 299.9)).used


@pytest.mark.parametrize(
    ("approver", "reason"),
    [
        pytest.param(Approver("ann", "https://ops.example"), "approver_excluded", id="the person acted for"),
        pytest.param(Approver("planner", "https://i.example"), "approver_excluded", id="an agent"),
        pytest.param(Approver("ANN", "https://i.example"), "approver_excluded", id="in capitals"),
        pytest.param(
            Approver(" \uff21nn", "https://ops.example"), "approver_excluded", id="in wide letters, after a space"
        ),
        pytest.param(
            Approver("Worker", "https://ops.example"), "approver_excluded", id="the caller, of another issuer"
        ),
        pytest.param(Approver("worker", "uid"), "approver_excluded", id="the caller"),
        pytest.param(Approver("1000", "uid"), "approver_excluded", id="the opener"),
    ],
)
async def test_who_asks_never_consents(tickets: MemoryTickets, approver: Approver, reason: str) -> None:
    await tickets.open(ASKED)

    for approve in (True, False):
        with pytest.raises(ApprovalError) as refused:
            await tickets.decide("apr_1", approver, NOW, approve=approve)
        assert refused.value.reason == reason


async def test_four_eyes_are_those_of_two(tickets: MemoryTickets) -> None:
    await tickets.open(replace(ASKED, needed=2))

    other = replace(EVE, name=f"{EVE.name}2")
    states = [(await tickets.decide("apr_1", who, NOW, approve=True)).state(NOW) for who in (EVE, EVE, other)]

    assert states == [State.PENDING, State.PENDING, State.APPROVED]


@pytest.mark.parametrize(("first", "second"), [(EVE, OPS), (OPS, EVE)])
async def test_one_who_may_be_the_same_person_by_another_name_is_no_second(
    tickets: MemoryTickets, first: Approver, second: Approver
) -> None:
    await tickets.open(replace(ASKED, needed=2))
    await tickets.decide("apr_1", first, NOW, approve=True)

    with pytest.raises(ApprovalError) as refused:
        await tickets.decide("apr_1", second, NOW, approve=True)
    assert refused.value.reason == "approver_excluded"
    assert (await tickets.get("apr_1")).state(NOW) is State.PENDING
    assert (await tickets.decide("apr_1", second, NOW, approve=False)).state(NOW) is State.REJECTED


async def test_one_refusal_is_enough_and_stands(tickets: MemoryTickets) -> None:
    await tickets.open(ASKED)
    await tickets.decide("apr_1", EVE, NOW, approve=True)
    await tickets.decide("apr_1", OPS, NOW, approve=False)

    for approve in (True, False):
        with pytest.raises(ApprovalError) as refused:
            await tickets.decide("apr_1", Approver("7", "uid"), NOW, approve=approve)
        assert refused.value.reason == "approval_over"


async def test_a_late_answer_counts_for_nothing(tickets: MemoryTickets) -> None:
    await tickets.open(ASKED)

    with pytest.raises(ApprovalError) as refused:
        await tickets.decide("apr_1", EVE, NOW + 300, approve=True)

    assert refused.value.reason == "approval_over"


async def test_what_nobody_asked_for_is_unknown(tickets: MemoryTickets) -> None:
    for verb in (tickets.get("x"), tickets.use("x", "b", NOW), tickets.decide("x", EVE, NOW, approve=True)):
        with pytest.raises(ApprovalError) as refused:
            await verb
        assert refused.value.reason == "approval_unknown"


async def test_to_ask_again_asks_nobody_twice_until_it_was_used_or_is_over(tickets: MemoryTickets) -> None:
    again = replace(ASKED, id="apr_2")
    await tickets.open(ASKED)
    pending = await tickets.open(again)
    await tickets.decide("apr_1", EVE, NOW, approve=True)
    approved = await tickets.open(again)
    await tickets.use("apr_1", "b1", NOW)
    used = await tickets.open(again)
    over = await tickets.open(replace(ASKED, id="apr_3", requested_at=NOW + 300, expires_at=NOW + 600))

    assert [one.id for one in (pending, approved, used, over)] == ["apr_1", "apr_1", "apr_2", "apr_3"]


async def test_a_session_cannot_bury_people_under_requests(tickets: MemoryTickets) -> None:
    for number in range(MAX_OF_SESSION):
        await tickets.open(replace(ASKED, id=f"apr_{number}", bound=f"b{number}"))

    with pytest.raises(OverloadError) as full:
        await tickets.open(replace(ASKED, id="apr_x", bound="x"))
    await tickets.open(replace(ASKED, id="apr_y", bound="y", session_id="ses_2"))
    await tickets.open(replace(ASKED, id="apr_z", bound="z", requested_at=NOW + 300, expires_at=NOW + 600))

    assert full.value.reason == "approvals_full"
    assert [one.id for one in await tickets.list(NOW + 300)] == ["apr_z"]


async def test_more_sessions_of_one_agent_take_the_room_of_nobody_else(file: Held) -> None:
    tickets = MemoryTickets(file.keep, file.seal)

    def asked(number: int, actors: tuple[str, ...] = ("planner", "worker")) -> Ticket:
        who = replace(ASKED.principal, actors=actors)
        return replace(ASKED, id=f"a{number}", bound=f"b{number}", session_id=f"s{number}", principal=who)

    for number in range(MAX_OF_AGENT):
        await tickets.open(asked(number))
    await file.keep.kept()
    again = back(MemoryTickets(file.open().keep, file.seal))

    for store in (tickets, again):
        with pytest.raises(OverloadError):
            await store.open(asked(MAX_OF_AGENT, ("planner", "made up")))
        await store.open(asked(MAX_OF_AGENT + 1, ("other",)))
        await store.decide("a0", EVE, NOW, approve=False)
        await store.open(asked(MAX_OF_AGENT))


async def test_only_what_nobody_has_decided_counts_against_a_session(tickets: MemoryTickets) -> None:
    for number in range(MAX_OF_SESSION + 1):
        await tickets.open(replace(ASKED, id=f"apr_{number}", bound=f"b{number}"))
        await tickets.decide(f"apr_{number}", EVE, NOW, approve=number % 2 == 0)

    assert len(await tickets.list(NOW)) == MAX_OF_SESSION + 1


async def test_they_outlive_the_process_unread_by_others(file: Held) -> None:
    tickets = MemoryTickets(file.keep, file.seal)
    await tickets.open(replace(ASKED, needed=2))
    await tickets.decide("apr_1", EVE, NOW, approve=True)
    await tickets.open(replace(ASKED, id="apr_2", bound="b2"))
    await tickets.decide("apr_2", EVE, NOW, approve=False)
    await file.keep.kept()
    assert file.path is not None
    assert b"ann" not in b"".join(path.read_bytes() for path in file.path.parent.iterdir())

    after = back(MemoryTickets(file.open().keep, file.seal))

    assert await after.list(NOW) == await tickets.list(NOW)
    assert (await after.decide("apr_1", replace(EVE, name="eva"), NOW, approve=True)).state(NOW) is State.APPROVED
    await after.use("apr_1", "b1", NOW)
    await file.keep.kept()
    with pytest.raises(ApprovalError):
        await back(MemoryTickets(file.open().keep, file.seal)).use("apr_1", "b1", NOW)


@pytest.mark.parametrize("value", [b"", b"x" * 40, "text"])
async def test_a_row_that_this_sidecar_did_not_seal_is_no_consent(file: Held, value: str | bytes) -> None:
    tickets = MemoryTickets(file.keep, file.seal)
    await tickets.open(ASKED)
    await file.keep.kept()
    row = next(file.keep.rows("ticket"))
    file.keep.put("ticket", row._replace(value=value or row.value, key=row.key if value else "apr_other"))
    await file.keep.kept()

    after = back(MemoryTickets(file.open().keep, file.seal))
    another = back(MemoryTickets(file.open().keep, Sealed(b"o" * 32)))

    assert after.unreadable == 1
    assert (await another.list(NOW), another.unreadable) == ((), 1 if value else 2)


@pytest.mark.parametrize("other", [Approver("eve", "https://other.example"), Approver("Eve", "https://ops.example")])
async def test_one_name_of_two_issuers_is_one_person(tickets: MemoryTickets, other: Approver) -> None:
    await tickets.open(replace(ASKED, needed=2))
    await tickets.decide("apr_1", EVE, NOW, approve=True)

    with pytest.raises(ApprovalError) as refused:
        await tickets.decide("apr_1", other, NOW, approve=True)
    assert refused.value.reason == "approver_excluded"
    assert (await tickets.get("apr_1")).state(NOW) is State.PENDING
    assert (await tickets.decide("apr_1", other, NOW, approve=False)).state(NOW) is State.REJECTED


async def test_only_what_has_expired_makes_room(held: Held) -> None:
    tickets = MemoryTickets(held.keep, held.seal, capacity=1)
    await tickets.open(ASKED)
    other = replace(ASKED, id="apr_2", bound="b2", requested_at=NOW + 299, expires_at=NOW + 900)

    with pytest.raises(OverloadError):
        await tickets.open(other)
    assert await tickets.open(replace(other, requested_at=NOW + 300)) is not None


async def test_what_makes_room_takes_no_newer_request_for_the_same_with_it(held: Held) -> None:
    tickets = MemoryTickets(held.keep, held.seal, capacity=2)
    await tickets.open(ASKED)
    newer = replace(ASKED, id="apr_2", requested_at=NOW + 300, expires_at=NOW + 600)
    await tickets.open(newer)
    await tickets.open(replace(newer, id="apr_3", bound="b3"))

    assert (await tickets.open(replace(newer, id="apr_4"))).id == "apr_2"


async def test_what_was_refused_stays_refused_when_its_time_is_over(tickets: MemoryTickets) -> None:
    await tickets.open(ASKED)
    await tickets.decide("apr_1", EVE, NOW, approve=False)

    assert (await tickets.get("apr_1")).state(NOW + 301) is State.REJECTED


async def test_what_a_session_asked_for_expires_with_it_where_nobody_has_decided(file: Held) -> None:
    tickets = MemoryTickets(file.keep, file.seal)
    for number, session in enumerate(("ses_1", "ses_1", "ses_2")):
        await tickets.open(replace(ASKED, id=f"apr_{number}", bound=f"b{number}", session_id=session))
    await tickets.decide("apr_1", EVE, NOW, approve=True)
    await tickets.end(("ses_1", "ses_9"), NOW + 9)
    await file.keep.kept()
    again = back(MemoryTickets(file.open().keep, file.seal))

    found = [(await again.get(f"apr_{number}")).state(NOW + 9) for number in range(3)]
    assert found == [State.EXPIRED, State.APPROVED, State.PENDING]
    with pytest.raises(ApprovalError) as refused:
        await again.decide("apr_0", EVE, NOW + 10, approve=True)
    assert refused.value.reason == "approval_over"


def test_a_ticket_of_an_older_version_is_read() -> None:
    older = {name: value for name, value in json.loads(ticket_form.written(ASKED)).items() if name != "agent"}

    assert ticket_form.restored(json.dumps(older).encode()) == replace(ASKED, agent=None)
    assert ticket_form.restored(ticket_form.written(ASKED)) == ASKED
