"""Does the payload have the shape that the policy gives it?

Arguments and results by the tool's entry in the catalogue, a model's output by the schema that the caller names, a
message to or from another agent by the protocol itself. A token in arguments stands for the value that the tool will
get for it: that is what its schema is about. A tool without a schema is shown to the rules as it is; but where there is
one, a payload that cannot be held against it is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from sidecar.checks.base import Ports
from sidecar.checks.revealing import Revealing
from sidecar.errors import EvidenceError
from sidecar.model.crossing import Boundary, Crossing, Outcome
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow, deny
from sidecar.policy.policy import Policy
from sidecar.policy.schemas import Problem, Schema, compile_schema
from sidecar.protocols.a2a import reading

REASONS: Final = {
    Boundary.TOOL_CALL: "argument_invalid",
    Boundary.TOOL_RESPONSE: "result_invalid",
    Boundary.LLM_OUTPUT: "output_invalid",
    Boundary.A2A_MESSAGE: "message_invalid",
}


def build(ports: Ports) -> "SchemaCheck":
    """Return the check, over the schemas of the policy and of the protocol."""
    return SchemaCheck(ports.policy, _messages(), Revealing.by(ports))


@cache
def _messages() -> Mapping[str, Schema]:
    # The protocol is the same for every policy, so that a reload does not compile it anew.
    return {name: compile_schema(document, name=f"a2a/{name}") for name, document in reading.SCHEMAS.items()}


@dataclass(frozen=True, slots=True)
class SchemaCheck:
    """Denies what breaks its schema, with one finding for each way in which it does."""

    policy: Policy
    messages: Mapping[str, Schema]
    revealing: Revealing = field(default_factory=Revealing)
    name: str = "schema"

    async def __call__(self, crossing: Crossing) -> Answer:
        match crossing.boundary:
            case Boundary.TOOL_CALL:
                return await self._arguments(crossing)
            case Boundary.TOOL_RESPONSE:
                return self._result(crossing)
            case Boundary.LLM_OUTPUT:
                return self._output(crossing)
            case Boundary.A2A_MESSAGE:
                return self._message(crossing)
            case _:
                return deny(self.name, "schema_unknown", "no schema is known for this boundary")

    async def _arguments(self, crossing: Crossing) -> Answer:
        tool = self.policy.catalogue.find(crossing.tool)
        if tool is None or tool.arguments is None:
            return allow(self.name)
        revealed = await self.revealing.revealed(crossing)
        body = crossing.body if revealed is None else revealed.body
        return self._answer(crossing.boundary, tool.arguments.problems(body))

    def _result(self, crossing: Crossing) -> Answer:
        if crossing.body == "" and crossing.outcome not in {None, Outcome.OK}:
            return allow(self.name)  # the report of a call that brought nothing: nothing crosses with it
        tool = self.policy.catalogue.find(crossing.tool)
        # Who says text of what is JSON would hide its parts from the rules on `result`: `form` has read what is JSON.
        if not crossing.is_json and tool is not None and tool.answers_in_json:
            message = "the rule packs say that this tool answers in JSON, and this is none: send one strict JSON value"
            return deny(self.name, REASONS[crossing.boundary], message)
        if tool is None or tool.result is None:
            return allow(self.name)
        return self._answer(crossing.boundary, tool.result.problems(crossing.body))

    def _output(self, crossing: Crossing) -> Answer:
        if not crossing.schema:
            return allow(self.name)
        schema = self.policy.schemas.get(crossing.schema)
        if schema is None:
            return deny(self.name, "unknown_schema", "no rule pack has a schema of this name: name one that is there")
        return self._answer(crossing.boundary, schema.problems(crossing.body))

    def _message(self, crossing: Crossing) -> Answer:
        try:
            name = reading.schema_of(crossing.body)
        except EvidenceError as error:
            return deny(self.name, error.reason, str(error), path=error.path)
        return self._answer(crossing.boundary, self.messages[name].problems(crossing.body))

    def _answer(self, boundary: Boundary, problems: Iterable[Problem]) -> Answer:
        findings = tuple(
            Finding(
                check=self.name,
                decision=Decision.DENY,
                reason=REASONS[boundary],
                message=problem.message,
                path=problem.path,
                severity=Severity.HIGH,
            )
            for problem in problems
        )
        return Answer(findings) if findings else allow(self.name)
