"""What is a loop, and what is not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.model.loop import FAILED, MAX_ANSWERS, LoopLimit, Stall, Trail, again, stepped

S = 1_000_000_000
LIMIT = LoopLimit(same_call=3, within_ns=120 * S, cycle_length=4, cycles=3)


def refused(calls: str, limit: LoopLimit = LIMIT, gap: int = S) -> list[int]:
    """Return the places in `calls` that go round once too often."""
    trail, found = Trail(), []
    for place, call in enumerate(calls):
        trail, length = stepped(trail, call, limit, (place + 1) * gap)
        if length:
            found.append(place)
    return found


def test_the_same_call_passes_so_often_and_a_refused_one_counts() -> None:
    times: tuple[int, ...] = ()
    waits = []
    for second in (0, 1, 2, 3, 100, 219, 220, 340):
        times, wait = again(times, LIMIT, second * S)
        waits.append(wait // S)

    assert waits == [0, 0, 0, 118, 22, 0, 0, 0]


def test_a_clock_that_goes_back_makes_nothing_older() -> None:
    times = (100 * S, 101 * S, 102 * S)

    assert again(times, LIMIT, 50 * S)[1] == 171 * S


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        pytest.param("ABABABAB", [6, 7], id="a cycle of two, a fourth time"),
        pytest.param("ABCABCABCA", [9], id="of three"),
        pytest.param("ABCDABCDABCDABCD", [12, 13, 14, 15], id="of four"),
        pytest.param("ABCDEABCDEABCDEABCDE", [], id="longer than is looked for"),
        pytest.param("ABABABCABABAB", [], id="something else between"),
        pytest.param("ABABABABC", [6, 7], id="over once it goes on differently"),
        pytest.param("ABCDEFGHIJKLMNOP", [], id="progress"),
        pytest.param("AABAABAABAA", [9, 10], id="a cycle with a repeat in it"),
    ],
)
def test_cycles(calls: str, expected: list[int]) -> None:
    assert refused(calls) == expected


def test_one_call_again_and_again_is_no_cycle_where_it_is_said_how_often_it_may_be_made() -> None:
    assert refused("A" * 40) == []
    assert refused("A" * 40 + "BABABAB") == [45, 46]
    assert refused("A" * 8, replace(LIMIT, same_call=0)) == [6, 7]


def test_a_cycle_that_pauses_is_none() -> None:
    assert refused("ABABABABABAB", gap=121 * S) == []


@settings(max_examples=200)
@given(st.text("AB", max_size=40), st.integers(2, 4), st.integers(2, 3))
def test_exactly_what_a_plain_search_finds(calls: str, length: int, cycles: int) -> None:
    limit = LoopLimit(same_call=0, within_ns=10**15, cycle_length=length, cycles=cycles)

    def goes_round(place: int) -> bool:
        for each in range(2, length + 1):
            first = place - each * cycles
            if first >= 0 and all(calls[i] == calls[i + each] for i in range(first, place - each + 1)):
                return True
        return False

    assert refused(calls, limit) == [place for place in range(len(calls)) if goes_round(place)]


@given(st.text("ABC", max_size=300))
def test_what_is_remembered_does_not_grow(calls: str) -> None:
    trail = Trail()
    for place, call in enumerate(calls):
        trail, _ = stepped(trail, call, LIMIT, place)

    assert len(trail.recent) <= LIMIT.cycle_length
    assert all(run <= LIMIT.cycle_length * LIMIT.cycles for run in trail.runs)


STALLING = LoopLimit(same_call=0, within_ns=120 * S, cycle_length=0, cycles=0, no_progress=3)


def waits(answers: str, limit: LoopLimit = STALLING, gap: int = 1) -> list[int]:
    """Return how many seconds to wait after each of `answers`; `-` is a failure, `!` a change."""
    stall, found = Stall(), []
    for place, answer in enumerate(answers, start=1):
        now = place * gap * S
        stall = stall.told({"-": FAILED, "!": None}.get(answer, answer), limit, now)
        found.append(stall.wait(limit, now + S) // S)
    return found


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param("---", [0, 0, 119], id="failures alone"),
        pytest.param("AAAA", [0, 0, 0, 119], id="the same answer"),
        pytest.param("AB-A", [0, 0, 0, 0], id="too few in a row"),
        pytest.param("AB-AB", [0, 0, 0, 0, 119], id="failures, and what was known"),
        pytest.param("A--B--", [0] * 6, id="something new between"),
        pytest.param("!!!!", [0] * 4, id="changes, which are progress"),
        pytest.param("--!-", [0] * 4, id="a change between"),
        pytest.param("----A", [0, 0, 119, 119, 0], id="over once something new comes"),
    ],
)
def test_what_comes_to_nothing_new(answers: str, expected: list[int]) -> None:
    assert waits(answers) == expected


def test_after_a_pause_it_begins_anew_and_without_a_limit_it_never_does() -> None:
    assert waits("------", gap=121) == [0] * 6
    assert waits("------", limit=LIMIT) == [0] * 6
    stall = Stall(count=3, at=10 * S)
    assert [stall.wait(STALLING, at * S) for at in (130, 131)] == [1, 0]


@given(st.lists(st.one_of(st.none(), st.just(FAILED), st.text("ABC", min_size=1, max_size=4)), max_size=200))
def test_what_is_remembered_of_answers_does_not_grow(answers: list[str | None]) -> None:
    stall = Stall()
    for place, answer in enumerate(answers):
        stall = stall.told(answer, STALLING, place)

    assert len(stall.answers) <= MAX_ANSWERS
    assert stall.count <= STALLING.no_progress


def test_what_is_done_under_a_clock_that_went_back_is_no_older_than_what_was_before() -> None:
    times, _ = again((100 * S, 101 * S), LIMIT, 50 * S)
    stall = Stall(count=3, at=100 * S).told(FAILED, replace(LIMIT, no_progress=5), 50 * S)

    assert times == (100 * S, 101 * S, 101 * S)
    assert (stall.count, stall.at) == (4, 100 * S)
