"""What a pattern matches, and which of two is the more specific."""

import pytest

from sidecar.model.pattern import Pattern


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("pay", "pay", True),
        ("pay", "payee", False),
        ("*", "", True),
        ("search_*", "search_web", True),
        ("search_*", "research_web", False),
        ("*a*b", "xaxb", True),
        ("*a*b", "xb", False),
        ("a*a", "a", False),
    ],
)
def test_matches(pattern: str, name: str, *, expected: bool) -> None:
    assert Pattern(pattern).matches(name) is expected


def test_a_name_comes_before_a_pattern_and_more_characters_before_fewer() -> None:
    written = ["*", "*/x", "acme/*", "acme/l*", "a"]

    assert sorted(written, key=lambda text: Pattern(text).specificity) == written
