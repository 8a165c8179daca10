"""Public sets beside those on linked tokens, re-expressed: what attacks on JWS try, for each algorithm, and delegation.

The constructs are those of Wycheproof's sets on JWS, PKCS #1, PSS, ECDSA and EdDSA, and of attenu-guard's vectors on
delegation. Every token is made here: each change is of a good one, and the good one is accepted.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.identity.keys import decoded, encoded
from sidecar.identity.verifier import Verifier
from sidecar.model.scope import permits
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    EVIL,
    P256,
    P384,
    RSA,
    STS,
    VERIFIER,
    Claims,
    Step,
    T,
    chain_b,
    claims_a,
    ec_jwk,
    key_set,
    put,
    reason_of,
    rsa_jwk,
    signed,
    signed_octets,
    trusted,
    verifier,
)

KEYS: Mapping[str, tuple[object, Claims]] = {
    "Ed25519": (STS.key.private_key, dict(STS.key.public_jwk())),
    "ES256": (P256, ec_jwk(P256)),
    "ES384": (P384, ec_jwk(P384)),
    "RS256": (RSA, rsa_jwk(alg="RS256")),
    "PS256": (RSA, rsa_jwk(alg="PS256")),
}
ALL = pytest.mark.parametrize("algorithm", KEYS)


def by(algorithm: str) -> Verifier:
    """Return who trusts the one key of `algorithm`."""
    keys = key_set({**KEYS[algorithm][1], "kid": "k"})
    return verifier(trusted(keys=keys, algorithms=frozenset({algorithm})))


def header(algorithm: str, **more: Json) -> Claims:
    return {"alg": algorithm, "typ": "at+jwt", "kid": "k", **more}


def good(algorithm: str, **more: Json) -> str:
    claims = {**claims_a(), "jti": "one"}
    return signed(header(algorithm, **more), claims, KEYS[algorithm][0], algorithm=algorithm)


def with_signature(token: str, signature: bytes) -> str:
    return f"{token.rpartition('.')[0]}.{encoded(signature)}"


def signature_of(token: str) -> bytes:
    return decoded(token.rpartition(".")[2]) or b""


def _flipped(octets: bytes, place: int = 0) -> bytes:
    return octets[:place] + bytes([octets[place] ^ 0x40]) + octets[place + 1 :]


def _as_json(token: str) -> str:
    head, payload, signature = token.split(".")
    return json.dumps({"payload": payload, "signatures": [{"protected": head, "signature": signature}]})


def _other_claims(token: str) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{encoded(json.dumps({**claims_a(), 'sub': 'eve'}).encode())}.{signature}"


def _other_header(token: str, algorithm: str) -> str:
    return f"{encoded(json.dumps(header(algorithm, x=1)).encode())}.{token.split('.', 1)[1]}"


FORMS: list[tuple[str, Callable[[str, str], str], str]] = [
    ("as it is", lambda token, _: token, "accepted"),
    ("signature changed", lambda token, _: with_signature(token, _flipped(signature_of(token))), "sig_invalid"),
    ("its end changed", lambda token, _: with_signature(token, _flipped(signature_of(token), -1)), "sig_invalid"),
    ("signature of zeros", lambda token, _: with_signature(token, bytes(len(signature_of(token)))), "sig_invalid"),
    ("signature cut", lambda token, _: with_signature(token, signature_of(token)[:-1]), "sig_invalid"),
    ("signature longer", lambda token, _: with_signature(token, signature_of(token) + b"\0"), "sig_invalid"),
    ("signature before a zero", lambda token, _: with_signature(token, b"\0" + signature_of(token)), "sig_invalid"),
    ("no signature", lambda token, _: token.rpartition(".")[0] + ".", "token_malformed"),
    ("nor its dot", lambda token, _: token.rpartition(".")[0], "token_malformed"),
    ("claims changed", lambda token, _: _other_claims(token), "sig_invalid"),
    ("no claims", lambda token, _: ".".join([token.split(".")[0], "", token.split(".")[2]]), "token_malformed"),
    ("nor their dot", lambda token, _: ".".join(token.split(".")[::2]), "token_malformed"),
    ("header changed", _other_header, "sig_invalid"),
    ("no header", lambda token, _: "." + token.split(".", 1)[1], "token_malformed"),
    ("nor its dot either", lambda token, _: token.split(".", 1)[1], "token_malformed"),
    ("claims alone, between dots", lambda token, _: f".{token.split('.')[1]}.", "token_malformed"),
    ("claims alone", lambda token, _: token.split(".")[1], "token_malformed"),
    ("nothing", lambda *_: "", "token_malformed"),
    ("a dot more", lambda token, _: token + ".", "token_malformed"),
    ("a part more", lambda token, _: token + ".e30", "token_malformed"),
    ("two parts more", lambda token, _: token + ".e30.e30", "token_jwe_not_accepted"),
    ("in JSON", lambda token, _: _as_json(token), "token_malformed"),
    (
        "no algorithm, no signature",
        lambda token, _: f"{encoded(json.dumps(header('none')).encode())}.{token.split('.')[1]}.",
        "token_malformed",
    ),
    (
        "no algorithm, the signature",
        lambda token, _: f"{encoded(json.dumps(header('none')).encode())}.{token.split('.', 1)[1]}",
        "alg_not_allowed",
    ),
]


@ALL
@pytest.mark.parametrize(("change", "reason"), [pytest.param(*row[1:], id=row[0]) for row in FORMS])
def test_a_token_that_was_changed_is_refused(algorithm: str, change: Callable[[str, str], str], reason: str) -> None:
    assert reason_of([change(good(algorithm), algorithm)], by=by(algorithm)) == reason


@ALL
@pytest.mark.parametrize("mac", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_nobodys_secret(algorithm: str, mac: str) -> None:
    public = KEYS[algorithm][0].public_key()  # type: ignore[attr-defined]  # each is a private key
    forms = [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)]
    secrets = [public.public_bytes(*form) for form in forms]
    secrets += [json.dumps(KEYS[algorithm][1]).encode(), str(KEYS[algorithm][1].get("x", "")).encode(), b"", b"k"]
    head, payload = (encoded(json.dumps(part).encode()) for part in (header(mac), claims_a()))
    digest = mac.replace("HS", "sha")
    tokens = [f"{head}.{payload}.{encoded(hmac.digest(s, f'{head}.{payload}'.encode(), digest))}" for s in secrets]
    assert {reason_of([token], by=by(algorithm)) for token in tokens} == {"alg_not_allowed"}


@ALL
def test_a_key_in_the_header_is_no_key(algorithm: str) -> None:
    own = signed({**header("Ed25519"), "jwk": EVIL.key.public_jwk()}, claims_a(), EVIL.key.private_key)
    borne = good(algorithm, jwk=KEYS[algorithm][1])
    assert {reason_of([token], by=by(algorithm)) for token in (own, borne)} == {"header_forbidden_param"}


@pytest.mark.parametrize(
    ("said", "key"),
    [("RS256", "PS256"), ("PS256", "RS256"), ("ES256", "ES384"), ("ES384", "ES256"), ("Ed25519", "ES256")],
)
def test_a_key_signs_by_one_algorithm(said: str, key: str) -> None:
    both = verifier(trusted(keys=key_set({**KEYS[key][1], "kid": "k"}), algorithms=frozenset({said, key})))
    assert reason_of([good(said)], by=both) == "alg_key_mismatch"


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS384", "PS512", "ES512", "ES256K", "RS1", "HS256", "EdDSA"])
def test_no_other_algorithm_is_taken(algorithm: str) -> None:
    token = signed_octets(json.dumps(header(algorithm)).encode(), json.dumps(claims_a()).encode(), STS.key.private_key)
    assert reason_of([token], by=by("Ed25519")) == "alg_not_allowed"


# ---- RSA: PKCS #1 v1.5 -----------------------------------------------------------------------------------

MODULUS = RSA.public_key().public_numbers().n
EXPONENT = RSA.private_numbers().d
SIZE = 256
SHA256_OID = bytes.fromhex("0609608648016503040201")
SHA512_OID = bytes.fromhex("0609608648016503040203")
SHA1_OID = bytes.fromhex("06052b0e03021a")


def der(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body


def info(text: bytes, oid: bytes = SHA256_OID, parameters: bytes = b"\x05\x00") -> bytes:
    """Return a DigestInfo (RFC 8017, section 9.2)."""
    return der(0x30, der(0x30, oid + parameters) + der(0x04, sha256(text).digest()))


def block(content: bytes, kind: int = 1, filler: bytes = b"\xff") -> bytes:
    return bytes([0, kind]) + filler * (SIZE - 3 - len(content)) + b"\0" + content


def rsa_token(encode: Callable[[bytes], bytes]) -> str:
    """Return a token whose signature holds exactly the block that `encode` makes of what is signed."""
    token = good("RS256")
    whole = int.from_bytes(encode(token.rpartition(".")[0].encode()))
    return with_signature(token, pow(whole, EXPONENT, MODULUS).to_bytes(SIZE))


def _indefinite(text: bytes) -> bytes:
    return b"\x30\x80" + info(text)[2:] + b"\0\0"


PADDINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("another block type", lambda text: block(info(text), kind=2)),
    ("no block type", lambda text: block(info(text), kind=0)),
    ("filled with zeros", lambda text: block(info(text), filler=b"\0")),
    ("filled with 0xfe", lambda text: block(info(text), filler=b"\xfe")),
    ("filled short, and octets behind", lambda text: (b"\0\x01" + b"\xff" * 8 + b"\0" + info(text)).ljust(SIZE, b"\0")),
    ("filled short, and octets before", lambda text: block(b"\0" + info(text))),
    ("no end of the filling", lambda text: b"\0\x01" + b"\xff" * (SIZE - 2 - len(info(text))) + info(text)),
    ("octets within the sequence", lambda text: block(der(0x30, info(text)[2:] + b"\x05\x00"))),
    ("octets behind the sequence", lambda text: block(info(text) + b"\0")),
    ("no parameters", lambda text: block(info(text, parameters=b""))),
    ("other parameters", lambda text: block(info(text, parameters=b"\x04\x00"))),
    ("parameters with garbage", lambda text: block(info(text, parameters=b"\x05\x02ab"))),
    ("another hash named", lambda text: block(info(text, oid=SHA512_OID))),
    ("SHA-1 named", lambda text: block(info(text, oid=SHA1_OID))),
    ("long form of a length", lambda text: block(b"\x30\x81" + info(text)[1:])),
    ("a length that does not end", lambda text: block(_indefinite(text))),
    ("the hash alone", lambda text: block(sha256(text).digest())),
    (
        "the hash cut",
        lambda text: block(der(0x30, der(0x30, SHA256_OID + b"\x05\0") + der(4, sha256(text).digest()[:31]))),
    ),
    ("the hash of something else", lambda text: block(info(text + b"x"))),
    ("nothing", lambda _: block(b"")),
]


def test_a_block_as_it_should_be_is_accepted() -> None:
    token = rsa_token(lambda text: block(info(text)))
    assert token == good("RS256")
    assert reason_of([token], by=by("RS256")) == "accepted"


@pytest.mark.parametrize("encode", [pytest.param(row[1], id=row[0]) for row in PADDINGS])
def test_an_rsa_signature_with_another_padding_is_refused(encode: Callable[[bytes], bytes]) -> None:
    assert reason_of([rsa_token(encode)], by=by("RS256")) == "sig_invalid"


@settings(max_examples=30, deadline=None)
@given(place=st.integers(0, SIZE - 1), bit=st.integers(0, 7))
def test_no_bit_of_the_block_is_without_meaning(place: int, bit: int) -> None:
    def changed(text: bytes) -> bytes:
        octets = bytearray(block(info(text)))
        octets[place] ^= 1 << bit
        return (int.from_bytes(octets) % MODULUS).to_bytes(SIZE)

    assert reason_of([rsa_token(changed)], by=by("RS256")) == "sig_invalid"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_an_rsa_signature_has_one_spelling(algorithm: str) -> None:
    token = good(algorithm)
    more = int.from_bytes(signature_of(token)) + MODULUS
    twins = [more.to_bytes(SIZE + 1)] + ([more.to_bytes(SIZE)] if more < 256**SIZE else [])
    assert {reason_of([with_signature(token, twin)], by=by(algorithm)) for twin in twins} == {"sig_invalid"}


# ---- RSA: PSS --------------------------------------------------------------------------------------------

SHA256, SHA1 = hashes.SHA256(), hashes.SHA1()  # noqa: S303 - what must be refused


@pytest.mark.parametrize(
    ("mask", "salt", "reason"),
    [
        pytest.param(SHA256, 32, "accepted", id="as RFC 7518 has it"),
        pytest.param(SHA256, 0, "sig_invalid", id="no salt"),
        pytest.param(SHA256, 20, "sig_invalid", id="a short salt"),
        pytest.param(SHA256, 33, "sig_invalid", id="a salt of one octet more"),
        pytest.param(SHA256, padding.PSS.MAX_LENGTH, "sig_invalid", id="as much salt as fits"),
        pytest.param(SHA1, 32, "sig_invalid", id="a mask by SHA-1"),
        pytest.param(hashes.SHA512(), 32, "sig_invalid", id="a mask by SHA-512"),
    ],
)
def test_pss_has_one_mask_and_one_length_of_salt(mask: hashes.HashAlgorithm, salt: int, reason: str) -> None:
    token = good("PS256")
    pss = padding.PSS(padding.MGF1(mask), salt)
    signature = RSA.sign(token.rpartition(".")[0].encode(), pss, hashes.SHA256())
    assert reason_of([with_signature(token, signature)], by=by("PS256")) == reason


# ---- ECDSA and EdDSA -------------------------------------------------------------------------------------

CURVES: Mapping[str, tuple[ec.EllipticCurvePrivateKey, int, int]] = {
    "ES256": (P256, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551, 32),
    "ES384": (P384, 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D, 48),
}
EDGES = ["zero", "one", "order", "order - 1", "order + 1", "all ones"]


def _edge(name: str, order: int, octets: int) -> int:
    known: dict[str, int] = {"zero": 0, "one": 1, "order": order, "order - 1": order - 1, "order + 1": order + 1}
    return known.get(name, (1 << 8 * octets) - 1)


@pytest.mark.parametrize("algorithm", CURVES)
@pytest.mark.parametrize("r", EDGES)
@pytest.mark.parametrize("s", EDGES)
def test_no_number_at_the_edge_is_a_signature(algorithm: str, r: str, s: str) -> None:
    _, order, octets = CURVES[algorithm]
    signature = b"".join(_edge(name, order, octets).to_bytes(octets) for name in (r, s))
    assert reason_of([with_signature(good(algorithm), signature)], by=by(algorithm)) == "sig_invalid"


@pytest.mark.parametrize("algorithm", CURVES)
def test_an_ecdsa_signature_is_two_numbers_of_one_size(algorithm: str) -> None:
    key, order, octets = CURVES[algorithm]
    token = good(algorithm)
    text = token.rpartition(".")[0].encode()
    digest = hashes.SHA256() if algorithm == "ES256" else hashes.SHA384()
    plain = key.sign(text, ec.ECDSA(digest))
    r, s = decode_dss_signature(plain)
    written = [
        plain,
        encode_dss_signature(r, order - s),
        r.to_bytes(octets + 1) + s.to_bytes(octets + 1),
        s.to_bytes(octets) + r.to_bytes(octets),
        r.to_bytes(octets, "little") + s.to_bytes(octets, "little"),
        r.to_bytes(octets),
    ]
    assert reason_of([with_signature(token, r.to_bytes(octets) + s.to_bytes(octets))], by=by(algorithm)) == "accepted"
    assert {reason_of([with_signature(token, one)], by=by(algorithm)) for one in written} == {"sig_invalid"}


@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA384(), hashes.SHA512()], ids=lambda one: one.name)  # noqa: S303 - what must be refused
def test_es256_hashes_with_sha_256(digest: hashes.HashAlgorithm) -> None:
    token = good("ES256")
    r, s = decode_dss_signature(P256.sign(token.rpartition(".")[0].encode(), ec.ECDSA(digest)))
    assert reason_of([with_signature(token, r.to_bytes(32) + s.to_bytes(32))], by=by("ES256")) == "sig_invalid"


ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize("times", [1, 2, 8, 14])
def test_an_ed25519_signature_has_one_spelling(times: int) -> None:
    token = good("Ed25519")
    signature = signature_of(token)
    s = int.from_bytes(signature[32:], "little") + times * ORDER
    twins = [signature[:32] + s.to_bytes(32, "little"), signature[32:] + signature[:32], signature[:63] + b"\xff"]
    assert {reason_of([with_signature(token, twin)], by=by("Ed25519")) for twin in twins} == {"sig_invalid"}


@pytest.mark.parametrize(
    "point", [b"\x01" + bytes(31), bytes(32), b"\xec" + b"\xff" * 30 + b"\x7f"], ids=["1", "0", "-1"]
)
def test_a_point_of_low_order_signs_nothing_under_a_good_key(point: bytes) -> None:
    assert reason_of([with_signature(good("Ed25519"), point + bytes(32))], by=by("Ed25519")) == "sig_invalid"


# ---- delegation ------------------------------------------------------------------------------------------

PAY: Claims = {"tools": {"pay": {"args": {"amount": {"constraint_type": "range", "max": 100}}}}}
LESS: Claims = {"tools": {"pay": {"args": {"amount": {"constraint_type": "range", "max": 50}}}}}
MORE: Claims = {"tools": {**dict(PAY["tools"]), "refund": {}}}  # type: ignore[arg-type]  # an object
SPLICED = [
    chain_b(Step(put(jti="other"), scope=PAY))[0],
    *chain_b(Step(scope=PAY), Step(scope=LESS), Step(scope=LESS))[1:],
]


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        pytest.param(chain_b(Step(scope=PAY), Step(scope=LESS), Step(scope=LESS)), "accepted", id="valid"),
        pytest.param(chain_b(Step(), Step(signer=EVIL.key)), "sig_invalid", id="a bad signature"),
        pytest.param(chain_b(Step(put(del_max_depth=1))), "chain_depth", id="too deep"),
        pytest.param(chain_b(Step(put(exp=T + 300))), "chain_lifetime_widened", id="outlives its parent"),
        pytest.param(SPLICED, "chain_parent_hash_mismatch", id="spliced"),
        pytest.param(chain_b(Step(scope=LESS), Step(scope=PAY)), "scope_args_widened", id="a ceiling raised"),
        pytest.param(chain_b(Step(scope=PAY), Step(scope=MORE)), "scope_tool_added", id="a tool more"),
    ],
)
def test_a_delegation_of_the_public_set_comes_out_as_it_should(tokens: list[str], reason: str) -> None:
    assert reason_of(tokens) == reason


def test_a_call_above_the_ceiling_of_the_last_link_is_refused() -> None:
    scope = VERIFIER.verify(chain_b(Step(scope=PAY), Step(scope=LESS), Step(scope=LESS)), T).scope
    asked = [permits(scope, "pay", {"amount": amount}) for amount in (50, 51, 100)]
    assert [refusal and refusal.reason for refusal in asked] == [None, "argument_denied", "argument_denied"]
