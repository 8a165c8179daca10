"""How a ticket is written in the state file, and read back."""

import json
from dataclasses import asdict
from typing import Final

from sidecar.model.autonomy import Agent
from sidecar.model.chain import Principal
from sidecar.model.ticket import Approver, Ticket
from sidecar.model.verdict import Decision, Finding, Severity

_FINDING: Final = ("check", "reason", "message", "rule", "path", "detail")


def written(ticket: Ticket) -> bytes:
    """Return `ticket` as octets."""
    body = {
        **{name: getattr(ticket, name) for name in _PLAIN},
        "principal": asdict(ticket.principal),
        "agent": asdict(ticket.agent) if ticket.agent else None,
        "findings": [_finding(one) for one in ticket.findings],
        "approved_by": [[one.name, one.authority] for one in ticket.approved_by],
        "decided_at": ticket.decided_at,
        "rejected_by": [ticket.rejected_by.name, ticket.rejected_by.authority] if ticket.rejected_by else None,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def restored(octets: bytes) -> Ticket:
    """Return the ticket that `written` wrote. Raises `ValueError` for anything else."""
    try:
        body = json.loads(octets)
        who = body["principal"]
        return Ticket(
            **{name: body[name] for name in _PLAIN},
            principal=Principal(subject=who["subject"], issuer=who["issuer"], actors=tuple(who["actors"])),
            agent=_agent(body.get("agent")),
            findings=tuple(_read(one) for one in body["findings"]),
            approved_by=tuple(Approver(*one) for one in body["approved_by"]),
            rejected_by=Approver(*body["rejected_by"]) if body["rejected_by"] else None,
            decided_at=tuple(body["decided_at"]),
        )
    except (KeyError, TypeError):
        raise ValueError("not a ticket") from None


_PLAIN: Final = (
    "id",
    "bound",
    "digest",
    "session_id",
    "tool",
    "requested_at",
    "expires_at",
    "shown",
    "needed",
    "opener",
    "used",
)


def _agent(body: dict[str, str | list[str]] | None) -> Agent | None:
    """Return the agent that `body` tells of; None where an older version wrote the ticket."""
    if body is None:
        return None
    issuer, name, task_type = (str(body[member]) for member in ("issuer", "name", "task_type"))
    return Agent(issuer=issuer, name=name, task_type=task_type, above=tuple(body["above"]))


def _finding(one: Finding) -> dict[str, object]:
    plain = {name: getattr(one, name) for name in _FINDING}
    return {
        **plain,
        "decision": int(one.decision),
        "severity": int(one.severity),
        "controls": list(one.controls),
    }


def _read(body: dict[str, object]) -> Finding:
    controls = body["controls"]
    if not isinstance(controls, list):
        raise TypeError
    check, reason, message, rule, path, detail = (str(body[name]) for name in _FINDING)
    return Finding(
        check=check,
        reason=reason,
        message=message,
        rule=rule,
        path=path,
        detail=detail,
        decision=Decision(int(str(body["decision"]))),
        severity=Severity(int(str(body["severity"]))),
        controls=tuple(str(one) for one in controls),
    )
