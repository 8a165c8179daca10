"""Notices in simulated time: outages, restarts, bounds; and what a notice says, and how it is signed."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from sidecar.app.webhook import NAME, Webhook
from sidecar.errors import UnavailableError
from sidecar.model.chain import Principal
from sidecar.model.notice import LONGEST_WAIT_S, SHOWN_S, Notice, notice_of, signature, wait_s
from sidecar.model.ticket import LIFETIME_S, Approver, State, Ticket
from sidecar.model.verdict import Decision, Finding
from sidecar.stores.keep import NOWHERE
from sidecar.stores.outbox import AnnouncedTickets, MemoryOutbox
from sidecar.stores.seal import Sealed
from sidecar.stores.tickets import MemoryTickets
from tests.stores.conftest import Held, back

T = 1_800_000_000.0
CANARY = "zqxjv-an-argument"
EVE, BOB = Approver("eve", "https://sts.example"), Approver("bob", "https://sts.example")


def ticket(number: int = 0, **changes: object) -> Ticket:
    plain = Ticket(
        id=f"apr_{number}",
        bound=f"b{number}",
        digest="sha256:12",
        session_id="ses_1",
        principal=Principal(subject=f"ann {CANARY}", issuer="i", actors=("planner", "worker")),
        tool="pay",
        requested_at=T,
        expires_at=T + LIFETIME_S,
        shown=CANARY,
        findings=(
            Finding(
                check="rules",
                decision=Decision.REQUIRE_APPROVAL,
                reason="rule_approval_required",
                rule="p/r",
                message="ask",
                detail=CANARY,
            ),
        ),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields of a ticket


@dataclass
class Chat:
    """A chat tool in simulated time: takes nothing from `down` to `up`, and of `lost` notices says not that it did."""

    down: float = T
    up: float = T
    lost: int = 0
    took: list[tuple[str, float]] = field(default_factory=list)
    tries: list[float] = field(default_factory=list)
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, notice: Notice, at: float) -> str:
        self.tries.append(at)
        if self.down <= at < self.up:
            return "status 503"
        self.took.append((notice.id, at))
        self.taken.set()
        self.lost -= 1
        return "timeout" if self.lost >= 0 else ""

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Told:
    """A webhook in simulated time."""

    chat: Chat
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    at: float = T
    keep_held: Held | None = None

    def __post_init__(self) -> None:
        keep = self.keep_held.keep if self.keep_held else NOWHERE
        self.webhook = Webhook(self.outbox, keep, self.chat, lambda: self.at, lambda: 1.0)

    async def until(self, end: float) -> None:
        """Let time pass up to `end`."""
        while self.at < end:
            pause = await self.webhook.step()
            self.at = end if pause is None else min(end, self.at + pause)


@pytest.mark.parametrize(
    ("tries", "least", "most"),
    [
        pytest.param(1, 0.5, 1, id="the first"),
        pytest.param(2, 1, 2, id="twice as long"),
        pytest.param(5, 8, 16, id="and so on"),
        pytest.param(10, 150, 300, id="up to the longest"),
        pytest.param(10_000, 150, 300, id="and no longer"),
    ],
)
def test_pauses_grow_and_a_half_of_them_is_drawn(tries: int, least: float, most: float) -> None:
    assert (wait_s(tries, 0.0), wait_s(tries, 1.0)) == (least, most)


def test_a_notice_tells_what_anybody_may_know_and_always_under_one_id() -> None:
    asked = notice_of(ticket(), T)
    decided = notice_of(ticket().decided(EVE, T + 9, approve=True), T + 9)

    told = json.loads(asked.body)
    assert (told["type"], told["id"], told["approval"]["state"]) == ("approval.requested", "apr_0.0", "pending")
    assert told["approval"]["why"] == [
        {"check": "rules", "message": "ask", "reason": "rule_approval_required", "rule": "p/r"}
    ]
    assert (told["approval"]["agent"], told["approval"]["tool"]) == ("worker", "pay")
    told = json.loads(decided.body)
    assert (told["type"], told["id"], told["approval"]["state"]) == ("approval.changed", "apr_0.1", "approved")
    assert CANARY not in asked.body + decided.body
    assert "eve" not in decided.body
    assert CANARY not in repr(asked)
    assert (asked.until, decided.until) == (T + LIFETIME_S, T + LIFETIME_S + SHOWN_S)


def test_somebody_who_acts_alone_is_not_named() -> None:
    alone = ticket(principal=Principal(subject="ann", issuer="i", actors=("ann",)))

    assert [json.loads(notice_of(one, T).body)["approval"]["agent"] for one in (alone, ticket())] == ["", "worker"]


def test_it_is_signed_by_each_secret_over_time_and_octets() -> None:
    secrets, body = [b"a" * 32, b"b" * 32], b'{"x":1}'

    first, *marks = signature(secrets, body, T + 0.9).split(",")

    due = [hmac.new(secret, f"{int(T)}.".encode() + body, hashlib.sha256).hexdigest() for secret in secrets]
    assert (first, marks) == (f"t={int(T)}", [f"v1={mark}" for mark in due])


async def test_an_outage_is_outlasted_by_growing_pauses() -> None:
    it = Told(Chat(up=T + 100))
    it.outbox.add(notice_of(ticket(), T))

    await it.until(T + 200)

    assert it.chat.tries == [T + sum(2**n for n in range(tries)) for tries in range(8)]
    assert it.chat.took == [("apr_0.0", T + 127)]
    assert (len(it.outbox), it.webhook.sent, it.webhook.failed, it.webhook.degraded) == (0, 1, 7, frozenset())


async def test_the_status_tells_while_nothing_is_taken() -> None:
    it = Told(Chat(up=T + 100))
    it.outbox.add(notice_of(ticket(), T))

    await it.until(T + 50)

    assert it.webhook.degraded == {NAME}


async def test_what_is_over_is_told_to_nobody() -> None:
    it = Told(Chat(up=T + LIFETIME_S + 1))
    it.outbox.add(notice_of(ticket(), T))

    await it.until(T + 2 * LIFETIME_S)

    assert (it.chat.took, it.outbox.over, len(it.outbox)) == ([], 1, 0)


async def test_one_that_is_not_taken_does_not_keep_others_waiting() -> None:
    class Picky(Chat):
        async def __call__(self, notice: Notice, at: float) -> str:
            return "status 400" if notice.id == "apr_0.0" else await super().__call__(notice, at)

    it = Told(Picky())
    for number in range(3):
        it.outbox.add(notice_of(ticket(number), T))

    await it.until(T + 10)

    assert sorted(it.chat.took) == [("apr_1.0", T), ("apr_2.0", T)]


async def test_one_whose_answer_was_lost_comes_again_under_its_id() -> None:
    it = Told(Chat(lost=2))
    it.outbox.add(notice_of(ticket(), T))

    await it.until(T + 60)

    assert it.chat.took == [("apr_0.0", T), ("apr_0.0", T + 1), ("apr_0.0", T + 3)]


async def test_no_more_are_kept_than_there_is_room_for_and_those_that_are_over_make_it() -> None:
    it = Told(Chat(up=T + 10_000), MemoryOutbox(capacity=2))
    for number in range(5):
        it.outbox.add(notice_of(ticket(number), T))
    later = ticket(9, requested_at=T + LIFETIME_S, expires_at=T + 2 * LIFETIME_S)
    it.outbox.add(notice_of(later, later.requested_at))

    assert (it.outbox.dropped, it.outbox.over, len(it.outbox)) == (3, 2, 1)
    it.at = later.requested_at
    with capture_logs() as logs:
        await it.until(it.at + 10)
    assert [one["dropped"] for one in logs if "dropped" in one] == [3]


@pytest.mark.parametrize("tries", [0, 3])
async def test_what_was_not_taken_is_told_after_a_kill_at_once(file: Held, tries: int) -> None:
    before = Told(Chat(up=T + 1000), MemoryOutbox(file.keep, file.seal), keep_held=file)
    before.outbox.add(notice_of(ticket(), T))
    before.outbox.add(notice_of(ticket(1), T))
    for _ in range(tries):
        before.at += (await before.webhook.step()) or 0.0
    await file.keep.kept()

    again = file.open(T + 20)
    after = Told(Chat(), back(MemoryOutbox(again.keep, again.seal)), T + 20, again)
    await after.until(T + 30)

    assert sorted(after.chat.took) == [("apr_0.0", T + 20), ("apr_1.0", T + 20)]
    await again.keep.kept()
    assert len(back(MemoryOutbox(file.open(T + 31).keep, file.seal))) == 0


async def test_nothing_readable_lies_in_the_file_and_what_nobody_sealed_is_told_to_nobody(file: Held) -> None:
    outbox = MemoryOutbox(file.keep, file.seal)
    outbox.add(notice_of(ticket(tool="transfer_all"), T))
    await file.keep.kept()
    assert isinstance(file.path, Path)
    written = b"".join(one.read_bytes() for one in file.path.parent.iterdir() if one.is_file())
    assert b"transfer_all" not in written

    other = back(MemoryOutbox(file.open(T).keep, Sealed(b"x" * 32)))
    assert (len(other), other.unreadable) == (0, 1)


class Full:
    """A disk that takes nothing."""

    put, put_later, drop = NOWHERE.put, NOWHERE.put_later, NOWHERE.drop
    clear, rows = NOWHERE.clear, NOWHERE.rows

    async def kept(self) -> None:
        raise UnavailableError("full")


async def test_nobody_is_told_of_what_is_not_kept() -> None:
    outbox, chat = MemoryOutbox(), Chat()
    outbox.add(notice_of(ticket(), T))
    webhook = Webhook(outbox, Full(), chat, lambda: T, lambda: 1.0)

    assert (await webhook.step(), chat.took) == (1.0, [])


async def test_tickets_are_told_of_once_each_time_that_they_change() -> None:
    outbox = MemoryOutbox()
    tickets = AnnouncedTickets(MemoryTickets(), outbox)
    opened = await tickets.open(ticket(needed=2))
    outbox.done("apr_0.0")
    await tickets.open(ticket(1, bound="b0", needed=2))  # asked for again
    await tickets.decide(opened.id, EVE, T + 1, approve=True)
    told = sorted(outbox._held)
    outbox.done("apr_0.1")
    for who in (EVE, BOB):
        await tickets.decide(opened.id, who, T + 1, approve=True)
    used = await tickets.use(opened.id, opened.bound, T + 2)

    assert used.state(T + 2) is State.USED
    assert [one.id for one in await tickets.list(T)] == [opened.id]
    assert (await tickets.get(opened.id)).used
    assert (told, sorted(outbox._held)) == (["apr_0.1"], ["apr_0.2"])


async def test_it_runs_until_it_is_stopped_and_survives_what_breaks() -> None:
    class Broken(Chat):
        async def __call__(self, notice: Notice, at: float) -> str:
            if not self.tries:
                self.tries.append(at)
                raise RuntimeError(CANARY)
            return await super().__call__(notice, at)

    outbox, chat = MemoryOutbox(), Broken()
    webhook = Webhook(outbox, NOWHERE, chat, lambda: T, lambda: -1.0)  # no pause at all
    webhook.start()
    await asyncio.sleep(0)
    outbox.add(notice_of(ticket(), T))
    async with asyncio.timeout(5):
        await chat.taken.wait()
    await webhook.stop()

    assert webhook.sent == 1


STEPS = st.lists(st.tuples(st.integers(0, 4), st.floats(0, 400), st.booleans()), max_size=30)


@given(STEPS)
def test_whatever_happens_each_notice_is_taken_over_or_waiting(steps: Sequence[tuple[int, float, bool]]) -> None:
    async def run() -> None:
        it = Told(Chat(), MemoryOutbox(capacity=3))
        added: set[str] = set()
        for number, pause, is_up in steps:
            one = ticket(number, requested_at=it.at, expires_at=it.at + LIFETIME_S)
            if number and one.id + ".0" not in added and len(it.outbox) < 3:
                it.outbox.add(notice_of(one, it.at))
                added.add(one.id + ".0")
            it.chat.down, it.chat.up = (it.at, it.at) if is_up else (it.at, it.at + 10_000)
            await it.until(it.at + pause)
        taken = [id_ for id_, _ in it.chat.took]
        assert sorted(set(taken)) == sorted(taken)
        assert len(taken) + it.outbox.over + len(it.outbox) == len(added)
        assert all(one.due <= it.at + LONGEST_WAIT_S for one in it.outbox._held.values())

    asyncio.run(run())
