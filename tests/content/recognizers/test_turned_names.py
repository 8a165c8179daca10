"""Who is written with the family name first is one person, and who stands in a list is not."""

import time
from itertools import product

import pytest

from sidecar.content.recognizers import turned_names
from tests.timing import is_linear


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in turned_names.find(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Name: Nair, Priya", ["Nair, Priya"], id="a field"),
        pytest.param('{"owner": "Nair, Priya"}', ["Nair, Priya"], id="a member"),
        pytest.param("| 12 | van der Meer, Priya P. | Oslo |", ["van der Meer, Priya P."], id="a cell"),
        pytest.param("- Nair, Priya\n- Ek-Lund, Lars", ["Nair, Priya", "Ek-Lund, Lars"], id="items"),
        pytest.param("Nair, Priya came. Priya Nair left.", ["Nair, Priya"], id="both orders"),
    ],
)
def test_a_family_name_before_a_comma_is_a_part_of_the_name(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Nair, Priya and the others came.", id="a list"),
        pytest.param("To: Lars, Priya", id="two given names"),
        pytest.param("From: Regards, Priya", id="a greeting"),
        pytest.param("Name: Nair, Oslo", id="no given name"),
        pytest.param("Name: Nair, Priyanka-1", id="a part of something"),
        pytest.param("(see Nair, Priya)", id="behind other words"),
        pytest.param("Name: nair, Priya", id="small letters"),
    ],
)
def test_a_comma_parts_whom_it_lists(text: str) -> None:
    assert found(text) == []


def test_the_time_is_linear_in_the_names_that_are_looked_for() -> None:
    names = ["".join(letters).title() for letters in product("abcdefghijklmnopqrst", repeat=4)]
    assert is_linear(lambda count: list(turned_names.find(" ".join(f"{n}, Priya;" for n in names[:count]))), 1_600)


@pytest.mark.parametrize("piece", [", Priya", "Nair, Priya ", "A, ", "van der "])
def test_no_text_makes_it_slow(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    start = time.process_time()

    list(turned_names.find(text))

    assert time.process_time() - start < 2.0
