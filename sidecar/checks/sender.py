"""Is the other agent the one it says it is, and may this session talk to it?

Inbound: the sender's own chain must verify here, and its current actor must be the peer that is named. What only
another hop asserts cannot satisfy this. Outbound: where the scope limits hosts, the peer must be a URL or a host name
within them; a peer whose host cannot be told is outside.
"""

from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from sidecar.checks.base import Known, Ports
from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.holders.peers import PeerRule, check_workload
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.presenters import Presenters
from sidecar.identity.holders.proofs import IF_BOUND, Presented
from sidecar.identity.issuers.renewal import Renewed, not_renewed
from sidecar.identity.trust import MissingKeyError
from sidecar.identity.verifier import Verifier
from sidecar.model.atoms import covered, is_plain_host
from sidecar.model.chain import Assurance, VerifiedChain
from sidecar.model.crossing import Crossing, Direction
from sidecar.model.scope import Scope
from sidecar.model.throttle import Throttle, throttle
from sidecar.model.verdict import Answer, allow, deny
from sidecar.protocols.a2a.authz import MESSAGE_TOOL, message_in
from sidecar.stores.base import Proofs, Revocations

UNKNOWN: Final[tuple[float, str, tuple[PeerRule, ...]]] = (0.0, IF_BOUND, ())
SURE: Final = frozenset({Assurance.ISSUER, Assurance.PROVED, Assurance.BOUND})


def build(ports: Ports) -> "SenderCheck":
    """Return the check over `ports.verifier`, what is revoked, and `ports.proofs`."""
    known, revocations = ports.known, ports.stores.revocations
    return SenderCheck(ports.verifier, revocations, ports.proofs, ports.renewed, known, known.throttle)


@dataclass(frozen=True, slots=True)
class SenderCheck:
    """Denies a message whose sender is not proven, and one to a host beyond the scope."""

    verifier: Verifier
    revocations: Revocations
    proofs: Proofs
    renewed: Renewed = not_renewed
    known: Known | None = None
    failures: Throttle = field(default_factory=throttle)
    name: str = "sender"

    async def __call__(self, crossing: Crossing) -> Answer:
        match crossing.direction:
            case Direction.INBOUND:
                return await self._inbound(crossing)
            case Direction.OUTBOUND:
                return self._outbound(crossing.proven.scope, crossing.peer)
            case _:
                return deny(self.name, "direction_missing", "say whether the message comes in or goes out")

    async def _inbound(self, crossing: Crossing) -> Answer:
        try:
            chain = await self._heard(crossing)
        except EvidenceError as error:
            message = "the sender's chain did not verify: have it send one that does"
            return deny(self.name, "sender_unverified", message, detail=error.reason)
        if reason := self.revocations.reason(chain, crossing.at):
            message = "the sender's chain was revoked: have it get a new token"
            return deny(self.name, "sender_unverified", message, detail=reason)
        if not crossing.peer or chain.principal.agent != crossing.peer:
            return deny(
                self.name,
                "sender_mismatch",
                "the sender is not who its chain proves: name that one",
            )
        if not is_sure(chain):
            message = "only another hop says who the sender is: have it send a token that its issuer names it in"
            return deny(self.name, "sender_unverified", message)
        return allow(self.name, replace(crossing, sender=chain))

    async def _heard(self, crossing: Crossing) -> VerifiedChain:
        """Return what the sender's tokens prove, unless too many in this session did not; step 5 of 2.6.

        Raises `TokenError`.
        """
        if self.failures.exhausted(crossing.proven.id, crossing.at):
            raise TokenError("too many senders' credentials in this session did not verify: wait", reason="limit_rate")
        try:
            return await self._proved(crossing)
        except EvidenceError:
            self.failures.failed(crossing.proven.id, crossing.at)
            raise

    async def _proved(self, crossing: Crossing) -> VerifiedChain:
        """Return what the sender's tokens prove, with their proofs, which count once. Raises `TokenError`.

        A chain that is bound to a key needs one, as it does in OpenSession: who has read it is not who it speaks of.
        A workload that shows itself as the sender must be the chain's current actor.
        """
        try:
            held = self._presented(self.verifier, crossing)
        except MissingKeyError as missing:  # a fetch may bring it: try once more
            verifier = await self.renewed(missing)
            if verifier is None:
                raise
            held = self._presented(verifier, crossing)
        for proof in held.proofs:
            await self.proofs.take(proof.thumbprint, proof.token_id, proof.until, crossing.at)
        check_workload(held, self.known.peers if self.known else ())
        return held

    def _presented(self, verifier: Verifier, crossing: Crossing) -> VerifiedChain:
        since, demand, peers = (self.known.since, self.known.demand, self.known.peers) if self.known else UNKNOWN
        expected = Expected(
            audiences=verifier.audiences,
            tool=MESSAGE_TOOL,
            arguments=message_in(crossing.body),
            since=since,
        )
        chain = verifier.verify(crossing.tokens, crossing.at, from_agent=True)
        presenters = Presenters(by=verifier, demand=demand, peers=peers)
        return presenters.proven(chain, Presented(crossing.tokens, crossing.proof), expected, crossing.at)

    def _outbound(self, scope: Scope, peer: str) -> Answer:
        if scope.egress is None or is_within(peer, scope.egress):
            return allow(self.name)
        return deny(
            self.name, "egress_denied", "the session's scope does not hold this peer's host: use one that it holds"
        )


def is_sure(chain: VerifiedChain) -> bool:
    """Return whether more than another hop's word stands for the current actor (identity-spec 2.2)."""
    return bool(chain.hops) and chain.hops[-1].assurance in SURE


def is_within(peer: str, egress: frozenset[str]) -> bool:
    """Return whether `peer`, a URL or a host name, is on a host that `egress` covers."""
    host = host_of(peer)
    return bool(host) and covered(host, egress)


def host_of(peer: str) -> str:
    """Return the host that `peer` names; empty where different readers could see different ones.

    A URL with user information, a backslash, white space or an upper-case host is refused, not repaired.
    """
    if is_plain_host(peer):
        return peer
    if not peer.isascii() or not peer.isprintable() or any(mark in peer for mark in " \\@"):
        return ""
    try:
        parts = urlsplit(peer)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return ""
    host = parts.netloc.rpartition(":")[0] or parts.netloc
    return host if parts.scheme and is_plain_host(host) else ""
