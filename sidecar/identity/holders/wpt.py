"""A proof that the workload which a WIT names presents this very credential: WPT (draft-ietf-wimse-wpt).

It binds the WIT (`wth`), the credential, and the target (`aud`), but not what is asked for: like DPoP it stands beside
the proof that the credential itself needs, never in its place. A single token is bound by `ath`, a chain of linked
tokens by the entry CHAIN of `oth`: the SHA-256 over its tokens' digests, in base64url; a transaction token by `tth`. An
entry that is not known here is refused, for nobody could say what it binds.

`iat` is optional there. Without it the proof must end so soon that it cannot have been taken before `Expected.since`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.claims import LATEST_DATE
from sidecar.identity.holders.dpop import is_target, token_hash
from sidecar.identity.holders.presentation import INVALID, Claimed, Expected, fresh, proof_token
from sidecar.identity.jws import is_identifier, verified
from sidecar.identity.keys import TrustedKey, encoded
from sidecar.identity.limits import Limits
from sidecar.identity.trust import FORM_B, TRANSACTION
from sidecar.model.chain import Proof, VerifiedChain
from sidecar.model.scope import NAMESPACE
from sidecar.model.strict_json import Json

TYP: Final = "wpt+jwt"
CHAIN: Final = f"{NAMESPACE}/ext/authz/v1"  # the entry of `oth` for linked tokens: what carries them in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A WIT and the key that it names, beside the credential that its workload brings."""

    wit: str = field(repr=False)
    key: TrustedKey
    chain: VerifiedChain
    tokens: Sequence[str] = field(repr=False)


def check_wpt(text: str, brought: Brought, expected: Expected, at: float, limits: Limits) -> Proof:
    """Return the proof that the workload of `brought` presents its credential itself, at `at`.

    Raises `TokenError` pop_invalid, pop_token_mismatch, pop_target_mismatch, pop_stale or pop_nonce.
    """
    jws = proof_token(text, TYP, limits)
    if jws.own_keys:
        raise _invalid()
    try:
        claims = verified(jws, brought.key, limits)
    except EvidenceError:
        raise _invalid() from None
    others, target = _others(claims), claims.get("aud")
    if not isinstance(target, str) or not is_identifier(claims.get("jti"), limits.token_id):
        raise _invalid()
    if claims.get("wth") != token_hash(brought.wit) or not _binds(claims, others, brought):
        raise TokenError("the workload's proof was made for other tokens than those sent", reason="pop_token_mismatch")
    if not is_target(target, expected.audiences):
        message = "the workload's proof was made for another target: set `aud` to this agent's audience"
        raise TokenError(message, reason="pop_target_mismatch")
    return _in_time(claims, brought.key.thumbprint, expected, at, limits)


def credential_hash(chain: VerifiedChain) -> str:
    """Return what the entry CHAIN of `oth` must be: the SHA-256 over the digests of the chain's tokens."""
    return encoded(bytes.fromhex(chain.digest))


def _others(claims: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return `oth`, once each of its entries is known here."""
    others = claims.get("oth", {})
    if not isinstance(others, Mapping) or not others.keys() <= {CHAIN}:
        raise _invalid()
    return others


def _binds(claims: Mapping[str, Json], others: Mapping[str, Json], brought: Brought) -> bool:
    """Return whether the proof is over the credential that was sent, and over no other."""
    own = "tth" if brought.chain.profile == TRANSACTION else "ath"
    named = {name: claims[name] for name in ("ath", "tth") if name in claims}
    whole = CHAIN in others if brought.chain.profile == FORM_B else own in named
    same = all(value == token_hash(brought.tokens[-1]) for value in named.values())
    return whole and same and all(value == credential_hash(brought.chain) for value in others.values())


def _in_time(claims: Mapping[str, Json], thumbprint: str, expected: Expected, at: float, limits: Limits) -> Proof:
    ends = _date(claims, "exp")
    if at >= ends:
        raise TokenError("the workload's proof has expired: make a new one", reason="pop_stale")
    if "iat" in claims:
        return fresh(Claimed(_date(claims, "iat"), str(claims["jti"]), claims), thumbprint, expected, at, limits)
    longest = limits.proof_window + limits.skew
    if ends > at + longest or ends - longest <= expected.since:
        message = f"without `iat` a proof ends within {longest} s, and is good from then on after a start"
        raise TokenError(message, reason="pop_stale")
    now = replace(expected, since=0.0)
    return replace(fresh(Claimed(int(at), str(claims["jti"]), claims), thumbprint, now, at, limits), until=ends)


def _date(claims: Mapping[str, Json], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LATEST_DATE:
        raise TokenError(f"the workload's proof needs `{name}` as whole seconds", reason="pop_invalid")
    return value


def _invalid() -> TokenError:
    return TokenError(INVALID, reason="pop_invalid")
