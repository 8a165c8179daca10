"""N001 to N052 of identity-spec 3.1: encoding, header, signature. The ids are the specification's."""

import json
from base64 import urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sidecar.identity.keys import KeySet, admit_set, decoded, encoded
from sidecar.identity.limits import Limits
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from tests.identity import crafting
from tests.identity.crafting import (
    EVIL,
    HOLDERS,
    P256,
    RES,
    RSA,
    STS,
    STS2,
    A,
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
    token_a,
    trusted,
    values,
    verifier,
)

KEY = STS.key.private_key
GOOD = token_a()
HEAD = {"alg": "Ed25519", "typ": "at+jwt", "kid": STS.key.public.thumbprint}
ES256 = verifier(trusted(keys=key_set(ec_jwk(P256, kid="es1"))))


def es256(claims: dict[str, Json] | None = None) -> str:
    """Return GOOD-A signed with P-256."""
    return signed({"alg": "ES256", "typ": "at+jwt", "kid": "es1"}, claims or claims_a(), P256, algorithm="ES256")


def with_payload(text: str | bytes) -> str:
    """Return a token whose payload is exactly `text`, signed all the same."""
    return signed_octets(
        json.dumps(HEAD).encode(), text.encode() if isinstance(text, str) else text, STS.key.private_key
    )


def with_member(text: str) -> str:
    """Return GOOD-A with one member more, written exactly as `text`."""
    return with_payload(json.dumps(claims_a())[:-1] + "," + text + "}")


def parts(token: str) -> list[str]:
    return token.split(".")


def _padded(*segments: int) -> str:
    """Return GOOD-A with white space in its JSON until base64 needs padding, padded, and signed over that."""
    texts = [json.dumps(HEAD), json.dumps(claims_a())]
    coded = [urlsafe_b64encode(text.ljust(len(text) // 3 * 3 + 4).encode()).decode() for text in texts]
    assert all(text.endswith("==") for text in coded)
    head = ".".join(text if index in segments else text.rstrip("=") for index, text in enumerate(coded))
    signature = STS.key.private_key.sign(head.encode())  # type: ignore[call-arg]  # Ed25519
    return f"{head}.{encoded(signature)}"


def _sized(octets: int) -> str:
    """Return GOOD-A with a header of so many octets."""
    bare = len(json.dumps({**HEAD, "x": ""}))
    return token_a(header={"x": "y" * (octets - bare)})


FORM = [
    pytest.param([], "token_missing", id="N001 no credential"),
    pytest.param(None, "token_malformed", id="N001 no list"),
    pytest.param([b"bytes"], "token_malformed", id="N003 bytes"),
    pytest.param([None], "token_malformed", id="N003 none"),
    pytest.param([7], "token_malformed", id="N003 number"),
    pytest.param([GOOD + "\n"], "token_malformed", id="N004 trailing newline"),
    pytest.param([" " + GOOD], "token_malformed", id="N004 leading space"),
    pytest.param(["Bearer " + GOOD], "token_malformed", id="N004 bearer"),
    pytest.param([GOOD + "=="], "token_malformed", id="N005 padded signature, Ed25519"),
    pytest.param([es256() + "=="], "token_malformed", id="N005 padded signature, ES256"),
    pytest.param([_padded(0)], "token_malformed", id="N006 padded header, signed so"),
    pytest.param([_padded(1)], "token_malformed", id="N006 padded payload, signed so"),
    pytest.param([_padded(0, 1)], "token_malformed", id="N006 both padded, signed so"),
    pytest.param(["a.b.c.d"], "token_malformed", id="N008 four segments"),
    pytest.param(["a.b"], "token_malformed", id="N008 two segments"),
    pytest.param([".."], "token_malformed", id="N008 empty segments"),
    pytest.param([GOOD.rpartition(".")[0] + "."], "token_malformed", id="N008 N030 an empty signature"),
    pytest.param(
        [token_a(header={"alg": "none"}).rpartition(".")[0] + "."],
        "token_malformed",
        id="N008 N030 none, with an empty signature",
    ),
    pytest.param(['{"payload":"e30","signatures":[]}'], "token_malformed", id="N008 JSON serialisation"),
    pytest.param([""], "token_malformed", id="N008 nothing"),
    pytest.param(["a.b.c.d.e"], "token_jwe_not_accepted", id="N009 five segments"),
    pytest.param(["a" * (16 * 1024 + 1)], "limit_token_size", id="N010 too long"),
    pytest.param(["a" * 15_900] * 4 + ["b"], "limit_chain_hops", id="N012 five hops"),
    pytest.param([_sized(2048)], "accepted", id="N013 a header of 2 KiB"),
    pytest.param([_sized(2049)], "limit_header_size", id="N013 one octet more"),
    pytest.param([with_member('"sub":"b"')], "token_json_duplicate_member", id="N014 duplicate sub"),
    pytest.param([with_member(r'"\u0073ub":"b"')], "token_json_duplicate_member", id="N015 by an escape"),
    pytest.param([with_member('"cnf":{"jkt":"a","jkt":"b"}')], "token_json_duplicate_member", id="N015 nested"),
    pytest.param(
        [with_member('"cnf":{"jwk":{"kty":"OKP","crv":"Ed25519","x":"a","x":"b"}}')],
        "token_json_duplicate_member",
        id="N015 nested in cnf.jwk",
    ),
    pytest.param(
        [signed_octets(b'{"alg":"none",' + json.dumps(HEAD).encode()[1:], json.dumps(claims_a()).encode(), KEY)],
        "token_json_duplicate_member",
        id="N015 duplicate alg",
    ),
    *(
        pytest.param([with_member(f'"x":{number}')], "token_json_number", id=f"N016 {number}")
        for number in ("NaN", "Infinity", "-Infinity", "1e400")
    ),
    pytest.param([with_member('"x":9007199254740993')], "token_json_number", id="N017 beyond 2^53"),
    pytest.param([with_member('"x":1.00000000000000001')], "token_json_number", id="N017 lost digits"),
    pytest.param([with_member('"x":' + "1" * 5000)], "token_json_number", id="N017 many digits"),
    pytest.param(
        [with_payload(b"\xef\xbb\xbf" + json.dumps(claims_a()).encode())], "token_json_invalid", id="N018 BOM"
    ),
    pytest.param([with_payload(b'{"a":"\xff"}')], "token_json_invalid", id="N018 not UTF-8"),
    pytest.param([with_member(r'"x":"\ud800"')], "token_json_invalid", id="N018 lone surrogate"),
    pytest.param([with_payload(json.dumps(claims_a()) + "{}")], "token_json_invalid", id="N018 trailing"),
    pytest.param([with_payload("[" * 5000)], "limit_json_depth", id="N019 unclosed"),
    pytest.param([with_member('"x":' + "[" * 900 + "]" * 900)], "limit_json_depth", id="N019 deep"),
    pytest.param(
        [with_member('"x":{' + ",".join(f'"{i}":1' for i in range(513)) + "}")], "limit_json_members", id="N020 members"
    ),
    pytest.param([with_member('"x":["' + "y" * 5000 + '"]')], "limit_string", id="N020 string"),
    pytest.param([with_member('"' + "y" * 5000 + '":1')], "limit_string", id="N020 name"),
    pytest.param([with_payload("[]")], "token_json_invalid", id="N021 array"),
    pytest.param([with_payload('"a"')], "token_json_invalid", id="N021 string"),
    pytest.param([with_payload(" {}")], "token_json_invalid", id="N021 white space first"),
    pytest.param([with_payload("x")], "token_json_invalid", id="N021 no JSON"),
    pytest.param([with_payload(" ")], "token_json_invalid", id="N021 nothing but white space"),
    pytest.param([with_payload("")], "token_malformed", id="N021 empty: a segment is missing, which is seen first"),
]


@pytest.mark.parametrize(("tokens", "reason"), FORM)
def test_a_credential_of_another_form_is_refused(tokens: object, reason: str) -> None:
    assert reason_of(tokens) == reason


@pytest.mark.parametrize("place", [0, 1, 2])
def test_n007_a_segment_with_unused_bits_set_is_refused(place: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    segments = [encoded(b"{}  "), encoded(b"{}  "), GOOD.split(".")[2]]  # 4 and 64 octets leave four unused bits
    segments[place] = segments[place][:-1] + alphabet[alphabet.index(segments[place][-1]) ^ 1]
    assert reason_of([".".join(segments)]) == "token_encoding"


def test_n011_a_chain_that_is_too_large_is_refused() -> None:
    small = verifier(limits=Limits(chain=60 * 1024))
    assert reason_of(["a" * 15_900] * 4, by=small) == "limit_chain_size"


HEADER_VALUES: list[tuple[str, Json]] = [
    ("crit", ["b64"]),
    ("crit", ["foo"]),
    ("crit", []),
    ("b64", True),
    ("b64", False),
    ("zip", "DEF"),
    ("enc", "A128GCM"),
    ("p2c", 1),
    ("cty", "JWT"),
    ("cty", "jwt"),
]


def _one_octet_changed() -> str:
    head, payload, signature = parts(GOOD)
    octets = _octets_of(payload).replace(b'"ann"', b'"anm"')
    return f"{head}.{encoded(octets)}.{signature}"


def _octets_of(text: str) -> bytes:
    return decoded(text) or b""


OTHERS = ("noNE", "None", "es256", "ed25519", "ES256K", "HS512", "ES256 ", "HS256", "")
HEADER = [
    *(
        pytest.param([token_a(header={"alg": alg})], "alg_not_allowed", id=f"{number} {alg}")
        for number, alg in (("N030", "none"), *(("N031", alg) for alg in OTHERS))
    ),
    pytest.param([token_a(header={"alg": None})], "alg_invalid", id="N033 alg missing"),
    pytest.param([token_a(header={"alg": ["Ed25519"]})], "alg_invalid", id="N033 alg list"),
    pytest.param(
        [signed_octets(b'{"alg":null,"typ":"at+jwt"}', json.dumps(claims_a()).encode(), KEY)],
        "alg_invalid",
        id="N033 alg null",
    ),
    pytest.param([token_a(header={"alg": "ES256"})], "alg_key_mismatch", id="N034 another alg than the key's"),
    pytest.param([token_a(header={"alg": "EdDSA"})], "alg_not_allowed", id="N036 EdDSA without leave"),
    pytest.param(
        [token_a(header={"jwk": EVIL.key.public_jwk(), "kid": None}, by=EVIL)],
        "header_forbidden_param",
        id="N038 a stranger's key, signed with it",
    ),
    *(
        pytest.param([token_a(header={name: value})], "header_forbidden_param", id=f"{number} {name}")
        for number, name, value in zip(
            ("N038", "N039", "N039", "N039"),
            ("jwk", "jku", "x5u", "x5c"),
            values({}, "https://evil/x", "https://evil/x", []),
            strict=True,
        )
    ),
    pytest.param(
        [token_a(header={"crit": ["b64"], "b64": True})], "header_forbidden_param", id="N041 what PyJWT takes"
    ),
    *(
        pytest.param(
            [token_a(header={name: value})],
            "header_forbidden_param",
            id=f"{'N042' if name == 'zip' else 'N041'} {name} {value}",
        )
        for name, value in HEADER_VALUES
    ),
    pytest.param([token_a(header={"kid": 7})], "header_invalid", id="N043 kid a number"),
    pytest.param([token_a(header={"kid": "a\x00b"})], "header_invalid", id="N043 kid with NUL"),
    pytest.param([token_a(header={"kid": "k" * 300})], "header_invalid", id="N043 kid too long"),
    pytest.param([token_a(header={"kid": "k" * 10240})], "limit_header_size", id="N043 kid longer than a header"),
    pytest.param([token_a(header={"kid": "../../etc/passwd"})], "key_unknown_kid", id="N043 kid a path"),
    pytest.param([token_a(header={"kid": "' OR 1=1"})], "key_unknown_kid", id="N043 kid SQL"),
    *(
        pytest.param([token_a(header={"typ": typ})], "typ_unexpected", id=f"N046 typ {typ}")
        for typ in ("JWT", "aat-pop+jwt", "dpop+jwt", "logout+jwt", "secevent+jwt", None, "", 7)
    ),
    pytest.param([GOOD, GOOD], "typ_unexpected", id="N046 two single tokens"),
    pytest.param([GOOD, chain_b()[1]], "chain_mixed_profile", id="N048 both kinds"),
    pytest.param([token_a(header={"typ": "adc+jwt"})], "profile_disabled", id="N049 ADC"),
    pytest.param([token_a(header={"typ": "txntoken+jwt"})], "profile_disabled", id="N049 transaction token"),
    pytest.param([token_a(header={"deep": {"a": {"b": {"c": {}}}}})], "limit_json_depth", id="header depth"),
    pytest.param([token_a(header={f"x{i}": 1 for i in range(33)})], "limit_json_members", id="header members"),
    pytest.param([".".join([parts(GOOD)[0], encoded(b"{}"), parts(GOOD)[2]])], "claim_missing", id="no iss"),
    pytest.param(
        [token_a(put(sub="eve")).rpartition(".")[0] + "." + parts(GOOD)[2]], "sig_invalid", id="N052 other claims"
    ),
    pytest.param([_one_octet_changed()], "sig_invalid", id="N052 one octet of the payload"),
]


@pytest.mark.parametrize(("tokens", "reason"), HEADER)
def test_a_header_that_is_not_ours_is_refused(tokens: list[str], reason: str) -> None:
    assert reason_of(tokens) == reason


PUBLIC = RSA.public_key()
SECRETS = [
    pytest.param(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), id="N032 PEM"),
    pytest.param(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1), id="N032 PEM of PKCS 1"),
    pytest.param(PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), id="N032 DER"),
    pytest.param(json.dumps(rsa_jwk(kid="r", alg="RS256")).encode(), id="N032 JWK text"),
    pytest.param(b"", id="N032 nothing"),
]


@pytest.mark.parametrize("secret", SECRETS)
def test_n032_a_public_key_is_never_a_secret(secret: bytes) -> None:
    by = verifier(trusted(keys=key_set(rsa_jwk(kid="r", alg="RS256")), algorithms=frozenset({"RS256", "HS256"})))
    token = signed({"alg": "HS256", "typ": "at+jwt", "kid": "r"}, claims_a(), secret, algorithm="HS256")
    assert reason_of([token], by=by) == "alg_not_allowed"
    good = signed({"alg": "RS256", "typ": "at+jwt", "kid": "r"}, claims_a(), RSA, algorithm="RS256")
    assert reason_of([good], by=by) == "accepted"


def test_n035_an_algorithm_of_the_same_key_type_is_refused() -> None:
    by = verifier(trusted(keys=key_set(rsa_jwk(kid="r", alg="PS256")), algorithms=frozenset({"RS256", "PS256"})))
    token = signed({"alg": "RS256", "typ": "at+jwt", "kid": "r"}, claims_a(), RSA, algorithm="RS256")
    assert reason_of([token], by=by) == "alg_key_mismatch"


def test_n037_ed448_is_refused_even_where_eddsa_is_allowed() -> None:
    key = ed448.Ed448PrivateKey.generate()
    jwk: dict[str, Json] = {
        "kty": "OKP",
        "crv": "Ed448",
        "x": encoded(key.public_key().public_bytes_raw()),
        "kid": "e4",
    }
    keys = admit_set({"keys": [jwk, STS.key.public_jwk()]})
    by = verifier(trusted(keys=keys, algorithms=frozenset({"EdDSA"})))
    token = signed({"alg": "EdDSA", "typ": "at+jwt", "kid": "e4"}, claims_a(), key, algorithm="EdDSA")
    assert reason_of([token], by=by) == "key_unsupported"


def test_n039_a_tolerated_parameter_is_ignored_and_only_for_its_issuer() -> None:
    by = verifier(trusted(tolerated_headers=frozenset({"jku"})), trusted(STS2))
    assert reason_of([token_a(header={"jku": "https://evil"})], by=by) == "accepted"
    assert reason_of([token_a(put(iss=STS2.url), header={"jku": "x"}, by=STS2)], by=by) == "header_forbidden_param"
    assert reason_of([token_a(header={"jwk": {}})], by=by) == "header_forbidden_param"


def test_n040_a_link_is_never_verified_with_a_key_from_its_header() -> None:
    evil = crafting.Step(signer=EVIL.key, header={"jwk": EVIL.key.public_jwk()})
    assert reason_of(chain_b(crafting.Step(), evil)) == "sig_invalid"


def test_n044_n045_a_token_without_kid_needs_an_issuer_with_one_key() -> None:
    three = key_set(STS.key.public_jwk(), HOLDERS[0].public_jwk(), HOLDERS[1].public_jwk())
    several = verifier(trusted(keys=three))
    twice = admit_set({"keys": [{**STS.key.public_jwk(), "kid": "k"}, {**HOLDERS[0].public_jwk(), "kid": "k"}]})
    doubled = verifier(trusted(keys=KeySet(keys=key_set(STS.key.public_jwk()).keys, refused=twice.refused)))
    assert reason_of([token_a(header={"kid": None})], by=several) == "key_ambiguous"
    assert reason_of([token_a(header={"kid": "k"})], by=doubled) == "key_ambiguous"
    assert twice.keys == ()
    assert reason_of([token_a(header={"kid": None})]) == "accepted"


@pytest.mark.parametrize("kind", ["ID", "Refresh"])
def test_n047_another_token_of_the_issuer_is_no_access_token(kind: str) -> None:
    legacy = trusted(typ=frozenset({"jwt"}), token_use=("typ", "Bearer"))
    by = verifier(legacy)
    assert reason_of([token_a(put(typ=kind), header={"typ": "JWT"})], by=by) == "token_use_mismatch"
    assert reason_of([token_a(put(typ="Bearer"), header={"typ": "JWT"})], by=by) == "accepted"
    assert reason_of([token_a(put(typ="Bearer"))], by=by) == "typ_unexpected"


def _es256_signature(r: int, s: int) -> str:
    return es256().rpartition(".")[0] + "." + encoded(r.to_bytes(32) + s.to_bytes(32))


N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNATURES = [
    pytest.param(_es256_signature(0, 0), id="N050 r=s=0"),
    pytest.param(_es256_signature(N, 1), id="N050 r=n"),
    pytest.param(es256().rpartition(".")[0] + "." + encoded(encode_dss_signature(5, 7)), id="N050 DER"),
    pytest.param(es256().rpartition(".")[0] + "." + encoded(bytes(63)), id="N050 63 octets"),
    pytest.param(es256().rpartition(".")[0] + "." + encoded(bytes(65)), id="N050 65 octets"),
    pytest.param(".".join([*parts(es256())[:2], parts(es256(claims_a((A,))))[2]]), id="N052 of another token"),
]


@pytest.mark.parametrize("token", SIGNATURES)
def test_a_signature_that_does_not_hold_is_refused(token: str) -> None:
    assert reason_of([token], by=ES256) == "sig_invalid"


def test_n051_a_malleated_ed25519_signature_is_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    head, signature = GOOD.rpartition(".")[0], _octets_of(parts(GOOD)[2])
    s = int.from_bytes(signature[32:], "little") + order
    assert reason_of([head + "." + encoded(signature[:32] + s.to_bytes(32, "little"))]) == "sig_invalid"


def test_p12_the_other_spelling_of_an_ecdsa_signature_is_the_same_token() -> None:
    token = es256()
    r, s = decode_dss_signature(_der(_octets_of(parts(token)[2])))
    twin = token.rpartition(".")[0] + "." + encoded(r.to_bytes(32) + (N - s).to_bytes(32))
    first, second = ES256.verify([token], T), ES256.verify([twin], T)
    assert first.digest == second.digest


def test_p12_a_parent_in_its_other_spelling_is_still_its_childrens_parent() -> None:
    issuer = TrialIssuer.generate("https://es256.example", "ES256")
    root, *rest = issuer.mint_linked(user="ann", agents=["a", "b", "c"], scope={"tools": {"t": {}}}, at=T, audience=RES)
    head, _, signature = root.rpartition(".")
    octets = _octets_of(signature)
    twin = f"{head}.{encoded(octets[:32] + (N - int.from_bytes(octets[32:])).to_bytes(32))}"
    by = verifier(trusted(issuer))
    assert twin != root
    assert reason_of([twin, *rest], by=by) == "accepted"
    assert by.verify([twin, *rest], T).digest == by.verify([root, *rest], T).digest


def _der(raw: bytes) -> bytes:
    return encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
