from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.detection import Span
from sidecar.content.segments import (
    AROUND,
    MAX_BLOCK,
    MAX_CHARACTERS,
    MAX_PIECE,
    MAX_TEXTS,
    MAX_UNBROKEN,
    MAX_WORD,
    MIN_PIECE,
    UNIT,
    Segment,
    batches,
    joined,
)
from tests.content.finding import CARD, Needles

CARDS = Needles({"CREDIT_CARD": CARD})


def segments(text: str) -> list[Segment]:
    return [segment for batch in batches([text]) for segment in batch]


def found(texts: Sequence[str]) -> tuple[tuple[Span, ...], ...]:
    return joined(len(texts), [(segment, CARDS.spans(segment.text)) for batch in batches(texts) for segment in batch])


@pytest.mark.parametrize(
    ("texts", "shape"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["a", "", "b"], [2], id="short ones together, and nothing of nothing"),
        pytest.param(["a"] * (MAX_TEXTS + 1), [MAX_TEXTS, 1], id="no more than so many"),
        pytest.param(["a" * MAX_PIECE] * 3, [MAX_CHARACTERS // MAX_PIECE, 1], id="no longer than so long"),
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
def test_a_long_text_is_covered_and_each_piece_is_shown_with_its_surroundings(filling: str) -> None:
    text = (filling * 40_000)[:40_000]

    pieces = segments(text)

    places = [(s.start + s.low, s.start + s.high) for s in pieces]
    assert (places[0][0], places[-1][1]) == (0, len(text))
    assert all(end == start for (_, end), (start, _) in pairwise(places))
    for segment, (start, end) in zip(pieces, places, strict=True):
        assert segment.text == text[segment.start : segment.start + len(segment.text)]
        assert end - start <= max(MAX_PIECE + MAX_WORD, MAX_BLOCK)
        assert AROUND <= segment.low <= MAX_UNBROKEN or start <= AROUND
        assert AROUND <= len(segment.text) - segment.high <= MAX_UNBROKEN or len(text) - end <= AROUND


@given(st.integers(0, 3 * MAX_PIECE), st.sampled_from(["word ", "x", "\n\n"]))
def test_a_datum_is_found_once_wherever_the_text_is_cut(before: int, filling: str) -> None:
    lead = (filling * (before + 1))[:before]
    text = f"{lead}4111 1111 1111 1111" + filling * 2_000

    assert [(s.start, s.end) for s in found(["", text])[1]] == [(before, before + 19)]


@given(st.text(alphabet="ab \n", min_size=1, max_size=3), st.integers(1, 12_000), st.integers(0, 4_000))
def test_what_is_added_behind_a_text_leaves_all_pieces_but_the_last_ones(filling: str, size: int, more: int) -> None:
    text = (filling * 12_000)[:size]
    unseen = AROUND + MAX_UNBROKEN + MAX_PIECE + MAX_WORD  # what stands there could be cut or shown otherwise

    before, after = segments(text), segments(text + "." * more)

    settled = [s for s in before if s.start + s.high + unseen < size]
    assert after[: len(settled)] == settled


@pytest.mark.parametrize(
    ("whole", "lead"),
    [
        pytest.param("x" * 3_000, 500, id="a long word"),
        pytest.param("-----BEGIN KEY-----\n" + ("A" * 64 + "\n") * 60 + "-----END KEY-----", 900, id="an armoured key"),
    ],
)
def test_what_belongs_together_is_not_cut(whole: str, lead: int) -> None:
    text = "word " * (lead // 5) + whole + " word" * 1_000

    assert any(whole in segment.text[segment.low : segment.high] for segment in segments(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 20_000, id="a word without end"),
        pytest.param("-----BEGIN KEY-----\n" + ("A" * 64 + "\n") * 300 + "-----END KEY-----", id="a key without end"),
        pytest.param("-----BEGIN " * 2_000, id="beginnings alone"),
        pytest.param("-----BEGIN A-----\n-----END A-----" * 200, id="keys that are closed"),
    ],
)
def test_what_is_too_long_is_cut_all_the_same(text: str) -> None:
    assert len(segments(text)) > 1
    assert max(segment.high - segment.low for segment in segments(text)) <= max(MAX_PIECE + MAX_WORD, MAX_BLOCK)


@pytest.mark.parametrize("lead", range(6))
@pytest.mark.parametrize("size", [MAX_PIECE, 3 * MAX_PIECE, MAX_PIECE + MAX_WORD - 6], ids=str)
def test_a_run_that_ends_the_text_is_not_cut_where_it_could_be_whole(lead: int, size: int) -> None:
    text = "x" * lead + "=" + "A" * size

    assert [segment.text for segment in segments(text)] == [text]


@pytest.mark.parametrize("lead", ["", '"', "x ", 'a: "', "word " * 100], ids=len)
def test_a_run_that_must_be_cut_is_cut_and_shown_as_base64_is_read(lead: str) -> None:
    text = lead + "A" * 20_000 + '" and more'
    begin = len(lead)

    some = [s for s in segments(text) if begin < s.start and s.start + s.low < begin + 20_000]

    assert len(some) >= 10
    assert {(s.start + s.low - begin) % UNIT for s in some} == {0}
    assert {(s.start - begin) % UNIT for s in some} == {0}


def test_a_key_whose_end_is_missing_is_not_cut() -> None:
    key = "-----BEGIN KEY-----\n" + ("A" * 64 + "\n") * 80
    text = "word " * 180 + key + "It ends here. " * 100

    assert any(key in segment.text[segment.low : segment.high] for segment in segments(text))


def test_pieces_are_not_too_small() -> None:
    assert min(s.high - s.low for s in segments("word " * 4_000)[:-1]) >= MIN_PIECE


def test_findings_of_several_texts_stay_apart() -> None:
    card = "4111111111111111"

    assert [len(row) for row in found([card, "", f"{card} {card}"])] == [1, 0, 2]


def test_a_finding_in_the_surroundings_alone_is_another_pieces() -> None:
    segment = Segment(0, 10, "abcdefgh", 2, 6)
    spans = [Span(0, 2, "A", 1.0), Span(1, 3, "B", 1.0), Span(5, 8, "C", 1.0), Span(6, 8, "D", 1.0)]

    assert joined(1, [(segment, spans)]) == ((Span(11, 13, "B", 1.0), Span(15, 18, "C", 1.0)),)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("lead", ["", "Here is what I found.\n\n"])
def test_rows_of_a_table_are_shown_behind_its_first_line(sign: str, lead: str) -> None:
    header = f"id{sign}surname{sign}plan\n"
    text = lead + header + "".join(f"{number}{sign}Byron{number}{sign}gold\n" for number in range(600))
    pieces = segments(text)

    assert len(pieces) > 2
    for piece in pieces[1:]:
        assert piece.text.startswith(header)
        assert piece.led == len(header)
        assert piece.text[piece.led :].partition("\n")[0].count(sign) == 2
    assert "".join(piece.text[piece.low : piece.high] for piece in pieces) == text


def test_what_is_found_in_rows_stands_where_it_is_sent() -> None:
    text = "id,card\n" + "".join(f"{number},4111111111111111\n" for number in range(300))

    (spans,) = found([text])

    assert {text[span.start : span.end] for span in spans} == {"4111111111111111"}
    assert len(spans) == 300


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("word and word\n" * 300, id="sentences"),
        pytest.param("1,2,3\n" * 600, id="a table without names"),
        pytest.param("a,b\n" + "1,2,3\n" * 600, id="rows of another length"),
        pytest.param("a" * 300 + ",b\n" + "1,2\n" * 900, id="a first line that is too long"),
    ],
)
def test_where_no_table_is_named_nothing_is_shown_before(text: str) -> None:
    assert not any(piece.led for piece in segments(text))


def test_what_reaches_from_the_first_line_into_a_row_begins_with_the_row() -> None:
    segment = Segment(0, 90, "head\nrow\n", 5, 9, led=5)

    assert joined(1, [(segment, [Span(2, 8, "A", 1.0)])]) == ((Span(95, 98, "A", 1.0),),)
