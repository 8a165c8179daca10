"""What one link of a chain lets be spent, told without making its scope."""

import pytest

from sidecar.identity.claims import Registered
from sidecar.identity.links import Link
from sidecar.model.aat import AAT_TYPE, parse_aat
from sidecar.model.scope import open_tools, parse
from sidecar.model.spending import ceilings
from sidecar.model.strict_json import Json
from tests.identity.crafting import HOLDERS, STS, T

TOOLS = parse_aat({"type": AAT_TYPE, "tools": {"pay": {}, "read": {}}})
TOKEN = Registered(
    issuer=STS.url,
    subject="ann",
    client="a",
    token_id="1",
    issued_at=T,
    expires_at=T + 60,
    not_before=None,
    audience=None,
    transaction="",
)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(None, id="no entry of our own"),
        pytest.param({}, id="an entry that limits nothing"),
        pytest.param({"budgets": {"calls": 3, "cost:EUR:2": 7}}, id="budgets"),
        pytest.param({"tools": {"pay": {"max_calls": 2}, "read": {}}}, id="calls of one tool"),
        pytest.param({"tools": {"pay": {"max_calls": 0}, "drop": {"max_calls": 1}}}, id="calls of a tool not granted"),
    ],
)
def test_a_links_ceilings_are_those_of_its_scope(entry: dict[str, Json] | None) -> None:
    own = None if entry is None else parse(entry, open_tools(TOOLS.tools.keys()))
    link = Link(
        token=TOKEN, holder=HOLDERS[0].public, digest="d", depth=0, deepest=0, tools=TOOLS, entry=own, words=frozenset()
    )
    assert link.ceilings() == ceilings(link.scope())
