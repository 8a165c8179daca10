"""Is whoever asks the one that the credential speaks of? (identity-spec 2.6 G).

Who asks is a process on the socket, by the kernel's word, or a workload, by its platform's. A form-A token names the
caller in the issuer's own words; it must be an agent that this process may be. In a linked chain only a key is proven,
and the name that a delegator gave to it is anybody's: there the operator must have tied the key to the process, or the
platform the key to the workload.

A workload that was shown is held to be the current actor, whatever the rules say: by its own name, if that says whose
it is or the credential names the same authority, or by a rule that gives it the actor's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sidecar.errors import TokenError
from sidecar.identity.keys import THUMBPRINT_URI
from sidecar.identity.trust import FORM_B
from sidecar.model.chain import Assurance, VerifiedChain, Workload
from sidecar.model.session import Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRule:
    """Who may act as which agent. What is None or empty is not asked for.

    `key` is the thumbprint (RFC 7638) of the agent's own key: it ties the key to the agent's name, too. `workload` is
    the name that a platform gives, and `issuer` the platform.
    """

    uid: int | None = None
    gid: int | None = None
    agent: str = ""
    key: str = ""
    workload: str = ""
    issuer: str = ""

    def holds(self, peer: Peer | None, shown: Workload | None = None) -> bool:
        """Return whether the rule is about who asks: `peer`, and the workload that it showed itself to be."""
        process = (peer.uid, peer.gid) if peer else (None, None)
        return self.uid in {None, process[0]} and self.gid in {None, process[1]} and self.is_about(shown)

    def is_about(self, shown: Workload | None) -> bool:
        """Return whether the rule asks for no workload, or for this one. A name alone must say whose it is."""
        if not self.workload and not self.issuer:
            return True
        if shown is None or self.workload not in {"", shown.name}:
            return False
        return self.issuer == shown.authority if self.issuer else shown.is_named_by_itself


def check_peer(chain: VerifiedChain, peer: Peer | None, rules: Sequence[PeerRule]) -> None:
    """Return where `peer` may act as the last actor of `chain`; steps 36 and 37. Without rules anybody may.

    Raises `TokenError` peer_unauthenticated, act_peer_mismatch or peer_key_unbound.
    """
    check_workload(chain, rules)
    if not rules:
        return
    shown = chain.workload
    if peer is None and shown is None:
        message = "say who you are: fetch a ticket from the peer socket, and send it with OpenSession"
        raise TokenError(message, reason="peer_unauthenticated")
    about = [rule for rule in rules if rule.holds(peer, shown)]
    if chain.profile != FORM_B:
        if all(rule.agent not in {"", chain.principal.agent} for rule in about):
            raise TokenError("the token names another agent than this process may be", reason="act_peer_mismatch")
        return
    if not any(_binds(rule, chain) or _is_free(rule, chain) for rule in about):
        message = "the chain's last key is not tied to this process: configure it in identity.peers"
        raise TokenError(message, reason="peer_key_unbound")


def check_workload(chain: VerifiedChain, rules: Sequence[PeerRule]) -> None:
    """Return where the workload that was shown, if any, is the current actor of `chain`, and holds its key; step 37.

    Raises `TokenError` act_peer_mismatch, or peer_key_unbound where a WIT names another key than the last link.
    """
    shown = chain.workload
    if shown is None:
        return
    if chain.profile == FORM_B and shown.thumbprint and shown.thumbprint != chain.hops[-1].thumbprint:
        raise TokenError("the workload's key is not the one that the chain ends at", reason="peer_key_unbound")
    if not _is_named(chain, shown, rules):
        raise TokenError(
            "the credential names another actor than the workload that shows it", reason="act_peer_mismatch"
        )


def bound(chain: VerifiedChain, rules: Sequence[PeerRule]) -> VerifiedChain:
    """Return `chain` with its last hop `bound` where its key is proven, and tied to this very name.

    By a rule that gives the key that name, or by the WIT of a workload that has it.
    """
    last, shown = chain.hops[-1], chain.workload
    weak = last.assurance in {Assurance.ASSERTED, Assurance.PROVED}
    if chain.profile != FORM_B or chain.proof is None or not weak:
        return chain
    named = any(_binds(rule, chain) and rule.agent and rule.is_about(shown) for rule in rules)
    if named or (shown and shown.thumbprint == last.thumbprint and _is_named(chain, shown, rules)):
        return replace(chain, hops=(*chain.hops[:-1], replace(last, assurance=Assurance.BOUND)))
    return chain


def _binds(rule: PeerRule, chain: VerifiedChain) -> bool:
    """Return whether `rule` is about the chain's last key, and about no other name than it has there."""
    return bool(rule.key) and rule.key == chain.hops[-1].thumbprint and rule.agent in {"", chain.principal.agent}


def _is_free(rule: PeerRule, chain: VerifiedChain) -> bool:
    """Return whether `rule` asks for no key of its own: it names none, or a workload's WIT has shown it."""
    by_wit = bool(chain.workload and chain.workload.thumbprint)
    return not rule.key and (not rule.agent or (by_wit and rule.agent == chain.principal.agent))


def _is_named(chain: VerifiedChain, shown: Workload, rules: Sequence[PeerRule]) -> bool:
    last, agent = chain.hops[-1], chain.principal.agent
    if chain.profile == FORM_B and agent.startswith(THUMBPRINT_URI):
        return shown.thumbprint == last.thumbprint  # its name is its key
    own = shown.name == agent and (shown.is_named_by_itself or shown.authority == last.authority)
    return own or any(rule.workload and rule.agent == agent and rule.is_about(shown) for rule in rules)
