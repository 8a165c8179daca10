"""The clock never goes back, and says so when the machine's does (identity-spec 2.11)."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar import RELEASED
from sidecar.app.clock import TOLERANCE, Clock
from sidecar.errors import ConfigError
from sidecar.stores.proofs import LIFETIME, MemoryProofs

NOON = 1_800_000_000.0
HOUR = 3600.0


@dataclass
class Machine:
    """A machine whose clock can be set."""

    wall: float = NOON
    monotonic: float = 50.0

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def clock(self, folder: Path) -> Clock:
        return Clock(folder / "audit.clock", lambda: self.wall, lambda: self.monotonic)


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
    machine.monotonic = 0.0
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
        for text in ("", "{}", "[]", "x", '{"highest":1}', '{"highest":"1","proofs":0}', '{"highest":true,"proofs":0}')
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
