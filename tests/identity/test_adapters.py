"""The tokens that issuers really send, generated in their shapes: N075, N076, N178, P07, P08, P21.

Every issuer has a good token and its near misses: other kinds of tokens of the same issuer, above all.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.app.issuers import _issuer
from sidecar.config import IssuerSettings
from sidecar.errors import EvidenceError
from sidecar.identity.actors import Actor
from sidecar.identity.adapters import PRESETS, Shape, adapted, preset
from sidecar.identity.holders.actor_tokens import named_by
from sidecar.identity.keys import KeySet, admit
from sidecar.identity.trust import Issuer
from sidecar.identity.verifier import Verifier
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    RES,
    RSA,
    STS,
    Change,
    T,
    drop,
    put,
    reason_of,
    rsa_jwk,
    signed,
    token_a,
    trusted,
    values,
    verifier,
)

KEY = "rsa-1"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
ISSUERS = {
    "keycloak": "https://sso.example/realms/shop",
    "entra": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "okta": "https://corp.okta.example/oauth2/default",
    "auth0": "https://shop.auth0.example/",
    "google": "https://accounts.google.com",
    "kubernetes": "https://kubernetes.default.svc",
    "spiffe": "spiffe://td.example",
}
WHEN: dict[str, Json] = {"iat": T, "exp": T + 600}

# Header and payload of a good access token, as each issuer writes it.
GOOD: Mapping[str, tuple[dict[str, Json], dict[str, Json]]] = {
    "keycloak": (
        {"alg": "RS256", "typ": "JWT", "kid": KEY},
        {
            **WHEN,
            "jti": "trrtcc:5f0f3a0e-8a4f-4a3b-9d52-6f0b1a9a2a0d",
            "iss": ISSUERS["keycloak"],
            "aud": [RES, "account"],
            "sub": "f:1:ann",
            "typ": "Bearer",
            "azp": "planner",
            "scope": "orders:read profile",
            "realm_access": {"roles": ["user"]},
        },
    ),
    "entra": (
        {"alg": "RS256", "typ": "JWT", "kid": KEY, "x5t": "a", "nonce": "b"},
        {
            **WHEN,
            "nbf": T,
            "aud": RES,
            "iss": ISSUERS["entra"],
            "tid": TENANT,
            "sub": "pairwise-ann",
            "oid": "00000000-0000-0000-66f3-3332eca7ea81",
            "azp": "planner",
            "scp": "orders:read",
            "uti": "4Zg1FAEEY0e",
            "ver": "2.0",
            "xms_act_fct": "3 9",
        },
    ),
    "okta": (
        {"alg": "RS256", "kid": KEY},
        {
            **WHEN,
            "ver": 1,
            "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
            "iss": ISSUERS["okta"],
            "aud": RES,
            "cid": "planner",
            "uid": "00ujmkLgagxeRrAg20g3",
            "scp": ["orders:read", "offline_access"],
            "sub": "ann@example.com",
        },
    ),
    "auth0": (
        {"alg": "RS256", "typ": "at+jwt", "kid": KEY},
        {
            **WHEN,
            "jti": "n1vYsE2o",
            "iss": ISSUERS["auth0"],
            "aud": [RES, "https://shop.auth0.example/userinfo"],
            "client_id": "planner",
            "sub": "auth0|ann",
            "scope": "openid orders:read",
            "act": {"sub": "planner"},
        },
    ),
}
WORKLOADS: Mapping[str, tuple[dict[str, Json], dict[str, Json], str]] = {
    "google": (
        {"alg": "RS256", "typ": "JWT", "kid": KEY},
        {
            **WHEN,
            "iss": ISSUERS["google"],
            "aud": RES,
            "azp": "1044",
            "sub": "1044",
            "email": "planner@shop.iam.gserviceaccount.com",
            "email_verified": True,
        },
        "1044",
    ),
    "kubernetes": (
        {"alg": "RS256", "kid": KEY},
        {
            **WHEN,
            "nbf": T,
            "iss": ISSUERS["kubernetes"],
            "aud": [RES],
            "sub": "system:serviceaccount:shop:planner",
            "kubernetes.io": {"namespace": "shop", "pod": {"name": "planner-1", "uid": "9d52"}},
        },
        "system:serviceaccount:shop:planner",
    ),
    "spiffe": (
        {"alg": "RS256", "kid": KEY},
        {"aud": [RES], "exp": T + 300, "sub": "spiffe://td.example/ns/shop/sa/planner"},
        "spiffe://td.example/ns/shop/sa/planner",
    ),
}


def issuer(name: str, **settings: object) -> Issuer:
    """Return the issuer as the settings with its preset make it, with one RSA key."""
    fixed = {"name": name, "issuer": ISSUERS[name], "preset": name, "keys": "unread"}
    mapped = {"tool_authority": "scope_map", "scope_map": {"orders:read": ("search_orders",)}}
    made = IssuerSettings.model_validate({**fixed, **mapped, **settings})
    key = admit(rsa_jwk(alg="RS256", kid=KEY))
    return replace(_issuer(made), keys=KeySet(keys=(key,)))


def by(name: str, **settings: object) -> Verifier:
    return verifier(issuer(name, **settings))


def token(name: str, change: Change | None = None, header: Mapping[str, Json] | None = None) -> str:
    """Return the good token of an issuer, with one change."""
    head, claims, *_ = GOOD.get(name) or WORKLOADS[name]
    body = json.loads(json.dumps(claims))
    if change:
        change(body)
    return signed({k: v for k, v in {**head, **(header or {})}.items() if v is not None}, body, RSA, algorithm="RS256")


@pytest.mark.parametrize("name", GOOD)
def test_what_an_issuer_really_sends_is_taken_for_what_it_says(name: str) -> None:
    chain = by(name).verify([token(name)], T)
    assert (chain.principal.actors, list(chain.scope.tools)) == (("planner",), ["search_orders"])
    assert chain.hops[-1].token_id


NEAR_MISSES = [
    pytest.param("keycloak", put(typ="ID"), "token_use_mismatch", id="N047 Keycloak's ID token"),
    pytest.param("keycloak", put(typ="Refresh"), "token_use_mismatch", id="N047 Keycloak's refresh token"),
    pytest.param("keycloak", drop("azp"), "claim_missing", id="Keycloak's token for no client"),
    pytest.param("keycloak", put(aud=["account"]), "aud_mismatch", id="Keycloak's token for itself"),
    pytest.param("entra", put(tid="other"), "token_use_mismatch", id="N075 another tenant"),
    pytest.param("entra", drop("tid"), "token_use_mismatch", id="N075 no tenant"),
    pytest.param("entra", put(tid=[TENANT]), "token_use_mismatch", id="N075 a list of tenants"),
    pytest.param("entra", put(iss="https://login.microsoftonline.com/common/v2.0"), "iss_untrusted", id="common"),
    pytest.param("entra", drop("azp", "scp", "uti"), "claim_missing", id="Entra's ID token"),
    pytest.param("entra", put(client_id="planner", azp=None), "claim_missing", id="the client where it does not stand"),
    pytest.param("okta", drop("cid"), "claim_missing", id="Okta's ID token"),
    pytest.param("okta", put(scp="x"), "accepted", id="Okta's scope as a string grants nothing that is not mapped"),
    pytest.param("auth0", drop("jti"), "claim_missing", id="Auth0's own profile"),
    pytest.param("auth0", put(act={"sub": "auth0|ann"}), "act_self", id="a user who acts for itself"),
]


@pytest.mark.parametrize(("name", "change", "reason"), NEAR_MISSES)
def test_the_other_tokens_of_an_issuer_are_refused(name: str, change: Change, reason: str) -> None:
    assert reason_of([token(name, change)], by=by(name)) == reason


def test_no_typ_is_taken_only_from_an_issuer_that_sends_none() -> None:
    assert reason_of([token("auth0", header={"typ": None})], by=by("auth0")) == "typ_unexpected"
    assert reason_of([token("okta", header={"typ": "JWT"})], by=by("okta")) == "typ_unexpected"


def test_p07_a_legacy_name_of_the_algorithm_is_taken_where_the_issuer_is_set_so() -> None:
    assert issuer("keycloak", algs=("EdDSA",)).algorithms == {"EdDSA"}


def test_a_delegation_of_keycloak_names_its_actors_under_the_realm() -> None:
    nested = put(act={"sub": "helper", "act": {"sub": "planner"}})
    chain = by("keycloak").verify([token("keycloak", nested)], T)
    assert [(hop.actor, hop.authority) for hop in chain.hops[1:]] == [
        ("planner", ISSUERS["keycloak"]),
        ("helper", ISSUERS["keycloak"]),
    ]


def test_what_a_vendor_says_of_agents_adds_no_hop() -> None:
    change = put(xms_par_app_azp="blueprint", xms_sub_fct="11")
    assert by("entra").verify([token("entra", change)], T).principal.actors == ("planner",)


# ---- workloads ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORKLOADS)
def test_p21_a_workloads_own_token_names_who_acts(name: str) -> None:
    assert named_by(token(name), T, by(name)).actor == Actor(WORKLOADS[name][2], ISSUERS[name])


@pytest.mark.parametrize("name", WORKLOADS)
def test_n076_a_workloads_own_token_grants_nothing(name: str) -> None:
    assert reason_of([token(name)], by=by(name)) == "typ_unexpected"
    both = verifier(issuer(name), unmarked())
    assert reason_of([token(name)], by=both) in {"typ_unexpected", "claim_missing"}  # a JWT-SVID names no issuer


def unmarked() -> Issuer:
    """Return an issuer whose users' tokens have the `typ` of a workload's, or none."""
    own = IssuerSettings(name="own", issuer="https://own.example", keys=Path("unread"), typ=("", "JWT"))
    return replace(_issuer(own), keys=STS.issuer().keys)


WORKLOAD_MISSES = [
    pytest.param(
        "kubernetes", put(aud=["https://kubernetes.default.svc"]), None, "aud_mismatch", id="N178 the API server's"
    ),
    pytest.param("kubernetes", put(aud=[RES, "https://other.example"]), None, "aud_too_broad", id="for others, too"),
    pytest.param("kubernetes", put(exp=T), None, "time_expired", id="expired"),
    pytest.param("kubernetes", drop("exp"), None, "claim_missing", id="no end"),
    pytest.param("kubernetes", put(iss="https://other.example"), None, "iss_untrusted", id="another cluster"),
    pytest.param("spiffe", put(sub="spiffe://evil.example/x"), None, "iss_untrusted", id="another trust domain"),
    pytest.param(
        "spiffe",
        put(sub="spiffe://td.example.evil/x", iss="spiffe://td.example"),
        None,
        "act_namespace",
        id="a trust domain that begins alike",
    ),
    pytest.param("spiffe", put(exp=T + 7200), None, "time_lifetime_exceeded", id="good for too long"),
    pytest.param("spiffe", put(sub="ann"), None, "iss_untrusted", id="a user's name"),
    pytest.param("spiffe", None, {"alg": "HS256"}, "alg_not_allowed", id="symmetric"),
    pytest.param("spiffe", None, {"alg": "Ed25519"}, "alg_not_allowed", id="an algorithm that SVIDs do not have"),
    pytest.param("spiffe", None, {"kid": "x"}, "key_unknown_kid", id="unknown key"),
    pytest.param("spiffe", None, {"jwk": {}}, "header_forbidden_param", id="a key of its own"),
    pytest.param("spiffe", None, {"typ": "at+jwt"}, "typ_unexpected", id="an access token"),
    pytest.param("google", put(email_verified=False), None, "token_use_mismatch", id="mail that is not verified"),
    pytest.param("google", put(email_verified="true"), None, "token_use_mismatch", id="a word for true"),
]


@pytest.mark.parametrize(("name", "change", "header", "reason"), WORKLOAD_MISSES)
def test_what_does_not_name_a_workload_here_is_refused(
    name: str, change: Change | None, header: Mapping[str, Json] | None, reason: str
) -> None:
    with pytest.raises(EvidenceError) as refused:
        named_by(token(name, change, header), T, by(name))
    assert refused.value.reason == reason


def test_a_users_token_names_no_workload() -> None:
    with pytest.raises(EvidenceError) as refused:
        named_by(token("keycloak"), T, by("keycloak"))
    assert refused.value.reason == "typ_unexpected"


@pytest.mark.parametrize("text", values(None, 7, "x", "a.b.c"))
def test_what_is_no_token_names_no_workload(text: Json) -> None:
    with pytest.raises(EvidenceError) as refused:
        named_by(text, T, by("spiffe"))  # type: ignore[arg-type]  # wrong types are vectors too
    assert refused.value.reason in {"token_malformed", "token_encoding", "token_json_invalid"}


# ---- presets are settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_each_value_of_a_preset_can_be_set_otherwise(name: str) -> None:
    changed = issuer(name, typ=("x+jwt",), algs=("PS256",), client_claim="c", role="grant", require_claims={})
    assert (set(changed.typ), set(changed.algorithms), changed.shape.client_claim) == ({"x+jwt"}, {"PS256"}, "c")
    assert not changed.shape.actor_only
    assert not changed.shape.require


def test_google_grants_where_it_is_configured_to() -> None:
    chain = by("google", role="grant").verify([token("google")], T)
    assert (chain.principal.subject, chain.hops[0].token_id) == ("1044", chain.hops[0].digest)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param({"verified": True, "level": 1}, "accepted", id="both"),
        pytest.param({"verified": 1, "level": 1}, "token_use_mismatch", id="1 for true"),
        pytest.param({"verified": True, "level": True}, "token_use_mismatch", id="true for 1"),
        pytest.param({"verified": True}, "token_use_mismatch", id="one is missing"),
    ],
)
def test_a_claim_that_is_required_has_its_value_and_its_type(said: dict[str, Json], reason: str) -> None:
    shape = Shape(require={"verified": True, "level": 1})
    assert reason_of([token_a(put(**said))], by=verifier(trusted(shape=shape))) == reason


@pytest.mark.parametrize("url", ["https://login.microsoftonline.com", "https://[", ""])
def test_an_issuer_that_names_no_tenant_requires_none(url: str) -> None:
    assert "require_claims" not in preset("entra", url)


def test_no_preset_changes_nothing() -> None:
    assert preset("", "https://sts.example") == {}
    claims: dict[str, Json] = {"sub": "ann"}
    assert adapted(claims, Issuer(name="n", issuer="i", keys=KeySet(keys=())).shape, "d") is claims
