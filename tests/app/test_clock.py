"""The clock never goes back, and says so when the machine's does (identity-spec 2.11)."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar import RELEASED
from sidecar.app.clock import TOLERANCE
from sidecar.errors import ConfigError
from sidecar.stores.proofs import LIFETIME, MemoryProofs
from tests.clocks import HOUR, NOON, Machine


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_time_passes(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    machine.pass_(7.5)

    assert clock.now() == NOON + 7.5
    assert not clock.rolled_back()


def test_n234_a_clock_that_is_set_back_is_seen_and_revives_nothing(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    machine.pass_(2 * HOUR)  # nobody asks meanwhile
    machine.wall -= HOUR

    assert clock.rolled_back()
    assert clock.now() == NOON + 2 * HOUR
    machine.pass_(HOUR - 1)
    assert clock.rolled_back()
    assert clock.now() == NOON + 2 * HOUR
    machine.pass_(1)
    assert not clock.rolled_back()


def test_n234_over_a_restart_too(machine: Machine, tmp_path: Path) -> None:
    machine.clock(tmp_path).keep()
    machine.wall -= HOUR
    machine.monotonic, machine.boot = 0.0, "the next"
    clock = machine.clock(tmp_path)

    assert clock.rolled_back()
    assert clock.now() == NOON
    machine.wall = NOON
    assert not clock.rolled_back()


def test_a_clock_that_is_corrected_by_little_stands_still(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    machine.wall -= TOLERANCE

    assert not clock.rolled_back()
    assert clock.now() == NOON


def test_small_steps_add_up(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    for _ in range(2):
        machine.wall -= TOLERANCE - 1
        clock.now()

    assert clock.rolled_back()


def test_a_clock_that_is_set_forward_is_taken_as_it_is(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    machine.wall += HOUR

    assert clock.now() == NOON + HOUR
    assert not clock.rolled_back()


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(-5000, 5000)), max_size=30))
def test_it_never_goes_back_whatever_is_done_to_the_machine(steps: list[tuple[float, float]]) -> None:
    machine = Machine()
    clock = machine.clock(Path("nowhere"))
    before = clock.now()
    for passed, set_by in steps:
        machine.pass_(passed)
        machine.wall = max(machine.wall + set_by, float(RELEASED))
        now = clock.now()
        assert now >= max(before, machine.wall)
        assert clock.rolled_back() or now - machine.wall <= TOLERANCE
        before = now


def test_n239_a_clock_before_the_release_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="set it") as refused:
        Machine(wall=RELEASED - 1.0).clock(tmp_path)

    assert refused.value.reason == "clock_untrusted"
    assert Machine(wall=float(RELEASED)).clock(tmp_path).now() == RELEASED


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=text or "empty")
        for text in (
            *("", "{}", "[]", "x", '{"highest":1}', '{"highest":"1","proofs":0}', '{"highest":true,"proofs":0}'),
            *('{"highest":1,"proofs":0,"steady_ms":1,"ran_ms":1}', '{"highest":1,"proofs":0,"boot":"b"}'),
        )
    ],
)
def test_a_file_that_is_not_the_clocks_is_not_read_over(machine: Machine, tmp_path: Path, text: str) -> None:
    (tmp_path / "audit.clock").write_text(text, encoding="ascii")
    with pytest.raises(ConfigError, match=r"audit\.clock: not what the clock keeps"):
        machine.clock(tmp_path)


def test_a_file_that_cannot_be_read_is_told(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "audit.clock").mkdir()
    with pytest.raises(ConfigError, match="Is a directory"):
        machine.clock(tmp_path)


async def test_n173_a_proof_from_a_clock_ahead_is_too_old_after_a_restart(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    store = MemoryProofs(ahead=clock.taken_ahead)
    issued = int(NOON) + 30
    assert clock.proofs_since(LIFETIME) == NOON
    await store.take("k", "now", NOON + LIFETIME, NOON)
    assert not (tmp_path / "audit.clock").exists()
    await store.take("k", "ahead", issued + LIFETIME, NOON)
    machine.pass_(1.5)

    await store.take("k", "ahead as well", issued + LIFETIME, NOON)
    assert machine.clock(tmp_path).proofs_since(LIFETIME) == issued + 1
    machine.pass_(60)
    assert machine.clock(tmp_path).proofs_since(LIFETIME) == NOON + 61


def test_a_clock_that_is_set_ahead_is_told_by_how_much(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    machine.pass_(HOUR)
    found = [clock.ahead()]
    for wall in (TOLERANCE, HOUR, -2 * HOUR):  # as time is corrected; ahead; and back again
        machine.wall += wall
        machine.pass_(1)
        found.append(clock.ahead())

    assert found == [0, 0, HOUR + TOLERANCE, HOUR + TOLERANCE]
    assert clock.now() == NOON + 2 * HOUR + TOLERANCE + 3
    assert clock.rolled_back()


def test_what_is_ahead_by_little_steps_is_ahead(machine: Machine, tmp_path: Path) -> None:
    clock = machine.clock(tmp_path)
    for _ in range(100):
        machine.wall += TOLERANCE
        machine.pass_(1)
        clock.now()

    assert clock.ahead() == 100 * TOLERANCE


@pytest.mark.parametrize("set_while", [pytest.param(True, id="it runs"), pytest.param(False, id="it is down")])
def test_a_clock_that_is_set_ahead_is_so_after_a_restart_too(
    machine: Machine, tmp_path: Path, *, set_while: bool
) -> None:
    clock = machine.clock(tmp_path)
    machine.pass_(60.0)
    machine.wall += HOUR if set_while else 0.0
    clock.keep()
    machine.wall += 0.0 if set_while else HOUR
    machine.pass_(600.0)
    after = machine.clock(tmp_path)
    machine.pass_(60.0)

    assert after.ahead() == pytest.approx(HOUR, abs=0.01)
    assert after.now() - after.ahead() == pytest.approx(NOON + 720.0, abs=0.01)


def test_many_restarts_add_nothing_and_little_steps_over_them_add_up(machine: Machine, tmp_path: Path) -> None:
    found = []
    for step in (0.0, TOLERANCE - 1):
        for _ in range(200):
            machine.clock(tmp_path).keep()
            machine.wall += step
            machine.pass_(1.37)
        found.append(machine.clock(tmp_path).ahead())

    assert found == [0.0, pytest.approx(200 * (TOLERANCE - 1), abs=1.0)]


@given(st.lists(st.tuples(st.floats(0, HOUR), st.floats(-HOUR, HOUR)), max_size=30))
def test_limits_count_no_more_than_has_passed_whatever_the_clock_is_set_to(steps: list[tuple[float, float]]) -> None:
    machine, passed = Machine(), 0.0
    with TemporaryDirectory() as folder:
        clock = machine.clock(Path(folder))
        counted = [clock.now()]
        for pause, set_by in steps:
            machine.wall += set_by
            machine.pass_(pause)
            passed += pause
            counted.append(clock.now() - clock.ahead())

    assert max(counted) <= NOON + passed + TOLERANCE + 0.001
