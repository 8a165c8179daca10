"""T9: one JWS before us, joserfc and authlib. What we take, they take, with the same payload; what is good, all take.

authlib keeps a JOSE of its own until 2.0, though it calls it deprecated. It does not know the name Ed25519.
"""

import random
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwk, jws
from joserfc.errors import JoseError

from sidecar.errors import TokenError
from sidecar.identity.jws import check_signature, parsed
from sidecar.identity.keys import TrustedKey, admit
from sidecar.identity.limits import Limits
from sidecar.model.strict_json import Json
from tests.identity.crafting import P256, P384, RSA, STS, claims_a, ec_jwk, rsa_jwk, signed

with warnings.catch_warnings(record=True):  # "deprecated": it goes when authlib takes it away
    from authlib.jose import JsonWebKey, JsonWebSignature
    from authlib.jose.errors import JoseError as OlderJoseError

LIMITS = Limits()
Key = jwk.ECKey | jwk.RSAKey | jwk.OKPKey
KEYS: dict[str, tuple[object, Json, type[Key]]] = {
    "Ed25519": (STS.key.private_key, dict(STS.key.public_jwk()), jwk.OKPKey),
    "ES256": (P256, ec_jwk(P256), jwk.ECKey),
    "ES384": (P384, ec_jwk(P384), jwk.ECKey),
    "RS256": (RSA, rsa_jwk(alg="RS256"), jwk.RSAKey),
    "PS256": (RSA, rsa_jwk(alg="PS256"), jwk.RSAKey),
}


def ours(token: str, key: TrustedKey) -> bytes | None:
    """Return the payload that we take, None where we refuse."""
    try:
        found = parsed(token, LIMITS)
        check_signature(found, key)
    except TokenError:
        return None
    return found.payload


def theirs(token: str, key: Key, algorithm: str) -> bytes | None:
    try:
        return jws.deserialize_compact(token, key, algorithms=[algorithm]).payload
    except (JoseError, ValueError, TypeError):
        return None


def authlibs(token: str, public: Json, algorithm: str) -> bytes | None:
    assert isinstance(public, dict)
    try:
        found = JsonWebSignature([algorithm]).deserialize_compact(token.encode(), JsonWebKey.import_key(dict(public)))
    except (OlderJoseError, ValueError, TypeError):
        return None
    return bytes(found["payload"])


def mutated(token: str, seed: int) -> str:
    chance = random.Random(seed)  # noqa: S311 - no secret
    characters = list(token)
    for _ in range(chance.randint(0, 2)):
        at = chance.randrange(len(characters))
        match chance.randrange(3):
            case 0:
                characters[at] = chance.choice("ABCabc0189-_=. ")
            case 1:
                characters.insert(at, chance.choice("Aa0-_=. \n"))
            case _:
                del characters[at]
    return "".join(characters)


OTHERS = sorted(KEYS.keys() - {"Ed25519"})


@pytest.mark.parametrize("algorithm", KEYS)
def test_t9_all_take_what_is_good(algorithm: str) -> None:
    private, public, kind = KEYS[algorithm]
    token = signed({"alg": algorithm, "typ": "at+jwt"}, claims_a(), private, algorithm=algorithm)
    assert isinstance(public, dict)
    found = ours(token, admit(public))
    assert found is not None
    assert found == theirs(token, kind.import_key(public), algorithm)
    assert algorithm not in OTHERS or found == authlibs(token, public, algorithm)


@settings(max_examples=40, deadline=None)
@given(algorithm=st.sampled_from(sorted(KEYS)), seed=st.integers(0, 2**32))
def test_t9_we_take_nothing_that_another_reading_refuses(algorithm: str, seed: int) -> None:
    private, public, kind = KEYS[algorithm]
    token = mutated(signed({"alg": algorithm}, {"sub": "ann", "n": seed}, private, algorithm=algorithm), seed)
    assert isinstance(public, dict)
    found = ours(token, admit(public))
    assert found is None or found == theirs(token, kind.import_key(public), algorithm)
    assert found is None or algorithm not in OTHERS or found == authlibs(token, public, algorithm)


@settings(max_examples=40, deadline=None)
@given(algorithm=st.sampled_from(OTHERS), other=st.sampled_from(OTHERS), seed=st.integers(0, 2**32))
def test_t9_nobody_takes_a_signature_under_another_algorithm_or_key(algorithm: str, other: str, seed: int) -> None:
    private, _, _ = KEYS[algorithm]
    _, public, kind = KEYS[other]
    token = signed({"alg": algorithm}, {"sub": "ann", "n": seed}, private, algorithm=algorithm)
    assert isinstance(public, dict)
    found = ours(token, admit(public))
    assert (found is not None) == (algorithm == other)
    assert found == authlibs(token, public, other) == theirs(token, kind.import_key(public), other)
