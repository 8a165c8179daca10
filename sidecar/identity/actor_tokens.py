"""Which workload is it? The tokens that platforms give to workloads, as proof of who acts and of nothing else.

A JWT-SVID or the token of a Kubernetes service account names the workload that holds it. It grants nothing: given as a
credential it is refused (identity-spec N076). Its audience must be us, and us alone, else whoever it was sent to could
send it here.
"""

from collections.abc import Mapping

from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.actors import Actor
from sidecar.identity.adapters import SPIFFE, check_required
from sidecar.identity.claims import addressed, in_time, registered
from sidecar.identity.jws import Jws, check_signature, claims_of, parsed
from sidecar.identity.trust import Issuer, TrustStore
from sidecar.identity.verifier import Verifier
from sidecar.model.strict_json import Json

REQUIRED = ("sub", "aud", "exp")


def actor_of(token: str, at: float, by: Verifier) -> Actor:
    """Return the workload that `token` names, by the issuers of `by` whose role it is to name workloads.

    Steps 2 to 19 of identity-spec 2.6. Raises `TokenError` with their reasons, act_namespace where the workload's name
    is not the issuer's to give, and no other error.
    """
    try:
        return _actor(parsed(token, by.limits), at, by)
    except EvidenceError:
        raise
    except Exception:  # noqa: BLE001 - "anything unexpected": its text may quote the token
        raise TokenError("the token could not be judged", reason="internal_error") from None


def _actor(jws: Jws, at: float, by: Verifier) -> Actor:
    claims = claims_of(jws, by.limits)
    issuer = _issuer(claims, by.trust)
    _check_kind(jws, issuer)
    check_signature(jws, issuer.key(jws.key_id))
    # JWT-SVIDs may lack `iss` and `iat`; then the trust domain is the issuer, and the time left is what is bounded.
    whole = {"iss": issuer.issuer, "iat": int(at), "jti": "-", **claims}
    token = registered(whole, REQUIRED, by.limits)
    check_required(claims, issuer.shape)
    in_time(token, at, issuer.max_ttl, by.limits)
    addressed(token, by.audiences, single=True, limits=by.limits)
    if issuer.issuer.startswith(SPIFFE) and not token.subject.startswith(issuer.issuer + "/"):
        raise TokenError("the workload is of another trust domain", reason="act_namespace")
    return Actor(token.subject, issuer.issuer)


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
