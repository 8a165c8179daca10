from collections.abc import Sequence

import pytest

from sidecar.content.places import NUMBER_SCORE, PROOF, places
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json

UUID = "0b9f1c1e-8a53-4f0e-9b0e-3f8a5d2c7e11"


def crossing(boundary: Boundary, body: Json, schema: str = "") -> Crossing:
    return Crossing(
        boundary=boundary, session_id="s", at=0.0, body=body, is_json=not isinstance(body, str), schema=schema
    )


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        pytest.param(crossing(Boundary.USER_INPUT, "Ada L"), [("Ada L", False, 0.0)], id="a text is free"),
        pytest.param(
            crossing(Boundary.LLM_REQUEST, [{"role": "a user", "content": "Ada L"}]),
            [("a user", True, PROOF), ("Ada L", False, 0.0)],
            id="a role stays what it is",
        ),
        pytest.param(
            crossing(Boundary.LLM_REQUEST, [{"role": "user", "content": "hi"}]),
            [("hi", False, 0.0)],
            id="an ordinary role is not looked at",
        ),
        pytest.param(
            crossing(Boundary.TOOL_CALL, {"a b": "Ada L", "n": 4111111111111111}),
            [("a b", True, 0.0), ("Ada L", False, 0.0), ("4111111111111111", True, NUMBER_SCORE)],
            id="names and numbers of a call are fixed",
        ),
        pytest.param(
            crossing(Boundary.TOOL_RESPONSE, {"a b": "Ada L", "n": 4111111111111111}),
            [("a b", False, 0.0), ("Ada L", False, 0.0), ("4111111111111111", False, NUMBER_SCORE)],
            id="in a response they are free",
        ),
        pytest.param(
            crossing(Boundary.LLM_OUTPUT, {"a b": 4111111111111111}, schema="order"),
            [("a b", True, 0.0), ("4111111111111111", True, NUMBER_SCORE)],
            id="output that a schema asked for",
        ),
        pytest.param(crossing(Boundary.LLM_OUTPUT, "Ada L"), [("Ada L", False, 0.0)], id="output in words"),
        pytest.param(
            crossing(
                Boundary.A2A_MESSAGE,
                {
                    "kind": "message",
                    "messageId": "no 1",
                    "contextId": UUID,
                    "role": "user",
                    "parts": [{"kind": "text", "text": "Ada L"}, {"kind": "data", "data": {"id": "Ada L"}}],
                    "metadata": {"id": "Eva L"},
                    "referenceTaskIds": ["no 2"],
                },
            ),
            [
                ("no 1", True, PROOF),
                ("Ada L", False, 0.0),
                ("Ada L", False, 0.0),
                ("Eva L", False, 0.0),
                ("no 2", True, PROOF),
            ],
            id="protocol and content of an A2A message",
        ),
        pytest.param(
            crossing(Boundary.A2A_MESSAGE, {"contextId": "I am Ada", "extensions": ["I\tam Ada L"]}),
            [("I am Ada", True, 0.0), ("I\tam Ada L", True, 0.0)],
            id="a sentence in the place of an identifier is looked at as any other",
        ),
        pytest.param(
            crossing(Boundary.A2A_MESSAGE, {"jsonrpc": "2.0", "id": 4111111111111111, "params": {}}),
            [("2.0", True, PROOF), ("4111111111111111", True, PROOF)],
            id="a JSON-RPC id may be a number",
        ),
        pytest.param(
            crossing(Boundary.A2A_MESSAGE, {"file": {"bytes": "QWRhIExvdmVsYWNl", "name": "a b.txt"}}),
            [("a b.txt", False, 0.0)],
            id="the bytes of a file are no text",
        ),
        pytest.param(
            crossing(Boundary.A2A_MESSAGE, {"file": {"raw": "Ada L. <ada@example.org>"}}),
            [("Ada L. <ada@example.org>", True, 0.0)],
            id="text in the place of bytes is looked at",
        ),
        pytest.param(
            crossing(Boundary.A2A_MESSAGE, {"data": {"bytes": "QWRhIExvdmVsYWNl"}}),
            [("QWRhIExvdmVsYWNl", False, 0.0)],
            id="below data there is no protocol",
        ),
    ],
)
def test_how_free_each_text_is(judged: Crossing, expected: Sequence[tuple[str, bool, float]]) -> None:
    assert [(at.piece.text, at.is_fixed, at.floor) for at in places(judged)] == expected


@pytest.mark.parametrize(
    ("boundary", "prose"),
    [
        pytest.param(Boundary.TOOL_CALL, [False, True, False, True], id="no name of a parameter is prose"),
        pytest.param(Boundary.TOOL_RESPONSE, [True, True, False, True], id="elsewhere a name of several words is"),
    ],
)
def test_what_counts_as_prose(boundary: Boundary, prose: Sequence[bool]) -> None:
    assert [at.is_prose for at in places(crossing(boundary, {"a b": "Ada", "line2": "Ada"}))] == prose
