"""Is there an open session behind this crossing?

Every row begins with this check: it attaches the session that all later checks judge by. A session lives as long as
the keys that vouch for it: one that its issuer has taken back ends it at once.
"""

from dataclasses import dataclass, replace

from sidecar.checks.base import Ports
from sidecar.errors import SessionError
from sidecar.identity.trust import TrustStore
from sidecar.model.crossing import Crossing
from sidecar.model.verdict import Answer, allow, deny
from sidecar.stores.base import Sessions


def build(ports: Ports) -> "SessionCheck":
    """Return the check over `ports.sessions` and the keys that are trusted now."""
    return SessionCheck(ports.sessions, ports.verifier.trust)


@dataclass(frozen=True, slots=True)
class SessionCheck:
    """Denies without an open session that has not expired; a store that cannot answer raises, which denies too."""

    sessions: Sessions
    trust: TrustStore
    name: str = "session"

    async def __call__(self, crossing: Crossing) -> Answer:
        try:
            session = await self.sessions.get(crossing.session_id, crossing.at)
        except SessionError as error:
            return deny(self.name, error.reason, str(error))
        if reason := self.trust.lost(session.chain):
            return deny(self.name, reason, "a key behind this session is not trusted now: open one with a new token")
        return allow(self.name, replace(crossing, session=session))
