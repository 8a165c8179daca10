"""Is there budget left for this, in every account that it is paid from?

What a call may cost is taken before it is made, from all accounts or from none: each token of the chain, the sessions
that this one is part of, its own budgets (`model.spending`), and the budgets of the rule packs. What it did cost takes
its place when that is reported, once. A cost that nobody knows, in a unit that is limited, is one that cannot be held:
it is refused.

What a model did use is what the agent reports, who is not trusted: less than the text itself shows is not believed, and
who reports nothing has paid the most. Between the two it is the agent's word, unless a pack says `usage: reserved`;
then no report gives anything back.

It stands behind all that refuses and rewrites: what is paid for is what crosses. Where something is refused or asked
for after all, the enforcer gives back what was reserved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.checks.base import Ports
from sidecar.checks.repeat import call_name
from sidecar.model.account import CALLS, COST, MAX_CALLS, OCTETS_OUT, TOKENS, Debit, Purse
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.limits import Limits, Prices, counts, whose
from sidecar.model.price import A_TOKEN, MICRO, MICRO_USD, Each, minor
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.policy.catalogue import Catalogue
from sidecar.stores.ports_ledger import Call, Ledger, Reserved

OCTETS_AROUND: Final = 16  # of one message of a prompt: what the provider puts around it, in tokens at most
OCTETS_OF_A_TOKEN: Final = 8  # at most, over a whole text: twice what any language or program takes
_REPORTED: Final = frozenset({Boundary.TOOL_RESPONSE, Boundary.LLM_OUTPUT})


def build(ports: Ports) -> "BudgetCheck":
    """Return the check over the ledger, and what tools and models cost by the policy."""
    policy = ports.policy
    return BudgetCheck(ports.stores.ledger, policy.catalogue, policy.limits, policy.prices)


class UnknownCostError(Exception):
    """A unit is limited in which this crossing's cost is not known. Its argument says what to do."""


@dataclass(frozen=True, slots=True)
class BudgetCheck:
    """Reserves what a call may cost, and settles it when it is reported."""

    ledger: Ledger
    catalogue: Catalogue
    limits: Limits = field(default_factory=Limits)
    prices: Prices = field(default_factory=Prices)
    name: str = "budget"

    async def __call__(self, crossing: Crossing) -> Answer:
        if crossing.boundary in _REPORTED:
            return await self._settled(crossing)
        if crossing.direction is Direction.INBOUND:
            return allow(self.name)
        purses, each = self._purses(crossing), self._each(crossing)
        micro_usd = self._micro_usd(crossing, each)
        if not (purses or micro_usd or crossing.call_id):
            return allow(self.name)
        try:
            costs = {unit: cost for unit in _limited(purses) if (cost := self._cost(unit, crossing))}
        except UnknownCostError as error:
            return deny(self.name, "call_cost_unknown", str(error), severity=Severity.MEDIUM)
        about = (crossing.tool, crossing.provider, crossing.model)
        call = Call(
            id=call_name(crossing),
            digest=crossing.digest,
            about=about,
            micro_usd=micro_usd,
            each=each,
            least=_said(crossing.body) // OCTETS_OF_A_TOKEN if each else 0,
        )
        debits = [debit for purse in purses for debit in purse.debits(costs)]
        reserved = await self.ledger.reserve(crossing.proven.id, call, debits, crossing.steady)
        return self._answer(crossing, reserved, micro_usd)

    def _answer(self, crossing: Crossing, reserved: Reserved, micro_usd: int) -> Answer:
        if reserved.is_other:
            return deny(self.name, "call_id_reused", "this call_id is of another call: give each its own")
        if reserved.exhausted:
            return _exhausted(self.name, reserved.exhausted, crossing.steady)
        if not reserved.call:
            return allow(self.name)  # a repeat
        return allow(self.name, crossing.paid(reserved.call, micro_usd))

    async def _settled(self, crossing: Crossing) -> Answer:
        if not crossing.call_id:
            return allow(self.name)
        settled = await self.ledger.settle(crossing.proven.id, call_name(crossing), {}, self._used(crossing))
        if settled is None:
            return allow(self.name)
        return allow(self.name, replace(crossing, closed=settled.about, micro_usd=settled.micro_usd))

    def _used(self, crossing: Crossing) -> tuple[int, int] | None:
        """Return the tokens that were used, in and out; None where that is not told, or not believed."""
        told = (crossing.input_tokens, crossing.output_tokens)
        if not any(told) or not self.limits.believes_usage:
            return None
        written = crossing.body if crossing.raw is None else crossing.raw
        return told[0], max(told[1], _said(written) // OCTETS_OF_A_TOKEN)

    def _purses(self, crossing: Crossing) -> Sequence[Purse]:
        session = crossing.proven
        if not self.limits.budgets:
            return session.purses
        who = whose(session, crossing.tool)
        found = [one.purse(who, session, crossing.steady) for one in self.limits.budgets if counts(one.tool, crossing)]
        return (*session.purses, *found)

    def _each(self, crossing: Crossing) -> Mapping[str, Each]:
        """Return what tokens cost, by unit, as far as that is known."""
        if crossing.boundary is not Boundary.LLM_REQUEST:
            return {}
        known = self.prices.model(crossing.provider, crossing.model)
        if known is None:
            return {TOKENS: A_TOKEN}
        units = {MICRO_USD, *(unit for purse in crossing.proven.purses for unit in purse.ceilings if _in_usd(unit))}
        return {TOKENS: A_TOKEN, **{unit: known.price.each(_decimals(unit)) for unit in units}}

    def _micro_usd(self, crossing: Crossing, each: Mapping[str, Each]) -> int:
        if crossing.boundary is Boundary.TOOL_CALL:
            usd = self._tool_usd(crossing.tool)
            return minor(usd, MICRO) if usd else 0
        price = each.get(MICRO_USD)
        return price.of(_prompt(crossing), crossing.max_output_tokens) if price else 0

    def _tool_usd(self, name: str) -> float:
        tool = self.catalogue.find(name)
        priced = self.prices.tool_usd(name) if self.prices.tools else 0.0
        return max(tool.cost_usd if tool else 0.0, priced)

    def _cost(self, unit: str, crossing: Crossing) -> int:
        """Return what `crossing` may cost at most of `unit`. Raises `UnknownCostError`."""
        boundary = crossing.boundary
        if unit == OCTETS_OUT:
            return len(crossing.payload.encode("utf-8", "surrogatepass"))
        if unit == TOKENS:
            return _prompt(crossing) + _output(crossing) if boundary is Boundary.LLM_REQUEST else 0
        if unit.startswith(COST):
            return self._money(unit, crossing)
        if boundary is not Boundary.TOOL_CALL:
            return 0
        return int(unit in {CALLS, MAX_CALLS + crossing.tool})

    def _money(self, unit: str, crossing: Crossing) -> int:
        if crossing.boundary is Boundary.LLM_REQUEST:
            price = self._each(crossing).get(unit)
            if price is None:
                raise UnknownCostError("money is limited, and what this model costs is not known: use another model")
            return price.of(_prompt(crossing), _output(crossing))
        usd = self._tool_usd(crossing.tool) if crossing.boundary is Boundary.TOOL_CALL else 0.0
        if not usd:
            return 0  # the policy says what a tool costs
        if not _in_usd(unit):
            raise UnknownCostError("the scope limits another currency than this tool is priced in: use another tool")
        return minor(usd, _decimals(unit))


def _limited(purses: Sequence[Purse]) -> set[str]:
    return {unit for purse in purses for unit in purse.ceilings}


def _prompt(crossing: Crossing) -> int:
    """Return the tokens of a prompt at most: no token is shorter than an octet."""
    messages = len(crossing.body) if isinstance(crossing.body, list) else 1
    return len(crossing.payload.encode("utf-8", "surrogatepass")) + OCTETS_AROUND * messages


def _said(body: Json) -> int:
    """Return the octets of all texts in `body`, at any depth."""
    if isinstance(body, str):
        return len(body.encode("utf-8", "surrogatepass"))
    if isinstance(body, Mapping):
        return sum(_said(each) for each in body.values())
    return sum(_said(each) for each in body) if isinstance(body, list) else 0


def _output(crossing: Crossing) -> int:
    """Return the tokens of an output at most. Raises `UnknownCostError`."""
    if not crossing.max_output_tokens:
        raise UnknownCostError("tokens are limited: send max_output_tokens, which is what the output may cost")
    return crossing.max_output_tokens


def _in_usd(unit: str) -> bool:
    return unit.startswith(f"{COST}USD:")


def _decimals(unit: str) -> int:
    return int(unit.rpartition(":")[2])


def _exhausted(name: str, debit: Debit, at: float) -> Answer:
    """Return the refusal: in a budget of a window there is a new one when that ends."""
    unit = "calls of this tool" if debit.unit.startswith(MAX_CALLS) else _UNITS.get(debit.unit, "money")
    kind = debit.account.kind
    whose_ = "the session's" if kind == "session" else "the delegation's" if kind == "node" else "a rule pack's"
    advice = "wait as long as retry_after says" if debit.account.window else "or get a new delegation"
    message = f"less is left of {whose_} budget of {unit} than this may take: ask for less, {advice}"
    refused = deny(name, "call_budget_exhausted", message, severity=Severity.MEDIUM, detail=_counted(kind))
    return Answer(refused.findings, retry_after=max(0.0, debit.until - at) if debit.account.window else 0.0)


def _counted(kind: str) -> str:
    """Return how people are told of a kind of account: `per subject and tool, in 86400 s, of pay_*`."""
    per, _, rest = kind.partition(" ")
    window, _, tool = rest.partition(" ")
    told = [
        f"per {per.replace('+', ' and ')}",
        f"in {window} s" if int(window or 0) else "",
        f"of {tool}" if tool else "",
    ]
    return ", ".join(filter(None, told))


_UNITS: Final = {CALLS: "calls", TOKENS: "tokens", OCTETS_OUT: "octets that go out"}
