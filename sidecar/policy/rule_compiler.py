"""From a pack's rules.yaml to rules that run, checked against the tools that they can meet.

A rule that names its tools is checked against these, whichever pack they are from. One that names none is checked
against the tools of its own pack only: a pack for everybody cannot know whose tools it will stand beside.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.model.crossing import Boundary
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.policy import expressions
from sidecar.policy.catalogue import AllOf, Catalogue, PackTools
from sidecar.policy.document import Read
from sidecar.policy.expressions import ExpressionError, Source, Terms
from sidecar.policy.facts import Fact
from sidecar.policy.files import RulePart, RulesFile
from sidecar.policy.names import FACT
from sidecar.policy.rules import Rule, predicate
from sidecar.policy.schemas import Schema
from sidecar.policy.shapes import ANY, Shape, either, of_schema

_WITH_TOOLS: Final = frozenset({Boundary.TOOL_CALL, Boundary.TOOL_RESPONSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCompiler:
    """Compiles rules against `catalogue`, the tools of all packs.

    `own` has the tools of each pack by its name, `documents` for each schema by its full name what its references
    may name. `complete` is false where a tools.yaml could not be read, so that nothing is known of tools. `remembered`
    has the names of each pack's facts.
    """

    catalogue: Catalogue
    own: Mapping[str, PackTools]
    documents: Mapping[str, Mapping[str, Json]]
    complete: bool
    remembered: Mapping[str, Collection[str]] = field(default_factory=dict)
    _shapes: dict[str, Shape] = field(default_factory=dict, init=False, repr=False)

    def rules(self, pack: str, file: Read[RulesFile], problems: list[str]) -> list[Rule]:
        """Return the rules of `file` that are sound; what is wrong with the others is added to `problems`."""
        found: list[Rule] = []
        taken: set[str] = set()
        for index, part in enumerate(file.said.rules):
            if part.id in taken:
                place = file.place("rules", index, "id")
                problems.append(f"{place}: rules[{index}].id: `{part.id}` is the id of another rule")
            taken.add(part.id)
            complaints: list[tuple[str, str]] = []
            rule = self._rule(pack, part, complaints)
            for key, message in complaints:
                problems.append(f"{file.place('rules', index, key)}: rules[{index}].{key}: {message}")
            if rule is not None:
                found.append(rule)
        return found

    def facts(self, pack: str, file: Read[RulesFile], problems: list[str]) -> list[Fact]:
        """Return the facts of `file` that are sound; what is wrong with the others is added to `problems`."""
        found: list[Fact] = []
        for name, text in file.said.facts.items():
            try:
                found.append(self._fact(pack, name, text))
            except ExpressionError as error:
                place = file.place("facts", name)
                problems.extend(f"{place}: facts.{name}: {problem}" for problem in error.problems)
        return found

    def _fact(self, pack: str, name: str, text: str) -> Fact:
        source = expressions.parse(text)
        program = expressions.program(text)
        if "facts" in program.names:
            raise ExpressionError(["expected no `facts`: a fact does not look at facts"])
        if self.complete:
            self._know_tools(source)
            expressions.check(source, self._known(pack, source.terms, tuple(Boundary)))
        on = [boundary for boundary in Boundary if not expressions.never(program, (boundary,))]
        if not on or _never(source.terms, on):
            raise ExpressionError(["can never hold: it is false for every crossing"])
        return Fact(id=f"{pack}/{name}", on=frozenset(on), text=text, program=program, terms=source.terms)

    def _rule(self, pack: str, part: RulePart, complaints: list[tuple[str, str]]) -> Rule | None:
        when = self._source(pack, part, "when", part.when, complaints)
        unless = self._source(pack, part, "unless", part.unless, complaints) if part.unless else None
        if when is None or (part.unless and unless is None):
            return None
        text = predicate(part.when, part.unless)
        try:
            program = expressions.program(text)
        except ExpressionError as error:
            complaints.extend(("unless" if part.unless else "when", problem) for problem in error.problems)
            return None
        if _never(when.terms, part.on) or expressions.never(program, part.on):
            complaints.append(("when", "can never match: it is false for every crossing of these boundaries"))
            return None
        return Rule(
            id=f"{pack}/{part.id}",
            on=frozenset(part.on),
            text=text,
            program=program,
            terms=when.terms,
            then=part.then,
            severity=part.weight,
            controls=part.controls,
            message=part.message,
            consent=part.consent,
        )

    def _source(
        self, pack: str, part: RulePart, key: str, text: str, complaints: list[tuple[str, str]]
    ) -> Source | None:
        """Return `text` as a predicate, or None after adding what is wrong with it to `complaints`."""
        try:
            source = expressions.parse(text)
            if self.complete:
                self._know_tools(source)
                terms = source.terms if key == "when" else expressions.parse(part.when).terms
                expressions.check(source, self._known(pack, terms, part.on))
        except ExpressionError as error:
            complaints.extend((key, problem) for problem in error.problems)
            return None
        return source

    def _know_tools(self, source: Source) -> None:
        if unknown := sorted(name for name in source.tools if self.catalogue.find(name) is None):
            raise ExpressionError([f"the tool `{name}` is in no tools.yaml" for name in unknown])

    def _known(self, pack: str, terms: Terms, on: Sequence[Boundary]) -> dict[str, Shape]:
        """Return the shapes of arguments and results of the tools that a rule with these terms can meet."""
        if terms.tools is not None:
            met = [tool for name in sorted(terms.tools) if (tool := self.catalogue.find(name)) is not None]
        elif pack in self.own and self.own[pack].unknown is Decision.DENY:
            met = [tool for tool in self.own[pack].tools if terms.effects <= set(tool.effects)]
        else:
            met = []
        known = {"args": either([self._shape(tool.arguments) for tool in met]), "facts": self._facts(pack)}
        if set(on) == {Boundary.TOOL_RESPONSE}:
            known["result"] = either([self._shape(tool.result) for tool in met])
        return known

    def _facts(self, pack: str) -> Shape:
        own = dict.fromkeys(self.remembered.get(pack, ()), FACT)
        others = {f"{name}/{fact}": FACT for name, facts in self.remembered.items() for fact in facts}
        return Shape(types=frozenset({"object"}), members={**own, **others}, closed=True)

    def _shape(self, schema: Schema | AllOf | None) -> Shape:
        if schema is None:
            return ANY
        parts = schema.schemas if isinstance(schema, AllOf) else (schema,)
        for part in parts:
            if part.name not in self._shapes:
                self._shapes[part.name] = of_schema(part.document, self.documents.get(part.name, {}))
        return either([self._shapes[part.name] for part in parts])


def _never(terms: Terms, on: Sequence[Boundary]) -> bool:
    needs_tool = terms.tools is not None or bool(terms.effects)
    return terms.tools == frozenset() or (needs_tool and _WITH_TOOLS.isdisjoint(on))
