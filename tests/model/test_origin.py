"""The most trusted counts for a value, the least trusted for an argument; among strangers the worst."""

import pytest

from sidecar.model.origin import Origin, best, worst


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        pytest.param([], None, id="nowhere"),
        pytest.param([Origin.UNTRUSTED, Origin.USER], Origin.USER, id="the user said it, too"),
        pytest.param([Origin.SUSPICIOUS, Origin.TRUSTED], Origin.TRUSTED, id="a trusted tool said it, too"),
        pytest.param([Origin.AGENT, Origin.UNTRUSTED], Origin.AGENT, id="another agent before a stranger"),
        pytest.param([Origin.UNTRUSTED, Origin.SUSPICIOUS], Origin.SUSPICIOUS, id="of strangers only: the worst"),
        pytest.param([Origin.INSTRUCTIONS, Origin.TRUSTED], Origin.INSTRUCTIONS, id="instructions before tools"),
    ],
)
def test_a_value_counts_as_its_most_trusted_source_says(origins: list[Origin], expected: Origin | None) -> None:
    assert best(origins) == expected


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        pytest.param([], Origin.USER, id="an empty argument holds nothing of anybody"),
        pytest.param([Origin.USER, Origin.MODEL], Origin.MODEL, id="made up in part"),
        pytest.param([Origin.MODEL, Origin.UNTRUSTED], Origin.UNTRUSTED, id="a stranger's in part"),
    ],
)
def test_an_argument_counts_as_its_worst_value(origins: list[Origin], expected: Origin) -> None:
    assert worst(origins) == expected
