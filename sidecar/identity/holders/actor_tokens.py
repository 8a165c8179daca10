"""Which workload is it? The tokens that platforms give to workloads, as proof of who acts and of nothing else.

A JWT-SVID or the token of a Kubernetes service account names the workload that holds it. It grants nothing: given as a
credential it is refused (identity-spec N076). Its audience must be us, and us alone, else whoever it was sent to could
send it here.

A WIT (draft-ietf-wimse-workload-creds, `typ` wit+jwt) names a workload and its key, and has no audience: it is for
everybody to see, and proves nothing without a WPT by that key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.actors import Actor
from sidecar.identity.adapters import SPIFFE, check_required
from sidecar.identity.claims import addressed, in_time, registered
from sidecar.identity.jws import Jws, check_signature, claims_of, parsed
from sidecar.identity.keys import TrustedKey, admit
from sidecar.identity.trust import Issuer, TrustStore
from sidecar.identity.verifier import Verifier
from sidecar.model.strict_json import Json

REQUIRED: Final = ("sub", "aud", "exp")
REQUIRED_WIT: Final = ("sub", "exp", "cnf")
WIT: Final = "wit+jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A workload as its platform names it. `signed_with` is the platform's key, `key` the workload's own, of a WIT."""

    actor: Actor
    signed_with: TrustedKey
    key: TrustedKey | None = None


def named_by(token: str, at: float, by: Verifier) -> Named:
    """Return the workload that `token` names, by the issuers of `by` whose role it is; of a WIT, whoever sent it.

    Steps 2 to 19 of identity-spec 2.6. Raises `TokenError` with their reasons, act_namespace where the workload's name
    is not the issuer's to give, pop_missing for a token that is bound to a key and no WIT, cnf_invalid or key_* for the
    key of a WIT, and no other error.
    """
    try:
        return _named(parsed(token, by.limits), at, by)
    except EvidenceError:
        raise
    except Exception:  # noqa: BLE001 - "anything unexpected": its text may quote the token
        raise TokenError("the token could not be judged", reason="internal_error") from None


def _named(jws: Jws, at: float, by: Verifier) -> Named:
    claims = claims_of(jws, by.limits)
    issuer = _issuer(claims, by.trust)
    _check_kind(jws, issuer)
    signed_with = issuer.key(jws.key_id)
    check_signature(jws, signed_with)
    is_wit = jws.typ == WIT
    # JWT-SVIDs may lack `iss` and `iat`; then the trust domain is the issuer, and the time left is what is bounded.
    whole = {"iss": issuer.issuer, "iat": int(at), "jti": "-", **claims}
    token = registered(whole, REQUIRED_WIT if is_wit else REQUIRED, by.limits)
    check_required(claims, issuer.shape)
    in_time(token, at, issuer.max_ttl, by.limits)
    addressed(token, by.audiences, single=True, limits=by.limits)
    if issuer.issuer.startswith(SPIFFE) and not token.subject.startswith(issuer.issuer + "/"):
        raise TokenError("the workload is of another trust domain", reason="act_namespace")
    if not is_wit and "cnf" in claims:
        raise TokenError("the workload's token is bound to a key: bring a WIT and its WPT", reason="pop_missing")
    key = _key(claims["cnf"]) if is_wit else None
    return Named(actor=Actor(token.subject, issuer.issuer), signed_with=signed_with, key=key)


def _key(confirmation: Json) -> TrustedKey:
    """Return the key that a WIT names, which must say its algorithm."""
    jwk = confirmation.get("jwk") if isinstance(confirmation, Mapping) and len(confirmation) == 1 else None
    if not isinstance(jwk, Mapping) or not isinstance(jwk.get("alg"), str):
        raise TokenError("a WIT needs the workload's key in `cnf.jwk`, with its `alg`", reason="cnf_invalid")
    return admit(jwk)


def _issuer(claims: Mapping[str, Json], trust: TrustStore) -> Issuer:
    """Return who is to have signed: `iss`, or the trust domain of `sub`, as look-up keys into what is configured."""
    name, subject = claims.get("iss"), claims.get("sub")
    if isinstance(name, str) and name in trust.issuers:
        return trust.issuer(name)
    if isinstance(subject, str) and subject.startswith(SPIFFE):
        return trust.issuer(SPIFFE + subject.removeprefix(SPIFFE).partition("/")[0])
    raise TokenError("the issuer is not among those trusted here", reason="iss_untrusted")


def _check_kind(jws: Jws, issuer: Issuer) -> None:
    if not issuer.shape.actor_only or jws.typ not in issuer.typ:
        raise TokenError("this issuer does not name workloads with such tokens", reason="typ_unexpected")
    if jws.algorithm not in issuer.algorithms:
        raise TokenError("this issuer does not sign with this `alg`", reason="alg_not_allowed")
    if jws.own_keys:
        raise TokenError("the header brings a key of its own", reason="header_forbidden_param")
