"""Is there budget left for this, in every account that it is paid from?

What a call may cost is taken before it is made, from all accounts or from none: each token of the chain, the sessions
that this one is part of, its own budgets (`model.spending`). What it did cost takes its place when that is reported,
once. A cost that nobody knows, in a unit that is limited, is one that cannot be held: it is refused.

It stands behind all that refuses and rewrites: what is paid for is what crosses. Where something is refused or asked
for after all, the enforcer gives back what was reserved.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Final

from sidecar.checks.base import Ports
from sidecar.model.account import CALLS, COST, MAX_CALLS, OCTETS_OUT, TOKENS, Debit
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.strict_json import compact
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.policy.catalogue import Catalogue
from sidecar.stores.ports_ledger import Ledger

MICRO_USD: Final = "cost:USD:6"
OCTETS_AROUND: Final = 16  # of one message of a prompt: what the provider puts around it, in tokens at most
_ID_DIGITS: Final = 32
_PAID: Final[Mapping[Boundary, str]] = {Boundary.TOOL_CALL: "t", Boundary.LLM_REQUEST: "m", Boundary.A2A_MESSAGE: "a"}
_REPORTED: Final[Mapping[Boundary, str]] = {Boundary.TOOL_RESPONSE: "t", Boundary.LLM_OUTPUT: "m"}


def build(ports: Ports) -> "BudgetCheck":
    """Return the check over the ledger, and what tools cost by the catalogue."""
    return BudgetCheck(ports.stores.ledger, ports.policy.catalogue)


class UnknownCostError(Exception):
    """A unit is limited in which this crossing's cost is not known. Its argument says what to do."""


@dataclass(frozen=True, slots=True)
class BudgetCheck:
    """Reserves what a call may cost, and settles it when it is reported."""

    ledger: Ledger
    catalogue: Catalogue
    name: str = "budget"

    async def __call__(self, crossing: Crossing) -> Answer:
        if kind := _REPORTED.get(crossing.boundary):
            await self._settle(crossing, kind)
            return allow(self.name)
        session = crossing.proven
        micro_usd = self._micro_usd(crossing)
        if (not session.purses and not micro_usd) or crossing.direction is Direction.INBOUND:
            return allow(self.name)
        limited = {unit for purse in session.purses for unit in purse.ceilings}
        try:
            costs = {unit: cost for unit in limited if (cost := self._cost(unit, crossing))}
        except UnknownCostError as error:
            return deny(self.name, "call_cost_unknown", str(error), severity=Severity.MEDIUM)
        debits = [debit for purse in session.purses for debit in purse.debits(costs)]
        call = _call(crossing, _PAID[crossing.boundary])
        reserved = await self.ledger.reserve(session.id, call, _digest(crossing), debits, crossing.at)
        if reserved.exhausted:
            return deny(self.name, "call_budget_exhausted", _advice(reserved.exhausted), severity=Severity.MEDIUM)
        if not reserved.call:
            return allow(self.name)  # a repeat
        return allow(self.name, replace(crossing, reserved=reserved.call, micro_usd=micro_usd))

    async def _settle(self, crossing: Crossing, kind: str) -> None:
        if not crossing.call_id:
            return
        used = crossing.input_tokens + crossing.output_tokens
        await self.ledger.settle(crossing.proven.id, _call(crossing, kind), {TOKENS: used} if used else {})

    def _micro_usd(self, crossing: Crossing) -> int:
        tool = self.catalogue.find(crossing.tool) if crossing.boundary is Boundary.TOOL_CALL else None
        return _minor(tool.cost_usd, 6) if tool and tool.cost_usd else 0

    def _cost(self, unit: str, crossing: Crossing) -> int:
        """Return what `crossing` may cost at most of `unit`. Raises `UnknownCostError`."""
        boundary = crossing.boundary
        if unit == OCTETS_OUT:
            return len(crossing.payload.encode("utf-8", "surrogatepass"))
        if unit == TOKENS:
            return _tokens(crossing) if boundary is Boundary.LLM_REQUEST else 0
        if unit.startswith(COST):
            return self._money(unit, crossing)
        if boundary is not Boundary.TOOL_CALL:
            return 0
        return int(unit in {CALLS, MAX_CALLS + crossing.tool})

    def _money(self, unit: str, crossing: Crossing) -> int:
        if crossing.boundary is Boundary.LLM_REQUEST:
            raise UnknownCostError("the scope limits money, and what this model costs is not known: call no model")
        tool = self.catalogue.find(crossing.tool) if crossing.boundary is Boundary.TOOL_CALL else None
        if tool is None or not tool.cost_usd:
            return 0  # the catalogue says what a tool costs
        currency, _, decimals = unit.removeprefix(COST).partition(":")
        if currency != "USD":
            raise UnknownCostError("the scope limits another currency than this tool is priced in: use another tool")
        return _minor(tool.cost_usd, int(decimals))


def _tokens(crossing: Crossing) -> int:
    """Return the tokens of a prompt and its output at most: no token is shorter than an octet."""
    if not crossing.max_output_tokens:
        raise UnknownCostError("the scope limits tokens: send max_output_tokens, which is what the output may cost")
    messages = len(crossing.body) if isinstance(crossing.body, list) else 1
    prompt = len(crossing.payload.encode("utf-8", "surrogatepass"))
    return prompt + OCTETS_AROUND * messages + crossing.max_output_tokens


def _minor(amount: float, decimals: int) -> int:
    """Return `amount` in units of 10^-`decimals`, rounded up: what is paid is never more than what is counted."""
    return int(Decimal(repr(amount)).scaleb(decimals).to_integral_value(ROUND_CEILING))


def _call(crossing: Crossing, kind: str) -> str:
    """Return what names the call in the ledger; a caller's id may be any text, and stands on disk."""
    if not crossing.call_id:
        return ""
    octets = crossing.call_id.encode("utf-8", "surrogatepass")
    return kind + hashlib.sha256(octets).hexdigest()[:_ID_DIGITS]


def _digest(crossing: Crossing) -> str:
    what = compact([crossing.tool, crossing.provider, crossing.model, crossing.peer, crossing.payload])
    return hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_DIGITS]


def _advice(debit: Debit) -> str:
    unit = "calls of this tool" if debit.unit.startswith(MAX_CALLS) else _UNITS.get(debit.unit, "money")
    whose = "the session's" if debit.account.kind == "session" else "the delegation's"
    return f"{whose} budget of {unit} is used up: do without, or get a new delegation"


_UNITS: Final = {CALLS: "calls", TOKENS: "tokens", OCTETS_OUT: "octets that go out"}
