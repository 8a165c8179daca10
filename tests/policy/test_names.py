from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.crossing import Boundary, Direction
from sidecar.model.session import Session
from sidecar.model.strict_json import Json
from sidecar.policy import names
from sidecar.policy.catalogue import Tool, Trust
from sidecar.policy.names import LATER, NAMES, Sight, values, values_without_payload, words
from tests.chains import NOW
from tests.policy.packing import SESSION, crossing

EVERY = frozenset(NAMES)
EMPTY_TOOL = {
    "name": "",
    "effects": [],
    "trust": "untrusted",
    "reads": [],
    "reversible": True,
    "region": "",
    "cost_usd": 0.0,
    "asked": False,
    "ordered": False,
    "urged": False,
}

NOTHING_YET = {"crossings": 0, "denied": 0, "cost_usd": 0.0}


def test_a_tool_call_is_seen_whole() -> None:
    tool = Tool(
        name="p*",
        effects=("money",),
        trust=Trust.TRUSTED,
        reads=("pii",),
        reversible=False,
        region="EU",
        cost_usd=0.5,
    )

    seen = values(EVERY, Sight(crossing(Boundary.TOOL_CALL, {"amount": 5}, tool="pay"), tool, frozenset({"b", "a"})))

    assert seen == {
        "boundary": "tool_call",
        "tool": {
            "name": "pay",
            "effects": ["money"],
            "trust": "trusted",
            "reads": ["pii"],
            "reversible": False,
            "region": "EU",
            "cost_usd": 0.5,
            "asked": False,
            "ordered": False,
            "urged": False,
        },
        "args": {"amount": 5},
        "origin": {},
        "result": {},
        "text": "amount\n5",
        "labels": ["a", "b"],
        "session": {
            "task_type": "support",
            "residency": "EU",
            "age_s": 5.0,
            "labels": [],
            "autonomy": 4,
            **NOTHING_YET,
        },
        "principal": {
            "subject": "ann",
            "agent": SESSION.principal.agent,
            "actors": list(SESSION.principal.actors),
            "depth": len(SESSION.principal.actors),
            "issuer": SESSION.principal.issuer,
        },
        "model": {"provider": "", "model": "", "region": ""},
        "usage": {"input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0},
        "peer": {"name": "", "direction": "", "card_verified": False},
        "facts": {},
        "now": datetime.fromtimestamp(NOW + 5, UTC),
    }


@pytest.mark.parametrize(
    ("boundary", "body", "part", "value"),
    [
        pytest.param(Boundary.USER_INPUT, "hi", "tool", EMPTY_TOOL, id="no tool is an empty one"),
        pytest.param(Boundary.USER_INPUT, "hi", "text", "hi", id="text is text"),
        pytest.param(Boundary.USER_INPUT, "hi", "args", {}, id="no arguments"),
        pytest.param(Boundary.LLM_REQUEST, [{"role": "user", "content": "a\nb"}], "result", {}, id="no result yet"),
        pytest.param(Boundary.LLM_OUTPUT, {"reply": "x"}, "result", {"reply": "x"}, id="a structured answer"),
        pytest.param(Boundary.TOOL_RESPONSE, [1], "result", [1], id="a tool's answer"),
        pytest.param(Boundary.TOOL_RESPONSE, [1], "args", {}, id="an answer is no argument"),
        pytest.param(Boundary.TOOL_RESPONSE, "x", "result", {}, id="an answer that is no JSON"),
        pytest.param(Boundary.A2A_MESSAGE, {"parts": []}, "result", {"parts": []}, id="a message"),
    ],
)
def test_what_cannot_be_there_is_empty(boundary: Boundary, body: Json, part: str, value: Json) -> None:
    assert values(frozenset({part}), Sight(crossing(boundary, body), None, frozenset())) == {part: value}


@pytest.mark.parametrize(
    ("session", "touched", "expected"),
    [
        pytest.param(SESSION, frozenset({"pii"}), True, id="as packs and issuers write"),
        pytest.param(replace(SESSION, task_type="a\0b"), frozenset(), False, id="in the type of its task"),
        pytest.param(replace(SESSION, residency="E\0"), frozenset(), False, id="in where its data lie"),
        pytest.param(SESSION, frozenset({"pii", "\0"}), False, id="in a label"),
    ],
)
def test_what_rules_see_of_a_session_is_looked_through_where_it_holds_a_nul(
    session: Session, touched: frozenset[str], *, expected: bool
) -> None:
    made = replace(crossing(Boundary.TOOL_CALL, {}), session=session)

    assert ("session" in Sight(made, None, frozenset(), touched=touched).clean) is expected


def test_peer_model_and_usage_come_from_the_crossing() -> None:
    made = replace(
        crossing(Boundary.A2A_MESSAGE, {}),
        peer="courier",
        direction=Direction.INBOUND,
        card_verified=True,
        provider="p",
        model="m",
        input_tokens=3,
        output_tokens=4,
    )

    seen = values(frozenset({"peer", "model", "usage"}), Sight(made, None, frozenset()))

    assert seen == {
        "peer": {"name": "courier", "direction": "inbound", "card_verified": True},
        "model": {"provider": "p", "model": "m", "region": ""},
        "usage": {"input_tokens": 3, "output_tokens": 4, "cost_usd": 0.0},
    }


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param({"a": ["x\ny", {"b": 1}], "c": 2.5}, ["a", "x\ny", "b", "1", "c", "2.5"], id="in order"),
        pytest.param([True, None, []], [], id="neither truth nor nothing is a word"),
        pytest.param("x", ["x"], id="a string"),
    ],
)
def test_words_are_strings_names_and_numbers(body: Json, text: list[str]) -> None:
    assert words(body) == text


@given(st.recursive(st.text(), lambda below: st.lists(below) | st.dictionaries(st.text(), below), max_leaves=20))
def test_no_escape_hides_a_word(body: Json) -> None:
    text = "\n".join(words(body))

    def leaves(value: Json) -> list[str]:
        if isinstance(value, dict):
            return [*value, *(leaf for member in value.values() for leaf in leaves(member))]
        return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [str(value)]

    assert all(leaf in text for leaf in leaves(body))


@pytest.mark.parametrize("boundary", list(Boundary))
def test_what_is_known_beforehand_is_what_is_seen(boundary: Boundary) -> None:
    known = values_without_payload(boundary)

    assert known == values(frozenset(known), Sight(crossing(boundary), None, frozenset()))


def test_every_name_has_a_value_and_no_name_is_both_there_and_later() -> None:
    assert set(names._VALUES) == set(NAMES)
    assert all(NAMES[name].closed for name in LATER if name in NAMES)
    assert not any(LATER[name] & NAMES[name].members.keys() for name in LATER if name in NAMES)
