"""Which rules match a crossing, and what each says of it.

A rule is met only by the crossings that it can be true of (`policy.meeting`).

A predicate that errs counts as matched where the rule denies or requires approval. `alert` and `allow` rules never
change a verdict: what they match is recorded, counted, and crosses. (`allow` does not make an exception from other
rules, because packs only ever add strictness: an exception is the `unless` of the rule it is made from.)
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cel_expr_python import cel

from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.past import FORGETFUL, Past
from sidecar.model.verdict import Consent, Decision, Finding, Severity
from sidecar.policy.catalogue import Tool
from sidecar.policy.expressions import Program, Terms, of_readable, readable
from sidecar.policy.facts import remembered
from sidecar.policy.meeting import Index, asked
from sidecar.policy.names import FACTS, Sight, values

CHECK: Final = "rules"  # the name under which findings of rules stand

_ANSWER_LATER: Final = "a rule could not judge this: send every value that is asked for, in its type"


# An argument whose origin a rule asks for; within a string literal it does no harm to know the name.
_SINKS: Final = re.compile(r"\borigin\s*\.\s*([A-Za-z_]\w*)|\borigin\s*\[\s*['\"]([^'\"]+)['\"]")
# What a session has done so far, however it is asked for; a word too many costs a write.
_USAGE: Final = re.compile(r"\b(?:usage|crossings|denied|cost_usd)\b")


class Then(StrEnum):
    """What a rule that matches does."""

    ALLOW = "allow"
    ALERT = "alert"
    REQUIRE_APPROVAL = "require_approval"
    DENY = "deny"


_EFFECTS: Final[Mapping[Then, tuple[Decision, str, str]]] = {
    Then.ALLOW: (Decision.ALLOW, "rule_allowed", ""),
    Then.ALERT: (Decision.ALLOW, "rule_alerted", ""),
    Then.REQUIRE_APPROVAL: (Decision.REQUIRE_APPROVAL, "rule_requires_approval", "a person must agree to this first"),
    Then.DENY: (Decision.DENY, "rule_denied", "a rule forbids this"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule that compiled. `id` is pack/rule-id; `text` is the predicate, `unless` included."""

    id: str
    on: frozenset[Boundary]
    text: str
    program: Program = field(repr=False)
    terms: Terms
    then: Then
    severity: Severity = Severity.MEDIUM
    controls: tuple[str, ...] = ()
    message: str = ""
    consent: Consent | None = None  # what it asks of people, where it asks them

    @property
    def pack(self) -> str:
        """The pack that it is from."""
        return self.id.partition("/")[0]

    def finding(self, *, failed: bool) -> Finding:
        """Return what the rule says of a crossing that it matches, or that it `failed` to judge."""
        decision, reason, message = _EFFECTS[self.then]
        return Finding(
            check=CHECK,
            decision=decision,
            reason="rule_failed" if failed else reason,
            message=_ANSWER_LATER if failed else self.message or message,
            rule=self.id,
            severity=self.severity,
            controls=self.controls,
            consent=self.consent,
        )


def predicate(when: str, unless: str = "") -> str:
    """Return the one expression that is true when `when` holds, unless `unless` does."""
    return f"(\n{when}\n) && !(\n{unless}\n)" if unless else when


class RuleSet:
    """All packs' rules. Immutable; order is that of the packs and, within each, of its file."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.rules: Final = tuple(rules)
        named = (found for rule in rules for found in _SINKS.findall(rule.text))
        self._sinks: Final = frozenset(sink for found in named for sink in found if sink)
        self._index: Final = Index(self.rules)
        self._read: Final = {boundary: self._index.read(boundary) for boundary in Boundary}
        self.reads_usage: Final = any(_USAGE.search(rule.text) for rule in self.rules)  # what sessions have done so far

    def reads(self, name: str, boundary: Boundary) -> bool:
        """Return whether a rule at `boundary` looks at `name`, so that whoever finds it out should."""
        return name in self._read[boundary]

    def findings(
        self, crossing: Crossing, tool: Tool | None, labels: frozenset[str], past: Past = FORGETFUL
    ) -> tuple[Finding, ...]:
        """Return what the rules say of `crossing`, in their order; empty when none matches.

        `tool` is the catalogue's entry for the crossing's tool, `labels` are those on the crossing, `past` is what its
        session remembers. Raises `SessionError` where no session stands behind the crossing.
        """
        looks = self._index.met(crossing.boundary, crossing.tool, tool)
        if not looks:
            return ()

        sight = Sight(crossing, tool, labels, self._sinks, past.labels, usage=past.usage, region=past.region)
        clean = sight.clean
        seen: dict[str, object] = {}  # by the packs that were asked before: facts alone are others for each

        def given(pack: str, wanted: frozenset[str], facts: frozenset[str]) -> cel.Activation:
            seen[FACTS] = remembered(past, pack, facts, crossing.steady) if facts else {}
            seen.update(readable(values(wanted.difference(seen), sight), clean))
            return of_readable({name: seen[name] for name in wanted})

        return tuple(rule.finding(failed=held is None) for rule, held in asked(looks, given))
