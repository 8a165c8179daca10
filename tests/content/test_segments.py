from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.detection import Span
from sidecar.content.segments import MAX_CHARACTERS, MAX_TEXTS, OVERLAP, Segment, batches, joined
from tests.content.finding import CARD, Needles

CARDS = Needles({"CREDIT_CARD": CARD})


def found(texts: Sequence[str]) -> tuple[tuple[Span, ...], ...]:
    return joined(len(texts), [(segment, CARDS.spans(segment.text)) for batch in batches(texts) for segment in batch])


@pytest.mark.parametrize(
    ("texts", "shape"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["a", "", "b"], [3], id="short ones together"),
        pytest.param(["a"] * (MAX_TEXTS + 1), [MAX_TEXTS, 1], id="no more than so many"),
        pytest.param(["a" * MAX_CHARACTERS, "b"], [1, 1], id="no longer than so long"),
        pytest.param(["a" * (MAX_CHARACTERS + 1)], [1, 1], id="one that is too long"),
    ],
)
def test_work_comes_in_bounded_batches(texts: Sequence[str], shape: Sequence[int]) -> None:
    assert [len(batch) for batch in batches(texts)] == shape


@pytest.mark.parametrize(
    "filling",
    [
        pytest.param("word ", id="words"),
        pytest.param("line\n", id="lines"),
        pytest.param("paragraph\n\n", id="paragraphs"),
        pytest.param("x", id="no white space"),
        pytest.param(" ", id="nothing but white space"),
    ],
)
def test_a_long_text_is_covered_with_an_overlap(filling: str) -> None:
    text = (filling * 40_000)[:40_000]

    cuts = [(s.start, s.start + len(s.text)) for batch in batches([text]) for s in batch]

    assert cuts[0][0] == 0
    assert cuts[-1][1] == len(text)
    for (start, end), (following, _) in pairwise(cuts):
        assert start < following <= end - OVERLAP
        assert end - start <= MAX_CHARACTERS


@given(st.integers(0, 3 * MAX_CHARACTERS), st.sampled_from(["word ", "x", "\n\n"]))
def test_a_datum_is_found_once_wherever_the_text_is_cut(before: int, filling: str) -> None:
    lead = (filling * (before + 1))[:before]
    text = f"{lead}4111 1111 1111 1111" + filling * 2_000

    assert [(s.start, s.end) for s in found(["", text])[1]] == [(before, before + 19)]


def test_findings_of_several_texts_stay_apart() -> None:
    card = "4111111111111111"

    assert [len(row) for row in found([card, "", f"{card} {card}"])] == [1, 0, 2]


def test_a_segment_knows_where_it_stands() -> None:
    ((segment,),) = batches(["abc"])

    assert segment == Segment(0, 0, "abc")
