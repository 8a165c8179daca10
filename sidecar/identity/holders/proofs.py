"""Does who brings a credential hold the key that it is bound to?

A single token is proven by DPoP, a chain of linked tokens by a proof of its own kind that also binds what is asked for,
a token that is bound to a certificate by TLS (identity-spec 2.5 and 2.6 F). All of this is after the signatures and
before any policy. Nothing here remembers: a proof that holds must still be taken from the store `Proofs`, once, before
it opens anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.holders.confirmation import check_certificate
from sidecar.identity.holders.dpop import check_dpop
from sidecar.identity.holders.presentation import INVALID, Expected, fresh, proof_claims, proof_token
from sidecar.identity.jws import Jws, claims_of
from sidecar.identity.keys import PRIVATE_MEMBERS, TrustedKey
from sidecar.identity.limits import Limits
from sidecar.identity.trust import FORM_B
from sidecar.model.atoms import canonical
from sidecar.model.chain import Assurance, Confirmation, Hop, Proof, VerifiedChain

TYP: Final = "aat-pop+jwt"
REQUIRED: Final = "required"  # a credential that is bound to no key is refused
IF_BOUND: Final = "if_bound"  # a credential that is bound to a key needs its proof
OFF: Final = "off"  # for trials: a proof that is sent must hold, and none is needed
OTHER_CHAIN: Final = "the proof was made for another chain"


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential as it came: the tokens, root first, and the proof, empty where none came."""

    tokens: Sequence[str] = field(repr=False)
    proof: str = field(default="", repr=False)


def proved(
    chain: VerifiedChain, presented: Presented, expected: Expected, at: float, limits: Limits, demand: str = IF_BOUND
) -> VerifiedChain:
    """Return `chain`, verified from `presented`, with what its holder proved at `at`; steps 32 to 34.

    The last hop of a linked chain becomes `proved` where its name is its key. Raises `TokenError` with a reason of
    16xx.
    """
    try:
        held = _held(chain, presented, expected, at, limits, demand)
    except EvidenceError:
        raise
    except Exception:  # noqa: BLE001 - anything unexpected is a refusal, and its text may quote the proof
        raise TokenError("the proof of possession could not be judged", reason="internal_error") from None
    if held is None:
        return chain
    return replace(chain, proof=held, hops=(*chain.hops[:-1], _sure(chain)))


def _held(
    chain: VerifiedChain, presented: Presented, expected: Expected, at: float, limits: Limits, demand: str
) -> Proof | None:
    holder, proof = chain.holder, presented.proof
    if holder is None:
        if proof or demand == REQUIRED:
            raise TokenError("the token is bound to no key: get one with `cnf`", reason="cnf_missing")
        return None
    if holder.certificate:
        if demand != OFF:
            check_certificate(holder, expected.certificate)
        return None
    if not proof:
        if demand == OFF:
            return None
        raise TokenError("the token is bound to a key: send a proof that you hold it", reason="pop_missing")
    if chain.profile == FORM_B:
        return check_pop(proof, chain, holder, expected, at, limits)
    return check_dpop(proof, presented.tokens[-1], holder.thumbprint, expected, at, limits)


def check_pop(
    text: str, chain: VerifiedChain, holder: Confirmation, expected: Expected, at: float, limits: Limits
) -> Proof:
    """Return the proof that the last holder of a linked chain asks for exactly this; steps 33 and 34.

    Raises `TokenError` pop_invalid, pop_token_mismatch, pop_target_mismatch, pop_tool_mismatch, pop_args_mismatch,
    pop_stale or pop_nonce.
    """
    jws = proof_token(text, TYP, limits)
    if not isinstance(holder.key, TrustedKey) or _shows_private_key(jws):
        raise TokenError(INVALID, reason="pop_invalid")
    leaf = chain.hops[-1]
    try:
        said = proof_claims(jws, holder.key, ("aat_id", "aat_hash", "aat_tool"), limits)
    except EvidenceError:
        if _names_another(jws, leaf, limits):
            raise TokenError(OTHER_CHAIN, reason="pop_token_mismatch") from None
        raise
    claims = said.claims
    if not isinstance(claims.get("hta"), Mapping):
        raise TokenError("the proof needs `hta` as an object", reason="pop_invalid")
    if claims["aat_hash"] != leaf.digest or claims["aat_id"] != leaf.token_id:
        raise TokenError(OTHER_CHAIN, reason="pop_token_mismatch")
    audience = claims.get("aat_aud")
    if not isinstance(audience, str) or audience not in expected.audiences:
        raise TokenError("the proof was made for another audience than this agent", reason="pop_target_mismatch")
    if claims["aat_tool"] != expected.tool:
        raise TokenError("the proof was made for another call", reason="pop_tool_mismatch")
    if canonical(claims["hta"]) != canonical(expected.arguments):
        raise TokenError("the proof was made for other arguments than those sent", reason="pop_args_mismatch")
    return fresh(said, holder.thumbprint, expected, at, limits)


def _shows_private_key(jws: Jws) -> bool:
    """Return whether the header gives a private key away (N163). A public one there is ignored, as the draft has it."""
    shown = jws.header.parameters.get("jwk")
    return isinstance(shown, Mapping) and not PRIVATE_MEMBERS.isdisjoint(shown)


def _names_another(jws: Jws, leaf: Hop, limits: Limits) -> bool:
    """Return whether a proof that is refused anyway says itself that it is for another chain than this (N103).

    Whoever holds a longer chain and shows its beginning has a proof by the last holder, whose key this is not.
    """
    try:
        named = claims_of(jws, limits).get("aat_hash")
    except EvidenceError:
        return False
    return isinstance(named, str) and named != leaf.digest


def _sure(chain: VerifiedChain) -> Hop:
    """Return the last hop as sure as its holder's proof makes it.

    The proof is of the key. A name that only the delegator gave to that key stays `asserted`: whoever may delegate
    could otherwise make a key, call it by another agent's name, and prove that.
    """
    last = chain.hops[-1]
    holder = chain.holder
    named_by_key = holder is not None and isinstance(holder.key, TrustedKey) and last.actor == holder.key.thumbprint_uri
    if chain.profile == FORM_B and named_by_key and last.assurance is Assurance.ASSERTED:
        return replace(last, assurance=Assurance.PROVED)
    return last
