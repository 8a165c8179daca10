"""What a chat tool is told of a request for a person's consent: that there is one, and what became of it.

Facts that anybody may read: no arguments, no subject, nobody who decided. A notice says nothing that it could be
answered with: whoever decides does so at the control socket, as an operator. Its id is the same each time that it is
sent, so that who gets it twice can tell; its signature is over the time of sending and the very octets.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.model.strict_json import Json
from sidecar.model.ticket import Ticket

SIGNATURE: Final = "sidecar-signature"  # headers
ID: Final = "sidecar-notice-id"
REQUESTED: Final = "approval.requested"  # types
CHANGED: Final = "approval.changed"
SHOWN_S: Final = 3600.0  # after its end for which it is worth telling what became of a request
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 300.0
_DOUBLINGS: Final = 16  # beyond which the longest wait is reached anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice, as it is sent. It is given up at `until`; `due` is when to try next, after `tries` that failed."""

    id: str
    body: str = field(repr=False)
    until: float
    due: float
    tries: int = 0


def notice_of(ticket: Ticket, at: float) -> Notice:
    """Return the notice of `ticket` as it stands at `at` (seconds since the epoch)."""
    decisions = len(ticket.decided_at)
    kind = CHANGED if decisions else REQUESTED
    id_ = f"{ticket.id}.{decisions}"
    actors = ticket.principal.actors
    why: list[Json] = [
        {"check": one.check, "message": one.message, "reason": one.reason, "rule": one.rule} for one in ticket.findings
    ]
    body: Json = {
        "approval": {
            "agent": actors[-1] if actors and actors[-1] != ticket.principal.subject else "",
            "answers": decisions,
            "digest": ticket.digest,
            "expires_at": int(ticket.expires_at),
            "id": ticket.id,
            "needed": ticket.needed,
            "requested_at": int(ticket.requested_at),
            "session": ticket.session_id,
            "state": ticket.state(at).name.lower(),
            "tool": ticket.tool,
            "why": why,
        },
        "at": int(at),
        "id": id_,
        "type": kind,
    }
    until = ticket.expires_at + (SHOWN_S if decisions else 0.0)
    return Notice(id=id_, body=json.dumps(body, separators=(",", ":"), sort_keys=True), until=until, due=at)


def signature(secrets: Sequence[bytes], body: bytes, at: float) -> str:
    """Return the header that vouches for `body`, sent at `at`: the time, and one `v1` for each of the secrets."""
    moment = int(at)
    signed = f"{moment}.".encode() + body
    marks = [f"v1={hmac.new(secret, signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={moment}", *marks])


def wait_s(tries: int, drawn: float) -> float:
    """Return how long to wait after so many failures, at least one: twice as long each time; `drawn` is from 0 to 1.

    A half of it is drawn, so that many who wait for one server do not come back at once.
    """
    whole = min(FIRST_WAIT_S * float(2 ** min(tries - 1, _DOUBLINGS)), LONGEST_WAIT_S)
    return whole / 2 + whole / 2 * drawn
