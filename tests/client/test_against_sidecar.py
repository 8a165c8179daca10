"""The client and the sidecar that it is for, over a real socket."""

import asyncio
from collections.abc import Callable
from time import time

import pytest

from sidecar.cli.temporary import OwnSidecar, own_sidecar
from sidecar.client import AsyncSidecar, Decision, Denied, NoVerdict, Result, Sidecar
from sidecar.client.values import Outcome

pytestmark = pytest.mark.slow
TOOLS = ("search_orders", "refund")


def a_day(own: OwnSidecar) -> dict[str, object]:
    """Use what blocks, in a thread of its own, and tell what happened."""
    tokens = own.issuer.mint(user="ann", agents=["bot"], scope={"tools": {tool: {} for tool in TOOLS}}, at=time())
    happened: dict[str, object] = {}

    def refused(name: str, cross: Callable[[], object]) -> None:
        with pytest.raises(Denied) as caught:
            cross()
        happened[name] = (type(caught.value).__name__, *caught.value.reasons)

    with Sidecar(own.address) as sidecar, sidecar.session(tokens, task="refund") as session:
        happened["prompt"] = session.llm_request([{"role": "user", "content": "hello"}])
        happened["found"] = session.tool_response("search_orders", {"orders": []}, outcome=Outcome(result=Result.OK))
        happened["refund"] = session.tool_call(
            "refund", {"order_id": "1", "amount": 5, "currency": "EUR", "reason": "late"}
        )
        session.narrow(tools=["search_orders"])
        happened["tools"] = session.tools
        refused("narrowed", lambda: session.tool_call("refund", {}))
        refused("widened", lambda: session.narrow(tools=["refund"]))
        refused("cut off", lambda: session.tool_call("search_orders", '{"query": "a'))
        happened["summary"] = (session.close().crossings, session.close().denied)
        refused("after", lambda: session.user_input("hello"))
    return happened


async def test_what_blocks_gets_verdicts() -> None:
    async with own_sidecar(["baseline", "demo"]) as own:
        happened = await asyncio.to_thread(a_day, own)

    assert happened == {
        "prompt": [{"role": "user", "content": "hello"}],
        "found": {"orders": []},
        "refund": {"order_id": "1", "amount": 5, "currency": "EUR", "reason": "late"},
        "tools": ("search_orders",),
        "narrowed": ("Denied", "tool_not_granted"),
        "widened": ("Denied", "session_widen_refused"),
        "cut off": ("Denied", "json_malformed"),
        "summary": (5, 2),
        "after": ("Denied", "session_unknown"),
    }


async def test_a_sidecar_that_goes_away_denies() -> None:
    async with own_sidecar(["baseline"]) as own:
        sidecar = AsyncSidecar(own.address)
        tokens = own.issuer.mint(user="ann", agents=["bot"], scope={"tools": {"t": {}}}, at=time())
        session = await sidecar.open_session(tokens)

    with pytest.raises(NoVerdict) as caught:
        await session.user_input("hello")
    await sidecar.close()

    assert (caught.value.decision, caught.value.reason) == (Decision.DENY, "unavailable")
