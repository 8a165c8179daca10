"""A pack's limits.yaml, and the sum of all packs': of several that limit the same, each holds, or the strictest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from sidecar.model.account import CALLS, TOKENS
from sidecar.model.circuit import Breaker
from sidecar.model.crossing import Boundary
from sidecar.model.limits import BreakerLimit, BudgetLimit, Limits, Per, RateLimit, SizeLimit, Target
from sidecar.model.loop import LoopLimit
from sidecar.model.pattern import Pattern
from sidecar.model.price import MICRO, MICRO_USD
from sidecar.model.rate import Rate
from sidecar.policy.document import Document
from sidecar.policy.files import MAX_LIST, ToolName, seconds

MAX_COUNT: Final = 1_000_000_000  # calls, tokens, millions of dollars: what is more is no limit
MAX_CYCLE: Final = 16  # calls of a cycle: what is remembered of each session
MAX_SAME: Final = 100
NO_PROGRESS: Final = 20  # calls in a row that come to nothing new, where a pack speaks of loops and not of this
MAX_DEVIATIONS: Final = 1000.0
MAX_WINDOW_S: Final = 366 * 86_400.0
SECOND_NS: Final = 1_000_000_000
NO_LONGER_S: Final = 3600.0  # that a breaker stays open, where its pack does not say
LEASE_S: Final = 120.0  # that a probe may be out: longer than nearly any tool takes
MAX_IN_FLIGHT: Final = 100  # calls that are out: each is in the row that every one of them writes
SHARE: Final = 4  # a quarter of a rate may come at once, where its pack does not say,
AT_ONCE: Final = 10  # and so many calls in any case: `5/minute` means five, whenever in the minute

_RATE: Final = re.compile(r"([1-9]\d{0,8})/(second|minute|hour|day|\d{0,6}(?:s|m|h|d))")
_WINDOWS: Final[Mapping[str, str]] = {"second": "1s", "minute": "1m", "hour": "1h", "day": "1d"}
_SIZE: Final = re.compile(r"([1-9]\d{0,9})(|KiB|MiB)")
_SIZES: Final[Mapping[str, int]] = {"": 1, "KiB": 1024, "MiB": 1024 * 1024}
_ACTING: Final = (Boundary.TOOL_CALL, Boundary.LLM_REQUEST, Boundary.A2A_MESSAGE)


def _duration(text: str) -> float:
    value = seconds(text)
    if not 0 < value <= MAX_WINDOW_S:
        raise ValueError("expected a duration of at most a year, and not none")
    return value


def _lasting(written: str) -> str:
    _duration(written)
    return written


_Window = Annotated[str, AfterValidator(_lasting)]
_Count = Annotated[int, Field(ge=1, le=MAX_COUNT)]
_Usd = Annotated[float, Field(gt=0, le=MAX_COUNT)]
_Name = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f]{1,512}$")]


class _Per(Document):
    per: Annotated[tuple[Per, ...], Field(min_length=1, max_length=len(Per))]
    tool: ToolName | None = None

    @field_validator("per", mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        many = [value] if isinstance(value, str) else value
        if not isinstance(many, list) or any(one not in set(Per) for one in many):
            known = ", ".join(Per)
            raise ValueError(f"expected whose calls are counted together, of {known}")
        return tuple(Per(one) for one in many)

    @property
    def pattern(self) -> Pattern | None:
        """The tools that are meant; None for all, and for what is no tool."""
        if self.tool is None and Per.TOOL in self.per:
            return Pattern("*")
        return Pattern(self.tool) if self.tool else None

    @property
    def names(self) -> tuple[Per, ...]:
        """Each once, in one order."""
        return tuple(one for one in Per if one in self.per)


class RatePart(_Per):
    """One rate: `limit` calls in a window, `burst` of them at once. Without `on`: all that acts or costs."""

    limit: str
    burst: _Count | None = None
    on: Annotated[tuple[Boundary, ...], Field(min_length=1, max_length=len(Boundary))] = _ACTING

    @field_validator("limit")
    @classmethod
    def _is_rate(cls, value: str) -> str:
        _rate(value)
        return value

    @field_validator("on")
    @classmethod
    def _asks(cls, value: tuple[Boundary, ...]) -> tuple[Boundary, ...]:
        if answers := sorted({Boundary.TOOL_RESPONSE, Boundary.LLM_OUTPUT} & set(value)):
            raise ValueError(f"`{answers[0]}` answers a call: limit the calls")
        return value

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.burst is not None and self.burst > _rate(self.limit)[0]:
            raise ValueError("`burst` is a part of `limit`: name at most as many calls")
        if self.pattern and "on" in self.model_fields_set and self.on != (Boundary.TOOL_CALL,):
            raise ValueError("a rate of tools is one of `tool_call`: leave `on` out")
        return self

    def limited(self) -> RateLimit:
        """Return the rate as it is held."""
        count, window_s = _rate(self.limit)
        burst = self.burst or min(count, max(AT_ONCE, -(-count // SHARE)))
        rate = Rate(count, round(window_s * SECOND_NS), burst)
        on = frozenset({Boundary.TOOL_CALL}) if self.pattern else frozenset(self.on)
        return RateLimit(per=self.names, rate=rate, on=on, tool=self.pattern)


class BudgetPart(_Per):
    """One budget. Without `window` it is for as long as the session or the root token lives."""

    window: str | None = None
    cost_usd: _Usd | None = None
    tokens: _Count | None = None
    tool_calls: _Count | None = None

    @field_validator("window")
    @classmethod
    def _lasts(cls, value: str | None) -> str | None:
        if value is not None and _duration(value) < 1:
            raise ValueError("expected a window of a second or more")
        return value

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if not self.ceilings:
            raise ValueError("says what may be spent: `cost_usd`, `tokens`, `tool_calls`")
        if self.window is None and not {Per.SESSION, Per.TREE} & set(self.per):
            raise ValueError("needs a `window`: what is spent for ever is never there again")
        if self.pattern and self.tokens:
            raise ValueError("tools cost no tokens: say `cost_usd` or `tool_calls`")
        return self

    @property
    def ceilings(self) -> dict[str, int]:
        """What may be spent, by unit."""
        usd = None if self.cost_usd is None else int(Decimal(repr(self.cost_usd)).scaleb(MICRO))
        found = {MICRO_USD: usd, TOKENS: self.tokens, CALLS: self.tool_calls}
        return {unit: amount for unit, amount in found.items() if amount is not None}

    def limited(self) -> BudgetLimit:
        """Return the budget as it is held."""
        window_s = int(_duration(self.window)) if self.window else 0
        return BudgetLimit(per=self.names, ceilings=self.ceilings, window_s=window_s, tool=self.pattern)


class BreakerPart(Document):
    """One breaker, before each of the tools, providers or models (provider/model) that it names."""

    tool: ToolName | None = None
    provider: _Name | None = None
    model: _Name | None = None
    failures: Annotated[int, Field(ge=1, le=1000)]
    within: _Window
    open_for: _Window
    max_open: _Window | None = None
    probes: Annotated[int, Field(ge=1, le=100)] = 1
    probe_timeout: _Window | None = None
    in_flight: Annotated[int, Field(ge=1, le=MAX_IN_FLIGHT)] | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(value is not None for value in (self.tool, self.provider, self.model)) != 1:
            raise ValueError("names exactly one of `tool`, `provider`, `model`")
        return self

    def limited(self) -> BreakerLimit:
        """Return the breaker as it is held."""
        found = {Target.TOOL: self.tool, Target.PROVIDER: self.provider, Target.MODEL: self.model}
        target, name = next((target, name) for target, name in found.items() if name is not None)
        breaker = Breaker(
            failures=self.failures,
            within_ns=_ns(self.within),
            open_for_ns=_ns(self.open_for),
            most_ns=_ns(self.max_open) if self.max_open else round(NO_LONGER_S * SECOND_NS),
            probes=self.probes,
            lease_ns=_ns(self.probe_timeout) if self.probe_timeout else round(LEASE_S * SECOND_NS),
            in_flight=self.in_flight or 0,
        )
        return BreakerLimit(target, Pattern(name), breaker)


class LoopsPart(Document):
    """What counts as going round in circles."""

    same_call: Annotated[int, Field(ge=1, le=MAX_SAME)] | None = None
    within: _Window = "2m"
    cycle_length: Annotated[int, Field(ge=2, le=MAX_CYCLE)] | None = None
    cycles: Annotated[int, Field(ge=2, le=100)] | None = None
    no_progress: Annotated[int, Field(ge=0, le=1000)] = NO_PROGRESS

    @model_validator(mode="after")
    def _finds_something(self) -> Self:
        if (self.cycle_length is None) != (self.cycles is None):
            raise ValueError("`cycle_length` and `cycles` go together")
        if self.same_call is None and self.cycles is None and "no_progress" not in self.model_fields_set:
            raise ValueError("says what a loop is: `same_call`, `cycle_length` and `cycles`, or `no_progress`")
        return self


class SizesPart(Document):
    """How much one crossing may hold, in characters; never more than the settings allow."""

    text: str | int | None = None
    arguments: str | int | None = None
    depth: Annotated[int, Field(ge=1, le=1000)] | None = None

    @field_validator("text", "arguments")
    @classmethod
    def _is_size(cls, value: str | int | None) -> str | int | None:
        if value is not None:
            _size(value)
        return value


class AnomaliesPart(Document):
    """What is told of, and refused by nobody: how many standard deviations above its type of task's own history."""

    cost_per_session: Annotated[float, Field(gt=0, le=MAX_DEVIATIONS)] | None = None


class LimitsFile(Document):
    """limits.yaml."""

    rates: Annotated[tuple[RatePart, ...], Field(max_length=MAX_LIST)] = ()
    budgets: Annotated[tuple[BudgetPart, ...], Field(max_length=MAX_LIST)] = ()
    breakers: Annotated[tuple[BreakerPart, ...], Field(max_length=MAX_LIST)] = ()
    loops: LoopsPart | None = None
    sizes: SizesPart = SizesPart()
    anomalies: AnomaliesPart = AnomaliesPart()
    usage: Literal["reported", "reserved"] = "reported"  # what a prompt is settled by: by the agent's report, or not

    @property
    def named_tools(self) -> list[tuple[tuple[str | int, ...], str]]:
        """The tools that are named without `*`, each with the place of its name."""
        parts: list[tuple[str, Sequence[_Per | BreakerPart]]]
        parts = [("rates", self.rates), ("budgets", self.budgets), ("breakers", self.breakers)]
        found = [((key, place, "tool"), part.tool) for key, many in parts for place, part in enumerate(many)]
        return [(place, tool) for place, tool in found if tool is not None and "*" not in tool]


def combine(files: Sequence[LimitsFile]) -> Limits:
    """Return the sum of all packs: never milder than any of them."""
    return Limits(
        rates=tuple(dict.fromkeys(part.limited() for file in files for part in file.rates)),
        budgets=_budgets([part.limited() for file in files for part in file.budgets]),
        breakers=tuple(tuple(part.limited() for part in file.breakers) for file in files if file.breakers),
        loops=_loops([file.loops for file in files if file.loops]),
        cost_deviations=min(
            [file.anomalies.cost_per_session for file in files if file.anomalies.cost_per_session], default=None
        ),
        believes_usage=all(file.usage == "reported" for file in files),
        sizes=SizeLimit(
            text=_least([_size(file.sizes.text) for file in files if file.sizes.text is not None]),
            arguments=_least([_size(file.sizes.arguments) for file in files if file.sizes.arguments is not None]),
            depth=_least([file.sizes.depth for file in files if file.sizes.depth is not None]),
        ),
    )


def _budgets(parts: Sequence[BudgetLimit]) -> tuple[BudgetLimit, ...]:
    """Return one budget for each kind of account, with the least of each unit: an account is paid from once."""
    kinds: dict[str, BudgetLimit] = {}
    for part in parts:
        known = kinds.get(part.kind, part).ceilings
        least = {unit: min(known.get(unit, most), most) for unit, most in part.ceilings.items()}
        kinds[part.kind] = replace(part, ceilings={**known, **least})
    return tuple(kinds.values())


def _loops(parts: Sequence[LoopsPart]) -> LoopLimit | None:
    if not parts:
        return None
    return LoopLimit(
        same_call=_least([part.same_call for part in parts if part.same_call]) or 0,
        within_ns=max(_ns(part.within) for part in parts),
        cycle_length=max((part.cycle_length for part in parts if part.cycle_length), default=0),
        cycles=_least([part.cycles for part in parts if part.cycles]) or 0,
        no_progress=_least([part.no_progress for part in parts if part.no_progress]) or 0,
    )


def _least(values: Sequence[int]) -> int | None:
    return min(values, default=None)


def _rate(text: str) -> tuple[int, float]:
    """Return how many, and in how many seconds. Raises `ValueError`."""
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError("expected a rate such as 100/hour, 30/minute or 5/10s")
    window = _WINDOWS.get(match[2], match[2])
    return int(match[1]), _duration(window if window[0].isdigit() else f"1{window}")


def _ns(text: str) -> int:
    return round(_duration(text) * SECOND_NS)


def _size(value: str | int) -> int:
    match = _SIZE.fullmatch(str(value))
    if match is None:
        raise ValueError("expected a size such as 4096, 64KiB or 1MiB")
    return int(match[1]) * _SIZES[match[2]]
