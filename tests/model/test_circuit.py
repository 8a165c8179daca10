"""A breaker follows its table."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.model.circuit import CLOSED, Breaker, Circuit, entered, reported, withdrawn

S = 1_000_000_000
NOW = 1_000 * S
BREAKER = Breaker(failures=3, within_ns=60 * S, open_for_ns=30 * S, most_ns=3600 * S, probes=2, lease_ns=100 * S)
COUNTING = replace(BREAKER, in_flight=4)  # what is out, too
SEED = "seed"
OPEN = Circuit(opened=1, until=NOW)


def after(*reports: tuple[int, bool], start: Circuit = CLOSED) -> Circuit:
    """Return the circuit after reports of calls that are no probes, at seconds after NOW."""
    for at, went_well in reports:
        start = reported(start, BREAKER, NOW + at * S, ("x", went_well), SEED)
    return start


@pytest.mark.parametrize(
    ("reports", "is_open"),
    [
        pytest.param([(0, False)] * 2, False, id="fewer failures than it takes"),
        pytest.param([(0, False)] * 3, True, id="as many as it takes"),
        pytest.param([(0, False), (1, True), (2, False), (3, True), (4, False)], True, id="successes count nothing"),
        pytest.param([(0, False), (59, False), (60, False)], False, id="the first is too long ago"),
        pytest.param([(0, False), (59, False), (59, False)], True, id="just within"),
        pytest.param([(9, False), (9, False), (1, False)], True, id="a clock that goes back"),
    ],
)
def test_closed(reports: list[tuple[int, bool]], is_open: bool) -> None:  # noqa: FBT001 - a column
    assert bool(after(*reports).opened) is is_open


def test_open_refuses_until_its_time_and_reports_change_nothing() -> None:
    circuit = after(*[(0, False)] * 3)
    lasts = BREAKER.opened_for(1, SEED)

    assert 30 * S <= lasts <= 37.5 * S
    assert entered(circuit, BREAKER, NOW, "a", SEED).wait_ns == lasts
    assert entered(circuit, BREAKER, NOW + lasts - 1, "a", SEED).wait_ns == 1
    assert after((1, False), (2, True), start=circuit) == circuit


def test_half_open_lets_as_many_through_as_probes_and_closes_when_all_went_well() -> None:
    first = entered(OPEN, BREAKER, NOW, "a", SEED)
    second = entered(first.circuit, BREAKER, NOW + S, "b", SEED)
    third = entered(second.circuit, BREAKER, NOW + 2 * S, "c", SEED)
    one_back = reported(second.circuit, BREAKER, NOW + 3 * S, ("a", True), SEED)

    assert (first.is_probe, second.is_probe, third.is_probe) == (True, True, False)
    assert third.wait_ns == 30 * S  # a probe may be back long before it is given up
    assert entered(one_back, BREAKER, NOW + 3 * S, "c", SEED).wait_ns == 30 * S
    assert entered(one_back, BREAKER, NOW + 91 * S, "c", SEED).wait_ns == 10 * S
    assert reported(one_back, BREAKER, NOW + 4 * S, ("a", True), SEED) == one_back
    assert reported(one_back, BREAKER, NOW + 4 * S, ("b", True), SEED) == CLOSED


def test_half_open_opens_for_longer_when_a_probe_fails_and_others_change_nothing() -> None:
    probing = entered(OPEN, BREAKER, NOW, "a", SEED).circuit

    failed = reported(probing, BREAKER, NOW + S, ("a", False), SEED)

    assert reported(probing, BREAKER, NOW + S, ("z", False), SEED) == probing
    assert (failed.opened, failed.until) == (2, NOW + S + BREAKER.opened_for(2, SEED))
    assert failed.probes == ()


def test_a_probe_of_which_nothing_is_heard_has_failed() -> None:
    probing = entered(OPEN, BREAKER, NOW, "a", SEED).circuit

    entry = entered(probing, BREAKER, NOW + 100 * S, "b", SEED)

    assert (entry.circuit.opened, entry.wait_ns) == (2, BREAKER.opened_for(2, SEED))


def test_a_probe_that_never_called_is_free_again() -> None:
    probing = entered(entered(OPEN, BREAKER, NOW, "a", SEED).circuit, BREAKER, NOW, "b", SEED).circuit

    assert withdrawn(probing, "c") == probing
    assert entered(withdrawn(probing, "a"), BREAKER, NOW, "c", SEED).is_probe


def test_it_stays_open_twice_as_long_each_time_up_to_the_most_and_the_jitter_is_the_seeds() -> None:
    lasts = [BREAKER.opened_for(times, SEED) / S for times in (1, 2, 3, 7, 8, 500)]

    for found, base in zip(lasts, (30, 60, 120, 1920, 3600, 3600), strict=True):
        assert base <= found <= base * 1.25
    assert len({BREAKER.opened_for(1, str(seed)) for seed in range(20)}) == 20


STEPS = st.lists(st.tuples(st.sampled_from("egbw"), st.sampled_from("abc"), st.integers(-5, 120)), max_size=60)


@settings(max_examples=300)
@given(STEPS)
def test_whatever_comes_nothing_passes_while_it_is_open_nor_more_than_its_probes(
    steps: list[tuple[str, str, int]],
) -> None:
    circuit, now = CLOSED, NOW
    for step, name, seconds in steps:
        now += seconds * S
        before = circuit
        if step == "e":
            entry = entered(circuit, BREAKER, now, name, SEED)
            circuit = entry.circuit
            assert (entry.wait_ns == 0) == (not before.opened or entry.is_probe)
            if before.opened and now < before.until:
                assert entry.wait_ns > 0
            out = [lease for _, lease in before.probes if lease > now]  # of others nothing was heard
            assert not entry.is_probe or (now >= before.until and len(out) < BREAKER.probes)
        elif step == "w":
            circuit = withdrawn(circuit, name)
        else:
            circuit = reported(circuit, BREAKER, now, (name, step == "g"), SEED)
            if before.opened and not circuit.opened:  # only a probe closes it
                assert step == "g"
                assert name in {one for one, _ in before.probes}
        assert len(circuit.probes) + circuit.good <= BREAKER.probes
        assert circuit.until >= before.until or not circuit.opened


class Table:
    """The table in `model.circuit`, as somebody else would write it down."""

    def __init__(self, breaker: Breaker) -> None:
        self.breaker = breaker
        self.state, self.until, self.times, self.good = "closed", 0, 0, 0
        self.failures: list[int] = []
        self.out: list[tuple[str, int]] = []

    def opens(self, now: int) -> None:
        self.times += 1
        self.until = max(self.until, now + self.breaker.opened_for(self.times, SEED))
        self.state, self.failures, self.out, self.good = "open", [], [], 0

    def passes(self, name: str, now: int) -> bool:
        while self.out and min(lease for _, lease in self.out) <= now:
            silent = min(self.out, key=lambda one: one[1])
            self.out.remove(silent)
            if self.state == "closed":
                self.fails(silent[1])
            else:
                self.opens(silent[1])
        if self.state == "closed" and not self.breaker.in_flight:
            return True
        if self.state != "closed" and now < self.until:
            return False
        if self.state != "closed":
            self.state = "half open"
        if len(self.out) + self.good >= (self.breaker.in_flight if self.state == "closed" else self.breaker.probes):
            return False
        self.out.append((name, now + self.breaker.lease_ns))
        return True

    def fails(self, now: int) -> None:
        self.failures = [*(at for at in self.failures if at > now - self.breaker.within_ns), now]
        if len(self.failures) >= self.breaker.failures:
            self.opens(now)

    def hears(self, name: str, now: int, *, went_well: bool) -> None:
        call = next((one for one in self.out if one[0] == name), None)
        if self.state == "closed":
            if call:
                self.out.remove(call)
            if not went_well:
                self.fails(now)
        elif self.state == "half open" and call and went_well:
            self.out.remove(call)
            self.good += 1
            if self.good >= self.breaker.probes:
                self.__init__(self.breaker)  # type: ignore[misc]  # as new
        elif self.state == "half open" and call:
            self.opens(now)


@settings(max_examples=300)
@given(
    st.sampled_from([BREAKER, COUNTING]),
    st.lists(st.tuples(st.sampled_from("eegb"), st.sampled_from("abc"), st.integers(0, 90)), max_size=80),
)
def test_it_follows_its_table(breaker: Breaker, steps: list[tuple[str, str, int]]) -> None:
    circuit, table, now = CLOSED, Table(breaker), NOW
    for step, name, seconds in steps:
        now += seconds * S
        if step == "e":
            entry = entered(circuit, breaker, now, name, SEED)
            circuit = entry.circuit
            assert (entry.wait_ns == 0) == table.passes(name, now)
        else:
            circuit = reported(circuit, breaker, now, (name, step == "g"), SEED)
            table.hears(name, now, went_well=step == "g")
        assert (circuit.opened, circuit.until, circuit.good) == (table.times, table.until, table.good)
        assert list(circuit.probes) == table.out
        assert len(circuit.probes) <= max(breaker.probes, breaker.in_flight)


def made(count: int, *, every: int, breaker: Breaker = COUNTING) -> Circuit:
    """Return the circuit after `count` calls, each so many seconds after the one before; nobody reports."""
    circuit = CLOSED
    for number in range(count):
        circuit = entered(circuit, breaker, NOW + number * every * S, str(number), SEED).circuit
    return circuit


def test_who_reports_nothing_opens_nothing_unless_calls_are_counted() -> None:
    assert made(1000, every=1, breaker=BREAKER) == CLOSED
    assert made(1000, every=1).opened


def test_so_many_calls_are_out_at_once_and_the_next_waits_for_one_that_may_be_back_soon() -> None:
    circuit = made(4, every=1)
    full = entered(circuit, COUNTING, NOW + 4 * S, "more", SEED)

    assert (full.wait_ns, full.is_full, full.is_probe, full.circuit) == (30 * S, True, False, circuit)
    assert entered(circuit, COUNTING, NOW + 90 * S, "more", SEED).wait_ns == 10 * S
    assert entered(reported(circuit, COUNTING, NOW + 4 * S, ("2", True), SEED), COUNTING, NOW, "m", SEED).is_probe
    assert entered(withdrawn(circuit, "2"), COUNTING, NOW, "m", SEED).is_probe


def test_a_call_that_is_silent_for_a_lease_has_failed_then_and_not_before() -> None:
    circuit = made(3, every=10)

    before = entered(circuit, COUNTING, NOW + 120 * S - 1, "more", SEED)
    after_all = entered(circuit, COUNTING, NOW + 120 * S, "more", SEED)

    assert (before.wait_ns, len(before.circuit.failed)) == (0, 2)
    assert after_all.circuit.until == NOW + 120 * S + COUNTING.opened_for(1, SEED)
    assert not after_all.is_full
    assert not made(100, every=61).opened  # never three of them within a minute


def test_of_calls_that_are_not_told_apart_a_report_is_of_the_oldest_and_what_is_not_made_the_newest() -> None:
    circuit = CLOSED
    for second in (0, 50):
        circuit = entered(circuit, COUNTING, NOW + second * S, "same", SEED).circuit

    assert reported(circuit, COUNTING, NOW + 60 * S, ("same", True), SEED).probes == (("same", NOW + 150 * S),)
    assert withdrawn(circuit, "same").probes == (("same", NOW + 100 * S),)


def test_of_several_probes_that_are_silent_the_first_one_counts() -> None:
    first = entered(OPEN, BREAKER, NOW, "a", SEED).circuit
    both = entered(first, BREAKER, NOW + 50 * S, "b", SEED).circuit

    entry = entered(both, BREAKER, NOW + 151 * S, "c", SEED)

    assert entry.circuit.until == NOW + 100 * S + BREAKER.opened_for(2, SEED)


def test_a_clock_that_goes_back_under_a_probe_opens_nothing_sooner() -> None:
    far = Circuit(opened=1, until=NOW + 600 * S, probes=(("a", NOW + 700 * S),))

    assert reported(far, BREAKER, NOW, ("a", False), SEED).until == NOW + 600 * S
