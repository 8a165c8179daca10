"""Rules that refuse a model's output, while it is being written."""

import pytest

from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.verdict import Decision
from sidecar.policy import expressions
from sidecar.policy.rules import Rule, RuleSet, Then
from sidecar.streaming import OutputStream
from tests.identity.crafting import T
from tests.test_streaming import OPERATORS, pieces, streamed
from tests.vaulting import House, privacy


def rule(when: str, then: Then = Then.DENY) -> RuleSet:
    program = expressions.program(when)
    source = expressions.parse(when)
    return RuleSet(
        [
            Rule(
                id="p/r",
                on=frozenset({Boundary.LLM_OUTPUT}),
                text=when,
                program=program,
                terms=source.terms,
                then=then,
            )
        ]
    )


@pytest.mark.parametrize(
    ("when", "before"),
    [
        pytest.param("text.contains('secret')", "It is a s", id="a word"),
        pytest.param("text.lowerAscii().contains('secret') || text.contains('x')", "It is a s", id="one of two"),
        pytest.param(r"text.matches(r'[sS]ecret \w{1,5}')", "It is a s", id="a pattern"),
        pytest.param(r"text.matches(r'secret$') || text.contains('secret')", "", id="a pattern that speaks of the end"),
        pytest.param(r"!text.contains('please')", "", id="what is not there"),
        pytest.param("text.size() > 30", "", id="something else of the text"),
        pytest.param("usage.output_tokens >= 0", "", id="what is known at the end"),
    ],
)
async def test_nothing_of_what_a_rule_denies_was_released(when: str, before: str) -> None:
    house = House(privacy({}), rules=rule(when))
    handle = await house.open()
    text = "It is a secret about you, and it is long enough to be cut."

    out, verdict, _ = await streamed(house, handle, pieces(text, list(range(4, len(text), 4))))

    assert (verdict.decision, verdict.payload) == (Decision.DENY, "")
    assert "secret" not in out
    assert before.startswith(out)


@pytest.mark.parametrize("size", range(1, 12))
async def test_a_rule_about_what_is_beyond_ascii_is_asked_where_the_rest_of_it_comes_later(size: int) -> None:
    house = House(privacy({}), rules=rule(r"text.contains('caf\u00e9s here') || text.matches(r'[\x{E9}] of us')"))
    handle = await house.open()
    text = "We went to the caf\u00e9 of us all, and it was long enough to be cut in pieces."

    out, verdict, _ = await streamed(house, handle, pieces(text, list(range(size, len(text), size))))

    assert verdict.decision is Decision.DENY
    assert "\u00e9" not in out


@pytest.mark.parametrize("when", ["text.contains('secret')", "text.size() > 3000"])
async def test_a_rule_that_does_not_match_lets_all_of_it_pass(when: str) -> None:
    house = House(privacy(OPERATORS), rules=rule(when))
    handle = await house.open()

    out, verdict, _ = await streamed(house, handle, ["It is ", "Ada. ", "Really."])

    assert out == verdict.payload == "It is <PERSON_1>. Really."


@pytest.mark.parametrize("then", [Then.DENY, Then.REQUIRE_APPROVAL])
async def test_a_rule_that_needs_no_text_speaks_first(then: Then) -> None:
    house = House(privacy(OPERATORS), rules=rule("principal.subject != ''", then))
    handle = await house.open()

    out, verdict, _ = await streamed(house, handle, ["It is ", "Ada. "])

    wanted = Decision.DENY if then is Then.DENY else Decision.REQUIRE_APPROVAL
    assert (out, verdict.decision) == ("", wanted)


async def test_a_rule_is_asked_about_the_whole_beginning_not_about_what_waits() -> None:
    house = House(privacy({}), rules=rule("text.contains('alpha') && text.contains('omega')"))
    handle = await house.open()
    text = "It begins with alpha. " + "And so it goes on. " * 20 + "It ends with omega. And more."

    out, verdict, _ = await streamed(house, handle, pieces(text, list(range(4, len(text), 4))))

    assert verdict.decision is Decision.DENY
    assert "alpha" in out
    assert "omega" not in out


async def test_what_no_rule_refuses_is_released_while_it_is_written() -> None:
    house = House(privacy({}), rules=rule("text.contains('secret')"))
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)

    out = [await stream.feed("It is so. ", float(T)) for _ in range(8)]

    assert len("".join(out)) == 80 - len("secret") + 1
    assert all(out)


async def test_a_rule_about_the_whole_is_not_asked_about_a_beginning() -> None:
    house = House(privacy(OPERATORS), rules=rule("!text.contains('please')"))
    handle = await house.open()

    out, verdict, _ = await streamed(house, handle, ["It is so. ", "And more, ", "please."])

    assert (out, verdict.decision) == ("It is so. And more, please.", Decision.ALLOW)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
async def test_nothing_is_released_of_what_a_text_begins_with_and_a_rule_denies(size: int) -> None:
    house = House(privacy({}), rules=rule("text.contains('secret')"))
    handle = await house.open()
    text = "secret it is, and more."

    out, verdict, _ = await streamed(house, handle, pieces(text, list(range(size, len(text), size))))

    assert (out, verdict.decision) == ("", Decision.DENY)
