"""A clock that is set ahead begins nothing anew, and one that is right is believed once an issuer's token says so."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from sidecar.app.clock import TOLERANCE
from sidecar.app.clock_alarm import ClockAlarm
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry, Recorder
from sidecar.errors import UnavailableError
from sidecar.identity.delegation import Delegation
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.opening import Opening
from sidecar.model.crossing import Outcome
from tests.clocks import HOUR, NOON, Machine
from tests.housing import AT, HERE, House, house, linked, token, why
from tests.limiting import policy


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize("boot", [pytest.param("b", id="named"), pytest.param("", id="nobody names its starts")])
def test_what_a_machine_was_off_counts_only_once_a_token_shows_it_and_alarms_nobody(tmp_path: Path, boot: str) -> None:
    machine = Machine(boot=boot)
    machine.pass_(60)
    machine.clock(tmp_path).keep()
    machine.restarted(8 * HOUR, boot and "another")
    clock = machine.clock(tmp_path)
    before = (clock.ahead(), clock.jumped())
    clock.keep()
    machine.pass_(60)
    again = machine.clock(tmp_path)
    restarted = (again.ahead(), again.jumped())
    again.attested(machine.wall - 90)
    shown = (again.ahead(), again.jumped())
    again.attested(machine.wall - 3)
    mended = (again.ahead(), again.jumped())

    assert (before, restarted) == ((8 * HOUR, 0), (8 * HOUR + (0 if boot else 60), 0))
    assert (shown, mended) == ((90, 0), (0, 0))


def test_a_clock_that_is_set_ahead_while_the_machine_is_off_is_not_believed(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    machine.pass_(60)
    clock.keep()
    machine.restarted(600 + 24 * HOUR, "another")  # a day of it was never
    after = machine.clock(tmp_path)
    machine.pass_(60)
    after.attested(NOON + 60 + 600 + 50)  # the issuer's clock is right

    assert after.now() - after.ahead() == NOON + 60 + 600 + 50
    assert after.ahead() == 24 * HOUR + 10


def test_a_machine_that_its_host_held_is_right_with_the_next_token(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    machine.held(HOUR)
    found = [(clock.ahead(), clock.jumped())]
    clock.attested(machine.wall - 2)
    found.append((clock.ahead(), clock.jumped()))
    machine.pass_(30)  # and is killed before it is due to be written
    after = machine.clock(tmp_path)
    found.append((after.ahead(), after.jumped()))

    assert found == [(HOUR, HOUR), (0, 0), (0, 0)]


def test_a_token_is_believed_on_a_disk_that_is_full_too(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    clock = machine.clock(folder)
    folder.rmdir()
    machine.held(HOUR)
    clock.attested(machine.wall)

    assert clock.ahead() == 0


def test_a_jump_after_the_machine_was_off_alarms_for_itself(machine: Machine, tmp_path: Path) -> None:
    machine.clock(tmp_path).keep()
    machine.restarted(HOUR, "another")
    clock = machine.clock(tmp_path)
    machine.wall += 600

    assert (clock.ahead(), clock.jumped()) == (HOUR + 600, 600)
    clock.attested(machine.wall - 300)  # nobody knows which of both it shows: what was off comes first
    assert (clock.ahead(), clock.jumped()) == (300, 300)


def test_a_token_of_before_or_of_the_future_shows_nothing(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    machine.held(HOUR)
    for issued_at in (NOON, NOON - 1, 0):
        clock.attested(issued_at)
    before = clock.ahead()
    clock.attested(machine.wall + 24 * HOUR)
    machine.held(HOUR)

    assert (before, clock.ahead()) == (HOUR, HOUR)


def test_a_machine_that_slept_is_not_ahead(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    machine.pass_(9 * HOUR)  # what is counted since the start goes on while a machine sleeps

    assert clock.ahead() == 0


STEPS = st.lists(
    st.tuples(st.sampled_from(["pass", "set", "off", "held", "kept", "token"]), st.floats(0, HOUR)), max_size=40
)


@given(STEPS)
def test_limits_never_count_more_than_has_passed_where_issuers_clocks_are_right(steps: list[tuple[str, float]]) -> None:
    """Whatever is set, slept, started anew or killed between two writes."""
    machine, true = Machine(), NOON
    with TemporaryDirectory() as folder:
        clock = machine.clock(Path(folder))
        clock.keep()
        last = NOON
        for step, seconds in steps:
            if step == "pass":
                machine.pass_(seconds)
                true += seconds
            elif step == "set":
                machine.wall += seconds
            elif step == "kept":
                clock.keep()
            elif step == "token":
                clock.attested(int(true))
            elif step == "held":
                machine.held(seconds)
                true += seconds
            else:
                machine.restarted(seconds, f"{true}")
                true += seconds
                clock = machine.clock(Path(folder))
                last = 0.0  # what was not kept is not known: limits count less, and never more
            counted = clock.now() - clock.ahead()
            assert last - TOLERANCE - 0.01 <= counted <= true + TOLERANCE + 0.01
            last = counted


async def test_an_issuers_token_shows_the_time_and_what_an_agent_signs_shows_nothing() -> None:
    told: list[float] = []
    it = house()
    it = House(replace(it.path, attested=told.append), it.log)

    await it.path.open(Opening(tokens=tuple(token({}, at=AT - 100))), AT)
    await it.path.open(Opening(tokens=("not.a.token",)), AT)
    await it.path.open(Opening(tokens=tuple(token({}, at=AT - 9000))), AT)  # over
    root = linked({})
    whole = await it.open_by(root)
    key = json.dumps(SigningKey.generate().public_jwk())
    asked = Delegation(agent="sub", audience=HERE, scope_json='{"tools": {"look": {}}}', confirmation_jwk=key)
    link = await it.path.delegate(whole, asked, AT + 50)
    assert link.made is not None
    assert (await it.path.open(Opening(tokens=(*root, link.made.token)), AT + 60)).handle

    assert told == [AT - 100, AT, AT]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        pytest.param("budgets: [{per: subject, window: 10m, tool_calls: 2}]", "call_budget_exhausted", id="a budget"),
        pytest.param("rates: [{per: subject, limit: 2/10m, burst: 2}]", "call_rate_exceeded", id="a rate"),
        pytest.param("loops: {same_call: 2, within: 10m}", "loop_detected", id="a loop"),
        pytest.param("breakers: [{tool: '*', failures: 2, within: 10m, open_for: 8m}]", "circuit_open", id="a breaker"),
    ],
)
async def test_a_clock_that_is_set_ahead_begins_nothing_anew_and_ends_what_is_over(
    tmp_path: Path, limits: str, reason: str
) -> None:
    machine = Machine(wall=AT)
    clock = machine.clock(tmp_path)
    it = house(policy=policy(limits))
    it = House(replace(it.path, ahead=clock.ahead), it.log)
    handle = await it.open({})

    async def called() -> str:
        verdict = why(await it.call(handle, at=clock.now()))
        await it.answer(handle, at=clock.now(), outcome=Outcome.ERROR)
        return verdict

    before = [await called() for _ in range(2)]
    machine.wall += 1800
    ahead = await called()
    machine.pass_(600)
    passed = await called()
    machine.wall += 3600

    assert (before, ahead, passed) == (["allow"] * 2, reason, "allow")
    assert await called() == "session_expired"


class Records:
    """An audit log in a list, or one that is full."""

    def __init__(self, *, is_full: bool = False) -> None:
        self.entries: list[Entry] = []
        self.is_full = is_full

    async def append(self, entry: Entry) -> str:
        if self.is_full:
            raise UnavailableError("full")
        self.entries.append(entry)
        return "r"


async def test_operators_are_told_of_each_jump_ahead_once(machine: Machine, tmp_path: Path) -> None:
    records, recorder = (
        Records(),
        Recorder(vocabulary=frozenset(), pseudonyms=Pseudonyms(b"k" * 32), policy_version="v"),
    )
    alarm = ClockAlarm(machine.clock(tmp_path), records, lambda: recorder)
    told = []
    for wall in (0.0, HOUR, 0.0, HOUR, -2 * HOUR, HOUR):
        machine.wall += wall
        machine.pass_(10)
        await alarm.look()
        told.append(sorted(alarm.degraded))

    assert [(one.boundary, one.findings[0].reason, one.details) for one in records.entries] == [
        ("clock", "clock_ahead", {"seconds": 3600}),
        ("clock", "clock_ahead", {"seconds": 7200}),
    ]
    assert told == [[], *[["clock"]] * 5]


async def test_where_it_cannot_be_recorded_the_log_tells(machine: Machine, tmp_path: Path) -> None:
    recorder = Recorder(vocabulary=frozenset(), pseudonyms=Pseudonyms(b"k" * 32), policy_version="v")
    alarm = ClockAlarm(machine.clock(tmp_path), Records(is_full=True), lambda: recorder)
    machine.wall += HOUR

    with capture_logs() as logs:
        await alarm.look()

    assert [one["log_level"] for one in logs] == ["warning", "error"]
