"""N053 to N058, N203, N207 and N210: which keys are admitted (identity-spec 2.9)."""

import pytest

from sidecar.errors import TokenError
from sidecar.identity.keys import ED25519_LOW_ORDER, admit, admit_set, encoded
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    HOLDERS,
    P256,
    STS,
    ec_jwk,
    octets,
    rsa_jwk,
)

P = 2**255 - 19
LOW = [*sorted(ED25519_LOW_ORDER), P, P + 1]


def _okp(y: int, *, sign: bool = False, **members: Json) -> dict[str, Json]:
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": encoded((y | (1 << 255 if sign else 0)).to_bytes(32, "little")),
        **members,
    }


def _moved(size: int) -> Json:
    """Return the key of P256 with so many octets in x: the same point, under another thumbprint."""
    numbers = P256.public_key().public_numbers()
    both = numbers.x.to_bytes(32) + numbers.y.to_bytes(32)
    return ec_jwk(P256, x=encoded(both[:size]), y=encoded(both[size:]))


KEYS = [
    pytest.param({"kty": "oct", "k": "AAAA"}, "key_private_or_symmetric", id="N053 oct"),
    pytest.param({"kty": "oct"}, "key_private_or_symmetric", id="N053 oct, its octets left out"),
    pytest.param(STS.key.private_jwk(), "key_private_or_symmetric", id="N053 with d"),
    *(pytest.param(_okp(y), "key_weak", id=f"N054 low order {y:x}") for y in LOW),
    *(pytest.param(_okp(y, sign=True), "key_weak", id=f"N054 low order {y:x}, other sign") for y in LOW),
    pytest.param({"kty": "RSA", "n": octets(2**1023 + 1), "e": "AQAB"}, "key_weak", id="N055 1024 bits"),
    pytest.param({"kty": "RSA", "n": octets(2**8200 + 1), "e": "AQAB"}, "key_weak", id="N055 too long"),
    pytest.param({"kty": "RSA", "n": octets(2**16383 + 1), "e": "AQAB"}, "key_weak", id="N055 16,384 bits"),
    pytest.param(rsa_jwk(e="Aw"), "key_weak", id="N055 e=3"),
    pytest.param(rsa_jwk(e=octets(65538)), "key_weak", id="N055 even e"),
    pytest.param(rsa_jwk(e=octets(2**32 + 1)), "key_weak", id="N055 long e"),
    pytest.param(rsa_jwk(n=encoded(b"\x00" + bytes(256))), "key_invalid", id="N056 leading zero"),
    pytest.param(rsa_jwk(e=encoded(b"\x00\x01\x00\x01"), alg="RS256"), "key_invalid", id="N056 leading zero in e"),
    pytest.param(rsa_jwk(n="AQAB="), "key_invalid", id="N056 padded"),
    pytest.param(ec_jwk(P256, y=encoded(bytes(32))), "key_invalid", id="N057 off the curve"),
    pytest.param(ec_jwk(P256, x=encoded(bytes(32)), y=encoded(bytes(32))), "key_invalid", id="N057 zero"),
    pytest.param(ec_jwk(P256, x=encoded(bytes(33))), "key_invalid", id="N057 33 octets"),
    pytest.param(_moved(31), "key_invalid", id="N057 the same octets, one of x in y"),
    pytest.param(_moved(33), "key_invalid", id="N057 the same octets, one of y in x"),
    pytest.param(ec_jwk(P256, alg="ES384"), "alg_key_mismatch", id="N058 alg of another curve"),
    pytest.param({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}, "key_unsupported", id="N058 secp256k1"),
    pytest.param(ec_jwk(P256, use="enc"), "key_use_mismatch", id="N058 use enc"),
    pytest.param(ec_jwk(P256, key_ops=["sign"]), "key_use_mismatch", id="N058 sign only"),
    pytest.param(ec_jwk(P256, key_ops=["sign", "verify"]), "key_use_mismatch", id="N058 sign and verify"),
    pytest.param(ec_jwk(P256, key_ops="verify"), "key_use_mismatch", id="key_ops a string"),
    pytest.param(rsa_jwk(), "alg_key_mismatch", id="RSA without alg"),
    pytest.param(rsa_jwk(n=octets(2**2047)), "key_weak", id="RSA of an even modulus"),
    pytest.param(_okp(5, crv=7), "key_invalid", id="a member is a number"),
    pytest.param(_okp(5, kid="k" * 257), "key_invalid", id="long kid"),
    pytest.param({"kty": "OKP", "crv": "Ed25519", "x": encoded(bytes(31))}, "key_invalid", id="31 octets"),
    pytest.param([], "key_invalid", id="a list"),
    pytest.param({}, "key_invalid", id="nothing"),
]


@pytest.mark.parametrize(("jwk", "reason"), KEYS)
def test_a_key_that_is_unfit_is_refused(jwk: Json, reason: str) -> None:
    with pytest.raises(TokenError) as refused:
        admit(jwk)
    assert refused.value.reason == reason


def test_the_list_of_low_order_points_is_complete() -> None:
    # Of order 1, 2 and 4: y is 1, -1 and 0. Twice a point of order 8 has y = 0, so that y^2 = -x^2; with the curve,
    # -x^2 + y^2 = 1 + d x^2 y^2, this is d y^4 + 2 y^2 - 1 = 0.
    d = -121665 * pow(121666, -1, P) % P
    found = {0, 1, P - 1}
    for root in _square_roots((1 + d) % P):
        for y in _square_roots((root - 1) * pow(d, -1, P) % P):
            found.add(y)
    assert found == ED25519_LOW_ORDER


def _square_roots(value: int) -> set[int]:
    """Return the square roots modulo p, which is 5 modulo 8 (RFC 8032, section 5.1.3)."""
    candidate = pow(value, (P + 3) // 8, P)
    candidates = {candidate, candidate * pow(2, (P - 1) // 4, P) % P}
    return {root for one in candidates for root in (one, P - one) if root * root % P == value % P}


def test_n207_a_private_key_poisons_its_set_and_n210_a_bad_one_does_not() -> None:
    good = STS.key.public_jwk()
    with pytest.raises(TokenError) as refused:
        admit_set({"keys": [good, HOLDERS[0].private_jwk()]})
    kept = admit_set({"keys": [good, {"kty": "EC", "kid": "bad"}, 7]})
    assert refused.value.reason == "key_private_or_symmetric"
    assert [key.thumbprint for key in kept.keys] == [STS.key.public.thumbprint]
    assert kept.refused["bad"] == "key_unsupported"


@pytest.mark.parametrize(
    ("jwks", "reason"),
    [
        pytest.param({}, "jwks_malformed", id="no keys"),
        pytest.param({"keys": {}}, "jwks_malformed", id="keys an object"),
        pytest.param([], "jwks_malformed", id="a list"),
        pytest.param({"keys": [{}] * 101}, "jwks_too_large", id="N203 101 keys"),
    ],
)
def test_a_key_set_that_is_none_is_refused(jwks: Json, reason: str) -> None:
    with pytest.raises(TokenError) as refused:
        admit_set(jwks)
    assert refused.value.reason == reason


def test_a_curve_that_pyjwt_would_load_is_not_ours() -> None:
    with pytest.raises(TokenError) as refused:
        admit({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"})
    assert refused.value.reason == "key_unsupported"
