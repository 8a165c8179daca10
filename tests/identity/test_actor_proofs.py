"""N094: actors' own signatures, where an issuer must bring them."""

from collections.abc import Sequence

import pytest

from sidecar.identity.actor_proofs import PROOF_TYPE
from sidecar.identity.trial import SigningKey, parent_hash
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    HOLDERS,
    RES,
    STS,
    A,
    B,
    Change,
    Claims,
    T,
    claims_a,
    put,
    reason_of,
    signed,
    trusted,
    values,
    verifier,
)

NAMES = (B, A)  # the current actor first
KEYS = HOLDERS[:2]
REQUIRED = verifier(trusted(require_actor_proofs=True))


def proof(
    index: int,
    before: str = "",
    change: Change | None = None,
    *,
    by: SigningKey | None = None,
    typ: str = PROOF_TYPE,
    alg: str = "Ed25519",
) -> str:
    """Return the proof of one actor; `before` is the older one."""
    body: Claims = {"sub": NAMES[index], "iat": T, "target": RES, "origin_jti": "origin"}
    if before:
        body["prh"] = parent_hash(before)
    if change:
        change(body)
    key = by or KEYS[index]
    header: Claims = {"alg": alg, "typ": typ, "jwk": key.members()}
    return signed(header, body, key.private_key)


OLD = proof(1)
NEW = proof(0, OLD)


def bound(index: int, kind: str = "jkt") -> Claims:
    key = KEYS[index]
    return {"jkt": key.public.thumbprint} if kind == "jkt" else {"jwk": key.members()}


def token(proofs: Json, *, kind: str = "jkt", change: Change | None = None) -> str:
    """Return a token of two actors, whose keys the issuer names, with `proofs`."""
    claims = claims_a([A, B])
    inner: Json = {"sub": A, "iss": STS.url, "cnf": bound(1, kind)}
    claims["act"] = {"sub": B, "iss": STS.url, "cnf": bound(0, kind), "act": inner}
    claims["cnf"] = bound(0, kind)
    if proofs is not None:
        claims["actor_proofs"] = proofs
    if change:
        change(claims)
    header: Claims = {"alg": "Ed25519", "typ": "at+jwt", "kid": STS.key.public.thumbprint}
    return signed(header, claims, STS.key.private_key)


@pytest.mark.parametrize("kind", ["jkt", "jwk"])
def test_actors_who_have_all_signed_are_taken(kind: str) -> None:
    assert reason_of([token([NEW, OLD], kind=kind)], by=REQUIRED) == "accepted"


def test_nobody_needs_to_sign_where_nobody_acts_or_it_is_not_required() -> None:
    def nobody(claims: Claims) -> None:
        del claims["act"]
        claims["client_id"] = claims["sub"]

    assert reason_of([token(None, change=nobody)], by=REQUIRED) == "accepted"
    assert reason_of([token(None)]) == "accepted"


MISSING = [pytest.param(proofs, id=name) for name, proofs in (("none", None), ("empty", []), ("one", [NEW]))]


@pytest.mark.parametrize("proofs", MISSING)
def test_n094_an_actor_who_has_not_signed_is_missed(proofs: Json) -> None:
    assert reason_of([token(proofs)], by=REQUIRED) == "act_proof_missing"


def pair(old: str, **new: object) -> Sequence[str]:
    return [proof(0, old, **new), old]  # type: ignore[arg-type]  # the keywords of `proof`


LONG = proof(1, change=put(origin_jti="o" * 129))
INVALID = [
    pytest.param([OLD, NEW], id="oldest first"),
    pytest.param(pair(OLD, by=KEYS[1]), id="another actor's key"),
    pytest.param(pair(OLD, by=HOLDERS[3]), id="a stranger's key"),
    pytest.param(pair(proof(1, change=put(origin_jti="other"))), id="another origin"),
    pytest.param(pair(proof(1, change=put(origin_jti=7))), id="no origin"),
    pytest.param(
        [proof(0, LONG, put(origin_jti="o" * 129)), LONG], id="an origin that no token can have, in both alike"
    ),
    pytest.param(pair(OLD, alg="EdDSA"), id="an algorithm that names two curves"),
    pytest.param(pair(OLD, change=put(prh=parent_hash(NEW))), id="linked to another"),
    pytest.param(pair(OLD, change=put(prh=None)), id="not linked"),
    pytest.param([NEW, proof(1, NEW)], id="the oldest is linked"),
    pytest.param(pair(OLD, change=put(target="https://other.example")), id="for another audience"),
    pytest.param(pair(OLD, change=put(sub=A)), id="another name"),
    pytest.param(pair(OLD, change=put(iat=T + 31)), id="from the future"),
    pytest.param(pair(OLD, change=put(iat=True)), id="a boolean for a date"),
    pytest.param(pair(OLD, typ="at+jwt"), id="another kind of token"),
    pytest.param([NEW, OLD, OLD], id="one too many"),
    pytest.param([NEW, "rubbish"], id="rubbish"),
    *(pytest.param(wrong, id=f"of the wrong type: {wrong!r}"[:40]) for wrong in values("x", {}, [7, 7], 1)),
]


@pytest.mark.parametrize("proofs", INVALID)
def test_n094_a_proof_that_does_not_hold_is_refused(proofs: Json) -> None:
    assert reason_of([token(proofs)], by=REQUIRED) == "act_proof_invalid"


def test_an_actor_that_the_issuer_has_bound_to_no_key_cannot_sign() -> None:
    def unbound(claims: Claims) -> None:
        claims["act"] = {"sub": B, "iss": STS.url}
        del claims["cnf"]

    alone = proof(0)
    assert reason_of([token([alone], change=unbound)], by=REQUIRED) == "act_proof_invalid"
