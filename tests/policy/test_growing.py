import pytest

from sidecar.model.crossing import Boundary
from sidecar.policy import expressions
from sidecar.policy.growing import MAX_BACK, Growing, growing
from sidecar.policy.rules import Rule, Then

AT_END = Growing(at_end=True, is_asked=True)


def rule(when: str, then: Then = Then.DENY, boundary: Boundary = Boundary.LLM_OUTPUT) -> Rule:
    source = expressions.parse(when)
    return Rule(
        id="p/r",
        on=frozenset({boundary}),
        text=when,
        program=expressions.program(when),
        terms=source.terms,
        then=then,
    )


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param("text.contains('secret')", Growing(is_asked=True, back=5), id="a word"),
        pytest.param("text.startsWith('no')", Growing(is_asked=True, back=1), id="a beginning"),
        pytest.param("text.upperAscii().contains('NO')", Growing(is_asked=True, back=1), id="in any case"),
        pytest.param(
            r"text.matches(r'\x{E0041}[a-z]{2,9}')", Growing(is_asked=True, back=9, is_beyond=True), id="a pattern"
        ),
        pytest.param("text.contains('a') || text.contains('abc')", Growing(is_asked=True, back=2), id="either"),
        pytest.param(
            "text.contains('abc') && principal.agent != 'x'", Growing(is_asked=True, back=2), id="and something else"
        ),
        pytest.param("principal.agent == 'x'", Growing(is_asked=True), id="nothing of the text"),
        pytest.param("!text.contains('a')", AT_END, id="what is not there"),
        pytest.param("text == 'a'", AT_END, id="all of it"),
        pytest.param("text.endsWith('a')", AT_END, id="its end"),
        pytest.param("text.contains(principal.agent)", AT_END, id="what nobody knows the length of"),
        pytest.param("text.contains('a') || text.size() > 3", AT_END, id="one that cannot be judged"),
        pytest.param("text.matches('a+')", AT_END, id="a pattern without an end"),
        pytest.param("text.matches('a$')", AT_END, id="a pattern that speaks of the end"),
        pytest.param(r"text.matches(r'\bno')", AT_END, id="a pattern that speaks of an end of words"),
        pytest.param(r"text.matches(r'\pL')", AT_END, id="a pattern of RE2 alone"),
        pytest.param(f"text.contains('{'x' * (MAX_BACK + 1)}')", AT_END, id="too long"),
        pytest.param("labels.exists(l, l == 'pii')", AT_END, id="labels"),
        pytest.param("usage.output_tokens > 3", AT_END, id="usage"),
    ],
)
def test_how_a_rule_is_asked_about_a_text_that_grows(when: str, expected: Growing) -> None:
    assert growing([rule(when)], Boundary.LLM_OUTPUT) == expected


def test_what_refuses_nothing_holds_nothing_back() -> None:
    others = [rule("text.size() > 3", Then.ALERT), rule("text.size() > 3", boundary=Boundary.USER_INPUT)]

    assert growing(others, Boundary.LLM_OUTPUT) == Growing()


@pytest.mark.parametrize(
    ("when", "is_beyond"),
    [
        pytest.param(r"text.matches(r'(?:^|[^\x{1F3F4}])[\x{E0000}-\x{E007F}]')", True, id="a set beyond ASCII"),
        pytest.param(r"text.matches(r'[a\x{E0041}]')", False, id="a set that has a letter"),
        pytest.param(r"text.matches(r'[^a]')", False, id="all but a letter"),
        pytest.param(r"text.matches(r'(?i)\x{212A}')", False, id="what is a letter in another case"),
        pytest.param(r"text.matches(r'\x{E0041}?a')", False, id="what may be missing"),
        pytest.param("text.contains('\u00e9a')", True, id="a word"),
        pytest.param("text.contains('ea')", False, id="a word in ASCII"),
        pytest.param("text.contains('\u00e9') || text.contains('\u00e8')", True, id="either"),
        pytest.param("text.contains('\u00e9') && text.contains('a')", False, id="what may come behind it"),
        pytest.param("text.contains('\u00e9') && principal.agent == 'x'", False, id="something else"),
    ],
)
def test_a_text_in_ascii_is_asked_about_where_it_may_be_refused(when: str, is_beyond: bool) -> None:  # noqa: FBT001 - a table
    found = growing([rule(when)], Boundary.LLM_OUTPUT)

    assert (found.is_beyond, found.may_refuse("more"), found.may_refuse("mor\u00e9")) == (
        is_beyond,
        not is_beyond,
        True,
    )
