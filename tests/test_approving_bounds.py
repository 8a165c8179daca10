"""What a consent is not good for, and when nobody is asked any more."""

from dataclasses import replace

import pytest

from sidecar.approving import consented
from sidecar.containment import Containment, Order
from sidecar.deciding import Answer
from sidecar.errors import UnavailableError
from sidecar.model.ticket import State
from sidecar.model.verdict import Decision
from sidecar.operators import Answerer
from sidecar.stores.trial import memory_stores
from tests.housing import AT, House, house, why
from tests.limiting import policy
from tests.test_approving import ASKS, EVE, deciding, opened, token
from tests.test_levels import Full


async def test_what_looks_alike_once_it_is_redacted_is_another_call() -> None:
    it = house()
    judged = await it.call(await opened(it), "pay", to="<IBAN_CODE>")
    tickets = memory_stores().tickets
    to_one, to_other = (
        replace(judged, crossing=replace(judged.crossing, asked={"to": account}))
        for account in ("DE89370400440532013000", "GB29NWBK60161331926819")
    )
    asked = await consented(tickets, to_one)
    await tickets.decide(asked.approval_id, EVE, AT, approve=True)

    other = await consented(
        tickets, replace(to_other, crossing=replace(to_other.crossing, approval_id=asked.approval_id))
    )

    assert other.decision is Decision.REQUIRE_APPROVAL
    assert other.approval_id not in {"", asked.approval_id}


@pytest.mark.parametrize("revoked", [pytest.param(False, id="closed"), pytest.param(True, id="revoked")])
async def test_nobody_is_asked_any_more_for_a_session_that_has_ended(*, revoked: bool) -> None:
    it = house()
    handle, other = await opened(it), await opened(it)
    part = await it.open(dict(ASKS), parent_session_id=handle)
    for one in (handle, part, other):
        await it.call(one, "pay", to="x")

    if revoked:
        cut = Containment(it.path.stores, it.log, lambda: it.path.recorder, 90_000.0)
        await cut.ordered(Order(session_id=handle), AT + 1)
    else:
        await it.path.close(handle, AT + 1)

    asked = await it.path.stores.tickets.list(AT + 1)
    waiting = [one.session_id for one in asked if one.state(AT + 1) is State.PENDING]
    assert waiting == [other.partition(".")[0]]


async def test_an_answer_that_cannot_be_kept_is_told_and_not_recorded_as_given() -> None:
    it = house()
    asked = await it.call(await opened(it), "pay", to="x")
    before = len(it.log.entries)
    full = House(replace(it.path, stores=replace(it.path.stores, keep=Full())), it.log)
    eve = Answerer(token=token("eve", []))

    with pytest.raises(UnavailableError):
        await deciding(full).decide(Answer(asked.approval_id, approve=True), eve, AT)

    assert len(it.log.entries) == before


async def test_an_approved_call_was_counted_when_it_was_asked_for_and_no_other_goes_with_it() -> None:
    it = house(policy=policy("rates: [{per: subject, limit: 1/hour}]"))
    handle = await opened(it)
    asked = (await it.call(handle, "pay", to="x")).approval_id

    before = await it.call(handle, "pay", to="x", approval_id=asked)
    await it.path.stores.tickets.decide(asked, EVE, AT, approve=True)
    others = [
        await it.call(handle, "pay", to="y", approval_id=asked),
        await it.call(handle, "note", to="x", approval_id=asked),
        await it.call(await opened(it), "pay", to="x", approval_id=asked),
        await it.call(handle, "pay", to="x", approval_id="apr_none"),
        await it.call(handle, "pay", to="x"),
    ]
    passed = await it.call(handle, "pay", to="x", approval_id=asked)
    again = await it.call(handle, "pay", to="x", approval_id=asked)

    assert [why(one) for one in (before, *others)] == ["call_rate_exceeded"] * 6
    assert [why(passed), why(again)] == ["allow", "call_rate_exceeded"]
