"""What a request leaves to somebody else's words is told by its own verb and a clause about them."""

import pytest

from sidecar.content.origin.leaving import left


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("pay what she asks for", {"pay"}, id="what somebody asks for"),
        pytest.param("transfer the rent as the landlord wrote", {"pay"}, id="as somebody wrote"),
        pytest.param("settle the sum in the plumber's letter", {"pay"}, id="a thing in what was written"),
        pytest.param("pay it according to the plan", {"pay"}, id="according to"),
        pytest.param("pay 40 to anna", set(), id="nothing is left"),
        pytest.param("pay what i owe", set(), id="what the user says is not left"),
        pytest.param("delete what she asks for", set(), id="only bills are paid as they say"),
        pytest.param("pay anna. then read what she asks for", set(), id="in another sentence"),
    ],
)
def test_what_is_left_is_told_by_verb_and_clause(said: str, expected: set[str]) -> None:
    assert left(said) == expected
