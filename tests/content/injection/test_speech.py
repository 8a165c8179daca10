"""A form of speech is found wherever its letters stand, remembered or not."""

import random
import re

import pytest

from sidecar.content.injection.speech import MAX_LETTERS, MAX_REMEMBERED, NEEDED, PAIRS, PATTERNS, forms, matched

LETTERS = "".join(sorted({c for pattern in PATTERNS.values() for c in pattern} - set("\\^$.|()[]{}?*+\n"))) + "?."
TRIED = 3_000
MOST_HELD = 200
SELDOM = ("x..5rw", ">m:", "mV=2", "oab")  # what chance does not meet


def plainly(parts: str) -> set[str]:
    """Return the names of the patterns that `parts` holds, each looked for by itself."""
    held = {name for name, pattern in PATTERNS.items() if re.search(pattern, parts, re.MULTILINE)}
    return held | {name for name, pair in PAIRS.items() if held.issuperset(pair)}


def by_chance(seed: int, letters: str = LETTERS, count: int = TRIED, most: int = 30) -> list[str]:
    """Return sequences of `letters`; each draws from a few only, so that most patterns are met."""
    chance = random.Random(seed)  # noqa: S311 - a seeded choice of letters
    some = [chance.sample(letters, min(len(letters), chance.randint(3, 8))) for _ in range(count)]
    return ["".join(chance.choices(few, k=chance.randint(1, most))) for few in some]


@pytest.mark.parametrize("name", PATTERNS)
def test_that_a_pattern_is_left_out_loses_no_match(name: str) -> None:
    """Alone, so that no letter of a neighbour lets a pattern be tried that its own letters would not."""
    own = "".join(sorted(set(PATTERNS[name]) & set(LETTERS))) + "."
    pattern = re.compile(PATTERNS[name], re.MULTILINE)
    held = [parts for parts in [*by_chance(1, own, most=9), *SELDOM] if pattern.search(parts)]
    assert held
    assert all(name in matched([parts])[0] for parts in held[:MOST_HELD])


def test_many_passages_are_told_apart() -> None:
    passages = by_chance(2)[:200]
    assert [set(held) for held in matched(passages)] == [plainly(parts) for parts in passages]


def test_what_is_remembered_is_what_was_found() -> None:
    passages = [*by_chance(3)[:50], "x" * (MAX_LETTERS + 1)]
    first = forms(passages)
    assert forms(passages[::-1]) == first[::-1]
    assert [set(held) for held in first] == [plainly(parts) for parts in passages]


def test_passages_that_are_the_same_have_the_same_forms() -> None:
    assert forms(["tj.2@", "tj.2@"]) == forms(["tj.2@"]) * 2


def test_more_than_is_remembered_is_still_found() -> None:
    passages = sorted(set(by_chance(4, most=60)))
    assert len(passages) > MAX_REMEMBERED
    assert forms(passages) == forms(passages[:10]) + forms(passages[10:])


def test_nothing_has_no_forms() -> None:
    assert forms([]) == []


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_needed_belongs_to_a_pattern(name: str) -> None:
    assert name in PATTERNS
