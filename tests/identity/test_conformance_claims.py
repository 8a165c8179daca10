"""N060 to N095 of identity-spec 3.1, and the positive cases of one token: claims and actors."""

import json

import pytest

from sidecar.errors import ConfigError
from sidecar.identity.limits import Limits
from sidecar.identity.trust import trust_store
from sidecar.identity.verifier import Verifier
from sidecar.model.strict_json import Json
from tests.identity import crafting
from tests.identity.crafting import (
    P256,
    P384,
    RES,
    RSA,
    STS,
    STS2,
    A,
    B,
    Change,
    T,
    chain_b,
    claims_a,
    drop,
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

FLAGS: tuple[Json, ...] = (True, False)

CLAIMS = [
    pytest.param(put(iss="https://unknown.example"), "iss_untrusted", id="N060 unknown"),
    *(
        pytest.param(put(iss=iss), "iss_untrusted", id=f"N061 {iss}")
        for iss in ("https://sts.example/", "https://STS.example", "https://sts.exampl", "https://\u0455ts.example")
    ),
    pytest.param(put(iss=["https://sts.example"]), "claim_type", id="N062 iss a list"),
    pytest.param(put(iss=STS2.url), "key_unknown_kid", id="N063 another issuer's name, own kid"),
    *(
        pytest.param(drop(name), "claim_missing", id=f"N065 no {name}")
        for name in ("exp", "iat", "sub", "aud", "jti", "client_id", "iss")
    ),
    *(
        pytest.param(put(exp=exp), "claim_type", id=f"N066 exp {exp!r}")
        for exp in (*values("1900000000", 1e12, 1.5, -1, 253402300800, [T + 5]), *FLAGS)
    ),
    pytest.param(put(exp=None), "claim_missing", id="N066 exp null"),
    *(
        pytest.param(put(sub=sub), "claim_type", id=f"N067 sub {str(sub)[:8]!r}")
        for sub in values("", 7, "s" * 513, "a\x00b", "\u0000", "a\x9fb", {})
    ),
    pytest.param(put(jti="j" * 129), "claim_type", id="long jti"),
    pytest.param(put(txn=7), "claim_type", id="txn a number"),
    pytest.param(put(exp=T), "time_expired", id="N068 now = exp"),
    pytest.param(put(exp=T - 1), "time_expired", id="N068 past"),
    pytest.param(put(nbf=T + 31), "time_not_yet_valid", id="N069"),
    pytest.param(put(iat=T + 31, exp=T + 60), "time_iat_in_future", id="N070"),
    pytest.param(put(exp=T + 3601), "time_lifetime_exceeded", id="N071 max+1"),
    pytest.param(put(iat=T + 20, exp=T + 10), "time_lifetime_exceeded", id="N071 exp before iat"),
    pytest.param(put(iat=T + 20, exp=T + 20), "time_lifetime_exceeded", id="N071 exp = iat"),
    *(
        pytest.param(put(aud=aud), "aud_mismatch", id=f"N072 {aud}")
        for aud in ("https://other.example", RES[:-1], RES + "/", RES + "x", RES.upper())
    ),
    *(
        pytest.param(put(aud=aud), "aud_invalid", id=f"N073 {aud}")
        for aud in values({}, 7, [], [1], [[RES]], "", [RES, 1], "a\x00")
    ),
    pytest.param(put(aud=[RES, "https://evil"]), "aud_too_broad", id="N074 single"),
]


@pytest.mark.parametrize(("change", "reason"), CLAIMS)
def test_a_claim_that_does_not_hold_is_refused(change: Change, reason: str) -> None:
    assert reason_of([token_a(change)]) == reason


def test_n063_a_key_signs_for_its_own_issuer_only() -> None:
    same = STS2.key.public_jwk() | {"kid": STS.key.public.thumbprint}
    by = verifier(trusted(), trusted(STS2, keys=key_set(same)))
    assert reason_of([token_a(by=STS2, header={"kid": STS.key.public.thumbprint})], by=by) == "sig_invalid"


def test_n064_one_key_under_two_issuers_is_an_error_at_start() -> None:
    with pytest.raises(ConfigError) as refused:
        trust_store([trusted(), trusted(STS2, keys=trusted().keys)])
    assert "belongs to another issuer" in refused.value.problems[0]


def test_n064_at_run_time_the_signed_issuer_must_own_the_key() -> None:
    # A store that was put together by hand: the name it is looked up by is not the issuer's own.
    by = verifier()
    lookup = dict(by.trust.issuers) | {"https://alias.example": trusted()}
    aliased = Verifier(trust=type(by.trust)(lookup), audiences=by.audiences)
    assert reason_of([token_a(put(iss="https://alias.example"))], by=aliased) == "iss_key_mismatch"


def test_n074_contains_takes_several_audiences_up_to_eight() -> None:
    by = verifier(trusted(audience_policy="contains"))
    several: list[Json] = [RES, *(f"https://{i}.example" for i in range(8))]
    assert reason_of([token_a(put(aud=several[:8]))], by=by) == "accepted"
    assert reason_of([token_a(put(aud=several))], by=by) == "aud_too_broad"


def test_n075_a_token_of_another_tenant_is_refused() -> None:
    by = verifier(trusted(token_use=("tid", "ours")))
    assert reason_of([token_a(put(tid="theirs"))], by=by) == "token_use_mismatch"


def test_n076_an_svid_is_no_grant() -> None:
    svid: Json = {"sub": "spiffe://td/x", "aud": [RES], "exp": T + 60}
    assert reason_of([signed({"alg": "ES256"}, svid, P256, algorithm="ES256")]) == "typ_unexpected"


def _nested(*names: str, iss: Json = STS.url) -> Json:
    act: dict[str, Json] | None = None
    for name in names:
        act = {"sub": name, "iss": iss, **({"act": act} if act else {})}
    return act


ACTORS = [
    pytest.param(put(act=_nested("a", "b", "c", "d", "e")), "act_depth", id="N085 five"),
    pytest.param(put(act=_nested("a", "b", "c", "d")), "accepted", id="N085 four"),
    pytest.param(put(act=_nested(*(f"a{i}" for i in range(40)))), "limit_json_depth", id="N085 forty"),
    pytest.param(put(act=_nested(A, B, A)), "act_cycle", id="N086 A B A"),
    pytest.param(put(act=_nested(A, A)), "act_cycle", id="N086 A A"),
    pytest.param(put(act=_nested(crafting.USER)), "act_self", id="N087"),
    *(
        pytest.param(put(act=act), "act_malformed", id=f"N088 {act}")
        for act in values(
            "x", ["x"], {}, {"sub": 7, "iss": STS.url}, {"sub": ""}, {"sub": "a"}, {"sub": "a", "iss": 7}, 7
        )
    ),
    *(
        pytest.param(put(act={"sub": "a", "iss": STS.url, **odd}), "act_malformed", id=f"N088 {name} is {how}")
        for name in ("sub", "iss")
        for how, odd in (("long", {name: "a" * 513}), ("of two lines", {name: "a\nb"}), ("empty", {name: ""}))
    ),
    *(
        pytest.param(put(act={"sub": A, "iss": STS.url, "cnf": cnf}), "cnf_invalid", id=f"an actor bound to {cnf}")
        for cnf in values({"unknown": "a"}, {"jkt": 7}, {"jwk": "a"}, {}, "x")
    ),
    *(
        pytest.param(
            put(act={"sub": "a", "iss": STS.url, name: 1}), "act_forbidden_claim", id=f"N089 {name} inside act"
        )
        for name in ("exp", "scope", "aud", "nbf", "jti")
    ),
    pytest.param(put(act=_nested(A, iss=STS2.url)), "act_namespace", id="N090 another authority's name"),
    pytest.param(
        put(cnf={"jkt": "x"}, act={"sub": A, "iss": STS.url, "cnf": {"jkt": "y"}}), "act_cnf_mismatch", id="N092"
    ),
    pytest.param(
        put(act={"sub": A, "iss": STS.url, "cnf": {"jkt": "y"}}), "act_cnf_mismatch", id="N092 the token unbound"
    ),
    *(
        pytest.param(put(cnf=cnf), "cnf_invalid", id=f"N160 {cnf}")
        for cnf in values(
            {}, "x", {"jkt": "a", "jwk": {}}, {"unknown": "a"}, {"jkt": 7}, {"jkt": "a"}, {"x5t#S256": "a"}, []
        )
    ),
]


@pytest.mark.parametrize(("change", "reason"), ACTORS)
def test_an_actor_chain_that_does_not_hold_is_refused(change: Change, reason: str) -> None:
    assert reason_of([token_a(change)]) == reason


def test_n085_four_thousand_nested_are_refused_by_their_depth_and_not_by_a_crash() -> None:
    octets = b'{"iss":"' + STS.url.encode() + b'","act":' + b'{"act":' * 4000 + b"1" + b"}" * 4001
    head = json.dumps({"alg": "Ed25519", "typ": "at+jwt", "kid": STS.key.public.thumbprint}).encode()
    token = signed_octets(head, octets, STS.key.private_key)
    assert reason_of([token], by=verifier(limits=Limits(token=64 * 1024))) == "limit_json_depth"
    assert reason_of([token]) == "limit_token_size"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(put(client_id=B), id="N080 N081 the client is no actor"),
        pytest.param(put(extra={"act": {"sub": B}}, ext={"act": {"sub": B}}), id="N095 act in a claim of the user's"),
    ],
)
def test_a_token_without_act_says_nothing_about_an_agent(change: Change) -> None:
    def without(claims: dict[str, Json]) -> None:
        del claims["act"]
        change(claims)

    strict = verifier(trusted(actor_source="act"))
    assert reason_of([token_a(without)], by=strict) == "act_missing"
    assert reason_of([token_a(without)], from_agent=True) == "act_missing"


def test_n090_a_namespace_belongs_to_its_authority() -> None:
    spiffe = "spiffe://td/agent"
    owner = trusted(namespaces={"spiffe://td/": frozenset({STS.url})})
    by = verifier(owner, trusted(STS2))
    theirs: dict[str, Json] = {"iss": STS2.url, "act": {"sub": spiffe, "iss": STS2.url}}
    borrowed: dict[str, Json] = {"iss": STS2.url, "act": {"sub": spiffe, "iss": STS.url}}
    assert reason_of([token_a(put(act={"sub": spiffe, "iss": STS.url}))], by=by) == "accepted"
    assert reason_of([token_a(put(**theirs), by=STS2)], by=by) == "act_namespace"
    assert reason_of([token_a(put(**borrowed), by=STS2)], by=by) == "act_namespace"


def test_n091_a_denied_actor_may_act_at_no_depth() -> None:
    by = verifier(denied_actors=frozenset({A}))
    assert reason_of([token_a()], by=by) == "act_actor_denied"
    assert reason_of([token_a(put(act=_nested("x", "y", A)))], by=by) == "act_actor_denied"
    assert reason_of([token_a(put(act=_nested("x", "y", "z")))], by=by) == "accepted"
    assert reason_of(chain_b(), by=by) == "act_actor_denied"
    assert reason_of(chain_b(agents=(B, "c", A)), by=by) == "act_actor_denied"


def test_n082_to_n084_the_outermost_actor_is_the_caller() -> None:
    chain = crafting.VERIFIER.verify([token_a()], T)
    assert chain.principal.actors == (A, B)
    assert chain.principal.agent == B
    assert [hop.assurance.value for hop in chain.hops] == ["issuer", "asserted", "issuer"]


POSITIVE_KEYS = [
    pytest.param("RS256", RSA, rsa_jwk(kid="k", alg="RS256"), id="RS256"),
    pytest.param("PS256", RSA, rsa_jwk(kid="k", alg="PS256"), id="PS256"),
    pytest.param("ES256", P256, ec_jwk(P256, kid="k"), id="ES256"),
    pytest.param("ES384", P384, ec_jwk(P384, kid="k", use="sig", key_ops=["verify"]), id="ES384"),
    pytest.param("Ed25519", STS.key.private_key, STS.key.public_jwk() | {"kid": "k", "alg": "EdDSA"}, id="Ed25519"),
]


@pytest.mark.parametrize(("algorithm", "key", "jwk"), POSITIVE_KEYS)
def test_p06_every_algorithm_verifies_under_its_own_key(algorithm: str, key: object, jwk: Json) -> None:
    by = verifier(trusted(keys=key_set(jwk), algorithms=frozenset({algorithm})))
    token = signed({"alg": algorithm, "typ": "at+jwt", "kid": "k"}, claims_a(), key, algorithm=algorithm)
    assert reason_of([token], by=by) == "accepted"


ACCEPTED = [
    pytest.param(drop("act"), {}, id="P01 user and client"),
    pytest.param(put(act=_nested("a", "b", "c")), {}, id="P03 three actors"),
    pytest.param(None, {"typ": "application/AT+jwt"}, id="P04 media type"),
    pytest.param(put(aud=[RES]), {}, id="P05 audience in a list"),
    pytest.param(None, {"x5t": "a", "nonce": "b", "x5t#S256": "c"}, id="P08 thumbprints in the header"),
    pytest.param(put(foo={"bar": [1]}), {}, id="P14 unknown claims"),
    pytest.param(put(iat=T + 30, exp=T + 60, nbf=T + 30), {}, id="P16 clocks apart"),
    pytest.param(put(exp=T + 3600), {}, id="the longest life"),
    pytest.param(
        put(cnf={"jkt": crafting.HOLDERS[0].public.thumbprint}), {}, id="bound to a key, whose proof is another step"
    ),
    pytest.param(put(nbf=None, txn=None), {}, id="null is absent"),
]


@pytest.mark.parametrize(("change", "header"), ACCEPTED)
def test_a_good_token_is_accepted(change: Change | None, header: dict[str, Json]) -> None:
    assert reason_of([token_a(change, header=header)]) == "accepted"


def test_p01_the_client_acts_where_the_issuer_is_configured_so() -> None:
    chain = crafting.VERIFIER.verify([token_a(drop("act"))], T)
    assert chain.principal.actors == (B,)


def test_p02_an_actor_without_issuer_is_the_defaults() -> None:
    by = verifier(trusted(actor_issuer_default=STS.url))
    chain = by.verify([token_a(put(act={"sub": A}))], T)
    assert chain.hops[-1].authority == STS.url


def test_p07_a_legacy_issuer_may_say_eddsa_and_jwt() -> None:
    legacy = trusted(algorithms=frozenset({"EdDSA"}), typ=frozenset({"jwt"}), token_use=("token_use", "access"))
    token = signed(
        {"alg": "EdDSA", "typ": "JWT", "kid": STS.key.public.thumbprint},
        claims_a() | {"token_use": "access"},
        STS.key.private_key,
        algorithm="EdDSA",
    )
    assert reason_of([token], by=verifier(legacy)) == "accepted"


def test_a_subject_that_is_its_own_client_acts_for_itself() -> None:
    def service(claims: dict[str, Json]) -> None:
        del claims["act"]
        claims["sub"] = claims["client_id"] = "batch"

    chain = crafting.VERIFIER.verify([token_a(service)], T, from_agent=True)
    assert (chain.principal.actors, chain.principal.agent) == ((), "batch")


def test_a_profile_can_be_switched_off() -> None:
    only_b = verifier(profiles=frozenset({"aat-02@1"}))
    assert reason_of([token_a()], by=only_b) == "profile_disabled"


def test_an_issuer_signs_only_what_it_is_configured_for() -> None:
    by = verifier(trusted(profiles=frozenset({"aat-02@1"})))
    assert reason_of([token_a()], by=by) == "profile_disabled"
