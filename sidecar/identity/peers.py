"""Is the process that connected the one that the credential speaks of? (identity-spec 2.6 G).

A form-A token names the caller in the issuer's own words; it must be an agent that this process may be. In a linked
chain only a key is proven, and the name that a delegator gave to it is anybody's: there the operator must have tied
the key to the process.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sidecar.errors import TokenError
from sidecar.identity.trust import FORM_B
from sidecar.model.chain import Assurance, VerifiedChain
from sidecar.model.session import Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRule:
    """Who may act as which agent. What is None or empty is not asked for.

    `key` is the thumbprint (RFC 7638) of the agent's own key: it ties the key to the agent's name, too.
    """

    uid: int | None = None
    gid: int | None = None
    agent: str = ""
    key: str = ""

    def holds(self, peer: Peer) -> bool:
        """Return whether the rule is about `peer`."""
        return self.uid in {None, peer.uid} and self.gid in {None, peer.gid}


def check_peer(chain: VerifiedChain, peer: Peer | None, rules: Sequence[PeerRule]) -> None:
    """Return where `peer` may act as the last actor of `chain`; steps 36 and 37. Without rules anybody may.

    Raises `TokenError` peer_unauthenticated, act_peer_mismatch or peer_key_unbound.
    """
    if not rules:
        return
    if peer is None:
        message = "say who you are: fetch a ticket from the peer socket, and send it with OpenSession"
        raise TokenError(message, reason="peer_unauthenticated")
    about = [rule for rule in rules if rule.holds(peer)]
    if chain.profile != FORM_B:
        if all(rule.agent not in {"", chain.principal.agent} for rule in about):
            raise TokenError("the token names another agent than this process may be", reason="act_peer_mismatch")
        return
    if not any(_binds(rule, chain) or not (rule.agent or rule.key) for rule in about):
        message = "the chain's last key is not tied to this process: configure it in identity.peers"
        raise TokenError(message, reason="peer_key_unbound")


def bound(chain: VerifiedChain, rules: Sequence[PeerRule]) -> VerifiedChain:
    """Return `chain` with its last hop `bound` where its key is proven, and a rule gives that key this very name."""
    last = chain.hops[-1]
    weak = last.assurance in {Assurance.ASSERTED, Assurance.PROVED}
    named = any(_binds(rule, chain) and rule.agent for rule in rules)
    if chain.profile != FORM_B or chain.proof is None or not weak or not named:
        return chain
    return replace(chain, hops=(*chain.hops[:-1], replace(last, assurance=Assurance.BOUND)))


def _binds(rule: PeerRule, chain: VerifiedChain) -> bool:
    """Return whether `rule` is about the chain's last key, and about no other name than it has there."""
    return bool(rule.key) and rule.key == chain.hops[-1].thumbprint and rule.agent in {"", chain.principal.agent}
