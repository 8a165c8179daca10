"""Is this tool, provider or model worth trying now?

How a call went is what its report says, once for each call that was let through: whoever reports a call that was
never made, or the same one again, closes nothing. A call that gave no id is told apart by its session and its tool.
Where the policy says how many calls may be out (`in_flight`), a call that nobody reports is one that failed.
Where a breaker is open, the verdict says when to come back and what to use instead: of a tool the first `fallback` in
the catalogue, of a model the first in prices.yaml, that this session may call and that is not broken itself.

Callers name models and providers as they like: those that no pack names have breakers of their own up to a number, and
share one beyond it (`stores.breakers`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sidecar.checks.base import Ports
from sidecar.model.circuit import Gate, holder
from sidecar.model.crossing import Boundary, Crossing, Outcome
from sidecar.model.limits import Known, Limits, Prices, Target, about, model_name
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.policy.catalogue import Catalogue
from sidecar.stores.ports_limits import Breakers, Entered

_OPEN = "it has failed too often: wait as long as retry_after says"
_FULL = "nothing was heard of the last calls: report how they went, or wait as long as retry_after says"
_REPORTS = frozenset({Boundary.TOOL_RESPONSE, Boundary.LLM_OUTPUT})


def build(ports: Ports) -> "CircuitCheck":
    """Return the check, with the breakers of the policy."""
    policy = ports.policy
    known = policy.limits.known(policy.prices)
    return CircuitCheck(ports.stores.breakers, policy.limits, policy.catalogue, policy.prices, known)


@dataclass(frozen=True, slots=True)
class CircuitCheck:
    """Denies calls of what has failed too often, and takes in how calls went."""

    breakers: Breakers
    limits: Limits
    catalogue: Catalogue
    prices: Prices
    known: Known
    name: str = "circuit"
    tools: Mapping[str, tuple[Gate, ...]] = field(init=False, repr=False)  # the gates of those that packs spell out

    def __post_init__(self) -> None:
        """Find out once what stands before which tool."""
        names = (tool.name for tool in self.catalogue.tools)
        gates = {name: self.limits.gates({Target.TOOL: name}, self.known) for name in names}
        object.__setattr__(self, "tools", gates)

    async def __call__(self, crossing: Crossing) -> Answer:
        if not self.limits.breakers or crossing.is_repeat:
            return allow(self.name)
        if crossing.boundary in _REPORTS:
            await self._report(crossing)
            return allow(self.name)
        gates = self._gates(crossing)
        if not gates:
            return allow(self.name)
        entered = await self.breakers.enter(gates, holder(crossing.proven.id, crossing.call_id), crossing.steady)
        if not entered.wait_s:
            return allow(self.name, replace(crossing, probes=entered.probes) if entered.probes else None)
        instead = await self._alternative(crossing)
        return self._refused(entered, instead)

    def _gates(self, crossing: Crossing) -> tuple[Gate, ...]:
        found = self.tools.get(crossing.tool)
        return self.limits.gates(about(crossing), self.known) if found is None else found

    def _refused(self, entered: Entered, instead: str) -> Answer:
        advice = ", or use the alternative" * bool(instead)
        if entered.is_full:
            refused = deny(self.name, "calls_in_flight", _FULL + advice, severity=Severity.MEDIUM)
        else:
            refused = deny(self.name, "circuit_open", _OPEN + advice, severity=Severity.MEDIUM)
        return Answer(refused.findings, retry_after=entered.wait_s, alternative=instead)

    async def _report(self, crossing: Crossing) -> None:
        named = about(crossing)
        if crossing.closed is not None:
            tool, provider, model = crossing.closed
            named = about(replace(crossing, tool=tool, provider=provider, model=model))
        elif crossing.call_id or (crossing.tool and crossing.tool not in crossing.proven.scope.tools):
            return
        gates = self.limits.gates(named, self.known)
        if not gates:
            return
        went_well = crossing.outcome in {None, Outcome.OK}
        who = holder(crossing.proven.id, crossing.call_id)
        await self.breakers.report(gates, who, crossing.steady, went_well=went_well)

    async def _alternative(self, crossing: Crossing) -> str:
        scope = crossing.proven.scope
        if crossing.boundary is Boundary.TOOL_CALL:
            tool = self.catalogue.find(crossing.tool)
            for name in tool.fallback if tool else ():
                if name in scope.tools and await self._works({Target.TOOL: name}, crossing.steady):
                    return name
            return ""
        model = self.prices.model(crossing.provider, crossing.model)
        for name in model.fallback if model else ():
            provider, _, rest = name.partition("/")
            targets = {Target.PROVIDER: provider, Target.MODEL: model_name(provider, rest)}
            if await self._works(targets, crossing.steady):
                return name
        return ""

    async def _works(self, targets: dict[Target, str], at: float) -> bool:
        return await self.breakers.closed(self.limits.gates(targets, self.known), at)
