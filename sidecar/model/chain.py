"""What a delegation proved: who acts for whom, within what, until when (identity-spec 2.2)."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sidecar.model.scope import Scope


class Assurance(StrEnum):
    """How sure it is that a hop acted. Only the first three may satisfy an allow rule."""

    ISSUER = "issuer"  # the issuer says it: outermost `act`
    PROVED = "proved"  # the hop signed a link
    BOUND = "bound"  # the hop's key is tied to a workload identity
    ASSERTED = "asserted"  # only another hop says it: inner `act`, `client_id` of a derived token


_KNOWN: Final = frozenset({Assurance.ISSUER, Assurance.BOUND})  # names that nobody can give who delegates


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One step of the delegation. Times are whole seconds since the epoch; `digest` is of the signing input.

    `issuer` made the token; `authority` gives such names as `actor` (RFC 8693's `act.iss`). `thumbprint` is of the key
    that the token is bound to, `signed_with` of the key that signed it (RFC 7638).
    `ceilings` are what the token lets be spent in all, by unit (`model.spending`).
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
    signed_with: str = ""
    ceilings: Mapping[str, int] = field(default_factory=dict)


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
class Confirmation:
    """The key that a credential is bound to (RFC 7800), by one of two names; the other is empty.

    `thumbprint` is a key's (RFC 7638), `certificate` the SHA-256 of a client certificate in base64url (RFC 8705).
    `key` is the public key where the credential holds it; what it is, is for `identity` to know.
    """

    thumbprint: str = ""
    certificate: str = ""
    key: object = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof of possession that held. It counts once: take it from the store `Proofs` before what it opens.

    `thumbprint` is of the key that signed, `token_id` the proof's own id. It is remembered until `until`, in seconds
    since the epoch; afterwards it is too old for anybody.
    """

    thumbprint: str
    token_id: str = field(repr=False)
    issued_at: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The workload that presents a credential, as its platform names it; only `identity` makes one.

    `authority` gave the name and signed with the key `signed_with` (RFC 7638; `key_id` as it calls it). `thumbprint`
    is of the workload's own key, and `proof` what it proved with it; none where its token is bound to no key.
    """

    name: str
    authority: str
    key_id: str = ""
    signed_with: str = ""
    thumbprint: str = ""
    proof: Proof | None = None

    @property
    def is_named_by_itself(self) -> bool:
        """Whether the name says whose it is: a SPIFFE ID within the trust domain that vouches for it."""
        return self.authority.startswith("spiffe://") and self.name.startswith(self.authority + "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedChain:
    """A delegation that verified. Only `identity.verifier` makes one, so holding it is proof.

    `scope` is the meet over all hops, before the local policy. Times are whole seconds since the epoch. `holder` is
    the key that the credential is bound to, and `proof` what its holder proved, once `identity.proofs` saw it.
    `workload` is who presents it, where that was shown by a token of its own.
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
    trust_generation: int = 0
    holder: Confirmation | None = None
    proof: Proof | None = None
    workload: Workload | None = None

    @property
    def above(self) -> tuple[str, ...]:
        """Return the agents above the caller where only they name it, the first delegate first; else nothing.

        Of such names there is no end, and each may be another agent's: what is counted by names counts those above.
        """
        return () if self.hops[-1].assurance in _KNOWN else self.principal.actors[:-1]

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """Return all that was proven; each counts once."""
        shown = self.workload.proof if self.workload else None
        return tuple(proof for proof in (self.proof, shown) if proof is not None)


def chain_digest(digests: Iterable[str]) -> str:
    """Return the SHA-256 over the tokens' digests, each with its length before it, as hexadecimal digits."""
    return hashlib.sha256(b"".join(f"{len(one)}:{one}".encode() for one in digests)).hexdigest()
