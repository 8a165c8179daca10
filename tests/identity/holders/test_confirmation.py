"""N160 and N161: what a credential is bound to."""

import hashlib

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.holders.confirmation import check_certificate, confirmation
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.proofs import IF_BOUND, OFF, Presented, proved
from sidecar.identity.keys import encoded
from sidecar.identity.limits import Limits
from sidecar.model.chain import Confirmation, VerifiedChain
from sidecar.model.strict_json import Json
from tests.identity.crafting import HOLDERS, P384, RES, VERIFIER, T, ec_jwk, put, rsa_jwk, token_a, values

DER, OTHER = b"a client certificate", b"another"
THUMBPRINT = encoded(hashlib.sha256(DER).digest())
KEY = HOLDERS[0]
BOUND = token_a(put(cnf={"x5t#S256": THUMBPRINT}))


@pytest.mark.parametrize(
    ("cnf", "expected"),
    [
        pytest.param(None, None, id="none"),
        pytest.param({"jkt": KEY.public.thumbprint}, Confirmation(thumbprint=KEY.public.thumbprint), id="jkt"),
        pytest.param({"jwk": KEY.members()}, Confirmation(thumbprint=KEY.public.thumbprint), id="jwk"),
        pytest.param({"x5t#S256": THUMBPRINT}, Confirmation(certificate=THUMBPRINT), id="certificate"),
    ],
)
def test_a_token_is_bound_to_one_key(cnf: Json, expected: Confirmation | None) -> None:
    assert confirmation(cnf) == expected


@pytest.mark.parametrize("jwk", [ec_jwk(P384), rsa_jwk()], ids=["P-384", "RSA"])
def test_any_key_that_may_sign_may_be_held(jwk: Json) -> None:
    found = confirmation({"jwk": jwk})
    assert found is not None
    assert found.thumbprint


NAMED: list[Json] = [{"jkt": text} for text in ("", "a", "a" * 44, "=" * 43, "A" * 42 + "B")]
REFUSED = [
    *[pytest.param(cnf, "cnf_invalid", id=str(cnf)) for cnf in values({}, [], "x", 7, {"jkt": None}, *NAMED)],
    pytest.param({"jkt": THUMBPRINT, "x5t#S256": THUMBPRINT}, "cnf_invalid", id="N160 two"),
    pytest.param({"x5c": THUMBPRINT}, "cnf_invalid", id="N160 unknown"),
    pytest.param({"jwk": {**KEY.members(), "d": "x"}}, "key_private_or_symmetric", id="N053 private"),
    pytest.param({"jwk": {"kty": "oct", "k": "x"}}, "key_private_or_symmetric", id="N053 oct"),
    pytest.param({"jwk": "x"}, "key_invalid", id="no object"),
]


@pytest.mark.parametrize(("cnf", "expected"), REFUSED)
def test_what_names_no_key_is_refused(cnf: Json, expected: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        confirmation(cnf)
    assert refused.value.reason == expected


def outcome(chain: VerifiedChain, wanted: Expected, demand: str) -> str:
    try:
        return "accepted" if proved(chain, Presented([BOUND]), wanted, T, Limits(), demand) == chain else "changed"
    except EvidenceError as error:
        return error.reason


@pytest.mark.parametrize(
    ("certificate", "demand", "expected"),
    [
        pytest.param(DER, IF_BOUND, "accepted", id="the one"),
        pytest.param(OTHER, IF_BOUND, "cnf_mismatch", id="N161 another"),
        pytest.param(b"", IF_BOUND, "cnf_mismatch", id="N161 none that TLS verified"),
        pytest.param(b"", OFF, "accepted", id="none where none is needed"),
    ],
)
def test_a_token_that_is_bound_to_a_certificate(certificate: bytes, demand: str, expected: str) -> None:
    wanted = Expected(audiences=frozenset({RES}), tool="x", arguments={}, certificate=certificate)
    chain = VERIFIER.verify([BOUND], T)
    assert outcome(chain, wanted, demand) == expected


def test_a_thumbprint_of_nothing_is_nobodys() -> None:
    with pytest.raises(EvidenceError):
        check_certificate(Confirmation(certificate=encoded(hashlib.sha256(b"").digest())), b"")
