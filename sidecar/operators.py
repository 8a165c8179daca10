"""Who an operator is.

Somebody whose token an issuer signed, if the settings name that person among the operators, else the user that the
kernel names for the process at the other end. Somebody who cannot be told is nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sidecar.errors import EvidenceError
from sidecar.identity.verifier import Verifier
from sidecar.model.session import Peer
from sidecar.model.ticket import UID, ApprovalError, Approver

MAX_WORDS: Final = 4096  # characters of what an operator says about what is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Who speaks, as it came: an operator's token, and the process that the kernel names."""

    token: str = field(default="", repr=False)
    peer: Peer | None = None


@dataclass(frozen=True, slots=True)
class Operators:
    """`known` are pairs of issuer and subject; `verifier` gives that of the moment."""

    verifier: Callable[[], Verifier]
    known: frozenset[tuple[str, str]] = frozenset()

    def told(self, who: Answerer, at: float) -> Approver:
        """Return who speaks at `at` (seconds since the epoch). Raises `ApprovalError` approver_unknown."""
        if not who.token:
            if who.peer is None:
                message = "say who you are: by a ticket of the peer socket, or a token"
                raise ApprovalError(message, reason="approver_unknown")
            return Approver(str(who.peer.uid), UID)
        try:
            chain = self.verifier().verify((who.token,), at)
        except EvidenceError:
            raise ApprovalError("the operator's token does not verify", reason="approver_unknown") from None
        person = chain.principal
        if person.actors or chain.holder or (person.issuer, person.subject) not in self.known:
            message = "the token is not one of an operator: see approvals.operators"
            raise ApprovalError(message, reason="approver_unknown")
        return Approver(person.subject, person.issuer)
