"""A detector that is out stops what it was to look at, unless the policy lets the boundary pass; then that is told."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from sidecar.checks.injection import Injection
from sidecar.content.detection import Span
from sidecar.content.injection.inspecting import Inspector
from sidecar.content.injection.scoring import Reader
from sidecar.errors import UnavailableError
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.injection import Action, Kind
from sidecar.model.operator import Operator
from sidecar.model.verdict import Decision
from sidecar.policy.injections import Injections, Step
from sidecar.policy.privacy import Out
from tests.content.finding import Needles, Silent
from tests.test_streaming import streamed, whole
from tests.vaulting import House, privacy

REDACT = privacy({"PERSON": Operator.REDACT})
SKIPS = replace(REDACT, skips={Out.NER: frozenset({Boundary.USER_INPUT, Boundary.LLM_OUTPUT})})
WORDS = "".join(f"Dear Ada, this is letter {n} about the parcel that you have sent.\n\n" for n in range(100))


class Failing:
    """Answers until it has been asked so often, then never again."""

    def __init__(self, times: int) -> None:
        self._left, self._needles = times, Needles()

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        self._left -= 1
        if self._left < 0:
            raise UnavailableError("the detector did not answer in time")
        return await self._needles.find(texts, entities)


class Out_:  # noqa: N801 - `Out` is what it stands for in the policy
    """A classifier that is out."""

    async def scores(self, _texts: Sequence[str], _reader: Reader) -> Sequence[float]:
        raise UnavailableError("the classifier did not answer in time")


@pytest.mark.parametrize(
    ("boundary", "passes"),
    [
        pytest.param(Boundary.USER_INPUT, True, id="the policy lets it pass"),
        pytest.param(Boundary.TOOL_RESPONSE, False, id="the policy says nothing of it"),
    ],
)
async def test_only_where_the_policy_says_so_a_detector_that_is_out_is_done_without(
    boundary: Boundary,
    passes: bool,  # noqa: FBT001 - a row of the table
) -> None:
    house = House(SKIPS, Silent())

    verdict = await house.say(await house.open(), boundary, "I am Ada", tool="note")

    told = {finding.reason for finding in verdict.findings if finding.check == "personal_data"}
    if passes:
        assert (verdict.decision, verdict.payload, verdict.skipped) == (Decision.ALLOW, "I am Ada", ("personal_data",))
        assert "detector_skipped" in told
        assert house.log.entries[-1].details["skipped_checks"] == ("personal_data",)
    else:
        assert (verdict.decision, told, verdict.skipped) == (Decision.DENY, {"detector_unavailable"}, ())


async def test_nothing_is_told_to_be_skipped_while_the_detector_answers() -> None:
    house = House(SKIPS)

    verdict = await house.say(await house.open(), Boundary.USER_INPUT, "I am Ada")

    assert (verdict.payload, verdict.skipped) == ("I am <PERSON>", ())


async def test_what_was_denied_is_not_told_to_be_skipped() -> None:
    house = House(replace(privacy({"PERSON": Operator.DENY}), skips=SKIPS.skips), Failing(1))

    verdict = await whole(house, await house.open(), WORDS)

    assert (verdict.decision, verdict.skipped) == (Decision.DENY, ())


@pytest.mark.parametrize("times", [0, 1, 2, 5, 1000])
async def test_a_stream_goes_on_and_ends_as_it_began_when_the_detector_goes_out(times: int) -> None:
    house = House(SKIPS, Failing(times))

    out, verdict, _ = await streamed(house, await house.open(), [WORDS[i : i + 50] for i in range(0, len(WORDS), 50)])

    assert out == verdict.payload
    assert verdict.decision is (Decision.ALLOW if times == 0 else Decision.REDACT)
    assert verdict.skipped == (() if times == 1000 else ("personal_data",))
    assert ("<PERSON>" in out, "Ada" in out) == (times > 0, times < 1000)


async def test_a_stream_is_cut_where_the_policy_does_not_do_without() -> None:
    house = House(REDACT, Failing(2))

    _, verdict, _ = await streamed(house, await house.open(), [WORDS[i : i + 50] for i in range(0, len(WORDS), 50)])

    assert (verdict.decision, verdict.payload) == (Decision.DENY, "")


@pytest.mark.parametrize("boundary", [Boundary.TOOL_RESPONSE, Boundary.USER_INPUT])
async def test_without_the_classifier_what_needs_none_is_still_looked_for(boundary: Boundary) -> None:
    steps = tuple(Step(kind=kind, least=0.1, action=Action.DENY) for kind in Kind)
    injections = Injections(steps=dict.fromkeys(Boundary, steps))
    check = Injection(Inspector(Out_()), injections, bytes(32), skips=frozenset({Boundary.TOOL_RESPONSE}))

    async def said(text: str) -> tuple[Decision, bool, set[str]]:
        answer = await check(Crossing(boundary=boundary, session_id="s", at=0.0, body=text))
        return answer.decision, answer.skipped, {finding.reason for finding in answer.findings}

    plain, hidden = await said("The parcel is here."), await said("a\U000e0041\U000e0042\U000e0043 b")

    if boundary is Boundary.USER_INPUT:
        assert plain[2] == hidden[2] == {"classifier_unavailable"}
    else:
        assert (plain[0], plain[1], plain[2]) == (Decision.ALLOW, True, {"", "classifier_skipped"})
        assert (hidden[0], hidden[1]) == (Decision.DENY, True)
        assert "hidden_characters" in hidden[2]
