"""Where packs look for more than words, fewer parts end: what a pattern finds over a clause is found as a whole."""

import pytest

from sidecar.checks.parted import unended
from sidecar.policy.privacy import Privacy
from sidecar.policy.recognizers import PatternPart, RecognizerPart


def policy(*recognizers: RecognizerPart) -> Privacy:
    return Privacy(operators={}, thresholds={}, labels={}, written=recognizers)


@pytest.mark.parametrize(
    ("pattern", "is_wide"),
    [
        pytest.param(r"E-\d{6}", False, id="a word"),
        pytest.param(r"\b(?:AB|CD)[0-9]+\.\S+\b", False, id="signs of words"),
        pytest.param(r"case \d{4}, opened by \w+", True, id="spaces"),
        pytest.param(r"case\s\d+", True, id="white space"),
        pytest.param(r"case.\d+", True, id="any sign"),
        pytest.param(r"case\\.\d+", True, id="any sign behind a backslash"),
        pytest.param(r"case[^a]\d+", True, id="any sign but one"),
        pytest.param(r"case\W\d+", True, id="what is no letter"),
        pytest.param(r"case\x20\d+", True, id="a space by its number"),
        pytest.param(r"\w+(?= is the name)", True, id="what stands behind it"),
    ],
)
def test_a_pattern_that_may_hold_a_space_is_wide(pattern: str, is_wide: bool) -> None:  # noqa: FBT001 - parametrized
    part = PatternPart(name="p", regex=pattern, score=0.9)

    found = unended(policy(RecognizerPart(name="r", supported_entity="ROOM", patterns=(part,))), None)

    assert found.is_wide is is_wide


def test_terms_of_several_words_are_kept_together_alone() -> None:
    found = unended(policy(RecognizerPart(name="r", supported_entity="ROOM", deny_list=("Blue Room",))), None)

    assert (found.pairs, found.is_wide) == ({("blue", "r")}, False)
