"""A token in a tool's response is one only where this session gave it to a tool."""

import json

import pytest

from sidecar.model.crossing import Boundary
from sidecar.model.operator import Operator
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.stores.sealing import Sealer
from sidecar.stores.vault import MemoryVault
from tests.vaulting import House, privacy

CARD = "4111 1111 1111 1111"
TO_CHARGE = privacy({"CREDIT_CARD": Operator.TOKEN, "PERSON": Operator.TOKEN}, {"CREDIT_CARD": ["charge"]})


async def opened(house: House) -> str:
    """Return a session that knows a card and a person by their tokens."""
    handle = await house.open()
    await house.say(handle, Boundary.USER_INPUT, f"I am Ada, charge {CARD}")
    return handle


@pytest.mark.parametrize(
    ("text", "crossing"),
    [
        pytest.param("use <CREDIT_CARD_1>", "use <CREDIT_CARD>", id="as it is written"),
        pytest.param("use credit_card_1 now", "use <CREDIT_CARD> now", id="as a model may read it"),
        pytest.param("use &#60;CREDIT_CARD_1&#62;", "use &lt;CREDIT_CARD&gt;", id="in HTML"),
        pytest.param("use <CREDIT_CARD_7>", "use <CREDIT_CARD>", id="of a value that may come yet"),
        pytest.param("ask [person 1]", "ask [person 1]", id="of a kind that no tool has back"),
        pytest.param("nothing of it", "nothing of it", id="none"),
    ],
)
async def test_a_strangers_token_names_no_value(text: str, crossing: str) -> None:
    house = House(TO_CHARGE)
    handle = await opened(house)

    verdict = await house.say(handle, Boundary.TOOL_RESPONSE, text, tool="note")

    assert verdict.payload == crossing
    reasons = [finding.reason for finding in verdict.findings if finding.check == "foreign_tokens"]
    assert reasons == (["token_foreign"] if crossing != text else [""])


async def test_it_does_so_in_names_and_values_of_json() -> None:
    house = House(TO_CHARGE)
    handle = await opened(house)
    body: Json = {"a": ["<CREDIT_CARD_1>", 1], "CREDIT CARD_1": "x", "<CREDIT_CARD_1>": {"<CREDIT_CARD_2>": "y"}}

    verdict = await house.say(handle, Boundary.TOOL_RESPONSE, body, tool="note")

    wanted = {"a": ["<CREDIT_CARD>", 1], "CREDIT CARD_1": "x", "<CREDIT_CARD>": {"<CREDIT_CARD>": "y"}}
    assert json.loads(verdict.payload) == wanted


@pytest.mark.parametrize("given", [{"text": "card [credit card 1]"}, {"<CREDIT_CARD_1>": "a name"}, {"text": CARD}])
async def test_what_a_tool_was_given_comes_back_from_any_tool(given: Json) -> None:
    house = House(TO_CHARGE)
    handle = await opened(house)
    noted = await house.say(handle, Boundary.TOOL_CALL, given, tool="note")

    back = await house.say(handle, Boundary.TOOL_RESPONSE, "saved: <CREDIT_CARD_1>, <CREDIT_CARD_2>", tool="charge")
    charged = await house.say(handle, Boundary.TOOL_CALL, {"card": "<CREDIT_CARD_1>"}, tool="charge")

    assert noted.decision is not Decision.DENY
    assert back.payload == "saved: <CREDIT_CARD_1>, <CREDIT_CARD>"
    assert json.loads(charged.payload) == {"card": CARD}


async def test_a_tool_that_has_the_value_was_not_given_its_token() -> None:
    house = House(TO_CHARGE)
    handle = await opened(house)
    await house.say(handle, Boundary.TOOL_CALL, {"card": "<CREDIT_CARD_1>"}, tool="charge")

    back = await house.say(handle, Boundary.TOOL_RESPONSE, f"charged {CARD}, not <CREDIT_CARD_1>", tool="charge")

    assert back.payload == "charged <CREDIT_CARD_1>, not <CREDIT_CARD>"


async def test_what_another_session_left_behind_names_nothing_here() -> None:
    house = House(TO_CHARGE)
    first, second = await opened(house), await opened(house)
    await house.say(first, Boundary.TOOL_CALL, {"text": "<CREDIT_CARD_1>"}, tool="note")

    back = await house.say(second, Boundary.TOOL_RESPONSE, "saved: <CREDIT_CARD_1>", tool="note")

    assert back.payload == "saved: <CREDIT_CARD>"


async def test_a_call_that_was_refused_gave_nothing() -> None:
    house = House(TO_CHARGE)
    handle = await opened(house)
    refused = await house.say(handle, Boundary.TOOL_CALL, {"text": "<CREDIT_CARD_1>"}, tool="transfer")

    back = await house.say(handle, Boundary.TOOL_RESPONSE, "saved: <CREDIT_CARD_1>", tool="note")

    assert (refused.decision, back.payload) == (Decision.DENY, "saved: <CREDIT_CARD>")


async def test_a_token_that_cannot_be_remembered_does_not_leave() -> None:
    house = House(TO_CHARGE, vault=MemoryVault(Sealer(bytes(32)), capacity=2))
    handle = await opened(house)

    verdict = await house.say(handle, Boundary.TOOL_CALL, {"text": "<CREDIT_CARD_1>"}, tool="note")

    assert [f.reason for f in verdict.findings if f.decision is Decision.DENY] == ["vault_full"]


async def test_where_no_tool_has_values_back_a_response_crosses_as_it_is() -> None:
    house = House(privacy({"CREDIT_CARD": Operator.TOKEN}))
    handle = await house.open()

    verdict = await house.say(handle, Boundary.TOOL_RESPONSE, "use <CREDIT_CARD_1>", tool="note")

    assert (verdict.decision, verdict.payload) == (Decision.ALLOW, "use <CREDIT_CARD_1>")
