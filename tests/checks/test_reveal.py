import json
from dataclasses import replace

import pytest

from sidecar.checks.peer_tokens import PeerTokensCheck
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.operator import Operator
from sidecar.model.strict_json import Json
from sidecar.model.tokens import Forms
from sidecar.model.verdict import Answer, Decision
from sidecar.policy.catalogue import Tool
from sidecar.policy.privacy import Privacy
from sidecar.policy.schemas import compile_schema
from sidecar.stores.base import Datum, Drawer
from sidecar.stores.sealing import Sealer
from sidecar.stores.vault import MemoryVault
from tests.checks.test_scope import SESSION
from tests.identity.crafting import T
from tests.vaulting import House, privacy

CARD = "4111 1111 1111 1111"
TOKENS = {"CREDIT_CARD": Operator.TOKEN, "PERSON": Operator.TOKEN}
TO_CHARGE = privacy(TOKENS, {"CREDIT_CARD": ["charge"]})


async def told(house: House) -> str:
    handle = await house.open()
    first = await house.say(handle, Boundary.USER_INPUT, f"I am Ada, charge {CARD}")
    assert first.payload == "I am <PERSON_1>, charge <CREDIT_CARD_1>"
    return handle


@pytest.mark.parametrize(
    ("tool", "arguments", "payload"),
    [
        pytest.param("charge", {"card": "<CREDIT_CARD_1>"}, {"card": CARD}, id="as it was given"),
        pytest.param("charge", {"card": "credit_card_1"}, {"card": CARD}, id="as a model hands it on"),
        pytest.param("charge", {"a": [{"b": "x CREDIT_CARD_1."}]}, {"a": [{"b": f"x {CARD}."}]}, id="deep inside"),
        pytest.param("charge", {"card": "4111111111111111"}, {"card": CARD}, id="the value itself"),
        pytest.param("note", {"card": "<CREDIT_CARD_1>"}, {"card": "<CREDIT_CARD_1>"}, id="another tool"),
        pytest.param("note", {"card": CARD}, {"card": "<CREDIT_CARD_1>"}, id="the value to another tool"),
        pytest.param("charge", {"to": "<PERSON_1>"}, {"to": "<PERSON_1>"}, id="another kind"),
        pytest.param("charge", {"card": "<CREDIT_CARD_99>"}, {"card": "<CREDIT_CARD_99>"}, id="invented"),
        pytest.param("charge", {"<CREDIT_CARD_1>": "x"}, {"<CREDIT_CARD_1>": "x"}, id="the name of a member"),
    ],
)
async def test_only_a_tool_that_may_have_a_value_gets_it_back(tool: str, arguments: Json, payload: Json) -> None:
    house = House(TO_CHARGE)
    handle = await told(house)

    verdict = await house.say(handle, Boundary.TOOL_CALL, arguments, tool=tool)

    assert verdict.decision <= Decision.REDACT
    assert json.loads(verdict.payload) == payload


async def test_what_is_recorded_and_shown_to_later_checks_is_the_token() -> None:
    house = House(TO_CHARGE)
    handle = await told(house)
    charged = await house.say(handle, Boundary.TOOL_CALL, {"card": "<CREDIT_CARD_1>"}, tool="charge")
    noted = await house.say(handle, Boundary.TOOL_CALL, {"card": "<CREDIT_CARD_1>"}, tool="note")

    assert charged.payload != noted.payload
    assert charged.crossing.body == noted.crossing.body == {"card": "<CREDIT_CARD_1>"}
    assert house.log.entries[-1].payload_digest == house.log.entries[-2].payload_digest
    assert [f.reason for f in charged.findings if f.reason] == ["value_revealed"]
    assert CARD not in repr(charged)


async def test_a_call_that_is_refused_gets_no_value() -> None:
    house = House(TO_CHARGE)
    handle = await told(house)

    verdict = await house.say(handle, Boundary.TOOL_CALL, {"card": "<CREDIT_CARD_1>"}, tool="transfer")

    assert (verdict.decision, verdict.payload, verdict.crossing.revealed) == (Decision.DENY, "", None)


async def test_a_session_that_is_over_has_no_values() -> None:
    house = House(TO_CHARGE)
    handle = await told(house)
    await house.enforcer.close(handle, float(T))

    drawer = Drawer(session_id=handle.partition(".")[0], until=T + 100.0)
    assert await house.vault.values(drawer, ["<CREDIT_CARD_1>"], float(T)) == {}


async def test_two_sessions_know_nothing_of_each_others_tokens() -> None:
    house = House(TO_CHARGE)
    await told(house)
    other = await house.open()

    verdict = await house.say(other, Boundary.TOOL_CALL, {"card": "<CREDIT_CARD_1>"}, tool="charge")

    assert json.loads(verdict.payload) == {"card": "<CREDIT_CARD_1>"}


async def test_where_the_policy_has_no_vault_a_token_cannot_be_made() -> None:
    house = House(TO_CHARGE, vault=MemoryVault(Sealer(bytes(32)), capacity=0))
    handle = await house.open()

    verdict = await house.say(handle, Boundary.USER_INPUT, "I am Ada")

    assert [f.reason for f in verdict.findings if f.decision is Decision.DENY] == ["vault_full"]


SCHEMA: Json = {
    "type": "object",
    "properties": {
        "card": {"type": "string", "pattern": "^[0-9 ]{13,23}$", "maxLength": 23},
        "note": {"type": "string"},
    },
}


@pytest.mark.parametrize(
    ("asked", "tool", "arguments", "payload"),
    [
        pytest.param(TO_CHARGE, "charge", {"card": "<CREDIT_CARD_1>"}, {"card": CARD}, id="a token that is revealed"),
        pytest.param(TO_CHARGE, "charge", {"card": CARD}, {"card": CARD}, id="the value, back from the vault"),
        pytest.param(TO_CHARGE, "charge", {"card": "<CREDIT_CARD_9>"}, None, id="a token that nobody knows"),
        pytest.param(TO_CHARGE, "charge", {"card": "x <CREDIT_CARD_1>"}, None, id="more than the schema allows"),
        pytest.param(
            TO_CHARGE, "note", {"card": "<CREDIT_CARD_1>"}, None, id="a token for a tool that may not have it"
        ),
        pytest.param(TO_CHARGE, "note", {"card": CARD}, None, id="the value for a tool that may not have it"),
        pytest.param(TO_CHARGE, "note", {"note": CARD}, {"note": "<CREDIT_CARD_1>"}, id="where the schema allows it"),
    ],
)
async def test_a_tools_schema_holds_on_what_leaves_for_it(
    asked: Privacy, tool: str, arguments: Json, payload: Json
) -> None:
    schema = compile_schema(SCHEMA, name="card")
    house = House(asked, tools=[Tool(name=name, arguments=schema) for name in ("charge", "note")])
    handle = await told(house)

    verdict = await house.say(handle, Boundary.TOOL_CALL, arguments, tool=tool)

    reasons = {finding.reason for finding in verdict.findings if finding.decision is Decision.DENY}
    if payload is None:
        assert (reasons, verdict.payload) == ({"argument_invalid"}, "")
        assert CARD not in repr(verdict)
    else:
        assert (reasons, json.loads(verdict.payload)) == (set(), payload)


async def test_what_was_redacted_does_not_leave_where_the_tool_needs_something_else() -> None:
    asked = privacy({"CREDIT_CARD": Operator.REDACT})
    house = House(asked, tools=[Tool(name="charge", arguments=compile_schema(SCHEMA, name="card"))])

    verdict = await house.say(await house.open(), Boundary.TOOL_CALL, {"card": CARD}, tool="charge")

    (broken,) = [finding for finding in verdict.findings if finding.decision is Decision.DENY]
    assert (broken.check, broken.reason) == ("reveal", "argument_invalid")


# ---- towards another agent ---------------------------------------------------------------------------------

OURS = Drawer(session_id=SESSION.id, until=SESSION.expires_at)


async def exchanged(vault: MemoryVault, body: Json, direction: Direction, peer: str = "billing") -> Answer:
    crossing = Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id="s",
        at=float(T),
        body=body,
        is_json=True,
        session=SESSION,
        peer=peer,
        direction=direction,
    )
    return await PeerTokensCheck(vault, Forms({"PERSON"}))(crossing)


async def filled() -> MemoryVault:
    vault = MemoryVault(Sealer(bytes(32)))
    await vault.tokens(OURS, [Datum("PERSON", "Ada"), Datum("PERSON", "Eva")], float(T))
    return vault


async def test_another_agent_gets_tokens_of_its_own_and_answers_in_them() -> None:
    vault = await filled()

    out = await exchanged(vault, {"parts": [{"text": "ask [person 2], not <PERSON_9>"}]}, Direction.OUTBOUND)
    back = await exchanged(vault, {"parts": [{"text": "PERSON_1 says no"}]}, Direction.INBOUND)

    assert out.onward is not None
    assert back.onward is not None
    assert out.onward.body == {"parts": [{"text": "ask <PERSON_1>, not <PERSON_9>"}]}
    assert back.onward.body == {"parts": [{"text": "<PERSON_2> says no"}]}
    assert [(f.decision, f.reason) for f in back.findings] == [(Decision.REDACT, "tokens_exchanged")]


@pytest.mark.parametrize("text", ["<PERSON_1>", "person_2", "<PERSON_7>"])
async def test_another_agent_cannot_name_a_value_that_it_was_never_told_of(text: str) -> None:
    answer = await exchanged(await filled(), {"parts": [{"text": text}], text: 1}, Direction.INBOUND)

    assert answer.onward is not None
    assert answer.onward.body == {"parts": [{"text": "<PERSON>"}], "<PERSON>": 1}


async def test_no_name_of_an_agent_makes_its_drawer_the_sessions_own() -> None:
    vault = await filled()

    answer = await exchanged(vault, {"parts": [{"text": "<PERSON_1>"}]}, Direction.INBOUND, peer="")

    assert answer.onward is not None
    assert answer.onward.body == {"parts": [{"text": "<PERSON>"}]}


async def test_a_value_that_goes_to_another_agent_gets_a_token_of_that_agents() -> None:
    house = House(TO_CHARGE)
    handle = await told(house)
    await house.say(handle, Boundary.USER_INPUT, "I am Ada Lovelace")
    message: Json = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "Lovelace is here"}]}

    sent = await house.say(handle, Boundary.A2A_MESSAGE, message, peer="billing", direction="outbound")
    own = await house.say(handle, Boundary.USER_INPUT, "Lovelace is here")

    assert own.payload == "<PERSON_2> is here"
    assert json.loads(sent.payload)["parts"] == [{"text": "<PERSON_1> is here"}]


async def test_a_message_without_tokens_crosses_as_it_is() -> None:
    answer = await exchanged(await filled(), {"parts": [{"text": "hello"}]}, Direction.OUTBOUND)

    assert (answer.decision, answer.onward) == (Decision.ALLOW, None)
    unasked = replace(PeerTokensCheck(MemoryVault(Sealer(bytes(32))), None))
    crossing = Crossing(boundary=Boundary.A2A_MESSAGE, session_id="s", at=0.0, body={"text": "<PERSON_1>"})
    assert (await unasked(crossing)).onward is None
