"""A pack's own tests: cases that must hold, each a session and the crossings in it.

A step without `want` must cross, as it is or redacted: else the steps after it would prove nothing. `rules` and
`reasons` name what must be among the findings; an empty list means that there must be none.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final, Literal, Self

from pydantic import Field, JsonValue, model_validator

from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.scope import HIGHEST_AUTONOMY
from sidecar.model.verdict import Decision
from sidecar.policy.document import Document
from sidecar.policy.files import Duration

MAX_CASES: Final = 1_000  # per file
MAX_STEPS: Final = 200  # per case

Word = Literal["allow", "redact", "require_approval", "deny"]
_Name = Annotated[str, Field(max_length=256)]


class SessionPart(Document):
    """The session of a case. Without `tools` it may call those that its steps name."""

    tools: tuple[_Name, ...] | None = None
    task_type: _Name = ""
    residency: _Name = ""
    autonomy: Annotated[int, Field(ge=0, le=HIGHEST_AUTONOMY)] | None = None


class Want(Document):
    """What a step must come to. `payload` is what crosses: text, or the JSON value.

    `approvals` is how many people must agree, `expires` within which time, as rules.yaml writes it.
    """

    decision: Word
    rules: tuple[_Name, ...] | None = None
    reasons: tuple[_Name, ...] | None = None
    approvals: int | None = None
    expires: Duration | None = None
    payload: JsonValue = None

    @property
    def worst(self) -> Decision:
        """The decision as findings have it."""
        return Decision[self.decision.upper()]

    @property
    def tells_payload(self) -> bool:
        """Whether `payload` was given: null is a payload, too."""
        return "payload" in self.model_fields_set


class MessagePart(Document):
    """One message of a prompt."""

    role: _Name = "user"
    content: str


class LlmRequestPart(Document):
    """A prompt. As a plain string: one message of the user."""

    messages: tuple[MessagePart, ...]
    provider: _Name = ""
    model: _Name = ""
    max_output_tokens: Annotated[int, Field(ge=0)] = 0  # wanted where money or tokens are limited


class LlmOutputPart(Document):
    """What a model answered. As a plain string: its text."""

    text: str
    schema_name: Annotated[_Name, Field(alias="schema")] = ""
    provider: _Name = ""
    model: _Name = ""


class ToolCallPart(Document):
    """A call of a tool."""

    tool: _Name
    arguments: Mapping[str, JsonValue] = {}


class ToolResponsePart(Document):
    """What a tool answered: a string is text, any other value is JSON."""

    tool: _Name
    content: JsonValue


class A2aMessagePart(Document):
    """A message from or to another agent."""

    direction: Direction
    peer: _Name = ""
    message: Mapping[str, JsonValue]


class Step(Document):
    """One crossing: exactly one of the boundaries, and what is wanted of it."""

    user_input: str | None = None
    llm_request: LlmRequestPart | str | None = None
    llm_output: LlmOutputPart | str | None = None
    tool_call: ToolCallPart | None = None
    tool_response: ToolResponsePart | None = None
    a2a_message: A2aMessagePart | None = None
    want: Want | Word | None = None

    @model_validator(mode="after")
    def _one_boundary(self) -> Self:
        if len(self.model_fields_set - {"want"}) != 1:
            raise ValueError(f"expected exactly one of {', '.join(BOUNDARY_KEYS)}")
        return self

    @property
    def boundary(self) -> Boundary:
        """The boundary that is crossed."""
        return Boundary(next(iter(self.model_fields_set - {"want"})))

    @property
    def wanted(self) -> Want | None:
        """What is wanted, where anything is."""
        return Want(decision=self.want) if isinstance(self.want, str) else self.want

    @property
    def tool(self) -> str:
        """The tool that is called or answers; empty for other boundaries."""
        part = self.tool_call or self.tool_response
        return part.tool if part else ""


BOUNDARY_KEYS: Final = tuple(name for name in Step.model_fields if name != "want")


class Case(Document):
    """One case: `note` says in a sentence what must hold."""

    note: Annotated[str, Field(min_length=1, max_length=500)]
    session: SessionPart = SessionPart()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MAX_STEPS)]

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools that the case's session may call."""
        if self.session.tools is not None:
            return self.session.tools
        return tuple(dict.fromkeys(step.tool for step in self.steps if step.tool))


class CaseFile(Document):
    """One file of tests/."""

    cases: Annotated[tuple[Case, ...], Field(max_length=MAX_CASES)] = ()


def crossing(step: Step, session_id: str, at: float) -> Crossing:
    """Return the crossing that `step` makes, as the server would have it from the wire."""
    made = Crossing(boundary=step.boundary, session_id=session_id, at=at, tool=step.tool)
    if step.user_input is not None:
        return replace(made, body=step.user_input)
    if step.llm_request is not None:
        return _llm_request(made, step.llm_request)
    if step.llm_output is not None:
        return _llm_output(made, step.llm_output)
    if step.tool_call is not None:
        return replace(made, raw=_written(step.tool_call.arguments), is_json=True)
    if step.tool_response is not None:
        content = step.tool_response.content
        is_json = not isinstance(content, str)
        return replace(made, raw=_written(content), is_json=True) if is_json else replace(made, body=content)
    return made if step.a2a_message is None else _a2a_message(made, step.a2a_message)


def _a2a_message(made: Crossing, part: A2aMessagePart) -> Crossing:
    return replace(made, raw=_written(part.message), is_json=True, peer=part.peer, direction=part.direction)


def _llm_request(made: Crossing, part: LlmRequestPart | str) -> Crossing:
    if isinstance(part, str):
        return replace(made, body=[{"role": "user", "content": part}], is_json=True)
    body = [{"role": message.role, "content": message.content} for message in part.messages]
    most = part.max_output_tokens
    return replace(made, body=body, is_json=True, provider=part.provider, model=part.model, max_output_tokens=most)


def _llm_output(made: Crossing, part: LlmOutputPart | str) -> Crossing:
    if isinstance(part, str):
        return replace(made, body=part)
    made = replace(made, schema=part.schema_name, provider=part.provider, model=part.model)
    return replace(made, raw=part.text, is_json=True) if part.schema_name else replace(made, body=part.text)


def _written(value: JsonValue | Mapping[str, JsonValue]) -> str:
    return json.dumps(value, ensure_ascii=False)
