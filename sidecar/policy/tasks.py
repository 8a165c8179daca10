"""A pack's tasks.yaml: the types of tasks, and what a session that is opened for one may do at most.

A type narrows: the session gets the meet of its token, the agent's own policy and this, and what it asks for beyond it
is refused. `tools` are those of a scope: names, each with constraints on its arguments and how often it may be called.
Of several packs that know one type, each narrows it.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, field_validator

from sidecar.errors import ScopeError
from sidecar.model.account import CALLS
from sidecar.model.scope import HIGHEST_AUTONOMY, Scope, meet, parse
from sidecar.model.strict_json import Json
from sidecar.model.task import TaskType, TaskTypes
from sidecar.policy.document import Document
from sidecar.policy.files import ToolName, seconds

MAX_TYPES: Final = 1_000  # per pack
MAX_TOOLS: Final = 256  # of one type, as of one scope
MAX_CALLS: Final = 1_000_000

_TypeName = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f]{1,128}$")]
_Grant = Mapping[str, JsonValue]


class TaskPart(Document):
    """One type of task. `calls` are of all tools together; what is not said is not limited by it."""

    tools: Annotated[Mapping[ToolName, _Grant], Field(min_length=1, max_length=MAX_TOOLS)]
    calls: Annotated[int, Field(ge=1, le=MAX_CALLS)] | None = None
    autonomy: Annotated[int, Field(ge=0, le=HIGHEST_AUTONOMY)] | None = None
    max_lifetime: str | None = None

    @field_validator("tools")
    @classmethod
    def _granted(cls, value: Mapping[str, _Grant]) -> Mapping[str, _Grant]:
        try:
            parse({"tools": dict(value)})
        except ScopeError as error:
            raise ValueError(f"{error} ({error.path})" if error.path else str(error)) from None
        return value

    @field_validator("max_lifetime")
    @classmethod
    def _lasts(cls, value: str | None) -> str | None:
        if value is not None and seconds(value) <= 0:
            raise ValueError("expected more than no time")
        return value

    @property
    def type(self) -> TaskType:
        """The type of task that this is."""
        written: dict[str, Json] = {"tools": dict(self.tools)}
        if self.calls is not None:
            written["budgets"] = {CALLS: self.calls}
        if self.autonomy is not None:
            written["autonomy"] = self.autonomy
        return TaskType(
            scope=parse(written), lifetime_s=inf if self.max_lifetime is None else seconds(self.max_lifetime)
        )


class TasksFile(Document):
    """tasks.yaml. `unknown_tasks` is what happens to a session for a type that no pack knows, or for none."""

    unknown_tasks: Literal["as_granted", "deny"] = "as_granted"
    tasks: Annotated[Mapping[_TypeName, TaskPart], Field(max_length=MAX_TYPES)] = {}

    @property
    def named_tools(self) -> list[tuple[tuple[str | int, ...], str]]:
        """The tools that are named, each with its place."""
        return [(("tasks", name, "tools", tool), tool) for name, part in self.tasks.items() for tool in part.tools]


def combine(files: Sequence[TasksFile]) -> TaskTypes:
    """Return the sum of all packs: never wider than any of them."""
    known: dict[str, TaskType] = {}
    for file in files:
        for name, part in file.tasks.items():
            known[name] = _both(known[name], part.type) if name in known else part.type
    return TaskTypes(known=known, only_known=any(file.unknown_tasks == "deny" for file in files))


def _both(one: TaskType, other: TaskType) -> TaskType:
    scope: Scope = meet(one.scope, other.scope)
    return TaskType(scope=scope, lifetime_s=min(one.lifetime_s, other.lifetime_s))
