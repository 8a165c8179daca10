"""What else a scope limits: classes of data, and how much an agent may do by itself."""

from dataclasses import replace

import pytest

from sidecar.checks.autonomy import AutonomyCheck
from sidecar.checks.data_classes import DataCheck
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.scope import Scope
from sidecar.model.session import Session
from sidecar.model.strict_json import Json
from sidecar.policy.catalogue import Catalogue, PackTools, Tool
from tests.chains import NOW, chain
from tests.housing import TOOLS, house, why

HELD = chain()
CATALOGUE = Catalogue([PackTools([*TOOLS, Tool(name="mail", effects=("write", "read"), reads=("secret",))])])
PII = frozenset({"pii"})
PUBLIC = frozenset({"public"})
CLASS = "call_data_class_denied"
EXCEEDED = "call_autonomy_exceeded"
ASK = "ask: call_approval_required"


def crossing(
    scope: Scope, tool: str, boundary: Boundary = Boundary.TOOL_CALL, labels: frozenset[str] = frozenset()
) -> Crossing:
    session = Session(id="s", chain=HELD, scope=scope, opened_at=NOW, expires_at=NOW + 9)
    return Crossing(boundary=boundary, session_id="s", at=NOW, body={}, tool=tool, session=session, labels=labels)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param({"data": {"read": ["public"]}}, {"records": CLASS}, id="N237 reads what the scope does not name"),
        pytest.param({"data": {"read": ["pii"]}}, {}, id="reads what the scope names"),
        pytest.param({"autonomy": 0}, {"note": EXCEEDED, "pay": EXCEEDED}, id="A0 observes"),
        pytest.param({"autonomy": 1}, {"note": EXCEEDED, "pay": EXCEEDED}, id="A1 proposes"),
        pytest.param({"autonomy": 2}, {"note": ASK, "pay": ASK}, id="N237 A2 asks for each effect"),
        pytest.param({"autonomy": 3}, {"pay": EXCEEDED}, id="N237 A3 does what can be undone"),
        pytest.param({"autonomy": 4}, {}, id="A4 acts alone"),
    ],
)
async def test_a_ceiling_is_held_by_the_whole_row(scope: dict[str, Json], expected: dict[str, str]) -> None:
    it = house()
    handle = await it.open(scope)

    found = {tool.name: why(await it.call(handle, tool.name)) for tool in TOOLS}

    assert found == {**{tool.name: "allow" for tool in TOOLS}, **expected}


DATA = [
    pytest.param(Scope(), "records", Boundary.TOOL_CALL, PII, "allow", id="no limit"),
    pytest.param(Scope(reads=PUBLIC), "none such", Boundary.TOOL_CALL, frozenset(), CLASS, id="an unknown tool"),
    pytest.param(Scope(reads=PUBLIC), "look", Boundary.TOOL_RESPONSE, PII, CLASS, id="found in a response"),
    pytest.param(Scope(reads=PII), "records", Boundary.TOOL_RESPONSE, PII, "allow", id="found, and let be"),
    pytest.param(Scope(writes=PUBLIC), "records", Boundary.TOOL_RESPONSE, PII, "allow", id="a response writes nothing"),
    pytest.param(Scope(writes=PUBLIC), "note", Boundary.TOOL_CALL, PII, CLASS, id="written"),
    pytest.param(Scope(writes=PII), "note", Boundary.TOOL_CALL, PII, "allow", id="written, and let be"),
    pytest.param(Scope(writes=PUBLIC), "look", Boundary.TOOL_CALL, PII, "allow", id="a query writes nothing"),
    pytest.param(Scope(reads=PUBLIC), "note", Boundary.TOOL_CALL, PII, "allow", id="writing is another matter"),
    pytest.param(Scope(reads=PUBLIC, writes=PII), "mail", Boundary.TOOL_CALL, PII, CLASS, id="reads and writes"),
]


@pytest.mark.parametrize(("scope", "tool", "boundary", "labels", "expected"), DATA)
async def test_classes_of_data(
    scope: Scope, tool: str, boundary: Boundary, labels: frozenset[str], expected: str
) -> None:
    answer = await DataCheck(CATALOGUE)(crossing(scope, tool, boundary, labels))

    assert (answer.findings[0].reason or "allow") == expected


@pytest.mark.parametrize(
    ("direction", "scope", "expected"),
    [
        (Direction.OUTBOUND, Scope(writes=PUBLIC), CLASS),
        (Direction.OUTBOUND, Scope(reads=PUBLIC), "allow"),
        (Direction.INBOUND, Scope(reads=PUBLIC), CLASS),
        (Direction.INBOUND, Scope(writes=PUBLIC), "allow"),
        (Direction.INBOUND, Scope(reads=PII, writes=PII), "allow"),
    ],
)
async def test_a_message_that_leaves_writes_and_one_that_comes_reads(
    direction: Direction, scope: Scope, expected: str
) -> None:
    message = replace(crossing(scope, "", Boundary.A2A_MESSAGE, PII), direction=direction)

    answer = await DataCheck(CATALOGUE)(message)

    assert (answer.findings[0].reason or "allow") == expected


@pytest.mark.parametrize(("level", "expected"), [(1, EXCEEDED), (2, "call_approval_required"), (3, EXCEEDED), (4, "")])
async def test_a_tool_that_nobody_knows_may_do_anything(level: int, expected: str) -> None:
    answer = await AutonomyCheck(CATALOGUE)(crossing(Scope(autonomy=level), "none such"))

    assert answer.findings[0].reason == expected
