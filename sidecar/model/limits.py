"""What all packs together limit, and whose calls are counted together."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final

from sidecar.model.account import Account, Purse, period
from sidecar.model.circuit import Breaker, Gate
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.loop import LoopLimit
from sidecar.model.pattern import Pattern
from sidecar.model.price import Price
from sidecar.model.rate import Rate
from sidecar.model.session import Session

FOREVER: Final = 253_402_300_799.0  # the end of the year 9999, for what ends with a token that tells no end
_DIGITS: Final = 32
_MANY: Final = 4096  # names of those who called last


class Per(StrEnum):
    """Whose calls are counted together. A part of a session counts as the session; a tree is all of one root token."""

    SESSION = "session"
    SUBJECT = "subject"
    AGENT = "agent"
    TOOL = "tool"
    TREE = "tree"


class Target(StrEnum):
    """What a breaker stands before."""

    TOOL = "tool"
    PROVIDER = "provider"
    MODEL = "model"


Known = Mapping[Target, frozenset[str]]  # names that packs know, by what they are of


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """How often the crossings at the boundaries `on` may happen, counted for each of `per`; of some tools only."""

    per: tuple[Per, ...]
    rate: Rate
    on: frozenset[Boundary]
    tool: Pattern | None = None
    kind: str = field(init=False, compare=False)  # names the limit among all limits

    def __post_init__(self) -> None:
        """Name it once."""
        rate, tool = self.rate, self.tool.text if self.tool else ""
        on = "+".join(sorted(self.on))
        kind = f"{'+'.join(self.per)} {rate.count}/{rate.window_ns}/{rate.burst} {on} {tool}"
        object.__setattr__(self, "kind", kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLimit:
    """How much may be spent by each of `per`, by unit, in every `window_s` seconds; 0: while it lives."""

    per: tuple[Per, ...]
    ceilings: Mapping[str, int]
    window_s: int = 0
    tool: Pattern | None = None
    kind: str = field(init=False, compare=False)  # of account: the same of several packs is one, the least counts

    def __post_init__(self) -> None:
        """Name it once."""
        kind = f"{'+'.join(self.per)} {self.window_s} {self.tool.text if self.tool else ''}"
        object.__setattr__(self, "kind", kind)

    def purse(self, who: Mapping[Per, str], session: Session, at: float) -> Purse:
        """Return what is spent from at `at` (seconds since the epoch)."""
        number, ends = period(at, self.window_s) if self.window_s else (0, _ends(self.per, session))
        return Purse(account=Account(self.kind, named(self.per, who), number), ceilings=self.ceilings, until=ends)


@dataclass(frozen=True, slots=True)
class BreakerLimit:
    """The breakers before each tool, provider or model whose name `pattern` matches."""

    target: Target
    pattern: Pattern
    breaker: Breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLimit:
    """The most characters of text and of JSON arguments, and levels of JSON; None where no pack says."""

    text: int | None = None
    arguments: int | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The sum of all packs' limits.yaml: each rate and budget holds; `breakers` are by pack.

    `cost_deviations` is from how many standard deviations on the cost of a session is told of, `believes_usage` whether
    what an agent reports of a model's tokens gives back what was reserved for more.
    """

    rates: tuple[RateLimit, ...] = ()
    budgets: tuple[BudgetLimit, ...] = ()
    breakers: tuple[tuple[BreakerLimit, ...], ...] = ()
    loops: LoopLimit | None = None
    sizes: SizeLimit = field(default_factory=SizeLimit)
    cost_deviations: float | None = None
    believes_usage: bool = True

    def gates(self, named: Mapping[Target, str], known: Known | None = None) -> tuple[Gate, ...]:
        """Return the breakers before what is `named`; of all kinds of which there is an entry, `known` are all."""
        if not self.breakers:
            return ()
        found = [(target, name, self.breaker(target, name)) for target, name in named.items() if name]
        return tuple(
            Gate(target, name, breaker, known is None or target not in known or name in known[target])
            for target, name, breaker in found
            if breaker
        )

    def known(self, prices: "Prices") -> Known:
        """Return the models and providers that packs name. Tools are not among them: a scope names those."""
        entries = [entry for pack in prices.models for entry in pack]
        models = {name for entry in entries for name in (entry.name.text, *entry.fallback)}
        limited = [limit for pack in self.breakers for limit in pack]
        models |= {limit.pattern.text for limit in limited if limit.target is Target.MODEL}
        providers = {limit.pattern.text for limit in limited if limit.target is Target.PROVIDER}
        providers |= {provider for provider, slash, _ in (name.partition("/") for name in models) if slash}
        return {Target.MODEL: frozenset(models), Target.PROVIDER: frozenset(providers)}

    def breaker(self, target: Target, name: str) -> Breaker | None:
        """Return the breaker before `name`: of each pack the most specific one, and the strictest of all packs'."""
        found = [best.breaker for pack in self.breakers if (best := _best(pack, target, name))]
        return strictest(found) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """What is known of the models `name` (provider/model, or a pattern)."""

    name: Pattern
    price: Price
    region: str = ""
    fallback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The sum of all packs' prices.yaml; of each pack the most specific entry counts, of all packs the dearest."""

    models: tuple[tuple[ModelEntry, ...], ...] = ()
    tools: tuple[tuple[tuple[Pattern, float], ...], ...] = ()

    def model(self, provider: str, model: str) -> ModelEntry | None:
        """Return what is known of a model, or None where no pack has it."""
        name = model_name(provider, model)
        packs = [[entry for entry in pack if entry.name.matches(name)] for pack in self.models]
        found = [max(pack, key=lambda entry: entry.name.specificity) for pack in packs if pack]
        if not found:
            return None
        dearest = Price(max(e.price.input_usd for e in found), max(e.price.output_usd for e in found))
        region = next((entry.region for entry in found if entry.region), "")
        fallback = next((entry.fallback for entry in found if entry.fallback), ())
        return ModelEntry(name=found[0].name, price=dearest, region=region, fallback=fallback)

    def tool_usd(self, name: str) -> float:
        """Return what a call of the tool costs in US dollars; 0 where no pack says."""
        packs = [[entry for entry in pack if entry[0].matches(name)] for pack in self.tools]
        return max((max(pack, key=lambda entry: entry[0].specificity)[1] for pack in packs if pack), default=0.0)


def model_name(provider: str, model: str) -> str:
    """Return the name of a model as prices.yaml and limits.yaml have it."""
    return f"{provider}/{model}"


def about(crossing: Crossing) -> dict[Target, str]:
    """Return what `crossing` calls, by target."""
    if crossing.tool:
        return {Target.TOOL: crossing.tool}
    if not crossing.model:
        return {Target.PROVIDER: crossing.provider}
    return {Target.PROVIDER: crossing.provider, Target.MODEL: model_name(crossing.provider, crossing.model)}


def whose(session: Session, tool: str) -> dict[Per, str]:
    """Return by what name each counts `session` and `tool`.

    A tool that the session may not call is nobody's: a caller could make up names without end. A sub-agent that only
    those above it name counts as the first delegate, for the same reason.
    """
    who, above = session.principal, session.chain.above
    return {
        Per.SESSION: session.whole_id or session.id,
        Per.SUBJECT: f"{who.issuer} {who.subject}",
        Per.AGENT: f"{who.issuer} {above[0] if above else who.agent}",
        Per.TOOL: tool if tool in session.scope.tools else "",
        Per.TREE: session.tree or session.chain.hops[0].digest,
    }


def named(per: Sequence[Per], who: Mapping[Per, str]) -> str:
    """Return the one name under which the calls of all of `per` are counted: a digest, for it stands on disk."""
    return digest_of("\n".join([who[one] for one in per]))


@lru_cache(_MANY)
def digest_of(name: str) -> str:
    """Return the name under which what is called `name` is counted."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def counts(tool: Pattern | None, crossing: Crossing) -> bool:
    """Return whether a limit on `tool` is one on `crossing`; a limit on no tool is one on what leaves."""
    if crossing.direction is Direction.INBOUND:
        return False
    return tool is None or (crossing.boundary is Boundary.TOOL_CALL and tool.matches(crossing.tool))


def strictest(breakers: Sequence[Breaker]) -> Breaker:
    """Return one breaker that opens as soon, and stays open as long, as each of `breakers`, which are at least one."""
    return Breaker(
        failures=min(one.failures for one in breakers),
        within_ns=max(one.within_ns for one in breakers),
        open_for_ns=max(one.open_for_ns for one in breakers),
        most_ns=max(one.most_ns for one in breakers),
        probes=min(one.probes for one in breakers),
        lease_ns=min(one.lease_ns for one in breakers),
        in_flight=min((one.in_flight for one in breakers if one.in_flight), default=0),
    )


def _best(pack: Sequence[BreakerLimit], target: Target, name: str) -> BreakerLimit | None:
    fitting = [one for one in pack if one.target is target and one.pattern.matches(name)]
    return max(fitting, key=lambda one: one.pattern.specificity, default=None)


def _ends(per: Sequence[Per], session: Session) -> float:
    if Per.SESSION in per:
        return session.expires_at
    return float(session.chain.hops[0].expires_at) or FOREVER
