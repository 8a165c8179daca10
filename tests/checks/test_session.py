"""The first check of every row: no session, no crossing."""

from dataclasses import fields, replace

import pytest

from sidecar.checks.session import SessionCheck
from sidecar.errors import UnavailableError
from sidecar.identity.opening import Opener, Opening
from sidecar.model.circuit import Breaker, Gate
from sidecar.model.crossing import Boundary, Crossing, Direction, Outcome
from sidecar.model.session import Session
from sidecar.model.verdict import Decision
from sidecar.stores.memory import MemoryRevocations, MemorySessions
from tests.identity.crafting import RES, STS, VERIFIER, T

BREAKER = Breaker(failures=1, within_ns=1, open_for_ns=1, most_ns=1, probes=1, lease_ns=1)


def opened() -> Session:
    tokens = STS.mint(user="ann", agents=["a"], scope={"tools": {"t": {}}}, at=T, audience=RES)
    return Opener(verifier=VERIFIER).opened(Opening(tokens=tuple(tokens)), "ses_1", T)


async def handled() -> tuple[SessionCheck, Crossing, Session]:
    """Return the check over a store with one session, and a crossing in it."""
    sessions, session = MemorySessions(), opened()
    handle = await sessions.open(session, "secret")
    crossing = Crossing(boundary=Boundary.USER_INPUT, session_id=handle, at=T, body="hello")
    return SessionCheck(sessions, MemoryRevocations(), VERIFIER.trust), crossing, session


async def test_an_open_session_is_attached_and_nothing_else_changes() -> None:
    check, crossing, session = await handled()
    answer = await check(crossing)
    assert answer.decision is Decision.ALLOW
    assert answer.onward == replace(crossing, session=session)


async def test_every_field_of_a_crossing_is_carried() -> None:
    session = opened()
    crossing = Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id="id",
        at=T,
        body={"a": 1},
        is_json=True,
        raw="{}",
        session=session,
        autonomy=3,
        tool="t",
        call_id="c",
        schema="s",
        provider="p",
        model="m",
        peer="q",
        direction=Direction.INBOUND,
        tokens=("t",),
        proof="p",
        sender=session.chain,
        card="{}",
        card_verified=True,
        input_tokens=1,
        output_tokens=2,
        max_output_tokens=3,
        approval_id="apr_1",
        reserved="c",
        micro_usd=4,
        digest="d",
        is_repeat=True,
        stands=True,
        probes=(Gate("tool", "t", BREAKER),),
        outcome=Outcome.OK,
        closed=("t", "", ""),
        asked={"a": 3},
        labels=frozenset({"pii"}),
        bare=frozenset({"pii"}),
        origins={"a": "user"},
        is_asked=True,
        is_ordered=True,
        is_urged=True,
        revealed={"a": 2},
        approved=((0, "sha256:"),),
        ahead=9.0,
        ends=(1,),
        removed=("r",),
    )
    plain = Crossing(boundary=Boundary.TOOL_CALL, session_id="", at=0.0)
    told = [field.name for field in fields(Crossing) if field.init]
    assert [name for name in told if getattr(crossing, name) == getattr(plain, name)] == []
    other = replace(session, id="ses_2")
    assert crossing.behind(other, 2) == replace(crossing, session=other, autonomy=2)
    assert crossing.behind(other).payload == crossing.payload


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"session_id": ""}, "session_unknown", id="none"),
        pytest.param({"session_id": "ses_1"}, "session_unknown", id="the public id alone"),
        pytest.param({"session_id": "ses_1.guess"}, "session_unknown", id="another secret"),
        pytest.param({"session_id": "ses_2.secret"}, "session_unknown", id="another session"),
        pytest.param({"at": T + 900}, "session_expired", id="expired to the second"),
    ],
)
async def test_n238_without_an_open_session_it_is_denied(change: dict[str, object], reason: str) -> None:
    check, crossing, _ = await handled()
    answer = await check(replace(crossing, **change))  # type: ignore[arg-type]  # fields of a crossing
    assert (answer.decision, answer.findings[0].reason) == (Decision.DENY, reason)
    assert answer.findings[0].message
    assert answer.onward is None


async def test_n238_a_session_that_was_closed_is_unknown() -> None:
    check, crossing, _ = await handled()
    await check.sessions.close(crossing.session_id, T)
    answer = await check(crossing)
    assert (answer.decision, answer.findings[0].reason) == (Decision.DENY, "session_unknown")


class _Out(MemorySessions):
    async def get(self, handle: str, at: float) -> Session:
        raise UnavailableError(f"no answer for {len(handle)} at {at}")


async def test_a_store_that_cannot_answer_vouches_for_nobody() -> None:
    _, crossing, _ = await handled()
    with pytest.raises(UnavailableError):
        await SessionCheck(_Out(), MemoryRevocations(), VERIFIER.trust)(crossing)
