"""What is recorded when an operator moves an agent to another level: which agent, from where to where, and by whom."""

from dataclasses import dataclass
from typing import Final

from sidecar.audit.record import Entry, Recorder
from sidecar.model.autonomy import Agent
from sidecar.model.chain import Principal
from sidecar.model.strict_json import Json
from sidecar.model.ticket import Approver
from sidecar.model.verdict import Decision, Finding

SET: Final = "set_autonomy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move by hand. `is_known` is whether the agent has acted here, so that its name is a workload's."""

    agent: Agent
    before: int
    after: int
    by: Approver
    at: float
    words: str = ""
    is_known: bool = False


def moved_by_hand(recorder: Recorder, move: Move, findings: tuple[Finding, ...]) -> Entry:
    """Return the entry of `move`. The operator, the words and an agent that nobody has seen stand as digests."""
    names = recorder.pseudonyms
    agents = (*move.agent.above, move.agent.name)
    actors = agents if move.is_known else tuple(map(names.subject, agents))
    details: dict[str, Json] = {
        "approver": names.subject(str(move.by)),
        "after": move.after,
        "before": move.before,
        "issuer": names.unknown(move.agent.issuer),
    }
    if move.agent.task_type:
        details["task_type"] = names.unknown(move.agent.task_type)
    if move.words:
        details["words"] = names.masked("words", move.words)
    return Entry(
        at=move.at,
        boundary=SET,
        principal=Principal(subject="", issuer="", actors=actors),
        decision=Decision.ALLOW,
        findings=findings,
        policy_version=recorder.policy_version,
        details=details,
    )
