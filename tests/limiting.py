"""Policies with limits and prices, as a pack's files say them."""

from collections.abc import Sequence

from sidecar.model.crossing import Boundary, Crossing, Outcome
from sidecar.model.verdict import Verdict
from sidecar.policy import limits, prices
from sidecar.policy.catalogue import Catalogue, PackTools, Tool
from sidecar.policy.document import parse
from sidecar.policy.limits import LimitsFile
from sidecar.policy.policy import Policy
from sidecar.policy.prices import PricesFile
from tests.housing import AT, TOOLS, House

PRICES = """
models:
  acme/large: {input_usd: 3.0, output_usd: 15.0, region: EU, fallback: [other/small, acme/small]}
  acme/*: {input_usd: 1.0, output_usd: 2.0}
"""


def policy(*written: str, priced: str = PRICES, tools: Sequence[Tool] = TOOLS) -> Policy:
    """Return a policy over `tools`, with each of `written` as the limits.yaml of a pack."""
    problems: list[str] = []
    files = [parse(text.encode(), "limits.yaml", LimitsFile, problems) for text in written]
    cost = parse(priced.encode(), "prices.yaml", PricesFile, problems)
    assert not problems, problems
    return Policy(
        version="v1",
        catalogue=Catalogue([PackTools(tools)]),
        limits=limits.combine([file for file in files if file]),
        prices=prices.combine([cost] if cost else []),
    )


async def ask(
    it: House,
    handle: str,
    call_id: str = "",
    *,
    at: float = AT,
    most: int = 1000,
    text: str = "hi",
    model: str = "large",
) -> Verdict:
    """Return the verdict on a prompt for a model of acme's; its output has `most` tokens."""
    crossing = Crossing(
        boundary=Boundary.LLM_REQUEST,
        session_id=handle,
        at=at,
        body=[{"role": "user", "content": text}],
        is_json=True,
        call_id=call_id,
        provider="acme",
        model=model,
        max_output_tokens=most,
    )
    return (await it.path.decide(crossing))[0]


async def told(
    it: House,
    handle: str,
    call_id: str,
    used: tuple[int, int] = (0, 0),
    *,
    at: float = AT,
    outcome: Outcome | None = None,
) -> Verdict:
    """Return the verdict on what the model wrote; it names no model, and `used` so many tokens in and out."""
    crossing = Crossing(
        boundary=Boundary.LLM_OUTPUT,
        session_id=handle,
        at=at,
        body="hello",
        call_id=call_id,
        input_tokens=used[0],
        output_tokens=used[1],
        outcome=outcome,
    )
    return (await it.path.decide(crossing))[0]
