"""May this token open one more session?

What a session was told, its labels and its facts are its own, and end with it: a taken-over agent that holds the token
could begin anew with a session that has heard nothing. Where the settings say how many sessions one root token may
open, they are counted here, over restarts too, with parts of sessions and sub-agents' sessions: all stand on it.
"""

from typing import Final

from sidecar.errors import SessionError
from sidecar.model.account import Account, Debit
from sidecar.model.limits import FOREVER
from sidecar.model.session import Session
from sidecar.stores.ports_ledger import Ledger

KIND: Final = "root"  # of account
UNIT: Final = "sessions"
REASON: Final = "sessions_exhausted"


async def admitted(ledger: Ledger, session: Session, most: int, at: float) -> None:
    """Count `session`, which is about to be opened, among the `most` of its root token; 0: as many as it likes.

    Raises `SessionError` sessions_exhausted.
    """
    if not most:
        return
    root = session.chain.hops[0]
    until = float(root.expires_at) or FOREVER
    if await ledger.spend([Debit(Account(KIND, root.digest), UNIT, 1, most, until)], at):
        message = "this token has opened as many sessions as it may: go on in an open one, or get a new token"
        raise SessionError(message, reason=REASON)
