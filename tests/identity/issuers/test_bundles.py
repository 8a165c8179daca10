"""A bundle's keys are those for JWT and nothing else; P21's keys."""

import json

import pytest

from sidecar.errors import FetchError
from sidecar.identity.issuers.bundles import bundle, x509_roots
from sidecar.model.strict_json import Json
from tests.identity.crafting import STS, STS2, Claims, rsa_jwk, values

ALGORITHMS = frozenset({"RS256", "Ed25519", "ES256"})


def document(*jwks: Json, **members: Json) -> bytes:
    return json.dumps({"keys": list(jwks), **members}).encode()


def svid(use: str | None = "jwt-svid", **members: Json) -> Claims:
    jwk = {**STS.key.public_jwk(), "kid": "a", **members}
    del jwk["use"]
    return jwk if use is None else {**jwk, "use": use}


def test_p21_a_key_for_jwt_svids_is_usable_without_alg() -> None:
    found = bundle(document(rsa_jwk(kid="r", use="jwt-svid"), spiffe_sequence=4), ALGORITHMS, needs_use=True)
    assert [(key.key_id, key.algorithm) for key in found.keys.keys] == [("r", "RS256")]
    assert found.sequence == 4


@pytest.mark.parametrize(
    ("jwk", "needs_use", "ids", "refused"),
    [
        pytest.param(svid(), True, ["a"], {}, id="jwt-svid"),
        pytest.param(svid("wit-svid"), True, ["a"], {}, id="wit-svid"),
        pytest.param(svid("x509-svid"), True, [], {"a": "key_use_mismatch"}, id="N209 x509-svid"),
        pytest.param(svid("x509-svid"), False, [], {"a": "key_use_mismatch"}, id="N209 x509-svid by the API"),
        pytest.param(svid("sig"), True, [], {"a": "key_use_mismatch"}, id="sig"),
        pytest.param(svid(None), True, [], {"a": "key_use_mismatch"}, id="none"),
        pytest.param(svid(None), False, ["a"], {}, id="none by the API"),
        pytest.param(svid(kid=""), True, [], {}, id="no id"),
    ],
)
def test_what_a_key_is_for(
    jwk: Claims,
    needs_use: bool,  # noqa: FBT001 - a column of the table
    ids: list[str],
    refused: dict[str, str],
) -> None:
    found = bundle(document(jwk), ALGORITHMS, needs_use=needs_use).keys
    assert ([key.key_id for key in found.keys], dict(found.refused)) == (ids, refused)


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"spiffe_refresh_hint": 60}, 60.0, id="a minute"),
        pytest.param({"spiffe_refresh_hint": 0}, 0.0, id="at once"),
        *(
            pytest.param({"spiffe_refresh_hint": value}, "jwks_malformed", id=f"{value!r}")
            for value in values("60", -1, 1.5, [60], *json.loads("[true]"))
        ),
    ],
)
def test_a_bundle_says_when_to_ask_again(hint: Claims, expected: float | str | None) -> None:
    try:
        found: float | str | None = bundle(document(svid(), **hint), ALGORITHMS, needs_use=True).max_age
    except FetchError as error:
        found = error.reason
    assert found == expected


@pytest.mark.parametrize(
    ("jwk", "expected"),
    [
        pytest.param({"use": "x509-svid", "x5c": ["AAEC"]}, (b"\0\1\2",), id="an authority"),
        pytest.param({"use": "jwt-svid", "x5c": ["AAEC"]}, (), id="of something else"),
        pytest.param({"use": "x509-svid"}, "jwks_malformed", id="no certificate"),
        pytest.param({"use": "x509-svid", "x5c": ["AAEC", "AAEC"]}, "jwks_malformed", id="two certificates"),
        pytest.param({"use": "x509-svid", "x5c": ["A_-C"]}, "jwks_malformed", id="another alphabet"),
        pytest.param({"use": "x509-svid", "x5c": [7]}, "jwks_malformed", id="a number"),
        pytest.param({"use": "x509-svid", "x5c": ["\u00e4"]}, "jwks_malformed", id="not ASCII"),
        pytest.param(7, (), id="no key at all"),
    ],
)
def test_who_may_vouch_for_the_server_of_a_bundle(jwk: Json, expected: tuple[bytes, ...] | str) -> None:
    try:
        found: tuple[bytes, ...] | str = x509_roots(document(jwk))
    except FetchError as error:
        found = error.reason
    assert found == expected


def test_what_is_no_bundle_has_no_authorities() -> None:
    assert (x509_roots(b"[]"), x509_roots(b'{"keys": 7}')) == ((), ())
    with pytest.raises(FetchError):
        x509_roots(b"\xff")


def test_an_emptied_bundle_is_no_error_but_an_answer() -> None:
    assert bundle(document(), ALGORITHMS, needs_use=True).keys.keys == ()


def test_n210_one_bad_key_leaves_the_others() -> None:
    found = bundle(document(svid(), {"kty": "EC", "crv": "P-256", "x": "!"}, 7), ALGORITHMS, needs_use=True)
    assert [key.key_id for key in found.keys.keys] == ["a"]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        pytest.param(b"", "jwks_malformed", id="nothing"),
        pytest.param(b"\xff", "jwks_malformed", id="no text"),
        pytest.param(b"[]", "jwks_malformed", id="a list"),
        pytest.param(b'{"keys":{}}', "jwks_malformed", id="no list of keys"),
        pytest.param(document(svid(), spiffe_sequence=-1), "jwks_malformed", id="a sequence below zero"),
        pytest.param(document(svid(), spiffe_sequence=True), "jwks_malformed", id="a sequence that is true"),
        pytest.param(document(svid(), spiffe_sequence="7"), "jwks_malformed", id="a sequence in words"),
        pytest.param(document(*[svid()] * 101), "jwks_too_large", id="101 keys"),
        pytest.param(document(svid(d="x")), "key_private_or_symmetric", id="a private key"),
        pytest.param(document({"kty": "oct", "k": "x"}, STS2.key.public_jwk()), "key_private_or_symmetric", id="oct"),
    ],
)
def test_a_bundle_that_is_none(octets: bytes, reason: str) -> None:
    with pytest.raises(FetchError) as refused:
        bundle(octets, ALGORITHMS, needs_use=True)
    assert refused.value.reason == reason
