"""What pack.yaml, tools.yaml and rules.yaml may hold.

Keys that the design of rule packs has and this version does not act on are declared too, so that a pack that uses
one is refused with that reason, and not with a riddle.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from sidecar.model.crossing import Boundary
from sidecar.model.strict_json import members
from sidecar.model.ticket import MAX_LIFETIME_S, MAX_NEEDED
from sidecar.model.verdict import Consent, Decision, Severity
from sidecar.policy.catalogue import Effect, Format, Trust
from sidecar.policy.document import Document
from sidecar.policy.recognizers import Entity
from sidecar.policy.rules import Then

MAX_TOOLS: Final = 10_000  # per pack
MAX_RULES: Final = 1_000  # per pack; a crossing meets only those that could apply
MAX_FACTS: Final = 100  # per pack; each that holds is remembered for each session
MAX_LIST: Final = 100  # entries of any list in these files
LATER: Final = "is not supported by this version"

_DURATION: Final = re.compile(r"(\d{1,6})(ms|s|m|h|d)")
_UNITS: Final[Mapping[str, float]] = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}

Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
ToolName = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f]{1,256}$")]
FactName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Control = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")]
Text = Annotated[str, Field(max_length=4_000)]
SchemaName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$")]


def _pattern(written: object) -> tuple[str, ...]:
    if not isinstance(written, str) or not written:
        raise ValueError("expected a JSON Pointer, as /*/id where any member may stand")
    return members(written)


def _argument(written: object) -> tuple[str, ...]:
    if not isinstance(written, str) or not written:
        raise ValueError("expected the name of an argument, or a JSON Pointer, as /fields/*/value")
    return members(written) if written.startswith("/") else (written,)


def _one_or_more(written: object) -> object:
    return (written,) if isinstance(written, str) else tuple(written) if isinstance(written, list) else written


def seconds(text: str) -> float:
    """Return the seconds in a duration such as `10s`, `30m` or `250ms`. Raises `ValueError`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("expected a duration such as 10s, 30m or 250ms")
    return int(match[1]) * _UNITS[match[2]]


def _lasting(written: str) -> str:
    seconds(written)
    return written


Duration = Annotated[str, AfterValidator(_lasting)]
FieldPattern = Annotated[tuple[str, ...], BeforeValidator(_pattern)]
_Argument = Annotated[tuple[str, ...], BeforeValidator(_argument)]
_Kinds = Annotated[tuple[Entity, ...], Field(min_length=1, max_length=MAX_LIST), BeforeValidator(_one_or_more)]


class PackFile(Document):
    """pack.yaml. `needs` names packs that must be loaded together with this one."""

    name: Word
    version: Annotated[str, Field(pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)([-+][0-9A-Za-z.+-]+)?$")]
    description: Text = ""
    owner: Text = ""
    needs: Annotated[tuple[Word, ...], Field(max_length=MAX_LIST)] = ()


class ToolPart(Document):
    """One tool. `effects` must be said, be it `[]`; silence on `reversible` means: only what reads is."""

    description: Text = ""
    effects: Annotated[tuple[Effect, ...], Field(max_length=len(Effect))]
    reversible: bool | None = None
    trust: Trust = Trust.UNTRUSTED
    reads: Annotated[tuple[Label, ...], Field(max_length=MAX_LIST)] = ()
    arguments: SchemaName | None = None
    result: SchemaName | None = None
    format: Format | None = None
    sinks: Mapping[str, str] = {}
    cost_usd: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    region: Annotated[str, Field(max_length=64)] = ""
    timeout: Duration | None = None
    fallback: Annotated[tuple[ToolName, ...], Field(max_length=MAX_LIST)] = ()
    vouches: Annotated[tuple[FieldPattern, ...], Field(max_length=MAX_LIST)] = ()
    resolves: Annotated[Mapping[str, FieldPattern], Field(max_length=MAX_LIST)] = {}
    takes: Annotated[Mapping[_Argument, _Kinds], Field(max_length=MAX_LIST)] | None = None


class ToolsFile(Document):
    """tools.yaml. `unknown_tools` is what happens to a tool that no pack knows."""

    unknown_tools: Literal["deny", "require_approval"] = "deny"
    tools: Annotated[Mapping[ToolName, ToolPart], Field(max_length=MAX_TOOLS)] = {}

    @property
    def unknown(self) -> Decision:
        """The decision on a tool that no pack knows."""
        return Decision[self.unknown_tools.upper()]


class RulePart(Document):
    """One rule. `approvals` people must agree before `expires` is over, where it requires approval."""

    id: Word
    on: Annotated[tuple[Boundary, ...], Field(min_length=1, max_length=len(Boundary))]
    when: str
    unless: str = ""
    then: Then
    severity: Literal["info", "low", "medium", "high", "critical"] = "medium"
    controls: Annotated[tuple[Control, ...], Field(max_length=MAX_LIST)] = ()
    message: Text = ""
    approvals: Annotated[int, Field(ge=1, le=MAX_NEEDED)] = 1
    expires: str = ""

    @field_validator("then", mode="before")
    @classmethod
    def _not_yet(cls, value: object) -> object:
        if value == "redact":
            raise ValueError(f"`redact` {LATER}: name the kind of data in privacy.yaml, which redacts by boundary")
        return value

    @field_validator("expires")
    @classmethod
    def _in_time(cls, value: str) -> str:
        if not 1.0 <= seconds(value) <= MAX_LIFETIME_S:
            raise ValueError("expected a duration from 1s to 24h")
        return value

    @model_validator(mode="after")
    def _asks_people(self) -> Self:
        if self.then is not Then.REQUIRE_APPROVAL and {"approvals", "expires"} & self.model_fields_set:
            raise ValueError("`approvals` and `expires` are of rules that require approval")
        return self

    @property
    def consent(self) -> Consent | None:
        """What the rule asks of people, where it asks them."""
        if self.then is not Then.REQUIRE_APPROVAL:
            return None
        return Consent(needed=self.approvals, lifetime_s=seconds(self.expires) if self.expires else None)

    @property
    def weight(self) -> Severity:
        """The severity as a number."""
        return Severity[self.severity.upper()]


class RulesFile(Document):
    """rules.yaml. A fact is a predicate, by its name."""

    facts: Annotated[Mapping[FactName, str], Field(max_length=MAX_FACTS)] = {}
    rules: Annotated[tuple[RulePart, ...], Field(max_length=MAX_RULES)] = ()
