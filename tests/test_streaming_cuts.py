"""A stream that was cut stays cut, and says why, whatever else is looked at afterwards."""

from dataclasses import replace

import pytest

from sidecar.errors import UnavailableError
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.operator import Operator
from sidecar.model.verdict import Answer, Decision, Verdict
from sidecar.streaming import OutputStream
from tests.identity.crafting import T
from tests.test_streaming import CARD, OPERATORS
from tests.test_streaming_rules import rule
from tests.vaulting import House, privacy

LATER = float(T) + 10_000_000


async def begun(house: House) -> OutputStream:
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    return OutputStream(lambda: house.enforcer, first)


def reasons(verdict: Verdict) -> list[str]:
    return [finding.reason for finding in verdict.findings if finding.reason]


async def test_who_was_cut_for_another_reason_stays_so_while_the_session_is_open() -> None:
    stream = await begun(House(privacy(OPERATORS)))
    stream.cut(reason="stream_idle", message="no piece came")

    await stream.check_session(float(T))

    assert stream.is_cut
    assert reasons((await stream.end(float(T)))[1]) == ["stream_idle"]


async def test_what_was_cut_is_denied_also_where_the_whole_would_cross() -> None:
    stream = await begun(House(privacy(OPERATORS)))
    assert await stream.feed("It is here. ", float(T))

    await stream.check_session(LATER)
    released, verdict, _ = await stream.end(float(T))

    assert (released, verdict.decision, verdict.payload) == ("", Decision.DENY, "")
    assert reasons(verdict) == ["stream_diverged"]


@pytest.mark.parametrize("then", ["text.contains('nothing of it')", "text.size() > 3000"])
async def test_a_rule_that_lets_it_pass_opens_no_stream_that_another_check_cut(then: str) -> None:
    stream = await begun(House(privacy({"CREDIT_CARD": Operator.DENY}), rules=rule(then)))

    released = await stream.feed(f"It is for you. The card is {CARD}. And so on. And more. ", float(T))

    assert (released, stream.is_cut) == ("", True)
    assert await stream.feed("And so on. And more. ", float(T)) == ""
    assert (await stream.end(float(T)))[1].decision is Decision.DENY


class Unreachable:
    """The first check of a row, over a store that does not answer."""

    name = "session"

    async def __call__(self, _crossing: Crossing) -> Answer:
        raise UnavailableError("the store does not answer")


@pytest.mark.parametrize("row", [pytest.param((), id="no row"), pytest.param((Unreachable(),), id="no answer")])
async def test_who_is_trusted_now_is_asked_with_each_piece(row: tuple[Unreachable, ...]) -> None:
    house = House(privacy(OPERATORS))
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    current = [house.enforcer]
    stream = OutputStream(lambda: current[-1], first)
    assert await stream.feed("It is here. ", float(T))

    current.append(replace(house.enforcer, rows={Boundary.LLM_OUTPUT: row}))

    assert await stream.feed("And more. ", float(T)) == ""
    assert stream.is_cut


@pytest.mark.parametrize(
    ("more", "is_cut"), [pytest.param("", False, id="no longer"), pytest.param(".", True, id="longer")]
)
async def test_a_text_may_be_as_long_as_the_limit(more: str, is_cut: bool) -> None:  # noqa: FBT001 - a table
    stream = await begun(House(privacy(OPERATORS), characters=40))

    await stream.feed("it is so " * 4 + "now." + more, float(T))

    assert stream.is_cut is is_cut
    assert reasons((await stream.end(float(T)))[1]) == (["payload_too_large"] if is_cut else [])


async def test_a_stream_is_judged_by_the_time_of_its_end() -> None:
    house = House(privacy(OPERATORS))
    stream = await begun(house)
    await stream.feed("It is here. ", float(T))

    _, verdict, _ = await stream.end(LATER)

    assert (verdict.decision, verdict.crossing.at) == (Decision.DENY, LATER)
    assert house.log.entries[-1].at == LATER
