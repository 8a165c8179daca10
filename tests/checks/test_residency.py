"""Data of somebody who lives there goes nowhere else, as it is or as the value of a token."""

from dataclasses import replace

import pytest

from sidecar.model.crossing import Boundary
from sidecar.model.limits import ModelEntry, Prices
from sidecar.model.operator import Operator
from sidecar.model.pattern import Pattern
from sidecar.model.price import Price
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision, Verdict
from sidecar.policy.catalogue import Tool
from sidecar.policy.privacy import Out, Privacy, ResidencyPart
from tests.content.finding import Needles, Silent
from tests.vaulting import House, privacy

CARD = "4111 1111 1111 1111"
AT_HOME = ResidencyPart(subjects_in="EU", regions=("EU", "CH"), applies_to=("pii", "health"))
TOOLS = (
    Tool(name="charge", region="US", fallback=("elsewhere", "note")),
    Tool(name="note", region="DE", reads=("health",)),
)
PRICES = Prices(
    models=(
        (
            ModelEntry(name=Pattern("acme/far"), price=Price(1, 1), region="US", fallback=("acme/other", "acme/near")),
            ModelEntry(name=Pattern("acme/near"), price=Price(1, 1), region="FR"),
        ),
    )
)
NOTHING = privacy({})
TOKENS = privacy({"CREDIT_CARD": Operator.TOKEN}, {"CREDIT_CARD": ["charge"]})


def house(asked: Privacy = NOTHING, *rules: ResidencyPart) -> House:
    return House(replace(asked, residency=rules or (AT_HOME,)), tools=TOOLS, prices=PRICES)


def reasons(verdict: Verdict) -> set[str]:
    return {finding.reason for finding in verdict.findings if finding.decision is Decision.DENY}


@pytest.mark.parametrize("residency", ["DE", "EU", ""])
@pytest.mark.parametrize(
    ("tool", "arguments", "alternative"),
    [
        pytest.param("charge", {"card": CARD}, "note", id="data to a tool elsewhere"),
        pytest.param("note", {"card": CARD}, None, id="data to a tool at home"),
        pytest.param("charge", {"sum": "12"}, None, id="no data to a tool elsewhere"),
    ],
)
async def test_data_goes_to_tools_at_home_only(
    residency: str, tool: str, arguments: Json, alternative: str | None
) -> None:
    it = house()

    verdict = await it.say(await it.open(residency), Boundary.TOOL_CALL, arguments, tool=tool)

    if alternative is None:
        assert verdict.decision is Decision.ALLOW
    else:
        assert (reasons(verdict), verdict.alternative) == ({"residency_denied"}, alternative)


async def test_data_of_who_lives_elsewhere_goes_anywhere() -> None:
    it = house()

    verdict = await it.say(await it.open("US"), Boundary.TOOL_CALL, {"card": CARD}, tool="charge")

    assert verdict.decision is Decision.ALLOW


@pytest.mark.parametrize(
    ("model", "text", "alternative"),
    [
        pytest.param("far", "I am Ada", "acme/near", id="data to a model elsewhere"),
        pytest.param("near", "I am Ada", None, id="data to a model at home"),
        pytest.param("far", "hello", None, id="no data to a model elsewhere"),
        pytest.param("unknown", "I am Ada", "", id="data to a model of which nobody knows where it is"),
    ],
)
async def test_data_goes_to_models_at_home_only(model: str, text: str, alternative: str | None) -> None:
    it = house()
    body: Json = [{"role": "user", "content": text}]

    verdict = await it.say(await it.open("DE"), Boundary.LLM_REQUEST, body, provider="acme", model=model)

    if alternative is None:
        assert verdict.decision is Decision.ALLOW
    else:
        assert (reasons(verdict), verdict.alternative) == ({"residency_denied"}, alternative)


@pytest.mark.parametrize("operator", [Operator.MASK, Operator.HASH, Operator.REDACT, Operator.TOKEN])
async def test_what_is_taken_out_goes_nowhere_and_stops_nothing(operator: Operator) -> None:
    it = house(privacy({"CREDIT_CARD": operator}))

    verdict = await it.say(await it.open("DE"), Boundary.TOOL_CALL, {"card": CARD}, tool="charge")

    assert verdict.decision is Decision.REDACT


async def test_what_stands_beside_what_is_taken_out_still_counts() -> None:
    it = house(privacy({"CREDIT_CARD": Operator.REDACT}))

    verdict = await it.say(await it.open("DE"), Boundary.TOOL_CALL, {"a": f"{CARD} of Ada"}, tool="charge")

    assert reasons(verdict) == {"residency_denied"}


@pytest.mark.parametrize("arguments", [{"card": CARD}, {"card": "<CREDIT_CARD_1>"}, {"card": "credit_card_1"}])
async def test_a_value_that_a_tool_gets_back_counts_as_the_value(arguments: Json) -> None:
    it = house(TOKENS)
    handle = await it.open("DE")
    await it.say(handle, Boundary.USER_INPUT, f"charge {CARD}")

    verdict = await it.say(handle, Boundary.TOOL_CALL, arguments, tool="charge")

    assert reasons(verdict) == {"residency_denied"}
    assert CARD not in verdict.payload


async def test_a_label_that_no_detector_gives_counts_once_the_session_has_touched_it() -> None:
    it = house()
    handle = await it.open("DE")
    before = await it.say(handle, Boundary.TOOL_CALL, {"sum": "12"}, tool="charge")

    await it.say(handle, Boundary.TOOL_RESPONSE, "a broken leg", tool="note")
    after = await it.say(handle, Boundary.TOOL_CALL, {"sum": "12"}, tool="charge")

    assert (before.decision, reasons(after)) == (Decision.ALLOW, {"residency_denied"})


@pytest.mark.parametrize(
    ("text", "decision"),
    [pytest.param("ask Ada", Decision.DENY, id="data"), pytest.param("ask", Decision.ALLOW, id="none")],
)
async def test_where_another_agent_is_nobody_knows(text: str, decision: Decision) -> None:
    it = house()
    said: Json = {"kind": "message", "messageId": "m", "role": "user", "parts": [{"kind": "text", "text": text}]}
    message: Json = {"jsonrpc": "2.0", "id": "1", "method": "message/send", "params": {"message": said}}

    verdict = await it.say(await it.open("DE"), Boundary.A2A_MESSAGE, message, peer="p", direction="outbound")

    assert verdict.decision is decision, verdict.findings


async def test_every_rule_must_let_it_go() -> None:
    it = house(NOTHING, AT_HOME, AT_HOME.model_copy(update={"regions": ("FR",)}))

    verdict = await it.say(await it.open("DE"), Boundary.TOOL_CALL, {"card": CARD}, tool="note")

    assert reasons(verdict) == {"residency_denied"}


async def test_what_nobody_looked_at_may_be_anything() -> None:
    asked = replace(NOTHING, residency=(AT_HOME,), skips={Out.NER: frozenset(Boundary)})
    it = House(asked, Silent(), tools=TOOLS, prices=PRICES)
    handle = await it.open("DE")

    far = await it.say(handle, Boundary.TOOL_CALL, {"sum": "12"}, tool="charge")
    near = await it.say(handle, Boundary.TOOL_CALL, {"sum": "12"}, tool="note")

    assert (reasons(far), near.decision) == ({"residency_denied"}, Decision.ALLOW)
    assert far.skipped == near.skipped == ("personal_data",)


async def test_only_the_boundaries_where_data_leaves_ask_for_more_than_the_policy_redacts() -> None:
    detector = Needles()
    it = House(replace(NOTHING, residency=(AT_HOME,)), detector, tools=TOOLS)

    await it.say(await it.open("DE"), Boundary.USER_INPUT, "I am Ada")

    assert detector.asked == []
