"""Who presents a credential, by all that came in `proof` beside it (identity-spec 2.5, 2.6 F and G).

`proof` holds up to three tokens with one space between them, in any order: the proof of possession that the credential
itself needs (DPoP or `aat-pop+jwt`), and what shows which workload brings it: a WIT with its WPT, or the token that a
platform gave to the workload (a JWT-SVID, a Kubernetes service-account token). Choice: a list of compact tokens, since
no compact token holds a space, and one proof alone stays what it was; HTTP has a header for each, gRPC and a message's
extension have the one field. Each is told by its `typ`; a platform's by what an issuer with the role `actor` marks
them with, so that without such an issuer nothing but a proof of possession is looked for.

A workload that was shown is held to be the current actor (`peers`). A WIT ties its key to the name that the chain has
for its last holder; a platform's token is tied to no key, and ties none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.holders.actor_tokens import WIT, Named, named_by
from sidecar.identity.holders.peers import PeerRule, bound
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.proofs import IF_BOUND, OFF, Presented, proved
from sidecar.identity.holders.wpt import TYP as WPT
from sidecar.identity.holders.wpt import Brought, check_wpt
from sidecar.identity.jws import parsed
from sidecar.identity.trust import TRANSACTION
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import Assurance, VerifiedChain, Workload

MAX_PARTS: Final = 3  # of `proof`: of possession, who, and that it is really they


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """What `proof` held, each part empty where there was none."""

    possession: str = field(default="", repr=False)
    workload: str = field(default="", repr=False)  # a WIT, or a platform's token
    wpt: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presenters:
    """Judges who presents a credential. `demand` is when a proof of possession is needed, `peers` who may be whom."""

    by: Verifier
    demand: str = IF_BOUND
    peers: Sequence[PeerRule] = ()

    def proven(self, chain: VerifiedChain, presented: Presented, expected: Expected, at: float) -> VerifiedChain:
        """Return `chain`, verified from `presented`, with what was proven beside it; steps 32 to 34 and 36.

        Take each of its `proofs` from the store before anything is granted, then hold it against the peer. Raises
        `TokenError` with a reason of 16xx, or of what is wrong with the workload's token.
        """
        enclosed = self.enclosed(presented.proof)
        possession = Presented(presented.tokens, enclosed.possession)
        # A transaction token has no key of its own: the WPT over it is the proof that it needs.
        demand = OFF if chain.profile == TRANSACTION and enclosed.wpt else self.demand
        held = proved(chain, possession, expected, at, self.by.limits, demand)
        if enclosed.workload:
            shown = self._shown(enclosed, possession, held, expected, at)
            held = replace(held, workload=shown)
        return bound(self._brought(held) if chain.profile == TRANSACTION else held, self.peers)

    def _brought(self, chain: VerifiedChain) -> VerifiedChain:
        """Return a transaction's chain with the workload that brings it as the current actor.

        Under the name that `peers` give it, else its own. A transaction token names nobody who may bring it: without a
        workload that shows itself it is nobody's. Raises `TokenError` peer_unauthenticated.
        """
        shown = chain.workload
        if shown is None:
            message = "a transaction token does not say who brings it: show which workload you are, in `proof`"
            raise TokenError(message, reason="peer_unauthenticated")
        names = [rule.agent for rule in self.peers if rule.workload and rule.agent and rule.is_about(shown)]
        name = names[0] if names else shown.name
        hop = replace(
            chain.hops[-1],
            actor=name,
            authority=shown.authority,
            assurance=Assurance.BOUND if shown.thumbprint else Assurance.ISSUER,
            thumbprint=shown.thumbprint,
        )
        actors = (*chain.principal.actors, name)
        return replace(chain, hops=(*chain.hops, hop), principal=replace(chain.principal, actors=actors))

    def enclosed(self, proof: str) -> Enclosed:
        """Return the parts of `proof`. Raises `TokenError` pop_invalid, or pop_missing for a WIT without its WPT."""
        texts = proof.split(" ", MAX_PARTS) if proof else []
        if len(texts) > MAX_PARTS or any(len(text) > self.by.limits.proof for text in texts):
            raise _unclear()
        kinds = [self._kind(text) for text in texts]
        parts = dict(zip(kinds, texts, strict=True))
        if len(parts) != len(texts) or {WIT, "workload"} <= parts.keys() or (WPT in parts and WIT not in parts):
            raise _unclear()
        if WIT in parts and WPT not in parts:
            raise TokenError("a WIT names a workload to everybody: send its WPT, too", reason="pop_missing")
        return Enclosed(
            possession=parts.get("possession", ""),
            workload=parts.get(WIT, "") or parts.get("workload", ""),
            wpt=parts.get(WPT, ""),
        )

    def _kind(self, text: str) -> str:
        try:
            typ = parsed(text, self.by.limits).typ
        except EvidenceError:
            return "possession"  # is told of as one
        if typ in {WIT, WPT}:
            return typ
        return "workload" if self.by.trust.names_workloads(typ) else "possession"

    def _shown(
        self, enclosed: Enclosed, presented: Presented, chain: VerifiedChain, expected: Expected, at: float
    ) -> Workload:
        found = named_by(enclosed.workload, at, self.by)
        if found.actor.subject in self.by.denied_actors:
            raise TokenError("this workload may not act here", reason="act_actor_denied")
        if found.key is None:
            return _workload(found)
        brought = Brought(wit=enclosed.workload, key=found.key, chain=chain, tokens=presented.tokens)
        proof = check_wpt(enclosed.wpt, brought, expected, at, self.by.limits)
        return replace(_workload(found), thumbprint=found.key.thumbprint, proof=proof)


def _workload(found: Named) -> Workload:
    return Workload(
        name=found.actor.subject,
        authority=found.actor.authority,
        key_id=found.signed_with.key_id,
        signed_with=found.signed_with.thumbprint,
    )


def _unclear() -> TokenError:
    message = f"`proof` holds at most {MAX_PARTS} tokens, one of a kind: of possession, a WIT and its WPT"
    return TokenError(message, reason="pop_invalid")
