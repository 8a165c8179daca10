"""What a model used, by the word of an agent that nobody trusts."""

import pytest

from sidecar.model.crossing import Boundary, Crossing
from tests.housing import AT, House, house
from tests.limiting import ask, policy, told


async def spent(it: House, handle: str) -> int:
    sessions = await it.path.stores.sessions.list(AT)
    return next(usage.micro_usd for session, usage in sessions if handle.startswith(session.id))


@pytest.mark.parametrize(
    ("usage", "used", "micro_usd"),
    [
        pytest.param("reported", (1, 1), 3 * 100 + 15 * 1, id="a prompt has at least a token for eight octets"),
        pytest.param("reported", (300, 20), 3 * 300 + 15 * 20, id="what can be is believed"),
        pytest.param("reported", (0, 0), None, id="who reports nothing has paid the most"),
        pytest.param("reserved", (300, 20), None, id="a pack believes no report"),
    ],
)
async def test_what_an_agent_reports_gives_back_no_more_than_can_be(
    usage: str, used: tuple[int, int], micro_usd: int | None
) -> None:
    it = house(policy=policy(f"usage: {usage}\nbudgets: [{{per: session, cost_usd: 1}}]"))
    handle = await it.open({})
    await ask(it, handle, "a", text="word " * 160)
    reserved = await spent(it, handle)

    await told(it, handle, "a", used)

    assert await spent(it, handle) == (reserved if micro_usd is None else micro_usd)


@pytest.mark.parametrize("structured", [pytest.param(False, id="text"), pytest.param(True, id="JSON that is unread")])
async def test_an_output_has_at_least_a_token_for_eight_octets(structured: bool) -> None:  # noqa: FBT001 - a column
    it = house(policy=policy("budgets: [{per: session, cost_usd: 1}]"))
    handle, text = await it.open({}), "é" * 400
    await ask(it, handle, "a")
    report = Crossing(
        boundary=Boundary.LLM_OUTPUT,
        session_id=handle,
        at=AT,
        body=None if structured else text,
        raw=text if structured else None,
        is_json=structured,
        call_id="a",
        input_tokens=20,
        output_tokens=1,
    )

    await it.path.decide(report)

    assert await spent(it, handle) == 3 * 20 + 15 * 100
