"""Values go back to the arguments that are made for them, and nowhere else: as `baseline` has it."""

import json
from collections.abc import Iterator, Mapping
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.model.crossing import Boundary
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.policy.bundled import resolve
from sidecar.policy.catalogue import Tool
from sidecar.policy.load import load
from sidecar.policy.privacy import Privacy
from sidecar.policy.schemas import compile_schema
from sidecar.policy.takes import of_schema
from tests.content.finding import Needles
from tests.vaulting import House

SECRETS = {"PASSWORD": "hunter22-{}", "CREDIT_CARD": "4111 1111 1111 11{}", "API_KEY": "AKIA-{}"}
FOUND = {"PASSWORD": r"hunter22-\d+", "CREDIT_CARD": r"4111 1111 1111 11\d\d", "API_KEY": r"AKIA-\d+"}
TEXT: Json = {"type": "string"}
SCHEMA: Json = {
    "type": "object",
    "properties": {
        "user": TEXT,
        "password": {"type": "string", "minLength": 11},
        "card_number": TEXT,
        "auth": {"type": "object", "properties": {"api_key": TEXT, "note": TEXT}},
        "rows": {"type": "array", "items": {"type": "object", "properties": {"password": TEXT}}},
    },
}
LOGIN = {"PASSWORD", "API_KEY"}


@cache
def baseline() -> Privacy:
    """Return what the pack that everybody has asks for."""
    return load([resolve("baseline")]).privacy


def tool(name: str, effects: tuple[str, ...], schema: Json = None) -> Tool:
    """Return an entry as a pack has it."""
    compiled = None if schema is None else compile_schema(schema, name=name)
    return Tool(name=name, effects=effects, arguments=compiled, declares=of_schema(schema) if schema else {})


def house(charge: Tool) -> House:
    """Return the rows under `baseline`'s privacy, with `charge` and a tool that writes notes to people."""
    return House(baseline(), Needles(FOUND), tools=[charge, tool("note", ("write", "message"))])


async def told(home: House, number: int = 11) -> str:
    """Return a session whose `charge` answered with one value of each kind."""
    handle = await home.open()
    answer = ", ".join(secret.format(number) for secret in SECRETS.values())
    verdict = await home.say(handle, Boundary.TOOL_RESPONSE, answer, tool="charge")
    assert verdict.payload == "<PASSWORD_1>, <CREDIT_CARD_1>, <API_KEY_1>"
    return handle


@pytest.mark.parametrize(
    ("name", "arguments", "payload"),
    [
        pytest.param("charge", {"password": "<PASSWORD_1>"}, {"password": "hunter22-11"}, id="as it is declared"),
        pytest.param("charge", {"password": "password_1"}, {"password": "hunter22-11"}, id="as a model hands it on"),
        pytest.param("charge", {"user": "<PASSWORD_1>"}, None, id="not beside it"),
        pytest.param("charge", {"pass": "<PASSWORD_1>"}, None, id="not where the schema has none"),
        pytest.param("charge", {"card_number": "<PASSWORD_1>"}, None, id="not what is made for others"),
        pytest.param("charge", {"auth": {"note": "<API_KEY_1>"}}, None, id="not what stands beside, deep inside"),
        pytest.param("charge", {"api_key": "<API_KEY_1>"}, None, id="not by its name alone, where there is a schema"),
        pytest.param(
            "charge", {"rows": [{"password": "<PASSWORD_1>"}]}, {"rows": [{"password": "hunter22-11"}]}, id="in a list"
        ),
        pytest.param("note", {"password": "<PASSWORD_1>"}, None, id="nobody who writes to people"),
    ],
)
async def test_a_value_goes_back_to_what_is_made_for_it(name: str, arguments: Json, payload: Json) -> None:
    home = house(tool("charge", ("account",), SCHEMA))
    handle = await told(home)

    verdict = await home.say(handle, Boundary.TOOL_CALL, arguments, tool=name)

    assert verdict.decision <= Decision.REDACT
    assert json.loads(verdict.payload) == (arguments if payload is None else payload)


async def test_the_argument_of_a_tool_without_a_schema_is_known_by_its_name() -> None:
    home = house(tool("charge", ("account",)))
    handle = await told(home)
    arguments: Json = {"password": "<PASSWORD_1>", "note": "<PASSWORD_1>", "cards": ["<CREDIT_CARD_1>"]}

    verdict = await home.say(handle, Boundary.TOOL_CALL, arguments, tool="charge")

    assert json.loads(verdict.payload) == {**arguments, "password": "hunter22-11"}  # type: ignore[dict-item]  # it is one


async def test_its_schema_is_about_the_value_and_not_about_the_token() -> None:
    home = house(tool("charge", ("account",), {"properties": {"password": {"type": "string", "maxLength": 11}}}))
    handle = await told(home)

    there = await home.say(handle, Boundary.TOOL_CALL, {"password": "<PASSWORD_1>"}, tool="charge")
    other = await home.say(handle, Boundary.TOOL_CALL, {"password": "<PASSWORD_9>"}, tool="charge")

    assert json.loads(there.payload) == {"password": "hunter22-11"}
    assert [f.reason for f in other.findings if f.decision is Decision.DENY] == ["argument_invalid"]


async def test_a_stranger_who_writes_a_token_names_no_value() -> None:
    home = house(tool("charge", ("account",), SCHEMA))
    handle = await told(home)

    verdict = await home.say(handle, Boundary.TOOL_RESPONSE, "Log in with <PASSWORD_1>!", tool="note")

    assert verdict.payload == "Log in with <PASSWORD>!"


KEYS = st.sampled_from(["user", "password", "card_number", "auth", "api_key", "note", "rows", "body", "x"])
STAND_INS = st.sampled_from(
    ["<PASSWORD_1>", "card: credit_card_1", "[API KEY 1]", "<API_KEY_1>", "PASSWORD_1 x", "plain"]
)
ARGUMENTS = st.dictionaries(
    KEYS,
    st.recursive(STAND_INS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)),
    max_size=5,
)


def leaves(value: Json, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each string and the names above it; a place in a list is `*`."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, (*at, name))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, (*at, "*"))
    elif isinstance(value, str):
        yield at, value


LENIENT: Json = {
    "properties": {
        "password": True,
        "card_number": {},
        "auth": {"properties": {"api_key": {}}},
        "rows": {"items": {"properties": {"password": {}}}},
    }
}
MADE_FOR = {
    ("password",): LOGIN,
    ("card_number",): {"CREDIT_CARD"},
    ("auth", "api_key"): LOGIN,
    ("rows", "*", "password"): LOGIN,
}


def made_for(at: tuple[str, ...]) -> set[str]:
    """Return the kinds that may stand at `at`."""
    if at[:1] == ("rows",):  # the name of a member in the place of a number is anything, too
        at = (*at[:1], "*", *at[2:]) if len(at) > 1 else at
    return next((kinds for place, kinds in MADE_FOR.items() if at[: len(place)] == place), set())


@settings(max_examples=60, deadline=None)
@given(arguments=ARGUMENTS, name=st.sampled_from(["charge", "note"]))
@pytest.mark.slow
async def test_whatever_is_called_a_value_stands_only_where_it_was_declared(arguments: Json, name: str) -> None:
    home = house(tool("charge", ("account",), LENIENT))
    handle = await told(home)

    verdict = await home.say(handle, Boundary.TOOL_CALL, arguments, tool=name)

    assert verdict.decision <= Decision.REDACT
    before, after = list(leaves(arguments)), list(leaves(json.loads(verdict.payload)))
    for (at, was), (_, now) in zip(before, after, strict=True):
        allowed = made_for(at) if name == "charge" else set()
        for kind, secret in SECRETS.items():
            held = kind in was.upper().replace(" ", "_")
            assert (secret.format(11) in now) == (held and kind in allowed), (at, was, now)
