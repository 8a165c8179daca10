from collections.abc import Iterator, Sequence
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.content.detection import Span
from sidecar.content.parts import (
    CONTEXT,
    HOLD_BACK,
    RUN_OF_FORMS,
    RUN_OF_NAMES,
    Part,
    clipped,
    given_parts,
    next_part,
    parts,
    reading,
)
from sidecar.content.plain import LISTED, Small
from sidecar.content.reading import MAX_PART, Reading

WORDS = st.sampled_from(
    [
        *("Ada", "the ", "you ", "of ", " ", "\n", ". ", "- ", "4111 ", "x" * 90, "e\u0301", "Dr. ", "\xa0"),
        *("la ", "La ", "Paz ", "van ", "der ", "use ", "as ", "sunflower ", "password ", "NASA ", "42 ", "it to "),
        *("f(x)", "\n2024-11-02 ", "\nwho: ", "\n    ", ", ", "; ", "pin ", "{", '"a": ', "p a s s "),
        *("at ", "and ", "sunflower, ", "GitHub ", "Bread ", "sed, ", "+44 ", "\nNov  2 10:00:00 ", "to ", "color: "),
    ]
)


def cut(text: str, run: int = RUN_OF_NAMES) -> list[str]:
    return [text[part.start : part.end] for part in parts(text, run)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Ada called. Eva did not.", ["Ada called. ", "Eva did not."], id="sentences"),
        pytest.param("Dr. Ada called. Eva did.", ["Dr. Ada called. ", "Eva did."], id="a title"),
        pytest.param("J. R. Ada called. Eva did.", ["J. R. Ada called. ", "Eva did."], id="initials"),
        pytest.param("No. 7 is it. 8 is not.", ["No. 7 is it. ", "8 is not."], id="a number"),
        pytest.param("Card 4111. 1111 is it", ["Card 4111. 1111 is it"], id="digits on both sides"),
        pytest.param("about 5 p.m. and so", ["about 5 p.m. and so"], id="small letters follow"),
        pytest.param("Ada Inc? and so. Eva did", ["Ada Inc? and so. ", "Eva did"], id="small letters behind a mark"),
        pytest.param("Ada Lovelace\nLondon", ["Ada Lovelace\nLondon"], id="lines of one address"),
        pytest.param("Ada:\nLondon", ["Ada:\n", "London"], id="a line that ends with a mark"),
        pytest.param("Ada\n- London", ["Ada\n", "- London"], id="a list"),
        pytest.param("Ada\n\nLondon", ["Ada\n\n", "London"], id="paragraphs"),
        pytest.param("", [], id="nothing"),
        pytest.param(" \n ", [" \n "], id="space alone"),
    ],
)
def test_a_part_ends_where_a_sentence_or_a_line_does(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_within_a_sentence_a_part_ends_behind_small_words() -> None:
    text = "Ada Lovelace called, and it was so for you, Eva said"

    assert cut(text, RUN_OF_NAMES)[0] == "Ada Lovelace called, and it was so for "
    assert cut(text, RUN_OF_FORMS)[0] == "Ada Lovelace called, and it was "


def test_what_has_no_end_is_cut_away_from_digits() -> None:
    text = "Ada " * 60 + "4111 1111 1111 1111 " * 4 + "Ada " * 60

    (first, second, *_) = cut(text)

    assert len(first) <= MAX_PART
    assert first.endswith("Ada ")
    assert second.startswith(("Ada", "4111 1111 1111 1111"))


def test_what_has_no_gap_is_cut_somewhere() -> None:
    assert list(map(len, cut("x" * 700))) == [MAX_PART, MAX_PART, 700 - 2 * MAX_PART]


@pytest.mark.parametrize(
    ("text", "is_whole", "expected"),
    [
        pytest.param("It is for you", False, "It is for ", id="the last word may go on"),
        pytest.param("It is for you", True, "It is for you", id="or not"),
        pytest.param("It is Ada and", True, "It is ", id="up to a name"),
        pytest.param("the IT of Us", True, "the ", id="capitals within"),
        pytest.param("**Sure,** (as you know) ", False, "**Sure,** (as you know) ", id="marks around"),
        pytest.param("Refunds take three days. ", False, "Refunds take ", id="what an answer begins with"),
        pytest.param("- first item\n# Summary of ", False, "- first item\n# Summary of ", id="signs of Markdown"),
        pytest.param("```python\nprint(x)", False, "```python\n", id="code between signs"),
        pytest.param('{"ok": true, "who": "Ada"}', True, '{"ok": true, "who": ', id="a member of an object"),
        pytest.param("-----BEGIN it", True, "", id="a key begins with signs, too"),
        pytest.param("today is", True, "", id="a day is no small word"),
        pytest.param("\n ", False, "\n ", id="space"),
    ],
)
def test_plain_words_are_nobodys(text: str, is_whole: bool, expected: str) -> None:  # noqa: FBT001 - a table
    assert text[: reading(text, 0, RUN_OF_NAMES).lead(text, is_whole=is_whole)] == expected


@pytest.mark.parametrize(
    ("before", "window"),
    [
        pytest.param("", "", id="nothing before"),
        pytest.param("Ada is here. ", "Ada is here. ", id="all of it, from its first word"),
        pytest.param("Eva is.\n\nAda is here. ", "Ada is here. ", id="of the same paragraph"),
        pytest.param("\n\nAda is here. ", "Ada is here. ", id="a paragraph that begins at once"),
        pytest.param("x" * 60 + " Ada is here. ", "Ada is here. ", id="whole words"),
        pytest.param("x" * 60 + ". ", "", id="the word before is too long"),
        pytest.param("x" * (CONTEXT + 9), "x" * CONTEXT, id="no gap in sight"),
    ],
)
def test_a_part_is_seen_with_the_words_before_it(before: str, window: str) -> None:
    text = before + "Eva called."

    (part,) = given_parts(text, [len(text)], len(before))

    assert text[part.window_start : part.start] == window


@given(
    st.lists(WORDS, min_size=1, max_size=40).map("".join),
    st.lists(st.integers(1, 60), min_size=1, max_size=8),
    st.text(max_size=3),
)
def test_given_parts_are_the_same_whatever_stands_behind_them(text: str, cuts: list[int], behind: str) -> None:
    ends = sorted({min(end, len(text)) for end in accumulate(cuts)})

    assert list(given_parts(text[: ends[-1]], ends)) == list(given_parts(text + behind, ends))


def test_a_finding_is_cut_to_its_part_and_behind_its_lead() -> None:
    part = Part(10, 20, 5, 24, 12)
    spans = [Span(0, 6, "A", 1.0), Span(4, 9, "B", 1.0), Span(8, 19, "C", 1.0), Span(15, 19, "D", 1.0)]

    assert clipped(spans, part) == (Span(12, 14, "B", 1.0), Span(13, 20, "C", 1.0))


def pieces(cuts: Sequence[int], length: int) -> Iterator[int]:
    yield from sorted({min(at, length) for at in cuts} | {length})


@given(
    st.lists(WORDS, min_size=20, max_size=80).map("".join),
    st.lists(st.integers(1, 500), min_size=5, max_size=20),
    st.sampled_from(
        [
            *((3, LISTED), (3, Small(is_formed=True)), (6, LISTED), (6, Small(is_named=True))),
            (6, Small(frozenset({"la"}), has_own=True)),
        ]
    ),
)
@settings(max_examples=300, deadline=None)
def test_parts_never_depend_on_how_much_of_the_text_is_there(
    text: str, cuts: list[int], manner: tuple[int, Small]
) -> None:
    run, small = manner
    found: list[Part] = []
    ahead: list[tuple[int, int]] = []  # where a part begins, and what of it was plain while it was written
    start = before = 0
    for end in pieces(cuts, len(text)):
        seen = text[before:end]
        while part := next_part(seen, reading(seen, start - before, run, small), is_whole=False):
            moved = [at + before for at in (part.start, part.end, part.window_start, part.window_end, part.lead)]
            found.append(Part(*moved))
            start = moved[1]
        plain = before + reading(seen, start - before, run, small).lead(seen, is_whole=False)
        ahead.append((start, plain))
        assert end - max(start, plain) <= HOLD_BACK
        before = max(before, start - CONTEXT - 1)

    expected = list(parts(text, run, small))
    leads = {part.start: part for part in expected}
    assert all(min(plain, leads[start].end) <= leads[start].lead for start, plain in ahead if start in leads)
    assert found == expected[: len(found)]
    assert "".join(text[part.start : part.end] for part in expected) == text
    ends = [part.end for part in expected]
    assert [(p.start, p.end, p.window_start) for p in given_parts(text, ends)] == [
        (p.start, p.end, p.window_start) for p in expected
    ]


@given(
    st.lists(WORDS, min_size=20, max_size=80).map("".join),
    st.lists(st.integers(1, 500), min_size=5, max_size=60),
    st.sampled_from(
        [(3, LISTED), (3, Small(is_formed=True)), (6, Small(is_named=True)), (6, Small({"la"}, has_own=True))]
    ),
)
@settings(max_examples=300, deadline=None)
def test_what_goes_on_reading_comes_to_what_begins_anew(text: str, cuts: list[int], manner: tuple[int, Small]) -> None:
    """A piece costs what it brings: nothing is read twice, and nothing is seen otherwise for that."""
    run, small = manner
    begun: Reading = reading(text, 0, run, small)
    for end in pieces(cuts, len(text)):
        seen = text[:end]
        while part := next_part(seen, begun, is_whole=False):
            assert part == next_part(seen, reading(seen, begun.start, run, small), is_whole=False)
            begun = reading(seen, part.end, run, small)
        assert next_part(seen, reading(seen, begun.start, run, small), is_whole=False) is None
        anew = reading(seen, begun.start, run, small).lead(seen, is_whole=False)
        assert begun.lead(seen, is_whole=False) == anew


@pytest.mark.parametrize("run", [RUN_OF_FORMS, RUN_OF_NAMES])
@pytest.mark.parametrize(
    "text",
    [
        "Bergstr. 12, 69115 Heidelberg",
        "moved to ul. Lipowa 17/25, 00-590 Warszawa",
        "ask 10 . 0 . 12 . 7 for it",
        "ask 1 0 . 0 . 1 2 . 7 for it",
        "please write to a d a . b e l l @ e x a m p l e h o u s e . o r g about it",
    ],
)
def test_no_part_ends_within_what_is_abbreviated_or_pulled_apart(text: str, run: int) -> None:
    assert [text[part.start : part.end] for part in parts(text, run)] == [text]
