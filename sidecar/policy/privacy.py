"""What is personal, and what happens to it at each boundary: a pack's privacy.yaml, and the sum of all packs'.

Of several packs the strictest operator wins, for each kind of datum and each boundary, and the lowest threshold; every
rule of residency holds, and a detector that is out is done without only where a pack says so and none says otherwise. A
kind must be one that Presidio's recognizers or the model produce, or one that a recognizer of the same file produces: a
kind that nothing can find would be a promise that nobody keeps. A kind is looked for where `at` names the boundary, and
labels what holds it, also where it may cross (`allow`); where `at` is silent only for who reads labels there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from sidecar.model.crossing import Boundary
from sidecar.model.operator import Operator
from sidecar.model.region import is_home
from sidecar.policy.entities import KNOWN
from sidecar.policy.recognizers import INSTALLED, Entity, Name, RecognizerPart, Score

DEFAULT_THRESHOLD: Final = 0.4  # what Presidio gives at least to a form that a context word supports
MAX_RECOGNIZERS: Final = 200  # per file; each is one pass over every text
MAX_TOOLS: Final = 1_000  # that one kind is revealed to
MAX_RESIDENCY: Final = 100  # rules of residency, and regions and labels of each
EVERYWHERE: Final = "*"
DECLARED: Final = "declared"  # in the place of tools: the arguments that are made for the kind

_Tools = Annotated[tuple[Name, ...], Field(max_length=MAX_TOOLS)]
_OPERATORS: Final = {operator.name.lower(): operator for operator in Operator}


_Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class Degraded(StrEnum):
    """What follows where a detector is out, or out of time."""

    DENY = "deny"
    SKIP = "skip"


class Out(StrEnum):
    """A detector that can be out: `ner` finds personal data and secrets, `classifier` helps to find injections."""

    NER = "ner"
    CLASSIFIER = "classifier"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EntityPart(_Part):
    """What happens to one kind at each boundary; one that `at` names goes before `*`, silence lets it cross unseen.

    `reveal_to` are the tools that get the value of a token back, or `declared`: the arguments that are made for it;
    None where this pack does not speak of it.
    """

    label: _Label = "pii"
    at: Annotated[Mapping[str, Operator], Field(min_length=1)]
    threshold: Score = DEFAULT_THRESHOLD
    reveal_to: _Tools | Literal["declared"] | None = None

    @field_validator("at", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value  # pydantic words the refusal
        if unknown := [place for place in value if place != EVERYWHERE and place not in set(Boundary)]:
            raise ValueError(f'`{unknown[0]}` is no boundary: use {", ".join(Boundary)} or "{EVERYWHERE}"')
        return {place: _operator(name) for place, name in value.items()}

    @model_validator(mode="after")
    def _can_be_revealed(self) -> Self:
        if self.reveal_to and Operator.TOKEN not in self.at.values():
            raise ValueError("`reveal_to` gives back what `token` took: name `token` at a boundary")
        return self

    def operator(self, boundary: Boundary) -> Operator | None:
        """Return what happens at `boundary`, None where nothing is said of it."""
        return self.at.get(boundary, self.at.get(EVERYWHERE))


class ResidencyPart(_Part):
    """Where data of people who live in `subjects_in` may go, if it has one of the labels `applies_to`."""

    subjects_in: str
    regions: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_RESIDENCY)]
    applies_to: Annotated[tuple[_Label, ...], Field(min_length=1, max_length=MAX_RESIDENCY)]

    @field_validator("subjects_in")
    @classmethod
    def _is_home(cls, value: str) -> str:
        if not is_home(value):
            raise ValueError("use a country's ISO 3166-1 alpha-2 code, `EU` or `EEA`")
        return value


class PrivacyFile(_Part):
    """One pack's privacy.yaml, valid in itself."""

    recognizers: Annotated[tuple[RecognizerPart, ...], Field(max_length=MAX_RECOGNIZERS)] = ()
    entities: Mapping[Entity, EntityPart] = {}
    residency: Annotated[tuple[ResidencyPart, ...], Field(max_length=MAX_RESIDENCY)] = ()
    degraded: Mapping[Out, Mapping[Boundary, Degraded]] = {}

    @field_validator("entities")
    @classmethod
    def _can_be_found(cls, value: Mapping[str, EntityPart], others: ValidationInfo) -> Mapping[str, EntityPart]:
        if "recognizers" not in others.data:
            return value  # they are wrong themselves: one problem at a time
        known = KNOWN | {each.entity for each in others.data["recognizers"] if each.enabled}
        if unknown := sorted(set(value) - known):
            raise ValueError(
                f"no recognizer finds `{'`, `'.join(unknown)}`: add one under `recognizers`, or name one of "
                f"{', '.join(sorted(known))}"
            )
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What all packs together ask for. `operators` holds no `allow`; `recognizers` are JSON in Presidio's format.

    `telling` are the kinds that may cross a boundary as they are, and are looked for to give their label.
    `reveal_to` has, for each kind that becomes a token somewhere, the tools that get its values back. `taken` are the
    kinds for which no pack names tools: there an entry's `takes` counts; `declared` those of them where what a tool's
    own schema declares does, too. `skips` are the boundaries that may be crossed while a detector is out.
    """

    operators: Mapping[Boundary, Mapping[str, Operator]] = field(default_factory=dict)
    telling: Mapping[Boundary, frozenset[str]] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    recognizers: tuple[str, ...] = ()
    reveal_to: Mapping[str, frozenset[str]] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()
    residency: tuple[ResidencyPart, ...] = ()
    skips: Mapping[Out, frozenset[Boundary]] = field(default_factory=dict)
    written: tuple[RecognizerPart, ...] = ()  # the packs' own whose findings may not stand in what a model writes

    def may_skip(self, detector: Out, boundary: Boundary) -> bool:
        """Return whether what crosses `boundary` may pass without what `detector` would say of it."""
        return boundary in self.skips.get(detector, ())

    @property
    def resident(self) -> frozenset[str]:
        """The labels that any rule of residency applies to."""
        return frozenset(label for rule in self.residency for label in rule.applies_to)

    def at(self, boundary: Boundary) -> Mapping[str, Operator]:
        """Return the kinds that may not cross `boundary` as they are, and what happens to each."""
        return self.operators.get(boundary, {})

    def looked_for(self, boundary: Boundary) -> Collection[str]:
        """Return the kinds that are looked for at `boundary`, whether or not anybody reads labels there."""
        telling = self.telling.get(boundary)
        return self.at(boundary).keys() | telling if telling else self.at(boundary)


def combine(files: Sequence[PrivacyFile]) -> Privacy:
    """Return the sum of all packs: never milder at any place than any of them."""
    parts = [(name, part) for file in files for name, part in file.entities.items()]
    every = {boundary: _strictest(parts, boundary) for boundary in Boundary}
    operators = {b: {name: o for name, o in row.items() if o is not Operator.ALLOW} for b, row in every.items()}
    telling = {b: frozenset(row.keys() - operators[b].keys()) for b, row in every.items()}
    residency = tuple(dict.fromkeys(rule for file in files for rule in file.residency))
    stays = {label for rule in residency for label in rule.applies_to}
    # What must stay somewhere is looked for, also where it may cross as it is.
    asked = {name for row in every.values() for name in row} | {name for name, part in parts if part.label in stays}
    tokens = sorted({n for row in operators.values() for n, o in row.items() if o is Operator.TOKEN})
    said = {name: [p.reveal_to for n, p in parts if n == name and p.reveal_to is not None] for name in tokens}
    taken = frozenset(name for name in tokens if all(each == DECLARED for each in said[name]))
    return Privacy(
        operators={boundary: row for boundary, row in operators.items() if row},
        telling={boundary: kinds for boundary, kinds in telling.items() if kinds},
        thresholds={name: min(p.threshold for n, p in parts if n == name) for name in sorted(asked)},
        labels={name: frozenset(p.label for n, p in parts if n == name) for name in sorted(asked)},
        recognizers=tuple(
            dict.fromkeys(
                r.as_presidio()
                for file in files
                for r in file.recognizers
                if r.enabled and r.entity in asked and r.type != INSTALLED
            )
        ),
        reveal_to={name: _revealed([each for each in said[name] if each != DECLARED]) for name in tokens},
        taken=taken,
        declared=frozenset(name for name in taken if said[name]),
        residency=residency,
        skips={detector: skips for detector in Out if (skips := _skipped(files, detector))},
        written=tuple(
            r for file in files for r in file.recognizers if r.enabled and r.entity in operators[Boundary.LLM_OUTPUT]
        ),
    )


def _skipped(files: Sequence[PrivacyFile], detector: Out) -> frozenset[Boundary]:
    """Return where at least one pack lets what crosses pass without `detector`, and none denies it."""
    said = [(at, what) for file in files for at, what in file.degraded.get(detector, {}).items()]
    denied = {at for at, what in said if what is Degraded.DENY}
    return frozenset(at for at, what in said if what is Degraded.SKIP) - denied


def _revealed(said: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the tools that all packs agree on which speak of it; without a word from any, none."""
    return frozenset(said[0]).intersection(*said[1:]) if said else frozenset()


def _strictest(parts: Sequence[tuple[str, EntityPart]], boundary: Boundary) -> dict[str, Operator]:
    row: dict[str, Operator] = {}
    for name, part in parts:
        said = part.operator(boundary)
        if said is not None:
            row[name] = max(row.get(name, Operator.ALLOW), said)
    return dict(sorted(row.items()))


def _operator(name: object) -> Operator:
    if not isinstance(name, str) or name not in _OPERATORS:
        raise ValueError(f"no such operator: use {', '.join(_OPERATORS)}")
    return _OPERATORS[name]
