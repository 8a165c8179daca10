"""Is there an open session behind this crossing?

Every row begins with this check: it attaches the session that all later checks judge by. A session lives as long as
the keys that vouch for it: one that its issuer has taken back ends it at once. One whose chain is revoked was ended
when that happened; if it was being opened at that moment it is found here, for the epoch has moved.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final

from sidecar.checks.base import Ports
from sidecar.errors import SessionError
from sidecar.identity.trust import TrustStore
from sidecar.model.autonomy import Agent, Ladder
from sidecar.model.chain import Principal
from sidecar.model.crossing import Crossing
from sidecar.model.scope import HIGHEST_AUTONOMY
from sidecar.model.session import Session
from sidecar.model.verdict import Answer, allow, deny
from sidecar.stores.base import Revocations, Sessions, Standings

_MANY: Final = 4096  # of those who called last it is known whose standings count


def build(ports: Ports) -> "SessionCheck":
    """Return the check over the open sessions, what is revoked, and the keys that are trusted now."""
    stores = ports.stores
    autonomy = alone(stores.standings, ports.policy.autonomy)
    return SessionCheck(stores.sessions, stores.revocations, ports.verifier.trust, autonomy)


def ceiling(session: Session) -> int:
    """Return how much the delegation lets a session do alone, 0 to 4; where it does not say, 4."""
    return HIGHEST_AUTONOMY if session.scope.autonomy is None else session.scope.autonomy


def alone(standings: Standings, ladder: Ladder | None) -> Callable[[Session], int]:
    """Return what tells how much a session may do alone: what its agent has earned, never above its ceiling."""
    return partial(_within, standings, ladder) if ladder else ceiling


def _within(standings: Standings, ladder: Ladder, session: Session) -> int:
    return min(ceiling(session), _earned(standings, ladder, session))


def _earned(standings: Standings, ladder: Ladder, session: Session) -> int:
    """Return what the agent has earned, and no more than those have left who fell below where all begin."""
    acts, *others = _counted(session.principal, session.task_type, session.chain.above)
    fallen = [level for one in others if (level := standings.level(one, ladder, session.opened_at)) < ladder.start]
    return min([standings.level(acts, ladder, session.opened_at), *fallen])


@lru_cache(_MANY)
def _counted(who: Principal, task_type: str, above: tuple[str, ...]) -> tuple[Agent, ...]:
    """Return the agent that acts for `who`, and those of whom it matters whether they fell.

    They are the agents above it, whoever its name is known to be, and all that its first delegate has below it
    together: else whoever lost its level would go on through a sub-agent with a new name.
    """
    acts, names = Agent(issuer=who.issuer, name=who.agent, task_type=task_type, above=above), who.actors
    others = [replace(acts, name=name, above=()) for name in (names if above else names[:-1])]
    if kin := acts.kin:
        others += [kin, *(replace(acts, name=names[depth], above=names[:depth]) for depth in range(1, len(above)))]
    return acts, *others


@dataclass(frozen=True, slots=True)
class SessionCheck:
    """Denies without an open session that has neither expired nor been revoked.

    A store that cannot answer raises, which denies too.
    """

    sessions: Sessions
    revocations: Revocations
    trust: TrustStore
    autonomy: Callable[[Session], int] = ceiling
    name: str = "session"

    async def __call__(self, crossing: Crossing) -> Answer:
        try:
            session = await self.sessions.get(crossing.session_id, crossing.at)
        except SessionError as error:
            return deny(self.name, error.reason, str(error))
        if reason := self.trust.lost(session.chain):
            return deny(self.name, reason, "a key behind this session is not trusted now: open one with a new token")
        if session.revocation_epoch != self.revocations.epoch:
            reason = self.revocations.reason(session.chain, crossing.at)
            if reason:
                return deny(self.name, reason, "what the session stands on was revoked: get a new token")
        return allow(self.name, crossing.behind(session, self.autonomy(session)))
