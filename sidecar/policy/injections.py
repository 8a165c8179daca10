"""What follows where a text holds something that is meant for the model: a pack's injections.yaml, and the sum of all.

Each entry says for one kind, from which score on, what happens at each boundary. Several entries for a kind make
steps: marked from 0.5 on, a person asked from 0.95. Of all entries of all packs that apply the strictest wins.
Scores are probabilities, but for the price of a false alarm: of sources that the weights have not seen, one ordinary
text in a hundred lies above 0.5, and of requests two. Definitions of tools have bars of their own
(`content.injection.tools`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sidecar.model.crossing import Boundary
from sidecar.model.injection import Action, Kind

DEFAULT_THRESHOLD: Final = 0.5
LABEL: Final = "injection"
LABELLED_FROM: Final = 0.5  # below it, what is found is taken for an accident
MAX_ENTRIES: Final = 100  # of one file
EVERYWHERE: Final = "*"

_ACTIONS: Final = {action.name.lower(): action for action in Action}
# Nobody wrote these: a call's arguments and a prompt are made of what crossed elsewhere before.
_OUT_OF_PLACE: Final = frozenset({Boundary.TOOL_CALL, Boundary.LLM_REQUEST})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InjectionPart(_Part):
    """What happens with one kind from `threshold` on; a boundary that `at` names goes before `*`, silence is allow."""

    kind: Kind
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    at: Annotated[Mapping[str, Action], Field(min_length=1)]
    label: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")] = LABEL

    @field_validator("at", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value  # pydantic words the refusal
        places = [boundary for boundary in Boundary if boundary not in _OUT_OF_PLACE]
        if unknown := [place for place in value if place != EVERYWHERE and place not in places]:
            raise ValueError(f'`{unknown[0]}` is no boundary for this: use {", ".join(places)} or "{EVERYWHERE}"')
        return {place: _action(name) for place, name in value.items()}

    def action(self, boundary: Boundary) -> Action:
        """Return what happens at `boundary`."""
        if boundary in _OUT_OF_PLACE:
            return Action.ALLOW
        return self.at.get(boundary, self.at.get(EVERYWHERE, Action.ALLOW))

    @property
    def least(self) -> float:
        """The score from which on it applies. A hidden character needs none: it is there or it is not."""
        if self.threshold is not None:
            return self.threshold
        return 0.0 if self.kind is Kind.HIDDEN_CHARACTERS else DEFAULT_THRESHOLD


class InjectionsFile(_Part):
    """One pack's injections.yaml."""

    findings: Annotated[tuple[InjectionPart, ...], Field(max_length=MAX_ENTRIES)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From `least` on, `action` follows for a finding of `kind`, and what crosses is labelled."""

    kind: Kind
    least: float
    action: Action
    label: str = LABEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Injections:
    """What all packs together ask for. `steps` hold no `allow`."""

    steps: Mapping[Boundary, tuple[Step, ...]] = field(default_factory=dict)

    def at(self, boundary: Boundary) -> tuple[Step, ...]:
        """Return what is looked for at `boundary`; nothing where no pack says anything."""
        return self.steps.get(boundary, ())

    def only_labels(self, boundary: Boundary) -> bool:
        """Whether at `boundary` nothing is rewritten, held or denied: a stream can be released as it comes."""
        return all(step.action is Action.LABEL for step in self.at(boundary))


def action(steps: Sequence[Step], kind: Kind, score: float) -> Action:
    """Return the strictest of what `steps` say of a finding."""
    return max((s.action for s in steps if s.kind is kind and score >= s.least), default=Action.ALLOW)


def labels(steps: Sequence[Step], kind: Kind, score: float) -> frozenset[str]:
    """Return how a finding labels the crossing."""
    if score < LABELLED_FROM:
        return frozenset()
    return frozenset(s.label for s in steps if s.kind is kind and score >= s.least)


def combine(files: Sequence[InjectionsFile]) -> Injections:
    """Return the sum of all packs: never milder at any place than any of them."""
    steps = {}
    for boundary in Boundary:
        row = tuple(
            Step(kind=part.kind, least=part.least, action=part.action(boundary), label=part.label)
            for file in files
            for part in file.findings
            if part.action(boundary) is not Action.ALLOW
        )
        if row:
            steps[boundary] = row
    return Injections(steps=steps)


def _action(name: object) -> Action:
    if not isinstance(name, str) or name not in _ACTIONS:
        raise ValueError(f"no such action: use {', '.join(_ACTIONS)}")
    return _ACTIONS[name]
