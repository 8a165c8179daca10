"""The loaded rule packs as one immutable value with one version. A reload builds a new one and swaps it whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.model.autonomy import Ladder
from sidecar.model.instructions import Instructions
from sidecar.model.limits import Limits, Prices
from sidecar.model.task import TaskTypes
from sidecar.policy.catalogue import Catalogue
from sidecar.policy.facts import FactSet
from sidecar.policy.injections import Injections
from sidecar.policy.privacy import Privacy
from sidecar.policy.rules import RuleSet
from sidecar.policy.schemas import Schema

NO_PACKS: Final = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of no bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One pack that was loaded. `digest` is `sha256:` and the digest of all its files."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What all packs say together. Without packs nothing is granted and nothing is redacted.

    `version` is `sha256:` and the digest over the packs in their order. `schemas` has every schema as `pack/name`, and
    as `name` where only one pack has it. `vocabulary` is every name of a tool and of a property in a schema: the
    only names from payloads that the audit log may hold.
    """

    version: str = NO_PACKS
    packs: tuple[Pack, ...] = ()
    catalogue: Catalogue = field(default_factory=Catalogue)
    rules: RuleSet = field(default_factory=RuleSet)
    facts: FactSet = field(default_factory=FactSet)
    privacy: Privacy = field(default_factory=Privacy)
    injections: Injections = field(default_factory=Injections)
    instructions: Instructions = field(default_factory=Instructions)
    limits: Limits = field(default_factory=Limits)
    autonomy: Ladder | None = None
    tasks: TaskTypes = field(default_factory=TaskTypes)
    prices: Prices = field(default_factory=Prices)
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    vocabulary: frozenset[str] = frozenset()
