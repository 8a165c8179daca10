"""Which rules match a crossing, and what each says of it.

A rule is met only by the crossings that it can be true of: by boundary, and by the tools or the effect that its
predicate requires. Rules that are met together are one CEL expression, `a || b || …`, which is false only when
each of them is false: in the ordinary case, where none matches, one evaluation tells. Otherwise each is asked.

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
from sidecar.model.verdict import Decision, Finding, Severity
from sidecar.policy.catalogue import Tool
from sidecar.policy.expressions import ExpressionError, Program, Terms, activation, program
from sidecar.policy.names import Sight, values

CHECK: Final = "rules"  # the name under which findings of rules stand
MAX_TOGETHER: Final = 16  # rules in one expression: keeps it far below the limits of CEL's parser

_ANSWER_LATER: Final = "a rule could not judge this: send every value that is asked for, in its type"


# An argument whose origin a rule asks for; within a string literal it does no harm to know the name.
_SINKS: Final = re.compile(r"\borigin\s*\.\s*([A-Za-z_]\w*)|\borigin\s*\[\s*['\"]([^'\"]+)['\"]")


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
        )


def predicate(when: str, unless: str = "") -> str:
    """Return the one expression that is true when `when` holds, unless `unless` does."""
    return f"(\n{when}\n) && !(\n{unless}\n)" if unless else when


@dataclass(frozen=True, slots=True)
class _Group:
    """Rules that are met together, and the one expression that tells whether any of them needs to be asked."""

    rules: tuple[tuple[int, Rule], ...]
    any: Program

    def asked(self, given: cel.Activation) -> list[tuple[int, Finding]]:
        if self.any.holds(given) is False:
            return []
        judged = [(position, rule, rule.program.holds(given)) for position, rule in self.rules]
        return [(position, rule.finding(failed=held is None)) for position, rule, held in judged if held is not False]


@dataclass(frozen=True, slots=True)
class _Row:
    """The rules of one boundary: those for any tool, for one tool, for tools with one effect."""

    general: tuple[_Group, ...]
    by_tool: Mapping[str, tuple[_Group, ...]]
    by_effect: Mapping[str, tuple[_Group, ...]]

    @property
    def all(self) -> list[_Group]:
        """Every group, whatever the tool."""
        parts = [self.general, *self.by_tool.values(), *self.by_effect.values()]
        return [group for groups in parts for group in groups]

    def met(self, name: str, tool: Tool | None) -> list[_Group]:
        groups = [*self.general, *self.by_tool.get(name, ())]
        for effect in tool.effects if tool else ():
            groups += self.by_effect.get(effect, ())
        return groups


class RuleSet:
    """All packs' rules. Immutable; order is that of the packs and, within each, of its file."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.rules: Final = tuple(rules)
        named = (found for rule in rules for found in _SINKS.findall(rule.text))
        self._sinks: Final = frozenset(sink for found in named for sink in found if sink)
        self._rows: Final = {boundary: _row(rules, boundary) for boundary in Boundary}

    def reads(self, name: str, boundary: Boundary) -> bool:
        """Return whether a rule at `boundary` looks at `name`, so that whoever finds it out should."""
        return any(name in group.any.names for group in self._rows[boundary].all)

    def findings(
        self, crossing: Crossing, tool: Tool | None, labels: frozenset[str], touched: frozenset[str] = frozenset()
    ) -> tuple[Finding, ...]:
        """Return what the rules say of `crossing`, in their order; empty when none matches.

        `tool` is the catalogue's entry for the crossing's tool, `labels` are those on the crossing, `touched` the
        session's. Raises `SessionError` where no session stands behind the crossing.
        """
        groups = self._rows[crossing.boundary].met(crossing.tool, tool)
        if not groups:
            return ()
        wanted = frozenset().union(*(group.any.names for group in groups))
        sight = Sight(crossing, tool, labels, self._sinks, touched)
        given = activation(values(wanted, sight), clean=sight.clean)
        found = [each for group in groups for each in group.asked(given)]
        return tuple(finding for _, finding in sorted(found, key=lambda each: each[0]))


def _row(rules: Sequence[Rule], boundary: Boundary) -> _Row:
    general: list[tuple[int, Rule]] = []
    by_tool: dict[str, list[tuple[int, Rule]]] = {}
    by_effect: dict[str, list[tuple[int, Rule]]] = {}
    for position, rule in enumerate(rules):
        if boundary not in rule.on:
            continue
        if rule.terms.tools is not None:
            for name in rule.terms.tools:
                by_tool.setdefault(name, []).append((position, rule))
        elif rule.terms.effects:
            by_effect.setdefault(min(rule.terms.effects), []).append((position, rule))
        else:
            general.append((position, rule))
    return _Row(
        general=_groups(general),
        by_tool={name: _groups(part) for name, part in by_tool.items()},
        by_effect={effect: _groups(part) for effect, part in by_effect.items()},
    )


def _groups(rules: Sequence[tuple[int, Rule]]) -> tuple[_Group, ...]:
    parts = [rules[at : at + MAX_TOGETHER] for at in range(0, len(rules), MAX_TOGETHER)]
    return tuple(group for part in parts for group in _together(part))


def _together(rules: Sequence[tuple[int, Rule]]) -> tuple[_Group, ...]:
    try:
        return (_Group(tuple(rules), program(*(rule.text for _, rule in rules))),)
    except ExpressionError:  # each is within the limits of CEL's parser, all together are too long
        return tuple(_Group((each,), each[1].program) for each in rules)
