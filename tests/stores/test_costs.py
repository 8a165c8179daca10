"""What sessions of a type of task cost: compared with those before, once, within bounds, and over a kill."""

from sidecar.model.history import LEAST, History
from sidecar.stores.costs import MemoryCosts
from tests.chains import NOW
from tests.stores.conftest import Held, back

H = 3600.0


def past(costs: MemoryCosts, kind: str = "t", each: int = 100, count: int = LEAST) -> None:
    """Have `count` sessions of `kind` be over that cost `each`."""
    for number in range(count):
        costs.spent(kind, f"{kind} {number}", each, NOW + number, NOW)


def test_a_session_is_compared_with_those_of_its_type_that_are_over_once(held: Held) -> None:
    costs = MemoryCosts(held.keep)
    past(costs)
    past(costs, "dear", each=10_000)
    told = []
    for session, kind in (("new", "t"), ("other", "dear"), ("first", "unknown")):
        for _ in range(3):
            costs.spent(kind, session, 100, NOW + H, NOW + 100)
            told.append(costs.is_spike(session, 4.0))

    assert told == [False, True, False] + [False] * 6  # 200 of 100, then told already
    assert costs.history("t").count == LEAST
    assert not costs.is_spike("nobody", 4.0)


def test_what_was_settled_for_less_counts_as_less(held: Held) -> None:
    costs = MemoryCosts(held.keep)
    past(costs)
    costs.spent("t", "new", 1000, NOW + H, NOW + 100)
    costs.spent("t", "new", -900, NOW + H, NOW + 101)

    assert not costs.is_spike("new", 4.0)
    costs.spent("t", "next", 1, NOW + 3 * H, NOW + 2 * H)
    assert costs.history("t") == History(LEAST + 1, 100, 0)


async def test_it_outlives_a_kill(file: Held) -> None:
    costs = MemoryCosts(file.keep)
    past(costs)
    costs.spent("t", "new", 1000, NOW + H, NOW + 100)
    assert costs.is_spike("new", 4.0)
    costs.spent("t", "other", 60, NOW + H, NOW + 100)
    await file.keep.kept()

    again = back(MemoryCosts(file.open(NOW + 101).keep))

    again.spent("t", "other", 60, NOW + H, NOW + 102)
    again.spent("t", "new", 60, NOW + H, NOW + 102)
    assert [
        again.is_spike(name, deviations) for name, deviations in (("new", 4.0), ("other", 4.0), ("other", 1.5))
    ] == [
        False,
        False,
        True,
    ]
    again.spent("t", "last", 1, NOW + 3 * H, NOW + 2 * H)
    assert again.history("t").count == LEAST + 2


def test_types_and_sessions_that_are_made_up_take_no_more_than_their_room(held: Held) -> None:
    costs = MemoryCosts(held.keep, types=3, sessions=50)
    for number in range(30):
        costs.spent(f"made up {number}", f"s{number}", 100, NOW + 1, NOW)
    costs.spent("t", "s", 1, NOW + 9, NOW + 2)

    assert len(costs._histories) <= 4  # and one that the others share
    assert costs.history("made up 29").count >= 20
    for number in range(100):
        costs.spent("t", f"u{number}", 100, NOW + 9, NOW + 2)
    assert len(costs._open) == 50
    assert not costs.is_spike("u99", 0.1)
