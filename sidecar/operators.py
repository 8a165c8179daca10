"""Who an operator is.

Somebody whose token an issuer signed, if the settings name that person among the operators, else the user that the
kernel names for the process at the other end. Somebody who cannot be told is nobody.

One person may have several of these names: a user of this machine, and tokens of several issuers. Whoever counts
people has to know that, so the settings say which names are one person's, and that person is told by the first of them.
Once they say so of one user of this machine, other users are nobody.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import CallerError, EvidenceError
from sidecar.identity.verifier import Verifier
from sidecar.model.session import Peer
from sidecar.model.ticket import UID, ApprovalError, Approver

MAX_WORDS: Final = 4096  # characters of what an operator says about what is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Who speaks, as it came: an operator's token, and the process that the kernel names."""

    token: str = field(default="", repr=False)
    peer: Peer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorName:
    """One name of an operator: a token's issuer and subject, and the user id of the same person where it is told.

    Names with the same `person` are one person's; where it is empty the name stands alone.
    """

    issuer: str
    subject: str
    uid: int | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class Operators:
    """`known` are all names of operators; `verifier` gives that of the moment."""

    verifier: Callable[[], Verifier]
    known: tuple[OperatorName, ...] = ()

    def told(self, who: Answerer, at: float) -> Approver:
        """Return who speaks at `at` (seconds since the epoch). Raises `ApprovalError` approver_unknown."""
        if not who.token:
            if who.peer is None:
                message = "say who you are: by a ticket of the peer socket, or a token"
                raise ApprovalError(message, reason="approver_unknown")
            return self._user(who.peer.uid)
        try:
            chain = self.verifier().verify((who.token,), at)
        except EvidenceError:
            raise ApprovalError("the operator's token does not verify", reason="approver_unknown") from None
        person = chain.principal
        named = self._found(one for one in self.known if (one.issuer, one.subject) == (person.issuer, person.subject))
        if person.actors or chain.holder or named is None:
            message = "the token is not one of an operator: see approvals.operators"
            raise ApprovalError(message, reason="approver_unknown")
        return named

    def _user(self, uid: int) -> Approver:
        if named := self._found(one for one in self.known if one.uid == uid):
            return replace(named, by_kernel=True)
        if any(one.uid is not None for one in self.known):
            message = "this user of the machine is not one of an operator: see approvals.operators"
            raise ApprovalError(message, reason="approver_unknown")
        return Approver(str(uid), UID, by_kernel=True)

    def _found(self, names: Iterable[OperatorName]) -> Approver | None:
        """Return the person whom the first of `names` is of, None where there is none."""
        found = next(iter(names), None)
        if found is None:
            return None
        same = [one for one in self.known if one is found or (one.person and one.person == found.person)]
        return Approver(
            same[0].subject,
            same[0].issuer,
            names=frozenset(one.subject for one in same),
            users=frozenset(str(one.uid) for one in same if one.uid is not None),
        )


def check_words(words: str) -> None:
    """Raise `CallerError` for more words than an operator may say about what is done."""
    if len(words) > MAX_WORDS:
        raise CallerError(f"a reason has at most {MAX_WORDS} characters")
