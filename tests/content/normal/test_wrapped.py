"""A name over two spaces or a wrapped line's end is read as one; tables and lines that end on purpose are let be."""

import pytest

from sidecar.content.normal.view import View
from sidecar.content.normal.wrapped import AROUND, MAX_PLACES, wrapped
from tests.timing import is_linear

LONG = "We were told on Tuesday that the keys are with "


def read(text: str) -> list[str]:
    return [View.of(text).part(*run).text for run in wrapped(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Ask Eva  Lund there.", "Ask Eva Lund there.", id="two spaces"),
        pytest.param("Ask Eva \u00a0 Lund there.", "Ask Eva Lund there.", id="one that does not break"),
        pytest.param("Please ask Eva\tLund there.", "Please ask Eva Lund there.", id="a tab in a sentence"),
        pytest.param("Priya\tLund", "Priya Lund", id="a tab alone"),
        pytest.param("Hello,\n\nPriya\tLund.\n\nBye", "Priya Lund.", id="alone in a paragraph"),
        pytest.param("Ask J.  Lund there.", "Ask J. Lund there.", id="an initial"),
        pytest.param("Ask Anne-Marie  O'Dell.", "Ask Anne-Marie O'Dell.", id="names of two parts"),
        pytest.param(f"{LONG}Eva\nLund there.", f"{LONG}Eva Lund there.", id="a wrapped line"),
        pytest.param(f"{LONG}Eva \r\nLund there.", f"{LONG}Eva Lund there.", id="of another system"),
        pytest.param(f"So, {LONG}Eva\nLund, so, ask.", f"So, {LONG}Eva Lund, so, ask.", id="with commas on both lines"),
    ],
)
def test_a_name_is_read_over_a_gap(text: str, expected: str) -> None:
    (said,) = read(text)
    assert said == expected[-len(said) :]
    assert "Lund" in said or "O'Dell" in said


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("It is done.  Lund knows.", id="a sentence ends"),
        pytest.param("Eva  Lund  Oslo", id="columns"),
        pytest.param("Eva  Lund\tOslo", id="columns and a tab"),
        pytest.param("Oslo\tLund", id="no given name"),
        pytest.param("Name\tTown\nPriya\tOslo\nOmar\tLund", id="columns of tabs"),
        pytest.param("Priya\tOslo\nOmar\tLund", id="rows without a head"),
        pytest.param("please ask Eva\tLund\tof the team", id="columns of words"),
        pytest.param("Best regards, Eva\nLund GmbH", id="a short line"),
        pytest.param(f"{LONG}Eva\n\nLund there.", id="a paragraph"),
        pytest.param(f"{LONG}Eva\nPhone: 12", id="a label"),
        pytest.param("the keys  are with her", id="small letters"),
        pytest.param("Omar Lund;omar@example.org;12 Elm Street;Oslo\nEva Berg;eva@", id="rows of a table"),
    ],
)
def test_what_is_apart_on_purpose_is_let_be(text: str) -> None:
    assert read(text) == []


def test_a_finding_stands_where_it_was_sent() -> None:
    text = "Ask Eva  Lund there."
    (run,) = wrapped(text)
    view = View.of(text).part(*run)
    at = view.text.index("Eva")
    assert text[view.starts[at] : view.ends[at + len("Eva Lund") - 1]] == "Eva  Lund"


def test_no_more_is_read_than_what_is_near() -> None:
    text = f"{'so it goes on ' * 40}Eva  Lund{' and so on it goes' * 40}"
    (said,) = read(text)
    assert len(said) <= len("Eva Lund") + 2 * AROUND
    assert len(read("Ask Eva  Lund there.\n" * 100)) == MAX_PLACES


@pytest.mark.parametrize("piece", ["Aa  ", "Aa\n", "A. ", " \u00a0", "Aa-", f"{LONG}Eva\n"])
def test_the_time_is_linear_in_the_text(piece: str) -> None:
    assert is_linear(lambda count: list(wrapped(piece * count)), 2_000)
