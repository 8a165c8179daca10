"""What a task of one type needs at most: whatever a session's token grants, it gets no more than that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from sidecar.errors import ScopeError
from sidecar.model.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskType:
    """One type of task: the scope that its sessions stay within, and how many seconds they last at most."""

    scope: Scope
    lifetime_s: float = inf


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTypes:
    """All types that are known. `only_known`: no session is opened for a type that is not, nor for none."""

    known: Mapping[str, TaskType] = field(default_factory=dict)
    only_known: bool = False

    def of(self, name: str) -> TaskType | None:
        """Return the type of this name, None where nothing is said of it. Raises `ScopeError` task_type_unknown."""
        found = self.known.get(name)
        if found is None and self.only_known:
            message = "no rule pack knows this type of task: open the session with a task_type that is known"
            raise ScopeError(message, reason="task_type_unknown")
        return found
