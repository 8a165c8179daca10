import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.detection import Span
from sidecar.content.remembered import ENTRY_BYTES, SPAN_BYTES, Remembered

CARD = (Span(0, 16, "CREDIT_CARD", 1.0),)


async def test_what_was_found_is_known_by_text_and_by_what_was_asked_for() -> None:
    remembered = Remembered()
    one, other = remembered.keys(["a", "b"], ["CARD"])
    (wider,) = remembered.keys(["a"], ["CARD", "PERSON"])

    remembered.put({one: CARD, other: ()})
    at_once = await remembered.get([one, wider, other])
    await remembered.settle()

    assert at_once == await remembered.get([one, wider, other]) == [CARD, None, ()]
    assert remembered.keys(["b", "a"], ["CARD"]) == [other, one]


@given(st.lists(st.text(), max_size=5, unique=True))
def test_keys_tell_texts_apart_and_nothing_else(texts: list[str]) -> None:
    mine, yours = Remembered(), Remembered()

    keys = mine.keys(texts, ["A"])

    assert len(set(keys)) == len(texts)
    assert not set(keys) & set(yours.keys(texts, ["A"]))
    assert all(len(key) == 32 for key in keys)


def test_a_lone_surrogate_has_a_key() -> None:
    assert Remembered().keys(["\ud800"], [])


async def test_kinds_that_run_together_are_not_the_same() -> None:
    remembered = Remembered()

    assert remembered.keys(["C"], ["A", "B"]) != remembered.keys(["B\0\0C"], ["A"])


@pytest.mark.parametrize(
    ("entries", "size", "known"),
    [
        pytest.param(2, 10**6, [False, True, True], id="so many"),
        pytest.param(10, 2 * ENTRY_BYTES + SPAN_BYTES, [False, True, True], id="so large"),
        pytest.param(10, ENTRY_BYTES, [False, False, True], id="the last one of all"),
    ],
)
async def test_it_forgets_what_was_asked_for_longest_ago(entries: int, size: int, known: list[bool]) -> None:
    remembered = Remembered(entries=entries, size=size)
    keys = remembered.keys(["a", "b", "c"], ["CARD"])

    remembered.put({keys[0]: CARD})
    await remembered.settle()
    remembered.put({keys[1]: CARD})
    await remembered.settle()
    remembered.put({keys[2]: ()})
    await remembered.settle()

    assert [spans is not None for spans in await remembered.get(keys)] == known


async def test_what_was_asked_for_again_stays() -> None:
    remembered = Remembered(entries=2)
    a, b, c = remembered.keys(["a", "b", "c"], [])
    remembered.put({a: (), b: ()})
    await remembered.settle()

    await remembered.get([a])
    remembered.put({c: ()})
    await remembered.settle()

    assert await remembered.get([a, b, c]) == [(), None, ()]


async def test_what_is_put_again_counts_once() -> None:
    remembered = Remembered(size=2 * ENTRY_BYTES)
    a, b = remembered.keys(["a", "b"], [])
    for _ in range(5):
        remembered.put({a: ()})
        await remembered.settle()

    remembered.put({b: ()})
    await remembered.settle()

    assert await remembered.get([a, b]) == [(), ()]


async def test_room_that_is_reserved_holds_nothing_and_is_there_for_what_comes() -> None:
    remembered = Remembered(entries=2)
    await remembered.reserve()
    keys = remembered.keys(["a", "b"], ["CARD"])

    assert await remembered.get(keys) == [None, None]
    remembered.put(dict.fromkeys(keys, CARD))
    await remembered.settle()

    assert await remembered.get(keys) == [CARD, CARD]
