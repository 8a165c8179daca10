import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.detection import NoDetector, Span, apart, outside, regions, shifted

STRICTNESS = {"MILD": 1, "MIDDLE": 2, "STRICT": 3}
SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 10), st.sampled_from(sorted(STRICTNESS)), st.sampled_from([0.4, 1.0])),
    max_size=12,
).map(lambda rows: [Span(start, start + length, entity, score) for start, length, entity, score in rows])


def covered(spans: Sequence[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(
            [Span(0, 9, "MILD", 1.0), Span(4, 12, "STRICT", 0.4)],
            [Span(0, 12, "STRICT", 0.4)],
            id="strictest rules all",
        ),
        pytest.param(
            [Span(0, 4, "MILD", 0.5), Span(4, 8, "MILD", 0.5)],
            [Span(0, 4, "MILD", 0.5), Span(4, 8, "MILD", 0.5)],
            id="neighbours stay apart",
        ),
        pytest.param(
            [Span(0, 5, "MILD", 0.5), Span(4, 9, "STRICT", 0.5), Span(8, 12, "MIDDLE", 1.0)],
            [Span(0, 12, "STRICT", 0.5)],
            id="a chain is one region",
        ),
        pytest.param(
            [Span(0, 20, "MILD", 0.5), Span(2, 4, "MILD", 0.6), Span(10, 12, "MILD", 0.4)],
            [Span(0, 20, "MILD", 0.6)],
            id="of equals the surest",
        ),
    ],
)
def test_findings_that_share_a_character_are_one_region(spans: Sequence[Span], expected: Sequence[Span]) -> None:
    assert regions(spans, STRICTNESS.__getitem__) == tuple(expected)


@given(SPANS)
def test_regions_cover_what_was_found_and_nothing_else_in_whatever_order(spans: list[Span]) -> None:
    found = regions(spans, STRICTNESS.__getitem__)

    assert regions(spans[::-1], STRICTNESS.__getitem__) == found
    assert covered(found) == covered(spans)
    assert all(a.end <= b.start for a, b in pairwise(found))
    for span in spans:
        (region,) = [r for r in found if r.start <= span.start and span.end <= r.end]
        assert STRICTNESS[region.entity] >= STRICTNESS[span.entity]


@pytest.mark.parametrize(
    ("text", "span", "left"),
    [
        pytest.param("Ada", (0, 3), [(0, 3)], id="no hole"),
        pytest.param("<X>", (0, 3), [], id="all hole"),
        pytest.param("<X>", (1, 2), [], id="within a hole"),
        pytest.param("a<X>b", (0, 5), [(0, 1), (4, 5)], id="around a hole"),
        pytest.param("a<X> , <X>b", (0, 11), [(0, 1), (10, 11)], id="what has no letter is dropped"),
        pytest.param("a<X>b<X>c", (2, 8), [(4, 5)], id="between two"),
        pytest.param("<X>a", (3, 4), [(3, 4)], id="beside a hole"),
    ],
)
def test_holes_are_cut_out(text: str, span: tuple[int, int], left: list[tuple[int, int]]) -> None:
    found = outside(text, [Span(*span, "MILD", 1.0)], re.compile("<X>"))

    assert [(s.start, s.end) for s in found] == left


@given(
    st.lists(st.sampled_from(["<X>", "<X", "Ada ", "x" * 200, " "]), max_size=20).map("".join),
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 30)), max_size=4),
)
def test_what_is_hidden_is_found_however_few_places_are_looked_at(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span(start, start + size, "MILD", 1.0) for start, size in places if start + size <= len(text)]
    holes = [match.span() for match in re.finditer("<X>", text)]
    hidden = {at for start, end in holes for at in range(start, end)}

    found = outside(text, spans, re.compile("<X>"))

    left = {at for span in found for at in range(span.start, span.end) if text[at].isalnum()}
    assert left == {at for s in spans for at in range(s.start, s.end) if text[at].isalnum()} - hidden


def test_a_hundred_thousand_holes_are_cut_out_in_linear_time() -> None:
    text = "a<X>" * 100_000
    spans = [Span(i, i + 4, "MILD", 1.0) for i in range(0, len(text), 4)]

    assert len(outside(text, spans, re.compile("<X>"))) == 100_000


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        pytest.param((7, 9), [(0, 2)], id="behind the lead"),
        pytest.param((3, 9), [(0, 2)], id="across the lead"),
        pytest.param((3, 7), [], id="in the lead"),
    ],
)
def test_what_stands_in_the_lead_is_no_finding(span: tuple[int, int], expected: list[tuple[int, int]]) -> None:
    assert [(s.start, s.end) for s in shifted([Span(*span, "MILD", 1.0)], 7)] == expected


async def test_where_nothing_is_asked_nothing_is_found() -> None:
    detector = NoDetector()

    await detector.start()
    found = await detector.find(["Ada", ""])
    await detector.stop()

    assert found == [(), ()]


@given(SPANS, st.integers(1, 5))
def test_what_is_taken_apart_is_joined_to_the_same(spans: list[Span], size: int) -> None:
    parts = list(apart(spans, size))

    assert all(covered(part).isdisjoint(covered(other)) for part, other in pairwise(parts))
    assert sorted(map(repr, spans)) == sorted(repr(span) for part in parts for span in part)
    whole = regions(spans, STRICTNESS.__getitem__)
    assert whole == tuple(region for part in parts for region in regions(part, STRICTNESS.__getitem__))
    assert all(len(part) >= size for part in parts[:-1])
