"""What is cut off, in which order, and what of it is recorded."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from sidecar.containment import MAX_OWED, Containment, Order
from sidecar.errors import CallerError, OverloadError, SessionError, TokenError, UnavailableError
from sidecar.identity.opening import Opening
from sidecar.model.chain import VerifiedChain
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.revocation import FOREVER, Kind, Revocation, Selector, token_of
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.stores.base import Datum, Drawer
from sidecar.stores.memory import MAX_ENDED, MemoryRevocations
from sidecar.stores.sealing import Sealer
from sidecar.stores.trial import memory_stores
from sidecar.stores.vault import MemoryVault
from tests.containing import LIFETIME, House
from tests.identity.crafting import RES, STS, USER, A, B, Step, T, chain_b

PLAIN: Mapping[str, Json] = {"tools": {"read": {}}}
SECRET = "zqxjv-a-name"


def minted(user: str = USER, agents: tuple[str, ...] = (A, B)) -> list[str]:
    return STS.mint(user=user, agents=agents, scope={"tools": {"t": {}}}, at=T, audience=RES)


async def opened(house: House, tokens: list[str] | None = None) -> str:
    found = await house.enforcer.open(Opening(tokens=tuple(tokens or minted())), T)
    assert found.session, found.findings
    return found.handle


async def said(house: House, handle: str) -> str:
    crossing = Crossing(boundary=Boundary.USER_INPUT, session_id=handle, at=T, body="x")
    verdict, _ = await house.enforcer.decide(crossing)
    return "allowed" if verdict.decision is Decision.ALLOW else verdict.findings[0].reason


def subject(name: str = USER) -> Order:
    return Order(selector=Selector(Kind.SUBJECT, name))


async def test_n187_a_subject_that_is_revoked_in_a_session_is_refused_at_the_next_call() -> None:
    house = House()
    handle = await opened(house)
    one = Revocation(Selector(Kind.SUBJECT, USER, STS.url), T + 100)

    done = await house.containment.happened("set-1", [one], T)

    assert done
    assert done.sessions_closed == 1
    assert await said(house, handle) == "subject_revoked"


async def test_with_a_session_goes_what_its_tokens_stand_for() -> None:
    house, vault = House(), MemoryVault(Sealer(b"k" * 32))
    stores = replace(memory_stores(sessions=house.sessions, revocations=house.revocations), vault=vault)
    containment = Containment(stores, house.audit, lambda: house.recorder, LIFETIME)
    drawers = [Drawer(session_id=(await opened(house, minted(user))).partition(".")[0], until=T + 60) for user in "ab"]
    tokens = [await vault.tokens(drawer, [Datum("EMAIL", "a@b.example")], T) for drawer in drawers]

    await containment.ordered(subject("a"), T)

    found = [await vault.values(drawer, names, T) for drawer, names in zip(drawers, tokens, strict=True)]
    assert [len(values) for values in found] == [0, 1]


@pytest.mark.parametrize("by", ["session", "subject", "token"])
async def test_with_a_session_go_its_parts_whatever_tokens_they_stand_on(by: str) -> None:
    house = House()
    whole = await opened(house)
    public = whole.partition(".")[0]
    opening = Opening(tokens=tuple(minted()), parent_session_id=whole)
    part = (await house.enforcer.open(opening, T)).handle
    below = (await house.enforcer.open(replace(opening, tokens=tuple(minted()), parent_session_id=part), T)).handle
    first = next(session for session, _ in await house.sessions.list(T) if session.id == public)
    order = {
        "session": Order(session_id=public),
        "subject": subject(),
        "token": Order(selector=token_of(first.chain)[0]),
    }[by]

    done = await house.containment.ordered(order, T)

    assert done.sessions_closed == 3
    ended = house.audit.entries[-1].details["sessions"]
    assert isinstance(ended, list | tuple)
    assert set(ended) == {handle.partition(".")[0] for handle in (whole, part, below)}
    assert "allowed" not in [await said(house, handle) for handle in (whole, part, below)]


async def test_n185_with_a_token_dies_what_was_delegated_from_it_and_nothing_above_it() -> None:
    house = House()
    chain = chain_b(*[Step(scope=PLAIN)] * 3)
    above, middle, below = [await opened(house, chain[:end]) for end in (1, 2, 3)]
    _, session_of_middle, _ = [session for session, _ in await house.sessions.list(T)]

    done = await house.containment.ordered(Order(session_id=session_of_middle.id), T)

    assert done.sessions_closed == 2
    assert [await said(house, handle) for handle in (above, middle, below)] == [
        "allowed", "token_revoked", "chain_ancestor_revoked",
    ]  # fmt: skip


async def test_a_session_that_is_opened_while_its_subject_is_revoked_is_refused_by_its_first_check() -> None:
    class Slow:
        async def check(self, chain: VerifiedChain, tokens: object, at: float) -> None:
            await house.containment.ordered(subject(), at)

    house = House(Slow())

    handle = await opened(house)

    assert await said(house, handle) == "subject_revoked"
    assert len(await house.sessions.list(T)) == 1  # it was not there yet when the others were ended


async def test_a_session_that_was_opened_before_others_were_revoked_goes_on() -> None:
    house = House()
    handle = await opened(house)

    await house.containment.ordered(subject("bob"), T)

    assert await said(house, handle) == "allowed"


async def test_what_a_status_refuses_opens_nothing() -> None:
    class Suspended:
        async def check(self, chain: VerifiedChain, tokens: object, at: float) -> None:
            raise TokenError("not now", reason="status_suspended")

    found = await House(Suspended()).enforcer.open(Opening(tokens=tuple(minted())), T)

    assert (found.session, found.findings[0].reason) == (None, "status_suspended")


async def test_a_session_in_use_is_neither_narrowed_nor_handed_on_once_it_is_revoked() -> None:
    house = House()
    handle = await opened(house)
    await house.revocations.add([Revocation(Selector(Kind.SUBJECT, USER), T + 9)], T)  # not swept yet

    narrowed = await house.enforcer.narrow(handle, Opening(tools=("t",)), T)

    assert [finding.reason for finding in narrowed.findings] == ["subject_revoked"]


async def test_the_record_of_a_refusal_names_the_session_that_was_refused_it() -> None:
    house = House()
    handle = await opened(house)

    refused = await house.enforcer.narrow(handle, Opening(tools=("more",)), T)
    unknown = await house.enforcer.narrow("ses_0.guess", Opening(tools=("t",)), T)

    recorded = {entry.findings[0].reason: entry.session_id for entry in house.audit.entries[-2:]}
    assert [opened.findings[0].reason for opened in (refused, unknown)] == list(recorded)
    assert list(recorded.values()) == [handle.partition(".")[0], ""]


async def test_who_waits_in_a_session_that_is_revoked_is_told_before_it_is_ended() -> None:
    class Patient:
        def now(self) -> float:
            return T

        async def more(self) -> bool:
            return False

    house = House()
    handle = await opened(house)
    await house.revocations.add([Revocation(Selector(Kind.SUBJECT, USER), T + 9)], T)  # not swept yet

    judged, _ = await house.enforcer.awaits(handle, "apr_1", Patient())

    assert [finding.reason for finding in judged.findings] == ["subject_revoked"]


async def test_ending_a_session_without_a_revocation_lets_it_be_opened_anew() -> None:
    house = House()
    tokens = minted()
    handle = await opened(house, tokens)

    done = await house.containment.end({handle.partition(".")[0]: "status_suspended"}, T, source="status")

    assert done.sessions_closed == 1
    assert await said(house, handle) == "status_suspended"
    assert await said(house, await opened(house, tokens)) == "allowed"


async def test_only_who_has_the_handle_learns_why_it_ended() -> None:
    house = House()
    handle = await opened(house)
    await house.containment.ordered(subject(), T)

    assert await said(house, handle.partition(".")[0] + ".guess") == "session_unknown"


async def test_reasons_of_ended_sessions_are_remembered_within_a_bound() -> None:
    house = House()
    handle = await opened(house)
    await house.containment.ordered(subject(), T)
    house.sessions._ended |= {str(i): (b"", "x") for i in range(MAX_ENDED)}
    await house.sessions.end({})

    assert await said(house, handle) == "session_unknown"


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(Order(), id="nothing"),
        pytest.param(Order(selector=Selector(Kind.SUBJECT, USER), words="x" * 4097), id="too many words"),
    ],
)
async def test_an_order_that_cannot_be_meant_changes_nothing(order: Order) -> None:
    house = House()

    with pytest.raises(CallerError):
        await house.containment.ordered(order, T)

    assert (house.revocations.epoch, house.audit.entries) == (0, [])


async def test_a_session_that_is_not_open_is_told() -> None:
    with pytest.raises(SessionError):
        await House().containment.ordered(Order(session_id="ses_none"), T)


class Failing(MemoryRevocations):
    """A store whose disk is full: in force, but not over a restart."""

    async def add(self, revocations: Collection[Revocation], at: float, *, event: str = "") -> bool:
        await super().add(revocations, at, event=event)
        raise UnavailableError("not over a restart")


@pytest.mark.parametrize("recorded", [True, False])
async def test_what_cannot_be_kept_is_cut_off_all_the_same_and_told(*, recorded: bool) -> None:
    house = House()
    handle = await opened(house)
    failing = Failing()
    stores = memory_stores(sessions=house.sessions, revocations=failing)
    containment = Containment(stores, house.audit, lambda: house.recorder, LIFETIME)

    house.audit.is_full = not recorded
    with pytest.raises(UnavailableError, match="not over a restart"):
        await containment.ordered(subject(), T)

    house.audit.is_full = False
    assert await said(house, handle) == "subject_revoked"
    assert [entry.boundary for entry in house.audit.entries[1:-1]] == ["revoke"] * recorded


async def test_when_no_more_are_held_nothing_is_changed() -> None:
    house = House()
    handle = await opened(house)
    stores = memory_stores(sessions=house.sessions, revocations=MemoryRevocations(capacity=0))
    containment = Containment(stores, house.audit, lambda: house.recorder, LIFETIME)

    with pytest.raises(OverloadError):
        await containment.ordered(subject(), T)

    assert await said(house, handle) == "allowed"


# ---- What is recorded ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "shown"),
    [
        pytest.param(Selector(Kind.SUBJECT, SECRET), False, id="a subject"),
        pytest.param(Selector(Kind.SUBJECT, SECRET, f"https://{SECRET}.example"), False, id="an issuer"),
        pytest.param(Selector(Kind.AGENT, SECRET), False, id="an agent that nobody has proven"),
        pytest.param(Selector(Kind.TOKEN, SECRET), False, id="a token"),
        pytest.param(Selector(Kind.TRANSACTION, SECRET), False, id="a transaction"),
        pytest.param(Selector(Kind.MISSION, SECRET), False, id="a mission"),
        pytest.param(Selector(Kind.AGENT, B), True, id="an agent of a session that ended by it"),
        pytest.param(Selector(Kind.KEY, "k" * 43), True, id="a thumbprint"),
        pytest.param(Selector(Kind.CHAIN, "0" * 16), True, id="a digest"),
    ],
)
async def test_a_record_names_what_is_no_secret(selector: Selector, *, shown: bool) -> None:
    house = House()
    await opened(house)

    await house.containment.ordered(Order(selector=selector, words=SECRET), T)

    entry = house.audit.entries[-1]
    assert entry.details["words"] != SECRET
    assert (selector.value in str(entry)) is shown
    assert SECRET not in str(entry)


async def test_a_record_tells_what_was_cut_off_until_when() -> None:
    house = House()
    handle = await opened(house)
    public = handle.partition(".")[0]

    await house.containment.ordered(Order(session_id=public), T)
    entry = house.audit.entries[-1]

    assert (entry.boundary, entry.session_id, entry.decision) == ("revoke", public, Decision.ALLOW)
    assert entry.principal
    assert entry.principal.subject.startswith("sub_")
    assert entry.details["sessions"] == (public,)
    assert entry.details["counts"] == {"selectors": 2, "sessions": 1}
    assert [one["until"] for one in entry.details["selectors"]] == [int(T + LIFETIME)] * 2  # type: ignore[union-attr, call-overload, index]  # as it was made


async def test_a_record_of_many_stays_small() -> None:
    house = House()
    many = [Revocation(Selector(Kind.SUBJECT, f"s{i}"), FOREVER) for i in range(1000)]

    await house.containment.listed(many, T)

    entry = house.audit.entries[-1]
    assert entry.details["counts"] == {"selectors": 1000, "sessions": 0}
    assert len(str(entry)) < 10_000
    assert "until" not in str(entry.details)
    assert entry.principal is None


def test_a_session_is_named_by_its_last_token() -> None:
    house = House()
    chain = house.enforcer.opener.verifier.verify(chain_b(), T)

    assert {one.value for one in token_of(chain)} == {chain.hops[-1].digest, "jti-2"}


async def test_what_could_not_be_recorded_is_recorded_in_order_when_it_can_be() -> None:
    house = House()
    handle = await opened(house)
    before = len(house.audit.entries)
    house.audit.is_full = True
    for name in (USER, "b"):
        with pytest.raises(UnavailableError):
            await house.containment.ordered(subject(name), T)
    with pytest.raises(UnavailableError):
        await house.containment.settle()
    house.audit.is_full = False

    await house.containment.ordered(subject("c"), T)
    await house.containment.settle()

    found = [one.details["counts"] for one in house.audit.entries[before:]]
    assert found == [{"selectors": 1, "sessions": count} for count in (1, 0, 0)]
    assert await said(house, handle) == "subject_revoked"


async def test_so_many_records_wait_for_a_disk_and_no_more() -> None:
    house = House()
    house.audit.is_full = True
    for number in range(MAX_OWED + 5):
        with pytest.raises(UnavailableError):
            await house.containment.ordered(subject(f"s{number}"), T)
    house.audit.is_full = False

    await house.containment.settle()

    assert len(house.audit.entries) == MAX_OWED


async def test_what_tokens_stand_for_is_forgotten_whatever_becomes_of_the_record() -> None:
    house, vault = House(), MemoryVault(Sealer(b"k" * 32))
    stores = replace(memory_stores(sessions=house.sessions, revocations=house.revocations), vault=vault)
    containment = Containment(stores, house.audit, lambda: house.recorder, LIFETIME)
    drawer = Drawer(session_id=(await opened(house)).partition(".")[0], until=T + 60)
    tokens = await vault.tokens(drawer, [Datum("EMAIL", "a@b.example")], T)
    house.audit.is_full = True

    with pytest.raises(UnavailableError):
        await containment.ordered(subject(), T)

    assert not await vault.values(drawer, tokens, T)
