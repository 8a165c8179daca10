"""Characters that nobody sees are found and taken out at every boundary where a text is judged, wherever they stand."""

from string import ascii_letters, digits

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sidecar.checks.injection import Injection
from sidecar.content.injection.inspecting import Inspector
from sidecar.content.injection.invisible import RANGES
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.injection import Action, Kind
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.policy.bundled import resolve
from sidecar.policy.injections import Injections, Step
from sidecar.policy.load import combined, read_packs

UNSEEN = st.sampled_from(RANGES).flatmap(lambda r: st.integers(r.first, r.last)).map(chr)  # each kind as often
BOUNDARIES = [*Boundary]
STRIP = Step(kind=Kind.HIDDEN_CHARACTERS, least=0.0, action=Action.STRIP)
# A soft hyphen between letters, a byte order mark at the beginning and a terminal's colours are honest: an edge of
# spaces around the character, and no bracket in the text, leave none of them.
PLAIN = st.text(st.sampled_from(ascii_letters + digits + " .,:-\n"), max_size=12)


def placed(text: str, boundary: Boundary) -> Json:
    """Return `text` where a payload of `boundary` has text."""
    match boundary:
        case Boundary.USER_INPUT | Boundary.LLM_OUTPUT:
            return text
        case Boundary.A2A_MESSAGE:
            return {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "Hi"}, {"data": {"a": [text], text: 1}}]}
        case _:
            return {"a": [{"b": text}], text: 1}


async def cleaned(text: str, boundary: Boundary) -> tuple[Decision, Json]:
    check = Injection(Inspector(), Injections(steps={boundary: (STRIP,)}), b"k" * 32)
    body = placed(text, boundary)
    crossing = Crossing(boundary=boundary, session_id="s", at=1.0, body=body, is_json=not isinstance(body, str))
    answer = await check(crossing)
    return answer.decision, (answer.onward or crossing).body


@pytest.mark.parametrize("boundary", BOUNDARIES)
@settings(deadline=None, max_examples=25)
@given(before=PLAIN, unseen=st.text(UNSEEN, min_size=1, max_size=5), after=PLAIN)
async def test_what_nobody_sees_is_taken_out_wherever_it_stands(
    boundary: Boundary, before: str, unseen: str, after: str
) -> None:
    decision, body = await cleaned(f"x{before} {unseen} {after}y", boundary)
    assert (decision, body) == (Decision.REDACT, placed(f"x{before}  {after}y", boundary))


@pytest.mark.parametrize("boundary", BOUNDARIES)
@settings(deadline=None, max_examples=25)
@given(UNSEEN.filter(lambda c: c != "\u00ad"), st.integers(0, 5))
@example("\x1c", 2)  # white space, to Unicode
async def test_what_nobody_sees_is_taken_out_within_a_word(boundary: Boundary, unseen: str, at: int) -> None:
    decision, body = await cleaned(f"a{'reset'[:at]}{unseen}{'reset'[at:]}z", boundary)
    assert (decision, body) == (Decision.REDACT, placed("aresetz", boundary))


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("👩‍👩‍👧 ❤️ 1️⃣ 🏳️‍🌈", id="emoji"),
        pytest.param("می‌خواهم", id="Persian"),
        pytest.param("क्‍ष", id="Devanagari"),
        pytest.param("שלום\u200f!", id="Hebrew"),
        pytest.param("葛󠄀", id="an ideograph with its variant"),
        pytest.param("Donau\u00addampf", id="where a word may break"),
    ],
)
async def test_what_honest_writing_needs_stays(boundary: Boundary, text: str) -> None:
    assert await cleaned(text, boundary) == (Decision.ALLOW, placed(text, boundary))


@pytest.mark.parametrize("boundary", [Boundary.USER_INPUT, Boundary.TOOL_RESPONSE, Boundary.A2A_MESSAGE])
def test_the_baseline_takes_out_every_one_where_a_stranger_s_text_comes_in(boundary: Boundary) -> None:
    problems: list[str] = []
    policy = combined(read_packs([resolve("baseline")], problems), problems)
    steps = [step for step in policy.injections.at(boundary) if step.kind is Kind.HIDDEN_CHARACTERS]
    assert problems == []
    assert [(step.action, step.least) for step in steps] == [(Action.STRIP, 0.0)]
