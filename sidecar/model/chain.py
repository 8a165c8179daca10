"""What a delegation proved: who acts for whom, within what, until when (identity-spec 2.2)."""

from dataclasses import dataclass
from enum import StrEnum

from sidecar.model.scope import Scope


class Assurance(StrEnum):
    """How sure it is that a hop acted. Only the first three may satisfy an allow rule."""

    ISSUER = "issuer"  # the issuer says it: outermost `act`
    PROVED = "proved"  # the hop signed a link
    BOUND = "bound"  # the hop's key is tied to a workload identity
    ASSERTED = "asserted"  # only another hop says it: inner `act`, `client_id` of a derived token


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One step of the delegation. Times are whole seconds since the epoch; `digest` is of the signing input.

    `issuer` made the token; `authority` gives such names as `actor` (RFC 8693's `act.iss`).
    """

    actor: str
    assurance: Assurance
    issuer: str
    token_id: str
    issued_at: int
    expires_at: int
    digest: str
    thumbprint: str = ""
    key_id: str = ""
    algorithm: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a session acts for and through whom: the root's subject, then the actors, the caller last."""

    subject: str
    issuer: str
    actors: tuple[str, ...]

    @property
    def agent(self) -> str:
        """The caller: the last actor, or the subject itself where nobody was delegated to."""
        return self.actors[-1] if self.actors else self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedChain:
    """A delegation that verified. Only `identity.verifier` makes one, so holding it is proof.

    `scope` is the meet over all hops, before the local policy. Times are whole seconds since the epoch.
    """

    profile: str
    principal: Principal
    hops: tuple[Hop, ...]
    scope: Scope
    not_before: int
    expires_at: int
    audience: frozenset[str]
    digest: str
    transaction: str = ""
    mission: str = ""
