"""Does the task go on for those it began for?

A task keeps the principal that it started with (identity-spec 2.17): a message that names a task or a context which was
seen under another one would carry one person's work into another's session. Both our own session's principal and,
inbound, the sender's must be the same as before.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from sidecar.checks.base import Ports
from sidecar.model.chain import Principal
from sidecar.model.crossing import Crossing
from sidecar.model.strict_json import compact
from sidecar.model.verdict import Answer, allow, deny
from sidecar.protocols.a2a.reading import Content, content
from sidecar.stores.base import Sightings

REMEMBERED: Final = 86_400.0  # seconds after the last message of a task


def build(ports: Ports) -> "TaskCheck":
    """Return the check over the tasks that were seen."""
    return TaskCheck(ports.known.sightings)


@dataclass(frozen=True, slots=True)
class TaskCheck:
    """Denies a message of a task or a context that another principal began."""

    sightings: Sightings
    name: str = "task"

    async def __call__(self, crossing: Crossing) -> Answer:
        said = content(crossing.body)
        if not said.task_ids and not said.context_ids:
            return allow(self.name)
        parties = [("session", crossing.proven.principal)]
        if crossing.sender is not None:
            parties.append(("sender", crossing.sender.principal))
        for party, principal in parties:
            names = _names(party, crossing.peer, said)
            if not await self.sightings.pin(names, _owner(principal), crossing.at + REMEMBERED, crossing.at):
                message = "the task or context began for another principal: begin a new one"
                return deny(self.name, "session_principal_changed", message)
        return allow(self.name)


def _names(party: str, peer: str, said: Content) -> list[str]:
    """Return what tasks and contexts are remembered by: ids are the peer's own, and another's may be the same."""
    ids = [("task", each) for each in said.task_ids] + [("context", each) for each in said.context_ids]
    return [_digest(party, peer, kind, each) for kind, each in ids]


def _owner(principal: Principal) -> str:
    return _digest(principal.issuer, principal.subject)


def _digest(*words: str) -> str:
    return hashlib.sha256(compact(words).encode("utf-8", "surrogatepass")).hexdigest()
